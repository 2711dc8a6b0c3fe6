"""The two lists of My school: who crossed a level since the last report, and whose attendance is missing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.web.presenters.shares import count
from allpresent.web.presenters.strips import day_list, day_words
from allpresent.web.presenters.tallies import LEVELS

NAMES_SHOWN = 12
ROWS_SHOWN = 8


@dataclass(frozen=True)
class Move:
    """A student whose level rose between two days."""

    student_id: str
    before: str
    now: str


@dataclass(frozen=True)
class CrossedCount:
    """How many students came to a level."""

    key: str
    students: str


@dataclass(frozen=True)
class CrossedStudent:
    """A student who crossed, named because the reader may see the student."""

    name: str
    url: str
    grade_room: str
    before: str
    now: str


@dataclass(frozen=True)
class Crossed:
    """Who crossed since the last report: a sentence, counts by level reached, and the names the reader may see."""

    sentence: str
    counts: tuple[CrossedCount, ...] = ()
    students: tuple[CrossedStudent, ...] = ()
    shown: int = 0
    total: str = ""

    @property
    def is_all(self) -> bool:
        """Whether every student who crossed is named."""
        return self.total == count(self.shown)


@dataclass(frozen=True)
class ChaseRow:
    """A homeroom or section (or, for several schools, a school) with days nobody reported."""

    section: str
    teacher: str
    days: str
    students: str


@dataclass(frozen=True)
class Chase:
    """Whom to ask for attendance. ``more`` says how many lines are left out."""

    sentence: str
    rows: tuple[ChaseRow, ...] = ()
    more: str = ""


@dataclass(frozen=True)
class Missing:
    """Students without attendance at one section (blank: the whole school) on one day."""

    school_id: str
    section_id: str
    on: date
    students: int


def ranked(moves: Iterable[Move]) -> list[Move]:
    """Only rises, the highest level reached first, then the longest way."""

    def place(key: str) -> int:
        return LEVELS.index(key)

    risen = [move for move in moves if place(move.now) > place(move.before)]
    return sorted(risen, key=lambda move: (-place(move.now), place(move.before), move.student_id))


def crossed(moves: Sequence[Move], since: date | None, named: Callable[[Move], CrossedStudent | None]) -> Crossed:
    """The list from ranked moves; ``named`` gives the line of a student the reader may see, or None."""
    if since is None:
        return Crossed(_("No report came before this one, so there is nothing to compare with yet."))
    if not moves:
        return Crossed(_("No student here crossed a level since %(day)s.") % {"day": day_words(since)})
    reached = Counter(move.now for move in moves)
    students = tuple(line for move in moves if (line := named(move)))
    return Crossed(
        sentence=ngettext(
            "%(shown)s student crossed to a higher level since the last report, %(day)s.",
            "%(shown)s students crossed to a higher level since the last report, %(day)s.",
            len(moves),
        )
        % {"shown": count(len(moves)), "day": day_words(since)},
        counts=tuple(CrossedCount(key, count(reached[key])) for key in LEVELS if reached[key]),
        students=students,
        shown=len(students),
        total=count(len(moves)),
    )


def _gone_silent(
    missing: Iterable[Missing], key: Callable[[Missing], tuple[str, str]]
) -> dict[tuple[str, str], list[Missing]]:
    silent: dict[tuple[str, str], list[Missing]] = defaultdict(list)
    for one in missing:
        silent[key(one)].append(one)
    # The longest silence first, then the most students.
    return dict(sorted(silent.items(), key=lambda item: (-len({m.on for m in item[1]}), -_most(item[1]), item[0])))


def _most(missing: Iterable[Missing]) -> int:
    return max(one.students for one in missing)


def chase_in_school(
    missing: Sequence[Missing], days: int, sections: Mapping[str, str], teachers: Mapping[str, str]
) -> Chase:
    """One line a section of one school. ``sections`` and ``teachers`` hold names by section_id."""
    if not missing:
        return Chase(_nothing_missing(days))
    silent = _gone_silent(missing, lambda one: (one.section_id, ""))
    rows = [
        ChaseRow(
            section=sections.get(section, section) if section else _("the whole school"),
            teacher=teachers.get(section, ""),
            days=day_list({one.on for one in found}),
            students=count(_most(found)),
        )
        for (section, _blank), found in silent.items()
    ]
    sentence = ngettext(
        "%(number)s homeroom or section did not report on one or more of the last %(days)s school days.",
        "%(number)s homerooms or sections did not report on one or more of the last %(days)s school days.",
        len(rows),
    ) % {"number": len(rows), "days": days}
    return Chase(sentence, tuple(rows[:ROWS_SHOWN]), _more(len(rows)))


def chase_over_schools(missing: Sequence[Missing], days: int, schools: Mapping[str, str]) -> Chase:
    """One line a school, with how many of its homerooms or sections are silent."""
    if not missing:
        return Chase(_nothing_missing(days))
    silent = _gone_silent(missing, lambda one: (one.school_id, ""))
    rows = []
    for (school, _blank), found in silent.items():
        sections = {one.section_id for one in found}
        some = ngettext("%(number)s section", "%(number)s sections", len(sections)) % {"number": len(sections)}
        who = _("the whole school") if "" in sections else some
        by_day: Counter[date] = Counter()
        for one in found:
            by_day[one.on] += one.students
        rows.append(ChaseRow(schools.get(school, school), who, day_list(by_day), count(max(by_day.values()))))
    sentence = ngettext(
        "%(number)s school has homerooms or sections that did not report in the last %(days)s school days.",
        "%(number)s schools have homerooms or sections that did not report in the last %(days)s school days.",
        len(rows),
    ) % {"number": len(rows), "days": days}
    return Chase(sentence, tuple(rows[:ROWS_SHOWN]), _more(len(rows)))


def _nothing_missing(days: int) -> str:
    return _("Nothing is missing: every homeroom reported on the last %(days)s school days.") % {"days": days}


def _more(rows: int) -> str:
    left = rows - ROWS_SHOWN
    return ngettext("and %(number)s more", "and %(number)s more", left) % {"number": left} if left > 0 else ""
