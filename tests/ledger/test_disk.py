"""What is written whole is the old text or the new one, whatever stops it."""

import errno
import os
from pathlib import Path

import pytest

from allpresent.disk import sync, write_whole


def test_a_text_takes_the_place_of_another_with_its_line_ends_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_whole(path, "old")
    write_whole(path, "Peña\r\nRuiz\n")
    assert path.read_bytes() == "Peña\r\nRuiz\n".encode()
    assert [left.name for left in tmp_path.iterdir()] == ["record.json"]


def test_a_text_that_did_not_reach_the_disk_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record.json"
    write_whole(path, "old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert [left.name for left in tmp_path.iterdir()] == ["record.json"]


def test_files_and_the_names_in_a_folder_can_be_synced(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    sync(tmp_path / "a")
    sync(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "b")
