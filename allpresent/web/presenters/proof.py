"""A year's proof of the review-team duty: whose duty it is, and the months in which a team met."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.web.presenters.shares import percent
from allpresent.web.presenters.strips import day_list

if TYPE_CHECKING:
    from allpresent.casework.queries.meetings import Held

NO_DUTY, DISTRICT_TEAM, SCHOOL_TEAM, EITHER_TEAM = "none", "district", "school", "either"


@dataclass(frozen=True)
class Rate:
    """Students chronically absent of those enrolled at the end of last year; compared as an exact share."""

    chronic: int
    students: int

    def is_at_least(self, share: Fraction) -> bool:
        """Whether the unrounded rate reaches the share; nobody enrolled reaches none."""
        return self.students > 0 and Fraction(self.chronic, self.students) >= share

    @property
    def shown(self) -> str:
        return percent(Fraction(self.chronic), self.students) if self.students else "–"


@dataclass(frozen=True)
class Duty:
    """Who has to have a review team this year (CGS 10-198c(b)), judged on last year's unrounded rates."""

    kind: str
    district: Rate
    schools: Mapping[str, Rate]  # those at the schools' share or above, by school id

    def is_of(self, school_id: str) -> bool:
        """Whether this school's own team is, or may be, the duty; "" asks for the district's team."""
        if not school_id:
            return self.kind in (DISTRICT_TEAM, EITHER_TEAM)
        return self.kind in (SCHOOL_TEAM, EITHER_TEAM) and school_id in self.schools


def find_duty(district: Rate, schools: Mapping[str, Rate], district_share: Fraction, school_share: Fraction) -> Duty:
    """The statute's four cases: the district; one school; several, or both: a district team or each school's."""
    high = {key: rate for key, rate in schools.items() if rate.is_at_least(school_share)}
    is_high = district.is_at_least(district_share)
    if is_high and not high:
        kind = DISTRICT_TEAM
    elif len(high) == 1 and not is_high:
        kind = SCHOOL_TEAM
    else:
        kind = EITHER_TEAM if high else NO_DUTY
    return Duty(kind, district, high)


def duty_words(duty: Duty | None, names: Mapping[str, str]) -> str:
    """Whose duty it is, in a sentence."""
    if duty is None:
        return _("Whether a team is a duty is not known here: last year's attendance has not been delivered.")
    count = len(duty.schools)
    words = {"rate": duty.district.shown, "schools": "; ".join(school_names(duty, names)), "count": count}
    said = {
        NO_DUTY: _("Last year's rates ask for no review team: the district stood at %(rate)s."),
        DISTRICT_TEAM: _("The district stood at %(rate)s last year, so a district review team is a duty."),
        SCHOOL_TEAM: _("Last year's rate asks for a review team at %(schools)s."),
        EITHER_TEAM: ngettext(
            "Last year's rates ask for a district review team, or one at %(count)d school. The district stood at"
            " %(rate)s.",
            "Last year's rates ask for a district review team, or one at each of %(count)d schools. The district"
            " stood at %(rate)s.",
            count,
        ),
    }
    return said[duty.kind] % words


def school_names(duty: Duty | None, names: Mapping[str, str]) -> tuple[str, ...]:
    """The schools at the schools' share or above, by name."""
    return tuple(sorted(names.get(key, key) for key in duty.schools)) if duty else ()


@dataclass(frozen=True)
class MonthCell:
    """One month of one team: the days it met, or that it did not. ``is_open``: the month is not over."""

    name: str
    days: str
    count: int
    is_open: bool = False


@dataclass(frozen=True)
class ProofRow:
    """One team in one year."""

    key: str
    team: str
    is_duty: bool
    rate: str
    cells: tuple[MonthCell, ...]
    students: int
    decisions: int

    @property
    def is_kept(self) -> bool:
        """Whether the team met in every month that is over."""
        return all(cell.count or cell.is_open for cell in self.cells)


def months_between(first: date, last: date) -> list[tuple[int, int]]:
    """Every month from the one to the other, as (year, month)."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [((first.year * 12 + first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1) for n in range(count)]


def proof_rows(
    teams: Iterable[tuple[str, str]],
    held: "Mapping[str, Held]",
    months: Iterable[tuple[int, int]],
    duty: Duty | None,
    rates: Mapping[str, Rate],
) -> tuple[ProofRow, ...]:
    """A row a team; teams are (school id or "", name). The last of the months is not over."""
    from allpresent.casework.queries.meetings import Held

    wanted = list(months)
    rows = []
    for key, name in teams:
        own = held.get(key, Held())
        cells = []
        for year, month in wanted:
            days = own.days.get((year, month), [])
            name_of_month = date_format(date(year, month, 1), "M")
            is_open = (year, month) == wanted[-1]
            cells.append(MonthCell(name_of_month, day_list(days) if days else "", len(days), is_open))
        rate = rates[key].shown if key in rates else ""
        rows.append(
            ProofRow(key, name, duty is not None and duty.is_of(key), rate, tuple(cells), own.students, own.decisions)
        )
    return tuple(rows)


def proof_sentence(rows: Iterable[ProofRow]) -> str:
    """How the duty was kept so far: of the teams it asks for, how many met in every month that is over."""
    asked = [row for row in rows if row.is_duty]
    if not asked:
        return ""
    kept = sum(row.is_kept for row in asked)
    return ngettext(
        "%(kept)d of %(count)d team met in every month that is over.",
        "%(kept)d of %(count)d teams met in every month that is over.",
        len(asked),
    ) % {"kept": kept, "count": len(asked)}
