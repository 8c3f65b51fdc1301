"""The form of cases.referrals.refer."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import referrals
from cases.codes import Basis
from cases.deeds import Deed, DeedForm
from cases.sharing import FIELDS, PLACE, allowed_fields, partners_for
from schools import clock
from schools.date_field import ThaiDateField
from schools.models import Partner
from schools.thaitime import bangkok_date

TO_ANSWER = timedelta(days=15)
USUAL = ("name", "age", "sex", "school", "needs")


class ReferForm(DeedForm):
    """To whom, what for, on what ground, with which fields; the national ID only with its own reason.

    Once an agency was chosen (the form came back) only the fields of its agreement are offered.
    """

    partner = forms.ChoiceField(label=_("ส่งต่อให้"))
    purpose = forms.CharField(
        label=_("ขอให้ช่วยอะไร"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("หน่วยงานจะอ่านข้อความนี้ อย่างน้อย 10 ตัวอักษร"),
    )
    basis = forms.ChoiceField(label=_("ส่งข้อมูลได้เพราะ"), choices=Basis.choices, widget=forms.RadioSelect)
    basis_note = forms.CharField(
        label=_("หลักฐาน"), max_length=300, required=False, help_text=_("ถ้ายินยอม บอกว่าใคร เมื่อใด ด้วยวาจาหรือหนังสือ")
    )
    shares = forms.MultipleChoiceField(
        label=_("ข้อมูลที่หน่วยงานจะเห็น"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("เลือกเท่าที่จำเป็น ระบบไม่ส่งข้อมูลที่ข้อตกลงกับหน่วยงานนั้นไม่ครอบคลุม"),
    )
    id_reason = forms.CharField(
        label=_("เหตุผลที่ต้องส่งเลขประจำตัว"), max_length=300, required=False, help_text=_("เฉพาะเมื่อเลือกส่งเลขประจำตัวประชาชน")
    )
    due_on = ThaiDateField(label=_("ขอคำตอบภายใน"), help_text=_("วัน/เดือน/ปี พ.ศ."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.partners: dict[str, Partner] = {f"partner:{one.code}": one for one in partners_for(self.case)}
        named = ((unit, str(partner)) for unit, partner in self.partners.items())
        self.fields["partner"].choices = [("", _("เลือกหน่วยงาน")), *named]
        chosen = self.partners.get(self.data.get("partner", "")) if self.is_bound else None
        offered = allowed_fields(chosen) if chosen else tuple(FIELDS)
        self.beyond = [str(FIELDS[name]) for name in self._ticked() if name in FIELDS and name not in offered]
        self.fields["shares"].choices = [(name, FIELDS[name]) for name in offered]
        today = bangkok_date(clock.now())
        self.initial.setdefault("due_on", today if self.case.is_unsafe else today + TO_ANSWER)
        self.initial.setdefault("shares", [*USUAL, *PLACE] if self.case.is_unsafe else list(USUAL))
        if self.case.is_unsafe:
            self.initial.setdefault("basis", Basis.PROTECTION)

    def _ticked(self) -> list[str]:
        if not self.is_bound:
            return []
        shares = self.fields["shares"]
        return shares.widget.value_from_datadict(self.data, self.files, self.add_prefix("shares")) or []

    def clean_partner(self) -> Partner:
        return self.partners[self.cleaned_data["partner"]]

    def clean(self):
        said = super().clean()
        if self.beyond:
            self._errors.pop("shares", None)
            self.add_error(
                "shares",
                _("ข้อตกลงกับหน่วยงานนี้ไม่ครอบคลุม: %(fields)s ตอนนี้แสดงเฉพาะข้อมูลที่ส่งได้ ตรวจแล้วกดส่งอีกครั้ง")
                % {"fields": ", ".join(self.beyond)},
            )
        return said


DEEDS = {
    "refer": Deed(
        ReferForm,
        referrals.refer,
        _("ส่งต่อแล้ว หน่วยงานเห็นเฉพาะข้อมูลที่เลือก จนกว่าจะเสร็จ เรียกคืน หรือครบ 90 วัน"),
        _("ทีมสหวิชาชีพของจังหวัดอยู่บนสุด"),
    ),
}
