"""District: the toolkit's three tables of levels, and one line a school that sorts by any column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.measures.disclosure import HIDDEN
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.school import is_unsafe
from allpresent.web.presenters.school_tables import NO_STEPS, LevelTable, OnTime, bounds, chronic_figure, moved
from allpresent.web.presenters.shares import count, percent, points, share
from allpresent.web.presenters.tallies import Tally
from allpresent.web.presenters.words import month_words


@dataclass(frozen=True)
class SchoolCounts:
    """One school's counts: today, on the same school day last year, and its promised steps.

    ``untold`` are the columns (keys of the sorts) that may not be told to a reader who may not see the students.
    """

    school_id: str
    name: str
    url: str
    now: Tally
    before: Tally | None = None
    on_time: OnTime = NO_STEPS
    untold: frozenset[str] = frozenset()


@dataclass(frozen=True)
class GridRow:
    """One school as the grid shows it."""

    name: str
    url: str
    students: str
    chronic: Figure | str
    bounds: str
    points: str
    high_levels: str
    high_share: str
    unreported: str
    is_unsafe: bool
    on_time: str
    is_better: bool
    is_worse: bool


@dataclass(frozen=True)
class Head:
    """A column head that sorts. ``state`` is ascending, descending or none, as assistive technology says it."""

    key: str
    name: str
    url: str
    state: str


@dataclass(frozen=True)
class Grid:
    """The school grid. ``sentence`` says what stands out before the table."""

    sentence: str
    heads: tuple[Head, ...]
    rows: tuple[GridRow, ...]
    has_stars: bool = False


@dataclass(frozen=True)
class RangeTable:
    """The toolkit's table of one grade range."""

    name: str
    key: str
    table: LevelTable


def _change(school: SchoolCounts) -> Fraction | None:
    return moved(school.now, school.before if school.before and school.before.students else None)


_SORTS: dict[str, tuple[str | Promise, Callable[[SchoolCounts], Fraction | None]]] = {
    "students": (gettext_lazy("Enrolled"), lambda s: Fraction(s.now.students)),
    "chronic": (gettext_lazy("Chronic now"), lambda s: share(s.now.chronic, s.now.students)),
    "bounds": (gettext_lazy("Low to high"), lambda s: share(s.now.high - s.now.low, s.now.students)),
    "points": (gettext_lazy("Points on last year"), _change),
    "levels": (gettext_lazy("Levels 4 to 6"), lambda s: share(s.now.at_l4_or_more, s.now.students)),
    "unreported": (gettext_lazy("Not reported"), lambda s: share(s.now.days_unreported, s.now.days_enrolled)),
    "steps": (gettext_lazy("Steps on time"), lambda s: share(s.on_time.done, s.on_time.due)),
}
DEFAULT_SORT = "-chronic"


def sorted_schools(schools: Sequence[SchoolCounts], sort: str) -> list[SchoolCounts]:
    """By the column ``sort`` (a leading ``-`` for the greatest first); schools without a value last, then by name."""
    key = sort.removeprefix("-")
    by_name = sorted(schools, key=lambda school: (school.name, school.school_id), reverse=sort == "-name")
    if key not in _SORTS:
        return by_name
    sign = -1 if sort.startswith("-") else 1

    def place(school: SchoolCounts) -> tuple[bool, Fraction | int]:
        # The order would tell what a star hides.
        value = None if key in school.untold else _SORTS[key][1](school)
        return value is None, sign * (value or 0)

    return sorted(by_name, key=place)


def _row(school: SchoolCounts, limit_pct: int, grounds: Grounds) -> GridRow:
    now, untold = school.now, school.untold
    change = None if "points" in untold else _change(school)
    shown = points(change)
    return GridRow(
        name=school.name,
        url=school.url,
        students=count(now.students),
        chronic=HIDDEN if "chronic" in untold else chronic_figure(now, grounds, name=school.name),
        bounds=HIDDEN if "bounds" in untold else bounds(now),
        points=HIDDEN if "points" in untold else shown,
        high_levels=HIDDEN if "levels" in untold else count(now.at_l4_or_more),
        high_share="" if "levels" in untold else percent(now.at_l4_or_more, now.students),
        unreported=percent(now.days_unreported, now.days_enrolled),
        is_unsafe=is_unsafe(now, limit_pct),
        on_time=HIDDEN if "steps" in untold else percent(school.on_time.done, school.on_time.due),
        is_better=change is not None and change < 0 and shown != "0.0",
        is_worse=change is not None and change > 0 and shown != "0.0",
    )


def _heads(sort: str) -> tuple[Head, ...]:
    heads = []
    for key, name in (("name", gettext_lazy("School")), *((key, words) for key, (words, _value) in _SORTS.items())):
        state = {key: "ascending", f"-{key}": "descending"}.get(sort, "none")
        # A first click on a number brings the greatest to the top; on the name, the first letter.
        follow = key if sort == f"-{key}" or (key == "name" and sort != "name") else f"-{key}"
        heads.append(Head(key, str(name), f"?sort={follow}#schools", state))
    return tuple(heads)


def _sentence(schools: Sequence[SchoolCounts], limit_pct: int) -> str:
    told = (school for school in schools if "points" not in school.untold)
    changes = [change for school in told if (change := _change(school)) is not None]
    better = sum(change < 0 for change in changes)
    unsafe = sum(is_unsafe(school.now, limit_pct) for school in schools)
    parts = []
    if changes:
        parts.append(
            ngettext(
                "%(better)s of %(all)s school has less chronic absence than on the same school day last year.",
                "%(better)s of %(all)s schools have less chronic absence than on the same school day last year.",
                len(changes),
            )
            % {"better": better, "all": len(changes)}
        )
    if unsafe:
        parts.append(
            ngettext(
                "%(number)s school is not safe to publish: too many days without attendance reported.",
                "%(number)s schools are not safe to publish: too many days without attendance reported.",
                unsafe,
            )
            % {"number": unsafe}
        )
    return " ".join(parts)


def school_grid(schools: Sequence[SchoolCounts], sort: str, limit_pct: int, grounds: Grounds) -> Grid:
    """One line a school with anybody enrolled, in the order asked for."""
    shown = [school for school in schools if school.now.students]
    rows = tuple(_row(school, limit_pct, grounds) for school in sorted_schools(shown, sort))
    return Grid(_sentence(shown, limit_pct), _heads(sort), rows, any(school.untold for school in shown))


def goal_words(label: str, school_year: str, kind: str, rate: str, note: str) -> str:
    """A goal of the district's settings as a line."""
    text = _("%(label)s (%(year)s): under %(rate)s") if kind == "goal" else _("%(label)s (%(year)s): %(rate)s")
    line = text % {"label": month_words(label), "year": school_year, "rate": rate}
    return f"{line} · {note}" if note else line
