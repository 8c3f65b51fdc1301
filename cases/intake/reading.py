"""From the file to understood rows: opens it, finds each sheet's heading, and spools every row for the plan.

The file is read once; what is kept in memory grows by 16 bytes a row. The spool is an unnamed temporary file that is
gone with its object: it holds identifiers.
"""

import pickle
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

from cases.intake import sheet as sheets
from cases.intake.columns import SEARCHED_ROWS, Layout, MissingColumn, Skipped, Table, find_layout
from cases.intake.findings import Finding
from cases.intake.matching import fingerprint
from cases.intake.refusal import SheetRefused
from cases.intake.row import Terms, Understood
from cases.intake.rows import RowReader
from schools.thaitime import thai_date

BATCH = 2_000
_ALL_COLUMNS = 1_000


def _unnamed_file() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="intake-")


@dataclass
class Spool:
    """Understood rows waiting to be judged, in the order of the file."""

    layouts: list[Layout] = field(default_factory=list)
    skipped: Skipped = field(default_factory=Skipped)
    notices: list[Finding] = field(default_factory=list)
    rows: int = 0
    keys: array = field(default_factory=lambda: array("Q"))  # a short fingerprint of who each row is, 0 for none
    _file: IO[bytes] = field(default_factory=_unnamed_file)

    def append(self, batch: list[Understood]) -> None:
        for understood in batch:
            self.keys.append(fingerprint(understood.row))
        self.rows += len(batch)
        pickle.dump([(tuple(one.row), one.refusals, one.warnings) for one in batch], self._file, protocol=5)

    def batches(self) -> Iterator[list[tuple]]:
        """The rows again from the start: lists of (row as a tuple, refusals, warnings)."""
        self._file.flush()
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)  # noqa: S301 - written by this process into an unnamed file
            except EOFError:
                return

    def close(self) -> None:
        self._file.close()


def understand(
    path: Path,
    limits: sheets.Limits,
    terms: Terms,
    *,
    mapping: dict[str, str] | None = None,
    list_date: date | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Spool:
    """Read the file at `path` into a Spool. `terms.list_date` is set: as given, else as printed, else today.

    Raises SheetRefused for what is wrong with the file as a whole.
    """
    spool = Spool()
    try:
        with sheets.read_sheet(path, limits) as reading:
            terms.on_1904 = reading.info.is_1904
            spool.notices += [_notice(notice) for notice in reading.info.notices if notice["code"] != "X23"]
            _FileWalk(reading, spool, terms, mapping or {}, list_date).run(progress)
        sheets.check_rows(spool.rows, limits)
    except BaseException:
        spool.close()
        raise
    return spool


def _notice(notice: dict) -> Finding:
    return Finding(None, "", notice["code"], notice["message_th"], notice["message_en"])


class _FileWalk:
    """One pass over the sheets of a file."""

    def __init__(self, reading, spool: Spool, terms: Terms, mapping: dict[str, str], list_date: date | None):
        self.reading, self.spool, self.terms, self.mapping = reading, spool, terms, mapping
        self.asked_date = list_date
        self.dated = False
        self.without_heading: list[tuple[str, int, MissingColumn | None]] = []
        self.sheets = {sheet.name: sheet for sheet in reading.info.sheets}

    def run(self, progress: Callable[[int], None]) -> None:
        for name, rows in _by_sheet(self.reading):
            self.sheet(name, rows, progress)
        if not self.spool.layouts:
            wrong = next((missing for _, _, missing in self.without_heading if missing), None)
            raise wrong or MissingColumn("ชื่อ")
        for name, count, _ in self.without_heading:
            self.spool.notices.append(
                Finding(
                    None,
                    "",
                    "sheet_without_heading",
                    f"แผ่นงาน “{name}” ไม่มีหัวตารางรายชื่อ ไม่ถูกนำเข้า ({count:,} แถว)",
                    f"Sheet “{name}” has no heading of a child list; rows not imported: {count:,}.",
                )
            )

    def sheet(self, name: str, rows: Iterator[tuple[int, tuple]], progress: Callable[[int], None]) -> None:
        head = [row for _, row in zip(range(SEARCHED_ROWS), rows, strict=False)]
        shape = self.sheets[name]
        missing = None
        try:
            layout = find_layout(name, head, shape.merges, self.mapping)
        except MissingColumn as problem:
            layout, missing = None, problem
        if layout is None:
            self.without_heading.append((name, len(head) + sum(1 for _ in rows), missing))
            return
        self.spool.layouts.append(layout)
        self.settle_date(layout)
        self.say_what_is_ignored(layout)
        reader = RowReader(layout, self.terms, _merged_data(shape, layout))
        table = Table(layout, self.spool.skipped)
        batch: list[Understood] = []
        for number, cells in _chain(head, rows):
            if number > layout.last and table.is_data(cells):
                batch.append(reader.read(number, cells))
                if len(batch) == BATCH:
                    self.spool.append(batch)
                    batch = []
                    progress(self.spool.rows)
        if batch:
            self.spool.append(batch)
        progress(self.spool.rows)

    def settle_date(self, layout: Layout) -> None:
        printed = layout.list_date()
        if not self.dated:
            self.terms.list_date = self.asked_date or printed or self.terms.today
            self.dated = bool(self.asked_date or printed)
            if self.terms.list_date > self.terms.today:
                raise SheetRefused(
                    "list_date",
                    f"วันที่ของบัญชี ({thai_date(self.terms.list_date)}) อยู่ในอนาคต กรุณาตรวจ",
                    f"The list's date ({self.terms.list_date}) is in the future. Check it.",
                )

    def say_what_is_ignored(self, layout: Layout) -> None:
        for heading in (*layout.unknown.values(), *layout.ignored):
            if not any(heading in notice.column for notice in self.spool.notices):
                thai, english = f'คอลัมน์ "{heading}" ไม่ถูกนำเข้า', f'Column "{heading}" was ignored.'
                self.spool.notices.append(Finding(None, heading, "X27", thai, english))


def _by_sheet(reading) -> Iterator[tuple[str, Iterator[tuple[int, tuple]]]]:
    """(name, rows) for each sheet; a sheet's rows must be taken before the next is asked for."""
    rows = iter(reading)
    pending: list = [next(rows, None)]

    def of(name: str) -> Iterator[tuple[int, tuple]]:
        while pending[0] is not None and pending[0][0] == name:
            yield pending[0][1:]
            pending[0] = next(rows, None)

    while pending[0] is not None:
        name = pending[0][0]
        inside = of(name)
        yield name, inside
        for _ in inside:
            pass


def _chain(head: list, rows: Iterable) -> Iterator:
    yield from head
    yield from rows


def _merged_data(shape: sheets.Sheet, layout: Layout) -> dict[int, list[tuple[int, int, str]]]:
    """Cells below the heading that a merge leaves blank: {column from 0: [(first row, last row, range)]}."""
    left_blank: dict[int, list[tuple[int, int, str]]] = {}
    for top, left, bottom, right in shape.merges:
        if top <= layout.last:
            continue
        ref = f"{_letters(left)}{top}:{_letters(right)}{bottom}"
        for column in range(left, min(right, left + _ALL_COLUMNS) + 1):
            first = top + 1 if column == left else top
            if first <= bottom:
                left_blank.setdefault(column - 1, []).append((first, bottom, ref))
    return left_blank


def _letters(column: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
