"""Owns formatted workbooks: pages of titled tables → .xlsx as a Thai office prints them. Knows no domain.

Rows are written as they come and forgotten, so a page of a nation's schools costs no memory. Plain line lists are
`line_sheets`' work; both write every text as a string cell (SECURITY EX-05).
"""

import datetime
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties

from cases.intake.delimited import csv_cell, uncsv_cell

from .line_sheets import (
    FONT,
    FONT_POINTS,
    ROWS_PER_SHEET,
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
    """One worksheet. `rows` gives Line objects or plain sequences; `numbered` puts ที่ before them, totals left out.

    `frozen` columns stay in view at the left, the ที่ column among them.
    """

    name: str
    columns: list
    rows: object
    titles: tuple = ()
    notes: tuple = ()
    numbered: bool = False
    footer: str = ""
    frozen: int = 0


def write_workbook(target, pages, properties=None, *, rows_per_sheet=ROWS_PER_SHEET):
    """Write `pages` to `target` (path or binary file); returns the number of rows under all headings.

    A page of more than `rows_per_sheet` rows goes on, titles and headings again, in a further sheet "name (2)".
    ValueError for a row of another length than its columns or a link that is no web, mail, phone or in-book address;
    TypeError for a cell no workbook can hold. `properties`: title, subject, creator, keywords, description.
    """
    workbook = Workbook(write_only=True)
    for key, value in (properties or {}).items():
        if key not in ("title", "subject", "creator", "keywords", "description"):
            raise ValueError(f"unknown document property: {key}")
        setattr(workbook.properties, key, text_cell(value))
    try:
        total = sum(_write_page(workbook, page, rows_per_sheet) for page in pages)
        workbook.save(target)
    except BaseException:
        _drop(workbook)
        raise
    return total


def _drop(workbook):
    """Close and delete what was written so far: openpyxl leaves its temporary files until the process ends."""
    for sheet in workbook.worksheets:
        with suppress(OSError):  # on a full disk closing fails again; the first error is the one to tell
            if not sheet.closed:
                sheet.close()
        if sheet._writer is not None and Path(sheet._writer.out).exists():
            sheet._writer.cleanup()


def _write_page(workbook, page, rows_per_sheet):
    """One page over as many sheets as it needs; the number of its rows."""
    columns = [Column("ที่", "count", 6), *page.columns] if page.numbered else list(page.columns)
    styles = {}
    sheet, written, counted = None, 0, 0
    for line in page.rows:
        if sheet is None or written % rows_per_sheet == 0:
            sheet = _Sheet(workbook, page, columns, written // rows_per_sheet + 1, styles)
        line = line if isinstance(line, Line) else Line(tuple(line))
        counted += not line.total
        sheet.write_line(line, ((None if line.total else counted),) if page.numbered else ())
        written += 1
    sheet = sheet or _Sheet(workbook, page, columns, 1, styles)
    for note in page.notes:
        sheet.write_note(note)
    return written


class _Sheet:
    """One worksheet under the pen: rows go out in order and are not kept."""

    def __init__(self, workbook, page, columns, number, styles):
        self.sheet = workbook.create_sheet(sheet_name(page.name, number))
        self.columns, self.styles, self.row = columns, styles, 0
        headings = _headings(columns)
        first = len(page.titles) + 1
        last = len(page.titles) + len(headings[0])
        _set_up_print(self.sheet, columns, first, last, page)  # write-only: before the first row
        for title in page.titles:
            self._append([self._cell(title, BOLD, alignment=CENTRED)])
            if len(columns) > 1:
                self._merge(self.row, 1, self.row, len(columns))
        self._write_headings(*headings)

    def _append(self, cells):
        self.sheet.append(cells)
        self.row += 1

    def _merge(self, *area):
        top, left, bottom, right = area
        self.sheet.merged_cells.add(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")

    def _write_headings(self, rows, areas):
        base = self.row
        for texts in rows:
            self._append([self._cell(text, BOLD, alignment=CENTRED, fill=HEADING_FILL, border=FRAME) for text in texts])
        for top, left, bottom, right in areas:
            self._merge(base + top, left, base + bottom, right)

    def write_line(self, line, lead):
        cells = (*lead, *line.cells)
        if len(cells) != len(self.columns):
            raise ValueError(f"row {self.row + 1} has {len(cells)} cells for {len(self.columns)} columns")
        written = []
        for index, (column, value) in enumerate(zip(self.columns, cells, strict=True)):
            address = line.links.get(index - len(lead))
            font = BOLD if line.total else LINK if address else PLAIN
            style = {"number_format": FORMATS[column.kind], "border": FRAME}
            if isinstance(value, str):
                style["alignment"] = WRAPPED
            cell = self._cell(value, font, **style)
            if address:
                cell.hyperlink = self._link(address)
            written.append(cell)
        self._append(written)

    def write_note(self, note):
        self._append([self._cell(note, PLAIN)])

    def _link(self, address):
        if not address.startswith(LINKS_BEGIN):
            raise ValueError(f"row {self.row + 1}: a link must begin with one of {', '.join(LINKS_BEGIN)}")
        if address.startswith("#"):
            return Hyperlink(ref="", location=address[1:])
        return Hyperlink(ref="", target=address)

    def _cell(self, value, font, **style):
        """A cell with its value by its type; text is a string even where it begins like a formula."""
        cell = WriteOnlyCell(self.sheet)
        if isinstance(value, datetime.datetime) and value.tzinfo is not None:
            raise ValueError("a workbook has no time zones: pass local time without one")
        if isinstance(value, str):
            # XML readers turn a bare carriage return into a line feed; this is how a workbook spells one
            cell.value = text_cell(value).replace("\r\n", "\n").replace("\r", "_x000D_")
            cell.data_type = "s"
        else:
            cell.value = value  # openpyxl raises for what a workbook cannot hold
        is_date = isinstance(value, datetime.date)
        key = (id(font), is_date, *((name, id(setting)) for name, setting in style.items()))
        if key not in self.styles:  # made once a workbook: looking a style up costs more than writing the cell
            cell.font = font
            for name, setting in style.items():
                setattr(cell, name, setting)
            self.styles[key] = cell._style
        cell._style = self.styles[key]
        return cell


def _headings(columns):
    """(rows of heading texts, areas to merge): equal neighbours are one cell, short headings are drawn down."""
    paths = [column.heading if isinstance(column.heading, tuple) else (column.heading,) for column in columns]
    depth = max(map(len, paths))
    rows, areas = [[None] * len(paths) for _ in range(depth)], []
    for level in range(depth):
        start = 0
        while start < len(paths):
            end = start
            path = paths[start]
            # only under the same parents, and never a column's own last heading
            while level < len(path) - 1 and end + 1 < len(paths) and paths[end + 1][: level + 1] == path[: level + 1]:
                end += 1
            if level < len(path):
                rows[level][start] = path[level]
                bottom = depth if level == len(path) - 1 else level + 1
                if (level + 1, start) != (bottom, end):
                    areas.append((level + 1, start + 1, bottom, end + 1))
            start = end + 1
    return rows, areas


def _set_up_print(sheet, columns, first_heading, last_heading, page):
    """A4 landscape, as wide as the page, headings on every page and in view; widths as the columns ask."""
    for index, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.freeze_panes = f"{get_column_letter(page.frozen + 1)}{last_heading + 1}"
    sheet.print_title_rows = f"{first_heading}:{last_heading}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "9"  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = sheet.HeaderFooter.oddFooter
    footer.left.text = text_cell(page.footer).replace("&", "&&") if page.footer else None
    footer.right.text = "&P / &N"
