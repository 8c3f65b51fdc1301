"""What the pages of list checking show, as plain values for the templates."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import checklists
from cases.cards import age_of, name_of
from cases.check_forms import ALL, NOT_YET, ReturnForm, SignForm
from cases.checking import OF_GONE, OF_PRESENT, ONE_BY_ONE
from cases.checklists import Progress
from cases.codes import Category, CheckAnswer, Outcome, Wish
from cases.intake.headings import CANONICAL
from cases.models import EntryChange, ListEntry, ListVersion
from schools import roles
from schools.models import Amphoe, Person, Province, School, Tambon
from schools.paging import Page, page_of
from schools.scope import postings_of, unit_of_posting, within
from schools.units import Unit, unit_names

PAGE = 50
UNITS_SHOWN = 300
KEYS = ("case__child__sort_key", "id")


def lists(person: Person) -> list[dict[str, Any]]:
    """The lists to check, the newest first, each with how far this person's units are."""
    versions = list(checklists.versions_of(person))
    progress = checklists.progress_of_lists(person, versions)
    owners = unit_names({version.list.owner for version in versions})
    return [
        {"version": version, "owner": owners[version.list.owner], "progress": progress[version.pk]}
        for version in versions
        if version.pk in progress
    ]


def desk(person: Person) -> Unit | None:
    """The unit whose units below are shown: the first this person checks or watches that has any."""
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit and unit.kind != "school" and roles.SIGN_LISTS in roles.capabilities_of(posting):
            return unit
    return None


def below(version: ListVersion, unit: Unit) -> dict[str, Any]:
    """The table of the units below, the least done first."""
    found = checklists.progress_below(version, unit)
    names = unit_names({one.unit for one in found})
    rows = [{"name": names[one.unit], "progress": one, "own": one.unit == str(unit)} for one in found[:UNITS_SHOWN]]
    return {"rows": rows, "left_out": max(len(found) - UNITS_SHOWN, 0), "of_schools": unit.kind == "district"}


def filtered(version: ListVersion, person: Person, said: dict[str, Any]) -> QuerySet[ListEntry]:
    """The lines this person checks, by what a LineFilter says."""
    rows = checklists.lines_of(version, person)
    if said["unit"] is not None:
        rows = rows.filter(within(said["unit"], "case__"))
    rows = rows.filter(left__isnull=said["group"] != "gone")
    if said["answer"] == NOT_YET:
        return rows.filter(answer__isnull=True)
    return rows if said["answer"] == ALL else rows.filter(answer=said["answer"])


def counts(version: ListVersion, person: Person, unit: Unit | None) -> dict[str, Any]:
    """How many lines of each group and answer: one query."""
    rows = checklists.lines_of(version, person)
    if unit is not None:
        rows = rows.filter(within(unit, "case__"))
    counted = rows.order_by().values("left", "answer").annotate(n=Count("pk"))
    found = {"present": {"all": 0, NOT_YET: 0}, "gone": {"all": 0, NOT_YET: 0}}
    for row in counted:
        group = found["present" if row["left"] is None else "gone"]
        answer = row["answer"] or NOT_YET
        group[answer] = group.get(answer, 0) + row["n"]
        group["all"] += row["n"]
    total = sum(group["all"] for group in found.values())
    return found | {"lines": total, "left": sum(group[NOT_YET] for group in found.values())}


def page_of_lines(rows: QuerySet[ListEntry], after: str) -> Page:
    """One page of lines by name, with all that a row shows."""
    return page_of(rows.select_related("case__child", "case__school", "case__district"), KEYS, after, PAGE)


def line_rows(version: ListVersion, entries: Iterable[ListEntry], person: Person) -> list[dict[str, Any]]:
    """A row a line; cells that this version changed are marked."""
    entries = list(entries)
    changes = {one.entry_id: one for one in EntryChange.objects.filter(version=version, entry__in=entries)}
    names = _Names(changes.values())
    return [_row(version, entry, person, changes.get(entry.pk), names) for entry in entries]


def _row(version, entry, person, change, names) -> dict[str, Any]:
    case = entry.case
    changed = {heading: names.cell(heading, change.before.get(heading), after) for heading, after in _after(change)}
    return {
        "entry": entry,
        "case": case,
        "name": name_of(case, person),
        "url": reverse("cases:case_detail", args=[case.number]),
        "age": age_of(case),
        "grade": case.child.last_grade,
        "place": str(case.school or _("ยังไม่มอบหมายโรงเรียน")),
        "category": str(Category(case.category).label),
        "changed": changed,
        "is_new": entry.joined == version.number and version.number > 1 and entry.left is None,
        "answer": str(CheckAnswer(entry.answer).label) if entry.answer else "",
        "icon": ICONS.get(entry.answer, ""),
    }


ICONS = {
    CheckAnswer.CORRECT: "check",
    CheckAnswer.AMENDED: "pen",
    CheckAnswer.NOT_OURS: "route",
    CheckAnswer.IN_EDUCATION: "bag",
    CheckAnswer.DUPLICATE: "dup",
    CheckAnswer.KEPT: "check",
    CheckAnswer.REMOVED: "x",
}


def _after(change: EntryChange | None):
    return change.after.items() if change is not None else ()


class _Names:
    """What the codes in changed cells are called: a query a table, and only of tables that are named."""

    _TABLES = {"school_name": School, "tambon": Tambon, "amphoe": Amphoe, "province": Province}
    _CODES = {"category": Category, "cause": Outcome, "wish": Wish}

    def __init__(self, changes: Iterable[EntryChange]):
        wanted: dict[str, set[int]] = {}
        for change in changes:
            for cells in (change.before, change.after):
                for key in self._TABLES:
                    if isinstance(value := cells.get(CANONICAL[key]), int):
                        wanted.setdefault(key, set()).add(value)
        self._named = {
            CANONICAL[key]: dict(self._TABLES[key].objects.filter(pk__in=ids).values_list("pk", "name_th"))
            for key, ids in wanted.items()
        }
        self._coded = {CANONICAL[key]: codes for key, codes in self._CODES.items()}

    def cell(self, heading: str, before: object, after: object) -> tuple[str, str]:
        return self._shown(heading, before), self._shown(heading, after)

    def _shown(self, heading: str, value: object) -> str:
        if value in (None, ""):
            return "–"
        if isinstance(value, int) and heading in self._named:
            return self._named[heading].get(value, str(value))
        if isinstance(value, int) and heading in self._coded:
            return str(self._coded[heading](value).label)
        return str(value)


def buttons(group: str) -> list[dict[str, Any]]:
    """The answers to lines of a group, in the order of their keys. Those given child by child stand in the row."""
    answers = OF_GONE if group == "gone" else OF_PRESENT
    return [
        {
            "key": str(key),
            "answer": answer.value,
            "label": answer.label,
            "icon": ICONS[answer],
            "in_row": answer in ONE_BY_ONE,
            "quick": answer == CheckAnswer.CORRECT,
        }
        for key, answer in enumerate(answers, start=1)
    ]


# ── signatures ────────────────────────────────────────────────────────────────────────────────────────────────
def signature_panels(version: ListVersion, person: Person, chosen: Unit | None) -> list[dict[str, Any]]:
    """For each unit this person signs for, and the chosen one: how far it is, who signed, what may be done."""
    units = {str(unit): unit for posting in postings_of(person) if (unit := unit_of_posting(posting))}
    mine = [unit for unit in units.values() if checklists.signing(person, unit)]
    if chosen is not None and str(chosen) not in units and checklists.returning(person, chosen):
        mine.append(chosen)
    words = checklists.signatures(version, map(str, mine))
    panels = [_panel(version, person, unit, words.get(str(unit))) for unit in mine]
    return [panel for panel in panels if panel["progress"].lines]


def _panel(version: ListVersion, person: Person, unit: Unit, signature) -> dict[str, Any]:
    progress: Progress = checklists.progress_of(version, unit)
    signed = progress.state == checklists.SIGNED
    return {
        "unit": unit,
        "progress": progress,
        "signature": signature,
        "is_signed": signed,
        "signs": checklists.signing(person, unit) is not None and not signed,
        "returns": checklists.returning(person, unit) is not None and signed,
        "sign_form": SignForm(initial={"unit": str(unit)}, auto_id="sign_%s"),
        "return_form": ReturnForm(initial={"unit": str(unit)}, auto_id="return_%s"),
    }
