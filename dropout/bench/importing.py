"""Importing a list: the validated import end to end, beside COPY of what it writes and a bulk_create of the same."""

from pathlib import Path

from django.apps import apps
from django.db import connection, models, transaction

from cases.intake.importing import Request, commit
from dropout.bench.measuring import Row, Worker, in_turn, timed
from dropout.bench.world import World
from dropout.demo.children import HEADINGS
from schools.models import Person

NAME = "บัญชีสำหรับวัด"
TABLES = ("ChildList", "Child", "Identifier", "Case", "ListVersion", "Fact", "Span", "ListEntry")  # parents first
RIVAL_BATCH = 1_000


def measure(worker: Worker, world: World, folder: Path, count: int, runs: int, *, with_rival: bool) -> list[Row]:
    """The row of the import, against two floors; leaves the list imported and vacuumed."""
    first = _ours(worker, world, count)  # warms the caches and gives COPY its rows; of one run only, the measured one
    landed = _export(folder)
    rivals = {}
    if with_rival:
        rivals["bulk_create upsert"] = worker.seconds("importing.bulk_create")
    _export_cells(world, folder)
    sides = {"cells": lambda: _copy_cells(folder), "floor": lambda: _copy_landed(folder)}
    if runs > 1:
        sides["ours"] = lambda: _ours(worker, world, count)
    spent = {"ours": first} | in_turn(runs, **sides)
    vacuum()
    work, memory = f"import a list, {count:,} rows", worker.peaks["importing.commit"]
    note = (
        f"floor: COPY binary of the {landed:,} rows the import leaves in its eight tables, with their indexes, "
        "constraints and foreign keys, in one transaction. Ours: from the file to the commit – read, validate, match, "
        "seal, facts, spans, entries. Rival: the same rows by bulk_create(update_conflicts=True), nothing read and "
        "nothing validated, 1 run."
    )
    bare = (
        "floor: COPY binary of the sheet's 21 columns as text into one table without a key, an index or a constraint: "
        "what the disk can take, not what a register needs."
    )
    return [
        Row(work, "COPY binary, same rows", spent["floor"], spent["ours"], 5, runs, rivals, memory, note),
        Row(
            f"{work}, against bare cells", "COPY binary, bare cells", spent["cells"], spent["ours"], 5, runs, note=bare
        ),
    ]


def _ours(worker: Worker, world: World, count: int) -> float:
    clear()
    return worker.seconds("importing.commit", world.sheet, world.ministry.username, count)


def clear() -> None:
    """Empty the register. The people, schools and reference facts stay; numbers go on, so that COPY's rows fit in."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE cases_child, cases_childlist CASCADE")


def vacuum() -> None:
    """Covering indexes answer alone only where VACUUM has been."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


# ── the floors ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _columns(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def _copy(table: str, columns: str, path: Path, *, into: bool) -> None:
    way = "FROM STDIN" if into else "TO STDOUT"
    with connection.cursor() as cursor, path.open("rb" if into else "wb") as file:
        cursor.copy_expert(f"COPY {table} ({columns}) {way} (FORMAT binary)", file)


def _each_table(folder: Path):
    for name in TABLES:
        model = apps.get_model("cases", name)
        columns = ", ".join(f'"{field.column}"' for field in _columns(model))
        yield model, f'"{model._meta.db_table}"', columns, folder / f"{name}.copy"


def _export(folder: Path) -> int:
    """What the import left, as binary COPY files; returns the number of rows."""
    total = 0
    for model, table, columns, path in _each_table(folder):
        _copy(table, columns, path, into=False)
        total += model._base_manager.count()
    return total


def _copy_landed(folder: Path) -> float:
    clear()

    def copy() -> None:
        with transaction.atomic():
            for _, table, columns, path in _each_table(folder):
                _copy(table, columns, path, into=True)

    return timed(copy)


_CELLS = ", ".join(f"c{number}" for number in range(len(HEADINGS)))


def _export_cells(world: World, folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_cells ({_CELLS.replace(',', ' text,')} text)")
        with world.cells.open("rb") as file:
            cursor.copy_expert(f"COPY bench_cells ({_CELLS}) FROM STDIN (FORMAT csv, HEADER, ENCODING 'WIN874')", file)
    _copy("bench_cells", _CELLS, folder / "cells.copy", into=False)


def _copy_cells(folder: Path) -> float:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_cells")
    return timed(lambda: _copy("bench_cells", _CELLS, folder / "cells.copy", into=True))


# ── tasks of the worker ───────────────────────────────────────────────────────────────────────────────────────────────
def _commit(path: str, username: str, count: int) -> float:
    request = Request(Person.objects.get(username=username), Path(path), Path(path).name, NAME)
    reports = []
    spent = timed(lambda: reports.append(commit(request)))
    if reports[0].counts["new"] != count:
        raise RuntimeError(f"{reports[0].counts} landed, {count} expected")
    return spent


def _bulk_create() -> float:
    """The rows that stand in the tables, taken out (not timed) and put back by the ORM."""
    held = []
    for name in TABLES:
        model = apps.get_model("cases", name)
        names = [field.attname for field in _columns(model)]
        held.append((model, names, list(model._base_manager.order_by("pk").values_list(*names))))
    clear()

    def put_back() -> None:
        with transaction.atomic():
            for model, names, rows in held:
                made = (model(**dict(zip(names, row, strict=True))) for row in rows)
                model._base_manager.bulk_create(
                    made,
                    batch_size=RIVAL_BATCH,
                    update_conflicts=True,
                    unique_fields=["id"],
                    update_fields=[field.name for field in _columns(model) if not field.primary_key],
                )

    return timed(put_back)


TASKS = {"commit": _commit, "bulk_create": _bulk_create}
