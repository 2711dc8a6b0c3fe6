"""The strip: a student's school days as small blocks, with a text twin for those who do not see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

# Every state a day may have, with the word of the legend.
STATE_WORDS = {
    "present": gettext_lazy("present"),
    "unexcused": gettext_lazy("absent, unexcused"),
    "excused": gettext_lazy("absent, excused"),
    "disciplinary": gettext_lazy("absent, disciplinary"),
    "half": gettext_lazy("part of the day"),
    "tardy": gettext_lazy("late to school"),
    "unreported": gettext_lazy("no attendance reported"),
    "no_school": gettext_lazy("no school"),
    "not_enrolled": gettext_lazy("not enrolled"),
    "future": gettext_lazy("still to come"),
}
ABSENT_STATES = frozenset({"unexcused", "excused", "disciplinary"})
_NO_SCHOOL_DAY = frozenset({"no_school", "not_enrolled", "future"})


@dataclass(frozen=True)
class Strip:
    """The days in order, each with its state (a key of ``STATE_WORDS``), and the same said in one sentence."""

    days: tuple[tuple[date, str], ...]
    twin: str


def day_words(on: date) -> str:
    """A day as people say it: Tue 3 Nov."""
    return date_format(on, _("D j M"))


def long_day_words(on: date) -> str:
    """A day in full words: Tuesday 3 November."""
    return date_format(on, _("l j F"))


def day_list(days: Iterable[date]) -> str:
    """Days with the month said once: 6, 19 Sep, 7 Oct."""
    months = groupby(sorted(days), key=lambda day: (day.year, day.month))
    parts = []
    for _month, members in months:
        in_month = list(members)
        numbers = ", ".join(str(day.day) for day in in_month)
        parts.append(f"{numbers} {date_format(in_month[0], _('M'))}")
    return ", ".join(parts)


def strip_twin(days: Sequence[tuple[date, str]]) -> str:
    """The strip as a sentence: absent 5 of the last 20 school days: 6, 19 Sep. 2 not reported."""
    counted = [(on, state) for on, state in days if state not in _NO_SCHOOL_DAY]
    absent = [on for on, state in counted if state in ABSENT_STATES]
    unreported = sum(state == "unreported" for _on, state in counted)
    if not counted:
        return _("no school days yet")
    total = len(counted)
    if absent:
        text = ngettext(
            "absent %(absent)d of the last %(total)d school day: %(days)s",
            "absent %(absent)d of the last %(total)d school days: %(days)s",
            total,
        ) % {"absent": len(absent), "total": total, "days": day_list(absent)}
    else:
        text = ngettext(
            "no absence in the last %(total)d school day", "no absence in the last %(total)d school days", total
        ) % {"total": total}
    if unreported:
        text += "; " + ngettext("%(count)d not reported", "%(count)d not reported", unreported) % {"count": unreported}
    return text


def make_strip(days: Sequence[tuple[date, str]]) -> Strip:
    """Days and twin from (day, state) pairs in order of day."""
    return Strip(tuple(days), strip_twin(days))
