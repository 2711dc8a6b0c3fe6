"""Each enrolled school day of one school year, with what sections and period marks add to the strips."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.ledger.calendar import as_days, day_index
from allpresent.ledger.packing import Rows, YearPacker
from allpresent.ledger.reconcile import kept_marks
from allpresent.ledger.seats import Seats, set_bits
from allpresent.ledger.strips import Strips, Words


@dataclass(frozen=True, eq=False)
class SchoolYearDays:
    """The strips of a year and, for the same rows and days, what is known section by section.

    A pooled row of a student with several schools (``school_id`` '') has no section days.
    """

    strips: Strips
    missed_period: Words  # a period mark with an absence stands there
    keeps_periods: npt.NDArray[np.bool_]  # one a row: its school gave a period mark in this year
    in_homeroom: Words
    homeroom_taken: Words  # in a homeroom, and every homeroom of the day was reported
    sections_taken: Words  # in some section, and every section of the day was reported
    part: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]  # row and day of each line of ``strips.partial``


def year_days(tables: dict[str, pa.Table], school_year: int, year_starts: str) -> SchoolYearDays:
    """The days of one school year of full canonical tables."""
    packer = YearPacker(tables, school_year, year_starts)
    strips = packer.pack()
    rows = Rows(strips.student, strips.school, strips.is_pooled)
    missed_period, schools = _period_marks(tables, rows, strips)
    in_homeroom, homeroom_taken, sections_taken = _sections(tables, packer, rows, strips)
    part_row = rows.of(strips.partial["student_id"], strips.partial["school_id"])
    part_day, _ = day_index(strips.dates, as_days(strips.partial["date"]))
    keeps_periods = np.asarray(pc.is_in(strips.school, value_set=pa.array(sorted(schools), pa.string())), dtype=bool)
    part = (part_row, part_day)
    return SchoolYearDays(strips, missed_period, keeps_periods, in_homeroom, homeroom_taken, sections_taken, part)


def _period_marks(tables: dict[str, pa.Table], rows: Rows, strips: Strips) -> tuple[Words, set[str]]:
    """Days with an absence by period, row by row, and the schools that gave period marks that count."""
    marks = tables["attendance"]
    marks = marks.filter(pc.equal(marks["mode"], "period"))
    own = rows.of(marks["student_id"], marks["school_id"])
    kept = kept_marks(marks, own, own, strips.dates, strips.bits["enrolled"])
    kept = kept.filter(pc.invert(kept["unknown"]))
    missed = kept.filter(pc.greater(kept["num"], 0))
    words = np.zeros((len(rows), strips.words), dtype=np.uint64)
    set_bits(words, missed["row"].to_numpy(), missed["day"].to_numpy())
    return words, set(rows.school_id.take(pc.unique(kept["row"])).to_pylist())


def _sections(
    tables: dict[str, pa.Table], packer: YearPacker, rows: Rows, strips: Strips
) -> tuple[Words, Words, Words]:
    """Days in a homeroom, days with every homeroom reported, and days with every section reported."""
    taken = tables["attendance_taken"]
    day, inside = day_index(strips.dates, as_days(taken["date"]))
    seats = Seats(tables, strips.dates, packer.upto, taken.filter(pa.array(inside)), day[inside])
    at_school = rows.of(seats.student_id, pc.fill_null(seats.school_id, ""))
    at_school = np.where(np.asarray(pc.is_valid(seats.school_id)), at_school, -1)
    in_section, _, lacking = seats.spread(at_school, len(rows))
    in_homeroom, _, lacking_homeroom = seats.spread(at_school, len(rows), is_homeroom=True)
    if not strips.has_taken:  # a year without any record of attendance taken counts as reported
        return in_homeroom, in_homeroom, in_section
    return in_homeroom, in_homeroom & ~lacking_homeroom, in_section & ~lacking
