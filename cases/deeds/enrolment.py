"""Forms of cases.enrolment and cases.follow_ups: the return, both sides."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import enrolment, follow_ups
from cases.codes import CAUSES, Category, EnrolmentRoute, FollowUp
from cases.deeds import Deed, DeedForm
from cases.forms import SlugField
from cases.lifecycle import progress_of
from cases.school_field import SchoolField
from schools import clock
from schools.date_field import ThaiDateField
from schools.thaitime import bangkok_date


def _reason(label, **kwargs) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


def _day(label) -> ThaiDateField:
    return ThaiDateField(label=label, help_text=_("วัน/เดือน/ปี พ.ศ."))


def _cause(label) -> SlugField:
    return SlugField(label=label, codes=CAUSES, empty=_("ยังไม่ทราบ"), required=False)


class _OfToday(DeedForm):
    """The day is today unless said otherwise."""

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {"at": bangkok_date(clock.now())} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)


class ConfirmForm(DeedForm):
    grade = forms.CharField(label=_("ชั้นที่เรียนจริง"), max_length=40, required=False)
    note = _reason(_("หมายเหตุ"), required=False)

    def __init__(self, *args, case, **kwargs):
        said = progress_of([case])[case.pk]
        waiting = said.handed_over or said.claim
        kwargs["initial"] = {"grade": waiting.grade if waiting else ""} | kwargs.get("initial", {})
        super().__init__(*args, case=case, **kwargs)


class DenyForm(DeedForm):
    reason = _reason(_("เหตุผล"), min_length=5, help_text=_("เช่น ไม่มารายงานตัว ไม่มีชื่อในทะเบียนนักเรียน"))


class WithdrawForm(DeedForm):
    reason = _reason(_("เหตุผล"), min_length=5)


class FollowUpForm(_OfToday):
    result = forms.ChoiceField(label=_("เด็กยังเรียนอยู่ไหม"), choices=FollowUp.choices, widget=forms.RadioSelect)
    at = _day(_("วันที่ติดตาม"))
    reason = _reason(_("เล่าสิ่งที่พบ หรือเหตุที่ขาด/ออก"), required=False, help_text=_("ถ้าออกอีกแล้ว ต้องบอกว่าเพราะอะไร"))
    outcome = _cause(_("ถ้าออกอีกแล้ว เพราะสาเหตุใด"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["result"].choice_hints = {
            FollowUp.ABSENT: _("ระบบจะเตือนให้ติดตามอีกครั้งใน 15 วัน"),
            FollowUp.LEFT: _("เริ่มติดตามรอบใหม่ในแฟ้มเดิม"),
        }


class DropAgainForm(_OfToday):
    reason = _reason(_("ออกเพราะอะไร"), min_length=5)
    outcome = _cause(_("สาเหตุ"))
    category = SlugField(label=_("ประเภท"), codes=(Category.DROPOUT, Category.MISSED))
    at = _day(_("วันที่ออก"))


class HandOverForm(_OfToday):
    route = forms.ChoiceField(
        label=_("ไปเรียนต่อทางใด"),
        choices=[choice for choice in EnrolmentRoute.choices if choice[0] != EnrolmentRoute.FROM_LIST],
        widget=forms.RadioSelect,
    )
    school = SchoolField(label=_("ชื่อหรือรหัสสถานศึกษา"), required=False)
    where = forms.CharField(label=_("ถ้าไม่อยู่ในระบบ ชื่อสถานศึกษา"), max_length=200, required=False)
    grade = forms.CharField(label=_("ชั้นที่จะเข้าเรียน"), max_length=40)
    at = _day(_("วันที่ส่งต่อ"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["school"].near = self.case.province_id


DEEDS = {
    "confirm_enrolment": Deed(
        ConfirmForm,
        enrolment.confirm_enrolment,
        _("ยืนยันแล้ว ระบบจะเตือนให้ติดตามต่อไป"),
        _("ยืนยันเมื่อเด็กมาเรียนจริง ผู้ที่แจ้งเองยืนยันเองไม่ได้"),
    ),
    "deny_enrolment": Deed(
        DenyForm,
        enrolment.deny_enrolment,
        _("บันทึกแล้ว หน่วยงานที่แจ้งจะติดตามต่อ"),
        _("การแจ้งจะไม่นับตั้งแต่บัดนี้ ประวัติยังอยู่"),
    ),
    "withdraw_enrolment": Deed(
        WithdrawForm,
        enrolment.withdraw_enrolment,
        _("ถอนการแจ้งแล้ว"),
        _("การแจ้งจะไม่นับตั้งแต่บัดนี้ ประวัติยังอยู่"),
    ),
    "follow_up": Deed(FollowUpForm, follow_ups.record_follow_up, _("บันทึกการติดตามหลังกลับเข้าเรียนแล้ว")),
    "hand_over": Deed(
        HandOverForm,
        enrolment.hand_over,
        _("ส่งต่อแล้ว รอสถานศึกษาใหม่ยืนยัน"),
        _("ใช้เมื่อเด็กเลื่อนไปเรียนระดับถัดไปหรือย้ายสถานศึกษา ผลที่กลับเข้าเรียนแล้วยังนับ และยังดูแลต่อ"),
    ),
    "drop_again": Deed(
        DropAgainForm,
        follow_ups.drop_again,
        _("เริ่มติดตามรอบใหม่ในแฟ้มเดิมแล้ว"),
        _("เด็กจะกลับไปอยู่ในรายการที่ต้องติดตาม หน่วยงานเดิมรับผิดชอบ"),
    ),
}
