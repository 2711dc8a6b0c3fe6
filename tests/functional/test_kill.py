"""Killing a posting or a night at random moments leaves the old state or the new one, never a mix."""

import shutil
from collections.abc import Callable
from pathlib import Path

from allpresent import measures
from tests.functional.killing import (
    KILLS,
    KILLS_A_HOME,
    STUDENTS,
    copy_home,
    facts_of,
    kill_during,
    moments,
    records_of,
    reports_of,
    run_whole,
    shares,
)

Says = Callable[[int, str], None]


def test_a_killed_posting_leaves_the_old_facts_or_the_new_ones(
    posted_district: Path, tmp_path: Path, survived: Says
) -> None:
    """The same call again is killed as well, in the campaign nine times over, before one may finish the work."""
    template, second = posted_district / "home", str(posted_district / "files" / "delivery-2")
    old, home = facts_of(template), copy_home(template, tmp_path / "home")
    whole = run_whole("work_post.py", home, second)
    left = new = facts_of(home)
    assert new != old
    killed = finished = 0
    for number, share in enumerate(shares(), start=1):
        if left == new:
            shutil.rmtree(home)
            copy_home(template, home)
        is_killed = kill_during("work_post.py", home, share * whole, second)
        killed += is_killed
        whole = whole if is_killed else min(whole, share * whole)  # it ended before: the machine has become freer
        left = facts_of(home)
        assert left in (old, new)
        if left == new or number % KILLS_A_HOME == 0:
            took = run_whole("work_post.py", home, second)
            whole = took if left == old else whole
            left = facts_of(home)
            assert left == new
            assert len(measures.open_facts(home).version.manifest.parent or "") > 0
            finished += 1
        print(f"{number} of {KILLS} survived, {killed} killed at work, {finished} finished, {whole:.0f} s", flush=True)
    assert facts_of(template) == old  # the homes share its files
    told = f"{killed} of them kills at work, {finished} times finished by the same call"
    survived(KILLS, f"moments of a posting of {STUDENTS:,} students, {told}: 0 mixed states")
    assert killed > KILLS // 2


def test_a_killed_night_leaves_old_records_or_new_ones(made_evening: Path, tmp_path: Path, survived: Says) -> None:
    whole_home = tmp_path / "whole"
    shutil.copytree(made_evening, whole_home)
    old, old_facts = records_of(made_evening), facts_of(made_evening)
    whole = run_whole("work_night.py", whole_home)
    new, new_facts, new_reports = records_of(whole_home), facts_of(whole_home), reports_of(whole_home)
    assert new != old
    killed = 0
    for number, moment in enumerate(moments(whole)):
        home = tmp_path / f"kill-{number}"
        shutil.copytree(made_evening, home)
        killed += kill_during("work_night.py", home, moment)
        assert facts_of(home) in (old_facts, new_facts)
        seen = records_of(home)
        assert seen["steps"] in (old["steps"], new["steps"])
        assert (seen["roster"], seen["shown"]) in ((old["roster"], old["shown"]), (new["roster"], new["shown"]))
        assert set(reports_of(home).items()) <= set(new_reports.items())
        run_whole("work_night.py", home)
        assert (records_of(home), facts_of(home), reports_of(home)) == (new, new_facts, new_reports)
        shutil.rmtree(home)
    survived(KILLS, f"moments of a night, {killed} of them kills at work: 0 mixed states")
    assert killed > KILLS // 2
