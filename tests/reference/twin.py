"""The slow, obvious twin, second half: standings and groups by dicts and loops, the judge over every engine.

``standings`` and ``groups`` give the rows of the command-line contract as plain values: counts as integers (text of
days under the fractional rule), rates as text with six decimals, blank where there is nothing below the line. A key
that begins with ``_`` is an exact value for the twin's own use.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from tests.reference.days import GRADES, Day, Facts, Row, Settings, Tables, each_day, year_of

Standing = dict[str, Any]
BANDS = ["satisfactory", "at_risk", "moderate_chronic", "severe_chronic"]


def last_school_day(tables: Tables) -> date | None:
    """The latest in-session date on or before the newest attendance or attendance_taken date."""
    newest = [row["date"] for row in tables["attendance"] if row.get("counted") != 0]
    newest += [row["date"] for row in tables["attendance_taken"]]
    held = [
        row["date"]
        for row in tables["calendar_days"]
        if row["in_session"] == 1 and newest and row["date"] <= max(newest)
    ]
    return max(held, default=None)


def standings(tables: Tables, as_of: date, settings: Settings) -> list[Standing]:
    """One row a student with at least one school day enrolled by ``as_of``, pooled over the district."""
    facts = Facts(tables, settings)
    students = sorted({span["student_id"] for span in tables["enrollments"]})
    rows = [_standing(facts, student, None, as_of) for student in students]
    return [row for row in rows if row is not None]


def standings_per_school(tables: Tables, as_of: date, settings: Settings) -> list[Standing]:
    """One row a student and school with at least one school day enrolled there."""
    facts = Facts(tables, settings)
    pairs = sorted({(span["student_id"], span["school_id"]) for span in tables["enrollments"]})
    rows = [_standing(facts, student, school, as_of) for student, school in pairs]
    return [row for row in rows if row is not None]


def _days(facts: Facts, student: str, school: str | None, as_of: date) -> tuple[list[Day], int]:
    """School days up to ``as_of`` as they count, and how many are still to come."""
    year = year_of(as_of, facts.settings)
    in_year = {
        span["school_id"]
        for span in facts.spans(student)
        if year_of(span["entry_date"], facts.settings) <= year
        and (span["last_member_date"] is None or year_of(span["last_member_date"], facts.settings) >= year)
    }
    is_alone = len(in_year) < 2
    days, remaining = [], 0
    for day in facts.dates_of_year(year):
        schools = facts.schools_on(student, day)
        if school is not None:
            schools &= {school}
        if not schools:
            continue
        if day > as_of:
            remaining += 1
            continue
        sections = facts.sections_on(student, day, None if is_alone else school)
        days.append(facts.day(student, day, schools, sections))
    return days, remaining


def latest_span(spans: Iterable[Row], as_of: date) -> Row | None:
    """The span with the latest entry on or before the day; ties: primary, later last day, smaller school id."""
    best: Row | None = None
    for span in spans:
        if span["entry_date"] <= as_of and (best is None or _is_later(span, best)):
            best = span
    return best


def _is_later(span: Row, best: Row) -> bool:
    if span["entry_date"] != best["entry_date"]:
        return bool(span["entry_date"] > best["entry_date"])
    if (span.get("primary") == 1) != (best.get("primary") == 1):
        return span.get("primary") == 1
    if span["last_member_date"] != best["last_member_date"]:
        last, other = span["last_member_date"], best["last_member_date"]
        return last is None or (other is not None and last > other)
    return bool(span["school_id"] < best["school_id"])


def missed(day: Day, settings: Settings) -> Fraction:
    """How much of a day counts as absent under the day rule."""
    if settings.day_rule == "fractional":
        return day.portion
    is_absent = day.portion > Fraction(1, 2) or (settings.is_half_absent and day.portion == Fraction(1, 2))
    return Fraction(1) if is_absent else Fraction(0)


def _standing(facts: Facts, student: str, school: str | None, as_of: date) -> Standing | None:
    settings = facts.settings
    days, remaining = _days(facts, student, school, as_of)
    if not days:
        return None
    spans = [span for span in facts.spans(student) if school in (None, span["school_id"])]
    span = latest_span(spans, as_of)
    assert span is not None
    person = facts.person(student)
    reported = [day for day in days if day.is_reported]
    n, enrolled, unreported = len(reported), len(days), len(days) - len(reported)
    absent = sum((missed(day, settings) for day in reported), Fraction(0))
    by_kind = {
        kind: sum((missed(day, settings) for day in reported if day.kind == kind), Fraction(0))
        for kind in ("excused", "unexcused", "disciplinary")
    }
    unexcused = {day.on: missed(day, settings) for day in reported if day.kind == "unexcused"}
    worst, truant_on = _truancy(unexcused, settings)
    age_fits = _is_of_age(person.get("birth_date"), as_of)
    recent = [day for day in facts.school_dates(span["school_id"], year_of(as_of, settings)) if day <= as_of][-20:]
    planned = n + remaining
    grade = span.get("grade") or person.get("grade") or ""
    text = _day_text if settings.day_rule == "fractional" else int
    truant_on = truant_on if age_fits else None
    return {
        "student_id": student,
        "school_id": span["school_id"],
        "grade": grade,
        "is_enrolled": int(span["last_member_date"] is None or span["last_member_date"] >= as_of),
        "days_enrolled": enrolled,
        "days_absent": text(absent),
        "days_excused": text(by_kind["excused"]),
        "days_unexcused": text(by_kind["unexcused"]),
        "days_disciplinary": text(by_kind["disciplinary"]),
        "days_unreported": unreported,
        "absence_rate": rate_text(absent, n),
        "level": level(absent, settings),
        "attendance_works_band": band(absent, n),
        "is_chronically_absent": int(is_chronic(absent, n, settings)),
        "is_truant": int(truant_on is not None),
        "unexcused_in_worst_month": text(worst),
        "days_until_chronic": text((planned - 1) // 10 - absent),
        "last_20_days_enrolled": sum(1 for day in days if day.on in recent),
        "last_20_days_absent": text(sum((missed(day, settings) for day in reported if day.on in recent), Fraction(0))),
        "_absent": absent,
        "days_reported": n,
        "present_days_needed": _present_days_needed(absent, n),
        "is_chronic_low": int(is_chronic(absent, enrolled, settings)),
        "is_chronic_high": int(is_chronic(absent + unreported, enrolled, settings)),
        "planned_days": planned,
        "remaining_days": remaining,
        "truant_on": truant_on,
        "meeting_due_on": _meeting_due(facts, span["school_id"], truant_on),
        "grade_range": next((name for name, grades in settings.grade_ranges if grade in grades), ""),
    }


def is_chronic(absent: Fraction, n: int, settings: Settings) -> bool:
    """At least the minimum of days, and a tenth of them missed."""
    return n >= settings.minimum_days and 10 * absent >= n


def level(absent: Fraction, settings: Settings) -> str:
    """A level starts only when its lower bound is reached."""
    return f"L{1 + sum(1 for bound in settings.level_bounds if absent >= bound)}"


def band(absent: Fraction, n: int) -> str:
    """Attendance Works; blank with no day to judge."""
    if n == 0:
        return ""
    if 5 * absent >= n:
        return "severe_chronic"
    if 10 * absent >= n:
        return "moderate_chronic"
    return "at_risk" if 20 * absent >= n else "satisfactory"


def rate_text(part: Fraction | int, whole: Fraction | int) -> str:
    """Six decimals, half up; blank over nothing."""
    if whole == 0:
        return ""
    millionths = floor(Fraction(part) / whole * 10**6 + Fraction(1, 2))
    return f"{millionths // 10**6}.{millionths % 10**6:06d}"


def _day_text(days: Fraction) -> str:
    if days < 0:
        text = _day_text(-days)
        return text if text == "0" else f"-{text}"
    millionths = floor(days * 10**6 + Fraction(1, 2))
    text = f"{millionths // 10**6}.{millionths % 10**6:06d}"
    return text.rstrip("0").rstrip(".")


def _truancy(unexcused: dict[date, Fraction], settings: Settings) -> tuple[Fraction, date | None]:
    """Most unexcused days in a month, and the day of the fourth in a month or the tenth in the year."""
    worst, truant_on, so_far = Fraction(0), None, Fraction(0)
    for day in sorted(unexcused):
        so_far += unexcused[day]
        if settings.truancy_month == "calendar":
            month = [other for other in unexcused if (other.year, other.month) == (day.year, day.month)]
        else:
            month = [other for other in unexcused if other in set(each_day(day - timedelta(days=29), day))]
        in_month = sum((unexcused[other] for other in month if other <= day), Fraction(0))
        worst = max(worst, in_month)
        if truant_on is None and (in_month >= 4 or so_far >= 10):
            truant_on = day
    return worst, truant_on


def _is_of_age(birth: date | None, on: date) -> bool:
    if birth is None:
        return True
    age = on.year - birth.year
    if (on.month, on.day) < (birth.month, birth.day):
        age -= 1
    return 5 <= age <= 18


def _meeting_due(facts: Facts, school: str, truant_on: date | None) -> date | None:
    """The tenth school day after; blank where the delivered calendar ends before."""
    if truant_on is None:
        return None
    year = year_of(truant_on, facts.settings)
    days = [*facts.school_dates(school, year), *facts.school_dates(school, year + 1)]
    later = [day for day in days if day > truant_on]
    return later[9] if len(later) >= 10 else None


def _present_days_needed(absent: Fraction, n: int) -> int:
    """Present days added one by one until the rate is under a tenth."""
    if n == 0:
        return 0
    added = 0
    while 10 * absent >= n + added:
        added += 1
    return added


def groups(
    tables: Tables, as_of: date, settings: Settings, by: list[str], everyone: bool = False
) -> list[dict[str, Any]]:
    """One row a group, in the order of schools, grades and bands."""
    members = _members(tables, as_of, settings, by, everyone)
    return [dict(zip(by, key, strict=True)) | _figures(rows, settings) for key, rows in members]


def group_counts(
    tables: Tables, days: list[date], settings: Settings, by: list[str], everyone: bool = False
) -> list[dict[str, Any]]:
    """Day by day one row a group, with counts alone."""
    return [
        {"as_of": day} | dict(zip(by, key, strict=True)) | _counts(rows, settings)
        for day in sorted(set(days))
        for key, rows in _members(tables, day, settings, by, everyone)
    ]


def _members(
    tables: Tables, as_of: date, settings: Settings, by: list[str], everyone: bool
) -> list[tuple[tuple[str, ...], list[Standing]]]:
    """The students of each group, the groups in their order."""
    members: dict[tuple[str, ...], list[Standing]] = {}
    for row in standings(tables, as_of, settings):
        if everyone or row["is_enrolled"] == 1:
            key = tuple(_label(tables, row, column, as_of) for column in by)
            members.setdefault(key, []).append(row)
    return sorted(
        members.items(), key=lambda one: [_rank(column, label) for column, label in zip(by, one[0], strict=True)]
    )


def _rank(column: str, label: str) -> tuple[int, str]:
    order = {"grade": ["", *GRADES], "attendance_works_band": ["", *BANDS]}.get(column, [])
    return (order.index(label) if label in order else len(order), label)


def _label(tables: Tables, row: Standing, column: str, as_of: date) -> str:
    if not column.startswith("student_group:"):
        return str(row["school_id" if column == "school" else column])
    name = column.split(":", 1)[1]
    in_force = [
        flag
        for flag in tables["demographics"]
        if flag["student_id"] == row["student_id"]
        and flag["flag"] == name
        and (flag["start_date"] is None or flag["start_date"] <= as_of)
        and (flag["end_date"] is None or as_of <= flag["end_date"])
    ]
    latest = max((flag["start_date"] or date.min for flag in in_force), default=None)
    return (
        min((flag["value"] or "" for flag in in_force if (flag["start_date"] or date.min) == latest), default="0")
        or "0"
    )


def _total(rows: list[Standing], column: str) -> Fraction:
    return sum((Fraction(row[column]) for row in rows), Fraction(0))


def _counts(rows: list[Standing], settings: Settings) -> dict[str, Any]:
    absent = _total(rows, "_absent")
    return {
        "students": len(rows),
        "chronically_absent": int(_total(rows, "is_chronically_absent")),
        "chronic_low": int(_total(rows, "is_chronic_low")),
        "chronic_high": int(_total(rows, "is_chronic_high")),
        "truant": int(_total(rows, "is_truant")),
        "days_enrolled": int(_total(rows, "days_enrolled")),
        "days_unreported": int(_total(rows, "days_unreported")),
        "days_absent": _day_text(absent) if settings.day_rule == "fractional" else int(absent),
    }


def _figures(rows: list[Standing], settings: Settings) -> dict[str, Any]:
    count = _counts(rows, settings)
    students, absent, reported = len(rows), _total(rows, "_absent"), _total(rows, "days_reported")
    return {
        "students": students,
        "chronically_absent": count["chronically_absent"],
        "chronic_rate": rate_text(count["chronically_absent"], students),
        "chronic_rate_low": rate_text(count["chronic_low"], students),
        "chronic_rate_high": rate_text(count["chronic_high"], students),
        "truant": count["truant"],
        "days_enrolled": count["days_enrolled"],
        "days_unreported": count["days_unreported"],
        "days_absent": count["days_absent"],
        "absence_rate": rate_text(absent, reported),
    }
