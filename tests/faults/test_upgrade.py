"""Killed before any statement of an upgrade, the records are whole, and the same command again finishes it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from allpresent.casework import migrations
from tests.faults.working import places, put_back, statements_of, worker
from tests.functional.killing import ROOT

Says = Callable[[int, str], None]
NAMES = sorted(path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py"))
OLDER = NAMES[-3]  # two versions ago
MAKE = """
import django
django.setup()
from django.core.management import call_command
for target in (["roster"], ["access"], ["casework", OLDER]):
    call_command("migrate", *target, verbosity=0)
from allpresent.access.models import User
from allpresent.roster.models import School
User.objects.create_user("paula@elmharbor.example", full_name="Paula")
School.objects.create(school_id="11", name="Linden")
"""


def make_older(home: Path) -> Path:
    """A home whose records have the tables of two versions ago, and a few rows."""
    home.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ALLPRESENT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "allpresent.config.settings"}
    program = MAKE.replace("OLDER", repr(OLDER))
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, timeout=120)
    return home


def records(home: Path) -> tuple[list[tuple[str]], list[tuple[str, str]], list[tuple[str]]]:
    """The shape of the tables, the migrations told to be done, and the rows of before."""
    with closing(sqlite3.connect(home / "records.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        shape = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY sql").fetchall()
        done = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
        rows = connection.execute("SELECT email FROM access_user UNION ALL SELECT name FROM roster_school").fetchall()
    return shape, done, rows


def test_an_upgrade_killed_before_any_statement(tmp_path: Path, survived: Says) -> None:
    template, home = make_older(tmp_path / "template"), tmp_path / "home"
    with worker("upgrade", home, tmp_path) as fault:
        whole = statements_of(fault, template, home)
        new = records(home)
        assert new[1] != records(template)[1]
        assert new[2] == records(template)[2]
        tried = places(whole)
        for number in tried:
            put_back(template, home)
            assert fault("kill", number) == (-1, "")
            assert records(home)[2] == new[2], number
            assert fault("kill", 0)[1] == "", number
            assert records(home) == new, number
    survived(len(tried), f"upgrades of {whole} statements killed before one: finished by the same command")
