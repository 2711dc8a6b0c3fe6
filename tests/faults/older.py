"""Make the records of an older version, with rows in every table: drawn until the database takes them.

Started by the tests as a program with the name of the newest migration of ``casework`` that version had; of the other
rooms it has the tables that one needs. The database is that of the settings.
"""

import random
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

ROWS, TRIES = 3, 200
FIRST = date(2026, 9, 1)


def main(newest: str) -> None:
    """Raises AssertionError when a table takes no row."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    call_command("migrate", "casework", newest, verbosity=0)
    loader = MigrationLoader(connection)
    fill(loader.project_state(list(loader.applied_migrations)).apps)


def fill(apps: Any) -> None:
    """Rows for every table there is, as the models of that version describe it."""
    from django.db import connection

    drawn, rows = random.Random(20261104), {}
    tables = set(connection.introspection.table_names())
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in tables:
            rows_of(model, rows, drawn)
    empty = [model._meta.db_table for model, made in rows.items() if not made]
    assert not empty, f"no drawn row was taken by {empty}"


def rows_of(model: Any, rows: dict[Any, list[Any]], drawn: random.Random) -> list[Any]:
    """The rows of a table, made with all they point at when they are first asked for."""
    from django.db import DatabaseError, transaction

    if model not in rows:
        rows[model] = []
        for _ in range(TRIES):
            if len(rows[model]) == ROWS:
                break
            row = model(
                **{
                    field.attname: value_of(field, rows, drawn)
                    for field in model._meta.concrete_fields
                    if not (field.primary_key and field.get_internal_type().endswith("AutoField"))
                }
            )
            try:
                with transaction.atomic():
                    model._base_manager.bulk_create([row])
            except DatabaseError:
                continue
            rows[model].append(row)
    return rows[model]


def value_of(field: Any, rows: dict[Any, list[Any]], drawn: random.Random) -> Any:
    """A value of the field's kind, another nearly every time; now and then nothing, where nothing may be."""
    if field.null and drawn.random() < 0.3:
        return None
    if field.is_relation:
        there = rows_of(field.related_model, rows, drawn)
        return getattr(drawn.choice(there), field.target_field.attname) if there else None
    if field.choices:
        return drawn.choice(field.choices)[0]
    number, kind = drawn.randrange(1, 30_000), field.get_internal_type()
    day = FIRST + timedelta(days=number % 300)
    return {
        "BooleanField": number % 2 == 0,
        "DateField": day,
        "DateTimeField": datetime(day.year, day.month, day.day, number % 24, tzinfo=UTC),
        "JSONField": [str(number)],
        "BinaryField": str(number).encode(),
        "CharField": str(number),
        "TextField": f"Peña, Zoë {number}",
        "UUIDField": f"{number:032x}",
    }.get(kind, number)


if __name__ == "__main__":
    main(sys.argv[1])
