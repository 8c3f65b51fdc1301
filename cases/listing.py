"""A page of cases as plain rows for programs: few columns, few queries, names only where they may be seen.

One row costs a tuple and a dict: no model instance, no serializer (PERFORMANCE.md, API list of 100 cases).
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from cases.codes import Category, Outcome, Reached, Rung, Stage, Wish
from cases.confidential import as_column, sensitive_rows, tells_outcome
from cases.models import Case
from cases.survivors import masks_of
from schools import roles
from schools.models import Person
from schools.scope import NOTHING, visible


def slug(code) -> str:
    """A code of cases.codes as programs read it: RETURNED_CLAIMED → returned_claimed."""
    return code.name.lower()


STAGES, CATEGORIES, RUNGS, OUTCOMES, WISHES, REACHED = (
    {int(code): slug(code) for code in codes} for codes in (Stage, Category, Rung, Outcome, Wish, Reached)
)


class _Row(NamedTuple):
    """The columns a row is made of, in the order they are asked for."""

    pk: int
    number: str
    category: int
    stage: int
    stage_since: datetime
    due_at: datetime | None
    opened_at: datetime
    episode: int
    rung: int
    outcome: int
    wish: int
    reached: int
    visits_count: int
    last_visit_at: datetime | None
    is_unsafe: bool
    province_id: int
    school__code: str | None
    school__name_th: str | None
    district__code: str
    district__kind: str
    district__name_th: str
    department__code: str
    names: bool = False  # from here on read only for those who may see names somewhere
    sensitive: bool = False
    child_id: int = 0
    child__title: str = ""
    child__first_name: str = ""
    child__last_name: str = ""


_NAMELESS = _Row._fields[: _Row._fields.index("names")]


def listed(cases: QuerySet[Case], person: Person, *, after: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """The rows of the `size` cases that follow case `after` (0: the first), and the place of the next page or 0.

    `cases` is already narrowed to what `person` may see.
    """
    if after:
        cases = cases.filter(pk__gt=after)
    cases = cases.order_by("pk")[: size + 1]
    rule = visible(person, capability=roles.SEE_NAMES)
    if rule == NOTHING:
        rows = cases.values_list(*_NAMELESS)
    else:
        told = {"names": as_column(rule), "sensitive": as_column(sensitive_rows(person))}
        rows = cases.annotate(**told).values_list(*_Row._fields)
    found = [_Row(*row) for row in rows]
    more = found[size - 1].pk if len(found) > size else 0
    found = found[:size]
    masks = masks_of([row.child_id for row in found if row.names])
    return [_answer(row, masks) for row in found], more


def _answer(row: _Row, masks: dict[int, str]) -> dict[str, Any]:
    """A health matter or disability is told only to those who act (cases.confidential), as in the line list."""
    tray = row.district__kind == "tray"
    district = f"{'tray' if tray else 'district'}:{row.district__code}"
    return {
        "number": row.number,
        "name": f"{row.child__title}{row.child__first_name} {row.child__last_name}".strip() if row.names else None,
        "identifier": masks.get(row.child_id) if row.names else None,
        "category": CATEGORIES[row.category],
        "stage": STAGES[row.stage],
        "stage_since": row.stage_since,
        "due_at": row.due_at,
        "opened_at": row.opened_at,
        "episode": row.episode,
        "rung": RUNGS[row.rung],
        "outcome": OUTCOMES[row.outcome] if not row.outcome or tells_outcome(row.outcome, row.sensitive) else None,
        "wish": WISHES[row.wish],
        "reached": REACHED[row.reached],
        "visits": row.visits_count,
        "last_visit_at": row.last_visit_at,
        "is_unsafe": row.is_unsafe,
        "unit": f"school:{row.school__code}" if row.school__code else district,
        "unit_name": row.school__name_th or row.district__name_th,
        "district": district,
        "province": f"province:{row.province_id}",
        "department": f"department:{row.department__code}",
    }
