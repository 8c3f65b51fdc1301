"""What a person may send about an import; shape only, the plan judges the rest."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.codes import Category
from cases.intake.headings import CANONICAL
from schools.date_field import ThaiDateField

IGNORE = "-"


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("ไฟล์รายชื่อ"),
        help_text=_("Excel (.xlsx, .xls) หรือ CSV ไม่เกิน 10 MB และ 5,000 แถว ส่วนราชการและกระทรวงนำเข้าบัญชีใหญ่ได้"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
    name = forms.CharField(
        label=_("ชื่อบัญชี"),
        max_length=200,
        required=False,
        help_text=_("ใช้ชื่อเดิมเมื่อเป็นบัญชีเดิมฉบับใหม่ ระบบจะเทียบกับฉบับก่อน ถ้าเว้นว่างคือบัญชีของหน่วยงาน"),
    )
    list_date = ThaiDateField(
        label=_("ข้อมูล ณ วันที่"),
        required=False,
        help_text=_("ถ้าเว้นว่าง ใช้วันที่ที่พิมพ์เหนือตาราง หรือวันนี้"),
        widget=forms.TextInput(attrs={"placeholder": _("วว/ดด/ปปปป")}),
    )
    category = forms.TypedChoiceField(
        label=_("ประเภทของแถวที่ไม่ได้ระบุ"),
        choices=[("", _("ไม่ระบุ (ถือเป็นออกกลางคัน)")), *Category.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    confirm_ages = forms.BooleanField(label=_("ยืนยันอายุที่อยู่นอกช่วง 3–20 ปี"), required=False)


class CommitForm(forms.Form):
    accept_good_rows = forms.BooleanField(label=_("นำเข้าเฉพาะแถวที่ผ่าน"), required=False)


class MappingForm(forms.Form):
    """One choice for each heading the system could not place; `headings` as the dry run reported them."""

    def __init__(self, *args, headings: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", _("ยังไม่ระบุ")), (IGNORE, _("ไม่นำเข้าคอลัมน์นี้")), *CANONICAL.items()]
        for at, heading in enumerate(headings):
            self.fields[f"column_{at}"] = forms.ChoiceField(label=heading, choices=choices, required=False)
        self.headings = headings

    def mapping(self) -> dict[str, str]:
        """heading → canonical key, "" for one to be left out; only what was chosen."""
        chosen = {heading: self.cleaned_data[f"column_{at}"] for at, heading in enumerate(self.headings)}
        return {heading: "" if column == IGNORE else column for heading, column in chosen.items() if column}
