"""Owns formatted workbooks: pages of titled tables → .xlsx as a Thai office prints them. Knows no domain.

Line lists of any length are `line_sheets`' work; both write every text as a string cell (SECURITY EX-05).
"""

import datetime
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from cases.intake.delimited import csv_cell, uncsv_cell

from .line_sheets import (
    FONT,
    FONT_POINTS,
    THAI_DATE,
    THAI_DATETIME,
    sheet_name,
    text_cell,
    write_csv,
    write_line_list,
)

__all__ = [
    "Column",
    "Line",
    "Page",
    "csv_cell",
    "text_cell",
    "uncsv_cell",
    "write_csv",
    "write_line_list",
    "write_workbook",
]

COUNT_FORMAT, PERCENT_FORMAT = "#,##0", "0.00"
FORMATS = {
    "text": "General",
    "count": COUNT_FORMAT,
    "percent": PERCENT_FORMAT,
    "date": THAI_DATE,
    "datetime": THAI_DATETIME,
}
LINKS_BEGIN = ("https://", "http://", "mailto:", "tel:", "#")
THIN = Side(style="thin", color="FFBFBFBF")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
PLAIN = Font(name=FONT, size=FONT_POINTS)
BOLD = Font(name=FONT, size=FONT_POINTS, bold=True)
LINK = Font(name=FONT, size=FONT_POINTS, color="FF0B5394", underline="single")
HEADING_FILL = PatternFill("solid", fgColor="FFE8EEF4")
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
WRAPPED = Alignment(vertical="top", wrap_text=True)


@dataclass(frozen=True)
class Column:
    """One column. `heading` is a text, or a tuple from the upper row down: equal neighbours in a row are merged.

    kind: "text" | "count" (#,##0) | "percent" (0.00, a number of hundredths) | "date" | "datetime" (shown in พ.ศ.).
    """

    heading: str | tuple
    kind: str = "text"
    width: float = 14


@dataclass(frozen=True)
class Line:
    """One row of cells; `total` prints it bold (รวม), `links` maps a cell's index to an address."""

    cells: tuple
    total: bool = False
    links: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """One worksheet. `rows` gives Line objects or plain sequences; `numbered` puts ที่ before them, totals left out."""

    name: str
    columns: list
    rows: object
    titles: tuple = ()
    notes: tuple = ()
    numbered: bool = False
    footer: str = ""


def write_workbook(target, pages, properties=None):
    """Write `pages` to `target` (path or binary file); returns the number of rows under all headings.

    ValueError for a row of another length than its columns or a link that is no web, mail, phone or in-book address;
    TypeError for a cell no workbook can hold. `properties`: title, subject, creator, keywords, description.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    for key, value in (properties or {}).items():
        if key not in ("title", "subject", "creator", "keywords", "description"):
            raise ValueError(f"unknown document property: {key}")
        setattr(workbook.properties, key, text_cell(value))
    total = sum(_write_page(workbook.create_sheet(sheet_name(page.name)), page) for page in pages)
    workbook.save(target)
    return total


def _write_page(sheet, page):
    columns = [Column("ที่", "count", 6), *page.columns] if page.numbered else list(page.columns)
    row = _write_titles(sheet, page.titles, len(columns))
    first_heading = row
    row = _write_headings(sheet, columns, row)
    _set_up_print(sheet, columns, first_heading, row - 1, page.footer)
    written, counted = 0, 0
    for line in page.rows:
        line = line if isinstance(line, Line) else Line(tuple(line))
        counted += not line.total
        lead = ((None if line.total else counted),) if page.numbered else ()
        _write_line(sheet, row, columns, line, lead)
        row += 1
        written += 1
    for note in page.notes:
        _put(sheet.cell(row + 1, 1), note, PLAIN)
        row += 1
    return written


def _write_titles(sheet, titles, width):
    """Each title over the whole width, merged and centred; gives the row after them."""
    for row, title in enumerate(titles, start=1):
        _put(sheet.cell(row, 1), title, BOLD, alignment=CENTRED)
        if width > 1:
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
    return len(titles) + 1


def _write_headings(sheet, columns, top):
    """Heading rows with equal neighbours merged and short ones drawn down; gives the row after them."""
    paths = [column.heading if isinstance(column.heading, tuple) else (column.heading,) for column in columns]
    depth = max(map(len, paths))
    for level in range(depth):
        start = 0
        while start < len(paths):
            end = start
            path = paths[start]
            # only under the same parents, and never a column's own last heading
            while level < len(path) - 1 and end + 1 < len(paths) and paths[end + 1][: level + 1] == path[: level + 1]:
                end += 1
            if level < len(path):
                bottom = top + (depth - 1 if level == len(path) - 1 else level)
                _write_heading(sheet, (top + level, start + 1, bottom, end + 1), path[level])
            start = end + 1
    return top + depth


def _write_heading(sheet, area, text):
    top, left, bottom, right = area
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            sheet.cell(row, column).border = FRAME
    _put(sheet.cell(top, left), text, BOLD, alignment=CENTRED, fill=HEADING_FILL)
    if (top, left) != (bottom, right):
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def _write_line(sheet, row, columns, line, lead):
    cells = (*lead, *line.cells)
    if len(cells) != len(columns):
        raise ValueError(f"row {row} has {len(cells)} cells for {len(columns)} columns")
    for index, (column, value) in enumerate(zip(columns, cells, strict=True)):
        address = line.links.get(index - len(lead))
        font = BOLD if line.total else LINK if address else PLAIN
        cell = sheet.cell(row, index + 1)
        _put(cell, value, font, number_format=FORMATS[column.kind], border=FRAME)
        if isinstance(value, str):
            cell.alignment = WRAPPED
        if address:
            if not address.startswith(LINKS_BEGIN):
                raise ValueError(f"row {row}: a link must begin with one of {', '.join(LINKS_BEGIN)}")
            _link(cell, address)


def _link(cell, address):
    if address.startswith("#"):
        cell.hyperlink = address
        cell.hyperlink.location, cell.hyperlink.target = address[1:], None
    else:
        cell.hyperlink = address


def _put(cell: Cell, value, font, **style):
    """Set a cell's value by its type; text is a string even where it begins like a formula."""
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        raise ValueError("a workbook has no time zones: pass local time without one")
    if isinstance(value, str):
        cell.value = text_cell(value)
        cell.data_type = "s"
    else:
        cell.value = value  # openpyxl raises for what a workbook cannot hold
    cell.font = font
    for name, setting in style.items():
        setattr(cell, name, setting)


def _set_up_print(sheet, columns, first_heading, last_heading, footer):
    """A4 landscape, as wide as the page, headings on every page and in view; widths as the columns ask."""
    for index, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.freeze_panes = sheet.cell(last_heading + 1, 1)
    sheet.print_title_rows = f"{first_heading}:{last_heading}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = text_cell(footer).replace("&", "&&") if footer else None
    sheet.oddFooter.right.text = "&P / &N"
