"""Killed before any statement of a posting or a night, the home holds the old state or the new one, never a mix."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults import district
from tests.faults.counts import IS_LONG
from tests.functional.killing import KILLS, ROOT
from tests.functional.test_kill import facts_of, records_of, reports_of
from tests.nightly.drops import drop, make_home

Says = Callable[[int, str], None]
Kill = Callable[[int], int]


@contextmanager
def worker(work: str, home: Path, folder: Path) -> Iterator[Kill]:
    """A program that does the work in one process after another; each call kills one before its n-th statement."""
    command = [sys.executable, str(Path(__file__).with_name("killed_at.py")), work, str(home), str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ALLPRESENT_HOME": str(home)}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT, env=environment
    )
    assert process.stdin
    assert process.stdout
    answers = process.stdout
    assert answers.readline() == "ready\n"

    def kill(number: int) -> int:
        assert process.stdin
        process.stdin.write(f"{number}\n")
        return int(answers.readline())

    try:
        yield kill
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        answers.close()


def places(whole: int) -> list[int]:
    """Every statement in the long campaign, a few spread over the work in the gate."""
    if IS_LONG:
        return list(range(1, whole + 1))
    count = KILLS if "ALLPRESENT_KILLS" in os.environ else 2
    return sorted({(1 + 2 * at) * whole // (2 * count) for at in range(count)})


def put_back(template: Path, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)


def test_a_posting_killed_before_any_statement(tmp_path: Path, survived: Says) -> None:
    template, home, folder = tmp_path / "template", tmp_path / "home", tmp_path / "second"
    some = district.pupils(8)
    assert district.post(template, tmp_path / "first", district.files(9, some), 9).outcome == "posted"
    district.write(folder, district.files(10, some))
    old = facts_of(template)
    with worker("post", home, folder) as kill:
        put_back(template, home)
        whole = kill(0)
        new = facts_of(home)
        assert whole > 50
        assert new != old
        tried = places(whole)
        for number in tried:
            put_back(template, home)
            assert kill(number) == -1
            assert facts_of(home) in (old, new), number
            assert kill(0) >= 0
            assert facts_of(home) == new, number
            assert not [left.name for left in (home / "ledger" / "versions").glob(".*")], number
    survived(len(tried), f"postings of {whole} statements killed before one: 0 mixed states")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a first night, with the next delivery in its drop folder."""
    home = make_home(tmp_path_factory.mktemp("evening") / "home")
    drop(home, {"Maya": range(20, 24), "Mateo": [3, 9, 10]})
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    command = [sys.executable, "-m", "allpresent", "nightly", "--today", "2026-11-04"]
    environment |= {"ALLPRESENT_HOME": str(home)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
    drop(home, {"Maya": [*range(20, 24), 26, 27, 45], "Mateo": [3, 9], "Zoe": [1, 2]})
    return home


def test_a_night_killed_before_any_statement(evening: Path, tmp_path: Path, survived: Says) -> None:
    home = tmp_path / "home"
    old, old_facts = records_of(evening), facts_of(evening)
    with worker("night", home, tmp_path) as kill:
        put_back(evening, home)
        whole = kill(0)
        new, new_facts, new_reports = records_of(home), facts_of(home), reports_of(home)
        assert whole > 100
        assert new != old
        tried = places(whole)
        for number in tried:
            put_back(evening, home)
            assert kill(number) == -1
            assert facts_of(home) in (old_facts, new_facts), number
            seen = records_of(home)
            assert seen["steps"] in (old["steps"], new["steps"]), number
            assert (seen["roster"], seen["shown"]) in ((old["roster"], old["shown"]), (new["roster"], new["shown"]))
            assert set(reports_of(home).items()) <= set(new_reports.items()), number
            assert kill(0) >= 0
            assert (records_of(home), facts_of(home), reports_of(home)) == (new, new_facts, new_reports), number
    survived(len(tried), f"nights of {whole} statements killed before one: 0 mixed states")
