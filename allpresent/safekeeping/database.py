"""The records as files, taken in one moment, and back into an empty database.

SQLite is copied by its own backup interface. PostgreSQL is copied table by table in one transaction that sees one
moment: no other program and no version of one is needed, and the tables are made by the migrations they had.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from allpresent.access import guards

from .archive import BackupError

SQLITE = "records.sqlite3"
# What is of the moment only: sessions end with a restore, and the cache fills itself.
_PASSING = {"django_session", "cache_entries"}
_CHUNK = 1 << 20
_MARK = "COMMENT ON TABLE django_migrations IS %s"


def migrations() -> list[list[str]]:
    """The migrations the database has, as app and name, in order."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def refuse_other_program(held: list[list[str]]) -> None:
    """Raises BackupError for records this program does not know, or would have to make as an older one did."""
    known = {tuple(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    strange = [f"{app}.{name}" for app, name in held if (app, name) not in known]
    if strange:
        raise BackupError(f"The backup was made by a newer program (it has {strange[0]}); install that one first.")
    if connection.vendor == "postgresql":
        missing = sorted(known - {(app, name) for app, name in held})
        if missing:
            raise BackupError(
                f"The backup was made by an older program (it has no {'.'.join(missing[0])}); restore with that one, "
                "then install this."
            )


# SQLite


def save_sqlite(target: Path) -> None:
    """The database as one file, as of one moment, while others go on writing."""
    name = str(connection.settings_dict["NAME"])
    with contextlib.closing(sqlite3.connect(name)) as source, contextlib.closing(sqlite3.connect(target)) as copy:
        try:
            source.backup(copy)
        except sqlite3.OperationalError as error:
            raise BackupError(f"The records cannot be copied to {target.parent} ({error}); make room there.") from error
        for table in _PASSING:
            with contextlib.suppress(sqlite3.OperationalError):  # a database that never served has no cache table
                copy.execute(f"DELETE FROM {table}")
        copy.commit()
        copy.execute("VACUUM")  # a row that was deleted is not in the file any more


# PostgreSQL


@contextmanager
def one_moment() -> Iterator[None]:
    """A transaction that reads one moment of a PostgreSQL database."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def tables() -> dict[str, list[str]]:
    """The columns of every table of the program that is kept."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    kept = sorted({*names, MigrationRecorder.Migration._meta.db_table} - _PASSING)
    with connection.cursor() as cursor:
        return {
            name: [column.name for column in connection.introspection.get_table_description(cursor, name)]
            for name in kept
        }


def save_table(name: str, columns: list[str], target: Path) -> None:
    """One table as PostgreSQL's own copy text."""
    sql = f"COPY {_quoted(name)} ({_listed(columns)}) TO STDOUT"
    with connection.cursor() as cursor, target.open("wb") as out, cursor.copy(sql) as rows:
        for piece in rows:
            out.write(piece)


def load_postgresql(folder: Path, held: dict[str, list[str]], backup_id: str) -> None:
    """The tables of a backup into an empty database, in one transaction.

    A database that holds this very backup, from a restore that was stopped after it, is left as it is. Raises
    BackupError for one that holds anything else.
    """
    if _mark() == backup_id:
        return
    _refuse_full()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    with transaction.atomic(), connection.cursor() as cursor:
        guards.remove(connection)
        here = [name for name in tables() if name in held]
        cursor.execute(f"TRUNCATE {', '.join(map(_quoted, here))}")
        for name in here:
            with (
                cursor.copy(f"COPY {_quoted(name)} ({_listed(held[name])}) FROM STDIN") as rows,
                (folder / f"{name}.copy").open("rb") as file,
            ):
                while piece := file.read(_CHUNK):
                    rows.write(piece)
        models: list[type[Model]] = [*apps.get_models(include_auto_created=True), MigrationRecorder.Migration]
        for sql in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)
        guards.install(connection)
        cursor.execute(_MARK, [backup_id])


def forget_mark() -> None:
    """The restore is over: the database is like any other."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [None])


def _mark() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass('django_migrations'), 'pg_class')")
        row = cursor.fetchone()
    return row[0] if row else None


def _refuse_full() -> None:
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table in present and model._meta.app_label in {"access", "casework", "roster"}:
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {_quoted(table)})")
                if cursor.fetchone()[0]:
                    raise BackupError(
                        f"The database is not empty (it has rows in {table}); name an empty one in DATABASE_URL."
                    )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _listed(columns: list[str]) -> str:
    return ", ".join(map(_quoted, columns))
