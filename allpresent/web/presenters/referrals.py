"""Referrals in words: to whom, what they answered, what they say of the work, and when the next word is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allpresent.casework.models.referrals import ReferralState, Work
from allpresent.policy.services import OTHER, Rhythm, Service, find_service, rhythm_of
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.words import first_upper

if TYPE_CHECKING:
    from allpresent.casework.models import Referral
    from allpresent.casework.queries.referrals import Awaited, Said
    from allpresent.casework.queries.student import Event


@dataclass(frozen=True)
class UpdateLine:
    """One update: the day, how the work stood and who there said so, in whose handwriting; `undo_id` while a slip."""

    on: date
    day: str
    work: str
    words: str
    note: str
    undo_id: int | None = None


@dataclass(frozen=True)
class ReferralCard:
    """One referral: to whom, how it stands, when the next word is due or since when it is late."""

    referral_id: int
    service: str
    state: str
    last: str
    due: str
    late: str
    url: str  # blank for a reader who does not follow it up
    is_under_way: bool
    who: str = ""  # the student, where the list is about several
    student_url: str = ""


def _language() -> str:
    return (get_language() or "en")[:2]


def service_words(key: str) -> str:
    """A service of the dated list in the reader's language; one the list no longer has, by its key."""
    found = find_service(key) if key and key != OTHER.key else None
    return found.label(_language()) if found else key if key != OTHER.key else ""


def service_choices(services: Iterable[Service]) -> list[tuple[str, str]]:
    """To whom the team may refer, in the order of the list."""
    return [(one.key, one.label(_language())) for one in services]


def referral_words(referral: "Referral") -> str:
    """What became of a referral: no answer yet; accepted by Ada Cole on Tue 3 Nov."""
    if referral.answered_on is None:
        return str(ReferralState(referral.state).label).lower()
    said = {"who": referral.answered_by, "day": day_words(referral.answered_on)}
    if referral.state == ReferralState.DECLINED:
        return _("declined by %(who)s on %(day)s: %(why)s") % (said | {"why": referral.why})
    if referral.state == ReferralState.CLOSED:
        return _("accepted by %(who)s on %(day)s, ended since") % said
    return _("accepted by %(who)s on %(day)s") % said


def asked_words(referral: "Referral") -> str:
    """When a team referred, and who follows it up: Referred on Tue 3 Nov · followed up by Paula Lane."""
    said = _("Referred on %(day)s") % {"day": day_words(referral.decision.decided_on)}
    owner = referral.decision.owner
    return f"{said} · {_('followed up by %(who)s') % {'who': owner}}" if owner else said


def referred_words(event: "Event", label: str, referral: "Referral") -> dict[str, Any]:
    """A referral on the timeline: to whom and how it stands, then the answer on its own day."""
    service = service_words(referral.service)
    if event.kind == "decision_done":
        return {"strong": service or label, "words": referral_words(referral), "note": ""}
    parts = [service, event.detail["owner"]]
    if referral.answered_on is None:
        day = event.detail["due_on"]
        parts += [_("by %(day)s") % {"day": day_words(day)} if day else "", referral_words(referral)]
    return {"strong": label, "words": ", ".join(filter(None, parts)), "note": event.text}


def update_event(event: "Event") -> dict[str, Any]:
    """An update on the timeline: who said it there, and who wrote it down."""
    said, referral = event.detail["said"], event.detail["referral"]
    return {
        "strong": first_upper(_service_or(referral.service)),
        "words": f"{said.label}, {_said_words(said)}",
        "note": event.text,
    }


def _service_or(key: str) -> str:
    """The place, or that there is one the list does not name."""
    return service_words(key) or _("the place referred to")


def _said_words(said: "Said") -> str:
    return _("said %(who)s, written down by %(by)s") % {"who": said.said_by, "by": said.by}


def update_lines(updates: "Iterable[Said]", undo: "Iterable[int]" = ()) -> tuple[UpdateLine, ...]:
    """What was said, newest first; `undo` are the ids of the reader's own slips."""
    slips = set(undo)
    lines = [
        UpdateLine(
            one.on,
            day_words(one.on),
            first_upper(one.label),
            _said_words(one),
            one.text,
            one.update_id if one.update_id in slips else None,
        )
        for one in updates
    ]
    return tuple(lines[::-1])


def due_words(rhythm: Rhythm, heard_on: date, on: date) -> tuple[str, str]:
    """When the next word is due, and how late it is; one of the two is blank."""
    if rhythm.is_past_due(heard_on, on):
        days = (on - heard_on).days
        return "", ngettext("no update for %(count)d day", "no update for %(count)d days", days) % {"count": days}
    words = _("ask for the update due by %(day)s") if rhythm.is_to_ask(heard_on, on) else _("next update by %(day)s")
    return words % {"day": day_words(rhythm.due_on(heard_on))}, ""


def last_words(work: str, on: date) -> str:
    """The last word and its day: under way, Tue 3 Nov; blank before the first."""
    return f"{Work(work).label}, {day_words(on)}" if work else ""


def referral_card(referral: "Referral", updates: "tuple[Said, ...]", on: date, *, may_follow: bool) -> ReferralCard:
    """One referral as it stands on a day."""
    is_under_way = referral.state == ReferralState.ACCEPTED
    due, late, last = "", "", updates[-1] if updates else None
    if is_under_way and referral.answered_on:
        due, late = due_words(rhythm_of(referral.service), last.on if last else referral.answered_on, on)
    return ReferralCard(
        referral.pk,
        first_upper(_service_or(referral.service)),
        referral_words(referral),
        last_words(last.work, last.on) if last else "",
        due,
        late,
        reverse("web:referral", args=[referral.pk]) if may_follow else "",
        is_under_way,
    )


def referral_cards(events: "Iterable[Event]", on: date, *, may_follow: bool) -> tuple[ReferralCard, ...]:
    """The referrals of a student, newest first, from what the timeline knows of them."""
    rows = [event for event in events if event.kind == "decided" and event.detail["referral"] is not None]
    return tuple(
        referral_card(event.detail["referral"], event.detail["updates"], on, may_follow=may_follow) for event in rows
    )


def awaited_lines(rows: "Iterable[Awaited]", on: date) -> tuple[ReferralCard, ...]:
    """Referrals under way of several students, who was heard of longest ago on top."""
    lines = []
    for row in rows:
        due, late = due_words(row.rhythm, row.heard_on, on)
        lines.append(
            ReferralCard(
                row.referral_id,
                first_upper(_service_or(row.service)),
                "",
                last_words(row.last_work, row.heard_on) or _("accepted on %(day)s") % {"day": day_words(row.heard_on)},
                due,
                late,
                reverse("web:referral", args=[row.referral_id]),
                is_under_way=True,
                who=row.full_name,
                student_url=reverse("web:student", args=[row.student_id]),
            )
        )
    return tuple(lines)
