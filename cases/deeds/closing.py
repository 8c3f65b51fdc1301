"""Forms of cases.closing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import closing
from cases.codes import CAUSES, Closing, Outcome, Removal
from cases.deeds import Deed, DeedForm
from cases.forms import PhotosField, SlugField


class EvidenceForm(DeedForm):
    """A reason of some length and pictures of what proves it."""

    reason = forms.CharField(
        label=_("เหตุผลและหลักฐาน"),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("อย่างน้อย 10 ตัวอักษร บอกว่ารู้ได้อย่างไร จากใคร เมื่อใด"),
    )
    pictures = PhotosField(label=_("รูปหลักฐาน"), required=False)


class ClosingForm(EvidenceForm):
    why = forms.ChoiceField(label=_("ยุติเพราะ"), choices=Closing.choices, widget=forms.RadioSelect)
    cause = SlugField(
        label=_("สาเหตุที่เด็กหลุดจากระบบ"),
        codes=[cause for cause in CAUSES if cause != Outcome.UNSPECIFIED],
        empty=_("เลือกสาเหตุ"),
        help_text=_("ยังไม่มีใครระบุไว้ จำเป็นก่อนยุติการติดตาม"),
    )
    field_order = ["why", "cause", "reason", "pictures"]
    sometimes = ("cause",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not closing.lacks_cause(self.case):
            del self.fields["cause"]


class RemovalForm(EvidenceForm):
    why = forms.ChoiceField(label=_("ตัดออกเพราะ"), choices=Removal.choices, widget=forms.RadioSelect)
    field_order = ["why", "reason", "pictures"]


class ReopenForm(DeedForm):
    reason = forms.CharField(label=_("เหตุผล"), min_length=5, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


_WAITS = _("ส่งคำขอแล้ว รอผู้อนุมัติระดับถัดไป")
DEEDS = {
    "request_closing": Deed(ClosingForm, closing.request_closing, _WAITS, _("ผู้อนุมัติคือหน่วยงานระดับถัดขึ้นไป")),
    "request_removal": Deed(RemovalForm, closing.request_removal, _WAITS, _("เมื่ออนุมัติ เด็กจะไม่นับในเป้าหมาย แต่ประวัติยังอยู่")),
    "reopen": Deed(ReopenForm, closing.reopen, _("เปิดติดตามอีกครั้งแล้ว")),
}
