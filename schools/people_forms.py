"""What an administrator of people may send, as forms; they check shape only, the domain calls judge the rest."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from schools import roles, tenure
from schools.date_field import ThaiDateField
from schools.models import Partner, Person
from schools.people import KIND_NAMES
from schools.people_import import LARGEST_NUMBER, digits_of
from schools.people_rules import ANYWHERE, OWN, givers, roles_to_give
from schools.roles import UNIT_KINDS
from schools.thaitext import arabic_digits
from schools.unit_tree import LISTED, inside, rows_of
from schools.units import NATION, Unit, unit_of

MOST_UNITS = 1_000  # in one menu; whoever reaches further types the code
_PLAIN = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
_DAY = {"placeholder": _("วว/ดด/ปปปป")}


def units_to_give(person: Person) -> list[Unit] | None:
    """The units in which `person` may give a role, their own first; None when they are too many for a menu."""
    found: dict[str, Unit] = {}
    for giver in givers(person):
        found.setdefault(str(giver.unit), giver.unit)
        for role, reach in giver.gives.items():
            if reach == OWN:
                continue
            for kind in UNIT_KINDS[role]:
                rows = _rows(kind, giver.unit, anywhere=reach == ANYWHERE)
                found |= {str(unit): unit for unit in rows if str(unit) not in found}
                if len(found) > MOST_UNITS:
                    return None
    return list(found.values())


def _rows(kind: str, unit: Unit, *, anywhere: bool) -> list[Unit]:
    if kind == "nation":
        return [NATION] if unit == NATION else []
    if kind == "partner":
        return [unit_of(row) for row in Partner.objects.all()]
    rows = rows_of(kind) if anywhere else rows_of(kind).filter(inside(kind, unit))
    if kind == "school":
        rows = rows.filter(closed_on=None).order_by("sort_key")
    return [unit_of(row) for row in rows[: MOST_UNITS + 1]] if kind in LISTED else []


class InvitationForm(forms.Form):
    """เชิญผู้ใช้: who, in which role, where, from when to when."""

    first_name = forms.CharField(label=pgettext_lazy("person", "ชื่อ"), max_length=150)
    last_name = forms.CharField(label=_("นามสกุล"), max_length=150)
    username = forms.CharField(
        label=_("ชื่อผู้ใช้"),
        max_length=150,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("a–z ตัวเลข . _ @ + - เช่น kamol.s ห้ามใช้เลขประจำตัวประชาชน ถ้ามีบัญชีแล้วใส่ชื่อเดิม จะได้ตำแหน่งเพิ่ม"),
    )
    role = forms.ChoiceField(label=_("บทบาท"))
    since = ThaiDateField(
        label=_("เริ่ม"), required=False, help_text=_("เว้นว่างคือวันนี้"), widget=forms.TextInput(attrs=_DAY)
    )
    until = ThaiDateField(
        label=_("วันสุดท้าย"), required=False, help_text=_("เว้นว่างคือไม่กำหนด"), widget=forms.TextInput(attrs=_DAY)
    )
    email = forms.EmailField(label=_("อีเมล"), required=False)
    phone = forms.CharField(label=_("เบอร์โทรศัพท์"), required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    read_only = forms.BooleanField(
        label=_("ดูอย่างเดียว"), required=False, help_text=_("เห็นเท่าที่บทบาทเห็น แต่บันทึกหรือเปลี่ยนอะไรไม่ได้")
    )
    field_order = ["first_name", "last_name", "username", "role", "unit"]

    def __init__(self, *args, person: Person, **kwargs):
        super().__init__(*args, **kwargs)
        given = roles_to_give(person)
        self.fields["role"].choices = [(role, roles.name_of(role)) for role in given]
        self.fields["unit"] = _unit_field(person)
        self.order_fields(self.field_order)

    def clean_phone(self) -> str:
        phone = digits_of(self.cleaned_data["phone"])
        if phone and not (phone.isdecimal() and 9 <= len(phone) <= LARGEST_NUMBER):
            raise forms.ValidationError(_("โทรศัพท์ต้องเป็นตัวเลข 9–10 หลัก"))
        return phone


def _unit_field(person: Person) -> forms.Field:
    units = units_to_give(person)
    if units is not None:
        return forms.ChoiceField(label=_("หน่วยงาน"), choices=_grouped(units))
    return forms.CharField(
        label=_("หน่วยงาน"),
        max_length=40,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("เช่น school:46990001, district:P4603, province:46, nation"),
    )


def _grouped(units: list[Unit]) -> list[tuple]:
    """The units as the options of a menu, under the names of their kinds where there are several."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for unit in units:
        by_kind.setdefault(unit.kind, []).append((str(unit), _named(unit)))
    if len(by_kind) == 1:
        return next(iter(by_kind.values()))
    named = [(KIND_NAMES[kind], options) for kind, options in by_kind.items()]
    return [("", _("เลือกหน่วยงาน")), *named]  # none is taken for chosen: the first is rarely of the role's kind


def _named(unit: Unit) -> str:
    return f"{unit.label} ({unit.key})" if unit.kind in ("school", "district") else unit.label


class PostingForm(forms.Form):
    """แก้ตำแหน่ง: role within the same unit, last day, read-only."""

    role = forms.ChoiceField(label=_("บทบาท"))
    until = ThaiDateField(
        label=_("วันสุดท้าย"), required=False, help_text=_("เว้นว่างคือไม่กำหนด"), widget=forms.TextInput(attrs=_DAY)
    )
    read_only = forms.BooleanField(
        label=_("ดูอย่างเดียว"), required=False, help_text=_("เห็นเท่าที่บทบาทเห็น แต่บันทึกหรือเปลี่ยนอะไรไม่ได้")
    )

    def __init__(self, *args, given: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, roles.name_of(role)) for role in given]


class EndForm(forms.Form):
    """สิ้นสุดตำแหน่ง: on a day, or now."""

    on = ThaiDateField(
        label=_("วันสุดท้ายที่ปฏิบัติงาน"),
        required=False,
        help_text=_("เว้นว่างคือสิ้นสุดทันที"),
        widget=forms.TextInput(attrs=_DAY),
    )


class PeopleFilter(forms.Form):
    """What the list of people may be narrowed by."""

    q = forms.CharField(label=_("ชื่อหรือชื่อผู้ใช้"), required=False, max_length=100)
    unit = forms.CharField(label=_("หน่วยงาน"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("บทบาท"), required=False)
    state = forms.ChoiceField(label=_("สถานะ"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("ทุกบทบาท")), *((role, roles.name_of(role)) for role in UNIT_KINDS)]
        self.fields["state"].choices = [("", _("ทุกสถานะ")), *tenure.STATES.items()]

    def clean_unit(self) -> str:
        return arabic_digits(self.cleaned_data["unit"]).strip()


class PeopleSheetForm(forms.Form):
    """เชิญด้วยไฟล์."""

    file = forms.FileField(label=_("ไฟล์ .xlsx หรือ .csv"), widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}))


class FirstPasswordForm(forms.Form):
    """The invited person's own password, twice."""

    password1 = forms.CharField(
        label=_("รหัสผ่านใหม่"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("อย่างน้อย 12 ตัวอักษร ใช้คำหลายคำต่อกันได้ วางจากโปรแกรมจัดการรหัสผ่านได้ ไม่ต้องมีเครื่องหมายพิเศษ"),
    )
    password2 = forms.CharField(
        label=_("รหัสผ่านใหม่อีกครั้ง"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password1") and cleaned.get("password2") and cleaned["password1"] != cleaned["password2"]:
            self.add_error("password2", _("รหัสผ่านสองช่องไม่ตรงกัน"))
        return cleaned
