"""The two published tables on screen: สาเหตุ as seed 004 prints it, ประเภท as seed 001 does, each number a link."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from cases.codes import CAUSES, IN_EDUCATION, Outcome
from reports.labels import CATEGORIES
from reports.ladder import Counts, percent

Link = Callable[[str], str]  # a figure's key → the address of its children


class CauseLine(NamedTuple):
    """One line of the สาเหตุ table; `share` is of all children found. `number` is None on sums."""

    number: int | None
    key: str
    count: int
    share: Decimal | None
    url: str


class CauseGroup(NamedTuple):
    """A head (a figure's key), its lines in the seed's order, and their sum."""

    key: str
    lines: list[CauseLine]
    total: CauseLine


def causes(counts: Counts, link: Link) -> dict[str, Any]:
    """อยู่ในระบบการศึกษา with its 3 lines and sum, หลุดจากระบบการศึกษา with its 16 and sum, รวมทั้งสิ้น."""
    found = counts["found"]

    def line(key: str, number: int | None = None) -> CauseLine:
        return CauseLine(number, key, counts[key], percent(counts[key], found), link(key))

    def group(key: str, outcomes: tuple[Outcome, ...]) -> CauseGroup:
        lines = [line(f"outcome={outcome.slug}", int(outcome)) for outcome in outcomes]
        return CauseGroup(key, lines, line(key))

    groups = [group("in_education", IN_EDUCATION), group("out_of_education", CAUSES)]
    return {"groups": groups, "all": line("found")}


class CategoryLine(NamedTuple):
    """One line of the ประเภท table: whole numbers with their links, then the two percentages with their bases."""

    slug: str  # a category, or "all"
    cells: list[tuple[int, str]]  # target, traced, in progress, back, not back
    traced_of_target: Decimal | None
    back_of_traced: Decimal | None


CATEGORY_COLUMNS = ("target", "traced", "in_progress", "back", "not_back")


def categories(counts: Counts, link: Link) -> list[CategoryLine]:
    """Seed 001's table: what was traced is not what came back, and every percentage says of what."""
    lines, sums = [], dict.fromkeys(CATEGORY_COLUMNS, 0)
    for slug in CATEGORIES:
        numbers = {column: counts[f"{slug}.{column}"] for column in CATEGORY_COLUMNS}
        for column, number in numbers.items():
            sums[column] += number
        cells = [(number, link(f"{slug}.{column}")) for column, number in numbers.items()]
        lines.append(_category(slug, cells, numbers))
    whole = {"target": link("target"), "traced": link("found")}  # the other sums have no figure of their own
    return [*lines, _category("all", [(number, whole.get(column, "")) for column, number in sums.items()], sums)]


def _category(slug: str, cells: list[tuple[int, str]], numbers: dict[str, int]) -> CategoryLine:
    traced = percent(numbers["traced"], numbers["target"])
    return CategoryLine(slug, cells, traced, percent(numbers["back"], numbers["traced"]))
