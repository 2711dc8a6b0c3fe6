"""The desk: what is waiting, as counters; one list of it at a time; and the opening sentences."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.web.open_work import OpenStep
from allpresent.web.presenters.call_sheet import NumberCard
from allpresent.web.presenters.calls import LeadPart
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.student_line import StudentLine
from allpresent.web.presenters.words import first_upper

PAGE_SIZE = 50

# The counters in their order: key in the address, kinds of step, the word under the number, the title of the list.
COUNTERS: tuple[tuple[str, tuple[str, ...], Promise, Promise], ...] = (
    ("verify", ("verify",), gettext_lazy("to verify"), gettext_lazy("To verify")),
    ("call", ("call",), gettext_lazy("to call"), gettext_lazy("To call")),
    ("visit", ("visit",), gettext_lazy("visits"), gettext_lazy("Visits")),
    ("letter", ("letter",), gettext_lazy("letters"), gettext_lazy("Letters")),
    ("plan", ("plan",), gettext_lazy("plans"), gettext_lazy("Success plans")),
    ("mentor", ("mentor",), gettext_lazy("mentors"), gettext_lazy("Success mentors")),
    ("referral", ("referral",), gettext_lazy("partners"), gettext_lazy("Referrals to partners")),
    ("review", ("review", "conference"), gettext_lazy("reviews"), gettext_lazy("Reviews and conferences")),
)
KINDS = {key: kinds for key, kinds, _name, _title in COUNTERS}
VIEWS = ("crossed", "overdue", "silent", "unreported")
SORTS = ("reached", "name", "level", "absent", "due")


@dataclass(frozen=True)
class Choice:
    """What the person looks at: a counter or a view, its order, its page, and one school or all."""

    view: str = "call"
    sort: str = "reached"
    is_reversed: bool = False
    number: int = 1
    school_id: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        """The choice an address names; anything unknown is the default."""
        view, sort = query.get("view", ""), query.get("sort", "")
        page = query.get("page", "1")
        return cls(
            view if view in KINDS or view in VIEWS else "call",
            sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "reached",
            sort.startswith("-"),
            int(page) if page.isdecimal() and 0 < int(page) < 10_000 else 1,
            query.get("school", ""),
        )

    def query(self, **changed: object) -> str:
        """The address of another choice: this one with some parts changed."""
        sort = ("-" if self.is_reversed else "") + self.sort
        parts: dict[str, object] = {"view": self.view, "sort": sort, "page": self.number, "school": self.school_id}
        parts |= changed
        if parts["sort"] == "reached":
            parts["sort"] = ""
        if parts["page"] == 1:
            parts["page"] = ""
        return "?" + urlencode({key: value for key, value in parts.items() if value})


@dataclass(frozen=True)
class Counter:
    url: str
    value: int
    name: str
    late: str
    is_current: bool


@dataclass(frozen=True)
class View:
    url: str
    name: str
    value: int
    is_current: bool


@dataclass(frozen=True)
class Head:
    """A column head; ``direction`` is ascending, descending or blank."""

    name: str
    url: str = ""
    direction: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Row:
    """One student of the list; ``step_ids`` are sent back when the row is chosen, blank-separated."""

    line: StudentLine
    step_ids: str = ""
    more: str = ""


@dataclass(frozen=True)
class PageLink:
    name: str
    url: str = ""
    is_current: bool = False


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
    empty_title: str = ""
    empty_text: str = ""


def make_counters(choice: Choice, counts: Mapping[str, tuple[int, int]]) -> tuple[Counter, ...]:
    """The counter cards; ``counts`` are students with an open and with an overdue step, by counter."""
    cards = []
    for key, _kinds, name, _title in COUNTERS:
        total, late = counts.get(key, (0, 0))
        words = ngettext("%(count)d late", "%(count)d late", late) % {"count": late} if late else ""
        url = choice.query(view=key, page=1, sort="reached")
        cards.append(Counter(url, total, str(name), words, choice.view == key))
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


def make_heads(choice: Choice) -> tuple[Head, ...]:
    """The column heads with the address that sorts by them, turned around for the one in use."""

    def head(name: str, sort: str, *, is_number: bool = False) -> Head:
        is_current = choice.sort == sort
        direction = ("descending" if choice.is_reversed else "ascending") if is_current else ""
        target = f"-{sort}" if is_current and not choice.is_reversed else sort
        return Head(name, choice.query(sort=target, page=1), direction, is_number)

    return (
        head(_("Student"), "name"),
        head(_("Level by days"), "level"),
        Head(_("Last 20 school days")),
        head(_("Days absent"), "absent", is_number=True),
        head(_("Last contact"), "reached"),
        head(_("Next promised step"), "due"),
    )


def make_pages(choice: Choice, total: int) -> tuple[PageLink, ...]:
    """Links to the pages of a long list; none for a list of one page."""
    last = -(-total // PAGE_SIZE)
    if last <= 1:
        return ()
    near = [n for n in range(1, last + 1) if n in (1, last) or abs(n - choice.number) <= 2]
    links: list[PageLink] = []
    for number in near:
        if links and number > int(links[-1].name) + 1:
            links.append(PageLink("…"))
            links.append(PageLink(str(number), choice.query(page=number), number == choice.number))
        else:
            links.append(PageLink(str(number), choice.query(page=number), number == choice.number))
    return tuple(links)


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


def subtitle(students: int, late: int, sort: str) -> str:
    """38 students · 9 late · sorted by days since anyone was reached."""
    sorts = {
        "reached": _("longest without anyone reached first"),
        "name": _("sorted by name"),
        "level": _("sorted by level"),
        "absent": _("sorted by days absent"),
        "due": _("sorted by due day"),
    }
    parts = [ngettext("%(count)d student", "%(count)d students", students) % {"count": students}]
    if late:
        parts.append(ngettext("%(count)d late", "%(count)d late", late) % {"count": late})
    return " · ".join([*parts, sorts[sort]])


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
        words = ngettext("%(count)d student", "%(count)d students", news.crossed) % {"count": news.crossed}
        rule = _("Students whose days absent reached the lower bound of a higher level, counted once, at the highest.")
        parts.append(
            LeadPart(
                figure=grounds.figure(
                    words,
                    _("Crossed a level"),
                    rule,
                    of_protocol=True,
                    excluded=_("Levels withdrawn because the record was corrected."),
                )
            )
        )
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


def _silence(news: News, last_day: date, grounds: Grounds) -> tuple[LeadPart, ...]:
    day = {"day": day_words(last_day)}
    if not news.silent_rooms:
        return (LeadPart(_("Every homeroom has reported %(day)s.") % day),)
    words = ngettext("%(count)d homeroom", "%(count)d homerooms", news.silent_rooms) % {"count": news.silent_rooms}
    figure = grounds.figure(
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


@dataclass(frozen=True)
class Entry:
    """One student of a list before the line is made; ``steps`` are those the list is about, most urgent first."""

    student_id: str
    name: str
    steps: tuple[OpenStep, ...] = ()
    reached_on: date | None = None

    @property
    def due_on(self) -> date | None:
        """The day of the most urgent step."""
        return self.steps[0].due_on if self.steps else None


def entries_of_steps(steps: Iterable[OpenStep], names: Mapping[str, str], reached: Mapping[str, date]) -> list[Entry]:
    """One entry a student; ``steps`` come most urgent first."""
    by_student: dict[str, list[OpenStep]] = {}
    for step in steps:
        by_student.setdefault(step.student_id, []).append(step)
    return [Entry(pk, names[pk], tuple(own), reached.get(pk)) for pk, own in by_student.items()]


def more_words(entry: Entry) -> str:
    """How many further steps of the list are the same student's."""
    more = len(entry.steps) - 1
    return ngettext("and %(count)d more step", "and %(count)d more steps", more) % {"count": more} if more > 0 else ""


def sort_entries(
    entries: Iterable["Entry"], choice: Choice, places: Mapping[str, tuple[str, Fraction]]
) -> list["Entry"]:
    """Entries in the chosen order; who was never reached stands before everybody else."""
    ordered = sorted(entries, key=lambda entry: (entry.name.casefold(), entry.student_id))
    keys: dict[str, Callable[[Entry], Any]] = {
        "name": lambda entry: entry.name.casefold(),
        "reached": lambda entry: entry.reached_on or date.min,
        "level": lambda entry: places.get(entry.student_id, ("", Fraction(0)))[0],
        "absent": lambda entry: places.get(entry.student_id, ("", Fraction(0)))[1],
        "due": lambda entry: entry.due_on or date.max,
    }
    return sorted(ordered, key=keys[choice.sort], reverse=choice.is_reversed)


def page_of_entries(entries: Sequence[Entry], number: int) -> list[Entry]:
    """The entries of one page of the list."""
    return list(entries[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])


@dataclass(frozen=True)
class PaperRow:
    """One family on the printed list."""

    line: StudentLine
    numbers: tuple[NumberCard, ...]


@dataclass(frozen=True)
class PaperList:
    """The list on paper."""

    title: str
    lead: str
    rows: tuple[PaperRow, ...]
    results: tuple[str, ...]
    back_url: str
    note: str
    empty_title: str
    empty_text: str = ""


def paper_note(printed: int, total: int) -> str:
    """What to do with the sheet, and whether it is whole."""
    note = _("Names and numbers of families: keep this sheet with you, log the calls today, then destroy it.")
    if printed < total:
        note += " " + _("Only the first %(count)d students are printed.") % {"count": printed}
    return note
