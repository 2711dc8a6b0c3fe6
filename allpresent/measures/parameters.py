"""The numbers the measures judge by, gathered from the district's settings and the state's dated values."""

from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allpresent.policy import District, StatePack

NEW_HAVEN_BOUNDS = (2, 6, 11, 15, 18)
GRADES = ("PK", "K", *(f"{number:02d}" for number in range(1, 13)))


@dataclass(frozen=True)
class Rules:
    """Every threshold a measure compares with; hashable, so that an answer can be remembered by it.

    Days are school days unless a name says otherwise. ``level_bounds`` are the least days absent of L2 to L6.
    ``bands`` are the shares at which the Attendance Works bands after the first begin.
    """

    minimum_days: int = 10
    chronic: Fraction = Fraction(1, 10)
    bands: tuple[Fraction, Fraction, Fraction] = (Fraction(1, 20), Fraction(1, 10), Fraction(1, 5))
    day_rule: str = "state"  # "state": a day counts whole or not at all; "fractional": the share of the day missed
    is_half_absent: bool = False  # state rule: whether a day of which exactly half was missed is absent
    truancy_month: str = "rolling"  # "rolling": consecutive calendar days; "calendar": a month of the calendar
    truancy_in_month: int = 4
    truancy_month_days: int = 30
    truancy_in_year: int = 10
    truancy_ages: tuple[int, int] = (5, 18)
    meeting_school_days: int = 10
    level_bounds: tuple[int, ...] = NEW_HAVEN_BOUNDS
    grade_ranges: tuple[tuple[str, tuple[str, ...]], ...] = (("K-8", GRADES[1:10]), ("9-12", GRADES[10:]))
    hidden_count_max: int = 5
    hidden_rate_below: int = 20

    def __hash__(self) -> int:
        # Every remembered answer is found by its rules, and fractions are slow to hash: once is enough.
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            known = hash(tuple(getattr(self, part.name) for part in fields(self)))
            object.__setattr__(self, "_hash", known)
        return known

    def __getstate__(self) -> dict[str, object]:
        # Hashes of text differ from one process to the next.
        return {name: value for name, value in self.__dict__.items() if name != "_hash"}

    @classmethod
    def from_policy(
        cls,
        district: "District",
        pack: "StatePack",
        protocol_bounds: tuple[int, ...] = NEW_HAVEN_BOUNDS,
        on: date | None = None,
    ) -> "Rules":
        """The rules of a district in its state, with the state's values in force ``on`` a day (None: the newest).

        ``protocol_bounds`` are the least days absent of L2 to L6. Raises PolicyError where the state sets no value.
        """
        state = pack.at(on or date.max)
        return cls(
            minimum_days=district.minimum_days,
            chronic=state.chronic_share,
            bands=(state.attendance_works_at_risk, state.attendance_works_moderate, state.attendance_works_severe),
            day_rule=district.day_rule,
            is_half_absent=state.half_day_is_absent,
            truancy_month=district.truancy_month,
            truancy_in_month=state.truancy_month_count,
            truancy_month_days=state.truancy_month_days,
            truancy_in_year=state.truancy_year_count,
            truancy_ages=(state.truancy_age_low, state.truancy_age_high),
            meeting_school_days=state.meeting_school_days,
            level_bounds=tuple(protocol_bounds),
            grade_ranges=tuple((name, tuple(grades)) for name, grades in state.grade_ranges.items()),
            hidden_count_max=state.suppression_count_max,
            hidden_rate_below=state.suppression_denominator_min,
        )
