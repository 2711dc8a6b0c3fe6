"""Where each student stands on a day: one row a student over the district, or one row a student and school."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.ledger import Strips
from allpresent.measures import rates
from allpresent.measures.absence import DaysCounted, count_days, day_sizes
from allpresent.measures.chronic import BANDS, band_of, is_chronic, level_of
from allpresent.measures.engine import Facts
from allpresent.measures.parameters import Rules
from allpresent.measures.projection import days_until_chronic, present_days_needed
from allpresent.measures.rates import Counts
from allpresent.measures.roll import Days, Flags, Index, Roll
from allpresent.measures.truancy import Truancy, find_truancy, meeting_due

LAST_DAYS = 20
STANDINGS_COLUMNS = (
    "student_id",
    "school_id",
    "grade",
    "is_enrolled",
    "days_enrolled",
    "days_absent",
    "days_excused",
    "days_unexcused",
    "days_disciplinary",
    "days_unreported",
    "absence_rate",
    "level",
    "attendance_works_band",
    "is_chronically_absent",
    "is_truant",
    "unexcused_in_worst_month",
    "days_until_chronic",
    "last_20_days_enrolled",
    "last_20_days_absent",
)
EXTRA_COLUMNS = (
    "days_reported",
    "present_days_needed",
    "is_chronic_low",
    "is_chronic_high",
    "planned_days",
    "remaining_days",
    "truant_on",
    "meeting_due_on",
    "grade_range",
)


@dataclass(frozen=True, eq=False)
class Measured:
    """All measures of one day over one roll, row by row, as arrays; counts of absence in parts of a day (``whole``).

    ``is_listed`` marks the rows with at least one school day enrolled so far. ``is_chronic_low`` and ``_high`` are
    the chronic test with every unreported day present, and with every one absent.
    """

    roll: Roll
    as_of: date
    whole: int
    is_listed: Flags
    school_id: pa.Array
    grade: pa.Array
    grade_range: pa.Array
    is_enrolled: Flags
    days: DaysCounted
    level: Index
    band: Index
    is_chronic: Flags
    is_chronic_low: Flags
    is_chronic_high: Flags
    truancy: Truancy
    meeting_due_on: Days
    planned: Index
    remaining: Index
    until_chronic: Counts
    present_days_needed: Counts
    last_enrolled: Index
    last_absent: Counts


def standings(facts: Facts, as_of: date, rules: Rules, school_id: str | None = None) -> pa.Table:
    """One row a student with at least one school day enrolled by ``as_of``, a date counting once over the district.

    The columns of the contract in order, then ``EXTRA_COLUMNS``. Flags are 0 or 1, rates exact decimals; days absent
    are whole numbers, or decimal text under the fractional day rule. With ``school_id`` only the students whose
    latest span is at that school. Raises MeasureError for a day or a school that was not delivered.
    """
    if school_id is not None:
        facts.check_school(school_id)
    facts.check_day(as_of)
    table: pa.Table = facts.keep(("standings", as_of, rules), lambda: _table(measure(facts, as_of, rules), rules))
    return table if school_id is None else table.filter(pc.equal(table["school_id"], school_id))


def standings_per_school(facts: Facts, as_of: date, rules: Rules) -> pa.Table:
    """The same columns, one row a student and school, each school's own days alone."""

    def make() -> pa.Table:
        table = _table(measure(facts, as_of, rules, is_per_school=True), rules)
        return table.sort_by([("student_id", "ascending"), ("school_id", "ascending")])

    facts.check_day(as_of)
    made: pa.Table = facts.keep(("per school", as_of, rules), make)
    return made


def measure(facts: Facts, as_of: date, rules: Rules, is_per_school: bool = False) -> Measured:
    """Every measure of one day. Raises MeasureError for a day after the last delivered one."""
    facts.check_day(as_of)
    key = ("measured", as_of, rules, is_per_school)
    made: Measured = facts.keep(key, lambda: _measure(facts, as_of, rules, is_per_school))
    return made


def _measure(facts: Facts, as_of: date, rules: Rules, is_per_school: bool) -> Measured:
    roll = facts.roll(facts.school_year(as_of), is_per_school)
    sizes = day_sizes(roll, rules)
    counted = count_days(roll, sizes, as_of)
    span = roll.spans.latest(as_of)
    school_id, grade, is_enrolled = _place(roll, span, as_of)
    truancy = find_truancy(roll, sizes, counted, rules, as_of)
    remaining = Strips.count(roll.bits["enrolled"] & ~roll.strips.mask(None, as_of))
    planned = counted.reported + remaining
    recent = facts.recent_days(school_id, as_of, LAST_DAYS)
    high = counted.absent + counted.unreported.astype(counted.absent.dtype) * sizes.whole
    return Measured(
        roll=roll,
        as_of=as_of,
        whole=sizes.whole,
        is_listed=counted.enrolled > 0,
        school_id=school_id,
        grade=grade,
        grade_range=_grade_range(grade, rules),
        is_enrolled=is_enrolled,
        days=counted,
        level=level_of(rules.level_bounds, counted.absent, sizes.whole),
        band=band_of(rules, counted.absent, sizes.whole, counted.reported),
        is_chronic=is_chronic(rules, counted.absent, sizes.whole, counted.reported),
        is_chronic_low=is_chronic(rules, counted.absent, sizes.whole, counted.enrolled),
        is_chronic_high=is_chronic(rules, high, sizes.whole, counted.enrolled),
        truancy=truancy,
        meeting_due_on=_meetings(facts, truancy, school_id, as_of, rules),
        planned=planned,
        remaining=remaining,
        until_chronic=days_until_chronic(rules, counted.absent, sizes.whole, planned),
        present_days_needed=present_days_needed(rules, counted.absent, sizes.whole, counted.reported),
        last_enrolled=Strips.count(roll.bits["enrolled"] & recent),
        last_absent=sizes.weigh(counted.counted_days & recent),
    )


def _place(roll: Roll, span: Index, as_of: date) -> tuple[pa.Array, pa.Array, Flags]:
    """School and grade of the latest span, and whether it holds the day; a blank span grade takes the student's."""
    at = pa.array(span, mask=span < 0)
    school_id = roll.spans.school_of(span)
    grade = pc.fill_null(roll.spans.grade.take(at), "")
    grade = pc.if_else(pc.equal(grade, ""), roll.grade, grade)
    last = roll.spans.last[np.maximum(span, 0)] if len(roll.spans.last) else np.zeros(len(span), "datetime64[D]")
    is_enrolled = (span >= 0) & (np.isnat(last) | (last >= np.datetime64(as_of, "D")))
    return school_id, grade, is_enrolled


def _grade_range(grade: pa.Array, rules: Rules) -> pa.Array:
    """The state's range that holds the grade; blank for a grade in none, as pre-K."""
    names = {grade: name for name, grades in rules.grade_ranges for grade in grades}
    encoded = grade.dictionary_encode()
    ranges = pa.array([names.get(text, "") for text in encoded.dictionary.to_pylist()], pa.string())
    return ranges.take(encoded.indices)


def _meetings(facts: Facts, truancy: Truancy, school_id: pa.Array, as_of: date, rules: Rules) -> Days:
    school = school_id.to_numpy(zero_copy_only=False)
    year = facts.school_year(as_of)
    sessions = {}
    for name in set(school[truancy.is_truant]):
        days = [facts.session_days(name, later) for later in (year, year + 1) if later in facts.version.school_years]
        sessions[name] = np.concatenate(days)
    return meeting_due(truancy.truant_on, school, sessions, rules.meeting_school_days)


def _table(measured: Measured, rules: Rules) -> pa.Table:
    """The listed rows as the contract's columns and the extras."""
    listed = pa.array(measured.is_listed)
    table = pa.table(_identity(measured) | _counts(measured, rules) | _extras(measured))
    table = table.select([*STANDINGS_COLUMNS, *EXTRA_COLUMNS]).filter(listed)
    return table.combine_chunks()


def _flags(values: Flags) -> pa.Array:
    return pa.array(values.astype(np.int8), pa.int8())


def _identity(measured: Measured) -> dict[str, pa.Array]:
    return {
        "student_id": measured.roll.student_id,
        "school_id": measured.school_id,
        "grade": measured.grade,
        "is_enrolled": _flags(measured.is_enrolled),
    }


def _counts(measured: Measured, rules: Rules) -> dict[str, pa.Array]:
    counted, is_text = measured.days, rules.day_rule != "state"

    def days(parts: Counts) -> pa.Array:
        return rates.days(parts, measured.whole, is_text)

    return {
        "days_enrolled": pa.array(counted.enrolled),
        "days_absent": days(counted.absent),
        "days_excused": days(counted.excused),
        "days_unexcused": days(counted.unexcused),
        "days_disciplinary": days(counted.disciplinary),
        "days_unreported": pa.array(counted.unreported),
        "absence_rate": rates.rates(counted.absent, counted.reported.astype(counted.absent.dtype) * measured.whole),
        "level": _level_names(measured.level, len(rules.level_bounds)),
        "attendance_works_band": _band_names(measured.band),
        "is_chronically_absent": _flags(measured.is_chronic),
        "is_truant": _flags(measured.truancy.is_truant),
        "unexcused_in_worst_month": days(measured.truancy.worst_month),
        "days_until_chronic": days(measured.until_chronic),
        "last_20_days_enrolled": pa.array(measured.last_enrolled),
        "last_20_days_absent": days(measured.last_absent),
    }


def _extras(measured: Measured) -> dict[str, pa.Array]:
    return {
        "days_reported": pa.array(measured.days.reported),
        "present_days_needed": pa.array(measured.present_days_needed.astype(np.int64)),
        "is_chronic_low": _flags(measured.is_chronic_low),
        "is_chronic_high": _flags(measured.is_chronic_high),
        "planned_days": pa.array(measured.planned),
        "remaining_days": pa.array(measured.remaining),
        "truant_on": pa.array(measured.truancy.truant_on).cast(pa.date32()),
        "meeting_due_on": pa.array(measured.meeting_due_on).cast(pa.date32()),
        "grade_range": measured.grade_range,
    }


def _level_names(level: Index, bounds: int) -> pa.Array:
    names = pa.array([f"L{number + 1}" for number in range(bounds + 1)], pa.string())
    return names.take(pa.array(level - 1))


def _band_names(band: Index) -> pa.Array:
    return pc.fill_null(pa.array(BANDS, pa.string()).take(pa.array(band, mask=band < 0)), "")
