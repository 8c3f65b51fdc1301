"""Lends schools.people_upload the guarded reader of sheets and the writer of workbooks, which live in this room."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from cases.intake.sheet import SMALL, SheetRefused, check_rows, read_sheet
from cases.intake.template import text_cell
from schools import jobs, people_upload
from schools.jobs import JobRefused, Run
from schools.people_sheet import people_rows
from schools.school_sheet import Row

WIDTHS = (18, 18, 20, 24, 22, 90)


@jobs.runs(people_upload.CHECK)
def check_people(run: Run) -> dict:
    return people_upload.run_check(run, read_people)


@jobs.runs(people_upload.COMMIT)
def import_people(run: Run) -> dict:
    return people_upload.run_commit(run, read_people, write_rows)


def read_people(path: Path) -> Iterator[Row]:
    """The rows of people in a file. Raises JobRefused in the words of the guard."""
    try:
        with read_sheet(path, SMALL) as reading:
            count = 0
            for count, row in enumerate(people_rows(reading), start=1):  # noqa: B007 - counted for the limit below
                yield row
        check_rows(count, SMALL)
    except SheetRefused as refused:
        raise JobRefused(refused.message_th, refused.message_en) from refused


def write_rows(path: Path, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A workbook of texts: nothing in it is ever run as a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    for row in (headings, *rows):
        sheet.append([text_cell(sheet, value) for value in row])
    book.save(path)
