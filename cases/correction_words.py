"""What a correction changes, in words: for the request that asks for it and for the timeline that keeps it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from cases.codes import Finding, Outcome, Whereabouts, Wish
from cases.confidential import Told, tells_outcome, wish_words
from cases.corrections import UNKNOWN
from cases.models import Fact
from schools.language import reader_language
from schools.models import Province
from schools.thaitime import thai_date
from schools.units import unit_names


class Changed(NamedTuple):
    """One value that was, or is to be, put right."""

    label: str
    was: str
    becomes: str


def names() -> dict[str, str]:
    """The fields that can be corrected, as a reader calls them."""
    return {
        "at": _("วันที่"),
        "finding": _("พบตัวเด็กไหม"),
        "outcome": _("สาเหตุ/ผล"),
        "wish": _("ประสงค์"),
        "whereabouts": _("อยู่ที่"),
        "whereabouts_province": _("จังหวัดที่เด็กอยู่"),
    }


def changed(changes: Mapping[str, list], told: Told) -> list[Changed]:
    """Every change with what was and what becomes; what this reader may not be told is said to be hidden."""
    labels = names()
    return [Changed(labels[name], *_values(name, changes[name], told)) for name in labels if name in changes]


def _values(name: str, values: list, told: Told) -> tuple[str, str]:
    if name == "outcome" and not all(not one or tells_outcome(one, told.sensitive) for one in values):
        return ("•••", "•••")
    if name.startswith("whereabouts") and not told.address:
        return ("•••", "•••")
    was, becomes = (_value(name, one, told) for one in values)
    return was, becomes


def _value(name: str, value: Any, told: Told) -> str:
    match name:
        case "at":
            return thai_date(date.fromisoformat(value), lang=reader_language())
        case "finding":
            return str(Finding(value).label)
        case "outcome":
            return str(Outcome(value).label)
        case "wish":
            return wish_words(Wish(value), told.sensitive)
        case "whereabouts":
            return _("ไม่ทราบ") if value == UNKNOWN else str(Whereabouts(value).label)
    return str(Province.objects.get(pk=value)) if value else "–"


def line(fact: Fact, told: Told) -> str:
    """Of a corrected fact: what it was, what it is now, why, who asked and who approved. "" where a list put it right
    or nobody did."""
    found = [right.details["correction"] for right in fact.corrected_by.all() if "correction" in right.details]
    if not found:
        return ""
    (said,) = found
    changed_words = _("%(label)s เดิม %(was)s เป็น %(becomes)s")
    changes = [changed_words % one._asdict() for one in changed(said["changes"], told)]
    units = unit_names({said["asked_unit"], said["approved_unit"]})
    parts = [_("แก้ไขแล้ว"), *changes]
    if told.address:
        parts.append(_("เหตุผล: %(reason)s") % {"reason": said["reason"]})
    for words, who in ((_("ผู้ขอ %(who)s"), "asked"), (_("ผู้อนุมัติ %(who)s"), "approved")):
        name = [said[f"{who}_by"]] if told.names else []
        parts.append(words % {"who": " ".join([*name, units[said[f"{who}_unit"]]])})
    return " · ".join(parts)
