"""A disk without room: a plain sentence, what is posted stays and is read, and with room again the work goes on."""

import errno
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from allpresent import in_memory, intake, measures
from allpresent.intake import room
from tests.faults import district
from tests.faults.counts import IS_LONG
from tests.faults.working import places, put_back, statements_of, worker
from tests.functional.killing import facts_of, records_of

Says = Callable[[int, str], None]
NO_ROOM = "There is no room left to write"


def test_a_posting_that_finds_the_disk_full_at_any_statement(
    ninth_day: tuple[Path, Path], tmp_path: Path, survived: Says
) -> None:
    (template, folder), home = ninth_day, tmp_path / "home"
    old = facts_of(template)
    with worker("post", home, folder) as fault:
        whole = statements_of(fault, template, home)
        new = facts_of(home)
        tried = places(whole)
        for number in tried:
            put_back(template, home)
            _, said = fault("full", number)
            assert said.startswith(f"IntakeError: {NO_ROOM}") or said == "", (number, said)
            assert facts_of(home) in (old, new), number
            assert said or facts_of(home) == new, number
            assert not list((home / "deliveries").glob(".incoming*")), number
            assert fault("full", 0)[1] == "", number
            assert facts_of(home) == new, number
    survived(len(tried), f"postings of {whole} statements with a full disk from one on: a sentence, old or new facts")


def test_a_night_that_finds_the_disk_full_at_any_statement(evening: Path, tmp_path: Path, survived: Says) -> None:
    home = tmp_path / "home"
    old, old_facts = records_of(evening), facts_of(evening)
    with worker("night", home, tmp_path) as fault:
        whole = statements_of(fault, evening, home)
        new, new_facts = records_of(home), facts_of(home)
        tried = places(whole)
        for number in tried:
            put_back(evening, home)
            _, said = fault("full", number)
            assert "room" in said or "full" in said or "No space left" in said or said == "", (number, said)
            assert facts_of(home) in (old_facts, new_facts), number
            seen = records_of(home)
            assert seen["steps"] in (old["steps"], new["steps"]), number
            assert fault("full", 0)[1] == "", number
            assert (records_of(home), facts_of(home)) == (new, new_facts), number
    survived(len(tried), f"nights of {whole} statements with a full disk from one on: old or new records, then done")


@pytest.mark.parametrize("size", [1_000, 3_000] if IS_LONG else [3_000])
def test_the_machine_itself_refuses(tmp_path: Path, size: int) -> None:
    """A limit on the size of files: what the libraries below say themselves."""
    home = tmp_path / "home"
    assert district.post(home, tmp_path / "first", district.files(9), 9).outcome == "posted"
    before = facts_of(home)
    with worker("post", home, district.write(tmp_path / "second", district.files(10))) as fault:
        _, said = fault("limit", size)
        assert said.startswith(f"IntakeError: {NO_ROOM}")
        assert facts_of(home) == before
        assert fault("full", 0)[1] == ""
    assert measures.open_facts(home).last_school_day == district.WEEKDAYS[9]


def test_no_room_for_unpacking_is_no_damaged_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "night.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in district.files(3).items():
            packed.writestr(name, data)

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("allpresent.intake.unpacking._extract", full)
    with pytest.raises(intake.IntakeError, match=NO_ROOM):
        intake.check_delivery(tmp_path / "home", "csv", path, today=district.morning_after(3))


def test_a_memory_without_room_is_a_sentence_and_nothing_is_put_on_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, folder, here = tmp_path / "home", tmp_path / "first", tmp_path / "work"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(in_memory, "SETTINGS", in_memory.SETTINGS | {"memory_limit": "4MB"})
    with pytest.raises(intake.IntakeError, match="takes more memory than there is; nothing that was posted"):
        district.post(home, folder, district.files(3), 3)
    assert list(here.iterdir()) == []
    monkeypatch.undo()
    assert district.post(home, folder, district.files(3), 3).outcome == "posted"


def test_other_troubles_are_not_called_a_full_disk() -> None:
    assert room.is_full(OSError(errno.ENOSPC, ""))
    assert room.is_full(OSError(errno.EROFS, ""))
    assert not room.is_full(OSError(errno.EACCES, ""))
    assert not room.is_full(ValueError("No space left"))
