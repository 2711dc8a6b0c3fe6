"""Districts drawn as text tables in a test, posted through the ledger, and judged by the engine and by its twin.

A table is drawn as columns between bars; a line of dashes is skipped. Days are numbers of school days (1 is the
year's first), ranges of them (``1-18``), lists (``3,5``) or ISO dates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa

from allpresent.ledger import TABLES, Ledger
from allpresent.measures import Facts, Rules, groups, open_facts, standings, standings_per_school
from tests.reference import twin
from tests.reference.days import Row, Settings, Tables

FIRST_DAY = date(2026, 8, 31)
PLAIN = Rules()
POSTED_AT = datetime(2026, 11, 6, 23, 0, tzinfo=UTC)
_PLAIN_MARK = {"category": "absent", "mode": "day", "excused": 0, "disciplinary": 0, "counted": 1}
_KINDS: dict[str, dict[str, int | None]] = {
    "excused": {"excused": 1},
    "unexcused": {"excused": 0},
    "disciplinary": {"excused": 0, "disciplinary": 1},
    "blank": {"excused": None},
}


def table(text: str) -> list[dict[str, str]]:
    """The rows of a drawn table, every value as stripped text."""
    lines = [line for line in text.strip().splitlines() if line.strip() and not set(line.strip()) <= set("-+| ")]
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    assert all(len(row) == len(header) for row in rows), "every line of a drawn table has the same columns"
    return [dict(zip(header, row, strict=True)) for row in rows]


def weekdays(count: int, first: date = FIRST_DAY, without: Iterable[date] = ()) -> list[date]:
    """The first ``count`` Mondays to Fridays, holidays left out."""
    days: list[date] = []
    closed = set(without)
    day = first
    while len(days) < count:
        if day.weekday() < 5 and day not in closed:
            days.append(day)
        day += timedelta(days=1)
    return days


class Drawn:
    """A district in the making: canonical rows of schools with the same school days unless told otherwise."""

    def __init__(
        self, count: int = 180, schools: str = "A", first: date = FIRST_DAY, without: Iterable[date] = ()
    ) -> None:
        self.tables: Tables = {name: [] for name in TABLES}
        self.days = weekdays(count, first, without)
        for school in schools.split():
            self.tables["schools"].append({"school_id": school, "name": school})
            self.open(school, self.days)

    def open(self, school: str, days: Iterable[date], is_open: bool = True) -> "Drawn":
        """Puts days of a school in session, or out of it; what was said of them before is forgotten."""
        days = list(days)
        kept = [
            row
            for row in self.tables["calendar_days"]
            if (row["school_id"], row["date"]) not in {(school, day) for day in days}
        ]
        kept += [{"school_id": school, "date": day, "in_session": int(is_open)} for day in days]
        self.tables["calendar_days"] = kept
        return self

    def day(self, text: str) -> date:
        """The day a cell names: the number of a school day, or an ISO date."""
        return self.days[int(text) - 1] if text.isdigit() else date.fromisoformat(text)

    def range(self, text: str) -> list[date]:
        """The days a cell names: ``1-18``, ``3,5``, ISO dates."""
        found: list[date] = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            first, _, last = part.partition("-")
            found += self.days[int(first) - 1 : int(last)] if last.isdigit() and first.isdigit() else [self.day(part)]
        return found

    def students(self, text: str) -> "Drawn":
        """Spans and people: student, school, first, last (blank = open); also grade, primary, track, born."""
        known = {row["student_id"] for row in self.tables["students"]}
        for row in table(text):
            born = row.get("born", "")
            if row["student"] not in known:
                known.add(row["student"])
                birth = date.fromisoformat(born) if born else None
                self.tables["students"].append(
                    {"student_id": row["student"], "birth_date": birth, "grade": row.get("grade", "05")}
                )
            self.tables["enrollments"].append(
                {
                    "student_id": row["student"],
                    "school_id": row["school"],
                    "entry_date": self.day(row.get("first", "1") or "1"),
                    "last_member_date": self.day(row["last"]) if row.get("last") else None,
                    "grade": row.get("grade", "05"),
                    "primary": int(row["primary"]) if row.get("primary") else None,
                    "track": row.get("track") or None,
                }
            )
        return self

    def marks(self, text: str) -> "Drawn":
        """Marks: student, school, days; also portion, kind, category, mode, period, periods (of the day)."""
        for row in table(text):
            portion = Fraction(row.get("portion") or 1)
            for day in self.range(row["days"]):
                self.tables["attendance"].append(
                    _PLAIN_MARK
                    | {
                        "student_id": row["student"],
                        "school_id": row["school"],
                        "date": day,
                        "portion_num": portion.numerator,
                        "portion_den": portion.denominator,
                        "source_file": "attendance.csv",
                        "line_no": len(self.tables["attendance"]) + 2,
                        "category": row.get("category") or "absent",
                        "mode": row.get("mode") or "day",
                        "period": row.get("period") or None,
                        "periods_in_day": int(row["periods"]) if row.get("periods") else None,
                        "delivery_id": "0001-drawn",
                    }
                    | _KINDS[row.get("kind") or "unexcused"]
                )
        return self

    def taken(self, text: str) -> "Drawn":
        """Attendance taken: school, days; also section (blank = the whole school)."""
        for row in table(text):
            for day in self.range(row["days"]):
                self.tables["attendance_taken"].append(
                    {"school_id": row["school"], "date": day, "section_id": row.get("section") or None}
                )
        return self

    def rows(self, name: str, text: str) -> "Drawn":
        """Rows of any other canonical table by its own column names."""
        for row in table(text):
            plain: Row = {key: value or None for key, value in row.items()}
            for key, value in plain.items():
                if pa.types.is_date(TABLES[name].columns[key]) and value:
                    plain[key] = self.day(value)
                elif pa.types.is_integer(TABLES[name].columns[key]) and value:
                    plain[key] = int(value)
            self.tables[name].append(plain)
        return self


def arrow(tables: Tables) -> dict[str, pa.Table]:
    """The canonical tables as the ledger takes them."""
    return {
        name: pa.Table.from_pylist(
            [{key: row.get(key) for key in kind.columns} for row in tables.get(name, [])], schema=kind.schema
        )
        for name, kind in TABLES.items()
    }


def post(home: Path, tables: Tables, delivery_id: str = "0001-drawn", year_starts: str = "07-01") -> Facts:
    """The facts of a home after one more delivery."""
    Ledger(home).write(
        arrow(tables),
        delivery_id=delivery_id,
        source="drawn",
        content_sha=delivery_id,
        posted_at=POSTED_AT,
        year_starts=year_starts,
    )
    return open_facts(home)


def next_id(home: Path) -> str:
    """The id of the next delivery to a home."""
    return f"{len(list((home / 'ledger' / 'versions').glob('*'))) + 1:04d}-drawn"


def settings_of(rules: Rules) -> Settings:
    """The twin's settings for the same rules."""
    return replace(
        Settings(),
        minimum_days=rules.minimum_days,
        day_rule=rules.day_rule,
        is_half_absent=rules.is_half_absent,
        truancy_month=rules.truancy_month,
        level_bounds=rules.level_bounds,
    )


def text_of(value: Any) -> str:
    """A value as a drawn table shows it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def texts(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Rows with every value as text; the twin's own exact values left out."""
    return [{key: text_of(value) for key, value in row.items() if not key.startswith("_")} for row in rows]


def check_standings(
    home: Path, drawn: Drawn, as_of: str | date, expected: str, rules: Rules = PLAIN, per_school: bool = False
) -> None:
    """Posts the district and compares the drawn columns with the engine and with the twin, which must agree wholly."""
    day = as_of if isinstance(as_of, date) else drawn.day(as_of)
    facts = post(home, drawn.tables, next_id(home))
    if per_school:
        found = texts(standings_per_school(facts, day, rules).to_pylist())
        judged = texts(twin.standings_per_school(drawn.tables, day, settings_of(rules)))
    else:
        found = texts(standings(facts, day, rules).to_pylist())
        judged = texts(twin.standings(drawn.tables, day, settings_of(rules)))
    assert found == judged, "the engine and its twin differ"
    wanted = table(expected)
    assert [{key: row[key] for key in wanted[0]} for row in found] == wanted


def check_groups(
    home: Path,
    drawn: Drawn,
    as_of: str | date,
    by: str,
    expected: str,
    rules: Rules = PLAIN,
    everyone: bool = False,
    public: bool = False,
) -> None:
    """The same for groups; a public table is compared with the drawing alone: the twin hides nothing."""
    day = as_of if isinstance(as_of, date) else drawn.day(as_of)
    facts = post(home, drawn.tables, next_id(home))
    columns = [name for name in by.split(",") if name]
    found = texts(groups(facts, day, rules, columns, everyone=everyone, public=public).to_pylist())
    if not public:
        assert found == texts(twin.groups(drawn.tables, day, settings_of(rules), columns, everyone))
    wanted = table(expected)
    assert [{key: row[key] for key in wanted[0]} for row in found] == wanted
