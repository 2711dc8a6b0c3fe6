"""Why each day of a student counts as it does, down to the file and the line it was read from."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import pyarrow.compute as pc

from allpresent.measures import sentences
from allpresent.measures.engine import Facts, MeasureError
from allpresent.measures.grid import STATES, day_states, positions_of
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import Roll
from allpresent.measures.sentences import MARK_COLUMNS, MarkSeen

# The grid says what to draw, the explanation what is so.
_SAID = {"unreported": "not_reported"}
# Rule M02: a day or half-day mark wins over minutes, and those over periods.
_RANKS = {"period": 0, "minutes": 1}


@dataclass(frozen=True)
class ExplainedDay:
    """One day: what it counts as, how much of it was missed, which rule says so in plain words, and where that stands.

    ``state`` is present, tardy, half, excused, unexcused, disciplinary, not_reported, no_school or not_enrolled.
    ``portion`` is None where nothing is counted. ``rule`` is a key for the sentence. ``source_file``, ``line_no``
    (header = 1) and ``delivery_id`` are those of the deciding mark, or of the record that attendance was taken.
    """

    date: date
    school_id: str
    state: str
    portion: Fraction | None
    rule: str
    sentence: str
    source_file: str
    line_no: int | None
    delivery_id: str
    marks: tuple[MarkSeen, ...]


@dataclass(frozen=True, eq=False)
class _Student:
    """All that is known of one student in one school year, by day."""

    states: dict[date, str]
    parts: dict[date, Fraction]
    in_session: set[date]
    enrolled: dict[date, list[str]]  # schools, that of the latest entry first
    unknown: set[date]
    marks: dict[date, list[MarkSeen]]
    taken: "_Taken"


@dataclass(frozen=True, eq=False)
class _Taken:
    """Records of attendance taken at the schools of a student, who was in ``sections`` from a first to a last day."""

    is_delivered: bool
    rows: dict[tuple[str, date], list[tuple[str, str, int | None]]]  # section (blank = school), file, line
    sections: list[tuple[str, date, date]]


def explain(facts: Facts, student_id: str, as_of: date, rules: Rules) -> list[ExplainedDay]:
    """One line a district school day of the student's year up to ``as_of``, and one for a mark on any other day.

    Raises MeasureError for a student who was not enrolled in that year, or a day that was not delivered.
    """
    facts.check_day(as_of)
    student = _read(facts, student_id, as_of, rules)
    days = sorted({day for day in {*student.states, *student.marks} if day <= as_of})
    return [_explain_day(student, day, rules) for day in days]


def _explain_day(student: _Student, day: date, rules: Rules) -> ExplainedDay:
    marks = tuple(student.marks.get(day, ()))
    schools = student.enrolled.get(day, [])
    state = _state(student, day)
    counted = [mark for mark in marks if mark.is_counted]
    portion = student.parts.get(day, Fraction(0)) if schools and state != "not_reported" else None
    deciding = _deciding(counted, day in student.unknown)
    taken = _taken_row(student.taken, day, schools) if schools and deciding is None else None
    rule = sentences.rule_of(state, deciding, day in student.unknown, taken, student.taken.is_delivered)
    source_file, line_no = (deciding.source_file, deciding.line_no) if deciding else ("", None)
    if taken is not None and state == "present":
        _, source_file, line_no = taken
    return ExplainedDay(
        date=day,
        school_id=schools[0] if schools else "",
        state=state,
        portion=portion,
        rule=rule,
        sentence=sentences.sentence(rule, state, portion, deciding, len(counted), taken[0] if taken else "", rules),
        source_file=source_file,
        line_no=line_no,
        delivery_id=deciding.delivery_id if deciding else "",
        marks=marks,
    )


def _state(student: _Student, day: date) -> str:
    if day in student.enrolled:
        return _SAID.get(student.states[day], student.states[day])
    return "not_enrolled" if day in student.in_session else "no_school"


def _deciding(counted: list[MarkSeen], is_unknown: bool) -> MarkSeen | None:
    """The mark that settles the day: an unknown code, else the largest of the marks that win by rule M02."""
    if is_unknown:
        return next((mark for mark in counted if mark.is_unknown), None)
    return max(
        counted,
        key=lambda mark: (_RANKS.get(mark.mode, 2), mark.share_of_day, mark.is_disciplinary, not mark.is_excused),
        default=None,
    )


def _taken_row(taken: _Taken, day: date, schools: list[str]) -> tuple[str, str, int | None] | None:
    """The record by which a day without a mark is reported: rules (c) and (d) of the standings."""
    rows = [row for school in schools for row in taken.rows.get((school, day), [])]
    own = {section for section, start, last in taken.sections if start <= day <= last}
    if own:
        rows = [row for row in rows if row[0] in own or not row[0]]
    return min(rows, default=None, key=lambda row: (row[0] not in own, row[1], row[2] or 0))


def _read(facts: Facts, student_id: str, as_of: date, rules: Rules) -> _Student:
    year = facts.school_year(as_of)
    roll, by_school = facts.roll(year), facts.roll(year, is_per_school=True)
    row = positions_of(roll, [student_id])
    if row[0] < 0:
        raise MeasureError(
            f"No student with the id {student_id} was enrolled in {year}-{year + 1} in delivery "
            f"{facts.delivery_id}; check the id."
        )
    days: list[date] = roll.dates.astype(object).tolist()
    codes = day_states(roll, row, as_of, rules)[0].tolist()
    enrolled = _enrolled_by_day(by_school, student_id, as_of)
    part = roll.part_row == row[0]
    parts = {
        days[at]: Fraction(num, den)
        for at, num, den in zip(
            roll.part_day[part].tolist(), roll.part_num[part].tolist(), roll.part_den[part].tolist(), strict=True
        )
    }
    parts |= dict.fromkeys(_days(roll, "absent", int(row[0])), Fraction(1))
    return _Student(
        states={day: STATES[code] for day, code in zip(days, codes, strict=True)},
        parts=parts,
        in_session=set(_days(roll, "in_session", int(row[0]))),
        enrolled=enrolled,
        unknown=set(_days(roll, "unknown", int(row[0]))),
        marks=_marks(facts, student_id, year, enrolled),
        taken=_taken(facts, roll, student_id, sorted({school for schools in enrolled.values() for school in schools})),
    )


def _days(roll: Roll, name: str, row: int) -> list[date]:
    days: list[date] = roll.strips.days(roll.bits[name][row]).astype(object).tolist()
    return days


def _enrolled_by_day(by_school: Roll, student_id: str, as_of: date) -> dict[date, list[str]]:
    """Schools of each enrolled day; the one entered last stands first, for the day is counted once, there."""
    rows = np.flatnonzero(np.asarray(pc.equal(by_school.student_id, student_id)))
    entered = by_school.spans.latest(as_of)[rows]
    order = sorted(zip(entered.tolist(), rows.tolist(), strict=True), key=lambda pair: by_school.spans.rank(pair[0]))
    enrolled: dict[date, list[str]] = {}
    for _, row in reversed(order):
        school = str(by_school.school_id[row])
        for day in _days(by_school, "enrolled", row):
            if day <= as_of:
                enrolled.setdefault(day, []).append(school)
    return enrolled


def _marks(facts: Facts, student_id: str, year: int, enrolled: dict[date, list[str]]) -> dict[date, list[MarkSeen]]:
    """Every mark of the student in the year, with why it is left out where it is."""
    found: dict[date, list[MarkSeen]] = {}
    for line in facts.version.table("attendance", columns=list(MARK_COLUMNS), student_id=student_id).to_pylist():
        if line["date"] is not None and facts.school_year(line["date"]) == year:
            why = ""
            if line["counted"] == 0:
                why = sentences.LEFT_OUT_BY_INTAKE
            elif line["school_id"] not in enrolled.get(line["date"], []):
                why = sentences.LEFT_OUT_NOT_ENROLLED
            found.setdefault(line["date"], []).append(MarkSeen.from_row(line, why))
    return found


def _taken(facts: Facts, roll: Roll, student_id: str, schools: list[str]) -> _Taken:
    rows: dict[tuple[str, date], list[tuple[str, str, int | None]]] = {}
    for school in schools:
        columns = ["date", "section_id", "source_file", "line_no"]
        table = facts.version.table("attendance_taken", columns=columns, school_id=school)
        for line in table.to_pylist():
            where = (line["section_id"] or "", line["source_file"] or "", line["line_no"])
            rows.setdefault((school, line["date"]), []).append(where)
    columns = ["section_id", "start_date", "last_date"]
    members = facts.version.table("section_students", columns=columns, student_id=student_id)
    sections = [
        (line["section_id"], line["start_date"] or date.min, line["last_date"] or date.max)
        for line in members.to_pylist()
    ]
    return _Taken(roll.strips.has_taken, rows, sections)
