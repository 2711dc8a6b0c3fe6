"""Rows of a OneRoster delta that delete: their key is enough, and what else they lack or spoil is no fault."""

from pathlib import Path

import pytest

from allpresent.ledger import Ledger
from tests.intake.folders import check
from tests.intake.roster_files import bundle, post_roster

MOVED = "e5,active,,k2,o2,u2,student,,,"
BARE = "e2,tobedeleted,2026-10-30T00:00:00.000Z,,,,,,,"


def seats(home: Path) -> list[tuple[str, str]]:
    version = Ledger(home / "home").current()
    assert version is not None
    rows = version.table("section_students", ["section_id", "student_id"]).to_pylist()
    return sorted((row["section_id"], row["student_id"]) for row in rows)


@pytest.mark.parametrize("row", [BARE, "e2,ToBeDeleted,,k1,o1,u2,student,,never,"])
def test_a_deletion_needs_no_more_than_its_key(posted_home: Path, row: str) -> None:
    assert post_roster(posted_home, bundle(), "bulk").outcome == "posted"
    assert ("k1", "0502") in seats(posted_home)
    told = post_roster(posted_home, bundle("delta", enrollments=(row, MOVED)), "delta")
    assert (told.outcome, told.record.why_held) == ("posted", [])
    assert seats(posted_home) == [("k1", "0501"), ("k2", "0502"), ("k2", "0503")]
    counts = {row["file"]: (row["errors"], row["left_out"]) for row in told.record.rows}
    assert counts["enrollments.csv"] == (0, 1)


def test_a_second_delta_lies_over_a_bare_deletion_too(posted_home: Path) -> None:
    post_roster(posted_home, bundle(), "bulk")
    post_roster(posted_home, bundle("delta", enrollments=(BARE, MOVED)), "one")
    back = post_roster(posted_home, bundle("delta", enrollments=("e2,active,,k1,o1,u2,student,,,",)), "two")
    assert (back.outcome, back.record.why_held) == ("posted", [])
    assert [student for _, student in seats(posted_home)].count("0502") == 2


@pytest.mark.parametrize("row", [",tobedeleted,,,,,,,,", "e2,active,,,,,,,,", "e2,,,,,,,,,"])
def test_a_row_that_deletes_nothing_has_to_be_right(posted_home: Path, row: str) -> None:
    post_roster(posted_home, bundle(), "bulk")
    checked = check(posted_home, bundle("delta", enrollments=(row,)), source="oneroster")
    assert next((one.rule, one.line) for one in checked.findings if one.severity == "error" and one.line) == ("I01", 2)
