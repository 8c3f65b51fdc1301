"""Owns delimited text: which encoding and delimiter a .csv has, its rows with positions, and the formula apostrophe.

`csv_cell`/`uncsv_cell` are one rule read in both directions (SECURITY EX-05), so they live together.
"""

import codecs
import csv
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from .refusal import refused

READ_BYTES = 1 << 18
SAMPLE_CHARACTERS = 64 * 1024
DELIMITERS = ",;\t|"
FIELD_CHARACTERS = 1_000_000  # one unclosed quote must not swallow the file

# What a spreadsheet takes for the start of a formula, also after blanks or a byte-order mark.
FORMULA_START = re.compile("[\\s\ufeff\u200b\0]*[=+\\-@\t\r\0\uff1d\uff0b\uff0d\uff20]")
NO_TEXT = re.compile("[\0-\x08\x0e-\x1f\ufffe\uffff]")  # what no sheet saved as text holds
_GUARDED = re.compile("'+" + FORMULA_START.pattern)


def csv_cell(text):
    """`text` safe for a CSV opened in a spreadsheet: an apostrophe before what would start a formula.

    Text that already looks guarded gets one more, so that `uncsv_cell` always gives the original back.
    """
    if FORMULA_START.match(text) or _GUARDED.match(text):
        return "'" + text
    return text


def uncsv_cell(text):
    """The text `csv_cell` was given."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


@dataclass
class Dialect:
    """How the bytes of a .csv are read. `encoding` is Python's name, `shown` the one told to people."""

    encoding: str
    shown: str
    delimiter: str = ","
    skip_lines: int = 0  # 1 where Excel's own "sep=;" line leads


def detect(stream):
    """The Dialect of a seekable binary stream; raises SheetRefused for bytes that are no text."""
    encoding, shown = _encoding(stream)
    dialect = Dialect(encoding, shown)
    with _text(stream, dialect) as text:
        sample = text.read(SAMPLE_CHARACTERS)
    marked = re.match(r'"?sep=(.)"?\r?\n', sample, re.IGNORECASE)
    if marked:
        dialect.delimiter, dialect.skip_lines = marked[1], 1
    else:
        dialect.delimiter = max(DELIMITERS, key=lambda delimiter: _columns(sample, delimiter))
    return dialect


def _encoding(stream):
    stream.seek(0)
    head = stream.read(READ_BYTES)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", "UTF-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "UTF-16"
    if b"\0" in head:
        # without a mark: in UTF-16 the line ends and digits leave zero bytes on one side only
        even, odd = head[::2].count(0), head[1::2].count(0)
        guess = "utf-16-le" if odd > even else "utf-16-be"
        text = head[: len(head) // 2 * 2].decode(guess, errors="replace")
        if max(even, odd) > 4 * min(even, odd) and not NO_TEXT.search(text):
            return guess, "UTF-16"
        raise refused("not_a_sheet")
    return ("utf-8", "UTF-8") if _is_utf8(stream) else ("cp874", "Windows-874")


def _is_utf8(stream):
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    stream.seek(0)
    try:
        while chunk := stream.read(READ_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _columns(sample, delimiter):
    """How many columns the sample has under `delimiter`: the middle row's, so one comma in a title is not believed."""
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row][:200]
    except csv.Error:
        return 0
    return median(widths) if widths else 0


@contextmanager
def _text(stream, dialect):
    """A text view from the start that leaves `stream` open; bytes that are no text become U+FFFD, which row checks
    report (X50)."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=dialect.encoding, errors="replace", newline="")
    try:
        yield text
    finally:
        text.detach()


def rows(stream, dialect, limits):
    """Yield (row number from 1, list of text or None, from column A) of every non-empty row, as a spreadsheet counts.

    Raises SheetRefused: X14 too many columns, X08 a field no person wrote.
    """
    csv.field_size_limit(FIELD_CHARACTERS)
    with _text(stream, dialect) as text:
        for _ in range(dialect.skip_lines):
            text.readline()
        try:
            for number, row in enumerate(csv.reader(text, delimiter=dialect.delimiter), start=1):
                while row and not row[-1]:
                    row.pop()
                if not row:
                    continue
                if len(row) > limits.columns:
                    raise refused("too_wide", rows=limits.rows, columns=limits.columns)
                yield number, [uncsv_cell(cell) or None for cell in row]
        except csv.Error as error:
            raise refused("structure") from error
