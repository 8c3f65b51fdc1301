"""The world a bench stands on: reference facts, the nation's schools, its people, and one list as file.

A list as long as that of 2021 comes as .xlsx; a nation's as CSV in Windows-874, as .xlsx it would fill two sheets.
"""

import csv
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

from dropout.demo.children import HEADINGS
from dropout.demo.nation import import_national_schools, national_rows
from dropout.demo.places import Staff
from reports.line_sheets import write_line_list
from schools.models import Person, School

SEED = 2569
LONGEST_XLSX = 110_755


@dataclass
class World:
    """`sheet`: the list as an office sends it; `cells`: the same rows as CSV in Windows-874 with a heading."""

    ministry: Person
    staff: Staff
    sheet: Path
    cells: Path

    def teacher_at(self, school: School) -> Person:
        return self.staff.of_school(school, "teacher")


def build(folder: Path, children: int, say=print) -> World:
    """Fill an empty database and write the list of `children` fictional children; nothing of it is imported yet."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_reference", verbosity=0)
    rng = random.Random(SEED)  # noqa: S311 - fiction
    schools = import_national_schools(say)
    staff = Staff(rng)
    ministry = staff.person("ministry", "ministry", "nation")
    is_short = children <= LONGEST_XLSX
    cells = folder / "list.csv"
    world = World(ministry, staff, folder / "list.xlsx" if is_short else cells, cells)
    with cells.open("w", encoding="cp874", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        rows = _kept(national_rows(rng, schools, children), writer)
        if is_short:
            write_line_list(str(world.sheet), HEADINGS, rows)
        else:
            deque(rows, maxlen=0)
    say(f"{children:,} rows of a list written")
    return world


def _kept(rows: Iterator[dict[str, str]], cells) -> Iterator[list[str]]:
    """The rows as lists, each also written to `cells`."""
    for row in rows:
        values = [row.get(heading, "") for heading in HEADINGS]
        cells.writerow(values)
        yield values
