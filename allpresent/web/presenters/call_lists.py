"""The page of a list for a calling system: how many it holds, and who is left out and why, before it is taken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.reports.call_list import STUDENT_REASONS, CallList, LeftOut
from allpresent.web.presenters.levels import level_badge
from allpresent.web.presenters.strips import day_words

if TYPE_CHECKING:
    from allpresent.casework.queries.call_lists import Taken
    from allpresent.casework.queries.student import Event

NAMED = 6  # students a reason names; the others are counted
_TOLD_FOR = timedelta(days=14)  # how long a call sheet tells that the family was in a list
_WHY: dict[str, Promise] = {
    "to_verify": gettext_lazy("The days absent are not verified yet."),
    "no_contact": gettext_lazy("Nobody to call was delivered."),
    "nobody_left": gettext_lazy("Nobody of the family is left that a machine may call: call them in person."),
    "opted_out": gettext_lazy("Not to be contacted, as delivered."),
    "no_custody": gettext_lazy("Has no custody, as delivered of one of the children."),
    "protected": gettext_lazy("The address is protected."),
    "custody_unknown": gettext_lazy("Nobody said that they have custody."),
    "no_number": gettext_lazy("No number, or none that can be dialled."),
    "blocked_number": gettext_lazy("The number is also that of somebody not to be contacted."),
    "wrong_number": gettext_lazy("A caller learned that the number is wrong."),
    "already_today": gettext_lazy("In a list of today already."),
}


@dataclass(frozen=True)
class Name:
    """A student, with the way to the page."""

    name: str
    url: str


@dataclass(frozen=True)
class LeftRow:
    """One reason: how many, why, the first of the students concerned, and how many more there are."""

    count: str
    why: str
    names: tuple[Name, ...]
    more: str = ""
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class LevelBox:
    """A level to choose, with how many students have an open call at it."""

    key: str
    name: str
    count: int
    is_chosen: bool


def named(left_out: Iterable[LeftOut]) -> list[str]:
    """The students the page names: the first few of each reason."""
    return list(dict.fromkeys(pk for one in left_out for pk in one.students[:NAMED]))


def left_rows(
    left_out: Iterable[LeftOut], names: Mapping[str, str], ways: Mapping[str, tuple[str, str]]
) -> list[LeftRow]:
    """Who is left out, by reason; ``ways`` lead from a reason to where it is worked on."""
    rows = []
    for one in left_out:
        shown = [pk for pk in one.students[:NAMED] if pk in names]
        more = len(one.students) - len(shown)
        url, link = ways.get(one.reason, ("", ""))
        rows.append(
            LeftRow(
                _counted(one),
                str(_WHY[one.reason]),
                tuple(Name(names[pk], reverse("web:student", args=[pk])) for pk in shown),
                ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more} if more else "",
                url,
                link,
            )
        )
    return rows


def _counted(one: LeftOut) -> str:
    if one.reason in STUDENT_REASONS:
        return students_words(one.count)
    return ngettext("%(count)d person", "%(count)d people", one.count) % {"count": one.count}


def students_words(count: int) -> str:
    """41 students."""
    return ngettext("%(count)d student", "%(count)d students", count) % {"count": count}


def numbers_words(count: int) -> str:
    """38 numbers."""
    return ngettext("%(count)d number", "%(count)d numbers", count) % {"count": count}


def lead_words(made: CallList, system: str) -> str:
    """How many numbers of how many students' families the list holds."""
    if not made.lines and not made.left_out:
        return _("No family has an open call promised at these levels.")
    if not made.lines:
        return _("Nobody is left to call by this list today.")
    return _("The list holds %(numbers)s, of the families of %(students)s.") % {
        "numbers": numbers_words(len(made.lines)),
        "students": students_words(len(made.students)),
    }


def level_boxes(by_level: Mapping[str, set[str]], chosen: Sequence[str]) -> list[LevelBox]:
    """The levels with an open call, and those chosen that the district's protocol has."""
    badges = {key: level_badge(key) for key in sorted({*by_level, *chosen})}
    return [
        LevelBox(key, f"{key} {badge.word}".strip(), len(by_level.get(key, ())), key in chosen)
        for key, badge in badges.items()
        if badge and (badge.word or key in by_level)
    ]


def taken_words(taken: "Taken") -> str:
    """08:12 by Paula Lane: 38 numbers."""
    at = date_format(timezone.localtime(taken.at), _("D j M, H:i"))
    words = {"at": at, "name": taken.by, "numbers": numbers_words(taken.lines)}
    return _("%(at)s, %(name)s: %(numbers)s") % words


def letters_words(unmarked: int, nameless: int, stand_in: str) -> list[str]:
    """What becomes of names the system's letters cannot write; nothing where they can write all."""
    said = []
    if unmarked:
        words = ngettext(
            "%(count)d name is written without some of its marks.",
            "%(count)d names are written without some of their marks.",
            unmarked,
        )
        said.append(words % {"count": unmarked})
    if nameless:
        words = ngettext(
            "%(count)d name cannot be written in its letters and is said as “%(instead)s”.",
            "%(count)d names cannot be written in its letters and are said as “%(instead)s”.",
            nameless,
        )
        said.append(words % {"count": nameless, "instead": stand_in})
    return said


def in_list_words(events: "Sequence[Event]", on: date) -> str:
    """In the list for ParentLink of Thu 5 Nov; blank where that was long ago, or never."""
    last = events[-1] if events else None
    if last is None or on - last.on > _TOLD_FOR:
        return ""
    words = {"system": last.detail["to"], "day": day_words(last.on)}
    return _("In the list for %(system)s of %(day)s. Whether anybody answered is not known here.") % words


def call_list_event(event: "Event") -> dict[str, Any]:
    """A line of a student's timeline: the family's numbers went to a calling system."""
    count = event.detail["people"]
    words = ngettext("%(count)d number of the family", "%(count)d numbers of the family", count) % {"count": count}
    strong = _("In the list for %(system)s") % {"system": event.detail["to"]}
    return {"strong": strong, "words": ", ".join((words, event.by))}
