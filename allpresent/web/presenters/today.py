"""The desk: what is waiting, as counters; one list of it at a time; and the opening sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.web.presenters.calls import LeadPart
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.today_choice import COUNTERS, VIEWS, Choice
from allpresent.web.presenters.today_lists import Head, PageLink, Row
from allpresent.web.presenters.words import first_upper


@dataclass(frozen=True)
class Counter:
    """A counter card: of how many students something is open, and how much of it is late."""

    url: str
    value: int
    name: str
    late: str
    is_current: bool


@dataclass(frozen=True)
class View:
    """Another way to look, with how many it shows."""

    url: str
    name: str
    value: int
    is_current: bool


@dataclass(frozen=True)
class SilentRoom:
    """A homeroom, section or whole school without attendance on recent days."""

    school: str
    section: str
    teacher: str
    days: str
    students: int


@dataclass(frozen=True)
class Assignee:
    """Somebody steps may be handed to; ``key`` is sent back."""

    key: int
    name: str


@dataclass(frozen=True)
class Desk:
    """The whole page."""

    lead: tuple[LeadPart, ...]
    counters: tuple[Counter, ...]
    views: tuple[View, ...]
    schools: tuple[tuple[str, str, bool], ...]
    title: str
    subtitle: str
    here: str
    heads: tuple[Head, ...] = ()
    rows: tuple[Row, ...] = ()
    pages: tuple[PageLink, ...] = ()
    unreported: tuple[SilentRoom, ...] | None = None
    people: tuple[Assignee, ...] = ()
    assign_url: str = ""
    export_url: str = ""
    print_url: str = ""
    board_url: str = ""  # where the work of the chosen counter is done
    board_name: str = ""
    call_systems: tuple[tuple[str, str], ...] = ()  # name and address of the list for each
    empty_title: str = ""
    empty_text: str = ""


def make_counters(choice: Choice, counts: Mapping[str, tuple[int, int]]) -> tuple[Counter, ...]:
    """The counter cards; ``counts`` are students with an open and with an overdue step, by counter."""
    cards = []
    for key, _kinds, name, _title in COUNTERS:
        total, late = counts.get(key, (0, 0))
        words = ngettext("%(count)d late", "%(count)d late", late) % {"count": late} if late else ""
        url = choice.query(view=key, page=1, sort="reached")
        cards.append(Counter(url, total, name % total, words, choice.view == key))
    return tuple(cards)


def make_views(choice: Choice, values: Mapping[str, int]) -> tuple[View, ...]:
    """The other ways to look: crossed a level, overdue, silent, not reported."""
    names = {
        "crossed": _("Crossed a level"),
        "overdue": _("Overdue"),
        "silent": _("Nobody reached in 10 school days"),
        "unreported": _("Not reported"),
    }
    return tuple(
        View(choice.query(view=key, page=1, sort="reached"), names[key], values[key], choice.view == key)
        for key in VIEWS
    )


def list_title(view: str) -> str:
    """The title of the list below the counters."""
    titles = {key: str(title) for key, _kinds, _name, title in COUNTERS}
    titles |= {
        "crossed": _("Crossed a level"),
        "overdue": _("Overdue"),
        "silent": _("Nobody reached in 10 school days"),
        "unreported": _("Attendance not reported"),
    }
    return titles[view]


@dataclass(frozen=True)
class News:
    """What changed since the person last looked; ``since`` is in words."""

    since: str
    crossed: int
    withdrawn: int
    silent_rooms: int
    last_day: date | None
    depending: int


def make_lead(news: News, grounds: Grounds | None) -> tuple[LeadPart, ...]:
    """Since Friday: 14 students crossed a level … 2 homerooms have not reported Monday."""
    if grounds is None or news.last_day is None:
        return (LeadPart(_("No attendance has been posted yet.")),)
    parts = [LeadPart(first_upper(news.since) + ": ")]
    if news.crossed:
        parts.append(LeadPart(figure=_crossed(news.crossed, grounds)))
        parts.append(LeadPart(" " + ngettext("crossed a level", "crossed a level", news.crossed)))
    else:
        parts.append(LeadPart(_("no student here crossed a level")))
    if news.withdrawn:
        words = ngettext(
            ", %(count)d step was withdrawn because the record was corrected",
            ", %(count)d steps were withdrawn because the record was corrected",
            news.withdrawn,
        )
        parts.append(LeadPart(words % {"count": news.withdrawn}))
    parts.append(LeadPart(". "))
    return tuple(parts) + _silence(news, news.last_day, grounds)


def _crossed(count: int, grounds: Grounds) -> Figure:
    return grounds.figure(
        ngettext("%(count)d student", "%(count)d students", count) % {"count": count},
        _("Crossed a level"),
        _("Students whose days absent reached the lower bound of a higher level, counted once, at the highest."),
        of_protocol=True,
        excluded=_("Levels withdrawn because the record was corrected."),
    )


def _silence(news: News, last_day: date, grounds: Grounds) -> tuple[LeadPart, ...]:
    day = {"day": day_words(last_day)}
    if not news.silent_rooms:
        return (LeadPart(_("Every homeroom has reported %(day)s.") % day),)
    words = ngettext("%(count)d homeroom", "%(count)d homerooms", news.silent_rooms) % {"count": news.silent_rooms}
    figure = grounds.count(
        words,
        _("No attendance reported"),
        _("Homerooms, sections or whole schools in session from which no attendance came for the last school day."),
    )
    said = ngettext("has not reported %(day)s", "have not reported %(day)s", news.silent_rooms) % day
    parts = [LeadPart(figure=figure), LeadPart(f" {said}")]
    if news.depending:
        depends = ngettext(
            "; the level of %(count)d student depends on days not reported.",
            "; the levels of %(count)d students depend on days not reported.",
            news.depending,
        )
        parts.append(LeadPart(depends % {"count": news.depending}))
    else:
        parts.append(LeadPart("."))
    return tuple(parts)
