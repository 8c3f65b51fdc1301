"""What a person may send about a case, as forms; they check shape only, the domain calls judge the rest."""

from collections.abc import Iterable
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import photos
from cases.codes import CAUSES, IN_EDUCATION, EnrolmentRoute, Finding, Need, Outcome, VisitMode, Whereabouts, Wish
from cases.listing import slug
from cases.school_choice import Offer
from cases.school_field import SchoolField
from cases.visits import MAX_TEXT, VisitContent
from schools import clock
from schools.date_field import ThaiDateField
from schools.language import spoken
from schools.models import Person, Province, School
from schools.thaitime import bangkok_date

COMMON_CAUSES = (
    Outcome.FAMILY_NECESSITY,
    Outcome.RELOCATED,
    Outcome.LOW_INCOME_GUARDIAN,
    Outcome.FAMILY_CONDITION,
    Outcome.COMPLETED_COMPULSORY_NO_FURTHER,
)


class SlugField(forms.TypedChoiceField):
    """One of `codes` by its slug, in pages as in the API; gives back the code, None when `empty` was left chosen."""

    def __init__(self, *, codes: Iterable, empty: str | Promise = "", **kwargs):
        by_slug = {slug(code): code for code in codes}
        choices = [*([("", empty)] if empty else []), *((text, code.label) for text, code in by_slug.items())]
        super().__init__(choices=choices, coerce=by_slug.__getitem__, empty_value=None, **kwargs)
        self.slugs = {int(code): text for text, code in by_slug.items()}

    def prepare_value(self, value):
        return self.slugs.get(value, value) if isinstance(value, int) else value


class ProvinceField(forms.ModelChoiceField):
    """A province as units are written: province:46."""

    def prepare_value(self, value):
        key = getattr(value, "pk", value)
        return f"province:{key}" if isinstance(key, int) else key

    def to_python(self, value):
        kind, _colon, key = (value or "").partition(":")
        if value and kind != "province":
            raise forms.ValidationError(_("เขียนจังหวัดเช่น province:46"), code="no_province")
        return super().to_python(key)


class ManyPhotos(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several pictures, each re-encoded on the way in; gives back `photos.Picture`s."""

    def __init__(self, **kwargs):
        accepted = "image/jpeg,image/png,image/webp,image/heic,image/heif"
        super().__init__(widget=ManyPhotos(attrs={"accept": accepted, "multiple": True}), **kwargs)

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > photos.MAX_PER_VISIT:
            raise forms.ValidationError(_("แนบรูปได้ไม่เกิน 10 รูป"), code="UP-07")
        pictures, errors = [], []
        for file in files:
            try:
                pictures.append(photos.take_in(file, file.name))
            except photos.BadPhoto as bad:
                errors.append(forms.ValidationError(f"{file.name}: {spoken(bad)}", code=bad.code))
        if errors:
            raise forms.ValidationError(errors)
        return pictures


def _outcome_choices():
    others = [cause for cause in CAUSES if cause not in COMMON_CAUSES]
    return [(str(outcome.value), outcome.label) for outcome in (*IN_EDUCATION, *COMMON_CAUSES, *others)]


class VisitForm(forms.Form):
    """One long form; the page shows it a question at a time where there is JavaScript."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    finding = forms.TypedChoiceField(
        label=_("พบตัวเด็กไหม"), coerce=int, choices=[], widget=forms.RadioSelect, required=True
    )
    mode = forms.ChoiceField(label=_("ติดตามด้วยวิธีใด"), choices=VisitMode.choices, widget=forms.RadioSelect)
    done_on = ThaiDateField(label=_("วันที่ติดตาม"), help_text=_("วัน/เดือน/ปี พ.ศ."))
    whereabouts = forms.ChoiceField(
        label=_("ตอนนี้เด็กอยู่ที่ไหน"), choices=Whereabouts.choices, widget=forms.RadioSelect, required=False
    )
    whereabouts_province = forms.ModelChoiceField(
        label=_("จังหวัดที่เด็กอยู่"),
        queryset=Province.objects.order_by("sort_key"),
        required=False,
        empty_label=_("เลือกจังหวัด"),
    )
    outcome = forms.TypedChoiceField(
        label=_("เรียนอยู่ไหม หรือเพราะอะไรจึงไม่ได้เรียน"),
        coerce=int,
        empty_value=None,
        choices=_outcome_choices,
        widget=forms.RadioSelect,
        required=False,
    )
    studying_at = forms.CharField(label=_("เรียนที่ใด"), max_length=200, required=False)
    wish = forms.TypedChoiceField(
        label=_("น้องประสงค์อย่างไร"),
        coerce=int,
        empty_value=None,
        choices=[(str(wish.value), wish.label) for wish in Wish if wish],
        widget=forms.RadioSelect,
        required=False,
    )
    needs = forms.MultipleChoiceField(
        label=_("ต้องการความช่วยเหลืออะไร"),
        choices=Need.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    unsafe = forms.BooleanField(
        label=_("เด็กอาจไม่ปลอดภัย"),
        help_text=_("ถูกทำร้าย ถูกทอดทิ้ง หรือเสี่ยงภัย โทร 1300 ได้ตลอด 24 ชั่วโมง"),
        required=False,
    )
    met = forms.CharField(label=_("ได้พบหรือพูดคุยกับใคร"), max_length=200, required=False)
    situation = forms.CharField(
        label=_("เล่าสถานการณ์"), max_length=MAX_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    next_step = forms.CharField(label=_("จะทำอะไรต่อ"), max_length=300, required=False)
    next_on = ThaiDateField(label=_("นัดครั้งต่อไป"), required=False, help_text=_("วัน/เดือน/ปี พ.ศ."))
    photos = PhotosField(label=_("รูปถ่าย"), required=False, help_text=_("ไม่เกิน 10 รูป ระบบลบข้อมูลแฝงในรูปให้"))
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        finding = self.fields["finding"]
        finding.choices = [(str(f.value), f.label) for f in (Finding.FOUND, Finding.HEARD_OF, Finding.NONE)]
        finding.choice_hints = {
            "1": _("ได้พบหรือได้พูดคุยกับเด็กเอง"),
            "2": _("มีผู้ให้ข้อมูลที่อยู่หรือที่เรียน"),
            "0": _("ไม่มีใครรู้ว่าอยู่ที่ไหน"),
        }
        finding.choice_icons = {"1": "found", "2": "pin", "0": "notfound"}
        self.fields["whereabouts_province"].is_needed = True  # where it is asked at all
        self.fields["done_on"].not_after(bangkok_date(clock.now()), _("วันที่เยี่ยมอยู่ในอนาคต"))
        self.fields["outcome"].folded_after = len(IN_EDUCATION) + len(COMMON_CAUSES)
        self.fields["wish"].choice_icons = {"1": "bag", "2": "x", "3": "heart"}

    @classmethod
    def fresh(cls) -> "VisitForm":
        """An empty form with what is known filled in: today, a home visit, a new UUID."""
        today = bangkok_date(clock.now())
        return cls(initial={"uuid": uuid4(), "mode": VisitMode.HOME, "done_on": today})

    def clean(self):
        said = super().clean()
        if (said.get("latitude") is None) != (said.get("longitude") is None):
            raise forms.ValidationError(_("พิกัดต้องมีทั้งละติจูดและลองจิจูด"))
        if said.get("whereabouts") == Whereabouts.OTHER_PROVINCE and not said.get("whereabouts_province"):
            self.add_error("whereabouts_province", _("เลือกจังหวัดที่เด็กอยู่"))
        return said

    def content(self) -> VisitContent:
        """What the valid form says, for cases.visits.record_visit."""
        said = self.cleaned_data
        province = said["whereabouts_province"]
        return VisitContent(
            finding=said["finding"],
            mode=said["mode"],
            done=said["done_on"],
            whereabouts=said["whereabouts"],
            whereabouts_province_id=province.pk if province else None,
            outcome=said["outcome"],
            studying_at=said["studying_at"],
            wish=said["wish"],
            met=said["met"],
            situation=said["situation"],
            needs=tuple(sorted(said["needs"])),
            next_step=said["next_step"],
            next_on=said["next_on"],
            unsafe=said["unsafe"],
            lat=said["latitude"],
            lon=said["longitude"],
        )


class SeenForm(forms.Form):
    """A form that changes a case: `version` is what the writer saw (lifecycle.check_version)."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class EnrolmentForm(SeenForm):
    """แจ้งกลับเข้าเรียน: where the child is enrolled, in which grade, since when."""

    route = forms.ChoiceField(
        label=_("กลับเข้าเรียนทางใด"),
        choices=[choice for choice in EnrolmentRoute.choices if choice[0] != EnrolmentRoute.FROM_LIST],
        widget=forms.RadioSelect,
    )
    school_code = SchoolField(label=_("ชื่อหรือรหัสสถานศึกษา"), required=False)
    where = forms.CharField(label=_("ถ้าไม่อยู่ในระบบ ชื่อสถานศึกษา"), max_length=200, required=False)
    grade = forms.CharField(label=_("ชั้นที่เข้าเรียน"), max_length=40, required=False)
    at = ThaiDateField(label=_("วันที่เข้าเรียน"), help_text=_("วัน/เดือน/ปี พ.ศ."))

    def __init__(self, *args, near: int | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["school_code"].near = near


class AssignForm(SeenForm):
    """One school for one or many cases: any of `schools` is taken, those of `offer` are shown to choose from."""

    school = forms.ModelChoiceField(label=_("โรงเรียน"), queryset=School.objects.none(), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("เหตุผล"), max_length=300, required=False)

    def __init__(self, *args, schools: QuerySet[School], offer: Offer, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["school"]
        field.queryset = schools
        field.widget.choices = [(str(school.pk), school.name_th) for school, _why in offer.schools]
        field.choice_hints = {str(school.pk): hint for school, hint in offer.schools}


class TeacherField(forms.ModelChoiceField):
    """Teachers by name; of one who never came in yet it says so: nobody would see the child meanwhile."""

    def label_from_instance(self, person: Person) -> str:
        name = person.get_full_name()
        return name if person.has_usable_password() else _("%(name)s (เชิญแล้ว ยังไม่เข้าใช้)") % {"name": name}


class TeacherForm(SeenForm):
    """Who is responsible, among those posted at the case's school."""

    teacher = TeacherField(label=_("ครูผู้รับผิดชอบ"), queryset=Person.objects.none(), empty_label=_("เลือกครู"))

    def __init__(self, *args, teachers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = Person.objects.filter(pk__in=[person.pk for person in teachers])


class CaseSearchForm(forms.Form):
    """ค้นหา: a name (forgiving), a case number, or a national ID (exact; sent by POST, never in a URL)."""

    q = forms.CharField(label=_("ค้นหา"), max_length=100, strip=True)
