"""Brings a data folder to the state this version of the code expects; `manage.py serve` calls it before it serves.

Every step may be repeated: a second start finds nothing to do and is quick.
"""

import fcntl
import hashlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection, transaction

Say = Callable[[str], object]


class CannotStart(Exception):
    """The product cannot start; the message says why and what to do, in Thai and English."""


# ── before anything is touched ────────────────────────────────────────────────────────────────────────────────


def read_port(text: str) -> int:
    """The TCP port written in `text`. Raises CannotStart when it is not one of 1–65535."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65_535):
        raise CannotStart(f"PORT={text!r} ไม่ใช่หมายเลขพอร์ต (1–65535) / PORT={text!r} is not a port number (1–65535).")
    return int(text)


def refuse_taken_port(host: str, port: int) -> None:
    """Raises CannotStart when something already listens there, or the address is not ours to use."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotStart(
            f"ใช้ที่อยู่ {host}:{port} ไม่ได้ ({error.strerror}) อาจมีโปรแกรมอื่นใช้พอร์ตนี้อยู่ "
            f"ปิดโปรแกรมนั้น หรือสั่ง make run PORT={_other_port(port)}\n"
            f"Cannot use {host}:{port} ({error.strerror}). Another program may be using this port: "
            f"end it, or run: make run PORT={_other_port(port)}"
        ) from error


def _other_port(port: int) -> int:
    return port + 1 if port < 65_535 else 8000


def hold_data_dir() -> IO[str]:
    """Take the data folder for this process; keep the returned handle open. Raises CannotStart when it is taken.

    Two supervisors over one folder would mean two clocks and two writers of the same queue.
    """
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    handle = (settings.DATA_DIR / "serve.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise CannotStart(
            f"ระบบกำลังทำงานอยู่แล้วกับข้อมูลใน {settings.DATA_DIR} ใช้ DATA_DIR อื่น หรือปิดตัวเดิมก่อน\n"
            f"The system already runs on {settings.DATA_DIR}. End it first, or give another DATA_DIR."
        ) from error
    return handle


# ── database, static files, reference data ────────────────────────────────────────────────────────────────────


def prepare(say: Say) -> None:
    """Database, cache table, static files, reference data and, with DEMO=1 and only once, the demo world."""
    say("กำลังเตรียมฐานข้อมูล … / Preparing the database …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    collect_static()
    say("กำลังโหลดข้อมูลอ้างอิง … / Loading reference data …")
    call_command("load_reference", verbosity=0)
    if settings.DEMO and not demo_world_stands():
        say("กำลังสร้างโลกสาธิต (ครั้งแรกครั้งเดียว) … / Building the demo world (first start only) …")
        with transaction.atomic():  # cut off in the middle it leaves nobody, and the next start builds it anew
            call_command("seed_demo", scale="small", verbosity=0)
        _demo_mark().write_text(_database_name())


def demo_world_stands() -> bool:
    """Whether the demo world was built to its end in this very database."""
    mark = _demo_mark()
    return (
        mark.exists()
        and _names_this_database(mark.read_text())
        and get_user_model().objects.filter(username="teacher").exists()
    )


def _demo_mark() -> Path:
    return settings.DATA_DIR / "demo-world-built"


def _names_this_database(text: str) -> bool:
    """Whether a mark is of this database; a SQLite file beside its mark was moved together with it."""
    beside = connection.vendor == "sqlite" and Path(connection.settings_dict["NAME"]).parent == settings.DATA_DIR
    return text == _database_name() or (beside and text.startswith("sqlite:"))


def _database_name() -> str:
    wired = connection.settings_dict
    return f"{connection.vendor}:{wired['HOST']}:{wired['PORT']}:{wired['NAME']}"


def collect_static() -> bool:
    """Collect the static files unless nothing changed since the last time. Returns whether it had to."""
    mark = settings.DATA_DIR / "static-fingerprint"
    now = static_fingerprint()
    if mark.exists() and mark.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return False
    # clear: going by time alone, collectstatic would miss a file changed within the second, and keep what is gone
    unused = list(settings.STATIC_UNUSED)  # a copy: the command adds to it
    mark.unlink(missing_ok=True)  # cut off in the middle, it must begin again
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=unused)
    mark.write_text(now)
    return True


def static_fingerprint() -> str:
    """A digest over name, size and time of every static file the finders know, and of where they go."""
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for name, storage in finder.list(settings.STATIC_UNUSED):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


# ── where to knock ───────────────────────────────────────────────────────────────────────────────────────────


def reachable(host: str) -> str:
    """The address to reach a server that listens on `host`: "every interface" is no address to go to."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
