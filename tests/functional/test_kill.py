"""Killing a posting or a night at random moments leaves the old state or the new one, never a mix; a second run ends it."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.functional.killing import KILLS, kill_during, moments, run_whole

from allpresent import demo, intake, measures
from allpresent.demo import DEMO_TODAY
from allpresent.measures import Rules

STUDENTS = 200


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
    """Everything a reader can see of the facts, as one hash: the delivery, every standing, every file of the version."""
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
