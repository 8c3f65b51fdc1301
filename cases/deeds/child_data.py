"""Form of cases.child_data."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import child_data
from cases.deeds import Deed, DeedForm
from cases.models import Case
from schools.language import spoken
from schools.thaitime import BadDate, bangkok_today, be_year, parse_thai_date, thai_date

OLDEST = 25  # years: whoever is older is no child of compulsory schooling; a slip of the year of birth


class ChildForm(DeedForm):
    """What is known of the child, filled in; a field that is not sent stays as it is known."""

    title = forms.CharField(label=_("คำนำหน้า"), max_length=40, required=False)
    first_name = forms.CharField(label=_("ชื่อ"), max_length=120)
    last_name = forms.CharField(label=_("นามสกุล"), max_length=120, required=False)
    birth_date = forms.CharField(
        label=_("วันเกิด"),
        max_length=40,
        required=False,
        help_text=_("วัน/เดือน/ปี พ.ศ. หรือเฉพาะปี"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_grade = forms.CharField(label=_("ชั้นล่าสุด"), max_length=40, required=False)
    guardian_name = forms.CharField(label=_("ผู้ปกครอง"), max_length=200, required=False)
    guardian_phone = forms.CharField(
        label=_("โทรศัพท์"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    house_no = forms.CharField(label=_("บ้านเลขที่"), max_length=60, required=False)
    moo = forms.CharField(label=_("หมู่ที่"), max_length=10, required=False)
    tambon = forms.CharField(label=_("ตำบล/แขวง"), max_length=80, required=False)
    amphoe = forms.CharField(label=_("อำเภอ/เขต"), max_length=80, required=False)
    province = forms.CharField(label=_("จังหวัด"), max_length=80, required=False)
    reason = forms.CharField(label=_("รู้จากที่ใด"), max_length=500, required=False)

    sometimes = ("first_name",)
    tells_child = True

    def __init__(self, data=None, files=None, *, case: Case, **kwargs):
        known = _written(child_data.known_of(case.child))
        if data is not None:
            data = known | {name: data[name] for name in data}
        kwargs["initial"] = known | kwargs.get("initial", {})
        super().__init__(data, files, case=case, **kwargs)

    def clean_birth_date(self):
        text = self.cleaned_data["birth_date"]
        if not text:
            return None
        try:
            parsed = parse_thai_date(text)
        except BadDate as bad:
            raise forms.ValidationError(spoken(bad), code=bad.code) from bad
        age = be_year(bangkok_today()) - be_year(parsed.date)
        if parsed.date > bangkok_today() or age > OLDEST:
            raise forms.ValidationError(_("ตรวจปี พ.ศ. อีกครั้ง วันเกิดนี้ไม่ใช่ของเด็ก"))
        self.cleaned_data["birth_year_only"] = parsed.year_only
        return parsed.date

    def clean(self):
        said = super().clean()
        if "birth_date" in said:
            said.setdefault("birth_year_only", False)
        return said


def _written(known: dict) -> dict:
    """As a person writes it in the form."""
    born = known.pop("birth_date")
    year_only = known.pop("birth_year_only")
    text = "" if born is None else str(be_year(born)) if year_only else thai_date(born, "numeric", plain=True)
    return known | {"birth_date": text}


DEEDS = {
    "amend_child": Deed(
        ChildForm, child_data.amend_child, _("แก้ไขข้อมูลเด็กแล้ว"), _("ค่าเดิมและค่าใหม่เก็บไว้ในความเป็นมาของแฟ้ม")
    ),
}
