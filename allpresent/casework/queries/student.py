"""One student: what happened, what was promised at each level and what became of it, and which numbers work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import F

from allpresent.casework.evidence import ask_for
from allpresent.casework.models import Case, CaseStep, ContactAttempt, LevelCrossing, Note
from allpresent.casework.models.steps import Outcome, StepState
from allpresent.casework.numbers import NumberHealth, health_of, phone_key
from allpresent.casework.permissions import local_day
from allpresent.protocol import Protocol
from allpresent.protocol.document import Step
from allpresent.roster.models import Contact


@dataclass(frozen=True)
class Event:
    """One thing that happened. `kind` says which of the other fields speak: crossed, uncrossed, contact, attempt, note,
    done, exempt, withdrawn or escalated.
    """

    on: date
    kind: str
    at: datetime | None = None
    by: str = ""
    level: str = ""
    text: str = ""  # a note, a reason, or what the evidence refers to
    by_id: int | None = None  # whose entry it is: two people may have one name
    detail: Mapping[str, Any] = field(default_factory=dict)


def timeline(student_id: str) -> list[Event]:
    """All that happened to the student and was done, newest first. Ten queries."""
    notes = [
        Event(local_day(note.at), "note", note.at, str(note.by), text=note.text, by_id=note.by_id)
        for note in Note.objects.filter(student_id=student_id).select_related("by")
    ]
    from .call_lists import call_list_events
    from .home_visits import visit_events
    from .letters import letter_events
    from .meetings import meeting_events
    from .mentors import mentor_events
    from .success_plans import plan_events

    events = [*_crossing_events(student_id), *_step_events(student_id), *_contact_events(student_id), *notes]
    events += [*visit_events(student_id), *meeting_events(student_id)]
    events += plan_events(student_id)
    events += letter_events(student_id)
    events += mentor_events(student_id)
    events += call_list_events(student_id)
    return sorted(events, key=lambda event: (event.on, event.at.timestamp() if event.at else 0.0), reverse=True)


def _crossing_events(student_id: str) -> list[Event]:
    events = []
    for row in LevelCrossing.objects.filter(case__student_id=student_id).order_by("crossed_on", "level"):
        detail = {"days_absent": row.days_absent, "noticed_on": row.noticed_on, "skipped": row.skipped_levels}
        events.append(Event(row.crossed_on, "crossed", level=row.level, detail=detail | {"is_skipped": row.is_skipped}))
        if row.is_withdrawn and row.withdrawn_on:
            because = {"because": row.withdrawn_because}
            events.append(Event(row.withdrawn_on, "uncrossed", level=row.level, detail=because))
    return events


def _step_events(student_id: str) -> list[Event]:
    events = []
    steps = CaseStep.objects.filter(case__student_id=student_id).order_by("pk")
    for step in steps.select_related("promise", "done_by", "passed_by__by"):
        named = {"step_id": step.pk, "label_en": step.label_en, "label_es": step.label_es, "kind": step.kind}
        if step.escalated_on:
            call = step.passed_by
            detail = named | {"from": step.promise.owner_role, "to": step.owner_role, "by_calls": call is not None}
            at, by, who = (call.at, str(call.by), call.by_id) if call else (None, "", None)
            events.append(Event(step.escalated_on, "escalated", at, by, step.level, detail=detail, by_id=who))
        if step.state != StepState.OPEN and step.ended_on:
            by = str(step.done_by) if step.done_by else ""
            text = step.why or step.evidence_reference
            detail = named | {"is_late": step.is_late, "due_on": step.due_on, "ending": step.ending}
            who = step.done_by_id
            events.append(Event(step.ended_on, step.state, step.ended_at, by, step.level, text, who, detail))
    return events


def _contact_events(student_id: str) -> list[Event]:
    rows = ContactAttempt.objects.filter(student_id=student_id, undone_at=None).select_related("by")
    # A line a cause, put together again here: one query for the calls and what was said in them.
    by_cause = rows.annotate(cause=F("causes__cause")).order_by("at", "pk", "causes__pk")
    events = []
    for _pk, lines in groupby(by_cause, lambda line: line.pk):
        row, *others = lines
        detail = {
            "attempt_id": row.pk,
            "logged_at": row.logged_at,
            "is_of_sibling": row.lead_id is not None,  # part of a call made about a brother or sister
            "mode": row.mode,
            "result": row.result,
            "contact": row.contact_name,
            "phone": row.phone,
            "language": row.language,
            "causes": [line.cause for line in (row, *others) if line.cause],  # type: ignore[attr-defined]
            "need": row.need,
            "next_act": row.next_act,
            "next_on": row.next_on,
        }
        kind = "contact" if row.is_contact else "attempt"
        events.append(Event(row.on, kind, row.at, str(row.by), text=row.note, detail=detail, by_id=row.by_id))
    return events


@dataclass(frozen=True)
class RungStep:
    """One promise at a level and how it stands. `standing` is an Outcome, or: `ahead` (the level is not reached),
    `kept_above` (a jump: done by the step named in `kept_by`), `if_needed` (nobody found it needed), `not_opened`.
    """

    key: str
    kind: str
    labels: Mapping[str, str]
    standing: str
    owner_role: str
    due_school_days: int | None = None
    step_id: int | None = None
    opened_on: date | None = None
    due_on: date | None = None
    ended_on: date | None = None
    by: str = ""
    by_id: int | None = None
    assigned_to: str = ""
    assigned_to_id: int | None = None
    evidence: str = ""
    asks: str = ""  # what closes it, in words, while it is open
    text: str = ""  # the reason, or what the evidence refers to
    kept_by: str = ""
    is_escalated: bool = False


@dataclass(frozen=True)
class Rung:
    """One level with its promises. `reached_on` is the day of the absence that reached it, None above the student."""

    level: str
    labels: Mapping[str, str]
    reached_on: date | None
    is_current: bool
    is_skipped: bool
    steps: tuple[RungStep, ...]


def ladder(student_id: str, protocol: Protocol, school_year: int, on: date) -> list[Rung]:
    """The protocol's levels with their promises to this student, lowest first. Three queries.

    A promise of an older version of the protocol stands at its level in the words it was made in.
    """
    case = Case.objects.filter(student_id=student_id, school_year=school_year).first()
    live = LevelCrossing.objects.filter(case=case, is_withdrawn=False) if case else LevelCrossing.objects.none()
    crossings = {row.level: row for row in live}
    held = _held_steps(case)
    rungs = []
    for level in protocol.levels:
        crossing = crossings.get(level.key)
        known = {step.key for step in level.action_steps}
        steps = [_rung_step(step, held, crossing, on) for step in level.action_steps if step.scope == "student"]
        steps += [_from_books(row, on) for row in held.values() if row.level == level.key and row.step_key not in known]
        rungs.append(
            Rung(
                level=level.key,
                labels=level.labels,
                reached_on=crossing.crossed_on if crossing else None,
                is_current=level.key == (case.level if case else protocol.levels[0].key),
                is_skipped=bool(crossing and crossing.is_skipped),
                steps=tuple(steps),
            )
        )
    return rungs


def _held_steps(case: Case | None) -> dict[str, CaseStep]:
    """By step key what stands on the books; a withdrawn one only where nothing else does."""
    if case is None:
        return {}
    rows = CaseStep.objects.filter(case=case).select_related("promise", "done_by", "assigned_to").order_by("pk")
    held: dict[str, CaseStep] = {}
    for row in sorted(rows, key=lambda step: step.state != StepState.WITHDRAWN):
        held[row.step_key] = row
    return held


def _rung_step(step: Step, held: Mapping[str, CaseStep], crossing: LevelCrossing | None, on: date) -> RungStep:
    row = held.get(step.key)
    if row is not None and (row.state != StepState.WITHDRAWN or crossing is None):
        return _from_books(row, on, step.due_school_days)
    keeper = next((one for one in held.values() if _keeps(one, step)), None)
    standing = "if_needed" if step.is_if_needed else "not_opened"
    if crossing is None:
        standing = "ahead"
    elif keeper is not None:
        standing = "kept_above"
    elif row is not None:
        return _from_books(row, on, step.due_school_days)
    return RungStep(
        key=step.key,
        kind=step.kind,
        labels=step.labels,
        standing=standing,
        owner_role=step.owner_role,
        due_school_days=step.due_school_days,
        evidence=step.evidence,
        kept_by=keeper.step_key if keeper and standing == "kept_above" else "",
    )


def _keeps(row: CaseStep, step: Step) -> bool:
    """Whether a standing step of a higher level does this one with it."""
    is_same_act = bool(step.same_act) and row.promise.act == step.same_act
    return is_same_act and step.level in row.merged_levels and row.state != StepState.WITHDRAWN


def _from_books(row: CaseStep, on: date, due_school_days: int | None = None) -> RungStep:
    outcome = row.outcome(on)
    return RungStep(
        key=row.step_key,
        kind=row.kind,
        labels={"en": row.label_en, "es": row.label_es or row.label_en},
        standing=outcome.value,
        owner_role=row.owner_role,
        due_school_days=due_school_days,
        step_id=row.pk,
        opened_on=row.opened_on,
        due_on=row.due_on,
        ended_on=row.ended_on,
        by=str(row.done_by) if row.done_by else "",
        by_id=row.done_by_id,
        assigned_to=str(row.assigned_to) if row.assigned_to else "",
        assigned_to_id=row.assigned_to_id,
        evidence=row.evidence_needed,
        asks=ask_for(row) if outcome in (Outcome.RUNNING, Outcome.OVERDUE) else "",
        text=row.why or row.evidence_reference,
        is_escalated=row.escalated_on is not None,
    )


@dataclass(frozen=True)
class Number:
    """A person to call, a number, and how well it works. Blank where a contact has no number."""

    contact_id: str
    full_name: str
    relationship: str
    language: str
    phone: str
    health: NumberHealth
    has_custody: bool | None = None
    lives_with: bool | None = None
    address: str = ""  # D2 in full, narrower than the number
    address_protected: bool = False


def number_health(student_id: str) -> list[Number]:
    """The people who may be called for the student, in their order, with the health of their numbers. Two queries."""
    contacts = list(Contact.objects.filter(student_id=student_id).exclude(may_contact=False))
    health = health_of(contact.phone for contact in contacts)
    return [
        Number(
            contact.contact_id,
            contact.full_name,
            contact.relationship,
            contact.language,
            contact.phone,
            health.get(phone_key(contact.phone), NumberHealth()),
            contact.has_custody,
            contact.lives_with,
            contact.address,
            contact.address_protected,
        )
        for contact in contacts
    ]
