"""A mentor's own list and a coordinator's view, in plain words. A peer's card holds a first name and a prompt only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.access.models import User
from allpresent.casework.models import MentorWorry
from allpresent.casework.models.mentors import MatchEnding, MentorKind
from allpresent.casework.queries.mentors import CHECK_INS_A_WEEK, Mentee, MentorRow
from allpresent.roster.models import Student
from allpresent.web.forms.mentor import grades_words
from allpresent.web.presenters.levels import LevelBadge, level_badge
from allpresent.web.presenters.strips import ABSENT_STATES, Strip, day_words, make_strip
from allpresent.web.presenters.words import days_ago, due_words, grade_room, grade_words, language_name

if TYPE_CHECKING:
    from allpresent.casework.queries.student import Event

MENTOR_DAYS = 10
PROMPTS = (
    gettext_lazy("Ask what is going well this week."),
    gettext_lazy("Say that it was good to see each other."),
    gettext_lazy("Ask what the plan for tomorrow morning is."),
    gettext_lazy("Ask which class was the best one today."),
)


@dataclass(frozen=True)
class MenteeCard:
    """One student. For a peer ``name`` is the first name and everything from ``place`` on is blank."""

    match_id: int
    name: str
    prompt: str
    week: str
    is_new_this_week: bool
    place: str = ""
    url: str = ""
    news: str = ""
    badge: LevelBadge | None = None
    strip: Strip | None = None
    goal: str = ""


@dataclass(frozen=True)
class Known:
    """What an adult mentor may read of a student: the level, the last days, the goal of the plan, the page."""

    level: str | None
    days: Sequence[tuple[date, str]]
    goal: str
    url: str


def mentee_card(row: Mentee, student: Student, known: Known | None, on: date) -> MenteeCard:
    """A card; ``known`` None makes it a peer's."""
    week = _("greeted %(count)d of %(wanted)d times this week") % {"count": row.this_week, "wanted": CHECK_INS_A_WEEK}
    if not row.this_week:
        week = _("not greeted this week")
    prompt = str(PROMPTS[(on.toordinal() + row.match_id) % len(PROMPTS)])
    if known is None or row.kind != MentorKind.ADULT:
        return MenteeCard(row.match_id, student.given_name, prompt, week, not row.this_week)
    days = known.days[-MENTOR_DAYS:]
    return MenteeCard(
        match_id=row.match_id,
        name=student.full_name,
        prompt=prompt,
        week=week,
        is_new_this_week=not row.this_week,
        place=" · ".join(filter(None, (grade_words(student.grade), student.homeroom))),
        url=known.url,
        news=news_words(days),
        badge=level_badge(known.level),
        strip=make_strip(days) if days else None,
        goal=known.goal,
    )


def news_words(days: Sequence[tuple[date, str]]) -> str:
    """Absent on the last delivered day; or back on it after an absence; blank otherwise."""
    if not days:
        return ""
    on, state = days[-1]
    if state in ABSENT_STATES:
        return _("absent on %(day)s") % {"day": day_words(on)}
    was_absent = len(days) > 1 and days[-2][1] in ABSENT_STATES
    is_back = was_absent and state in ("present", "tardy", "half")
    return _("back on %(day)s") % {"day": day_words(on)} if is_back else ""


def mentees_lead(cards: Sequence[MenteeCard]) -> str:
    """How many students, and how many were not greeted this week."""
    if not cards:
        return _("No student is matched with you now.")
    waiting = sum(card.is_new_this_week for card in cards)
    words = ngettext("You greet %(count)d student.", "You greet %(count)d students.", len(cards))
    more = ngettext("%(count)d was not greeted this week.", "%(count)d were not greeted this week.", waiting)
    rest = more % {"count": waiting} if waiting else _("Everyone was greeted this week.")
    return f"{words % {'count': len(cards)}} {rest}"


@dataclass(frozen=True)
class RosterLine:
    """One mentor of the roster; ``grades`` and ``languages`` as they are typed."""

    mentor_id: int
    name: str
    kind: str
    fits: str
    load: str
    last: str
    silent: str
    grades: str
    languages: str
    load_limit: int
    students: int


def roster_line(row: MentorRow, on: date) -> RosterLine:
    """A mentor with load and the last greeting."""
    fits = [grade_words(grade) for grade in row.grades.split()] or [_("any grade")]
    last = days_ago(row.last_on, on) if row.last_on else _("never") if row.load else "–"
    load = _("%(load)d of %(limit)d") % {"load": row.load, "limit": row.load_limit}
    words = ", ".join([*fits, *map(language_name, row.languages.split())])
    return RosterLine(
        mentor_id=row.mentor_id,
        name=row.name,
        kind=str(MentorKind(row.kind).label),
        fits=words,
        load=load,
        last=last,
        silent=_silent(row.quiet_days(on)) if row.is_silent(on) else "",
        grades=grades_words(row.grades),
        languages=", ".join(map(language_name, row.languages.split())),
        load_limit=row.load_limit,
        students=row.load,
    )


def _silent(days: int) -> str:
    return ngettext("silent for %(count)d day", "silent for %(count)d days", days) % {"count": days}


@dataclass(frozen=True)
class WaitingLine:
    """A student who waits for a mentor."""

    student_id: str
    name: str
    place: str


def waiting_line(student: Student) -> WaitingLine:
    """Who waits, and where they sit."""
    return WaitingLine(student.pk, student.full_name, grade_room(student.grade, student.homeroom))


@dataclass(frozen=True)
class WorryLine:
    """A worry that waits: whose it is to answer, by when, and how late it is."""

    worry: MentorWorry
    owner: str
    due: str
    late: str


def worry_line(worry: MentorWorry, reader: User, on: date, late: str) -> WorryLine:
    """Yours, another's, or the team's; due Mon."""
    owner = _("the school's team")
    if worry.owner is not None:
        owner = _("yours") if worry.owner_id == reader.pk else str(worry.owner)
    return WorryLine(worry, owner, due_words(worry.due_on, on), late)


def _mid(label: object) -> str:
    """A label inside a sentence."""
    words = str(label)
    return words[:1].lower() + words[1:]


def mentor_event(event: "Event") -> dict[str, Any]:
    """A line of a student's timeline about a mentor."""
    detail, act = event.detail, event.detail["act"]
    if act == "greeted":
        times = ngettext("greeted %(count)d time that week", "greeted %(count)d times that week", detail["times"])
        words = times % {"count": detail["times"]}
    elif act == "ended":
        words = _("no longer matched: %(why)s") % {"why": _mid(MatchEnding(detail["ending"]).label)}
    else:
        words = _("matched, %(kind)s") % {"kind": _mid(MentorKind(detail["kind"]).label)}
    return {"strong": _("Success mentor"), "words": f"{detail['mentor']}, {words}"}


def coordinator_lead(rows: Sequence[MentorRow], waiting: int, worries: int, on: date) -> str:
    """What is true today of the school's mentors."""
    parts = [
        ngettext("%(count)d mentor is on the roster.", "%(count)d mentors are on the roster.", len(rows))
        % {"count": len(rows)}
    ]
    silent = sum(row.is_silent(on) for row in rows)
    if silent:
        more = ngettext(
            "%(count)d greeted nobody for a week or longer.", "%(count)d greeted nobody for a week or longer.", silent
        )
        parts.append(more % {"count": silent})
    more = ngettext("%(count)d student waits for a mentor.", "%(count)d students wait for a mentor.", waiting)
    parts.append(more % {"count": waiting} if waiting else _("Nobody waits for a mentor."))
    if worries:
        more = ngettext("%(count)d worry waits for you.", "%(count)d worries wait for you.", worries)
        parts.append(more % {"count": worries})
    return " ".join(parts)
