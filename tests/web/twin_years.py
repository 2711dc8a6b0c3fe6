"""A drawn district with a last year: the toolkit's level table, or a few students, posted through the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from allpresent.ledger import TABLES, Ledger

SCHOOLS = {"11": ("Linden Street School", "K", "08"), "21": ("Harbor High School", "09", "12")}
THIS_YEAR, LAST_YEAR = date(2026, 8, 31), date(2025, 9, 2)
DELIVERY = "0001-70017001"
POSTED_AT = datetime(2026, 11, 5, 4, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Drawn:
    """So many students of a school and grade with these days absent, this year and last (None: not here then).

    The days absent are the first of the year; ``is_late``: the last ones delivered with attendance. ``left_after``:
    last year they left after so many school days.
    """

    students: int
    school: str
    grade: str
    absent: int
    absent_before: int | None = None
    groups: tuple[str, ...] = ()
    is_late: bool = False
    left_after: int | None = None


def weekdays(first: date, count: int) -> list[date]:
    """The next ``count`` weekdays from ``first`` on."""
    days = (first + timedelta(days=n) for n in range(count * 2))
    return [day for day in days if day.isoweekday() <= 5][:count]


def post_years(
    home: Path, drawn: Iterable[Drawn], *, days: int = 45, unreported: Mapping[str, int] | None = None
) -> date:
    """Post this year to its ``days``-th school day and all of a year of 100 before; returns the last school day.

    ``unreported`` names schools that took no attendance on so many of the last days.
    """
    now, before = weekdays(THIS_YEAR, 100), weekdays(LAST_YEAR, 100)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    rows["schools"] = [
        {"school_id": key, "name": name, "low_grade": low, "high_grade": high, "excluded": 0}
        for key, (name, low, high) in SCHOOLS.items()
    ]
    silent = unreported or {}
    for key in SCHOOLS:
        rows["calendar_days"] += [
            {"school_id": key, "date": day, "in_session": 1, "membership_value": "1"} for day in (*before, *now)
        ]
        taken = [*before, *now[: days - silent.get(key, 0)]]
        rows["attendance_taken"] += [{"school_id": key, "date": day} for day in taken]
    for number, one in enumerate(one for group in drawn for one in [group] * group.students):
        _student(rows, f"9{number:05d}", one, now[:days], before)
    tables = {
        name: pa.Table.from_pylist(
            [{"source_file": f"{name}.csv", "line_no": line} | row for line, row in enumerate(rows[name], start=2)],
            schema=table.schema,
        )
        for name, table in TABLES.items()
    }
    Ledger(home).write(tables, delivery_id=DELIVERY, source="csv", content_sha="70" * 32, posted_at=POSTED_AT)
    return now[days - 1]


def _student(
    rows: dict[str, list[dict[str, object]]], key: str, one: Drawn, now: list[date], before: list[date]
) -> None:
    rows["students"].append({"student_id": key, "full_name": f"Example {key}", "grade": one.grade})
    rows["demographics"] += [
        {"student_id": key, "flag": flag, "value": "1", "start_date": before[0]} for flag in one.groups
    ]
    years = [(now, one.absent, None)]
    if one.absent_before is not None:
        stayed = before[: one.left_after]
        years.append((stayed, one.absent_before, stayed[-1]))
    for days, absent, last in years:
        span = {"student_id": key, "school_id": one.school, "entry_date": days[0], "last_member_date": last}
        rows["enrollments"].append(span | {"grade": one.grade, "fte": "1", "primary": 1})
        rows["attendance"] += [
            {
                "student_id": key,
                "school_id": one.school,
                "date": day,
                "portion_num": 1,
                "portion_den": 1,
                "code": "U",
                "category": "absent",
                "excused": 0,
                "disciplinary": 0,
                "mode": "day",
                "counted": 1,
                "delivery_id": DELIVERY,
            }
            for day in _absent(days, absent, one.is_late and last is None)
        ]


def _absent(days: list[date], absent: int, is_late: bool) -> list[date]:
    """The first days, or the last ones but four."""
    return days[len(days) - 4 - absent : len(days) - 4] if is_late else days[:absent]
