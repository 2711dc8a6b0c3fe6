"""The monthly report on home visits for LEAP: visits, rounds, students, outcomes, and attendance before and after.

A change after a visit is never printed alone: families are visited in their worst weeks, which would have been
followed by better ones anyway. Beside it stands what became of students like these whom nobody visited.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from allpresent.measures import Facts, Rules, school_days, standings
from allpresent.reports.document import COUNT, HIDDEN, PERCENT, TEXT, Column, Figure, Report, Table, shown, tenths
from allpresent.reports.layout.flat import render_csv
from allpresent.reports.layout.typeset import set_pdf
from allpresent.reports.visit_counts import Visit, is_small, outcomes_of, rounds_of, total_of

WINDOW = 20  # school days before and after a visit
DISTRICT = "district"  # the scope of the report on every school
_TEMPLATE = Path(__file__).parent / "layout" / "leap.typ"

WARNING = (
    "Read the change with care: families are visited when attendance is at its worst, and the weeks after such weeks "
    "are better on their own. With no programme at all, students who missed 4 or more of 20 days gained about 9 "
    "points of attendance in the next 20 (simulated districts). Only the difference from students like these who were "
    "not visited can speak of the visits, and even it is no proof: who was chosen for a visit was not left to chance."
)


@dataclass(frozen=True, slots=True)
class Days:
    """School days enrolled and absent of a group, before and after."""

    enrolled_before: Fraction
    absent_before: Fraction
    enrolled_after: Fraction
    absent_after: Fraction

    def rate(self, is_after: bool) -> int | None:
        """Attendance in tenths of a percent, half up; None over nothing."""
        enrolled = self.enrolled_after if is_after else self.enrolled_before
        present = enrolled - (self.absent_after if is_after else self.absent_before)
        share = present / enrolled if enrolled else Fraction(0)
        return tenths(share.numerator, share.denominator) if enrolled else None

    def __add__(self, other: "Days") -> "Days":
        return Days(
            self.enrolled_before + other.enrolled_before,
            self.absent_before + other.absent_before,
            self.enrolled_after + other.enrolled_after,
            self.absent_after + other.absent_after,
        )


_NO_DAYS = Days(Fraction(0), Fraction(0), Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class Change:
    """The visited students whose 20 days after are over and who have others like them, and those others' mean."""

    students: int
    visited: Days
    others: Days
    running: int  # visited, and the 20 days after are not over
    alone: int  # visited, and nobody unvisited is like them


def change_after_visits(facts: Facts, as_of: date, rules: Rules, visits: Iterable[Visit], ever: set[str]) -> Change:
    """Attendance in the 20 school days before and after the first completed visit of each student.

    Others like a visited student are never visited (``ever`` names those who were), stand at the same level in the
    same grade range the day before, and missed as many of the last 20 days. Each visited student is compared with the
    mean of all others alike, so that both groups weigh the same.
    """
    first: dict[str, date] = {}
    for visit in sorted(visits, key=lambda one: one.on):
        if visit.outcome == "completed":
            first.setdefault(visit.student_id, visit.on)
    by_day: dict[date, list[str]] = defaultdict(list)
    for student, on in first.items():
        by_day[on].append(student)
    students, running, alone, visited, others = 0, 0, 0, _NO_DAYS, _NO_DAYS
    days = school_days(facts, as_of)
    for on, named in sorted(by_day.items()):
        after = [day for day in days if day > on][WINDOW - 1 : WINDOW]
        if not after:
            running += len(named)
            continue
        rows = _rows(facts, on - timedelta(days=1), after[0], rules)
        alike: dict[object, list[Days]] = defaultdict(list)
        for student, (kind, counted) in rows.items():
            if student not in ever and student not in first:
                alike[kind].append(counted)
        for student in named:
            found = rows.get(student)
            like = alike.get(found[0], []) if found else []
            if found is None or not like:
                alone += 1
                continue
            students += 1
            visited += found[1]
            others += _mean(like)
    return Change(students, visited, others, running, alone)


def _rows(facts: Facts, before: date, after: date, rules: Rules) -> dict[str, tuple[object, Days]]:
    """By student: what makes others like them, and the 20 days on either side."""
    columns = ["student_id", "level", "grade_range", "last_20_days_enrolled", "last_20_days_absent"]
    then = {row["student_id"]: row for row in standings(facts, before, rules).select(columns).to_pylist()}
    now = {row["student_id"]: row for row in standings(facts, after, rules).select(columns).to_pylist()}
    found: dict[str, tuple[object, Days]] = {}
    for student in then.keys() & now.keys():
        one, two = then[student], now[student]
        absent = Fraction(str(one["last_20_days_absent"]))
        counted = Days(
            Fraction(one["last_20_days_enrolled"]),
            absent,
            Fraction(two["last_20_days_enrolled"]),
            Fraction(str(two["last_20_days_absent"])),
        )
        found[student] = ((one["level"], one["grade_range"], absent), counted)
    return found


def _mean(group: Sequence[Days]) -> Days:
    whole = sum(group, _NO_DAYS)
    size = len(group)
    return Days(
        whole.enrolled_before / size,
        whole.absent_before / size,
        whole.enrolled_after / size,
        whole.absent_after / size,
    )


@dataclass(frozen=True, slots=True)
class LeapScope:
    """Whose visits are told, in which month, and what was known when it was made."""

    district: str
    name: str
    key: str
    first: date
    last: date
    as_of: date
    delivery_id: str


def leap_report(scope: LeapScope, visits: Sequence[Visit], change: Change, rules: Rules) -> Report:
    """The month's report as plain values; counts from 1 to ``rules.hidden_count_max`` are not shown.

    Nor is what would give such a count away: within a table, or between the district's report and those of its schools.
    """
    total = total_of(visits, rules)
    title = f"Home visits, {scope.first:%B %Y}: {scope.name}"
    figures = (
        Figure("Visits", shown(total[0], COUNT), "made or tried in the month"),
        Figure("Students", shown(total[1], COUNT), "each counted once"),
    )
    attendance = _attendance(change, rules, is_district=scope.key == DISTRICT)
    tables = (outcomes_of(visits, rules), rounds_of(visits, rules), attendance)
    return Report(
        title=title,
        scope_key=scope.key,
        scope_name=scope.name,
        district=scope.district,
        as_of=scope.as_of.isoformat(),
        school_day=0,
        delivery_id=scope.delivery_id,
        last_school_day=scope.as_of.isoformat(),
        sentences=(f"From {scope.first.isoformat()} to {scope.last.isoformat()}.", WARNING),
        figures=figures,
        tables=tables,
        rules=(
            f"{HIDDEN} stands for a count of 1 to {rules.hidden_count_max}, and for every cell that gives it away, "
            "here or beside the report of another school or of the district.",
            "A round is the visit's number in the school year; a fourth visit and later ones are sent as the third.",
            f"Attendance is the share of the {WINDOW} school days before and after the first completed visit of the "
            "month on which a student was present, all students' days together; the day of the visit is in neither.",
            "Students like these: never visited this year, same level and grade range the day before, and as many of "
            "the last 20 days missed; each visited student is held against the mean of all of them.",
            f"Attendance is shown for {rules.hidden_rate_below} students or more.",
        ),
    )


def _attendance(change: Change, rules: Rules, *, is_district: bool) -> Table:
    """Who is compared is counted for the district alone, and only where none of the three counts is small.

    They add up to the students of the completed visits, and a school's would be the district's less the others'.
    """
    is_shown = change.students >= rules.hidden_rate_below
    counts = (change.students, change.running, change.alone)
    is_counted = is_district and not is_small(counts, rules.hidden_count_max)
    rows: list[tuple[int | str | None, ...]] = []
    for name, days in (("Students visited", change.visited), ("Students like these, not visited", change.others)):
        rates = (days.rate(False), days.rate(True)) if is_shown else (HIDDEN, HIDDEN)
        students = change.students if is_counted else HIDDEN
        rows.append((name, students if name == "Students visited" else None, *rates))
    columns = (Column("Group", TEXT), Column("Students"), Column("20 days before", PERCENT), Column("after", PERCENT))
    note = " ".join(part for part in ("Attendance, not absence.", *_left_out(change, is_counted=is_counted)) if part)
    return Table(
        "attendance", "Attendance before and after, beside students like these", columns, tuple(rows), None, note
    )


def _left_out(change: Change, *, is_counted: bool) -> tuple[str, str]:
    """Who is not in the comparison, by number where it may be told."""
    if not is_counted:
        return "Without students whose 20 days are not over, and those with nobody unvisited like them.", ""
    running = f"{shown(change.running, COUNT)} visited students are not in it yet: their 20 days are not over."
    alone = f"{shown(change.alone, COUNT)} have nobody unvisited like them."
    return running if change.running else "", alone if change.alone else ""


def render_leap(report: Report, form: str) -> bytes:
    """The report as ``pdf`` (PDF/UA-1) or ``csv``."""
    if form == "csv":
        return render_csv(report)
    values = {
        "title": report.title,
        "district": report.district,
        "about": f"As of {report.as_of} · delivery {report.delivery_id}",
        "sentences": report.sentences,
        "figures": [{"label": one.label, "value": one.value, "note": one.note} for one in report.figures],
        "tables": [_on_paper(table) for table in report.tables],
        "rules": report.rules,
    }
    return set_pdf(_TEMPLATE, "report", values, f"The report {report.title}")


def _on_paper(table: Table) -> dict[str, object]:
    kinds = [column.kind for column in table.columns]
    lines = [*table.rows, *([table.total] if table.total else [])]
    return {
        "title": table.title,
        "heads": [column.head for column in table.columns],
        "rows": [[shown(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in lines],
        "note": table.note,
    }
