"""Owns the reading of any uploaded sheet: file → facts about it, then rows with positions. Knows no domain, no Django.

The parser runs in a child process with hard limits (SECURITY UP-10); this process only sees batches of plain cells,
so it stays small whatever the file is, and the child's death is a refusal like any other.
"""

import dataclasses
import datetime
import fcntl
import logging
import os
import select
import signal
import struct
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from .refusal import NATIONAL, SMALL, Limits, SheetRefused, check_file_size, check_rows, refused

__all__ = ["NATIONAL", "SMALL", "FileInfo", "Limits", "Reading", "Sheet", "SheetRefused", "check_rows", "read_sheet"]

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from cases.intake.sheet_child import main; main()"
FRAME_MAX_BYTES = 64 * 1024 * 1024
PIPE_BYTES = 1024 * 1024
OUT_OF_TIME = (signal.SIGXCPU, signal.SIGKILL)


@dataclass(frozen=True)
class Sheet:
    """One worksheet as found. Row numbers count from 1 as in Excel; ranges are written "A5:A24"."""

    name: str
    hidden: bool
    rows: int  # non-empty rows, heading and titles included
    data_rows: int  # those below heading_end; the caller that knows better calls check_rows itself
    heading_end: int  # by form alone
    columns: int
    hidden_rows: tuple  # their numbers, at most 10,000 of them
    hidden_row_count: int
    merged: tuple  # ranges below the heading
    merges: tuple  # all of them, as (first row, first column, last row, last column)


@dataclass(frozen=True)
class FileInfo:
    """Facts about a file that may be read. kind "xlsx" | "xls" | "csv"; encoding and delimiter for "csv" only."""

    kind: str
    encoding: str | None
    delimiter: str | None
    is_1904: bool
    sheets: tuple  # visible ones, in workbook order
    hidden_sheets: tuple  # not read
    notices: tuple  # {"code", "message_th", "message_en"}


class Reading:
    """A file being read: `.info`, then iterate once for (sheet name, row number, tuple of cells).

    Cells are str, int, float, bool, datetime.datetime, datetime.date or None; every row of a sheet is equally long;
    empty rows are left out. Iterating may raise SheetRefused.
    """

    def __init__(self, frames):
        self._frames = frames
        self.info = _info(next(frames)["info"])

    def __iter__(self):
        names = [sheet.name for sheet in self.info.sheets]
        for frame in self._frames:
            if isinstance(frame, dict):  # {"end": …}
                return
            index, numbers, rows = frame
            name = names[index]
            for number, row in zip(numbers, rows, strict=True):
                yield name, number, tuple(map(_dated, row)) if dict in map(type, row) else tuple(row)


@contextmanager
def read_sheet(path, limits=SMALL):
    """Open the file at `path` in a child process and give a Reading; the child is gone when the block is left.

    Raises SheetRefused on entering or while iterating, OSError where `path` cannot be read.
    """
    with Path(path).open("rb") as file:
        check_file_size(os.fstat(file.fileno()).st_size, limits)
        command = [sys.executable, "-I", "-c", START, str(ROOT), orjson.dumps(dataclasses.asdict(limits)).decode()]
        # the child needs no secret of ours: an empty environment, the file as its standard input, nothing else
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONHASHSEED": "random", "MALLOC_ARENA_MAX": "2"},
        )
    with suppress(OSError):  # a wider pipe lets both work at once; the kernel may refuse, and it works without
        fcntl.fcntl(child.stdout.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    try:
        yield Reading(_frames(child, limits))
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _frames(child, limits):
    """Yield the child's messages up to and with {"end"}; anything else than a proper end is SheetRefused."""
    waited = _Waiting(child, limits)
    while True:
        (length,) = struct.unpack("<I", waited.read(4))
        if length > FRAME_MAX_BYTES:
            raise refused("structure")
        message = orjson.loads(waited.read(length))
        if isinstance(message, dict):
            if "refused" in message:
                raise SheetRefused(*message["refused"])
            if "broken" in message:
                logger.error("sheet child failed: %s", message["broken"])
                raise refused("structure")
        yield message
        if isinstance(message, dict) and "end" in message:
            return


class _Waiting:
    """Reads the child's pipe; counts only the time this process waits, for a slow caller is not the file's fault."""

    def __init__(self, child, limits):
        self.child, self.limits = child, limits
        self.descriptor = child.stdout.fileno()
        self.left = float(limits.seconds)
        self.poll = select.poll()  # select() fails on descriptors above 1023, which a busy server reaches
        self.poll.register(self.descriptor, select.POLLIN)

    def read(self, size):
        """Exactly `size` bytes, or SheetRefused when the child dies or takes too long."""
        parts = []
        while size:
            started = time.monotonic()
            ready = self.poll.poll(max(self.left, 0) * 1000)
            self.left -= time.monotonic() - started
            if not ready:
                raise refused("time", limit=self.limits.seconds)
            part = os.read(self.descriptor, min(size, 1 << 20))
            if not part:
                raise self._death()
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _death(self):
        code = self.child.wait()
        logger.warning("sheet child ended with code %s", code)
        if -code in OUT_OF_TIME:
            return refused("time", limit=self.limits.seconds)
        # an allocation refused by the address-space limit aborts native code, and Python may not even start
        return refused("memory", limit=self.limits.memory_bytes // (1024 * 1024))


def _info(found):
    sheets = [
        Sheet(**{key: tuple(value) if isinstance(value, list) else value for key, value in sheet.items()})
        for sheet in found.pop("sheets")
    ]
    visible = tuple(sheet for sheet in sheets if not sheet.hidden)
    hidden = tuple(sheet for sheet in sheets if sheet.hidden)
    return FileInfo(**{**found, "notices": tuple(found["notices"])}, sheets=visible, hidden_sheets=hidden)


def _dated(cell):
    if type(cell) is not dict:
        return cell
    text = cell["d"]
    return datetime.datetime.fromisoformat(text) if "T" in text else datetime.date.fromisoformat(text)
