"""The same fact for each of many cases: a few queries, however many. What it does is cases.lifecycle's to compute."""

from collections.abc import Iterable, Sequence

from django.db.models import Max

from cases import gate
from cases.lifecycle import facts_of, history, revise_many
from cases.models import Case, Fact, Span


def lock_many(case_ids: Iterable[int]) -> list[Case]:
    """The cases as they stand now, held until the transaction ends, in the order of their keys."""
    gate.enter()
    held = list(Case.objects.select_for_update(of=("self",)).filter(pk__in=list(case_ids)).order_by("pk"))
    for case in held:
        case.is_locked = True
    return held


def add_to_each(facts: Sequence[Fact]) -> None:
    """Record one new fact for each of many locked cases (`case` is set), all of now; one that corrects another says
    since when it is so (`at`)."""
    known = facts_of(case_ids := [fact.case_id for fact in facts])
    received = gate.stamp(Span.objects.filter(case_id__in=case_ids).aggregate(last=Max("known_from"))["last"])
    for fact in facts:
        fact.at = fact.at if fact.corrects_id else received
        fact.known_at, fact.before = received, fact.case.stage
        fact.after = history([*known[fact.case_id], fact])[-1].state.stage
    Fact.objects.bulk_create(facts, batch_size=500)
    revise_many(case_ids, received)
