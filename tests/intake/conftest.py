"""What tests of deliveries may use: a home in which the plain district is posted already."""

import shutil
from pathlib import Path

import pytest

from tests.intake.folders import post


@pytest.fixture(scope="session")
def _posted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("posted")
    assert post(folder, name="marks").outcome == "posted"
    return folder / "home"


@pytest.fixture
def posted_home(tmp_path: Path, _posted_once: Path) -> Path:
    """A folder whose ``home`` holds the posted plain district."""
    shutil.copytree(_posted_once, tmp_path / "home")
    return tmp_path
