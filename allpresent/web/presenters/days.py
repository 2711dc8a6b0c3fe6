"""Why a day counts as it does, said in the reader's language, down to file and line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allpresent.web.presenters.shares import NOTHING
from allpresent.web.presenters.strips import STATE_WORDS

if TYPE_CHECKING:
    from allpresent.measures import ExplainedDay
    from allpresent.measures.sentences import MarkSeen

# The keys of the rules a day is settled by, as `measures` names them; `marked` is told with the mark itself.
_RULES = {
    "no_school": gettext_lazy("No school: the student's school was not in session."),
    "not_enrolled": gettext_lazy("Not counted: the student was not enrolled at a school in session on this day."),
    "nothing_taken": gettext_lazy(
        "Not reported: there is no mark, and no attendance was taken for the student on this day."
    ),
    "no_mark_is_present": gettext_lazy(
        "Present: there is no mark, and the delivery keeps no record of who took attendance."
    ),
    "school_taken": gettext_lazy("Present: there is no mark, and attendance was taken at the school."),
    "section_taken": gettext_lazy("Present: there is no mark, and attendance was taken in the student's section."),
    "unknown_code": gettext_lazy(
        "Not reported: a mark has a code nobody has given a meaning, so the day is unknown, whatever else is marked."
    ),
}
_MARKED = {
    "excused": gettext_lazy("Absent, excused: %(part)s was missed."),
    "unexcused": gettext_lazy("Absent, unexcused: %(part)s was missed."),
    "disciplinary": gettext_lazy("Absent for discipline: %(part)s was missed."),
    "half": gettext_lazy("Present: exactly half of the day was missed, and half a day attended counts as present."),
}
_MODES = {
    "day": gettext_lazy("whole day"),
    "am": gettext_lazy("morning"),
    "pm": gettext_lazy("afternoon"),
    "minutes": gettext_lazy("minutes"),
}


@dataclass(frozen=True)
class MarkLine:
    """One delivered mark of a day. ``left_out`` says why it does not count, or is blank."""

    words: str
    portion: str
    source_file: str
    line_no: int | None
    delivery: str
    left_out: str = ""


@dataclass(frozen=True)
class DayDetail:
    """One day: its state, the rule in a sentence, where that stands, and every mark delivered for it."""

    on: date
    iso: str
    state: str
    key: str
    rule: str
    source: str
    marks: tuple[MarkLine, ...]
    school: str = ""


def part_words(portion: Fraction) -> str:
    """A part of a day: the whole day, 1/2 of the day, nothing."""
    if portion == 1:
        return _("the whole day")
    if not portion:
        return _("nothing")
    return _("%(part)s of the day") % {"part": f"{portion.numerator}/{portion.denominator}"}


def rule_words(day: "ExplainedDay") -> str:
    """The rule that settles the day."""
    if day.rule in _RULES:
        return str(_RULES[day.rule])
    part = part_words(day.portion or Fraction(0))
    if day.state in _MARKED:
        return _MARKED[day.state] % {"part": part}
    if day.portion:
        return _("Present: %(part)s was missed, less than half.") % {"part": part}
    return _("Present: the mark counts no absence.")


def source_words(day: "ExplainedDay") -> str:
    """The file and line the day's state stands on; said plainly where there is none."""
    if not day.source_file:
        return _("No line of a file stands behind this day.")
    return _("%(file)s, line %(line)s") % {"file": day.source_file, "line": day.line_no}


def _mark(mark: "MarkSeen") -> MarkLine:
    slot = str(_MODES.get(mark.mode, "")) or _("period %(period)s") % {"period": mark.period}
    named = [_("code %(code)s") % {"code": mark.code}] if mark.code else []
    if mark.mode != "day" or not named:
        named.append(slot)
    left_out = "" if mark.is_counted else _("not counted: not enrolled, no session, or kept out by a rule of intake")
    return MarkLine(
        words=", ".join(named),
        portion=part_words(mark.share_of_day),
        source_file=mark.source_file or NOTHING,
        line_no=mark.line_no,
        delivery=mark.delivery_id,
        left_out=left_out,
    )


def day_detail(day: "ExplainedDay", schools: Mapping[str, str]) -> DayDetail:
    """The words of one explained day; ``schools`` names schools by id."""
    state = {"not_reported": "unreported"}.get(day.state, day.state)
    return DayDetail(
        on=day.date,
        iso=day.date.isoformat(),
        state=str(STATE_WORDS[state]),
        key=state,
        rule=rule_words(day),
        source=source_words(day),
        marks=tuple(_mark(mark) for mark in day.marks),
        school=schools.get(day.school_id, day.school_id),
    )


def day_details(days: "Iterable[ExplainedDay]", schools: Mapping[str, str]) -> list[DayDetail]:
    """All days of a student's year so far, newest first."""
    return sorted((day_detail(day, schools) for day in days), key=lambda detail: detail.on, reverse=True)
