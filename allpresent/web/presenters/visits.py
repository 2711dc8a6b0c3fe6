"""Home visits in words: the board's cards, the form's choices, a line of the timeline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

from allpresent.casework.models.home_visits import VisitMode, VisitOutcome, VisitState
from allpresent.casework.queries.homes import homes_of_family
from allpresent.casework.routes import CALLS_REASON
from allpresent.web.presenters.people import HomeLine, home_lines
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.words import due_words, grade_room, language_code, language_name

if TYPE_CHECKING:
    from datetime import date

    from allpresent.casework.queries.home_visits import PromisedVisit, VisitRow
    from allpresent.roster.models import Contact, Student


def visit_words(detail: Mapping[str, Any], by: str) -> tuple[str, str]:
    """What a visit of the timeline was, and by whom: ``Visit 1: Completed``, ``Grace Lane and Sol, in person``."""
    strong = _("Visit %(number)s: %(outcome)s") % {
        "number": detail["number"],
        "outcome": VisitOutcome(detail["outcome"]).label,
    }
    people = _("%(one)s and %(other)s") % {"one": by, "other": detail["with"]} if detail["with"] else by
    met = _("met %(whom)s") % {"whom": detail["met"]} if detail["met"] else ""
    return strong, ", ".join(part for part in (met, str(VisitMode(detail["mode"]).label).lower(), people) if part)


def visit_tags(detail: Mapping[str, Any], causes: Mapping[str, str]) -> tuple[str, ...]:
    """The causes the family named at a visit, and what was promised."""
    tags = [causes.get(key, key) for key in detail["causes"]]
    if detail["promised"]:
        when = f" · {day_words(detail['promised_on'])}" if detail["promised_on"] else ""
        tags.append(_("promised: %(what)s") % {"what": detail["promised"] + when})
    return tuple(tags)


@dataclass(frozen=True)
class VisitCard:
    """One card of the board."""

    name: str
    room: str
    url: str
    when: str
    who: str
    words: str
    late: str = ""
    check_out_url: str = ""
    keep_url: str = ""
    level: str = ""


@dataclass(frozen=True)
class Column:
    """One column of the board, with what to say when it is empty."""

    key: str
    title: str
    cards: tuple[VisitCard, ...]
    empty: str


_COLUMNS = (
    ("proposed", gettext_lazy("Proposed"), ("proposed",), gettext_lazy("No visit waits for a time.")),
    ("scheduled", gettext_lazy("Scheduled"), ("scheduled",), gettext_lazy("No visit is scheduled.")),
    ("follow_up", gettext_lazy("Follow-up"), ("follow_up",), gettext_lazy("No promise to a family is open.")),
    ("not_found", gettext_lazy("Not found"), ("not_found",), gettext_lazy("Somebody was met at every visit.")),
    (
        "done",
        gettext_lazy("Done"),
        ("done", "declined"),
        gettext_lazy("No visit was written down in the last 30 days."),
    ),
)


def moment_words(moment: datetime) -> str:
    """Thu 5 Nov, 16:30."""
    here = localtime(moment)
    return f"{day_words(here.date())}, {date_format(here, 'H:i')}"


def reason_text(words: str) -> str:
    """Why a family is visited, in the reader's language where the program itself gave the reason."""
    return _("Four calls in a row reached nobody.") if words == CALLS_REASON else words


def pair_words(row: "VisitRow") -> str:
    """Who goes: both names, or one, or nobody yet."""
    if row.visitor and row.co_visitor:
        return _("%(one)s and %(other)s") % {"one": row.visitor, "other": row.co_visitor}
    return row.visitor or _("nobody named yet")


def board(rows: "Iterable[VisitRow]", on: "date") -> tuple[Column, ...]:
    """The columns of the board in the order of the work."""
    held = list(rows)
    return tuple(
        Column(key, str(title), tuple(visit_card(row, on) for row in held if row.state in states), str(empty))
        for key, title, states, empty in _COLUMNS
    )


def visit_card(row: "VisitRow", on: "date") -> VisitCard:
    """One visit as a card: when, who, what came of it, and how late anything about it is."""
    is_follow_up = row.state == VisitState.FOLLOW_UP
    when = ""
    if row.on:
        when = _("Visit %(number)s, %(day)s") % {"number": row.number, "day": day_words(row.on)}
    elif row.starts_at:
        when = moment_words(row.starts_at)
    words = (
        row.promised
        if is_follow_up
        else str(VisitOutcome(row.outcome).label)
        if row.outcome
        else reason_text(row.reason_words)
    )
    late = ""
    if row.is_out_late and row.ends_at:
        late = _("no check-out since %(time)s") % {"time": date_format(localtime(row.ends_at), "H:i")}
        if localtime(row.ends_at).date() != on:
            late = _("no check-out since %(moment)s") % {"moment": moment_words(row.ends_at)}
    elif is_follow_up and row.promised_on:
        is_over = row.promised_on < on
        late = _("overdue since %(day)s") % {"day": day_words(row.promised_on)} if is_over else ""
        words = words if is_over else f"{words} · {due_words(row.promised_on, on)}"
    return VisitCard(
        name=row.full_name,
        room=grade_room(row.grade, row.homeroom),
        url=reverse("web:visit", args=[row.visit_id]),
        when=when,
        who=pair_words(row),
        words=words,
        late=late,
        check_out_url=reverse("web:visit_check_out", args=[row.visit_id]) if _may_be_out(row, on) else "",
        keep_url=reverse("web:visit_keep", args=[row.visit_id]) if is_follow_up else "",
    )


def _may_be_out(row: "VisitRow", on: "date") -> bool:
    """Whether a visitor can say that the pair has left the home: it is theirs, and its day has come."""
    if not (row.is_mine and row.state == VisitState.SCHEDULED and row.starts_at):
        return False
    return localtime(row.starts_at).date() <= on


def promised_cards(rows: "Iterable[PromisedVisit]", on: "date") -> tuple[VisitCard, ...]:
    """The visits the protocol promised that nobody has proposed."""
    return tuple(
        VisitCard(
            name=row.full_name,
            room=grade_room(row.grade, row.homeroom),
            url=reverse("web:visit_plan", args=[row.student_id]),
            when=due_words(row.due_on, on),
            who="",
            words="",
            level=row.level,
            late=_("promised for %(day)s") % {"day": day_words(row.due_on)} if row.due_on and row.due_on < on else "",
        )
        for row in rows
    )


def board_lead(columns: Iterable[Column], promised: int) -> str:
    """What is true today, in a sentence."""
    counted = {column.key: len(column.cards) for column in columns}
    scheduled = ngettext("%(count)d visit is scheduled", "%(count)d visits are scheduled", counted["scheduled"]) % {
        "count": counted["scheduled"]
    }
    waiting = counted["proposed"] + promised
    wait = ngettext("%(count)d waits for a time", "%(count)d wait for a time", waiting) % {"count": waiting}
    return _("%(scheduled)s and %(waiting)s.") % {"scheduled": scheduled, "waiting": wait}


def language_choices(languages: Iterable[str]) -> list[tuple[str, str]]:
    """The languages a visit may have been held in."""
    return [(key, language_name(key)) for key in languages]


def current_language() -> str:
    """The reader's language as the policy files name it."""
    return (get_language() or "en")[:2]


@dataclass(frozen=True)
class LeaveBehind:
    """The card left at the door, in the family's language."""

    language: str
    greeting: str
    lines: tuple[str, ...]
    signed: str


@dataclass(frozen=True)
class DaySheet:
    """One visit of the day on paper, and its card."""

    card: VisitCard
    mode: str
    until: str
    family: tuple[str, ...]
    homes: tuple[HomeLine, ...]
    leave_behind: LeaveBehind
    card_url: str


def day_sheets(
    rows: "Iterable[VisitRow]", students: "Mapping[str, Student]", family: "Mapping[str, list[Contact]]", on: "date"
) -> tuple[DaySheet, ...]:
    """The day's visits in the order they begin."""
    return tuple(
        DaySheet(
            card=visit_card(row, on),
            mode=str(VisitMode(row.mode).label),
            until=date_format(localtime(row.ends_at), "H:i") if row.ends_at else "",
            family=tuple(dict.fromkeys(one.full_name for one in family.get(row.student_id, ()))),
            homes=home_lines(homes_of_family(family.get(row.student_id, ()))),
            leave_behind=leave_behind(students[row.student_id], row),
            card_url=reverse("web:visit_card", args=[row.visit_id]),
        )
        for row in rows
        if row.student_id in students
    )


def leave_behind(student: "Student", row: "VisitRow") -> LeaveBehind:
    """The card in the language of the family where the program speaks it, else in English."""
    spoken = language_code(student.language) or "en"
    if spoken not in ("en", "es"):
        spoken = "en"
    with override(spoken):
        school = student.school.name if student.school else ""
        return LeaveBehind(
            language=spoken,
            greeting=_("Hello from %(school)s") % {"school": school} if school else _("Hello from school"),
            lines=(
                _("We came by today to talk with you about %(name)s, and we are sorry that we missed you.")
                % {"name": student.given_name},
                _("We would like to hear what %(name)s enjoys and hopes for, and how school can help.")
                % {"name": student.given_name},
                _("Please call the school office and tell us when it suits you. A visit is always your choice."),
            ),
            signed=pair_words(row),
        )


@dataclass(frozen=True)
class LeapMonth:
    """A month whose report may be made."""

    name: str
    pdf_url: str
    csv_url: str


def leap_months(on: "date") -> tuple[LeapMonth, ...]:
    """This month and the two before, the newest first: by then the 20 school days after a visit are over."""
    found, first = [], on.replace(day=1)
    for _month in range(3):
        key = f"{first:%Y-%m}"
        pdf, table = (reverse("web:visit_leap", args=[key, form]) for form in ("pdf", "csv"))
        found.append(LeapMonth(date_format(first, "F Y"), pdf, table))
        first = (first - timedelta(days=1)).replace(day=1)
    return tuple(found)
