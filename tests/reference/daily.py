"""The slow, obvious twin of ``attendance_facts.csv``: every enrolled school day of every student by loops."""

from datetime import date
from fractions import Fraction

from tests.reference.days import Facts, Row, Settings, Tables, is_open, is_unknown, resolve, year_of
from tests.reference.twin import last_school_day

COLUMNS = ["student_id", "school_id", "date", "present_school", "absent_school", "present_homeroom", "absent_homeroom"]
COLUMNS += ["present_all_sections", "absent_any_section"]


def attendance_facts(tables: Tables, settings: Settings) -> list[dict[str, str]]:
    """The rows as text, by school year, student, school and day."""
    facts, last = Facts(tables, settings), last_school_day(tables)
    years = {year_of(row["date"], settings) for row in tables["calendar_days"] if row["in_session"] == 1}
    pairs = sorted({(span["student_id"], span["school_id"]) for span in tables["enrollments"]})
    return [
        _row(facts, student, school, day)
        for year in sorted(years)
        for student, school in pairs
        for day in facts.dates_of_year(year)
        if last is not None and day <= last and school in facts.schools_on(student, day)
    ]


def _row(facts: Facts, student: str, school: str, day: date) -> dict[str, str]:
    marks = [
        mark
        for mark in facts._marks.get((student, day), [])
        if mark["school_id"] == school and mark.get("counted") != 0
    ]
    is_reported = facts.day(student, day, {school}, _sections_for_reporting(facts, student, day, school)).is_reported
    portion, _ = resolve(marks) if is_reported else (Fraction(0), None)
    told = [
        _by_day_rule(portion, facts.settings) if is_reported else None,
        _of_homeroom(facts, student, school, day, marks, portion) if is_reported else None,
        _of_sections(facts, student, school, day, marks, portion) if is_reported else None,
    ]
    row = [student, school, day.isoformat(), *(text for missed in told for text in _pair(missed))]
    return dict(zip(COLUMNS, row, strict=True))


def _pair(missed: Fraction | None) -> list[str]:
    """Present and absent; blank both where it is not known."""
    return ["", ""] if missed is None else [_text(1 - missed), _text(missed)]


def _text(share: Fraction) -> str:
    """A share as a decimal where it ends, else as n/d."""
    for places in range(40):
        if (share * 10**places).denominator == 1:
            digits = str((share * 10**places).numerator).rjust(places + 1, "0")
            return f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{share.numerator}/{share.denominator}"


def _by_day_rule(portion: Fraction, settings: Settings) -> Fraction:
    if settings.day_rule == "fractional":
        return portion
    return Fraction(portion > Fraction(1, 2) or (settings.is_half_absent and portion == Fraction(1, 2)))


def _sections_for_reporting(facts: Facts, student: str, day: date, school: str) -> set[str]:
    """As in standings: a student of one school in the year is asked about every section."""
    year = year_of(day, facts.settings)
    schools = {span["school_id"] for span in facts.spans(student) if _touches(facts, span, year)}
    return facts.sections_on(student, day, None if len(schools) < 2 else school)


def _touches(facts: Facts, span: Row, year: int) -> bool:
    last = span["last_member_date"]
    return year_of(span["entry_date"], facts.settings) <= year and (
        last is None or year_of(last, facts.settings) >= year
    )


def _of_homeroom(
    facts: Facts, student: str, school: str, day: date, marks: list[Row], portion: Fraction
) -> Fraction | None:
    flags = {row["section_id"]: row.get("is_homeroom") for row in facts.tables["sections"]}
    homerooms = {one for one in facts.sections_on(student, day, school) if flags[one] == 1}
    if not homerooms:
        return None
    if portion == 1:
        return Fraction(1)
    was_tardy = any(mark.get("category") == "tardy" and not is_unknown(mark) for mark in marks)
    return Fraction(0) if portion == 0 and not was_tardy and _all_taken(facts, homerooms, day) else None


def _of_sections(
    facts: Facts, student: str, school: str, day: date, marks: list[Row], portion: Fraction
) -> Fraction | None:
    if any(mark.get("mode") == "period" and (mark.get("portion_num") or 0) > 0 for mark in marks):
        return Fraction(1)
    sections = facts.sections_on(student, day, school)
    if portion == 0 and sections and _all_taken(facts, sections, day) and _keeps_periods(facts, school, day):
        return Fraction(0)
    return None


def _all_taken(facts: Facts, sections: set[str], day: date) -> bool:
    if year_of(day, facts.settings) not in facts._years_taken:
        return True
    return sections <= {row["section_id"] for row in facts._taken.get(day, [])}


def _keeps_periods(facts: Facts, school: str, day: date) -> bool:
    """Whether a period mark of an enrolled student counts at the school in the year of the day."""
    year = year_of(day, facts.settings)
    return any(
        mark.get("mode") == "period"
        and mark["school_id"] == school
        and mark.get("counted") != 0
        and year_of(mark["date"], facts.settings) == year
        and not is_unknown(mark)
        and any(
            span["school_id"] == school
            and is_open(span, mark["date"])
            and facts.is_in_session(school, mark["date"], span.get("track") or "")
            for span in facts.spans(mark["student_id"])
        )
        for mark in facts.tables["attendance"]
    )
