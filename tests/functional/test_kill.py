"""Killing a posting or a night at random moments leaves the old state or the new one, never a mix."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allpresent import demo, intake, measures
from allpresent.demo import DEMO_TODAY
from allpresent.measures import Rules
from tests.functional.killing import KILLS, ROOT, kill_during, moments, run_whole

STUDENTS = 100


@pytest.fixture(scope="module")
def district(tmp_path_factory) -> Path:
    """The files of a small synthetic district, and a home with its first delivery posted."""
    folder = tmp_path_factory.mktemp("district")
    demo.write_files(folder / "files", students=STUDENTS, seed=7, progress=lambda _line: None)
    demo.demo_home(folder / "home", STUDENTS, seed=7)
    now = datetime(2026, 11, 5, 6, tzinfo=UTC)
    first = folder / "files" / "delivery-1"
    intake.post_delivery(folder / "home", "powerschool", first, today=DEMO_TODAY, now=now, progress=lambda _line: None)
    return folder


def facts_of(home: Path) -> str:
    """All a reader can see of the facts, as one hash: the delivery, every standing, every file of the version."""
    facts = measures.open_facts(home)
    manifest = facts.version.manifest
    for name, expected in manifest.files.items():
        found = hashlib.sha256((facts.version.folder / name).read_bytes()).hexdigest()
        assert found == expected, f"{name} of {manifest.delivery_id} is torn"
    rows = measures.standings(facts, facts.last_school_day, Rules()).to_pylist()
    return hashlib.sha256(repr((manifest.delivery_id, rows)).encode()).hexdigest()


def test_a_killed_posting_leaves_the_old_facts_or_the_new_ones(district, tmp_path):
    second = str(district / "files" / "delivery-2")
    old = facts_of(district / "home")
    whole_home = tmp_path / "whole"
    shutil.copytree(district / "home", whole_home)
    whole = run_whole("work_post.py", whole_home, second)
    new = facts_of(whole_home)
    assert new != old
    killed = 0
    for number, moment in enumerate(moments(whole)):
        home = tmp_path / f"kill-{number}"
        shutil.copytree(district / "home", home)
        killed += kill_during("work_post.py", home, moment, second)
        assert facts_of(home) in (old, new)
        run_whole("work_post.py", home, second)
        assert facts_of(home) == new
        assert len(measures.open_facts(home).version.manifest.parent or "") > 0
        shutil.rmtree(home)
    print(f"{killed} of {KILLS} postings killed at work: 0 mixed states")
    assert killed > KILLS // 2


# Nights


@pytest.fixture(scope="module")
def evening(district, tmp_path_factory) -> Path:
    """A home after its first night, with the second delivery waiting in the drop folder."""
    home = tmp_path_factory.mktemp("evening") / "home"
    shutil.copytree(district / "home", home)
    nightly(home, "2026-11-05")
    shutil.copytree(district / "files" / "delivery-2", home / "drop" / "powerschool")
    return home


def nightly(home: Path, today: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ALLPRESENT_HOME": str(home)}
    command = [sys.executable, "-m", "allpresent", "nightly", "--today", today]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)


ROSTER = "SELECT student_id, full_name, grade, school_id, is_enrolled FROM roster_student ORDER BY student_id"
STEPS = """
SELECT c.student_id, s.step_key, s.level, s.state, s.opened_on, s.due_on, s.ending
FROM casework_casestep s JOIN casework_case c ON c.id = s.case_id
ORDER BY c.student_id, s.step_key, s.state, s.opened_on
"""
SHOWN = "SELECT delivery_id FROM roster_projectedversion"


def records_of(home: Path) -> dict[str, str]:
    """What a page can see of roster and steps, each as one hash; the database as a reader after the kill finds it."""
    with sqlite3.connect(home / "records.sqlite3") as connection:
        rows = {name: connection.execute(text).fetchall() for name, text in (("roster", ROSTER), ("steps", STEPS))}
        shown = connection.execute(SHOWN).fetchone()[0]
    return {name: hashlib.sha256(repr(found).encode()).hexdigest() for name, found in rows.items()} | {"shown": shown}


def reports_of(home: Path) -> dict[str, str]:
    """Every frozen report by its hash."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (home / "reports").rglob("[!.]*.json")}


def test_a_killed_night_leaves_old_records_or_new_ones(evening, tmp_path):
    whole_home = tmp_path / "whole"
    shutil.copytree(evening, whole_home)
    old, old_facts = records_of(evening), facts_of(evening)
    whole = run_whole("work_night.py", whole_home)
    new, new_facts, new_reports = records_of(whole_home), facts_of(whole_home), reports_of(whole_home)
    assert new != old
    killed = 0
    for number, moment in enumerate(moments(whole)):
        home = tmp_path / f"kill-{number}"
        shutil.copytree(evening, home)
        killed += kill_during("work_night.py", home, moment)
        assert facts_of(home) in (old_facts, new_facts)
        seen = records_of(home)
        assert seen["steps"] in (old["steps"], new["steps"])
        assert (seen["roster"], seen["shown"]) in ((old["roster"], old["shown"]), (new["roster"], new["shown"]))
        assert set(reports_of(home).items()) <= set(new_reports.items())
        run_whole("work_night.py", home)
        assert (records_of(home), facts_of(home), reports_of(home)) == (new, new_facts, new_reports)
        shutil.rmtree(home)
    print(f"{killed} of {KILLS} nights killed at work: 0 mixed states")
    assert killed > KILLS // 2
