"""Form of cases.corrections."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import corrections
from cases.codes import CAUSES, IN_EDUCATION, Finding, Outcome, Whereabouts, Wish
from cases.deeds import Deed, DeedForm
from cases.forms import ProvinceField, SlugField
from cases.models import Fact
from cases.timeline import title
from schools.date_field import ThaiDateField
from schools.language import reader_language
from schools.models import Province
from schools.thaitime import bangkok_date, thai_date


def _codes(label, codes) -> SlugField:
    return SlugField(label=label, codes=codes, empty=_("ไม่เปลี่ยน"), required=False)


class CorrectionForm(DeedForm):
    """What is left empty stays as it is. From the timeline the record is known, and what it says is filled in."""

    record = forms.TypedChoiceField(label=_("บันทึกที่ต้องการแก้ไข"), coerce=int, choices=[])
    at = ThaiDateField(label=_("วันที่ที่ถูกต้อง"), help_text=_("วัน/เดือน/ปี พ.ศ."), required=False)
    finding = _codes(_("พบตัวเด็กไหม"), (Finding.FOUND, Finding.HEARD_OF, Finding.NONE))
    outcome = _codes(_("สาเหตุ/ผล"), (Outcome.NOT_GIVEN, *IN_EDUCATION, *CAUSES))
    wish = _codes(_("ประสงค์"), Wish)
    whereabouts = forms.ChoiceField(
        label=_("อยู่ที่"),
        choices=[("", _("ไม่เปลี่ยน")), *Whereabouts.choices, (corrections.UNKNOWN, _("ไม่ทราบ"))],
        required=False,
    )
    whereabouts_province = ProvinceField(
        label=_("จังหวัดที่เด็กอยู่"),
        queryset=Province.objects.order_by("sort_key"),
        required=False,
        empty_label=_("เลือกจังหวัด"),
        help_text=_("เฉพาะเมื่ออยู่ต่างจังหวัด"),
    )
    reason = forms.CharField(
        label=_("แก้ไขเพราะอะไร"),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("อย่างน้อย 10 ตัวอักษร บอกว่าผิดอย่างไร รู้ได้จากอะไร"),
    )
    linked = ("record",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        records = {str(fact.pk): fact for fact in corrections.correctable(self.case)}
        self.fields["record"].choices = [("", _("เลือกบันทึก")), *((pk, words(fact)) for pk, fact in records.items())]
        asked = self.data.get("record") if self.is_bound else self.initial.get("record")
        self.known = records.get(str(asked))
        if self.known is not None:
            self.fields["record"].widget = forms.HiddenInput()
            self.initial = corrections.stands(self.known) | {"at": bangkok_date(self.known.at)} | self.initial

    @property
    def about(self) -> str:
        """Which record it is, where that is known."""
        return words(self.known) if self.known is not None else ""

    def shown(self) -> list[forms.BoundField]:
        """Of a record that only has a date, the date alone."""
        fields = super().shown()
        asked = {"reason", *(corrections.stands(self.known) if self.known is not None else self.fields)}
        return [field for field in fields if field.name in asked]

    def clean_whereabouts(self):
        return self.cleaned_data["whereabouts"] or None


def words(fact: Fact) -> str:
    """A record as its page names it: the day and what it says."""
    return f"{thai_date(bangkok_date(fact.at), lang=reader_language())} · {title(fact)}"


DEEDS = {
    "request_correction": Deed(
        CorrectionForm,
        corrections.request_correction,
        _("ส่งคำขอแก้ไขแล้ว รอผู้อนุมัติ"),
        _("บันทึกเดิมยังอยู่ ผู้อื่นต้องอนุมัติก่อนจึงเปลี่ยน ตัวเลขที่รายงานไปแล้วไม่เปลี่ยน"),
    ),
}
