"""What the fault tests share: homes about to be broken."""

from pathlib import Path

import pytest

from tests.faults import district
from tests.functional.killing import run_night
from tests.nightly.drops import drop, make_home


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
    run_night(home, "2026-11-04")
    drop(home, {"Maya": [*range(20, 24), 26, 27, 45], "Mateo": [3, 9], "Zoe": [1, 2]})
    return home
