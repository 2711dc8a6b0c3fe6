"""The lists of the desk: their entries, order, pages, column heads, and the same on paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.casework.queries.households import group_families
from allpresent.casework.queries.open_work import OpenStep
from allpresent.web.presenters.call_sheet import NumberCard
from allpresent.web.presenters.student_line import StudentLine
from allpresent.web.presenters.today_choice import PAGE_SIZE, Choice

FAMILY_VIEWS = ("call", "visit", "silent")


@dataclass(frozen=True)
class Head:
    """A column head; ``direction`` is ascending, descending or blank."""

    name: str
    url: str = ""
    direction: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Row:
    """One student of the list; ``step_ids`` are sent back when the row is chosen, blank-separated.

    ``others`` are the brothers and sisters on the same line, each to be chosen by itself.
    """

    line: StudentLine
    step_ids: str = ""
    more: str = ""
    others: tuple["Row", ...] = ()


@dataclass(frozen=True)
class PageLink:
    """A page of a long list; without an address it is a gap."""

    name: str
    url: str = ""
    is_current: bool = False


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


def subtitle(entries: Sequence["Entry"], late: int, sort: str) -> str:
    """35 families, 38 students · 9 late · sorted by days since anyone was reached."""
    sorts = {
        "reached": _("longest without anyone reached first"),
        "name": _("sorted by name"),
        "level": _("sorted by level"),
        "absent": _("sorted by days absent"),
        "due": _("sorted by due day"),
    }
    families, students = len(entries), sum(1 + len(entry.others) for entry in entries)
    parts = [ngettext("%(count)d student", "%(count)d students", students) % {"count": students}]
    if families < students:
        parts[0] = ngettext("%(count)d family", "%(count)d families", families) % {"count": families} + ", " + parts[0]
    if late:
        parts.append(ngettext("%(count)d late", "%(count)d late", late) % {"count": late})
    return " · ".join([*parts, sorts[sort]])


@dataclass(frozen=True)
class Entry:
    """One student of a list before the line is made; ``steps`` are those the list is about, most urgent first."""

    student_id: str
    name: str
    steps: tuple[OpenStep, ...] = ()
    reached_on: date | None = None
    others: tuple["Entry", ...] = ()  # brothers and sisters on the same line

    @property
    def members(self) -> tuple["Entry", ...]:
        """The student's own entry, then those of the brothers and sisters."""
        return (self, *self.others)

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


def gather_families(entries: Sequence[Entry], view: str, households: Mapping[str, str]) -> list[Entry]:
    """The list with brothers and sisters on one line, where one call or one visit serves them all.

    A family stands where its first child does, and shows the child whose step is due first.
    """
    if view not in FAMILY_VIEWS:
        return list(entries)
    by_student = {entry.student_id: entry for entry in entries}
    found = []
    for family in group_families(by_student, households):
        first, *others = sorted((by_student[pk] for pk in family), key=lambda entry: entry.due_on or date.max)
        found.append(replace(first, others=tuple(others)))
    return found


def page_of_entries(entries: Sequence[Entry], number: int) -> list[Entry]:
    """The entries of one page of the list."""
    return list(entries[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])


@dataclass(frozen=True)
class PaperRow:
    """One family on the printed list."""

    line: StudentLine
    numbers: tuple[NumberCard, ...]
    others: tuple[StudentLine, ...] = ()


def paper_rows(
    entries: Iterable[Entry], lines: Mapping[str, StudentLine], numbers: Mapping[str, Sequence[NumberCard]]
) -> tuple[PaperRow, ...]:
    """The families on paper, each number of a family once."""
    rows = []
    for entry in entries:
        family = [lines[one.student_id] for one in entry.members if one.student_id in lines]
        cards: dict[str, NumberCard] = {}
        for card in (card for line in family for card in numbers[line.student_id]):
            cards.setdefault(card.phone, card)
        if family:
            rows.append(PaperRow(family[0], tuple(cards.values()), tuple(family[1:])))
    return tuple(rows)


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
