"""Forms of cases.transfers and cases.escalation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import escalation, transfers
from cases.deeds import Deed, DeedForm
from cases.forms import PhotosField, ProvinceField
from cases.school_field import SchoolField
from schools.models import Province

SHORTEST_EVIDENCE = 10


class ReasonForm(DeedForm):
    reason = forms.CharField(label=_("เหตุผล"), min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class TransferForm(ReasonForm):
    """`to` is written like every unit; the page offers the offices of the case's province, or a school is named."""

    to = forms.CharField(label=_("โอนไปที่"), max_length=40, required=False, widget=forms.Select)
    school_code = SchoolField(label=_("โรงเรียนปลายทาง"), required=False)
    pictures = PhotosField(label=_("รูปหลักฐาน"), required=False)
    field_order = ["to", "school_code", "reason", "pictures"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offices = transfers.offices(
            self.case.province_id, without=None if self.case.school_id else self.case.district_id
        )
        abroad = (_("ต่างประเทศ"), [(transfers.ABROAD, _("ไปต่างประเทศ (ขอยุติการติดตาม)"))])
        self.fields["to"].widget.choices = [("", _("เลือกหน่วยงาน")), *offices, abroad]
        self.fields["to"].help_text = _("ไปต่างประเทศต้องมีหลักฐาน และผู้อนุมัติระดับถัดไปเป็นผู้ยุติการติดตาม")
        self.fields["school_code"].near = self.case.province_id

    def clean(self):
        said = super().clean()
        school = said.get("school_code")
        said["school_code"] = school.code if school else ""
        if said.get("to") == transfers.ABROAD:
            self._check_abroad(said)
        if not said.get("to") and not school and "school_code" not in self.errors:
            self.add_error("to", _("เลือกหน่วยงานปลายทาง หรือบอกชื่อโรงเรียน"))
        return said

    def _check_abroad(self, said) -> None:
        """The same evidence as a closing asks for."""
        if said.get("school_code"):
            self.add_error("school_code", _("เลือกต่างประเทศหรือโรงเรียน อย่างใดอย่างหนึ่ง"))
        if len(said.get("reason", "")) < SHORTEST_EVIDENCE:
            self.add_error("reason", _("บอกว่ารู้ได้อย่างไรว่าเด็กไปต่างประเทศ จากใคร เมื่อใด อย่างน้อย 10 ตัวอักษร"))


class CentreForm(ReasonForm):
    """Where the child is: the last visit's word, if it names a province."""

    province = ProvinceField(
        label=_("จังหวัดที่พบเด็ก"), queryset=Province.objects.order_by("sort_key"), empty_label=_("เลือกจังหวัด")
    )
    field_order = ["province", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        visits = self.case.visits.filter(whereabouts_province__isnull=False, fact__corrected_by__isnull=True)
        latest = visits.order_by("-fact__at").values_list("whereabouts_province", flat=True)
        self.initial.setdefault("province", latest.first())


class EscalationForm(ReasonForm):
    """What was tried, and what the school asks for."""

    reason = forms.CharField(
        label=_("ทำอะไรไปแล้ว และขอให้ช่วยอะไร"),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


_COUNTS = _("ระหว่างรอคำตอบ เด็กยังนับที่หน่วยงานเดิม ถ้าไม่มีคำตอบใน 7 วัน จะเลื่อนขึ้นระดับถัดไป")
DEEDS = {
    "request_transfer": Deed(TransferForm, transfers.request_transfer, _("ส่งคำขอแล้ว รอปลายทางหรือผู้อนุมัติตอบ"), _COUNTS),
    "send_to_centre": Deed(
        CentreForm,
        transfers.send_to_centre,
        _("ส่งส่วนกลางแล้ว ส่วนกลางจะส่งให้จังหวัดที่พบเด็ก"),
        _("ส่วนกลางส่งให้จังหวัดที่พบเด็ก จังหวัดนั้นเลือกเขต ระหว่างนี้เด็กยังนับที่หน่วยงานเดิม"),
    ),
    "escalate": Deed(EscalationForm, escalation.escalate, _("ส่งให้หน่วยงานระดับถัดไปแล้ว")),
}
