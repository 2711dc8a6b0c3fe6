"""``attendance_facts.csv``: what each enrolled school day of a delivery amounts to, one row a student, school and day.

Derived and only written, never read. A blank is not known: nothing here is guessed.

- A row: the school was in session for the student's track, the student was enrolled there, and the day is not after
  the last delivered school day.
- ``present_school``, ``absent_school``: the district's day rule on the day after rule M02. ``state``: 1 or 0.
  ``fractional``: the exact shares of the day. Both blank where attendance was not reported or a code is unknown.
- ``absent_any_section``: 1 where a period mark with an absence stands. 0 where ``present_all_sections`` is 1.
- ``present_all_sections``: 0 where ``absent_any_section`` is 1. 1 where the school gave period marks in that school
  year, the day is reported, nothing of it was missed, and attendance was reported for every section the student had
  there that day. Both blank elsewhere, as for a school with day marks alone.
- ``present_homeroom``, ``absent_homeroom``: marks name no section, so only two things can be told of a student who had
  a homeroom there that day. Who missed the whole day was absent from it; who missed nothing and was not tardy was
  present, where attendance was reported for the homeroom. Both blank elsewhere, as for every day missed in part.
"""

from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allpresent.intake.portions import portion_text
from allpresent.ledger import SchoolYearDays, last_school_day, school_years, whole_day_absences, year_days
from allpresent.ledger.seats import flags_of
from allpresent.ledger.strips import Words
from allpresent.policy import District, load_state_pack

COLUMNS = {
    "student_id": "the student's number in the information system",
    "school_id": "the school's number",
    "date": "the enrolled school day",
    "present_school": "1 present, 0 absent by the district's day rule; the share attended under the fractional rule",
    "absent_school": "what `present_school` leaves of the day; both blank where attendance was not reported",
    "present_homeroom": "1 where nothing was missed, nobody was tardy, and the homeroom's attendance was reported",
    "absent_homeroom": "1 where the whole day was missed; both blank where marks do not tell",
    "present_all_sections": "1 where nothing was missed and every section was reported, in a school that marks periods",
    "absent_any_section": "1 where a period was missed; both blank where marks do not tell",
}
Flags = npt.NDArray[np.bool_]


def attendance_facts(tables: dict[str, pa.Table], district: District) -> pa.Table:
    """The rows of ``attendance_facts.csv``, by school year, student, school and day. Raises PolicyError."""
    last = last_school_day(tables)
    if last is None:
        return pa.table({name: pa.array([], pa.string()) for name in COLUMNS})
    is_half_absent = load_state_pack(district.state).at(last).half_day_is_absent
    starts = district.year_starts
    parts = []
    for school_year in school_years(tables["calendar_days"], starts):
        held = _Held(year_days(tables, school_year, starts), last)
        missed = held.state_rule(is_half_absent) if district.day_rule == "state" else held.shares_missed()
        parts.append(held.table(missed))
    return pa.concat_tables(parts)


class _Held:
    """The lines of one school year: the row of the strips and the day of each, in order."""

    def __init__(self, year: SchoolYearDays, last: date) -> None:
        self.year, self.strips = year, year.strips
        held = self.strips.bits["enrolled"] & self.strips.mask(None, last)
        held = np.where((self.strips.school_id != "")[:, None], held, np.uint64(0))
        self.row, self.day = np.nonzero(flags_of(held, len(self.strips.dates)))

    def told(self, words: Words) -> Flags:
        """One flag a line."""
        found = np.right_shift(words[self.row, self.day // 64], (self.day % 64).astype(np.uint64)) & np.uint64(1)
        return found.astype(bool)

    def is_set(self, strip: str) -> Flags:
        """One flag a line, of a strip."""
        return self.told(self.strips.bits[strip])

    def state_rule(self, is_half_absent: bool) -> pa.Array:
        """1 absent, 0 present, by whole days."""
        return _flags(self.told(whole_day_absences(self.strips.bits, is_half_absent)), self.is_set("reported"))

    def shares_missed(self) -> pa.Array:
        """The exact share of each day that was missed, as text."""
        partial = self.strips.partial
        pairs = list(zip(partial["portion_num"].to_pylist(), partial["portion_den"].to_pylist(), strict=True))
        texts = sorted(set(pairs))
        codes = np.zeros(self.strips.bits["enrolled"].shape[0] * len(self.strips.dates), dtype=np.int64)
        row, day = self.year.part
        codes[row * len(self.strips.dates) + day] = [2 + texts.index(pair) for pair in pairs]
        code = np.where(self.is_set("absent"), 1, codes[self.row * len(self.strips.dates) + self.day])
        shares = pa.array(["0", "1", *(portion_text(*pair) for pair in texts)], pa.string())
        return shares.take(pa.array(code, mask=~self.is_set("reported")))

    def table(self, missed: pa.Array) -> pa.Table:
        """The columns in their order."""
        student, school = (pa.array(ids, pa.string()) for ids in (self.strips.student_id, self.strips.school_id))
        return pa.table(
            {
                "student_id": student.take(pa.array(self.row)),
                "school_id": school.take(pa.array(self.row)),
                "date": pa.array(self.strips.dates[self.day]).cast(pa.date32()),
                "present_school": _rest(missed),
                "absent_school": missed,
                **self._homeroom(),
                **self._sections(),
            }
        )

    def _homeroom(self) -> dict[str, pa.Array]:
        has_homeroom = self.told(self.year.in_homeroom) & self.is_set("reported")
        absent = has_homeroom & self.is_set("absent")
        was_there = self._missed_nothing() & ~self.is_set("tardy") & self.told(self.year.homeroom_taken)
        missed = _flags(absent, absent | (has_homeroom & was_there))
        return {"present_homeroom": _rest(missed), "absent_homeroom": missed}

    def _sections(self) -> dict[str, pa.Array]:
        absent = self.told(self.year.missed_period) & self.is_set("reported")
        was_there = self._missed_nothing() & self.told(self.year.sections_taken) & self.year.keeps_periods[self.row]
        missed = _flags(absent, absent | (was_there & self.is_set("reported")))
        return {"present_all_sections": _rest(missed), "absent_any_section": missed}

    def _missed_nothing(self) -> Flags:
        sizes = ("absent", "mostly_absent", "half_absent", "partly_absent")
        missed = self.strips.bits[sizes[0]]
        for name in sizes[1:]:
            missed = missed | self.strips.bits[name]
        return ~self.told(missed)


def _flags(is_so: Flags, is_known: Flags) -> pa.Array:
    """'1' and '0', blank where it is not known."""
    return pa.array(["0", "1"], pa.string()).take(pa.array(is_so.astype(np.int8), mask=~is_known))


def _rest(missed: pa.Array) -> pa.Array:
    """What the missed shares leave of their days."""
    coded = missed.dictionary_encode()
    whole = Fraction(1)
    rests = [portion_text(*(whole - Fraction(share)).as_integer_ratio()) for share in coded.dictionary.to_pylist()]
    return pa.array(rests, pa.string()).take(coded.indices)
