"""Forms of cases.help."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import help as helping
from cases.codes import Need
from cases.deeds import Deed, DeedForm
from schools import clock
from schools.date_field import ThaiDateField
from schools.thaitime import bangkok_date

SOON = timedelta(days=15)
MOST_AGREED = 20


class PlanForm(DeedForm):
    """One action of the plan."""

    what = forms.CharField(label=_("จะช่วยอะไร"), max_length=300)
    need = forms.ChoiceField(label=_("ด้านใด"), choices=Need.choices)
    who = forms.CharField(label=_("ใครทำ"), max_length=200, help_text=_("ชื่อคนหรือหน่วยงาน"))
    due_on = ThaiDateField(label=_("ให้เสร็จภายใน"), help_text=_("วัน/เดือน/ปี พ.ศ."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("due_on", bangkok_date(clock.now()) + SOON)


class ConferForm(DeedForm):
    """A conference; its agreements one a line."""

    held_on = ThaiDateField(label=_("วันประชุม"), help_text=_("วัน/เดือน/ปี พ.ศ."))
    sat = forms.CharField(
        label=_("ผู้เข้าประชุม"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("ชื่อและหน้าที่ของแต่ละคน"),
    )
    agreed = forms.CharField(
        label=_("ข้อตกลง"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("บรรทัดละหนึ่งเรื่อง ไม่เกิน 20 เรื่อง"),
    )
    plan = forms.BooleanField(
        label=_("ใส่ทุกข้อตกลงในแผนช่วยเหลือ"),
        help_text=_("แล้วระบุด้าน ผู้ทำ และกำหนดด้านล่าง"),
        required=False,
    )
    need = forms.ChoiceField(label=_("ด้านใด"), choices=[("", _("ไม่ระบุ")), *Need.choices], required=False)
    who = forms.CharField(label=_("ใครทำ"), max_length=200, required=False)
    due_on = ThaiDateField(label=_("ให้เสร็จภายใน"), required=False, help_text=_("วัน/เดือน/ปี พ.ศ."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("held_on", bangkok_date(clock.now()))

    def clean_agreed(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["agreed"].splitlines() if line.strip()]
        if len(lines) > MOST_AGREED:
            raise forms.ValidationError(_("ข้อตกลงไม่เกิน 20 เรื่อง"))
        if any(len(line) > 300 for line in lines):
            raise forms.ValidationError(_("แต่ละเรื่องยาวไม่เกิน 300 ตัวอักษร"))
        return lines

    def clean(self):
        said = super().clean()
        if said.get("plan"):
            for name in ("need", "who", "due_on"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("จำเป็นเมื่อใส่ข้อตกลงในแผนช่วยเหลือ"))
        return said


class SafetyForm(DeedForm):
    reason = forms.CharField(
        label=_("เห็นหรือทราบอะไร จากใคร"),
        min_length=5,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


DEEDS = {
    "plan_help": Deed(PlanForm, helping.plan_help, _("เพิ่มในแผนช่วยเหลือแล้ว")),
    "confer": Deed(ConferForm, helping.confer, _("บันทึกการประชุมแล้ว")),
    "flag_unsafe": Deed(
        SafetyForm,
        helping.flag_unsafe,
        _("แจ้งแล้ว ต้องส่งต่อหน่วยงานคุ้มครองเด็กภายในวันนี้ ที่อยู่ปิดจากผู้ที่ไม่ได้ดูแลเด็กแล้ว"),
        _("ถูกทำร้าย ถูกทอดทิ้ง หรือเสี่ยงภัย โทร 1300 ได้ตลอด 24 ชั่วโมง"),
    ),
    "clear_unsafe": Deed(SafetyForm, helping.clear_unsafe, _("บันทึกแล้วว่าเด็กปลอดภัย ที่อยู่เปิดตามปกติ")),
}
