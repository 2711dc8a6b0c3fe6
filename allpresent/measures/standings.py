"""Where each student stands on a day: one row a student over the district, or one row a student and school."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.ledger import Strips
from allpresent.measures import rates
from allpresent.measures.chronic import BANDS
from allpresent.measures.engine import LARGE_ROLL, Facts
from allpresent.measures.measured import Measured, measure, measure_school, measure_student
from allpresent.measures.parameters import Rules
from allpresent.measures.projection import days_until_chronic, present_days_needed
from allpresent.measures.rates import Counts
from allpresent.measures.roll import Days, Flags, Index
from allpresent.measures.truancy import meeting_due

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


def standings(
    facts: Facts, as_of: date, rules: Rules, school_id: str | None = None, student_id: str | None = None
) -> pa.Table:
    """One row a student with at least one school day enrolled by ``as_of``, a date counting once over the district.

    The columns of the contract in order, then ``EXTRA_COLUMNS``. Flags are 0 or 1, rates exact decimals; days absent
    are whole numbers, or decimal text under the fractional day rule. With ``school_id`` only the students whose
    latest span is at that school, with ``student_id`` only that student. Raises MeasureError for a day or a school that
    was not delivered.
    """
    if school_id is not None:
        facts.check_school(school_id)
    facts.check_day(as_of)
    key = ("standings", as_of, rules)
    # Below that the whole district is as quick, and then serves every school and student.
    is_large = len(facts.roll(facts.school_year(as_of))) > LARGE_ROLL
    if (school_id, student_id) == (None, None) or not is_large or facts.is_kept(key):
        table: pa.Table = facts.keep(key, lambda: _table(measure(facts, as_of, rules), rules))
    else:
        table = facts.keep((*key, school_id, student_id), lambda: _alone(facts, as_of, rules, school_id, student_id))
    for column, wanted in (("school_id", school_id), ("student_id", student_id)):
        table = table if wanted is None else table.filter(pc.equal(table[column], wanted))
    return table


def _alone(facts: Facts, as_of: date, rules: Rules, school_id: str | None, student_id: str | None) -> pa.Table:
    """The rows of a student, or of the students with any span at a school, measured by themselves."""
    if student_id is not None:
        return _table(measure_student(facts, as_of, rules, student_id), rules)
    return _table(measure_school(facts, as_of, rules, school_id or ""), rules)


def standings_per_school(facts: Facts, as_of: date, rules: Rules) -> pa.Table:
    """The same columns, one row a student and school, each school's own days alone."""

    def make() -> pa.Table:
        table = _table(measure(facts, as_of, rules, is_per_school=True), rules)
        return table.sort_by([("student_id", "ascending"), ("school_id", "ascending")])

    facts.check_day(as_of)
    made: pa.Table = facts.keep(("per school", as_of, rules), make)
    return made


def _meetings(measured: Measured) -> Days:
    facts, year = measured.facts, measured.facts.school_year(measured.as_of)
    sessions = {}
    for number in np.unique(measured.school.code[measured.truancy.is_truant]).tolist():
        name = measured.school.labels[number]
        days = [facts.session_days(name, later) for later in (year, year + 1) if later in facts.version.school_years]
        sessions[number] = np.concatenate(days)
    return meeting_due(measured.truancy.truant_on, measured.school.code, sessions, measured.rules.meeting_school_days)


def _table(measured: Measured, rules: Rules) -> pa.Table:
    """The listed rows as the contract's columns and the extras."""
    table = pa.table(_identity(measured) | _counts(measured, rules) | _extras(measured))
    table = table.select([*STANDINGS_COLUMNS, *EXTRA_COLUMNS])
    if not measured.is_listed.all():
        table = table.filter(pa.array(measured.is_listed))
    return table.combine_chunks()


def _flags(values: Flags) -> pa.Array:
    return pa.array(values.astype(np.int8), pa.int8())


def _identity(measured: Measured) -> dict[str, pa.Array]:
    return {
        "student_id": measured.roll.student_id,
        "school_id": measured.school.texts,
        "grade": measured.grade.texts,
        "is_enrolled": _flags(measured.is_enrolled),
    }


def _counts(measured: Measured, rules: Rules) -> dict[str, pa.Array]:
    counted, whole, is_text = measured.days, measured.whole, rules.day_rule != "state"
    recent = measured.roll.bits["enrolled"] & measured.facts.recent_words(measured.school, measured.as_of, LAST_DAYS)
    until_chronic = days_until_chronic(rules, counted.absent, whole, measured.planned)

    def days(parts: Counts) -> pa.Array:
        return rates.days(parts, whole, is_text)

    return {
        "days_enrolled": pa.array(counted.enrolled),
        "days_absent": days(counted.absent),
        "days_excused": days(counted.excused),
        "days_unexcused": days(counted.unexcused),
        "days_disciplinary": days(counted.disciplinary),
        "days_unreported": pa.array(counted.unreported),
        "absence_rate": rates.rates(counted.absent, counted.reported.astype(counted.absent.dtype) * whole),
        "level": _level_names(measured.level, len(rules.level_bounds)),
        "attendance_works_band": _band_names(measured.band),
        "is_chronically_absent": _flags(measured.is_chronic),
        "is_truant": _flags(measured.truancy.is_truant),
        "unexcused_in_worst_month": days(measured.truancy.worst_month),
        "days_until_chronic": days(until_chronic),
        "last_20_days_enrolled": pa.array(Strips.count(recent)),
        "last_20_days_absent": days(measured.sizes.weigh(recent & measured.days.counted_days)),
    }


def _extras(measured: Measured) -> dict[str, pa.Array]:
    days, rules = measured.days, measured.rules
    needed = present_days_needed(rules, days.absent, measured.whole, days.reported)
    return {
        "days_reported": pa.array(days.reported),
        "present_days_needed": pa.array(needed.astype(np.int64)),
        "is_chronic_low": _flags(measured.is_chronic_low),
        "is_chronic_high": _flags(measured.is_chronic_high),
        "planned_days": pa.array(measured.planned),
        "remaining_days": pa.array(measured.remaining),
        "truant_on": pa.array(measured.truancy.truant_on).cast(pa.date32()),
        "meeting_due_on": pa.array(_meetings(measured)).cast(pa.date32()),
        "grade_range": measured.grade_range.texts,
    }


def _level_names(level: Index, bounds: int) -> pa.Array:
    names = pa.array([f"L{number + 1}" for number in range(bounds + 1)], pa.string())
    return names.take(pa.array(level - 1))


def _band_names(band: Index) -> pa.Array:
    return pc.fill_null(pa.array(BANDS, pa.string()).take(pa.array(band, mask=band < 0)), "")
