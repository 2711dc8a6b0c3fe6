"""Whom to ask for attendance that was not reported: the chase list by section and day."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.measures.engine import Facts
from allpresent.measures.roll import Index, Roll, days_of, days_set, positions

CHASE_DAYS = 5
_SCHEMA = pa.schema(
    [("school_id", pa.string()), ("date", pa.date32()), ("section_id", pa.string()), ("students", pa.int64())]
)


def unreported_by_section(
    facts: Facts, as_of: date, last_n_days: int = CHASE_DAYS, school_id: str | None = None
) -> pa.Table:
    """Student-days without attendance in the last school days of each school: school_id, date, section_id, students.

    ``section_id`` is blank when the whole school was silent that day, or a student is in no section. A student in
    several silent sections stands at the homeroom, or at each section without one. Days that an unmapped code makes
    unknown are left out: no teacher can mend them. Ordered by school, date and section.
    """
    facts.check_day(as_of)
    if school_id is not None:
        facts.check_school(school_id)
    roll = facts.roll(facts.school_year(as_of), is_per_school=True)
    missing = _missing_days(facts, roll, as_of, last_n_days, school_id)
    if not missing.num_rows:
        return _SCHEMA.empty_table()
    blamed = pa.concat_tables([_whole_school(facts, missing), _by_section(facts, missing)])
    # A student whom no silent section explains is asked of the school.
    explained = pc.unique(blamed["place"])
    rest = missing.filter(pc.invert(pc.is_in(missing["place"], value_set=explained)))
    rest = rest.append_column("section_id", pa.array([""] * rest.num_rows, pa.string()))
    blamed = pa.concat_tables([blamed, rest.select(blamed.column_names)])
    counted = blamed.group_by(["school_id", "date", "section_id"]).aggregate([("student_id", "count_distinct")])
    counted = counted.rename_columns(["school_id", "date", "section_id", "students"]).cast(_SCHEMA)
    return counted.sort_by([("school_id", "ascending"), ("date", "ascending"), ("section_id", "ascending")])


def _missing_days(facts: Facts, roll: Roll, as_of: date, last_n_days: int, school_id: str | None) -> pa.Table:
    """One line a student and school and day enrolled without attendance; ``place`` numbers the lines."""
    schools = roll.school_id
    recent = facts.recent_days(schools, as_of, last_n_days)
    silent = roll.bits["enrolled"] & ~roll.bits["reported"] & ~roll.bits["unknown"] & recent
    if school_id is not None:
        silent = silent & np.where(np.asarray(pc.equal(schools, school_id)), ~np.uint64(0), np.uint64(0))[:, None]
    some = np.flatnonzero(silent.any(axis=1))
    row, day = days_set(silent[some])
    at = pa.array(some[row])
    return pa.table(
        {
            "student_id": roll.student_id.take(at),
            "school_id": schools.take(at),
            "date": pa.array(roll.dates[day]).cast(pa.date32()),
            "place": pa.array(np.arange(len(row))),
        }
    )


def _whole_school(facts: Facts, missing: pa.Table) -> pa.Table:
    """The lines of schools from which nothing at all came that day."""
    taken = facts.version.table("attendance_taken", columns=["school_id", "date"])
    had_some = positions(_school_day(missing), _school_day(taken)) >= 0
    silent = missing.filter(pa.array(~had_some))
    return silent.append_column("section_id", pa.array([""] * silent.num_rows, pa.string()))


def _by_section(facts: Facts, missing: pa.Table) -> pa.Table:
    """The other lines, once for each of the student's sections that day: the homeroom alone where there is one."""
    taken = facts.version.table("attendance_taken", columns=["school_id", "date"])
    heard = missing.filter(pa.array(positions(_school_day(missing), _school_day(taken)) >= 0))
    members = facts.version.table("section_students", columns=["section_id", "student_id", "start_date", "last_date"])
    sections = facts.version.table("sections", columns=["section_id", "school_id", "is_homeroom"])
    joined = heard.join(members, "student_id", join_type="inner").join(
        sections.rename_columns(["section_id", "section_school", "is_homeroom"]), "section_id"
    )
    day, start, last = (days_of(joined[name]) for name in ("date", "start_date", "last_date"))
    inside = (np.isnat(start) | (start <= day)) & (np.isnat(last) | (last >= day))
    at_school = np.asarray(pc.fill_null(pc.equal(joined["section_school"], joined["school_id"]), True), dtype=bool)
    joined = joined.filter(pa.array(inside & at_school))
    is_homeroom = np.asarray(pc.fill_null(pc.equal(joined["is_homeroom"], 1), False), dtype=bool)
    place: Index = joined["place"].to_numpy()
    has_homeroom = np.isin(place, place[is_homeroom])
    joined = joined.filter(pa.array(is_homeroom | ~has_homeroom))
    return joined.select([*missing.column_names, "section_id"])


def _school_day(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table["school_id"], pc.cast(table["date"], pa.string()), "\x1f")
