"""Small synthetic districts: the one that the kill tests share, and the demonstration that others walk through."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allpresent import demo, intake
from allpresent.demo import DEMO_TODAY
from tests.functional.demonstrating import Made, demonstration
from tests.functional.killing import STUDENTS, run_night

FEW_STUDENTS = 200


def make_district(folder: Path, students: int) -> Path:
    """The files of a synthetic district, and a home with its first delivery posted."""
    demo.write_files(folder / "files", students=students, seed=7, progress=lambda _line: None)
    demo.demo_home(folder / "home", students, seed=7)
    now = datetime(2026, 11, 5, 6, tzinfo=UTC)
    first = folder / "files" / "delivery-1"
    intake.post_delivery(folder / "home", "powerschool", first, today=DEMO_TODAY, now=now, progress=lambda _line: None)
    return folder


@pytest.fixture(scope="session")
def made_district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small district: its files, and a home with its first delivery posted."""
    return make_district(tmp_path_factory.mktemp("district"), FEW_STUDENTS)


@pytest.fixture(scope="session")
def posted_district(made_district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district whose second delivery is killed: of the demonstration's size in the campaign."""
    if STUDENTS == FEW_STUDENTS:
        return made_district
    return make_district(tmp_path_factory.mktemp("demonstration"), STUDENTS)


@pytest.fixture(scope="session")
def made_evening(made_district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after its first night, with the second delivery waiting in the drop folder."""
    home = tmp_path_factory.mktemp("evening") / "home"
    shutil.copytree(made_district / "home", home)
    (home / "drop" / "powerschool").mkdir(parents=True)
    run_night(home, "2026-11-05")
    shutil.copytree(made_district / "files" / "delivery-2", home / "drop" / "powerschool", dirs_exist_ok=True)
    return home


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A home as `allpresent demo` leaves it when it is ended as soon as it answers.

    The tests that walk through it are of one group, for one process to make it.
    """
    folder = tmp_path_factory.mktemp("demonstration")
    home, log = folder / "home", folder / "log"
    with demonstration(home, log):
        pass
    return Made(home, log.read_text(encoding="utf-8"))
