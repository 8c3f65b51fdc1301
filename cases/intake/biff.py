"""Owns looking into genuine .xls files before a parser does: the OLE container's streams and the workbook's records.

Tells encrypted and macro files apart (X06, UP-08), outside objects (X12), hidden rows (X20) and the 1904 calendar.
Formats: MS-CFB 2.2-2.6 and MS-XLS 2.4 (BOUNDSHEET8, ROW, FILEPASS, DATE1904, SUPBOOK).
"""

import struct

from .refusal import refused

FREE = 0xFFFFFFFA  # this and above are marks, not sectors
ENCRYPTED = {"EncryptedPackage", "EncryptionInfo"}
FILEPASS, DATE1904, BOUNDSHEET, ROW, SUPBOOK, BOF = 0x2F, 0x22, 0x85, 0x208, 0x1AE, 0x809


class Container:
    """The streams of an OLE compound file held in `data`; raises SheetRefused (X08) where its chains lie."""

    def __init__(self, data):
        self.data = data
        try:
            shift, mini_shift = struct.unpack_from("<HH", data, 30)
            directory, _, self.cutoff, mini_fat, _, difat, difat_count = struct.unpack_from("<IIIIIII", data, 48)
            if shift not in (9, 12) or mini_shift != 6:
                raise refused("structure")
            self.size, self.mini_size = 1 << shift, 1 << mini_shift
            self.fat = self._fat(difat, difat_count)
            self.entries = self._entries(self._chain(directory))
            root = next((entry for entry in self.entries if entry[1] == 5), None)
            self.mini = self._chain(root[2]) if root else b""
            raw = self._chain(mini_fat)
            self.mini_table = struct.unpack(f"<{len(raw) // 4}I", raw)
        except struct.error as error:
            raise refused("structure") from error

    def _sector(self, number):
        start = (number + 1) * self.size
        return self.data[start : start + self.size]

    def _fat(self, difat, difat_count):
        sectors = list(struct.unpack_from("<109I", self.data, 76))
        for _ in range(min(difat_count, len(self.data) // self.size)):
            if difat >= FREE:
                break
            block = struct.unpack(f"<{self.size // 4}I", self._sector(difat))
            sectors += block[:-1]
            difat = block[-1]
        raw = b"".join(self._sector(number) for number in sectors if number < FREE)
        return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])

    def _chain(self, number):
        parts = []
        while number < FREE:
            # more links than sectors is a loop
            if number >= len(self.fat) or len(parts) > len(self.fat):
                raise refused("structure")
            parts.append(self._sector(number))
            number = self.fat[number]
        return b"".join(parts)

    def _entries(self, raw):
        entries = []
        for at in range(0, len(raw) - 127, 128):
            length, kind = struct.unpack_from("<HB", raw, at + 64)
            start, size = struct.unpack_from("<II", raw, at + 116)
            if kind:
                name = raw[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", errors="replace")
                entries.append((name, kind, start, size))
        return entries

    def names(self):
        """Names of all streams and storages."""
        return {entry[0] for entry in self.entries}

    def stream(self, name):
        """The bytes of the stream `name`, or None."""
        found = next((entry for entry in self.entries if entry[0] == name and entry[1] == 2), None)
        if found is None:
            return None
        _, _, start, size = found
        if size >= self.cutoff:
            return self._chain(start)[:size]
        parts = []
        while start < FREE:
            if start >= len(self.mini_table) or len(parts) > len(self.mini_table):
                raise refused("structure")
            parts.append(self.mini[start * self.mini_size : (start + 1) * self.mini_size])
            start = self.mini_table[start]
        return b"".join(parts)[:size]


def inspect(data):
    """(hidden row numbers by sheet index, is_1904) of the .xls in `data`; raises SheetRefused for what is not taken."""
    container = Container(data)
    names = container.names()
    if names & ENCRYPTED:
        raise refused("password")
    if any(name.upper() in ("_VBA_PROJECT_CUR", "_VBA_PROJECT", "VBA") for name in names):
        raise refused("macro")
    if any(name.startswith("MBD") or name == "\x01Ole10Native" for name in names):
        raise refused("external")
    book = container.stream("Workbook") or container.stream("Book")
    if book is None:
        raise refused("not_a_sheet")
    return _records(book)


def _records(book):
    starts, hidden, is_1904, sheet, at = {}, {}, False, None, 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        body = at + 4
        if body + length > len(book):
            raise refused("structure")
        if kind == FILEPASS:
            raise refused("password")
        if kind == BOF:
            sheet = starts.get(at)
        elif kind == DATE1904 and length >= 2:
            is_1904 = book[body] == 1
        elif kind == BOUNDSHEET and length >= 4:
            starts[struct.unpack_from("<I", book, body)[0]] = len(starts)
        elif kind == SUPBOOK and length > 4:
            # length 4 is the reference of the workbook to itself
            raise refused("external")
        elif kind == ROW and length >= 16 and sheet is not None and book[body + 12] & 0x20:
            hidden.setdefault(sheet, []).append(struct.unpack_from("<H", book, body)[0] + 1)
        at = body + length
    return hidden, is_1904
