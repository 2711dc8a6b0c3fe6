"""What many tests begin with is written to the database once a process, and put back as rows from then on.

``once`` takes care that nobody can tell: rows are put back only into a database that stands exactly as it stood when
they were first written, and only when writing them did nothing but add rows.
"""

import shutil
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

# What Django itself writes into an empty database; nothing points at it.
DJANGOS_OWN = {"auth", "contenttypes"}
# Table -> its rows, as the database gives them; empty tables are left out.
Books = dict[str, list[tuple[Any, ...]]]
# The last few of each kind: what stood there before, and what was added.
_written: defaultdict[Hashable, deque[tuple[Books, Books]]] = defaultdict(lambda: deque(maxlen=4))


def once(key: Hashable, write: Callable[[], object]) -> None:
    """Do ``write`` in the test's database, or have what it did the last time.

    ``key`` names what is written, with everything outside the database that it depends on.
    """
    before = books()
    for known, added in _written[key]:
        if known == before:
            _put(added)
            return
    with transaction.atomic():
        write()
    after = books()
    if all(after.get(table, [])[: len(rows)] == rows for table, rows in before.items()):
        _written[key].append((before, {table: rows[len(before.get(table, [])) :] for table, rows in after.items()}))


_homes: dict[Hashable, Path] = {}


def once_with_home(key: Hashable, make: Callable[[Path], object], own: Path, folders: pytest.TempPathFactory) -> Path:
    """``once`` for what fills a home as well: ``make`` is given the folder, and each test a copy of it at ``own``."""

    def write() -> None:
        _homes[key] = folders.mktemp("kept") / "home"
        make(_homes[key])

    once(key, write)
    return Path(shutil.copytree(_homes[key], own))


def _tables() -> dict[str, type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: model for model in every if model._meta.app_label not in DJANGOS_OWN}


def books() -> Books:
    """Every row there is, the oldest first."""
    tables, quote = _tables(), connection.ops.quote_name
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in tables)
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(filled)
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT {_columns(tables[name])} FROM {quote(name)} ORDER BY 1")
            found[name] = cursor.fetchall()
    return found


def _columns(model: type[models.Model]) -> str:
    """The columns of a table, its key first."""
    fields = sorted(model._meta.concrete_fields, key=lambda field: not field.primary_key)
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _put(added: Books) -> None:
    tables, filled = _tables(), {name: rows for name, rows in added.items() if rows}
    with transaction.atomic(), connection.cursor() as cursor:
        for name, rows in filled.items():
            row = f"({', '.join(['%s'] * len(rows[0]))})"
            into = f"{connection.ops.quote_name(name)} ({_columns(tables[name])})"
            values = [value for one in rows for value in one]
            cursor.execute(f"INSERT INTO {into} VALUES {', '.join([row] * len(rows))}", values)
        for statement in connection.ops.sequence_reset_sql(no_style(), [tables[name] for name in filled]):
            cursor.execute(statement)
