"""Two written districts: one of New Haven's size, one small."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from allpresent.demo import DemoSummary, write_files


@dataclass(frozen=True)
class Written:
    """The folders of a district that was written, and what the writer said of it."""

    first: Path
    second: Path
    summary: DemoSummary


def _write(out: Path, students: int) -> Written:
    summary = write_files(out, students=students)
    first, second = summary.folders
    return Written(first, second, summary)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return _write(tmp_path_factory.mktemp("full"), 17_679)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return _write(tmp_path_factory.mktemp("small"), 1_500)
