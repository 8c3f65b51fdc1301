"""What a person may ask to take out, as a form: it checks shape only, reports.exports judges the rest."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from reports import exports
from reports.labels import LABELS
from schools import clock, roles
from schools.models import Person
from schools.scope import may_look_at, postings_of, unit_of_posting
from schools.thaitime import MONTHLY, WEEKLY, Period
from schools.units import UnknownUnit, parse_unit

OFFERED = 13  # periods of each kind: the present one and the last twelve


def _english() -> bool:
    return (get_language() or "th").startswith("en")


class ExportForm(forms.Form):
    """Bound to a person: offers the kinds and units this person may take out."""

    kind = forms.ChoiceField(label=_("ไฟล์"), widget=forms.RadioSelect)
    unit = forms.CharField(label=_("หน่วยงาน"), max_length=40, widget=forms.Select)
    period = forms.CharField(
        label=_("งวด"),
        max_length=20,
        required=False,
        widget=forms.Select,
        help_text=_("รายชื่อรายคนเลือก “ขณะนี้” ได้ สมุดงานต้องเลือกงวด"),
    )
    figure = forms.CharField(
        label=_("เด็กกลุ่มใด"), max_length=60, required=False, widget=forms.Select, help_text=_("ใช้กับรายชื่อรายคน")
    )
    purpose = forms.CharField(
        label=_("วัตถุประสงค์"),
        max_length=exports.LONGEST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("พิมพ์อย่างน้อย 10 ตัวอักษร จะพิมพ์ในไฟล์และเก็บไว้ในบันทึกการเข้าถึง"),
    )

    def __init__(self, *args, person: Person, asked_unit: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        kinds = [(slug, kind.label) for slug, kind in exports.KINDS.items() if roles.can(person, kind.capability)]
        self.fields["kind"].choices = kinds
        if kinds:
            self.fields["kind"].initial = kinds[0][0]
        self.fields["unit"].widget.choices = _units(person, asked_unit)
        self.fields["period"].widget.choices = _periods()
        self.fields["figure"].widget.choices = [
            (key, label.en if _english() else label.th) for key, label in LABELS.items()
        ]

    def asked(self) -> exports.Request:
        said = self.cleaned_data
        return exports.Request(said["kind"], said["unit"], said["purpose"], said["period"], said["figure"] or "target")


def _units(person: Person, asked: str) -> list[tuple[str, str]]:
    """The person's own units, and before them the one a page sent them here with, if it is in their reach."""
    capabilities = {kind.capability for kind in exports.KINDS.values()}
    own = [
        unit
        for posting in postings_of(person)
        if capabilities & roles.capabilities_of(posting) and (unit := unit_of_posting(posting))
    ]
    if asked:
        try:
            unit = parse_unit(asked)
        except UnknownUnit:
            unit = None
        if unit and any(may_look_at(person, unit, capability) for capability in capabilities):
            own.insert(0, unit)
    return list({str(unit): unit.name for unit in own}.items())


def _periods() -> list[tuple[str, str]]:
    english = _english()
    choices = [("", _("ขณะนี้"))]
    for kind in (MONTHLY, WEEKLY):
        period = Period.containing(clock.now(), kind)
        for place in range(OFFERED):
            label = period.label_en if english else period.label_th
            choices.append((str(period), f"{label} · {_('ชั่วคราว')}" if place == 0 else label))
            period = period.previous()
    return choices
