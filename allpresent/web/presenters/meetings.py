"""Meetings in words: whose turn it is, what was decided, what was held in the year and whether it was a duty."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allpresent.casework.models.meetings import DecisionKind, DecisionState, Part, Reason
from allpresent.web.presenters.handed_on import handed_on_words, stopped_words
from allpresent.web.presenters.referrals import referral_words, referred_words, service_words
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.student_line import StudentLine
from allpresent.web.presenters.words import due_words, first_upper

if TYPE_CHECKING:
    from allpresent.casework.models import Meeting, MeetingDecision, MeetingItem, Referral
    from allpresent.casework.queries.meetings import AgendaLine, Due
    from allpresent.casework.queries.student import Event
    from allpresent.web.presenters.timeline import EventLine

DEFAULT_DUE = timedelta(days=7)


@dataclass(frozen=True)
class DecisionLine:
    """One decision: what, by whom, by when, and what became of it."""

    decision_id: int
    label: str
    words: str
    owner: str
    due: str
    late: str
    outcome: str
    is_open: bool
    is_call: bool
    can_take_back: bool
    is_referral: bool = False
    due_day: str = ""
    who: str = ""  # the student, where the list is about several
    url: str = ""


@dataclass(frozen=True)
class AgendaRow:
    """One student on the agenda, or on the list before the meeting begins."""

    item_id: int
    name: str
    level: str
    reasons: str
    is_discussed: bool
    url: str
    decisions: tuple[DecisionLine, ...] = ()
    grade_room: str = ""


@dataclass(frozen=True)
class Team:
    """A team whose meetings the person may hold; its key is the school, or ``district``."""

    key: str
    name: str
    is_chosen: bool = False


@dataclass(frozen=True)
class MeetingRow:
    """One meeting in the list of them."""

    url: str
    day: str
    team: str
    words: str
    is_open: bool


def initials(name: str) -> str:
    """A name as a projector may show it: M. L. O."""
    return " ".join(f"{part[0]}." for part in name.split() if part)


def shown_name(name: str, is_hidden: bool) -> str:
    """The name, or its initials while names are hidden."""
    return initials(name) if is_hidden else name


def hidden_line(line: StudentLine, is_hidden: bool) -> StudentLine:
    """The student line without what would name the student."""
    return replace(line, name=initials(line.name), url="", last_contact="", grade_room="") if is_hidden else line


def hidden_events(events: "Iterable[EventLine]", is_hidden: bool) -> "tuple[EventLine, ...]":
    """The timeline without the words in which people are named."""
    shown = (replace(one, undo_id=None) for one in events)
    return tuple(replace(one, words="", note="") if is_hidden else one for one in shown)


def reasons_words(reasons: Iterable[str]) -> str:
    """Crossed a level since the last meeting; family never reached."""
    return first_upper("; ".join(str(Reason(key).label) for key in reasons))


def agenda_words(lines: "Iterable[AgendaLine]") -> str:
    """How many students stand on the list, and for which reasons."""
    found = list(lines)
    counted = ngettext(
        "%(count)d student is on the list for the next meeting.",
        "%(count)d students are on the list for the next meeting.",
        len(found),
    ) % {"count": len(found)}
    parts = [
        f"{first_upper(str(Reason(key).label))}: {sum(key in line.reasons for line in found)}."
        for key in Reason.values
        if any(key in line.reasons for line in found)
    ]
    return " ".join((counted, *parts))


def decision_line(
    row: "MeetingDecision", on: date, *, can_take_back: bool = False, who: str = "", url: str = ""
) -> DecisionLine:
    """A decision as it stands on a day."""
    is_open = row.state == DecisionState.OPEN
    return DecisionLine(
        row.pk,
        str(DecisionKind(row.kind).label),
        _with_service(row.referral.service if hasattr(row, "referral") else "", row.words),
        str(row.owner or ""),
        due_words(row.due_on, on) if is_open else "",
        _overdue(row.due_on) if row.due_on and row.is_overdue(on) else "",
        _done_words(row),
        is_open,
        row.kind == DecisionKind.CALL_AGAIN,
        can_take_back,
        hasattr(row, "referral"),
        day_words(row.due_on) if row.due_on else "",
        who,
        url,
    )


def _overdue(due_on: date) -> str:
    return _("overdue since %(day)s") % {"day": day_words(due_on)}


def _with_service(service: str, words: str) -> str:
    """To whom a referral goes, before the words."""
    return " · ".join(filter(None, (service_words(service), words)))


def _done_words(row: "MeetingDecision") -> str:
    if stopped := stopped_words(row):
        return stopped
    if hasattr(row, "referral"):
        return referral_words(row.referral)
    if row.state != DecisionState.DONE or row.ended_on is None:
        return ""
    done = _("done on %(day)s") % {"day": day_words(row.ended_on)}
    return f"{done} · {row.outcome}" if row.outcome else done


def due_lines(rows: "Iterable[Due]", on: date) -> tuple[DecisionLine, ...]:
    """Decisions that wait, each with its student."""
    lines = []
    for row in rows:
        late = row.due_on is not None and row.due_on < on
        words = _with_service(row.service, row.words)
        lines.append(
            DecisionLine(
                row.decision_id,
                row.label,
                words,
                row.owner,
                due_words(row.due_on, on),
                _overdue(row.due_on) if late and row.due_on else "",
                handed_on_words(row.handed_from),
                is_open=True,
                is_call=row.kind == DecisionKind.CALL_AGAIN,
                can_take_back=False,
                is_referral=bool(row.service),
                who=row.full_name,
                url=reverse("web:student", args=[row.student_id]),
            )
        )
    return tuple(lines)


def agenda_row(item: "MeetingItem", decisions: Iterable[DecisionLine], is_hidden: bool) -> AgendaRow:
    """A student of the agenda."""
    return AgendaRow(
        item.pk,
        shown_name(item.student.full_name, is_hidden),
        item.level,
        reasons_words(item.reasons.split()),
        item.discussed_at is not None,
        reverse("web:meeting_item", args=[item.pk]),
        tuple(decisions),
    )


def team_name(school_name: str | None) -> str:
    """The name of a team."""
    return school_name or _("District attendance team")


def meeting_row(row: "Meeting") -> MeetingRow:
    """A meeting in the list: the day, the team, how many were spoken of and present."""
    is_open = row.ended_at is None
    counts: Any = row
    spoken = ngettext(
        "%(discussed)d of %(students)d student spoken of",
        "%(discussed)d of %(students)d students spoken of",
        counts.students,
    ) % {"discussed": counts.discussed, "students": counts.students}
    present = ngettext("%(count)d person present", "%(count)d people present", counts.present)
    words = f"{_('still open')}, {spoken}" if is_open else f"{spoken}, {present % {'count': counts.present}}"
    url = reverse("web:meeting" if is_open else "web:meeting_recap", args=[row.pk])
    return MeetingRow(url, day_words(row.on), team_name(row.school.name if row.school else None), words, is_open)


def clock_words(moment: datetime | None) -> str:
    """14:05."""
    return date_format(localtime(moment), "H:i") if moment else ""


def seconds_since(began: datetime, now: datetime) -> int:
    """What the clock of a meeting begins with, by the server's time."""
    return max(0, int((now - began).total_seconds()))


def decided_words(event: "Event") -> dict[str, Any]:
    """A decision on the timeline."""
    label = str(DecisionKind(event.detail["decision"]).label)
    referral: Referral | None = event.detail["referral"]
    if referral is not None:
        return referred_words(event, label, referral)
    if event.kind == "decision_done":
        return {"strong": _("Done: %(what)s") % {"what": label}, "words": event.by, "note": event.text}
    parts = [_("decided in a meeting of the team")]
    parts += [event.detail["owner"]] if event.detail["owner"] else []
    parts += [_("by %(day)s") % {"day": day_words(event.detail["due_on"])}] if event.detail["due_on"] else []
    return {"strong": label, "words": ", ".join(parts), "note": event.text}


def part_choices() -> list[tuple[str, str]]:
    """The parts a member of a review team may have."""
    return [(str(key), first_upper(str(label))) for key, label in Part.choices]


def is_spanish() -> bool:
    """Whether the reader reads Spanish."""
    return (get_language() or "en").startswith("es")
