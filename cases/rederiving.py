"""Every case computed again from its facts and compared with what stands (ARCHITECTURE, facts in, stage out).

What the comparison finds is either a fault of the product, a hand in the database, or new STAGE_DEADLINES, of which
`rederive_stages --fix` makes due dates.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import NamedTuple

from django.db import transaction

from cases import gate
from cases.lifecycle import STANDING_FIELDS, facts_of, fold, revise, revise_many, set_standing
from cases.models import FOREVER, Case, Span

BATCH = 1000
COMPARED = [name for name in STANDING_FIELDS if name != "version"]


class Difference(NamedTuple):
    """A case that does not stand where its facts put it. `fields`: name → (what stands, what its facts say)."""

    case: Case
    fields: dict[str, tuple]
    spans: int  # how many spans would be cut or added


def differences() -> Iterator[Difference]:
    """Every difference there is, read in batches: a nation's cases do not fit a memory."""
    last = 0
    while batch := list(Case.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield from _differences_of(batch)


def _differences_of(batch: Sequence[Case]) -> Iterator[Difference]:
    keys = [case.pk for case in batch]
    with transaction.atomic():
        gate.enter()
        facts, now = facts_of(keys), gate.stamp()
        spans: dict[int, list[Span]] = {pk: [] for pk in keys}
        for span in Span.objects.filter(case_id__in=keys, known_until=FOREVER):
            spans[span.case_id].append(span)
    for case in batch:
        pieces, progress = fold(facts[case.pk])
        derived = copy(case)
        set_standing(derived, pieces, progress)
        told = {name: (getattr(case, name), getattr(derived, name)) for name in COMPARED}
        fields = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
        cuts, fresh = revise(spans[case.pk], pieces, now)
        if fields or cuts or fresh:
            yield Difference(case, fields, len(cuts) + len(fresh))


@transaction.atomic
def mend(cases: Sequence[Case]) -> None:
    """Let these cases stand where their facts put them."""
    gate.enter()
    keys = sorted(case.pk for case in cases)
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    revise_many(keys, gate.stamp())
