"""Owns long line lists: any number of rows from a generator → .xlsx or .csv in constant memory. Knows no domain.

The worksheet XML is written straight into the zip (PERFORMANCE.md: at most 2 × sheet XML + zlib-1), every text as an
inline string: no shared-string table that grows, and no cell a spreadsheet could take for a formula (SECURITY EX-05).
"""

import csv
import datetime
import decimal
import io
import math
import re
import zipfile
from xml.sax.saxutils import escape, quoteattr

from cases.intake.delimited import csv_cell

ROWS_PER_SHEET = 1_000_000  # Excel's own limit is 1,048,576 with the heading
CELL_CHARACTERS = 32_767  # Excel's limit; longer text makes it "repair" the file
BATCH_ROWS = 500
# [$-107041E]: western digits (01), Buddhist calendar (07), Thai (041E). Excel and LibreOffice both read this form;
# the newer [$-th-TH,107] is Excel 2016 and later only.
THAI_DATE = "[$-107041E]d mmm yyyy"
THAI_DATETIME = "[$-107041E]d mmm yyyy hh:mm"
FONT, FONT_POINTS = "TH Sarabun New", 16

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
NEEDS_CARE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff&<>\t\n]")
PRESERVE = ' xml:space="preserve"'
FORBIDDEN_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
EPOCH = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's clock has no zone

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def text_cell(value):
    """`value` as the text of a string-typed cell: never a formula, never characters XML cannot carry.

    Leading = + - @ and their full-width forms stay as they are: a cell typed as string is not evaluated.
    """
    text = LOOKS_ESCAPED.sub("_x005F_", ILLEGAL.sub("", str(value)))
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def sheet_name(name, number=1):
    """A worksheet name Excel accepts (31 characters, none of []:*?/\\), numbered from the second on."""
    suffix = f" ({number})" if number > 1 else ""
    clean = FORBIDDEN_IN_NAME.sub(" ", name).strip("' ") or "Sheet"
    return clean[: 31 - len(suffix)] + suffix


def column_letters(count):
    """The first `count` column names: A, B, … AA, …"""
    names = []
    for number in range(1, count + 1):
        letters = ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        names.append(letters)
    return names


def serial(value):
    """The workbook number of a date or of a naive datetime in local time; ValueError for one that has a zone."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            raise ValueError("a workbook has no time zones: pass local time without one")
        return (value - EPOCH) / datetime.timedelta(days=1)
    return (value - EPOCH.date()).days


def write_line_list(
    target, headings, rows, *, name="รายชื่อ", widths=None, properties=None, footer="", rows_per_sheet=ROWS_PER_SHEET
):
    """Write `rows` (iterable of sequences as long as `headings`) to `target` (path or binary file); returns how many.

    Cells may be str, int, float, Decimal, bool, date, naive datetime or None; any other type is TypeError. A new sheet
    begins, with the headings again, every `rows_per_sheet` rows. `properties` may hold title, subject, creator,
    keywords, description; `footer` is printed under each page.
    """
    if not 1 <= rows_per_sheet <= 1_048_575:
        raise ValueError("a sheet holds 1 to 1,048,575 rows beside its heading")
    total, names = 0, []
    source = iter(rows)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        _write_part(archive, "_rels/.rels", _root_relations())
        pending = next(source, None)
        while pending is not None or not names:
            names.append(sheet_name(name, len(names) + 1))
            with archive.open(_info(f"xl/worksheets/sheet{len(names)}.xml"), "w", force_zip64=True) as part:
                written, pending = _write_sheet(part, headings, pending, source, widths, footer, rows_per_sheet)
            total += written
        for part_name, text in _shell(names, properties or {}).items():
            _write_part(archive, part_name, text)
    return total


def _info(name):
    # a fixed date: the same rows give the same bytes, and no clock is asked
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info._compresslevel = 1
    return info


def _write_part(archive, name, text):
    archive.writestr(_info(name), text.encode())


def _write_sheet(part, headings, pending, source, widths, footer, limit):
    """Write one worksheet; (rows written, the first row that did not fit or None)."""
    letters = column_letters(len(headings))
    part.write(_sheet_head(letters, headings, widths).encode())
    written, batch = 0, []
    while pending is not None and written < limit:
        written += 1
        batch.append(_row(letters, pending, written + 1))
        if len(batch) == BATCH_ROWS:
            part.write("".join(batch).encode())
            batch = []
        pending = next(source, None)
    part.write(("".join(batch) + _sheet_tail(letters[-1], written + 1, footer)).encode())
    return written, pending


def _sheet_head(letters, headings, widths):
    widths = widths or [max(10, min(40, len(str(heading)) + 4)) for heading in headings]
    columns = "".join(
        f'<col min="{i}" max="{i}" width="{width}" customWidth="1"/>' for i, width in enumerate(widths, start=1)
    )
    heading = "".join(
        f'<c r="{letter}1" s="1" t="inlineStr"><is><t xml:space="preserve">{escape(text_cell(text))}</t></is></c>'
        for letter, text in zip(letters, headings, strict=True)
    )
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'
        '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols>{columns}</cols><sheetData><row r="1">{heading}</row>'
    )


def _sheet_tail(last_column, last_row, footer):
    # &L left, &R right, &P page, &N pages; a doubled & is the character itself
    printed = escape("&L" + text_cell(footer).replace("&", "&&") + "&R&P / &N")
    return (
        f'</sheetData><autoFilter ref="A1:{last_column}{last_row}"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        f"<headerFooter><oddFooter>{printed}</oddFooter></headerFooter></worksheet>"
    )


def _row(letters, row, number):
    """One row's XML. Whether any text in it needs care is asked once for all of them: it is the hot path."""
    if len(row) != len(letters):
        raise ValueError(f"row {number} has {len(row)} cells, the heading {len(letters)}")
    # joined by blanks, a text with a blank at its edge shows as two
    joined = f" {' '.join([value for value in row if type(value) is str and value])} "
    space = ""
    if "  " in joined or "_x" in joined or len(joined) > CELL_CHARACTERS or NEEDS_CARE.search(joined):
        row = [_escaped(value) if type(value) is str else value for value in row]
        space = PRESERVE
    cells = [
        f'<c r="{letter}{number}" t="inlineStr"><is><t{space}>{value}</t></is></c>'
        if type(value) is str
        else f'<c r="{letter}{number}"><v>{value}</v></c>'
        if type(value) is int
        else _other(letter, number, value)
        for letter, value in zip(letters, row, strict=True)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _escaped(text):
    return escape(text_cell(text), {"\r": "&#13;"})


def _other(letter, number, value):
    place = f'<c r="{letter}{number}"'
    if isinstance(value, bool):
        return f'{place} t="b"><v>{value:d}</v></c>'
    if isinstance(value, datetime.date):
        style = 3 if isinstance(value, datetime.datetime) else 2
        return f'{place} s="{style}"><v>{serial(value)}</v></c>'
    if isinstance(value, int | float | decimal.Decimal):
        if not math.isfinite(value):
            raise ValueError("a sheet cannot hold infinity or NaN")
        return f"{place}><v>{value}</v></c>"
    if isinstance(value, str):  # subclasses such as lazy labels' results
        return f'{place} t="inlineStr"><is><t xml:space="preserve">{_escaped(value)}</t></is></c>'
    raise TypeError(f"a cell cannot hold {type(value).__name__}")


def _root_relations():
    return (
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>"
    )


def _shell(names, properties):
    """The parts around the worksheets, by their names in the package."""
    return {
        "xl/workbook.xml": _workbook(names),
        "xl/_rels/workbook.xml.rels": _workbook_relations(len(names)),
        "xl/styles.xml": _styles(),
        "docProps/core.xml": _core(properties),
        "[Content_Types].xml": _content_types(len(names)),
    }


def _workbook(names):
    sheets, titles = [], []
    for i, name in enumerate(names, start=1):
        quoted = escape(name.replace("'", "''"))
        sheets.append(f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>')
        titles.append(f'<definedName name="_xlnm.Print_Titles" localSheetId="{i - 1}">\'{quoted}\'!$1:$1</definedName>')
    return (
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{"".join(sheets)}</sheets>'
        f"<definedNames>{''.join(titles)}</definedNames></workbook>"
    )


def _workbook_relations(count):
    sheets = "".join(
        f'<Relationship Id="rId{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, count + 1)
    )
    return (
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{sheets}'
        f'<Relationship Id="rId{count + 1}" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )


def _content_types(count):
    kinds = {f"/xl/worksheets/sheet{i}.xml": f"{SHEET_TYPE}.worksheet+xml" for i in range(1, count + 1)}
    kinds["/xl/workbook.xml"] = f"{SHEET_TYPE}.sheet.main+xml"
    kinds["/xl/styles.xml"] = f"{SHEET_TYPE}.styles+xml"
    kinds["/docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _styles():
    """Cell formats: 0 plain, 1 heading, 2 date in พ.ศ., 3 date and time in พ.ศ."""
    font = f'<sz val="{FONT_POINTS}"/><name val="{FONT}"/><family val="2"/>'
    return (
        f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="{THAI_DATE}"/>'
        f'<numFmt numFmtId="165" formatCode="{THAI_DATETIME}"/></numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
        '<alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _core(properties):
    known = {"title": "dc", "subject": "dc", "creator": "dc", "description": "dc", "keywords": "cp"}
    if unknown := properties.keys() - known.keys():
        raise ValueError(f"unknown document properties: {sorted(unknown)}")
    # the schema wants each once, in any order
    body = "".join(
        f"<{known[key]}:{key}>{escape(text_cell(value))}</{known[key]}:{key}>" for key, value in properties.items()
    )
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{body}</cp:coreProperties>'
    )


def write_csv(target, headings, rows):
    """Write a UTF-8 CSV with BOM (Excel needs it for Thai) to the binary file `target`; returns the rows written.

    Texts that would start a formula get an apostrophe, which our own import takes off again (SECURITY EX-05).
    """
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=False)
    try:
        writer = csv.writer(text)
        writer.writerow([csv_cell(str(heading)) for heading in headings])
        total = 0
        for row in rows:
            writer.writerow([csv_cell(value) if isinstance(value, str) else value for value in row])
            total += 1
        text.flush()
    finally:
        text.detach()
    return total
