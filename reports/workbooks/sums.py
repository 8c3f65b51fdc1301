"""Owns the sums of a workbook: one pass over the leaves of a kept rollup that stand in a unit, upward on both trees."""

from collections import defaultdict
from collections.abc import Iterator

from reports.ladder import Counts
from reports.models import Rollup, RollupLeaf
from schools.scope import within
from schools.units import Unit

CHUNK = 2000


def leaves(rollup: Rollup, unit: Unit):
    """The leaf rows of `rollup` that stand in `unit`."""
    return RollupLeaf.objects.filter(within(unit), rollup=rollup).order_by()


class Sums:
    """What a unit's leaves add up to: `total`, and per department, region, province and district (by id).

    Every level is added up from the leaves by itself, so that their agreement says something.
    """

    def __init__(self, rollup: Rollup, unit: Unit):
        self.total = Counts()
        self.leaf_count = 0
        packed = {level: defaultdict(int) for level in ("department", "region", "province", "district")}
        for *places, counts in self._rows(rollup, unit):
            row = Counts.of(counts)
            self.total += row
            self.leaf_count += 1
            for level, place in zip(packed, places, strict=True):
                packed[level][place] += row.packed
        self.departments, self.regions, self.provinces, self.districts = (
            {place: Counts(number) for place, number in level.items()} for level in packed.values()
        )

    @staticmethod
    def _rows(rollup: Rollup, unit: Unit) -> Iterator[tuple]:
        columns = ("department_id", "province__region_id", "province_id", "district_id", "counts")
        return leaves(rollup, unit).values_list(*columns).iterator(chunk_size=CHUNK)
