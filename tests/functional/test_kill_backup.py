"""Killing a backup or a restore at random moments leaves a whole one or none, and the same command again does it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from allpresent import demo
from allpresent.safekeeping.archive import unpack
from tests.functional.killing import KILLS, ROOT, kill_during, moments, run_whole

# The gate stops both at chosen steps (tests/nightly/test_backup.py); the campaign kills them anywhere.
pytestmark = pytest.mark.skipif(KILLS < 20, reason="a campaign: ALLPRESENT_KILLS=200")
COUNT = max(2, KILLS // 10)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic district after its first night."""
    folder = tmp_path_factory.mktemp("saved")
    demo.write_files(folder / "files", students=200, seed=7, progress=lambda _line: None)
    demo.demo_home(folder / "home", 200, seed=7)
    shutil.copytree(folder / "files" / "delivery-1", folder / "home" / "drop" / "powerschool")
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    command = [sys.executable, "-m", "allpresent", "nightly", "--today", "2026-11-05"]
    environment |= {"ALLPRESENT_HOME": str(folder / "home")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)
    return folder / "home"


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_killed_backup_leaves_a_whole_file_or_none(home: Path, tmp_path: Path) -> None:
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
    print(f"{killed} of {COUNT} backups killed at work: 0 half files")


def test_a_killed_restore_leaves_a_whole_home_or_none(home: Path, tmp_path: Path) -> None:
    backup = tmp_path / "a.backup"
    run_whole("work_backup.py", home, "backup", str(backup))
    whole = run_whole("work_backup.py", tmp_path / "whole", "restore", str(backup))
    held = sorted(path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole" / "ledger").rglob("*"))
    killed = 0
    for number, moment in enumerate(moments(whole, COUNT)):
        into = tmp_path / f"home-{number}"
        killed += kill_during("work_backup.py", into, moment, "restore", str(backup))
        if not into.exists():
            run_whole("work_backup.py", into, "restore", str(backup))
        assert sorted(path.relative_to(into) for path in (into / "ledger").rglob("*")) == held
        assert (into / "records.sqlite3").stat().st_size > 0
        shutil.rmtree(into)
        shutil.rmtree(tmp_path / f".{into.name}.restoring", ignore_errors=True)
    print(f"{killed} of {COUNT} restores killed at work: 0 half homes")
