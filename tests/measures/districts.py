"""Small districts drawn by Hypothesis: all that a delivery can hold that bears on a count, and some that must not."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.reference.days import Row, Tables
from tests.spec.drawn import weekdays

SCHOOLS = ["A", "B", "C"]
TRACKS = [None, None, None, "a", "b"]
PORTIONS = [(1, 1), (1, 1), (1, 1), (0, 1), (1, 2), (1, 3), (2, 3), (195, 390), (196, 390), (1, 7), (4, 7), (1, 4)]
CATEGORIES = ["absent"] * 6 + ["partial", "tardy", "present", "present", "unknown"]
MODES = ["day"] * 6 + ["am", "pm", "am", "pm", "period", "period", "period", "minutes", "", None]
_FIRST = date(2026, 8, 31)
_LAST_YEAR = date(2026, 5, 18)


@dataclass
class District:
    """Canonical tables in a drawn order, and days worth asking about."""

    tables: Tables
    days: list[date]


@st.composite
def districts(draw: st.DrawFn) -> District:
    """A district of one to three schools, up to five students and up to forty marks, this year and some of the last."""
    schools = SCHOOLS[: draw(st.integers(1, 3))]
    count = draw(st.integers(3, 34))
    days = [*weekdays(draw(st.sampled_from([0, 0, 6])), _LAST_YEAR), *weekdays(count, _FIRST)]
    students = [f"s{number}" for number in range(draw(st.integers(1, 5)))]
    tables: Tables = {
        "schools": [{"school_id": school, "name": school} for school in schools],
        "calendar_days": draw(calendars(schools, days)),
        "students": [draw(person(student)) for student in students],
        "enrollments": [span for student in students for span in draw(spans(student, schools, days))],
        "attendance": [],
        "attendance_taken": [],
        "sections": [{"section_id": f"h{school}", "school_id": school, "is_homeroom": 1} for school in schools],
        "section_students": draw(st.lists(seats(students, schools, days), max_size=4)),
        "demographics": draw(st.lists(flags(students, days), max_size=4)),
    }
    tables["attendance"] = draw(st.lists(marks(students, schools, days), max_size=40))
    tables["attendance_taken"] = draw(taken(schools, days))
    if not tables["attendance"] and not tables["attendance_taken"]:
        tables["attendance_taken"] = [{"school_id": schools[0], "date": days[-1], "section_id": None}]
    for name, rows in tables.items():
        if name not in ("schools", "students") and len(rows) > 1:
            tables[name] = draw(st.permutations(rows)) if len(rows) < 12 else list(reversed(rows))
    return District(tables, days)


def any_day(days: list[date]) -> st.SearchStrategy[date]:
    """Mostly a school day, at times a day beside one: a weekend, the day before the year, or after it."""
    return st.builds(
        lambda day, shift: day + timedelta(days=shift), st.sampled_from(days), st.sampled_from([0] * 9 + [-1, 1, 2])
    )


@st.composite
def calendars(draw: st.DrawFn, schools: list[str], days: list[date]) -> list[Row]:
    """Each school's days: some snow days, some days of one track only, a school that opens late."""
    rows = []
    for school in schools:
        closed = draw(st.sets(st.sampled_from(days), max_size=3))
        tracked = draw(st.dictionaries(st.sampled_from(days), st.sampled_from(["a", "b"]), max_size=4))
        opens = draw(st.sampled_from([0, 0, 0, 2]))
        for day in days[opens:]:
            rows.append(
                {"school_id": school, "date": day, "in_session": int(day not in closed), "track": tracked.get(day)}
            )
            if day in tracked and draw(st.booleans()):
                rows.append({"school_id": school, "date": day, "in_session": 1, "track": "b"})
    return rows


@st.composite
def person(draw: st.DrawFn, student: str) -> Row:
    """A student with a birth date around the ages of truancy, or none."""
    birth = draw(
        st.sampled_from(
            [None, date(2016, 2, 29), date(2021, 9, 14), date(2021, 9, 15), date(2007, 9, 15), date(2008, 9, 20)]
        )
    )
    return {"student_id": student, "grade": draw(st.sampled_from(["05", "K", "PK", "11", None])), "birth_date": birth}


@st.composite
def spans(draw: st.DrawFn, student: str, schools: list[str], days: list[date]) -> list[Row]:
    """One to three spans that may overlap, touch, end before they begin, or stay open."""
    rows = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 2, 3]))):
        entry = draw(st.one_of(st.just(days[0]), any_day(days)))
        last = draw(st.one_of(st.none(), st.none(), any_day(days)))
        rows.append(
            {
                "student_id": student,
                "school_id": draw(st.sampled_from(schools)),
                "entry_date": entry,
                "last_member_date": last,
                "grade": draw(st.sampled_from([None, "05", "06", "12", "PK"])),
                "primary": draw(st.sampled_from([None, 0, 1])),
                "track": draw(st.sampled_from(TRACKS)),
            }
        )
    # Two spans that differ in nothing but the grade have no order; reading merges them (rule E01).
    distinct = {
        (row["school_id"], row["entry_date"], row["last_member_date"], row["primary"] == 1): row for row in rows
    }
    return list(distinct.values())


@st.composite
def marks(draw: st.DrawFn, students: list[str], schools: list[str], days: list[date]) -> Row:
    """A mark of any mode and category, perhaps where it does not count."""
    mode = draw(st.sampled_from(MODES))
    num, den = draw(st.sampled_from(PORTIONS))
    return {
        "student_id": draw(st.sampled_from(students)),
        "school_id": draw(st.sampled_from(schools)),
        "date": draw(any_day(days)),
        "portion_num": num,
        "portion_den": den,
        "code": draw(st.sampled_from(["U", "E", None])),
        "category": draw(st.sampled_from(CATEGORIES)),
        "excused": draw(st.sampled_from([None, 0, 0, 1])),
        "disciplinary": draw(st.sampled_from([None, 0, 0, 0, 1])),
        "mode": mode,
        "period": draw(st.sampled_from(["1", "2", "3"])) if mode == "period" else None,
        "periods_in_day": draw(st.sampled_from([2, 4, 7, 7, None])) if mode == "period" else None,
        "counted": draw(st.sampled_from([1] * 9 + [0])),
        "delivery_id": draw(st.sampled_from(["0001-x", "0002-x"])),
    }


@st.composite
def taken(draw: st.DrawFn, schools: list[str], days: list[date]) -> list[Row]:
    """Who took attendance: nobody ever, every school every day, or rows by school and section with gaps."""
    kind = draw(st.sampled_from(["none", "all", "some", "some"]))
    if kind == "none":
        return []
    rows: list[Row] = [
        {"school_id": school, "date": day, "section_id": draw(section(schools)) if kind == "some" else None}
        for school in schools
        for day in days
    ]
    if kind == "all":
        return rows
    gaps = draw(st.sets(st.integers(0, len(rows) - 1), max_size=len(rows)))
    return [row for number, row in enumerate(rows) if number not in gaps]


def section(schools: list[str]) -> st.SearchStrategy[str | None]:
    """A section's id, one nobody is in, or a blank for the whole school."""
    return st.sampled_from([*(f"h{school}" for school in schools), "x", None, ""])


@st.composite
def seats(draw: st.DrawFn, students: list[str], schools: list[str], days: list[date]) -> Row:
    """A student in a section for some time."""
    return {
        "section_id": f"h{draw(st.sampled_from(schools))}",
        "student_id": draw(st.sampled_from(students)),
        "start_date": draw(st.one_of(st.none(), any_day(days))),
        "last_date": draw(st.one_of(st.none(), any_day(days))),
    }


@st.composite
def flags(draw: st.DrawFn, students: list[str], days: list[date]) -> Row:
    """A student group in force for some time."""
    return {
        "student_id": draw(st.sampled_from(students)),
        "flag": draw(st.sampled_from(["frl", "swd"])),
        "value": draw(st.sampled_from(["F", "R", "1", "0"])),
        "start_date": draw(st.one_of(st.none(), any_day(days))),
        "end_date": draw(st.one_of(st.none(), any_day(days))),
    }


RULES: list[dict[str, Any]] = [
    {},
    {},
    {"day_rule": "fractional"},
    {"is_half_absent": True},
    {"truancy_month": "calendar"},
    {"minimum_days": 1, "level_bounds": (1, 2, 3, 4, 5)},
    {"day_rule": "fractional", "truancy_month": "calendar", "minimum_days": 2},
]
