"""Upgrades of the records, a row of drawn values in every table: no row is lost, and one that is killed is finished."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from allpresent.casework import migrations
from tests.faults.counts import IS_LONG
from tests.faults.working import places, put_back, settings_of, statements_of, worker
from tests.functional.killing import ROOT

Says = Callable[[int, str], None]
Rows = dict[str, list[dict[str, object]]]
NAMES = sorted(path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py"))
DJANGOS_OWN = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence"}


def make_older(home: Path, newest: str, database: str = "") -> Path:
    """A home whose records have the tables of an older version, and rows in each."""
    home.mkdir()
    environment = settings_of(home, database) | {"DJANGO_SETTINGS_MODULE": "allpresent.config.settings"}
    command = [sys.executable, str(Path(__file__).with_name("older.py")), newest]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
    return home


def shape_of(home: Path) -> tuple[list[tuple[str]], list[tuple[str, str]]]:
    """The tables as they are made, and the migrations told to be done."""
    with closing(sqlite3.connect(home / "records.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        shape = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY sql").fetchall()
        return shape, connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()


def rows_of(home: Path) -> Rows:
    """Every row of every table that people's work or the roster fills."""
    with closing(sqlite3.connect(home / "records.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = sorted({name for (name,) in named} - DJANGOS_OWN)
        return {
            name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY 1')] for name in tables
        }


def assert_kept(before: Rows, after: Rows, what: object) -> None:
    """Every row is there, with every value it had; new tables and columns may have come."""
    for table, rows in before.items():
        now = [{name: row[name] for name in old} for old, row in zip(rows, after[table], strict=True)]
        assert now == rows, (what, table)


@pytest.mark.parametrize("older", NAMES[-3:-1] if IS_LONG else NAMES[:1])
def test_an_upgrade_killed_before_any_statement(older: str, tmp_path: Path, survived: Says) -> None:
    template, home = make_older(tmp_path / "template", older), tmp_path / "home"
    before = rows_of(template)
    with worker("upgrade", home, tmp_path) as fault:
        whole = statements_of(fault, template, home)
        new, rows = shape_of(home), rows_of(home)
        assert new[1] != shape_of(template)[1]
        assert_kept(before, rows, "whole")
        tried = places(whole)
        for number in tried:
            put_back(template, home)
            assert fault("kill", number) == (-1, "")
            assert_kept(before, rows_of(home), number)
            assert fault("kill", 0)[1] == "", number
            assert shape_of(home) == new, number
            assert rows_of(home) == rows, number
    survived(len(tried), f"upgrades of {whole} statements killed before one: finished by the same command")
