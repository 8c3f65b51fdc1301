"""Every number is a link: the addresses of exactly the children that were counted, for those who may see cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from reports.trees import Line
from schools import roles
from schools.models import Person
from schools.scope import encloses, home_unit, level_above, may_look_at
from schools.units import Unit


class Place(NamedTuple):
    """Where a number was counted: in `unit`, of that only what stands in `part` too, of that only those unassigned."""

    unit: str
    part: str = ""
    unassigned: bool = False


@dataclass(frozen=True)
class Links:
    """The addresses behind the numbers of one unit's page at one moment (None: now)."""

    unit: Unit
    person: Person
    as_of: datetime | None

    def below(self, unit: Unit) -> Place:
        """A row of the table of units below. Where the two trees cross, only what both units share was counted."""
        inside = self.unit.kind == "nation" or str(unit) == str(self.unit)
        if inside or (unit.kind == "school" and encloses(self.unit, unit)):
            return Place(str(unit))
        return Place(str(self.unit), str(unit))

    def row(self, line: Line, unit: Unit) -> Place:
        """The same for a line that may stand for the children of an office without a school."""
        place = self.below(unit)
        if not line.is_unassigned:
            return place
        if not place.part and len(unit.row.provinces.all()) > 1:  # such a line is of one province
            place = place._replace(part=f"province:{line.leaf.province_id}")
        return place._replace(unassigned=True)

    def dashboard(self, unit: Unit) -> str:
        """Another unit's page at the same moment: who drills in the past stays there."""
        query = f"?{urlencode({'as_of': self.as_of.isoformat()})}" if self.as_of else ""
        return reverse("reports:dashboard", args=[str(unit)]) + query

    def path(self) -> list[dict[str, str]]:
        """The way back up: the units over this one that the person may look at, the highest first."""
        above, step, home = [], self.unit, home_unit(self.person)
        while step.kind != "nation":
            step = level_above(step)
            if may_look_at(self.person, step):
                above.insert(0, step)
        if home and home not in above and home != self.unit and encloses(home, self.unit):
            above.insert(0, home)
        return [{"label": unit.label, "url": self.dashboard(unit)} for unit in above]

    def children(self, figure: str, place: Place | None = None) -> str:
        """The children behind a figure; "" for those who may not see cases."""
        place = place or Place(str(self.unit))
        query = {"figure": figure}
        if self.as_of:
            query["as_of"] = self.as_of.isoformat()
        if place.part:
            query["part"] = place.part
        if place.unassigned:
            query["unassigned"] = "1"
        return self._open(f"{reverse('reports:children', args=[place.unit])}?{urlencode(query)}")

    def work(self, due: str, place: Place | None = None) -> str:
        """The register narrowed to what waits: `due` as cases.filters reads it; "" as above."""
        place = place or Place(str(self.unit))
        query = {"unit": place.unit, "due": due}
        if place.part:
            query["part"] = place.part
        if place.unassigned:
            query["school"] = "none"
        return self._open(f"{reverse('cases:case_list')}?{urlencode(query)}")

    def _open(self, address: str) -> str:
        return address if roles.can(self.person, roles.SEE_CASES) else ""
