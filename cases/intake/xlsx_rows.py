"""Owns reading a checked .xlsx package row by row in bounded memory: a byte scan for shape, calamine for values.

The scan finds what a parser hides (hidden rows, merged ranges, true row count, stray far cells) without trusting
<dimension>. Values then come from calamine, which is fed small workbooks of consecutive rows: its dense table never
spans more than one slice, so neither a cell at XFD1048576 nor a million rows can make it big.
"""

import io
import itertools
import posixpath
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

import python_calamine
from defusedxml import ElementTree

from .refusal import MIB, refused

READ_BYTES = 1 << 18
MAX_ROW = 1_048_576
MAX_ROW_BYTES = 16 * MIB  # 60 cells of the longest text Excel can hold are 6 MB
SLICE_BYTES = 8 * MIB
SLICE_MAX_BYTES = 64 * MIB
SLICE_ROWS = 20_000
KEPT_POSITIONS = 10_000  # hidden rows and merges remembered by position; beyond that only counted
SMALL_PART = 8 * MIB

ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Z]+)\d+["']""")
MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")
DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s[^>]*?ref\s*=\s*["'](?:[A-Z]+\d+:)?[A-Z]+(\d+)["']""")
ROOT = re.compile(rb"<(?:(\w+):)?worksheet[\s>][^>]*>?")
DDE = re.compile(rb"<(?:\w+:)?f[\s>][^<]*\|[^<]*!")
ERROR_TYPE = re.compile(rb"""(<(?:\w+:)?c\s[^>]*?\bt=)["']e["']""")


@dataclass
class SheetShape:
    """What the scan learnt of one worksheet; rows count from 1 as Excel shows them."""

    name: str
    part: str = ""
    hidden: bool = False
    rows: int = 0  # non-empty ones
    first_rows: list = field(default_factory=list)  # (row number, filled cells) of the first 30 non-empty rows
    last_row: int = 0
    columns: int = 0
    hidden_rows: list = field(default_factory=list)
    hidden_row_count: int = 0
    merges: list = field(default_factory=list)  # (first row, first column, last row, last column)
    declared_last_row: int | None = None


def column_number(letters):
    """1 for A, 16384 for XFD; bytes or text."""
    number = 0
    for letter in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number):
    """A for 1, XFD for 16384."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def workbook_sheets(archive):
    """([SheetShape with name, part and hidden], is_1904) from the package's own index; raises SheetRefused (X08)."""
    try:
        book = ElementTree.fromstring(_small_part(archive, "xl/workbook.xml"))
        relations = ElementTree.fromstring(_small_part(archive, "xl/_rels/workbook.xml.rels"))
    except (ParseError, KeyError, ValueError) as error:
        raise refused("structure") from error
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    is_1904 = False
    shapes = []
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr":
            is_1904 = element.get("date1904") in ("1", "true")
        elif tag == "sheet":
            key = next((value for name, value in element.attrib.items() if name.endswith("}id")), None)
            part = posixpath.normpath(posixpath.join("/xl", targets.get(key, ""))).lstrip("/")
            shapes.append(SheetShape(element.get("name", ""), part, element.get("state", "visible") != "visible"))
    names = set(archive.namelist())
    return [shape for shape in shapes if shape.part in names], is_1904


def _small_part(archive, name):
    if archive.getinfo(name).file_size > SMALL_PART:
        raise refused("structure")
    return archive.read(name)


class _RowCutter:
    """Cuts a worksheet's XML into (row number, row bytes); knows the head before the rows and the merges after."""

    def __init__(self, part):
        self.part = part
        self.head = b""
        self.prefix = b""
        self.merges = []
        self._end = None

    def __iter__(self):
        rows_found = self._find_rows()
        if rows_found is None:
            return
        start = re.compile(b"<" + self.prefix + rb"row[\s>/]")
        stop = b"</" + self.prefix + b"sheetData"
        previous = 0
        for piece in self._pieces(rows_found, start, stop):
            previous = self._number(piece, previous)
            yield previous, piece
        self._scan_tail()

    def _find_rows(self):
        """Read up to <sheetData>; the bytes after it, or None where the part is no worksheet or has no rows."""
        buffer = b""
        while chunk := self.part.read(READ_BYTES):
            buffer += chunk
            if len(buffer) > SMALL_PART:
                raise refused("structure")
            root = ROOT.search(buffer)
            if root is None:
                continue
            self.prefix = root[1] + b":" if root[1] else b""
            opening = re.search(b"<" + self.prefix + rb"sheetData\s*(/?)>", buffer)
            if opening is None:
                continue
            self.head = buffer[: opening.start()]
            self._root = root[0]
            if opening[1]:
                self._end = buffer[opening.end() :]
                self._scan_tail()
                return None
            return buffer[opening.end() :]
        return None

    def _pieces(self, buffer, start, stop):
        while True:
            end = buffer.find(stop)
            inside = buffer if end < 0 else buffer[:end]
            starts = [match.start() for match in start.finditer(inside)]
            for left, right in itertools.pairwise(starts):
                yield inside[left:right]
            if end >= 0:
                if starts:
                    yield inside[starts[-1] :]
                self._end = buffer[end:]
                return
            buffer = buffer[starts[-1] :] if starts else buffer
            if len(buffer) > MAX_ROW_BYTES:
                raise refused("structure")
            chunk = self.part.read(READ_BYTES)
            if not chunk:
                raise refused("structure")
            buffer += chunk

    def _number(self, piece, previous):
        tag = piece[: piece.find(b">") + 1]
        found = ROW_NUMBER.search(tag)
        number = int(found[1]) if found else previous + 1
        # Excel never writes rows twice or out of order; a file that does is made to confuse readers
        if not previous < number <= MAX_ROW:
            raise refused("structure")
        return number

    def _scan_tail(self):
        buffer = self._end or b""
        while True:
            cut = buffer.rfind(b"<")
            for match in MERGE.finditer(buffer):
                if len(self.merges) < KEPT_POSITIONS:
                    first, top, last, bottom = match.groups()
                    self.merges.append((int(top), column_number(first), int(bottom), column_number(last)))
            chunk = self.part.read(READ_BYTES)
            if not chunk:
                return
            # a tag cut in two is looked at again whole; `cut` starts no complete mergeCell, or it is at the very end
            rest = buffer[cut:] if cut >= 0 and b">" not in buffer[cut:] else b""
            buffer = rest[:4096] + chunk

    def slice_of(self, pieces):
        """A worksheet of `pieces` alone, in the original's namespaces."""
        name = self.prefix
        opening = self._root + b"<" + name + b"sheetData>"
        return b"".join([opening, *pieces, b"</" + name + b"sheetData></" + name + b"worksheet>"])


def scan(archive, shape, limits):
    """Fill `shape` from the sheet's XML; refuses columns beyond the limit (X14) and DDE formulas (X12)."""
    with archive.open(shape.part) as part:
        cutter = _RowCutter(part)
        for number, piece in cutter:
            if HIDDEN.search(piece, 0, piece.find(b">") + 1):
                shape.hidden_row_count += 1
                if len(shape.hidden_rows) < KEPT_POSITIONS:
                    shape.hidden_rows.append(number)
            filled = _last_filled(piece, cutter.prefix)
            if filled < 0:
                continue
            _note_row(shape, number, piece, filled, cutter.prefix, limits)
        shape.merges = cutter.merges
        declared = DIMENSION.search(cutter.head)
        shape.declared_last_row = int(declared[1]) if declared else None


def _note_row(shape, number, piece, filled, prefix, limits):
    shape.rows += 1
    shape.last_row = number
    cell = piece.rfind(b"<" + prefix + b"c", 0, filled)
    reference = COLUMN.search(piece, cell, filled)
    width = column_number(reference[1]) if reference else _walked_column(piece[:filled], prefix)
    if width > limits.columns and not shape.hidden:
        raise refused("too_wide", rows=limits.rows, columns=limits.columns)
    shape.columns = max(shape.columns, width)
    if len(shape.first_rows) < 30:
        shape.first_rows.append((number, len(_filled_pattern(prefix).findall(piece))))
    if b"|" in piece and DDE.search(piece):
        raise refused("external")


def _walked_column(piece, prefix):
    """Column of the last cell in `piece` where cells need not say theirs: one after the cell before."""
    column = 0
    for match in re.finditer(b"<" + prefix + rb"c(?:\s[^>]*)?>", piece):
        reference = COLUMN.search(match[0])
        column = column_number(reference[1]) if reference else column + 1
    return column


def _last_filled(piece, prefix):
    """Where the last value in a row's bytes begins, or -1: styled empty cells and formulas giving "" hold nothing."""
    value = piece.rfind(b"<" + prefix + b"v")
    inline = piece.rfind(b"<" + prefix + b"is")
    if inline > value:
        return inline
    if value < 0:
        return -1
    close = piece.find(b">", value)
    if piece[close - 1 : close] != b"/" and piece[close + 1 : close + 2] != b"<":
        return value
    last = -1
    for match in _filled_pattern(prefix).finditer(piece):
        last = match.start()
    return last


_PATTERNS = {}


def _filled_pattern(prefix):
    if prefix not in _PATTERNS:
        _PATTERNS[prefix] = re.compile(b"<" + prefix + rb"v(?:\s[^>]*)?(?<!/)>[^<]|<" + prefix + rb"is[\s>]")
    return _PATTERNS[prefix]


def rows(archive, shape):
    """Yield (row number, list of raw calamine values from column A) for every row the sheet has, top to bottom.

    While the caller works on one slice the next is parsed beside it: calamine lets go of the interpreter meanwhile.
    """
    skeleton = _Skeleton(archive, shape)
    with ThreadPoolExecutor(1) as beside:
        ahead = None
        for sheet_xml, first in _slices(archive, shape, skeleton.strings_bytes):
            try:
                begun = beside.submit(skeleton.values, sheet_xml, first)
            except RuntimeError as error:  # no room for another thread
                raise MemoryError from error
            if ahead:
                yield from ahead.result()
            ahead = begun
        if ahead:
            yield from ahead.result()


def _slices(archive, shape, strings_bytes):
    """(worksheet XML of consecutive rows, number of the first of them) until all rows were in one."""
    # every slice reads all shared strings again: keep that a small part of the work
    budget = min(max(SLICE_BYTES, 2 * strings_bytes), SLICE_MAX_BYTES)
    with archive.open(shape.part) as part:
        cutter = _RowCutter(part)
        pieces, size, first = [], 0, 0
        for number, piece in cutter:
            # by span as well as by bytes: calamine's table is dense, and rows may lie far apart
            if pieces and (size + len(piece) > budget or number - first >= SLICE_ROWS):
                yield cutter.slice_of(pieces), first
                pieces, size = [], 0
            if not pieces:
                first = number
            pieces.append(piece if ROW_NUMBER.search(piece, 0, piece.find(b">") + 1) else _numbered(piece, number))
            size += len(piece)
        if pieces:
            yield cutter.slice_of(pieces), first


def _numbered(piece, number):
    """The row with its implied number written out, so that a slice still knows where it stood."""
    name_end = re.match(rb"<[\w:]+", piece).end()
    return piece[:name_end] + b' r="%d"' % number + piece[name_end:]


class _Skeleton:
    """The parts of the package a slice needs beside its rows: index, styles, shared strings."""

    def __init__(self, archive, shape):
        self.shape = shape
        names = archive.namelist()
        kept = [
            name
            for name in names
            if not name.startswith(("xl/worksheets/", "xl/media/", "xl/drawings/", "xl/theme/", "docProps/"))
            and name != shape.part
            and not name.startswith(("xl/printerSettings/", "customXml/", "xl/calcChain", "xl/pivot", "xl/tables/"))
        ]
        self.parts = [(name, archive.read(name)) for name in kept]
        self.strings_bytes = sum(len(data) for name, data in self.parts if "sharedstrings" in name.lower())

    def values(self, sheet_xml, first):
        """[(row number, values)] of one slice; `first` is the number of its first row."""
        if b'"e"' in sheet_xml or b"'e'" in sheet_xml:
            # calamine reads #N/A and #REF! as blanks; as text they reach the person who must mend them
            sheet_xml = ERROR_TYPE.sub(rb'\1"str"', sheet_xml)
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
            for name, data in self.parts:
                archive.writestr(name, data)
            archive.writestr(self.shape.part, sheet_xml)
        del sheet_xml
        package.seek(0)
        with python_calamine.load_workbook(package) as book:
            sheet = book.get_sheet_by_name(self.shape.name)
            if sheet.start is None:
                return []
            top, left = sheet.start
            if top + 1 < first:
                raise refused("structure")
            pad = [""] * left
            values = sheet.to_python(skip_empty_area=True)
        return [(number, pad + row if left else row) for number, row in enumerate(values, start=top + 1)]
