"""Reading and writing a sheet of 25 columns: the product's reader and writer beside what no program can go under."""

import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain, cycle, islice
from pathlib import Path
from random import Random
from xml.parsers import expat

import openpyxl
from xlsxwriter import Workbook

from cases.codes import Outcome, Stage
from cases.intake.refusal import NATIONAL
from cases.intake.sheet import read_sheet
from dropout.bench.measuring import Row, Worker, in_turn, timed
from dropout.demo.children import Home, make_child
from reports.line_lists import HEADINGS
from reports.line_sheets import column_letters, write_line_list
from schools.thaitime import bangkok_today

DISTINCT = 5_000  # rows made; a longer list repeats them with other numbers


def measure(worker: Worker, folder: Path, count: int, runs: int) -> list[Row]:
    """The two rows. What XlsxWriter writes, with shared strings as Excel saves them, is what the readers read."""
    ours, theirs = folder / "ours.xlsx", folder / "theirs.xlsx"
    wrote_rivals = {
        "openpyxl write-only": worker.seconds("sheets.write_openpyxl", theirs, count),
        "XlsxWriter": worker.seconds("sheets.write_xlsxwriter", theirs, count),
    }
    wrote = in_turn(
        runs,
        floor=lambda: worker.seconds("sheets.write_floor", count),
        ours=lambda: worker.seconds("sheets.write_ours", ours, count),
    )
    read_rival = worker.seconds("sheets.read_openpyxl", theirs, count)
    read = in_turn(
        runs,
        floor=lambda: worker.seconds("sheets.read_floor", theirs),
        ours=lambda: worker.seconds("sheets.read_ours", theirs, count),
    )
    size = f"{count:,} × {len(HEADINGS)}"
    return [
        Row(
            f"read .xlsx, {size}",
            "unzip + expat",
            read["floor"],
            read["ours"],
            2,
            runs,
            {"openpyxl read-only": read_rival},
            worker.peaks["sheets.read_ours"],
            "floor: the sheet's and the shared strings' XML unzipped and run through expat with no handler, in one "
            "process. Ours: the guarded child process, its scan of every byte before a cell is believed, a "
            "second pass for the values in slices of bounded memory, and the rows handed over. Rival: 1 run.",
        ),
        Row(
            f"write .xlsx line list, {size}, Thai",
            "sheet XML + zlib-1",
            wrote["floor"],
            wrote["ours"],
            2,
            runs,
            wrote_rivals,
            worker.peaks["sheets.write_ours"],
            "all sides take the same rows from a generator that costs next to nothing. Rivals: 1 run.",
        ),
    ]


def line_list_rows(count: int) -> Iterator[list]:
    """`count` rows like a line list's: 25 cells, Thai words, numbers and dates."""
    rng, today = Random(25), bangkok_today()  # noqa: S311 - fiction
    home = Home("46990001", "โรงเรียนบ้านทุ่งสมมุติ", "ทุ่งสมมุติ", "เมืองสมมุติ", "กาฬสินธุ์")
    made = []
    for serial in range(min(count, DISTINCT)):
        child = make_child(rng, serial, home, "ออกกลางคัน", today)
        who = [child[name] for name in ("คำนำหน้า", "ชื่อ", "นามสกุล")]
        outcome = str(rng.choice(list(Outcome)).label)
        codes = ["ออกกลางคัน", str(Stage.FOUND.label), "พบตัว", outcome, "ประสงค์กลับเข้าเรียน", "ยังไม่กลับ"]
        place = [home.school_code, home.school_name, "สพป.กาฬสินธุ์ เขต 3", "สพฐ.", home.amphoe, home.province]
        number, mask = f"{serial:04d}-XXXX", f"X-XXXX-XXXXX-{serial % 90 + 10}-3"
        made.append([number, mask, *who, today, 12, "ชาย", child["ชั้นล่าสุด"], *codes, *place, 2, today, today])
    for number, row in enumerate(islice(cycle(made), count), start=1):
        yield [number, *row]


# ── the sides ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _write_ours(path: str, count: int) -> float:
    return timed(lambda: write_line_list(path, HEADINGS, line_list_rows(count)))


def _write_floor(count: int) -> float:
    """Every cell as XML by one format string, nothing escaped, no types told apart, deflated at level 1."""
    letters = column_letters(len(HEADINGS))

    def write() -> None:
        deflate, batch, size = zlib.compressobj(1), [], 0
        for number, row in enumerate(line_list_rows(count), start=2):
            cells = [
                f'<c r="{a}{number}" t="inlineStr"><is><t>{b}</t></is></c>' for a, b in zip(letters, row, strict=True)
            ]
            batch.append(f'<row r="{number}">{"".join(cells)}</row>')
            if len(batch) == 500:
                size += len(deflate.compress("".join(batch).encode()))
                batch = []
        size += len(deflate.compress("".join(batch).encode()) + deflate.flush())

    return timed(write)


def _write_openpyxl(path: str, count: int) -> float:
    def write() -> None:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("รายชื่อ")
        sheet.append(list(HEADINGS))
        for row in line_list_rows(count):
            sheet.append(row)
        book.save(path)

    return timed(write)


def _write_xlsxwriter(path: str, count: int) -> float:
    """With a table of shared strings, as Excel itself saves; what the readers read."""

    def write() -> None:
        book = Workbook(path, {"default_date_format": "d mmm yyyy"})
        sheet = book.add_worksheet("รายชื่อ")
        for number, row in enumerate(chain([HEADINGS], line_list_rows(count))):
            sheet.write_row(number, 0, row)
        book.close()

    return timed(write)


def _read_ours(path: str, count: int) -> float:
    def read() -> None:
        with read_sheet(path, NATIONAL) as rows:
            found = sum(1 for _ in rows)
        if found != count + 1:
            raise RuntimeError(f"{found} rows read, {count + 1} written")

    return timed(read)


def _read_floor(path: str) -> float:
    def read() -> None:
        with zipfile.ZipFile(path) as archive:
            for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):  # as Excel saves a sheet
                with archive.open(name) as part:
                    expat.ParserCreate().ParseFile(part)

    return timed(read)


def _read_openpyxl(path: str, count: int) -> float:
    def read() -> None:
        book = openpyxl.load_workbook(path, read_only=True)
        found = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))
        book.close()
        if found != count + 1:
            raise RuntimeError(f"{found} rows read, {count + 1} written")

    return timed(read)


TASKS = {
    "write_ours": _write_ours,
    "write_floor": _write_floor,
    "write_openpyxl": _write_openpyxl,
    "write_xlsxwriter": _write_xlsxwriter,
    "read_ours": _read_ours,
    "read_floor": _read_floor,
    "read_openpyxl": _read_openpyxl,
}
