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
    """Promised and outcomes as they may leave: counts of 1 to `most` hidden, and never one alone.

    A single hidden count could be worked out from the others and the sum, so the smallest of the others goes with it;
    where all is few, the sum is hidden as well.
    """
    hidden = {n for n, count in enumerate(counts) if 1 <= count <= most}
    total = sum(counts)
    if len(hidden) == 1:
        others = [n for n, count in enumerate(counts) if count > most]
        hidden |= {min(others, key=lambda n: counts[n])} if others else set()
    cells = tuple(HIDDEN if n in hidden else str(count) for n, count in enumerate(counts))
    return (HIDDEN if 1 <= total <= most or len(hidden) == 1 else str(total)), cells


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
        few = hide_to and (1 <= judged <= hide_to)
        lines.append(
            SchoolLine(
                key,
                name,
                HIDDEN if 1 <= promised <= hide_to else grouped(promised),
                HIDDEN if few else percent(one.outcomes.get(Outcome.ON_TIME, 0), judged),
                days_words(one.half_reached_within),
                _reached(one, hide_to),
                urls.get(key, ""),
            )
        )
    return tuple(lines)


def _reached(one: "OnTime", hide_to: int) -> str:
    parts = (one.reached, one.crossings - one.reached)
    if any(1 <= part <= hide_to for part in parts):
        return HIDDEN
    return percent(Fraction(one.reached), one.crossings) if one.crossings else NOTHING


def days_words(days: int | None) -> str:
    """4 school days; a dash while half were not reached."""
    if days is None:
        return NOTHING
    return ngettext("%(count)d school day", "%(count)d school days", days) % {"count": days}


def lead_words(kept: "OnTime") -> str:
    """How the promises were kept, and how soon families were reached, in two sentences."""
    judged, on_time = kept.judged, kept.outcomes.get(Outcome.ON_TIME, 0)
    if not judged:
        return _("No promised step has come due yet.")
    words = _("%(on_time)s of %(judged)s promised steps that came due were done on time (%(share)s).") % {
        "on_time": grouped(on_time),
        "judged": grouped(judged),
        "share": percent(on_time, judged),
    }
    if kept.half_reached_within is None:
        return words
    more = _("Half of the families were reached within %(days)s of crossing a level.")
    return f"{words} {more % {'days': days_words(kept.half_reached_within)}}"


def help_needed(lines: Iterable[StepLine], urls: Mapping[str, str]) -> tuple[Help, ...]:
    """Where most promises of one kind wait: work that lacks hands, not people who lack will."""
    waiting = sorted((line for line in lines if line.overdue > HELP_FROM), key=lambda line: -line.overdue)
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
