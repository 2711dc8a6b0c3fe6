"""Days and years set beside each other: the same school-day number last year, and who crossed a level between two days.

Chronic absence so far falls by itself whenever the count of school days passes a multiple of ten, so years are compared
at the same school-day number, never at the same date.
"""

from datetime import date

import numpy as np
import pyarrow as pa

from allpresent.measures.engine import Facts, MeasureError
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import Days, positions
from allpresent.measures.standings import standings


def school_days(facts: Facts, as_of: date, school_id: str | None = None, *, is_whole_year: bool = False) -> list[date]:
    """School days of the year of ``as_of`` up to that day, or of the whole year with the days still to come.

    Of one school on any track, or of the district: a day on which any school is in session.
    """
    days = _year_days(facts, facts.school_year(as_of), school_id)
    chosen = days if is_whole_year else days[days <= np.datetime64(as_of, "D")]
    found: list[date] = chosen.astype(object).tolist()
    return found


def school_day_number(facts: Facts, as_of: date, school_id: str | None = None) -> int:
    """How many school days the year of ``as_of`` has had, that day included: 45 on the forty-fifth."""
    return len(school_days(facts, as_of, school_id))


def same_school_day_last_year(facts: Facts, as_of: date, school_id: str | None = None) -> date | None:
    """The day with the same school-day number a year before; its last day if that year was shorter.

    None before the first school day, or when no school day of that year was delivered.
    """
    number = school_day_number(facts, as_of, school_id)
    year = facts.school_year(as_of) - 1
    if number == 0 or year not in facts.version.school_years:
        return None
    days = _year_days(facts, year, school_id)
    if not len(days):
        return None
    found: date = days[min(number, len(days)) - 1].astype(object)
    return found


def movers(facts: Facts, since: date, as_of: date, rules: Rules, facts_since: Facts | None = None) -> pa.Table:
    """Students whose level differs between two days: student_id, school_id, from_level, to_level, by student.

    The level of a student not yet enrolled on ``since`` counts as L1. ``facts_since`` gives the earlier day as it was
    known then, so that a correction shows as a move. Both days lie in one school year, or MeasureError.
    """
    if facts.school_year(since) != facts.school_year(as_of):
        raise MeasureError(
            f"{since.isoformat()} and {as_of.isoformat()} lie in different school years; "
            "levels begin anew each year, so choose two days of one year."
        )
    now, before = standings(facts, as_of, rules), standings(facts_since or facts, since, rules)
    at = positions(now["student_id"], before["student_id"])
    former = np.array(before["level"].to_pylist() or ["L1"], dtype=object)
    from_level = np.where(at >= 0, former[np.maximum(at, 0)], "L1")
    to_level = np.array(now["level"].to_pylist(), dtype=object)
    moved = pa.array(np.asarray(from_level != to_level, dtype=bool))
    table = pa.table(
        {
            "student_id": now["student_id"],
            "school_id": now["school_id"],
            "from_level": pa.array(from_level, pa.string()),
            "to_level": pa.array(to_level, pa.string()),
        }
    )
    return table.filter(moved)


def _year_days(facts: Facts, year: int, school_id: str | None) -> Days:
    if year not in facts.version.school_years:
        return np.zeros(0, dtype="datetime64[D]")
    if school_id is None:
        return facts.roll(year).dates
    facts.check_school(school_id)
    return facts.session_days(school_id, year)
