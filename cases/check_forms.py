"""Forms of list checking: the filter of the lines, one answer to many, the other case of a duplicate, a signature."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.checking import OF_GONE, OF_PRESENT, ONE_BY_ONE, SHORTEST_EVIDENCE
from cases.checklists import SHORTEST_NOTE
from cases.codes import IN_EDUCATION, CheckAnswer
from cases.forms import PhotosField
from schools.units import UnknownUnit, parse_unit

NOT_YET, ALL = "none", "all"


class LineFilter(forms.Form):
    """What stands in the URL of a checklist. Anything else than these is refused by the view (400)."""

    group = forms.ChoiceField(choices=[("present", _("อยู่ในบัญชี")), ("gone", _("ไม่อยู่ในฉบับนี้"))], required=False)
    answer = forms.ChoiceField(
        label=_("คำตอบ"),
        choices=[(NOT_YET, _("ยังไม่ได้ตรวจ")), (ALL, _("ทุกคำตอบ")), *CheckAnswer.choices],
        required=False,
    )
    unit = forms.CharField(max_length=40, required=False)

    def clean_group(self):
        return self.cleaned_data["group"] or "present"

    def clean_answer(self):
        return self.cleaned_data["answer"] or NOT_YET

    def clean_unit(self):
        text = self.cleaned_data["unit"]
        try:
            return parse_unit(text) if text else None
        except UnknownUnit as unknown:
            raise forms.ValidationError(str(unknown)) from unknown


EVIDENCE_OF = {
    CheckAnswer.NOT_OURS: _("อยู่ที่ใดหรือเป็นของหน่วยงานใด รู้จากใคร"),
    CheckAnswer.IN_EDUCATION: _("เรียนที่ใด ชั้นใด รู้จากใครหรือระบบใด"),
    CheckAnswer.KEPT: _("เหตุใดจึงยังต้องติดตาม รู้จากใคร"),
    CheckAnswer.REMOVED: _("เหตุใดจึงไม่อยู่ในบัญชีแล้ว รู้จากใครหรือเอกสารใด"),
}


class AnswerForm(forms.Form):
    """The evidence of one answer to some or all lines. `answer` came with the button that was pressed."""

    answer = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (*OF_PRESENT, *OF_GONE) if one not in ONE_BY_ONE],
        widget=forms.HiddenInput,
    )
    outcome = forms.TypedChoiceField(
        label=_("เรียนอยู่ที่"),
        choices=[(outcome.value, outcome.label) for outcome in IN_EDUCATION],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=_("หลักฐาน"),
        max_length=500,
        required=False,
        min_length=SHORTEST_EVIDENCE,
    )
    pictures = PhotosField(label=_("รูปหลักฐาน"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        answer = self["answer"].value()
        self.fields["outcome"].required = answer == CheckAnswer.IN_EDUCATION
        self.fields["evidence"].required = answer != CheckAnswer.CORRECT
        self.fields["evidence"].help_text = EVIDENCE_OF.get(answer, "")
        first = "outcome" if answer == CheckAnswer.IN_EDUCATION else "evidence"
        self.fields[first].widget.attrs["autofocus"] = True  # who came by keyboard goes on by keyboard

    def shown(self) -> list[forms.BoundField]:
        """The fields this answer needs."""
        answer = self["answer"].value()
        names = {
            CheckAnswer.CORRECT: (),
            CheckAnswer.IN_EDUCATION: ("outcome", "evidence", "pictures"),
        }.get(answer, ("evidence", "pictures"))
        return [self[name] for name in names]


class DuplicateForm(forms.Form):
    """The other case of the same child: picked among those of the same name, or its number typed."""

    picked = forms.ChoiceField(label=_("แฟ้มอื่นของเด็กชื่อเดียวกัน"), required=False, widget=forms.RadioSelect)
    number = forms.CharField(
        label=_("หรือเลขที่แฟ้มอื่น"), max_length=9, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    evidence = forms.CharField(
        label=_("หลักฐาน"),
        min_length=SHORTEST_EVIDENCE,
        max_length=400,
        help_text=_("รู้ได้อย่างไรว่าเป็นคนเดียวกัน"),
    )
    pictures = PhotosField(label=_("รูปหลักฐาน"), required=False)

    def __init__(self, *args, same: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["picked"].choices = same
        if not same:
            del self.fields["picked"]
            self.fields["number"].label = _("เลขที่แฟ้มอื่นของเด็กคนนี้")
            self.fields["number"].required = True

    def clean(self):
        said = super().clean()
        said["number"] = said.get("number") or said.pop("picked", "")
        if not said["number"] and not self.errors:
            self.add_error("number", _("เลือกหรือพิมพ์เลขที่แฟ้มที่ซ้ำ"))
        return said


class SignForm(forms.Form):
    """ลงนามรับรอง or ส่งกลับ, of one unit."""

    unit = forms.CharField(max_length=40, widget=forms.HiddenInput)
    note = forms.CharField(label=_("หมายเหตุ"), max_length=500, required=False)


class ReturnForm(SignForm):
    note = forms.CharField(label=_("ให้แก้ไขอะไร"), min_length=SHORTEST_NOTE, max_length=500)
