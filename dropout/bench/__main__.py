"""`python -m dropout.bench`: builds a world in a PostgreSQL of its own, measures, prints, writes docs/bench.md."""

import argparse
import os
import platform
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dropout.bench.measuring import Row, Worker, table
from dropout.bench.postgres import NoPostgres, private_postgres

NATION = 1_025_514
LIST_OF_2021 = 110_755
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "bench.md"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server is stopped
    with tempfile.TemporaryDirectory(prefix="dropout-bench-") as name:
        folder = Path(name)
        try:
            with private_postgres(folder) as url:
                text = _measured(asked, folder, url)
        except NoPostgres as missing:
            _say(str(missing))
            return 1
    sys.stdout.write(text)
    out = asked.out or (None if asked.rows else DOCUMENT)
    if out:
        out.parent.mkdir(exist_ok=True)
        out.write_text(text + _said_beside(out), encoding="utf-8")
    return 0


def _said_beside(document: Path) -> str:
    """What people wrote under the table (from its first heading of the second level on), which a new run keeps."""
    _, heading, rest = document.read_text(encoding="utf-8").partition("\n## ") if document.exists() else ("", "", "")
    return heading + rest


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dropout.bench", description=__doc__)
    parser.add_argument("--scale", choices=["110755", "nation"], default="110755", help="children in the world")
    parser.add_argument("--rows", type=int, help="fewer children and rows, to try the bench itself")
    parser.add_argument("--runs", type=int, default=5, help="rounds of each row; the longest have fewer")
    parser.add_argument("--out", type=Path, help="where the table goes besides the screen (default docs/bench.md)")
    return parser


def _measured(asked: argparse.Namespace, folder: Path, url: str) -> str:
    """All rows, as the document's text. Nothing of Django is imported before the environment says where to work."""
    os.environ |= {"DATABASE_URL": url, "DATA_DIR": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "dropout.settings"}
    os.environ |= {name: secrets.token_hex(24) for name in ("SECRET_KEY", "IDENTITY_SEAL_KEY", "IDENTITY_INDEX_KEY")}
    os.environ |= {"DEMO": "1", "TMPDIR": str(folder)}
    (folder / "data").mkdir()
    import django

    django.setup()
    from django.db import connection

    from dropout.bench import figures, importing, pages, sheets, single, world

    children = asked.rows or (NATION if asked.scale == "nation" else LIST_OF_2021)
    cells = min(children, LIST_OF_2021)
    long_runs = 1 if children > LIST_OF_2021 else min(asked.runs, 3)
    worker, rows = Worker(), []

    def take(found: list[Row]) -> None:
        rows.extend(found)
        for row in found:
            _say(f"{row.work}: {row.ratio:.3g} × {row.floor}")

    take(sheets.measure(worker, folder, cells, asked.runs))
    built = world.build(folder, children, _say)
    take(importing.measure(worker, built, folder, children, long_runs, with_rival=children <= LIST_OF_2021))
    take(figures.measure(worker, asked.runs))
    take(pages.measure(built, asked.runs))
    take(single.measure(built, asked.runs))
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
    connection.close()
    return _document(table(rows), children, version)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _document(rows: str, children: int, postgres: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    load = os.getloadavg()[0]
    return (
        f"# Measured\n\n`make bench`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, "
        f"a world of {children:,} fictional children. "
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}, "
        f"PostgreSQL {postgres} (its own server, durable, nothing tuned but memory). "
        f"Load at the end {load:.1f}.\n\n"
        "Every figure is a ratio to its floor, both measured in this run, in turn; medians of the runs named. "
        "Times stand beside them only to show the size. Aims and rivals: the design's PERFORMANCE page. "
        "✗ marks an aim missed.\n\n"
        f"{rows}"
    )


if __name__ == "__main__":
    sys.exit(main())
