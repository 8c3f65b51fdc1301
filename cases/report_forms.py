"""แจ้งพบเด็ก as forms: who the child is, then what was found. What was typed first is carried sealed, never in clear."""

import base64
import binascii
import json
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import identity as numbers
from cases.reporting import Found, Identity, reporting_postings
from schools import clock
from schools.date_field import ThaiDateField
from schools.language import spoken
from schools.models import Person, Province
from schools.places import BadPlace, Places
from schools.thaitime import bangkok_date
from schools.units import unit_names


class IdentityForm(forms.Form):
    """Step 1: the number and birth date, or the name and birth date; a name alone is enough inside one's scope."""

    identifier = forms.CharField(
        label=_("เลขประจำตัวประชาชน หรือรหัส G"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("ไม่มีหรือไม่ทราบ เว้นว่างได้"),
    )
    birth_date = ThaiDateField(
        label=_("วันเกิด"), required=False, help_text=_("วัน/เดือน/ปี พ.ศ. เช่น 28/02/2555 ไม่ทราบ เว้นว่างได้")
    )
    first_name = forms.CharField(label=_("ชื่อเด็ก"), max_length=120)
    last_name = forms.CharField(label=_("นามสกุล"), max_length=120, required=False)

    def clean_identifier(self):
        try:
            return numbers.parse_identifier(self.cleaned_data["identifier"])
        except numbers.BadIdentifier as bad:
            raise forms.ValidationError(spoken(bad), code=bad.code) from bad

    def clean_birth_date(self):
        return _not_ahead(self.cleaned_data["birth_date"])

    def identity(self) -> Identity:
        said = self.cleaned_data
        return Identity(
            number=said["identifier"],
            birth_date=said["birth_date"],
            first_name=said["first_name"],
            last_name=said["last_name"],
        )


def _not_ahead(day: date | None) -> date | None:
    if day is not None and day > bangkok_date(clock.now()):
        raise forms.ValidationError(_("วันที่อยู่ในอนาคต"))
    return day


class ReportForm(forms.Form):
    """Step 2: what was found, and by whom."""

    posting = forms.ChoiceField(label=_("แจ้งในนามหน่วยงาน"), required=False)
    found = forms.ChoiceField(
        label=_("พบตัวเด็กไหม"),
        choices=[("found", _("พบตัวหรือได้พูดคุยกับเด็กเอง")), ("heard_of", _("มีผู้ให้ข้อมูล ยังไม่ได้พบตัว"))],
        widget=forms.RadioSelect,
    )
    on = ThaiDateField(label=_("พบเมื่อ"), required=False, help_text=_("วัน/เดือน/ปี พ.ศ. เว้นว่างคือวันนี้"))
    sex = forms.ChoiceField(
        label=_("เพศ"), choices=[("", _("ไม่ระบุ")), ("M", _("ชาย")), ("F", _("หญิง"))], required=False
    )
    last_grade = forms.CharField(label=_("ชั้นล่าสุดที่เคยเรียน"), max_length=40, required=False)
    guardian_name = forms.CharField(label=_("ผู้ปกครอง"), max_length=200, required=False)
    guardian_phone = forms.CharField(
        label=_("โทรศัพท์ผู้ปกครอง"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    house_no = forms.CharField(label=_("บ้านเลขที่"), max_length=60, required=False)
    moo = forms.CharField(label=_("หมู่ที่"), max_length=10, required=False)
    tambon = forms.CharField(label=_("ตำบล/แขวง"), max_length=80, required=False)
    amphoe = forms.CharField(label=_("อำเภอ/เขต"), max_length=80, required=False)
    province = forms.ModelChoiceField(
        label=_("จังหวัดที่เด็กอยู่"),
        queryset=Province.objects.order_by("sort_key"),
        required=False,
        empty_label=_("เลือกจังหวัด"),
    )
    situation = forms.CharField(
        label=_("เล่าสถานการณ์"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    reporter_name = forms.CharField(label=_("ชื่อผู้แจ้ง"), max_length=200, required=False)
    reporter_phone = forms.CharField(
        label=_("โทรศัพท์ผู้แจ้ง"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    relation = forms.CharField(
        label=_("เกี่ยวข้องกับเด็กอย่างไร"),
        max_length=100,
        required=False,
        help_text=_("เช่น เพื่อนบ้าน ลุง อสม. ผู้ใหญ่บ้าน"),
    )

    ABOUT = ("posting", "found", "on", "situation")
    CHILD = ("sex", "last_grade", "guardian_name", "guardian_phone", "house_no", "moo", "tambon", "amphoe", "province")
    REPORTER = ("reporter_name", "reporter_phone", "relation")

    def __init__(self, *args, person: Person, **kwargs):
        super().__init__(*args, **kwargs)
        self.postings = {str(posting.pk): posting for posting in reporting_postings(person)}
        if len(self.postings) < 2:
            del self.fields["posting"]
        else:
            names = unit_names({posting.unit for posting in self.postings.values()})
            self.fields["posting"].choices = [(key, names[one.unit]) for key, one in self.postings.items()]

    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ABOUT if name in self.fields]

    def of_child(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CHILD]

    def of_reporter(self) -> list[forms.BoundField]:
        return [self[name] for name in self.REPORTER]

    def clean_on(self):
        return _not_ahead(self.cleaned_data["on"])

    def clean(self):
        said = super().clean()
        names = [said.get(name) or "" for name in ("amphoe", "tambon")]
        self.place = None
        if any(names):
            province = said.get("province")
            place = Places.load().find(province.name_th if province else "", *names)
            if isinstance(place, BadPlace):
                field = {"จังหวัด": "province", "อำเภอ": "amphoe", "ตำบล": "tambon"}[place.column]
                self.add_error(field, spoken(place))
            else:
                self.place = place
        return said

    def chosen_posting(self):
        return self.postings.get(self.cleaned_data.get("posting", "")) or next(iter(self.postings.values()), None)

    def said(self, identity: Identity) -> Found:
        """What the valid form says of the child of `identity`."""
        said, place = self.cleaned_data, self.place
        plain = ("sex", "last_grade", "guardian_name", "guardian_phone", "house_no", "moo", "situation", *self.REPORTER)
        return Found(
            identity=identity,
            found=said["found"] == "found",
            on=said["on"],
            province_id=place.province_id if place else said["province"] and said["province"].pk,
            amphoe_id=place.amphoe_id if place else None,
            tambon_id=place.tambon_id if place else None,
            **{name: said[name] for name in plain},
        )


class AskForm(forms.Form):
    """What the unit that has the child is told."""

    reason = forms.CharField(
        label=_("บอกหน่วยงานที่รับผิดชอบว่าพบเด็กที่ใด และติดต่อท่านอย่างไร"),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


# ── what step 1 said, on its way to step 2 ────────────────────────────────────────────────────────────────────
def carried(identity: Identity, person: Person) -> str:
    """`identity` sealed for this person alone: a number never stands in clear in a page."""
    number = identity.number
    said = [
        [number.kind, number.value] if number else None,
        identity.birth_date.isoformat() if identity.birth_date else None,
        identity.first_name,
        identity.last_name,
    ]
    return base64.urlsafe_b64encode(numbers.seal(json.dumps(said), _context(person))).decode()


def read_carried(text: str, person: Person) -> Identity | None:
    """What `carried` sealed; None for anything else."""
    try:
        number, born, first, last = json.loads(numbers.unseal(base64.urlsafe_b64decode(text), _context(person)))
    except (numbers.SealBroken, binascii.Error, ValueError):
        return None
    return Identity(
        number=numbers.Identifier(*number) if number else None,
        birth_date=date.fromisoformat(born) if born else None,
        first_name=first,
        last_name=last,
    )


def _context(person: Person) -> bytes:
    return f"report of {person.pk}".encode()
