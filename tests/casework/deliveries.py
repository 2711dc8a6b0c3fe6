"""Deliveries drawn by hand on the cast's calendar: who was absent when, who left, what was not reported."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from allpresent.casework import open_steps
from allpresent.casework.models import Case, CaseStep, LevelCrossing
from allpresent.ledger import Ledger
from allpresent.measures import Facts, open_facts
from tests import cast

DAYS = cast.school_days()


def day(number: int) -> date:
    """The n-th school day of the year, 1 the first."""
    return DAYS[number - 1]


def deliver(
    home: Path,
    delivery_id: str,
    absent: Mapping[str, Iterable[int]],
    *,
    unknown: Mapping[str, Iterable[int]] | None = None,
    left: Mapping[str, int] | None = None,
    snow: Iterable[int] = (),
    upto: int = 46,
) -> Facts:
    """Post a delivery with these absences by school day number, and give its facts.

    `unknown` are marks with a code nobody mapped, `left` the last school day of a leaver, `snow` days out of session,
    `upto` the last school day with attendance taken.
    """
    tables = cast.tables()
    marks = [_mark(name, number, "absent") for name, numbers in absent.items() for number in numbers]
    marks += [_mark(name, number, "unknown") for name, numbers in (unknown or {}).items() for number in numbers]
    changed = {
        "attendance": marks,
        "calendar_days": [
            row | {"in_session": 0 if row["date"] in {day(n) for n in snow} else 1}
            for row in tables["calendar_days"].to_pylist()
        ],
        "attendance_taken": [
            {"school_id": school, "date": day(n)} for school in (cast.LINDEN, cast.HARBOR) for n in range(1, upto + 1)
        ],
        "enrollments": [_leave(row, left or {}) for row in tables["enrollments"].to_pylist()],
    }
    for name, rows in changed.items():
        tables[name] = pa.Table.from_pylist(
            [{"source_file": f"{name}.csv", "line_no": line} | row for line, row in enumerate(rows, start=2)],
            schema=tables[name].schema,
        )
    Ledger(home).write(tables, delivery_id=delivery_id, source="csv", content_sha=delivery_id, posted_at=cast.NOW)
    return open_facts(home)


def _mark(name: str, number: int, category: str) -> dict[str, Any]:
    on = day(number)
    return {
        "student_id": cast.student_id(name),
        "school_id": cast.school_of(name, on),
        "date": on,
        "portion_num": 1,
        "portion_den": 1,
        "code": "U",
        "category": category,
        "excused": 0,
        "disciplinary": 0,
        "mode": "day",
        "counted": 1,
    }


def _leave(row: dict[str, Any], left: Mapping[str, int]) -> dict[str, Any]:
    names = {values[0]: name for name, values in cast.STUDENTS.items()}
    number = left.get(names[row["student_id"]])
    return row if number is None else row | {"last_member_date": day(number)}


def night(home: Path, facts: Facts, as_of: int, **more: Any) -> dict[str, int]:
    """Open steps as of the n-th school day, on the morning after it."""
    return open_steps(home, facts, day(as_of), day(as_of + 1), cast.NOW, **more)


def steps_of(name: str) -> dict[str, CaseStep]:
    """The newest step of each key, by key."""
    rows = CaseStep.objects.filter(case__student_id=cast.student_id(name)).order_by("pk")
    return {row.step_key: row for row in rows}


def states_of(name: str) -> dict[str, str]:
    """The state of the newest step of each key."""
    return {key: step.state for key, step in steps_of(name).items()}


def crossings_of(name: str) -> list[LevelCrossing]:
    """Every crossing, withdrawn ones too, as it was noticed."""
    return list(LevelCrossing.objects.filter(case__student_id=cast.student_id(name)).order_by("pk"))


def books() -> list[tuple[object, ...]]:
    """Everything the night writes, without the numbers the database gives: equal books are equal tuples."""
    cases = Case.objects.values_list(
        "student_id", "school_year", "level", "highest_level", "school_id", "opened_on", "closed_on", "closed_because"
    )
    crossings = LevelCrossing.objects.values_list(
        *("case__student_id", "level", "school_id", "crossed_on", "noticed_on", "noticed_delivery", "noticed_at"),
        *("days_absent", "is_skipped", "skipped", "is_withdrawn", "withdrawn_on", "withdrawn_because"),
    )
    steps = CaseStep.objects.values_list(
        *("case__student_id", "crossing__level", "step_key", "level", "kind", "school_id", "opened_on", "due_on"),
        *("merged", "owner_role", "state", "ended_on", "ended_at", "ending", "evidence_reference", "escalated_on"),
    )
    rows = [("case", *row) for row in cases] + [("crossing", *row) for row in crossings]
    return sorted([*rows, *(("step", *row) for row in steps)], key=repr)
