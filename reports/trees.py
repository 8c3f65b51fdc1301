"""Adding leaves up along both trees, and naming the units that come of it.

Line of command: school → district → department → nation. Area: school → province → region → nation. A leaf carries
its province, district and department as its spans did, so nothing is looked up in today's school tree; only the
regions of provinces are.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from operator import itemgetter
from typing import NamedTuple

from reports.identities import Check, checks, first_broken
from reports.ladder import KEYS, Counted, Counts, Leaf, count_leaves, inside, total
from schools.jobs import JobRefused
from schools.language import reader_language
from schools.models import Department, District, Province, Region, School
from schools.units import NATION, NATION_NAME, Unit

LEVELS = ("nation", "department", "region", "province", "district", "school")
UNASSIGNED = {"th": "ยังไม่มอบหมายโรงเรียน", "en": "No school assigned yet"}
Leaves = Mapping[Leaf, Counts]


class BrokenIdentity(JobRefused):
    """Figures that do not agree with themselves: `unit` and `check` say where and how. Nothing is stored."""

    def __init__(self, unit: str, check: Check):
        self.unit, self.check = unit, check
        found = f"{check.identity} ({check.left} / {check.right})"
        super().__init__(
            f"ตัวเลขไม่ตรงกันที่ {unit}: {found} ไม่มีการบันทึกตัวเลขชุดนี้",
            f"Figures disagree at {unit}: {found}. Nothing was stored.",
        )


class Line(NamedTuple):
    """One unit among its sisters. `leaf` is set for schools and for what has none: then `is_unassigned`."""

    unit: str  # as schools.units writes it; an unassigned leaf carries its district's or tray's
    name: str
    counts: Counts
    leaf: Leaf | None = None

    @property
    def is_unassigned(self) -> bool:
        return self.leaf is not None and self.leaf.school_id is None

    @property
    def label(self) -> str:
        """The name as a page says it; `name` is what workbooks print, which are Thai."""
        if self.is_unassigned and reader_language() == "en":
            return self.name.replace(UNASSIGNED["th"], UNASSIGNED["en"], 1)
        return self.name


def regions_of_provinces() -> dict[int, int]:
    return dict(Province.objects.order_by().values_list("id", "region_id"))


def sum_by(leaves: Leaves, level: str, regions: Mapping[int, int] | None = None) -> dict[Hashable, Counts]:
    """Sums at one level: by id; at `school` by Leaf (they are the leaves); at `nation` by None.

    `office` sums by Leaf without school: one office in one province, from which every higher level follows.
    `regions`: province → region, loaded when not given and needed.
    """
    if level == "region" and regions is None:
        regions = regions_of_provinces()
    key = {
        "nation": lambda leaf: None,
        "department": lambda leaf: leaf.department_id,
        "region": lambda leaf: regions[leaf.province_id],
        "province": lambda leaf: leaf.province_id,
        "district": lambda leaf: leaf.district_id,
        "office": itemgetter(slice(3)),
        "school": lambda leaf: leaf,
    }[level]
    packed: defaultdict[Hashable, int] = defaultdict(int)
    for leaf, counts in leaves.items():
        packed[key(leaf)] += counts.packed
    named = packed.items() if level != "office" else ((Leaf(*place, None), number) for place, number in packed.items())
    return {name: Counts(number) for name, number in named}


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _tray_or_district(code: str, kind: str) -> str:
    return f"tray:{code}" if kind == District.Kind.TRAY else f"district:{code}"


def _districts(ids) -> dict[int, tuple[str, str]]:
    rows = District.objects.order_by().filter(pk__in=ids).values_list("pk", "code", "kind", "name_th")
    return {pk: (_tray_or_district(code, kind), name) for pk, code, kind, name in rows}


def _units(level: str, sums: Mapping[Hashable, Counts]) -> dict[Hashable, tuple[str, str]]:
    """key → (unit as written, Thai name), by one query a level and one more for schools."""
    match level:
        case "nation":
            return {None: (str(NATION), NATION_NAME["th"])}
        case "department":
            return {row.pk: (f"department:{row.code}", row.abbr_th) for row in Department.objects.filter(pk__in=sums)}
        case "region":
            return {row.pk: (f"region:{row.key}", row.name_th) for row in Region.objects.filter(pk__in=sums)}
        case "province":
            rows = Province.objects.filter(pk__in=sums).values_list("pk", "name_th")
            return {pk: (f"province:{pk}", name) for pk, name in rows}
        case "district":
            return _districts(set(sums))
    districts = _districts({leaf.district_id for leaf in sums})
    rows = School.objects.order_by().values_list("pk", "code", "name_th")
    ids = {leaf.school_id or 0 for leaf in sums}  # 0 is no school: one query, whether any is named or none
    if len(ids) < 10_000:  # for a nation all schools are read; a list of thirty thousand ids helps nobody
        rows = rows.filter(pk__in=ids)
    schools = {pk: (f"school:{code}", name) for pk, code, name in rows}
    return {
        leaf: schools[leaf.school_id]
        if leaf.school_id
        else (districts[leaf.district_id][0], f"{UNASSIGNED['th']} ({districts[leaf.district_id][1]})")
        for leaf in sums
    }


def lines(leaves: Leaves, level: str, regions: Mapping[int, int] | None = None) -> list[Line]:
    """The units of one level with their sums, named, in the order of their codes; unassigned leaves after schools."""
    sums = sum_by(leaves, level, regions)
    units = _units(level, sums)

    def place(key):
        if level == "district":
            return (units[key][0],)
        if level == "school":
            return key.province_id, key.district_id, key.school_id is None, units[key][0]
        return (key or 0,)

    return [Line(*units[key], sums[key], key if level == "school" else None) for key in sorted(sums, key=place)]


# ── proof ─────────────────────────────────────────────────────────────────────────────────────────────────────
def prove(leaves: Leaves) -> dict[Leaf, Counts]:
    """Check every identity at every leaf and every sum along both trees; returns the offices' sums.

    An identity is an equality or a ≥ of sums of counters, so one that holds of every state holds of every sum of
    states: of all leaves and of all that is added up from them. Only where a state breaks one are the units walked,
    for a sum may still hold. Raises BrokenIdentity naming the lowest unit that breaks one.
    """
    regions = regions_of_provinces()
    offices = sum_by(leaves, "office")
    if not _holds_by_states(leaves):
        _walk(leaves, offices, regions)
    for check in checks(total(leaves.values()), _levels(offices, regions)):
        if not check.holds:
            raise BrokenIdentity(str(NATION), check)
    return offices


def _holds_by_states(leaves: Leaves) -> bool:
    """Whether the leaves were counted from states of which each satisfies every identity; kept leaves never say so."""
    return isinstance(leaves, Counted) and first_broken([state.row() for state in leaves.states], KEYS) is None


def _walk(leaves: Leaves, offices: Leaves, regions: Mapping[int, int]) -> None:
    """Raise BrokenIdentity at the first unit that breaks one, schools first."""
    for level, below in (("school", leaves), *((level, offices) for level in reversed(LEVELS[:-1]))):
        sums = sum_by(below, level, regions)
        broken = first_broken([counts.row() for counts in sums.values()], KEYS)
        if broken:
            key = list(sums)[broken[0]]
            unit, name = _units(level, {key: sums[key]})[key]
            raise BrokenIdentity(unit if unit in name else f"{unit} {name}", broken[1])


def _levels(offices: Leaves, regions: Mapping[int, int]) -> dict[str, list[Counts]]:
    """The whole divided once per level of either tree."""
    return {f"{level}s": list(sum_by(offices, level, regions).values()) for level in LEVELS[1:-1]}


def proven(unit: Unit, as_of=None, known_at=None) -> tuple[Counts, list[Check]]:
    """One unit counted live from its leaves, with every identity, those of both trees included. Three queries at most.

    Raises reports.ladder.ImpossibleMoment; a broken identity is in the list, not raised.
    """
    leaves = count_leaves(as_of=as_of, known_at=known_at, where=inside(unit, is_now=as_of is None))
    counts = total(leaves.values())
    levels = _levels(sum_by(leaves, "office"), regions_of_provinces())
    return counts, checks(counts, {"leaves": list(leaves.values()), **levels})
