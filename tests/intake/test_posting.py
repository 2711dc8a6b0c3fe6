"""Posting, holding, accepting and undoing; what is kept of each delivery, and what a kill leaves behind."""

import errno
import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import IntakeError, posting
from allpresent.intake.room import said_plainly
from allpresent.ledger import Ledger
from tests.intake.folders import MARKS, NOW, PLAIN, TODAY, check, post, read_csv

BAD = PLAIN | {"attendance.csv": MARKS + "0501,100,2026-09-01,1,ZZ,,,,,day,,\n"}


def current(tmp_path: Path) -> str | None:
    version = Ledger(tmp_path / "home").current()
    return version.delivery_id if version else None


def accept(tmp_path: Path, delivery_id: str, reason: str = "Checked by phone") -> object:
    return intake.accept_held(tmp_path / "home", delivery_id, reason, "nadia", TODAY, NOW)


def test_clean_delivery_is_posted_with_its_record(tmp_path: Path) -> None:
    posted = post(tmp_path)
    assert (posted.outcome, posted.exit_code, posted.delivery_id[:5]) == ("posted", 0, "0001-")
    version = Ledger(tmp_path / "home").version(posted.delivery_id)
    assert set(version.table("attendance")["delivery_id"].to_pylist()) == {posted.delivery_id}
    record = intake.delivery_record(tmp_path / "home", posted.delivery_id)
    assert record == posted.record
    assert (record.outcome, record.rows_read, record.rows_refused) == ("posted", 30, 0)
    assert record.folder == str(tmp_path / "delivery")


def test_bytes_are_kept_read_only(tmp_path: Path) -> None:
    posted = post(tmp_path)
    raw = tmp_path / "home" / "deliveries" / posted.delivery_id / "raw"
    assert {path.name: path.read_text() for path in raw.iterdir()} == PLAIN
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o400 for path in raw.iterdir())


def test_same_bytes_twice_change_nothing(tmp_path: Path) -> None:
    first = post(tmp_path)
    before = sorted(str(path) for path in (tmp_path / "home").rglob("*"))
    again = post(tmp_path, name="copied to another folder")
    assert (again.outcome, again.delivery_id, again.exit_code) == ("unchanged", first.delivery_id, 0)
    assert sorted(str(path) for path in (tmp_path / "home").rglob("*")) == before


def test_older_bytes_again_never_overwrite_what_came_later(tmp_path: Path) -> None:
    first = post(tmp_path)
    second = post(tmp_path, PLAIN | {"attendance.csv": MARKS}, name="second")
    assert post(tmp_path).delivery_id == first.delivery_id
    assert current(tmp_path) == second.delivery_id


def test_same_bytes_with_another_mapping_are_another_delivery(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    tables = ""
    for name, text in BAD.items():
        columns = ", ".join(f"{column}: {column}" for column in text.split("\n")[0].split(","))
        tables += f"  {name.removesuffix('.csv')}: {{file: {name}, columns: {{{columns}}}}}\n"
    head = "source: csv\ndates: {order: ymd}\n"
    mapping.write_text(f"{head}tables:\n{tables}", encoding="utf-8")
    held = post(tmp_path, BAD, mapping=mapping)
    assert held.outcome == "held"
    mapping.write_text(f"{head}codes: {{table: [{{code: ZZ, category: absent}}]}}\ntables:\n{tables}", encoding="utf-8")
    posted = post(tmp_path, BAD, mapping=mapping)
    assert posted.outcome == "posted"
    assert posted.delivery_id[:5] == "0002-"


def test_held_delivery_changes_nothing_and_is_recorded(tmp_path: Path) -> None:
    held = post(tmp_path, BAD)
    assert (held.outcome, held.exit_code) == ("held", 1)
    assert current(tmp_path) is None
    (record,) = intake.list_deliveries(tmp_path / "home")
    assert record.outcome == "held"
    assert record.why_held == [
        "1 of 1 rows of attendance.csv were refused, more than 1%; 1 by K01 (code that is not mapped), first on line 2;"
        " the findings list them."
    ]
    assert record.unmapped == [{"school_id": "100", "code": "ZZ", "marks": 1}]
    assert record.can_be_accepted
    listed = read_csv(tmp_path / "home" / "deliveries" / held.delivery_id / "findings.csv")
    assert [(row["rule"], row["line"]) for row in listed] == [("Q02", ""), ("K01", "2")]
    assert [(f["rule"], f["count"], f["first_lines"]) for f in record.findings] == [("K01", 1, [2]), ("Q02", 1, [])]


def test_held_delivery_posted_again_keeps_its_record(tmp_path: Path) -> None:
    first, again = post(tmp_path, BAD), post(tmp_path, BAD)
    assert (again.outcome, again.delivery_id) == ("held", first.delivery_id)
    assert len(intake.list_deliveries(tmp_path / "home")) == 1


def test_held_delivery_is_accepted_with_a_reason_and_a_name(tmp_path: Path) -> None:
    held = post(tmp_path, BAD)
    accepted = accept(tmp_path, held.delivery_id)
    assert accepted.outcome == "posted"  # type: ignore[attr-defined]
    manifest = Ledger(tmp_path / "home").history()[0]
    assert (manifest.delivery_id, manifest.accepted_reason, manifest.accepted_by) == (
        held.delivery_id,
        "Checked by phone",
        "nadia",
    )
    record = intake.delivery_record(tmp_path / "home", held.delivery_id)
    assert (record.outcome, record.reason, record.by) == ("posted", "Checked by phone", "nadia")
    with pytest.raises(IntakeError, match="is posted; only a held delivery can be accepted"):
        accept(tmp_path, held.delivery_id)


def test_accepting_while_posting_takes_a_reason(tmp_path: Path) -> None:
    posted = post(tmp_path, BAD, accept="The code is new", accepted_by="nadia")
    assert (posted.outcome, posted.record.reason) == ("posted", "The code is new")
    with pytest.raises(IntakeError, match="takes a reason"):
        post(tmp_path, BAD, accept=" ")
    with pytest.raises(IntakeError, match="takes a reason"):
        accept(tmp_path, posted.delivery_id, " ")


def test_clean_delivery_needs_no_acceptance_and_records_none(tmp_path: Path) -> None:
    assert post(tmp_path, accept="just in case", accepted_by="nadia").record.reason is None


def test_unreadable_delivery_is_recorded_and_cannot_be_accepted(tmp_path: Path) -> None:
    posted = post(tmp_path, PLAIN | {"students.csv": b"PK\x03\x04"}, accept="please")
    assert (posted.outcome, posted.exit_code) == ("held", 2)
    assert not posted.record.can_be_accepted
    with pytest.raises(IntakeError, match="cannot be read, so it cannot be accepted"):
        accept(tmp_path, posted.delivery_id)


def test_newest_delivery_is_undone_and_no_other(tmp_path: Path) -> None:
    first = post(tmp_path)
    second = post(tmp_path, PLAIN | {"attendance.csv": MARKS}, name="second")
    with pytest.raises(IntakeError, match=f"the newest is {second.delivery_id}"):
        intake.undo_delivery(tmp_path / "home", first.delivery_id)
    intake.undo_delivery(tmp_path / "home", second.delivery_id, by="nadia", now=NOW)
    assert current(tmp_path) == first.delivery_id
    assert [record.outcome for record in intake.list_deliveries(tmp_path / "home")] == ["undone", "posted"]
    intake.undo_delivery(tmp_path / "home", first.delivery_id)
    assert current(tmp_path) is None


def test_undone_delivery_can_be_posted_again_under_a_new_number(tmp_path: Path) -> None:
    first = post(tmp_path)
    intake.undo_delivery(tmp_path / "home", first.delivery_id)
    again = post(tmp_path)
    assert (again.outcome, again.delivery_id[:5]) == ("posted", "0002-")


def test_delivery_taken_back_does_not_come_back_by_itself_at_night(tmp_path: Path) -> None:
    first = post(tmp_path)
    intake.undo_delivery(tmp_path / "home", first.delivery_id)
    night = post(tmp_path, is_unattended=True)
    assert (night.outcome, current(tmp_path)) == ("held", None)
    assert night.record.why_held == [
        f"The same files were posted as {first.delivery_id} and taken back; accept them if they are right after all."
    ]
    assert post(tmp_path, is_unattended=True).delivery_id == night.delivery_id
    accepted = accept(tmp_path, night.delivery_id)
    assert (accepted.outcome, accepted.record.reason) == ("posted", "Checked by phone")  # type: ignore[attr-defined]


def test_held_delivery_that_was_overtaken_brings_no_older_marks_back(tmp_path: Path) -> None:
    held = post(tmp_path, BAD)
    post(tmp_path, name="next night", now=NOW + timedelta(days=1))
    with pytest.raises(IntakeError, match=f"Delivery {held.delivery_id} is older than 0002-"):
        accept(tmp_path, held.delivery_id)
    assert current(tmp_path)[:5] == "0002-"  # type: ignore[index]


def test_unknown_delivery_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="There is no delivery 0009-x"):
        intake.delivery_record(tmp_path / "home", "0009-x")
    with pytest.raises(IntakeError, match="There is no folder"):
        intake.post_delivery(tmp_path, "csv", tmp_path / "gone", today=TODAY, now=NOW)


def test_two_postings_at_once_are_one_too_many(tmp_path: Path) -> None:
    with intake.only_posting(tmp_path / "home"), pytest.raises(IntakeError, match="Another delivery is being posted"):
        post(tmp_path)


class Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


@pytest.mark.parametrize(
    "place",
    [
        "allpresent.intake.posting.check_delivery",
        "allpresent.intake.posting.write_record",
        "allpresent.intake.ordering.merge",
        "allpresent.ledger.store.Ledger._write_folder",
        "allpresent.ledger.store.Ledger._point_to",
    ],
)
def test_kill_leaves_the_old_state_and_the_same_call_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    first = post(tmp_path)
    changed = PLAIN | {"attendance.csv": MARKS + "0502,100,2026-09-02,1,A,absent,0,0,,day,,\n"}

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(place, kill)
        with pytest.raises(Killed):
            post(tmp_path, changed, name="second")
    assert current(tmp_path) == first.delivery_id
    assert {record.outcome for record in intake.list_deliveries(tmp_path / "home")} <= {"posted", "held"}
    second = post(tmp_path, changed, name="second")
    assert second.outcome == "posted"
    assert current(tmp_path) == second.delivery_id
    assert [record.outcome for record in intake.list_deliveries(tmp_path / "home")] == ["posted", "posted"]


def test_kill_after_the_ledger_is_written_leaves_a_posted_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = posting.Records.change

    def kill_at_the_end(self: object, record: object, **changes: object) -> object:
        if changes.get("outcome") == "posted":
            raise Killed
        return change(self, record, **changes)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(posting.Records, "change", kill_at_the_end)
        with pytest.raises(Killed):
            post(tmp_path)
    (record,) = intake.list_deliveries(tmp_path / "home")
    assert record.outcome == "posted"
    assert (
        json.loads((tmp_path / "home" / "deliveries" / record.id / "record.json").read_text())["outcome"] == "posting"
    )
    assert post(tmp_path).outcome == "unchanged"


def test_what_a_killed_copy_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / "home" / "deliveries" / ".incoming" / "raw"
    left.mkdir(parents=True)
    (left / "half.csv").write_text("cut of")
    assert post(tmp_path).outcome == "posted"
    assert os.listdir(tmp_path / "home" / "deliveries") == sorted(os.listdir(tmp_path / "home" / "deliveries"))
    assert not left.exists()


def test_long_stages_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    post(tmp_path, progress=said.append)
    assert said[0] == "reading attendance.csv"
    assert said[-1] == "packing the school year and writing the ledger"


def test_delivered_files_are_kept_for_their_days_and_then_cleared(tmp_path: Path) -> None:
    home, posted = tmp_path / "home", post(tmp_path)
    raw = home / "deliveries" / posted.delivery_id / "raw"
    assert intake.forget_files(home, NOW) == 0
    assert raw.exists()
    assert intake.forget_files(home, NOW + timedelta(days=1)) == 1
    assert not raw.exists()
    assert intake.delivery_record(home, posted.delivery_id).outcome == "posted"
    assert post(tmp_path).outcome == "unchanged"


def test_a_held_delivery_keeps_its_files_until_it_is_decided(tmp_path: Path) -> None:
    held = post(tmp_path, BAD)
    assert intake.forget_files(tmp_path / "home", NOW + timedelta(days=1000)) == 0
    assert accept(tmp_path, held.delivery_id)


@pytest.mark.parametrize("name", ["attendance", "calendar_days", "enrollments", "schools", "strips-2026"])
@pytest.mark.parametrize("left", [8, -1])
def test_nothing_is_laid_over_facts_that_are_damaged(tmp_path: Path, name: str, left: int) -> None:
    first = PLAIN | {"attendance.csv": MARKS + "0501,100,2026-09-02,1,A,absent,0,0,,day,,\n"}
    post(tmp_path, first)
    version = Ledger(tmp_path / "home").current()
    assert version is not None
    path = version.folder / f"{name}.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:left] + bytes(len(whole[left:])))
    changed = first | {"attendance.csv": first["attendance.csv"].replace("-02,", "-03,")}
    told = pytest.raises(intake.IntakeError, match=rf"{name}\.parquet is not what was posted; restore the home")
    with told:
        post(tmp_path, changed, name="second", accept="as is")
    with told:
        check(tmp_path, changed)
    assert [one.id for one in intake.list_deliveries(tmp_path / "home")] == [version.delivery_id]
    path.write_bytes(whole)
    assert post(tmp_path, changed, name="second", accept="as is").outcome == "posted"


@pytest.mark.parametrize("lost", ["ledger/CURRENT", "ledger"])
def test_nothing_is_posted_where_the_ledger_is_gone(tmp_path: Path, lost: str) -> None:
    held, home = post(tmp_path, BAD, name="held"), tmp_path / "home"
    first = post(tmp_path)
    (home / lost).rename(tmp_path / "apart")
    told = pytest.raises(
        intake.IntakeError, match=r"CURRENT is missing though deliveries were posted; restore the home"
    )
    with told:
        post(tmp_path, PLAIN | {"attendance.csv": MARKS}, name="second", accept="as is")
    with told:
        accept(tmp_path, held.delivery_id)
    assert any("CURRENT is missing" in one for one in intake.faults_of_facts(home))
    if (home / lost).exists():  # the folder is made again by whoever asks for the ledger
        (home / lost).rmdir()
    (tmp_path / "apart").rename(home / lost)
    assert post(tmp_path).delivery_id == first.delivery_id


def test_a_torn_record_is_a_sentence(tmp_path: Path) -> None:
    posted = post(tmp_path)
    path = tmp_path / "home" / "deliveries" / posted.delivery_id / "record.json"
    path.write_text(path.read_text()[:40])
    with pytest.raises(intake.IntakeError, match=r"record\.json cannot be read .*; restore the home from its backup\."):
        intake.list_deliveries(tmp_path / "home")


def test_a_disk_that_may_not_be_written_is_not_called_full(tmp_path: Path) -> None:
    with pytest.raises(intake.IntakeError, match="mounted read-only"), said_plainly(tmp_path):
        raise OSError(errno.EROFS, "Read-only file system")
