"""What the fault tests share: the line that says how many faults were survived."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import district
from tests.functional.killing import ROOT
from tests.nightly.drops import drop, make_home


@pytest.fixture
def survived(record_property: Callable[[str, object], None]) -> Callable[[int, str], None]:
    """Say how many faults of a kind were survived; the lines stand at the end of the run."""

    def say(number: int, what: str) -> None:
        record_property("survived", f"{number:,} {what}")

    return say


@pytest.fixture
def ninth_day(tmp_path: Path) -> tuple[Path, Path]:
    """A home with nine days of a small district posted, and a folder with the delivery of the tenth."""
    home, some = tmp_path / "template", district.pupils(8)
    assert district.post(home, tmp_path / "first", district.files(9, some), 9).outcome == "posted"
    return home, district.write(tmp_path / "second", district.files(10, some))


@pytest.fixture(scope="session")
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
