"""What happened to a student and what was done, as lines in plain words, newest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from allpresent.casework.evidence import names_a_record
from allpresent.casework.models.contacts import Mode, Need, NextAct, Result
from allpresent.casework.models.steps import Ending
from allpresent.casework.models.success_plans import PlanOutcome
from allpresent.casework.slips import is_fresh
from allpresent.policy import load_causes
from allpresent.web.presenters.call_lists import call_list_event
from allpresent.web.presenters.handed_on import withdrawn_event
from allpresent.web.presenters.letters import letter_event
from allpresent.web.presenters.levels import level_badge
from allpresent.web.presenters.meetings import decided_words
from allpresent.web.presenters.mentors import mentor_event
from allpresent.web.presenters.referrals import update_event
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.visits import visit_tags, visit_words
from allpresent.web.presenters.words import first_upper

if TYPE_CHECKING:
    from allpresent.casework.queries.student import Event

_BY_MODE = {
    Mode.PHONE: gettext_lazy("by phone"),
    Mode.MESSAGE: gettext_lazy("by message"),
    Mode.IN_PERSON: gettext_lazy("in person"),
}


@dataclass(frozen=True)
class EventLine:
    """One line of the timeline. ``strong`` opens it; ``undo_id`` is an attempt its author may still take back."""

    on: date
    day: str
    kind: str
    strong: str
    words: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    undo_id: int | None = None


@dataclass(frozen=True)
class Reader:
    """Whose timeline it is: what of it the person may read, and the moment."""

    user_id: int
    now: datetime
    reads_all: bool
    reads_own: bool
    reads_reasons: bool
    reads_mentors: bool = False
    reads_referrals: bool = False

    def sees(self, event: "Event") -> bool:
        """Levels crossed are shown to whoever sees the days; what people did, whole or only the reader's own."""
        if event.kind == "mentor":
            return self.reads_mentors
        if event.detail.get("referral") is not None:
            return self.reads_referrals
        if event.kind in ("crossed", "uncrossed") or self.reads_all:
            return True
        return self.reads_own and event.by_id == self.user_id


def cause_names() -> dict[str, str]:
    """The 24 causes by key, in the reader's language."""
    language = (get_language() or "en")[:2]
    return {cause.key: cause.label(language) for family in load_causes() for cause in family.causes}


def level_words(key: str) -> str:
    """``L4 Serious``."""
    badge = level_badge(key)
    return f"{badge.key} {badge.word}".strip() if badge else key


def own_words(labels: Mapping[str, str]) -> str:
    """A label in the reader's language, in English where it is not said in it."""
    return labels.get((get_language() or "en")[:2]) or labels["en"]


def timeline(events: "Iterable[Event]", reader: Reader) -> tuple[EventLine, ...]:
    """The lines the reader may see. A level passed in a jump is named with the highest, not on a line of its own."""
    causes = cause_names()
    lines = [
        _line(event, reader, causes)
        for event in events
        if reader.sees(event) and not (event.kind == "crossed" and event.detail.get("is_skipped"))
    ]
    return tuple(lines)


def _line(event: "Event", reader: Reader, causes: Mapping[str, str]) -> EventLine:
    make = {
        "crossed": _crossed,
        "uncrossed": _uncrossed,
        "contact": _contact,
        "attempt": _contact,
        "note": _note,
        "plan": _plan_event,
        "escalated": _escalated,
        "letter": letter_event,
        "mentor": mentor_event,
        "call_list": call_list_event,
        "decided": decided_words,
        "partner": update_event,
        "decision_done": decided_words,
        "decision_withdrawn": withdrawn_event,
        "visit": _visit,
    }.get(event.kind, _step)
    parts: dict[str, Any] = make(event)
    if event.kind == "visit" and reader.reads_reasons:
        parts["tags"] = visit_tags(event.detail, causes)
    if event.kind in ("contact", "attempt"):
        parts["tags"] = _tags(event, causes) if reader.reads_reasons else ()
        parts["undo_id"] = _undo_id(event, reader)
    return EventLine(on=event.on, day=day_words(event.on), kind=event.kind, **parts)


def _crossed(event: "Event") -> dict[str, Any]:
    days, skipped = event.detail["days_absent"], event.detail.get("skipped") or []
    words = ngettext("with %(days)s day absent", "with %(days)s days absent", 1 if str(days) == "1" else 2) % {
        "days": days
    }
    if skipped:
        words = _("%(words)s, passing %(levels)s on the way") % {"words": words, "levels": ", ".join(skipped)}
    return {"strong": _("Crossed to %(level)s") % {"level": level_words(event.level)}, "words": words}


def _uncrossed(event: "Event") -> dict[str, Any]:
    because = event.detail.get("because", "")
    why = str(Ending(because).label) if because in Ending.values else ""
    return {"strong": _("No longer at %(level)s") % {"level": level_words(event.level)}, "words": why}


def _contact(event: "Event") -> dict[str, Any]:
    detail = event.detail
    whom = detail.get("contact") or detail.get("phone") or ""
    how = str(_BY_MODE.get(detail.get("mode", ""), ""))
    family = _("in a call about a brother or sister too") if detail["is_of_sibling"] else ""
    words = ", ".join(part for part in (whom, how, event.by, family) if part)
    return {"strong": str(Result(detail["result"]).label), "words": words, "note": event.text}


def _tags(event: "Event", causes: Mapping[str, str]) -> tuple[str, ...]:
    """The causes the family named, what would help, and what was agreed next."""
    detail = event.detail
    tags = [causes.get(key, key) for key in detail.get("causes", ())]
    if detail.get("need"):
        tags.append(_("would help: %(need)s") % {"need": Need(detail["need"]).label})
    if detail.get("next_act"):
        act = str(NextAct(detail["next_act"]).label)
        when = f" · {day_words(detail['next_on'])}" if detail.get("next_on") else ""
        tags.append(_("next: %(act)s") % {"act": act + when})
    return tuple(tags)


def _undo_id(event: "Event", reader: Reader) -> int | None:
    mine = event.by_id == reader.user_id and is_fresh(event.detail["logged_at"], reader.now)
    return event.detail["attempt_id"] if mine else None


def _visit(event: "Event") -> dict[str, Any]:
    """A visit made or tried; its field notes stand on the visit's own page, for those who may read them."""
    words = visit_words(event.detail, event.by)
    return {"strong": words[0], "words": words[1]}


def _note(event: "Event") -> dict[str, Any]:
    return {"strong": _("Note"), "words": event.by, "note": event.text}


def _plan_event(event: "Event") -> dict[str, Any]:
    act = event.detail["act"]
    strong = {
        "started": _("Success plan begun"),
        "agreed": _("Success plan agreed"),
        "agreed_again": _("Change of the success plan agreed"),
        "ended": _("Success plan ended"),
    }[act]
    outcome = str(PlanOutcome(event.detail["outcome"]).label) if act == "ended" else event.detail.get("with", "")
    return {"strong": strong, "words": ", ".join(filter(None, (outcome, event.by))), "note": event.text}


def _escalated(event: "Event") -> dict[str, Any]:
    label = own_words({"en": event.detail["label_en"], "es": event.detail["label_es"]})
    if event.detail["by_calls"]:
        return {"strong": label, "words": _("three calls in a row reached nobody: it went to the attendance team")}
    return {"strong": label, "words": _("stayed overdue and went to the attendance team")}


def _step(event: "Event") -> dict[str, Any]:
    """A step that ended: done, exempt or withdrawn."""
    detail = event.detail
    label = own_words({"en": detail["label_en"], "es": detail["label_es"]})
    state = {
        "done": _("done late") if detail.get("is_late") else _("done on time"),
        "exempt": _("does not apply to this student"),
        "withdrawn": _("withdrawn"),
    }.get(event.kind, event.kind)
    words = ", ".join(part for part in (state, event.by) if part)
    # What a check or a call refers to, a delivery or an attempt, stands on lines of its own.
    is_told = event.kind == "done" and (detail.get("kind") == "verify" or names_a_record(event.text))
    return {"strong": first_upper(label), "words": words, "note": "" if is_told else event.text}
