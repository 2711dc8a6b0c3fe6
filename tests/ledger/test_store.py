"""The ledger on disk: versions, pointer, undo, and what strips say of a small drawn school."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from allpresent.ledger import TABLES, Ledger, LedgerError, Version, store
from allpresent.ledger.strips import Strips

NOW = datetime(2026, 9, 8, 23, 10, tzinfo=UTC)
DAYS = [date(2026, 8, 31), *(date(2026, 9, day) for day in range(1, 5))]


def table(name: str, rows: list[dict]) -> pa.Table:
    schema = TABLES[name].schema
    return pa.Table.from_pylist([{key: row.get(key) for key in schema.names} for row in rows], schema=schema)


def small_school(**changes: list[dict]) -> dict[str, pa.Table]:
    """School A in session Monday to Friday; Ana all week, Bo from Wednesday; one absence of Ana on Tuesday."""
    rows: dict[str, list[dict]] = {
        "schools": [{"school_id": "A", "name": "A"}],
        "calendar_days": [{"school_id": "A", "date": day, "in_session": 1} for day in DAYS],
        "students": [{"student_id": "ana"}, {"student_id": "bo"}],
        "enrollments": [
            {"student_id": "ana", "school_id": "A", "entry_date": DAYS[0]},
            {"student_id": "bo", "school_id": "A", "entry_date": DAYS[2], "last_member_date": DAYS[3]},
        ],
        "attendance": [mark("ana", DAYS[1])],
        "attendance_taken": [],
        **changes,
    }
    return {name: table(name, rows.get(name, [])) for name in TABLES}


def mark(student: str, day: date, num: int = 1, den: int = 1, **more: object) -> dict:
    plain = {"school_id": "A", "category": "absent", "mode": "day", "counted": 1, "excused": 0, "disciplinary": 0}
    return {"student_id": student, "date": day, "portion_num": num, "portion_den": den, **plain, **more}


def post(ledger: Ledger, delivery_id: str, **changes: list[dict]) -> Version:
    return ledger.write(
        small_school(**changes), delivery_id=delivery_id, source="csv", content_sha=delivery_id, posted_at=NOW
    )


def days_of(strips: Strips, name: str, student: str, school: str = "A") -> list[int]:
    """Positions of the days set for one row."""
    row = np.flatnonzero((strips.student_id == student) & (strips.school_id == school))[0]
    return [int(np.searchsorted(strips.dates, day)) for day in strips.days(strips.bits[name][row])]


def test_a_version_holds_membership_and_marks_as_bits(tmp_path):
    strips = post(Ledger(tmp_path), "0001-a").strips(2026)
    assert days_of(strips, "enrolled", "ana") == [0, 1, 2, 3, 4]
    assert days_of(strips, "enrolled", "bo") == [2, 3]
    assert days_of(strips, "absent", "ana") == [1]
    assert days_of(strips, "unexcused", "ana") == [1]
    assert days_of(strips, "reported", "ana") == [0, 1, 2, 3, 4]  # a year without taken rows is taken as reported


def test_days_are_reported_by_mark_section_or_school(tmp_path):
    strips = post(
        Ledger(tmp_path),
        "0001-a",
        sections=[{"section_id": "hr", "school_id": "A", "is_homeroom": 1}],
        section_students=[{"section_id": "hr", "student_id": "ana", "start_date": DAYS[0], "last_date": DAYS[3]}],
        attendance_taken=[
            {"school_id": "A", "date": DAYS[0], "section_id": "hr"},
            {"school_id": "A", "date": DAYS[2], "section_id": "other"},
            {"school_id": "A", "date": DAYS[3], "section_id": None},
            {"school_id": "A", "date": DAYS[4], "section_id": "other"},
        ],
    ).strips(2026)
    # own section, a mark, not by another section, the school's blank row, and no section any more on Friday
    assert days_of(strips, "reported", "ana") == [0, 1, 3, 4]
    assert days_of(strips, "reported", "bo") == [2, 3]


def test_an_unknown_code_makes_the_day_unreported_whatever_else_stands_there(tmp_path):
    marks = [mark("ana", DAYS[1]), mark("ana", DAYS[1], category="unknown", period="2")]
    strips = post(Ledger(tmp_path), "0001-a", attendance=marks).strips(2026)
    assert days_of(strips, "unknown", "ana") == [1]
    assert days_of(strips, "absent", "ana") == []
    assert days_of(strips, "reported", "ana") == [0, 2, 3, 4]


@pytest.mark.parametrize(
    ("marks", "strip"),
    [
        ([mark("ana", DAYS[0], 1, 2, mode="am"), mark("ana", DAYS[0], 1, 1, mode="pm")], "mostly_absent"),
        ([mark("ana", DAYS[0], 1, 1, mode="am")], "half_absent"),
        ([mark("ana", DAYS[0], 1, 1, mode="am"), mark("ana", DAYS[0], 1, 1, mode="pm")], "absent"),
        ([mark("ana", DAYS[0], 195, 390, mode="minutes")], "half_absent"),
        ([mark("ana", DAYS[0], 196, 390, mode="minutes")], "mostly_absent"),
        ([mark("ana", DAYS[0], mode="period", period=p, periods_in_day=7) for p in "123"], "partly_absent"),
        ([mark("ana", DAYS[0], mode="period", period=p, periods_in_day=7) for p in "1234"], "mostly_absent"),
        ([mark("ana", DAYS[0], mode="period", period=p, periods_in_day=6) for p in "123"], "half_absent"),
        ([mark("ana", DAYS[0]), mark("ana", DAYS[0], 0, 1, category="present")], "absent"),
        (
            [mark("ana", DAYS[0], 1, 2), mark("ana", DAYS[0], mode="period", period="1", periods_in_day=1)],
            "half_absent",
        ),
    ],
)
def test_several_marks_of_a_day_make_one_exact_portion(tmp_path, marks, strip):
    strips = post(Ledger(tmp_path), "0001-a", attendance=marks).strips(2026)
    sizes = ("absent", "mostly_absent", "half_absent", "partly_absent")
    assert {name for name in sizes if days_of(strips, name, "ana")} == {strip}


def test_a_period_without_the_days_periods_is_unknown(tmp_path):
    strips = post(Ledger(tmp_path), "0001-a", attendance=[mark("ana", DAYS[0], mode="period", period="1")]).strips(2026)
    assert days_of(strips, "unknown", "ana") == [0]


def test_marks_outside_membership_and_uncounted_marks_are_kept_out(tmp_path):
    marks = [mark("bo", DAYS[0]), mark("ana", DAYS[2], counted=0), mark("bo", DAYS[2], school_id="B")]
    strips = post(Ledger(tmp_path), "0001-a", attendance=marks).strips(2026)
    assert not strips.bits["absent"].any()


def test_a_day_at_two_schools_is_one_day_on_the_pooled_row(tmp_path):
    strips = post(
        Ledger(tmp_path),
        "0001-a",
        schools=[{"school_id": "A"}, {"school_id": "B"}],
        calendar_days=[{"school_id": school, "date": day, "in_session": 1} for school in "AB" for day in DAYS],
        enrollments=[
            {"student_id": "ana", "school_id": "A", "entry_date": DAYS[0], "last_member_date": DAYS[2]},
            {"student_id": "ana", "school_id": "B", "entry_date": DAYS[2]},
        ],
        attendance=[mark("ana", DAYS[2], 1, 2), mark("ana", DAYS[2], school_id="B", disciplinary=1)],
    ).strips(2026)
    assert days_of(strips, "enrolled", "ana", "") == [0, 1, 2, 3, 4]
    assert days_of(strips, "enrolled", "ana", "B") == [2, 3, 4]
    assert days_of(strips, "half_absent", "ana", "A") == [2]
    assert days_of(strips, "absent", "ana", "") == [2]
    assert days_of(strips, "disciplinary", "ana", "") == [2]
    assert strips.is_pooled.tolist() == [True, False, False]


def test_tracks_decide_who_is_due(tmp_path):
    strips = post(
        Ledger(tmp_path),
        "0001-a",
        calendar_days=[
            {"school_id": "A", "date": DAYS[0], "in_session": 1},
            {"school_id": "A", "date": DAYS[1], "in_session": 1, "track": "a"},
            {"school_id": "A", "date": DAYS[2], "in_session": 1, "track": "b"},
        ],
        enrollments=[
            {"student_id": "ana", "school_id": "A", "entry_date": DAYS[0], "track": "a"},
            {"student_id": "bo", "school_id": "A", "entry_date": DAYS[0]},
        ],
    ).strips(2026)
    assert days_of(strips, "enrolled", "ana") == [0, 1]
    assert days_of(strips, "enrolled", "bo") == [0, 1, 2]


def test_strips_read_back_as_written(tmp_path):
    written = post(Ledger(tmp_path), "0001-a", attendance=[mark("ana", DAYS[0], 1, 3)])
    read = Ledger(tmp_path).version("0001-a").strips(2026)
    assert read.partial.to_pylist() == [
        {"student_id": "ana", "school_id": "A", "date": DAYS[0], "portion_num": 1, "portion_den": 3}
    ]
    assert read.count(read.bits["enrolled"]).tolist() == [5, 2]
    assert read.count(read.bits["enrolled"] & read.mask(last=date(2026, 9, 2))).tolist() == [3, 1]
    assert written.last_school_day == DAYS[0]


@pytest.mark.parametrize("part_rows", [1, 2, 3, 100])
def test_the_rows_of_one_id_are_those_of_the_whole_table(tmp_path, monkeypatch, part_rows):
    monkeypatch.setattr(store, "PART_ROWS", part_rows)
    marks = [mark(student, day) for student in ("ana", "bo", "") for day in DAYS] + [mark("bo", DAYS[1], school_id="B")]
    version = post(Ledger(tmp_path), "0001-a", attendance=[*marks, mark(None, DAYS[0]), mark("ana", DAYS[0])])
    whole = version.table("attendance")
    columns = ["date", "category"]
    for student in ("ana", "bo", "", "al", "cy"):
        own = whole.filter(pc.equal(whole["student_id"], student))
        assert version.table("attendance", student_id=student).equals(own)
        assert version.table("attendance", columns=columns, student_id=student).equals(own.select(columns))
        both = own.filter(pc.equal(own["school_id"], "B"))
        assert version.table("attendance", student_id=student, school_id="B").equals(both)
    assert version.table("contacts", student_id="ana").equals(TABLES["contacts"].empty())


def test_a_column_younger_than_the_version_is_blank(tmp_path):
    version = post(Ledger(tmp_path), "0001-a", sections=[{"section_id": "hr", "school_id": "A"}])
    path = version.folder / "sections.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["name"]), path)
    assert version.table("sections", school_id="A").to_pylist()[0]["name"] is None
    pq.write_table(pq.read_table(path).drop_columns(["school_id"]), path)
    assert Version(version.folder).table("sections", school_id="A").equals(TABLES["sections"].empty())


def test_deliveries_stand_in_line_and_only_the_newest_is_undone(tmp_path):
    ledger = Ledger(tmp_path)
    post(ledger, "0001-a")
    post(ledger, "0002-b", attendance=[mark("ana", DAYS[3])])
    assert [manifest.delivery_id for manifest in ledger.history()] == ["0002-b", "0001-a"]
    assert days_of(ledger.version("0001-a").strips(2026), "absent", "ana") == [1]
    with pytest.raises(LedgerError, match="the newest is 0002-b"):
        ledger.undo("0001-a")
    assert ledger.undo("0002-b").delivery_id == "0001-a"
    with pytest.raises(LedgerError, match="No posted delivery is called 0002-b"):
        ledger.version("0002-b")
    assert ledger.undo("0001-a") is None
    assert ledger.current() is None


def test_a_killed_posting_leaves_the_old_version_and_the_next_one_works(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path)
    post(ledger, "0001-a")
    monkeypatch.setattr(Ledger, "_point_to", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        post(ledger, "0002-b")
    monkeypatch.undo()
    assert ledger.current().delivery_id == "0001-a"
    assert post(ledger, "0002-b").delivery_id == ledger.current().delivery_id == "0002-b"
