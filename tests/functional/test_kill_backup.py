"""Killing a backup or a restore at random moments leaves a whole one or none, and the same command again does it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from allpresent.safekeeping.archive import unpack
from tests.functional.killing import KILLS, facts_of, kill_during, moments, records_of, reports_of, run_whole

Says = Callable[[int, str], None]
COUNT = max(2, KILLS // 10)


@pytest.fixture(scope="module")
def home(made_evening: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of one's own after a first night."""
    return shutil.copytree(made_evening, tmp_path_factory.mktemp("saved") / "home")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_killed_backup_leaves_a_whole_file_or_none(home: Path, tmp_path: Path, survived: Says) -> None:
    whole = run_whole("work_backup.py", home, "backup", str(tmp_path / "whole.backup"))
    killed = 0
    for number, moment in enumerate(moments(whole, COUNT)):
        out = tmp_path / f"{number}.backup"
        killed += kill_during("work_backup.py", home, moment, "backup", str(out))
        if not out.exists():
            run_whole("work_backup.py", home, "backup", str(out))
        unpack(out, tmp_path / "out")
        shutil.rmtree(tmp_path / "out")
        assert not (home / ".backup").exists()
        assert len([name for name in left(tmp_path) if name.endswith(".part")]) <= 1
        out.unlink()
    survived(COUNT, f"moments of a backup, {killed} of them kills at work: 0 half files")


def test_a_killed_restore_leaves_a_whole_home_or_none(home: Path, tmp_path: Path, survived: Says) -> None:
    backup = tmp_path / "a.backup"
    run_whole("work_backup.py", home, "backup", str(backup))
    whole = run_whole("work_backup.py", tmp_path / "whole", "restore", str(backup))
    saved = facts_of(home), records_of(home), reports_of(home)
    killed = 0
    for number, moment in enumerate(moments(whole, COUNT)):
        into = tmp_path / f"home-{number}"
        killed += kill_during("work_backup.py", into, moment, "restore", str(backup))
        if not into.exists():
            run_whole("work_backup.py", into, "restore", str(backup))
        assert (facts_of(into), records_of(into), reports_of(into)) == saved
        shutil.rmtree(into)
        shutil.rmtree(tmp_path / f".{into.name}.restoring", ignore_errors=True)
    survived(COUNT, f"moments of a restore, {killed} of them kills at work: 0 half homes")
