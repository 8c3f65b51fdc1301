"""Where a duplicate leads: to the row of the child, the case and the numbers that stand for this person now.

`Child.merged_into` names the last survivor, never a link of a chain, so one hop is enough (cases.merging keeps it so).
"""

from collections.abc import Collection

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from cases.codes import Stage
from cases.models import Case, Child, Identifier

STANDS_FOR = Coalesce(F("child__merged_into_id"), F("child_id"))  # of a row with a child: whose row is this person's


def survivor_of(case: Case) -> Case:
    """The case that has this one's facts now: itself, unless it was merged away."""
    if case.stage != Stage.VOID:
        return case
    root = case.child.merged_into_id
    if root is None:
        return case
    return Case.objects.filter(child_id=root).exclude(pk=case.pk).order_by("stage", "-pk").first() or case


def cases_of_person(case: Case) -> list[int]:
    """The keys of this case and of those merged into it, at whatever remove."""
    return [case.pk, *Case.objects.filter(child__merged_into=case.child_id).values_list("pk", flat=True)]


def identifiers_of(child: Child) -> QuerySet[Identifier]:
    """The numbers this person has now, those of merged duplicates included; the one to show comes last."""
    return _present([child.pk]).order_by("kind", "-pk")


def masks_of(children: Collection[int]) -> dict[int, str]:
    """child → the identifier the person has now, masked (FL-01): a national ID before a G-code, then the latest."""
    if not children:
        return {}
    rows = _present(children).annotate(person=STANDS_FOR).order_by("kind", "pk")
    return dict(rows.values_list("person", "masked"))


def own_masks(children: Collection[int]) -> dict[int, str]:
    """child → the identifier that stands at this very row, masked: of two that were merged each its own."""
    rows = Identifier.objects.filter(child_id__in=children, until__isnull=True).order_by("kind", "pk")
    return dict(rows.values_list("child", "masked"))


def _present(children: Collection[int]) -> QuerySet[Identifier]:
    """Rows of one table are asked for by keys of either index: across the join neither would be used."""
    rows = Child.objects.filter(Q(pk__in=children) | Q(merged_into_id__in=children)).order_by()
    return Identifier.objects.filter(child_id__in=rows.values("pk"), until__isnull=True)
