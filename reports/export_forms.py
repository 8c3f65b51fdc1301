"""What a person may ask to take out, as a form: it checks shape only, reports.exports judges the rest."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reports import exports
from reports.labels import LABELS
from schools import clock, roles
from schools.language import th_or_en
from schools.models import Person
from schools.scope import may_look_at, postings_of, unit_of_posting
from schools.thaitime import MONTHLY, WEEKLY, Period
from schools.units import UnknownUnit, parse_unit

PRESENT = "now"  # the choice that is no period
OFFERED = 13  # periods of each kind: the present one and the last twelve


class ExportForm(forms.Form):
    """Bound to a person and one kind of file: asks only what that kind needs, offers only what this person may have."""

    kind = forms.ChoiceField(label=_("ไฟล์"), widget=forms.HiddenInput)
    unit = forms.CharField(label=_("หน่วยงาน"), max_length=40, widget=forms.Select)
    figure = forms.CharField(label=_("เด็กกลุ่มใด"), max_length=60, widget=forms.Select)
    period = forms.CharField(label=_("งวด"), max_length=20, widget=forms.Select)
    purpose = forms.CharField(
        label=_("วัตถุประสงค์"),
        max_length=exports.LONGEST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("พิมพ์อย่างน้อย 10 ตัวอักษร จะพิมพ์ในไฟล์และเก็บไว้ในบันทึกการเข้าถึง"),
    )

    def __init__(self, *args, person: Person, asked_kind: str = "", asked_unit: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.kinds = {slug: kind.label for slug, kind in exports.KINDS.items() if roles.can(person, kind.capability)}
        self.shown_kind = asked_kind if asked_kind in self.kinds else next(iter(self.kinds))
        self.fields["kind"].choices = list(self.kinds.items())
        self.initial["kind"] = self.shown_kind
        self.fields["period"].initial = _usual_period(self.shown_kind)
        self.fields["unit"].widget.choices = _units(person, asked_unit)
        self.fields["period"].widget.choices = _periods(with_present=self.shown_kind == exports.LINE_LIST)
        if self.shown_kind == exports.LINE_LIST:
            self.fields["period"].label = _("ข้อมูล ณ")
            self.fields["figure"].widget.choices = [(key, th_or_en(*label)) for key, label in LABELS.items()]
        else:
            del self.fields["figure"]

    def asked(self) -> exports.Request:
        said = self.cleaned_data
        period = "" if said["period"] == PRESENT else said["period"]
        return exports.Request(said["kind"], said["unit"], said["purpose"], period, said.get("figure", "target"))


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
    return list({str(unit): unit.label for unit in own}.items())


def _usual_period(kind: str | None) -> str:
    """What stands chosen at first: the last finished month for a workbook, the present for a list."""
    return PRESENT if kind == exports.LINE_LIST else str(Period.containing(clock.now(), MONTHLY).previous())


def _periods(*, with_present: bool) -> list[tuple[str, str]]:
    choices = [(PRESENT, _("ขณะนี้"))] if with_present else []
    for kind in (MONTHLY, WEEKLY):
        period = Period.containing(clock.now(), kind)
        for place in range(OFFERED):
            label = th_or_en(period.label_th, period.label_en)
            provisional = _("ชั่วคราว")  # outside the f-string, into which xgettext does not look
            choices.append((str(period), f"{label} · {provisional}" if place == 0 else label))
            period = period.previous()
    return choices
