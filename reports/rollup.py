"""The ministry's weekly and monthly figures: one pass over the leaves, proven, kept, never changed afterwards.

As of the period's cut-off and as known at the first build, or as asked (a further revision). While the period is
unfinished a rollup is provisional, as of now, and the next build replaces it. Source: PRODUCT §4.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from cases import gate
from cases.intake.copying import Columns
from reports import ladder, trees
from reports.ladder import Counts, Leaf
from reports.models import Rollup, RollupLeaf, RollupOffice
from schools import clock, jobs
from schools.models import Job
from schools.scope import within
from schools.thaitime import Period, bangkok_date, be_year, thai_datetime
from schools.units import Unit

# what is written of a leaf and of an office: the columns of Leaf in its order, then the counters
_PLACE_AND_COUNTS = {
    RollupLeaf: Columns(
        RollupLeaf, ["rollup_id", "province_id", "district_id", "department_id", "school_id", "counts"]
    ),
    RollupOffice: Columns(RollupOffice, ["rollup_id", "province_id", "district_id", "department_id", "counts"]),
}


class RollupRefused(jobs.JobRefused):
    """No rollup can be built as asked; the messages say why."""


def build(
    period: Period | str,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    job: Job | None = None,
    fence: Callable[[], None] | None = None,
) -> Rollup:
    """The rollup of `period`; built only when it is not there yet, else returned and nothing written.

    `as_of`: a moment inside the period instead of its cut-off. `known_at`: as known then; where no revision is so
    dated a further one is made, and the earlier stay readable. `fence`: what a job calls in the transaction to make
    sure that it still is its worker's. Raises BadPeriod, RollupRefused, ImpossibleMoment, and BrokenIdentity, after
    which nothing is stored.
    """
    if isinstance(period, str):
        period = Period.parse(period)
    with transaction.atomic():
        gate.close()  # what was stamped before this moment is committed now; it is read only after the gate is shut
        now = clock.now()
        is_provisional = now < period.cutoff
        when = _dates(period, as_of, known_at, now)
        if fence is not None:
            fence()
        kept = None if is_provisional else _kept(period, when, known_at)
        return kept or _build(period, when, job, is_provisional=is_provisional, now=now)


def freeze(cutoff: datetime) -> Rollup:
    """The figures the war rooms' rounds of `cutoff` read: as of it and as known at it, built once, never changed.

    However late it is built it says the same: what became known after the cut-off does not count. Raises
    RollupRefused (the cut-off is still to come) and BrokenIdentity, after which nothing is stored.
    """
    with transaction.atomic():
        gate.close()  # what was stamped before the cut-off is committed now
        now = clock.now()
        if now < cutoff:
            raise RollupRefused(
                f"ยังไม่ถึงเวลาตัดยอด {thai_datetime(cutoff)}",
                f"The cut-off {thai_datetime(cutoff, lang='en')} is still to come.",
            )
        kept = Rollup.objects.filter(kind=Rollup.Kind.ROUND, as_of=cutoff).first()
        if kept is not None:
            return kept
        day = bangkok_date(cutoff)
        when = ladder.moment(cutoff, cutoff)
        return _store(f"{be_year(day)}{day:%m%d}", Rollup.Kind.ROUND, when, now=now)


def _dates(period: Period, as_of: datetime | None, known_at: datetime | None, now: datetime) -> ladder.Moment:
    if now <= period.start:
        raise RollupRefused(
            f"งวด {period} ยังไม่เริ่ม เริ่ม {thai_datetime(period.start)}",
            f"Period {period} has not begun; it begins {thai_datetime(period.start, lang='en')}.",
        )
    if as_of is None:
        as_of = period.cutoff if now >= period.cutoff else known_at or now
    when = ladder.moment(as_of, known_at or now)
    if not period.start < as_of <= period.cutoff:
        raise RollupRefused(
            f"เวลา {thai_datetime(as_of)} ไม่อยู่ในงวด {period}",
            f"{thai_datetime(as_of, lang='en')} does not lie in period {period}.",
        )
    return when


def _kept(period: Period, when: ladder.Moment, known_at: datetime | None) -> Rollup | None:
    """The rollup already built for this: as known when asked, else the last revision."""
    rollups = Rollup.objects.filter(period=str(period), as_of=when.as_of, is_provisional=False)
    if known_at is not None:
        rollups = rollups.filter(known_at=known_at)
    return rollups.order_by("-revision").first()


def _build(period: Period, when: ladder.Moment, job: Job | None, *, is_provisional: bool, now: datetime) -> Rollup:
    Rollup.objects.filter(period=str(period), is_provisional=True).delete()
    return _store(str(period), period.kind, when, job=job, is_provisional=is_provisional, now=now)


def _store(name: str, kind: str, when: ladder.Moment, *, now: datetime, job=None, is_provisional=False) -> Rollup:
    leaves = ladder.count_leaves(as_of=when.as_of, known_at=when.known_at)
    offices = trees.prove(leaves)
    rollup = Rollup.objects.create(
        period=name,
        kind=kind,
        revision=(Rollup.objects.filter(period=name).aggregate(last=Max("revision"))["last"] or 0) + 1,
        as_of=when.as_of,
        known_at=when.known_at,
        is_provisional=is_provisional,
        built_at=now,
        leaves=len(leaves),
        job=job,
    )
    _PLACE_AND_COUNTS[RollupLeaf].write((rollup.pk, *leaf, counts.not_zero()) for leaf, counts in leaves.items())
    _PLACE_AND_COUNTS[RollupOffice].write(
        (rollup.pk, *office[:3], counts.not_zero()) for office, counts in offices.items()
    )
    return rollup


# ── reading what was kept ─────────────────────────────────────────────────────────────────────────────────────
def latest(kind: str) -> Rollup | None:
    """The last finished rollup of a kind (`weekly`, `monthly`), in its last revision."""
    return Rollup.objects.filter(kind=kind, is_provisional=False).order_by("-as_of", "-revision").first()


def of_period(period: Period | str) -> Rollup | None:
    """The last revision kept of a period, provisional if there is no other."""
    return Rollup.objects.filter(period=str(period)).order_by("is_provisional", "-revision").first()


def _rows(rollups: Iterable[Rollup], unit: Unit, *, by_school: bool):
    """The kept rows of a unit: offices where they tell, leaves where schools must be told apart."""
    model = RollupLeaf if by_school or unit.kind in ("school", "amphoe") else RollupOffice
    return model.objects.filter(within(unit), rollup__in=rollups).order_by()


def leaves_of(rollup: Rollup, unit: Unit, *, by_school: bool = True) -> dict[Leaf, Counts]:
    """What was kept of a unit, in one query: its leaves, or its offices (Leaf without school) if not `by_school`."""
    rows = _rows([rollup], unit, by_school=by_school)
    columns = ["province_id", "district_id", "department_id", "counts"]
    if rows.model is RollupLeaf:
        columns.insert(3, "school_id")
        return {Leaf(*place): Counts.of(kept) for *place, kept in rows.values_list(*columns)}
    return {Leaf(*place, None): Counts.of(kept) for *place, kept in rows.values_list(*columns)}


def counts_for(rollup: Rollup, unit: Unit) -> Counts:
    """All counters of a unit as kept, in one query; zeros where it had no child."""
    return ladder.total(leaves_of(rollup, unit, by_school=False).values())


def counts_by_rollup(rollups: Iterable[Rollup], unit: Unit) -> dict[int, Counts]:
    """The same for several rollups, in one query: rollup id → counters."""
    rollups = list(rollups)
    sums = {rollup.pk: Counts() for rollup in rollups}
    for pk, kept in _rows(rollups, unit, by_school=False).values_list("rollup_id", "counts"):
        sums[pk] += Counts.of(kept)
    return sums


def children_of(rollup: Rollup, unit: Unit, by: str = "school") -> list[trees.Line]:
    """The units of one level below `unit` as kept, districts' unassigned and trays as rows like schools.

    `by`: department, region, province, district or school. At most four queries.
    """
    return trees.lines(leaves_of(rollup, unit, by_school=by == "school"), by)
