"""Owns the parsing child: reads one file from standard input within hard limits and writes its rows as frames.

Started by `sheet.read_sheet` only. A frame is a 4-byte length and JSON: {"info": …} first, then [sheet, numbers, rows]
batches, at last {"end": rows} – or {"refused": …} / {"broken": …} at any point. Dates travel as {"d": ISO text}.
"""

import datetime
import gc
import os
import resource
import struct
import sys
import traceback

import orjson
import python_calamine

from . import biff, delimited, guard, xlsx_rows
from .refusal import Limits, SheetRefused, check_rows, refused, say

BATCH_ROWS = 500
FRAME_BYTES = 4 * 1024 * 1024
FRAME_MAX_BYTES = 32 * 1024 * 1024
EXACT_INTEGER = 2**53
HEADING_DEPTH = 3  # a heading cell merged further down than this is data


def main():
    """Entry of the child; argv[1] holds the Limits as JSON."""
    limits = Limits(**orjson.loads(sys.argv[1]))
    gc.disable()  # cells make no cycles, and the collector would walk millions of them again and again
    _limit_self(limits)
    with open(0, "rb", closefd=False) as stream:
        try:
            _read(stream, limits)
        except SheetRefused as refusal:
            _send_refusal(refusal)
        except MemoryError:
            _send_refusal(refused("memory", limit=limits.memory_bytes // (1024 * 1024)))
        except python_calamine.PasswordError:
            _send_refusal(refused("password"))
        except python_calamine.CalamineError:
            _send_refusal(refused("structure"))
        except BrokenPipeError:
            os._exit(0)  # the reader has had enough
        except Exception as error:
            # our own fault: where it happened may be logged, the values that caused it may not (they are personal data)
            place = traceback.extract_tb(error.__traceback__)[-1]
            _send({"broken": f"{type(error).__name__} in {place.name} line {place.lineno}"})


def _limit_self(limits):
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(message):
    _write(orjson.dumps(message))


def _write(data):
    view = memoryview(struct.pack("<I", len(data)) + data)
    while view:
        view = view[os.write(1, view) :]


def _send_refusal(refusal):
    _send({"refused": [refusal.code, refusal.message_th, refusal.message_en]})


def _read(stream, limits):
    kind = guard.kind_of(stream)
    {"zip": _read_xlsx, "ole": _read_xls, "text": _read_csv}[kind](stream, limits)


def _read_xlsx(stream, limits):
    archive = guard.open_workbook_zip(stream, limits)
    shapes, is_1904 = xlsx_rows.workbook_sheets(archive)
    if len(shapes) > limits.sheets:
        raise refused("sheets", count=len(shapes), limit=limits.sheets)
    for shape in shapes:
        xlsx_rows.scan(archive, shape, limits)
    visible = _announce("xlsx", shapes, limits, is_1904=is_1904)
    total = 0
    for index, shape in enumerate(visible):
        total += _send_rows(index, xlsx_rows.rows(archive, shape), shape.columns)
    _send({"end": total})


def _read_xls(stream, limits):
    hidden_rows, is_1904 = biff.inspect(stream.read())
    stream.seek(0)
    with python_calamine.load_workbook(stream) as book:
        if len(book.sheet_names) > limits.sheets:
            raise refused("sheets", count=len(book.sheet_names), limit=limits.sheets)
        shapes, tables = [], []
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            shape = xlsx_rows.SheetShape(meta.name, hidden=meta.visible != python_calamine.SheetVisibleEnum.Visible)
            shape.hidden_rows = hidden_rows.get(index, [])
            shape.hidden_row_count = len(shape.hidden_rows)
            shape.merges = [
                (top + 1, left + 1, bottom + 1, right + 1)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
            ]
            rows = list(enumerate(sheet.to_python(skip_empty_area=False), start=1))
            _measure(
                shape, ((number, [value if value != "" else None for value in row]) for number, row in rows), limits
            )
            shapes.append(shape)
            tables.append(rows)
    visible = _announce("xls", shapes, limits, is_1904=is_1904)
    shown = [rows for shape, rows in zip(shapes, tables, strict=True) if not shape.hidden]
    total = sum(_send_rows(i, rows, visible[i].columns) for i, rows in enumerate(shown))
    _send({"end": total})


def _read_csv(stream, limits):
    dialect = delimited.detect(stream)
    shape = xlsx_rows.SheetShape("")
    _measure(shape, delimited.rows(stream, dialect, limits), limits)
    _announce("csv", [shape], limits, dialect=dialect)
    _send({"end": _send_rows(0, delimited.rows(stream, dialect, limits), shape.columns)})


def _measure(shape, rows, limits):
    """Fill `shape` from values where there is no XML to scan."""
    for number, row in rows:
        filled = [column for column, value in enumerate(row, start=1) if value is not None]
        if not filled:
            continue
        if filled[-1] > limits.columns and not shape.hidden:
            raise refused("too_wide", rows=limits.rows, columns=limits.columns)
        shape.rows += 1
        shape.last_row = number
        shape.columns = max(shape.columns, filled[-1])
        if len(shape.first_rows) < 30:
            shape.first_rows.append((number, len(filled)))


def heading_end(shape):
    """Row number of the last heading row, by form alone: the first row at least half as full as the fullest of the
    first thirty, down to the end of cells merged downwards from it. 0 for an empty sheet.
    """
    if not shape.first_rows:
        return 0
    fullest = max(filled for _, filled in shape.first_rows)
    top = next(number for number, filled in shape.first_rows if filled * 2 >= fullest)
    bottoms = [bottom for first, _, bottom, _ in shape.merges if first == top and bottom <= top + HEADING_DEPTH]
    return max([top, *bottoms])


def _announce(kind, shapes, limits, is_1904=False, dialect=None):
    """Send the info frame; refuses by row counts (X16, X29). Returns the visible shapes in order."""
    sheets, notices = [], []
    for shape in shapes:
        end = heading_end(shape)
        merged = [merge for merge in shape.merges if end < merge[0] <= shape.last_row]
        sheets.append(_facts(shape, end, merged))
        notices += _sheet_notices(shape, merged)
    check_rows(sum(sheet["data_rows"] for sheet in sheets if not sheet["hidden"]), limits)
    if dialect:
        shown = {"\t": "tab"}.get(dialect.delimiter, dialect.delimiter)
        notices.append(say("detected", encoding=dialect.shown, delimiter=shown))
    encoding, delimiter = (dialect.shown, dialect.delimiter) if dialect else (None, None)
    info = {"kind": kind, "encoding": encoding, "delimiter": delimiter, "is_1904": is_1904}
    _send({"info": {**info, "sheets": sheets, "notices": notices}})
    return [shape for shape in shapes if not shape.hidden]


def _facts(shape, end, merged):
    above = sum(1 for number, _ in shape.first_rows if number <= end)
    return {
        "name": shape.name,
        "hidden": shape.hidden,
        "rows": shape.rows,
        "data_rows": shape.rows - above,
        "heading_end": end,
        "columns": shape.columns,
        "hidden_rows": shape.hidden_rows,
        "hidden_row_count": shape.hidden_row_count,
        "merged": [_range(merge) for merge in merged],
        "merges": shape.merges,
    }


def _sheet_notices(shape, merged):
    if shape.hidden:
        return [say("hidden_sheet", count=shape.rows)] if shape.rows else []
    notices = []
    if shape.declared_last_row is not None and shape.declared_last_row < shape.last_row:
        notices.append(say("dimension", count=shape.rows))
    if shape.hidden_row_count:
        notices.append(say("hidden_rows", count=shape.hidden_row_count))
    downwards = [_range(merge) for merge in merged if merge[2] > merge[0]]
    if downwards:
        notices.append(say("merged", ref=", ".join(downwards[:5]) + (" …" if len(downwards) > 5 else "")))
    return notices


def _range(merge):
    top, left, bottom, right = merge
    return f"{xlsx_rows.column_letters(left)}{top}:{xlsx_rows.column_letters(right)}{bottom}"


def _send_rows(index, rows, width):
    """Send the non-empty rows in batches, each padded or cut to `width`; returns how many there were."""
    numbers, batch, total = [], [], 0
    for number, row in rows:
        if len(row) > width and any(value not in ("", None) for value in row[width:]):
            raise refused("structure")  # cells out of order: the scan saw another sheet than the parser
        cells = [
            (value or None)
            if type(value) is str
            else int(value)
            if type(value) is float and value.is_integer() and abs(value) < EXACT_INTEGER
            else _plain(value)
            for value in row[:width]
        ]
        if cells.count(None) == len(cells):
            continue
        cells += [None] * (width - len(cells))
        numbers.append(number)
        batch.append(cells)
        if len(batch) == BATCH_ROWS:
            _send_batch(index, numbers, batch)
            total += len(batch)
            numbers, batch = [], []
    if batch:
        _send_batch(index, numbers, batch)
    return total + len(batch)


def _send_batch(index, numbers, batch):
    data = orjson.dumps([index, numbers, batch])
    if len(data) <= FRAME_BYTES or (len(batch) == 1 and len(data) <= FRAME_MAX_BYTES):
        _write(data)
    elif len(batch) == 1:
        raise refused("structure")  # one row of 32 MB: no person typed that
    else:
        half = len(batch) // 2
        _send_batch(index, numbers[:half], batch[:half])
        _send_batch(index, numbers[half:], batch[half:])


def _plain(value):
    """A calamine value as JSON can carry it: dates tagged, times as text (whole floats are integers already)."""
    if isinstance(value, datetime.date):
        return {"d": value.isoformat()}
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="seconds")
    return value


if __name__ == "__main__":
    main()
