"""The synthetic district's two deliveries, end to end: posted, corrected, exported and read back."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.compute as pc
import pytest

from allpresent import intake
from allpresent.demo import DemoSummary, write_files
from allpresent.intake import Checked
from allpresent.intake.posting import Posted
from allpresent.ledger import Ledger, Version

NOW = datetime(2026, 11, 6, 5, tzinfo=UTC)
STUDENTS = 300


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return write_files(tmp_path_factory.mktemp("demo"), students=STUDENTS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def posted(home: Path, summary: DemoSummary) -> tuple[Posted, Posted]:
    """Both deliveries, each posted on the morning after its last day."""
    first, second = (
        intake.post_delivery(home, "powerschool", folder, today=date(2026, 11, day), now=NOW)
        for folder, day in zip(summary.folders, (5, 6), strict=True)
    )
    return first, second


@pytest.fixture(scope="module")
def checked(summary: DemoSummary, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    empty = tmp_path_factory.mktemp("empty")
    return intake.check_delivery(empty, "powerschool", summary.folders[1], today=date(2026, 11, 6))


def current(home: Path) -> Version:
    version = Ledger(home).current()
    assert version
    return version


def test_both_deliveries_are_posted_without_a_hold(posted: tuple[Posted, Posted]) -> None:
    assert [one.outcome for one in posted] == ["posted", "posted"]
    assert [one.record.why_held for one in posted] == [[], []]


def test_last_delivered_school_day_is_the_demonstrations(home: Path, posted: tuple[Posted, Posted]) -> None:
    assert current(home).last_school_day == date(2026, 11, 5)
    assert Ledger(home).version(posted[0].delivery_id).last_school_day == date(2026, 11, 4)
    assert current(home).school_years == [2025, 2026]


def test_students_enrolled_on_the_last_day_are_those_that_were_written(
    home: Path, posted: tuple[Posted, Posted], summary: DemoSummary
) -> None:
    spans = current(home).table("enrollments")
    last = date(2026, 11, 5)
    active = spans.filter(
        pc.and_(
            pc.less_equal(spans["entry_date"], last),
            pc.greater_equal(pc.fill_null(spans["last_member_date"], last), last),
        )
    )
    names = dict(zip(*(current(home).table("schools")[c].to_pylist() for c in ("school_id", "name")), strict=True))
    by_school = Counter(names[school] for school in active["school_id"].to_pylist())
    assert len(set(active["student_id"].to_pylist())) == summary.students
    # A student on two overlapping spans counts at both schools.
    assert all(0 <= by_school[school] - count <= 2 for school, count in summary.by_school.items())


def test_every_row_of_every_file_is_accounted_for(posted: tuple[Posted, Posted], summary: DemoSummary) -> None:
    for one, marks in zip(posted, summary.marks, strict=True):
        by_file = {row["file"]: row for row in one.record.rows}
        assert by_file["attendance.txt"]["rows_read"] == marks
        for row in one.record.rows:
            shares = [row[name] for name in ("canonical", "errors", "duplicates", "left_out", "merged")]
            assert sum(shares) == row["rows_read"]
            if row["file"] not in ("attendance.txt", "contacts.txt", "cc.txt", "reenrollments.txt"):
                assert row["canonical"] == row["rows_read"], row


def test_meeting_rows_are_left_out_where_the_school_counts_days(checked: Checked) -> None:
    assert set(checked.tables["attendance"]["mode"].to_pylist()) == {"day"}


def test_silent_schools_are_found(posted: tuple[Posted, Posted], summary: DemoSummary, home: Path) -> None:
    names = dict(zip(*(current(home).table("schools")[c].to_pylist() for c in ("school_id", "name")), strict=True))
    silent = {names[school["school_id"]] for school in posted[1].record.silent_schools}
    assert silent >= set(summary.silent_schools)
    assert len(posted[1].record.silent_sections) == summary.silent_teachers


def test_corrections_of_the_second_delivery_are_in_force_and_the_first_is_kept(
    home: Path, posted: tuple[Posted, Posted]
) -> None:
    def said(version: Version) -> set[tuple[object, ...]]:
        rows = version.table("attendance", ["student_id", "date", "code"]).to_pylist()
        return {tuple(row.values()) for row in rows if row["date"] <= date(2026, 11, 4)}

    before, after = said(Ledger(home).version(posted[0].delivery_id)), said(current(home))
    assert before - after
    assert after - before
    assert len(before & after) > 0.9 * len(before)


def test_what_is_exported_is_read_back_the_same(checked: Checked, tmp_path: Path) -> None:
    intake.export_canonical(checked, tmp_path / "out")
    again = intake.check_delivery(tmp_path, "csv", tmp_path / "out", today=date(2026, 11, 6))
    assert not again.is_unreadable
    for name, table in checked.tables.items():
        columns = [column for column in table.column_names if column not in ("line_no", "source_file")]
        assert again.tables[name].select(columns).equals(table.select(columns)), name


def test_contacts_keep_custody_apart(checked: Checked) -> None:
    contacts = checked.tables["contacts"].to_pylist()
    assert {row["may_contact"] for row in contacts if row["student_id"]} == {0, 1}
    assert all(row["may_contact"] == 0 for row in contacts if row["has_custody"] == 0 and row["lives_with"] == 0)
