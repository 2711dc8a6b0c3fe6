"""What becomes of last year's spans when the deliveries of a new school year bring only the spans of that year."""

from datetime import date

import pyarrow as pa
import pytest

from allpresent.intake.merging import Delivered, merge
from allpresent.ledger import TABLES

ENDED = "2026-06-30"
Span = tuple[str, str, str, str]  # student, school, first and last day, or nothing


class State:
    """Tables posted one over the other, drawn: spans, and the calendars of the schools that were delivered."""

    def __init__(self) -> None:
        self.tables = {name: table.empty() for name, table in TABLES.items()}
        self.last_school_day: date | None = None

    def table(self, name: str) -> pa.Table:
        return self.tables[name]

    def lay(self, spans: list[Span], days: dict[str, list[str]], seen: str, *, is_roster: bool = False) -> None:
        """Lay a delivery over it; ``seen`` is its last school day."""
        students = sorted({span[0] for span in spans})
        new = {name: table.empty() for name, table in TABLES.items()}
        new["schools"] = made("schools", [{"school_id": school} for school in days])
        new["students"] = made("students", [{"student_id": student} for student in students])
        calendar = [{"school_id": school, "date": date.fromisoformat(day)} for school in days for day in days[school]]
        new["calendar_days"] = made("calendar_days", [day | {"in_session": 1} for day in calendar])
        new["enrollments"] = made("enrollments", [as_row(span) for span in spans])
        told = Delivered(new, "d", date.fromisoformat(seen), "07-01", frozenset(new), is_roster=is_roster)
        self.tables = merge(told, self).tables
        self.last_school_day = date.fromisoformat(seen)

    def spans(self, student: str) -> list[str]:
        """School, first and last day of a student's spans."""
        rows = [row for row in self.tables["enrollments"].to_pylist() if row["student_id"] == student]
        return sorted(f"{row['school_id']} {row['entry_date']} {row['last_member_date'] or ''}".strip() for row in rows)


def made(name: str, rows: list[dict[str, object]]) -> pa.Table:
    """A table of rows that name only some columns."""
    schema = TABLES[name].schema
    return pa.Table.from_pylist([{column: row.get(column) for column in schema.names} for row in rows], schema=schema)


def as_row(span: Span) -> dict[str, object]:
    student, school, first, last = span
    until = date.fromisoformat(last) if last else None
    return {
        "student_id": student,
        "school_id": school,
        "entry_date": date.fromisoformat(first),
        "last_member_date": until,
    }


PAST = {"100": ["2025-09-02"], "200": ["2025-09-02"]}
NOW = {"100": ["2026-09-02"], "200": ["2026-09-02"]}


@pytest.fixture
def posted() -> State:
    """Ana and Ben at Harbor (100) last year, Cy at North (200); all spans are open."""
    state = State()
    spans = [(student, school, "2025-09-02", "") for student, school in (("ana", "100"), ("ben", "100"), ("cy", "200"))]
    state.lay(spans, PAST, "2026-06-10")
    return state


def test_open_span_ends_with_its_year_when_the_next_one_comes(posted: State) -> None:
    now = [
        ("ana", "100", "2026-08-31", "2026-10-02"),
        ("ben", "200", "2026-08-31", ""),
        ("cy", "200", "2026-08-31", ""),
    ]
    posted.lay(now, NOW, "2026-09-02")
    assert posted.spans("ana") == [f"100 2025-09-02 {ENDED}", "100 2026-08-31 2026-10-02"]
    assert posted.spans("ben") == [f"100 2025-09-02 {ENDED}", "200 2026-08-31"]


def test_who_withdrew_over_the_summer_is_enrolled_no_more(posted: State) -> None:
    posted.lay([("ana", "100", "2026-08-31", "")], NOW, "2026-09-02")
    assert posted.spans("ben") == [f"100 2025-09-02 {ENDED}"]
    posted.lay([("ana", "100", "2026-08-31", "")], NOW, "2026-09-03")
    assert posted.spans("ben") == [f"100 2025-09-02 {ENDED}"]


def test_next_years_calendar_in_june_keeps_nobody_who_withdrew(posted: State) -> None:
    all_three = [("ana", "100", "2025-09-02", ""), ("ben", "100", "2025-09-02", ""), ("cy", "200", "2025-09-02", "")]
    posted.lay(all_three, {school: PAST[school] + NOW[school] for school in PAST}, "2026-06-11")
    assert posted.spans("ben") == ["100 2025-09-02"]
    posted.lay([("ana", "100", "2026-08-31", "")], NOW, "2026-09-02")
    assert posted.spans("ben") == [f"100 2025-09-02 {ENDED}"]


def test_who_withdrew_is_not_kept_by_a_source_that_began_its_year_earlier(posted: State) -> None:
    posted.lay([("cy", "200", "2026-08-31", "")], {"200": NOW["200"]}, "2026-09-02")
    posted.lay([("ana", "100", "2026-08-31", "")], {"100": NOW["100"]}, "2026-09-02")
    assert posted.spans("ben") == [f"100 2025-09-02 {ENDED}"]


def test_span_of_last_year_that_is_delivered_again_lasts_until_the_student_was_last_seen(posted: State) -> None:
    kept = [
        ("ana", "100", "2025-09-02", "2025-11-05"),
        ("ana", "100", "2026-09-01", ""),
        ("ben", "100", "2025-09-02", ""),
    ]
    posted.lay(kept, NOW, "2026-09-03")
    assert posted.spans("ana") == ["100 2025-09-02 2025-11-05", "100 2026-09-01"]
    assert posted.spans("ben") == ["100 2025-09-02"]
    for night in ("2026-09-04", "2026-09-08"):
        posted.lay(kept[:2], NOW, night)
        assert posted.spans("ben") == ["100 2025-09-02 2026-09-03"]
    posted.lay(kept, NOW, "2026-09-09")
    assert posted.spans("ben") == ["100 2025-09-02"]


def test_one_source_of_the_schools_ends_no_span_that_another_keeps(posted: State) -> None:
    north = [("ben", "200", "2026-08-31", ""), ("cy", "200", "2026-08-31", "")]
    posted.lay(north, {"200": NOW["200"]}, "2026-09-02")
    assert posted.spans("ana") == ["100 2025-09-02"]  # Harbor did not tell of this year yet
    assert posted.spans("ben") == [f"100 2025-09-02 {ENDED}", "200 2026-08-31"]
    posted.lay([("ana", "100", "2026-08-31", ""), ("ben", "100", "2025-09-02", "")], {"100": NOW["100"]}, "2026-09-02")
    posted.lay(north, {"200": NOW["200"]}, "2026-09-03")
    assert posted.spans("ben") == ["100 2025-09-02", "200 2026-08-31"]


def test_summer_school_and_a_roster_end_no_span_of_the_school_itself(posted: State) -> None:
    summer = {"100": [], "200": [], "300": ["2026-07-08"]}
    posted.lay([("ana", "300", "2026-07-06", "2026-07-24")], summer, "2026-07-08")
    assert posted.spans("ana") == ["100 2025-09-02", "300 2026-07-06 2026-07-24"]
    posted.lay([("ben", "200", "2026-08-31", "")], {"100": [], "200": []}, "2026-08-31", is_roster=True)
    assert posted.spans("ben") == ["100 2025-09-02", "200 2026-08-31"]
