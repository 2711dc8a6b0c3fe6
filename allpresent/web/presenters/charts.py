"""Charts as plain numbers for the SVG templates: every chart is drawn from the rows of the table beside it.

Positions are in thousandths of the drawing's width and height. The templates place words and dots by percent and
stretch only the lines, so text keeps its size on a phone, on a desk and on paper.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from allpresent.web.presenters.shares import percent_of, points, rounded

_LABEL = Fraction(13, 100)  # the height of a line of words, of the drawing's
SPAN = 1000  # the drawing's width and height in its own units
# Narrower than these shares of the bar, a label would run out of its segment: on a phone, on a desk, key only.
_FITS_PHONE, _FITS_DESK, _FITS_KEY = (
    Fraction(16, 100),
    Fraction(6, 100),
    Fraction(25, 1000),
)


@dataclass(frozen=True)
class Segment:
    """One level's part of the bar. ``fit`` says where its label fits: all, desk, key or none."""

    key: str
    share: str
    left_pct: str
    width_pct: str
    middle_pct: str
    fit: str


@dataclass(frozen=True)
class Place:
    """A dot or a word in the drawing, in percent from the left and the top."""

    left_pct: str
    top_pct: str
    text: str = ""


@dataclass(frozen=True)
class Reading:
    """The chronic share on one school day of one year: ``chronic`` of ``students``."""

    day: int
    chronic: int
    students: int

    @property
    def rate(self) -> Fraction | None:
        """The share as a fraction; None while nobody was enrolled."""
        return Fraction(self.chronic, self.students) if self.students else None


@dataclass(frozen=True)
class TrendRow:
    """One line of the table beside the chart."""

    day: int
    last_year: str
    this_year: str
    change: str


@dataclass(frozen=True)
class Trend:
    """The goal line drawn: last year's line, this year's, the goal, and the same as a table."""

    last_year_line: str
    this_year_line: str
    now: Place | None
    last_year_end: Place | None
    was: Place | None
    goal: Place | None
    day_ticks: tuple[Place, ...]
    rate_ticks: tuple[Place, ...]
    rows: tuple[TrendRow, ...]
    label_now_below: bool


def _pct(value: Fraction) -> str:
    return f"{rounded(value * 100, 2)}%"


def _fit(part: Fraction) -> str:
    if part >= _FITS_PHONE:
        return "all"
    if part >= _FITS_DESK:
        return "desk"
    return "key" if part >= _FITS_KEY else "none"


def level_bar(counts: Sequence[tuple[str, int]]) -> tuple[Segment, ...]:
    """The levels' shares as one bar, in the order given; levels nobody stands at take no room."""
    total = sum(number for _, number in counts)
    segments, left = [], Fraction(0)
    for key, number in counts:
        if not number:
            continue
        part = Fraction(number, total)
        middle = left + part / 2
        share = str(rounded(part * 100))
        segments.append(Segment(key, share, _pct(left), _pct(part), _pct(middle), _fit(part)))
        left += part
    return tuple(segments)


def _ceiling(rates: Iterable[Fraction]) -> int:
    """The top of the percent axis: the next ten above the highest rate shown, at least 20, at most 100."""
    highest = max([*rates, Fraction(15, 100)])
    return min(100, (int(highest * 10) + 1) * 10)


def _x(day: int, days: int) -> Fraction:
    return Fraction(day, max(days, 1))


def _y(rate: Fraction, top: int) -> Fraction:
    return 1 - rate * 100 / top


def _line(readings: Sequence[Reading], days: int, top: int) -> str:
    spots = [(_x(r.day, days), _y(r.rate, top)) for r in readings if r.rate is not None]
    return " ".join(f"{rounded(x * SPAN)},{rounded(y * SPAN)}" for x, y in spots)


def _place(day: int, rate: Fraction, days: int, top: int, text: str) -> Place:
    return Place(_pct(_x(day, days)), _pct(_y(rate, top)), text)


def _end(readings: Sequence[Reading], days: int, top: int) -> Place | None:
    known = [(r.day, r.rate) for r in readings if r.rate is not None]
    if not known:
        return None
    day, rate = known[-1]
    return _place(day, rate, days, top, percent_of(rate))


def _rows(last_year: Sequence[Reading], this_year: Sequence[Reading]) -> tuple[TrendRow, ...]:
    before = {r.day: r.rate for r in last_year}
    now = {r.day: r.rate for r in this_year}
    rows = []
    for day in sorted(before.keys() | now.keys()):
        was, rate = before.get(day), now.get(day)
        moved = None if was is None or rate is None else rate - was
        rows.append(TrendRow(day, percent_of(was), percent_of(rate), points(moved)))
    return tuple(rows)


def _nearest(readings: Sequence[Reading], day: int) -> Fraction | None:
    known = [(abs(r.day - day), r.rate) for r in readings if r.rate is not None]
    return min(known)[1] if known else None


def _reads_below(now: Fraction, beside: Fraction | None, goal: Fraction | None, top: int) -> bool:
    """Whether the words at today's dot stand under it: on the free side of last year's line, off the goal's."""
    if beside is None or now > beside:
        return False
    room = Fraction(top, 100) * _LABEL
    is_goal_under = goal is not None and 0 <= now - goal < room
    return not (is_goal_under and beside - now >= room)


def _day_ticks(days: int) -> tuple[Place, ...]:
    """Every fortieth school day, and the year's last one; a tick that would touch the last one is left out."""
    marks = [day for day in range(40, days, 40) if days - day >= days // 8]
    return tuple(Place(_pct(_x(day, days)), "100%", str(day)) for day in [*marks, days])


def _rate_ticks(top: int) -> tuple[Place, ...]:
    step = 10 if top <= 40 else 20
    return tuple(Place("0%", _pct(_y(Fraction(tick, 100), top)), f"{tick}%") for tick in range(step, top + 1, step))


def goal_trend(
    last_year: Sequence[Reading],
    this_year: Sequence[Reading],
    *,
    days: int,
    goal: Fraction | None = None,
    was: Fraction | None = None,
) -> Trend:
    """Where we were, are and are going. ``days``: school days of the year; ``goal``, ``was``: shares of one."""
    known = [r.rate for r in (*last_year, *this_year) if r.rate is not None]
    top = _ceiling([*known, *(rate for rate in (goal, was) if rate is not None)])
    now = next((r for r in reversed(this_year) if r.rate is not None), None)
    beside = _nearest(last_year, now.day) if now else None
    return Trend(
        last_year_line=_line(last_year, days, top),
        this_year_line=_line(this_year, days, top),
        now=_end(this_year, days, top),
        last_year_end=_end(last_year, days, top),
        was=_place(days, was, days, top, percent_of(was)) if was is not None else None,
        goal=_place(days, goal, days, top, percent_of(goal)) if goal is not None else None,
        day_ticks=_day_ticks(days),
        rate_ticks=_rate_ticks(top),
        rows=_rows(last_year, this_year),
        label_now_below=_reads_below(now.rate, beside, goal, top) if now and now.rate is not None else False,
    )
