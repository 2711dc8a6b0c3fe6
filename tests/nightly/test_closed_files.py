"""Files the program may not read are told by name: nothing is taken for not delivered, and other sources are posted."""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from allpresent import intake, nightly
from allpresent.intake import drops
from allpresent.policy import load_district
from tests import cast
from tests.intake.folders import PLAIN, TODAY, write
from tests.nightly.drops import drop, make_home

DENIED = (errno.EACCES, "Permission denied")
SOURCES = """\
sources:
  - {name: other, source: csv, folder: drop/other, quiet_seconds: 0}
  - {name: sis, source: csv, folder: drop/sis, quiet_seconds: 0}
"""


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """A home with a source whose files are to be closed, and one that is whole behind it."""
    settings.HOME = make_home(tmp_path / "home", is_reporting=False)
    drop(settings.HOME, {"Maya": [4, 17, 30]})
    (settings.HOME / "district.yaml").write_text(SOURCES)
    write(settings.HOME / "drop" / "other", {name: text.encode() for name, text in PLAIN.items()})
    return Path(settings.HOME)


def close_file(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    """A tester who may read everything may not read this."""
    access: Callable[..., bool] = os.access
    monkeypatch.setattr(os, "access", lambda path, *more: Path(path) != closed and access(path, *more))


def close_folder(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    scandir: Callable[..., Iterator[Any]] = os.scandir

    def refusing(path: str = ".") -> Iterator[Any]:
        if Path(path) == closed:
            raise PermissionError(*DENIED, str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("close", "below", "told"),
    [(close_file, "students.csv", "students.csv"), (close_folder, "more", "more"), (close_folder, "", "it")],
    ids=["a file", "a folder in it", "the folder itself"],
)
def test_a_night_tells_what_it_may_not_read_and_posts_the_rest(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    close: Callable[[pytest.MonkeyPatch, Path], None],
    below: str,
    told: str,
) -> None:
    folder = home / "drop" / "other"
    (folder / "more").mkdir()
    close(monkeypatch, folder / below)
    done = nightly.run_nightly(home, cast.TODAY, cast.NOW)
    sentence = f"other: {told} may not be read by this account (give it the right), so drop/other is left for the next"
    assert [trouble.startswith(sentence) for trouble in done.troubles] == [True]
    assert done.counts["posted"] == 1


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_after_all_leaves_its_source_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.file_digest

    def broken(file: Any, name: str) -> Any:
        if "other" in file.name:
            raise OSError(errno.EIO, "Input/output error")
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", broken)
    done = nightly.run_nightly(home, cast.TODAY, cast.NOW)
    why = "cannot be read (input/output error); give this account the right to, or deliver it anew."
    assert [trouble.startswith("other: ") and trouble.endswith(why) for trouble in done.troubles] == [True]
    assert done.counts["posted"] == 1


def test_a_closed_folder_is_no_missing_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "files", {f"more/{name}": text.encode() for name, text in PLAIN.items()})
    assert intake.check_delivery(tmp_path / "home", "csv", folder, today=TODAY).exit_code == 0
    close_folder(monkeypatch, folder / "more")
    with pytest.raises(intake.IntakeError, match=r"The folder .*more cannot be read \(permission denied\)"):
        intake.check_delivery(tmp_path / "home", "csv", folder, today=TODAY)


def test_a_folder_that_is_moved_away_while_we_look_is_no_closed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_home(tmp_path)
    (tmp_path / "drop" / "sis" / "more").mkdir(parents=True)
    scandir: Callable[..., Iterator[Any]] = os.scandir

    def gone(path: str = ".") -> Iterator[Any]:
        if Path(path).name == "more":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", gone)
    (one,) = drops.look_twice(tmp_path, load_district(tmp_path))
    assert (one.why_not, one.seen) == ("", {})
