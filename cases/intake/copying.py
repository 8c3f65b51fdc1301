"""Many rows of one table at once: PostgreSQL by COPY, SQLite by one prepared statement. Knows tables, no domain.

Numbers are drawn from the tables' own sequences, so rows made here and rows made by Django never meet.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import orjson
from django.db import connection, models

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Blank:
    """A row of which all but a few values are known: filled in for each of the thousands that differ only in those.

    Ready text for COPY on PostgreSQL, a tuple elsewhere; `fill` takes every name of `open_at`.
    """

    def __init__(self, values: Sequence[object], open_at: dict[str, int]):
        self._is_text = connection.vendor == "postgresql"
        if self._is_text:
            parts = [_copied(value).replace("%", "%%") for value in values]
            for name, at in open_at.items():
                parts[at] = f"%({name})s"
            self._text = "\t".join(parts)
        else:
            self._values, self._open_at = list(values), open_at

    def fill(self, named: dict[str, object]) -> Sequence[object] | str:
        """One row; `named` as `spelt` gives it, so that it is spelt once for all the rows of a case."""
        if self._is_text:
            return self._text % named
        values = self._values.copy()
        for name, at in self._open_at.items():
            values[at] = named[name]
        return values

    @staticmethod
    def spelt(named: dict[str, object]) -> dict[str, object]:
        """`named` numbers as `fill` wants them."""
        if connection.vendor != "postgresql":
            return named
        return {name: "\\N" if value is None else value for name, value in named.items()}


def refresh_statistics(models_written: Iterable[type[models.Model]]) -> None:
    """Tell PostgreSQL's planner how large these tables now are, within the caller's transaction.

    Until autovacuum comes by, minutes later, it takes a table filled at one go for small: a re-issue then reads the
    whole list for every batch (measured: 40 % of a national import).
    """
    if connection.vendor == "postgresql":
        tables = ", ".join(f'"{model._meta.db_table}"' for model in models_written)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


class Columns:
    """The columns of one model that are written, in order; a row is its values in that order, or a filled Blank."""

    def __init__(self, model: type[models.Model], names: Sequence[str]):
        self.table = model._meta.db_table
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.fields = [fields[name] for name in names]
        self.names = names

    def write(self, rows: Iterable[Sequence[object] | str]) -> None:
        """Insert `rows`, all or none within the caller's transaction."""
        if connection.vendor == "postgresql":
            self._copy(rows)
        else:
            self._insert(rows)

    def _copy(self, rows: Iterable[Sequence[object] | str]) -> None:
        text = io.StringIO()
        for row in rows:
            text.write(row if type(row) is str else "\t".join([_copied(value) for value in row]))
            text.write("\n")
        text.seek(0)
        columns = ", ".join(f'"{field.column}"' for field in self.fields)
        with connection.cursor() as cursor:
            cursor.copy_expert(f'COPY "{self.table}" ({columns}) FROM STDIN', text)

    def _insert(self, rows: Iterable[Sequence[object]]) -> None:
        columns = ", ".join(f'"{field.column}"' for field in self.fields)
        marks = ", ".join(["%s"] * len(self.fields))
        prepared = [
            [field.get_db_prep_save(value, connection) for field, value in zip(self.fields, row, strict=True)]
            for row in rows
        ]
        with connection.cursor() as cursor:
            # names come from the models, values are bound
            cursor.executemany(f'INSERT INTO "{self.table}" ({columns}) VALUES ({marks})', prepared)  # noqa: S608


_REWRITTEN = 500  # rows in one statement


def rewrite(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Save the fields `names` of `rows`, all of one model and all there already.

    What bulk_update does, without an expression object for every value: those cost it 10 ms a case, during which
    SQLite's only writer kept everybody waiting.
    """
    fields = [type(row)._meta.get_field(name) for row in rows[:1] for name in names]
    if not fields:
        return
    key = type(rows[0])._meta.pk
    prepared = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for field in (*fields, key)] for row in rows
    ]
    table = connection.ops.quote_name(key.model._meta.db_table)
    with connection.cursor() as cursor:
        # names come from the models, values are bound
        if connection.vendor != "postgresql":
            told = ", ".join(f'"{field.column}" = %s' for field in fields)
            cursor.executemany(f'UPDATE {table} SET {told} WHERE "{key.column}" = %s', prepared)  # noqa: S608
            return
        told = ", ".join(f'"{field.column}" = new."{field.column}"' for field in fields)
        columns = ", ".join(f'"{field.column}"' for field in (*fields, key))
        row = f"({', '.join(f'%s::{_type_of(field)}' for field in (*fields, key))})"
        for first in range(0, len(prepared), _REWRITTEN):
            part = prepared[first : first + _REWRITTEN]
            cursor.execute(
                f"UPDATE {table} SET {told} FROM (VALUES {', '.join([row] * len(part))}) AS new ({columns}) "  # noqa: S608
                f'WHERE {table}."{key.column}" = new."{key.column}"',
                [value for values in part for value in values],
            )


def _type_of(field: models.Field) -> str:
    """Text is bound without its length: a cast to varchar(n) would cut it off where the column refuses it."""
    told = field.db_type(connection)
    return "text" if told.startswith("varchar") else told


def _copied(value: object) -> str:
    """A value as COPY's text format has it."""
    if value is None:
        return "\\N"
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is str:
        return value.translate(_ESCAPED) if not value.isprintable() or "\\" in value else value
    if kind is bool:
        return "t" if value else "f"
    if kind is datetime:
        return value.astimezone(UTC).isoformat()
    if kind is date:
        return value.isoformat()
    if kind is bytes:
        return f"\\\\x{value.hex()}"
    if kind in (dict, list):
        return orjson.dumps(value).decode().replace("\\", "\\\\")  # JSON itself escapes tabs and line ends
    return str(int(value)) if isinstance(value, int) else str(value).translate(_ESCAPED)
