"""Owns a PostgreSQL of its own for one bench: in a temporary folder, on a private port, gone at the end.

Durable as in production (fsync on), so that a commit costs what it costs.
"""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = (
    "listen_addresses=127.0.0.1",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "work_mem=32MB",
    "maintenance_work_mem=256MB",
    "jit=off",  # as deployed, and as the aims were measured: one process to a query, on either side
    "max_parallel_workers_per_gather=0",
    "autovacuum=off",  # vacuumed by the bench where a row wants it, so that no run meets it by chance
)


class NoPostgres(Exception):
    """PostgreSQL's server programs are not installed here."""


def programs() -> Path:
    """The folder with initdb and pg_ctl; Debian keeps them off the PATH. Raises NoPostgres."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if folders:
        return folders[-1]
    if found:
        return Path(found).parent
    raise NoPostgres("PostgreSQL is not installed here (Debian/Ubuntu: apt-get install postgresql).")


@contextmanager
def private_postgres(folder: Path) -> Iterator[str]:
    """Start a server under `folder`; gives its database URL and stops it at the end. Raises NoPostgres."""
    bin_folder, home = programs(), folder / "pg"
    home.mkdir(mode=0o700)
    if os.geteuid() == 0:  # the server refuses to run as root
        folder.chmod(0o755)  # the server's user must pass through to its own folder
        shutil.chown(home, "postgres")
    port, password = _free_port(), secrets.token_hex(16)
    given = home / "password"
    _as_owner(["tee", str(given)], home, text=f"{password}\n")
    initdb = [str(bin_folder / "initdb"), "-D", str(home / "data"), "-U", "dropout", f"--pwfile={given}"]
    _as_owner([*initdb, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], home)
    options = f"-p {port} -k {home} " + " ".join(f"-c {option}" for option in OPTIONS)
    control = [str(bin_folder / "pg_ctl"), "-D", str(home / "data"), "-w", "-t", "60"]
    _as_owner([*control, "-l", str(home / "log"), "-o", options, "start"], home)
    try:
        yield f"postgres://dropout:{password}@127.0.0.1:{port}/postgres"
    finally:
        _as_owner([*control, "-m", "immediate", "stop"], home)


def _as_owner(command: list[str], home: Path, text: str = "") -> None:
    """Run as the server's user; what it said comes with the error."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    with (home.parent / "postgres.log").open("a+") as log:  # a pipe would stay open as long as the server runs
        done = subprocess.run(command, input=text, text=True, cwd=home.anchor, stdout=log, stderr=log, check=False)  # noqa: S603
        if done.returncode:
            log.seek(0)
            raise NoPostgres(f"{command[-1]} failed:\n{log.read()[-2_000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
