"""Accountability in words: promises by school, level and step, and where help is needed. Never a list of persons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.casework.models.steps import Outcome
from allpresent.web.presenters.shares import count as grouped
from allpresent.web.presenters.shares import percent
from allpresent.web.presenters.timeline import own_words
from allpresent.web.presenters.words import first_upper

if TYPE_CHECKING:
    from allpresent.casework.queries.accountability import Promised
    from allpresent.casework.queries.kept import OnTime

HIDDEN = "*"
NOTHING = "–"
HELP_FROM = 5  # so many overdue promises of one kind, before a school is said to need help with it
_HELP_SHOWN = 6
_OUTCOMES = (
    gettext_lazy("Done on time"),
    gettext_lazy("Done late"),
    gettext_lazy("Overdue"),
    gettext_lazy("Open, not yet due"),
    gettext_lazy("Withdrawn"),
    gettext_lazy("Exempt"),
)
_OVERDUE = 2


@dataclass(frozen=True)
class StepLine:
    """One step of one school and level: promised, then on time, late, overdue, not yet due, withdrawn, exempt."""

    school_id: str
    school: str
    level: str
    step: str
    promised: str
    cells: tuple[str, ...]
    overdue: int

    @property
    def told_overdue(self) -> str:
        """How many are overdue, as it may be told."""
        return self.cells[_OVERDUE]

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Each outcome with its name."""
        return tuple((str(name), cell) for name, cell in zip(_OUTCOMES, self.cells, strict=True))


@dataclass(frozen=True)
class SchoolLine:
    """One school: of the promises judged how many in time, and how soon families were reached."""

    school_id: str
    name: str
    promised: str
    on_time: str
    half_reached: str
    reached: str
    url: str


@dataclass(frozen=True)
class Help:
    """A kind of promise that waits at a school, told so that somebody can help."""

    words: str
    url: str


def guarded(counts: tuple[int, ...], most: int) -> tuple[str, tuple[str, ...]]:
    """Promised and outcomes as they may leave: counts of 1 to `most` hidden, and never one alone or a few in all.

    What is hidden could be worked out together from the others and the sum. While that is itself 1 to `most`, or one
    count, the smallest of the others goes with it; where there is none left, the sum is hidden as well.
    """
    hidden = {n for n, count in enumerate(counts) if 1 <= count <= most}

    def is_told() -> bool:
        return len(hidden) == 1 or 1 <= sum(counts[n] for n in hidden) <= most

    others = sorted((n for n, count in enumerate(counts) if count > most), key=lambda n: counts[n])
    while is_told() and others:
        hidden.add(others.pop(0))
    cells = tuple(HIDDEN if n in hidden else str(count) for n, count in enumerate(counts))
    return (HIDDEN if is_told() else str(sum(counts))), cells


def step_lines(rows: "Iterable[Promised]", names: Mapping[str, str], *, hide_to: int = 0) -> tuple[StepLine, ...]:
    """A line a step; `hide_to` above 0 hides counts up to it."""
    lines = []
    for row in rows:
        promised, cells = guarded(row.outcomes, hide_to)
        label = first_upper(own_words({"en": row.label_en, "es": row.label_es}))
        overdue = row.count(Outcome.OVERDUE)
        school = names.get(row.school_id, row.school_id)
        lines.append(StepLine(row.school_id, school, row.level, label, promised, cells, overdue))
    return tuple(lines)


def school_lines(
    kept: "Mapping[str, OnTime]", names: Mapping[str, str], urls: Mapping[str, str], *, hide_to: int = 0
) -> tuple[SchoolLine, ...]:
    """A line a school, by name."""
    lines = []
    for key, name in sorted(names.items(), key=lambda pair: pair[1]):
        if key not in kept:
            continue
        one = kept[key]
        promised, judged = sum(one.outcomes.values()), one.judged
        on_time = one.outcomes.get(Outcome.ON_TIME, 0)
        lines.append(
            SchoolLine(
                key,
                name,
                HIDDEN if 1 <= promised <= hide_to else grouped(promised),
                HIDDEN if is_few(on_time, judged, hide_to) else percent(on_time, judged),
                HIDDEN if is_few(one.reached, one.crossings, hide_to) else days_words(one.half_reached_within),
                _reached(one, hide_to),
                urls.get(key, ""),
            )
        )
    return tuple(lines)


def is_few(part: int, whole: int, hide_to: int) -> bool:
    """Whether a share would tell of a few: those in it, or those not."""
    return 1 <= part <= hide_to or 1 <= whole - part <= hide_to


def _reached(one: "OnTime", hide_to: int) -> str:
    if is_few(one.reached, one.crossings, hide_to):
        return HIDDEN
    return percent(Fraction(one.reached), one.crossings) if one.crossings else NOTHING


def days_words(days: int | None) -> str:
    """4 school days; a dash while half were not reached."""
    if days is None:
        return NOTHING
    return ngettext("%(count)d school day", "%(count)d school days", days) % {"count": days}


def lead_words(kept: "OnTime", *, hide_to: int = 0) -> str:
    """How the promises were kept, and how soon families were reached, in two sentences; `hide_to` as in a row."""
    judged, on_time = kept.judged, kept.outcomes.get(Outcome.ON_TIME, 0)
    if not judged:
        return _("No promised step has come due yet.")
    if is_few(on_time, judged, hide_to):
        return _("How many promised steps were done on time is not told here: a number in it is too small.")
    words = _("%(on_time)s of %(judged)s promised steps that came due were done on time (%(share)s).") % {
        "on_time": grouped(on_time),
        "judged": grouped(judged),
        "share": percent(on_time, judged),
    }
    if kept.half_reached_within is None or is_few(kept.reached, kept.crossings, hide_to):
        return words
    more = _("Half of the families were reached within %(days)s of crossing a level.")
    return f"{words} {more % {'days': days_words(kept.half_reached_within)}}"


def help_needed(lines: Iterable[StepLine], urls: Mapping[str, str]) -> tuple[Help, ...]:
    """Where most promises of one kind wait: work that lacks hands, not people who lack will."""
    told = (line for line in lines if line.overdue > HELP_FROM and HIDDEN not in line.told_overdue)
    waiting = sorted(told, key=lambda line: -line.overdue)
    found = []
    for line in waiting[:_HELP_SHOWN]:
        said = _("%(school)s, %(level)s: %(count)d wait for “%(step)s”.") % {
            "school": line.school,
            "level": line.level,
            "count": line.overdue,
            "step": line.step,
        }
        found.append(Help(said, urls.get(line.school_id, "")))
    return tuple(found)
