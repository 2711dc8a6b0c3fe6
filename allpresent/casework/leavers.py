"""Decisions of meetings when the student leaves, or is out of sight of the person who was to do it.

What was decided for a student who left is withdrawn, as promised steps are, and opened again if the student is back in
the same school year. A student who moved to another school keeps what was decided: the new school's team sees that
nobody does it, and says who does.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from allpresent.access import once, record, visible_students
from allpresent.access.models import User

from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import MeetingDecision
from .models.meetings import DecisionState
from .permissions import check_may, check_sees, local_day
from .transitions import audit_event, find_transition

ACTION = "assign_step"


def withdraw_for_leavers(school_year: int, on: date, now: datetime) -> tuple[int, int]:
    """For the night, after the roster: how many decisions were withdrawn, and how many opened again. Two queries."""
    held = MeetingDecision.objects.select_for_update(of=("self",)).order_by("pk")
    with transaction.atomic():
        gone = list(held.filter(state=DecisionState.OPEN, student__is_enrolled=False))
        back = list(
            held.filter(
                state=DecisionState.WITHDRAWN, student__is_enrolled=True, item__meeting__school_year=school_year
            )
        )
        _change(gone, "withdraw", now, state=DecisionState.WITHDRAWN, ended_on=on, ended_at=now)
        _change(back, "open_again", now, state=DecisionState.OPEN, ended_on=None, ended_at=None)
    return len(gone), len(back)


def hand_on_unseen(on: date, now: datetime) -> tuple[int, int]:
    """For the night, after people were let in and out: give to the team what the person named cannot do any more.

    It goes back to that person when they see the student again and nobody else was named. Returns how many were handed
    on, and how many went back. One query a person with open decisions.
    """
    held = MeetingDecision.objects.select_for_update(of=("self",)).filter(state=DecisionState.OPEN).order_by("pk")
    with transaction.atomic():
        given = _by_person((row.owner, row) for row in held.exclude(owner=None).select_related("owner"))
        waiting = held.exclude(handed_from=None).select_related("handed_from")
        handed = _by_person((row.handed_from, row) for row in waiting)
        lost = [(person, rows) for person, own in given.items() if (rows := _in_sight(person, own, on, is_seen=False))]
        found = [(person, rows) for person, own in handed.items() if (rows := _in_sight(person, own, on, is_seen=True))]
        for person, rows in lost:
            _change(rows, "hand_on", now, owner=None, handed_from=person)
        for person, rows in found:
            _change(rows, "give_back", now, owner=person, handed_from=None)
    return sum(len(rows) for _, rows in lost), sum(len(rows) for _, rows in found)


def assign_decision(user: User, decision_id: int, to: User | None, key: str, now: datetime) -> MeetingDecision:
    """Name who does what was decided. The person must see the student, as whoever names them must."""
    decision = MeetingDecision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise NotVisibleError(_("There is no such decision."))
    on = local_day(now)
    check_may(user, decision.student_id, ACTION, on)
    if to is None or not to.is_active:
        raise CaseworkError(_("Say who does it."))
    check_sees(to, [decision.student_id], on)

    def assign() -> str:
        find_transition("decision", DecisionState.OPEN, "assign")
        open_still = MeetingDecision.objects.filter(pk=decision_id, state=DecisionState.OPEN)
        if not open_still.update(owner=to, handed_from=None):
            raise AlreadyChangedError(_("This decision is not open any more."))
        _tell(user, "assign", decision, now, {"owner": to.pk})
        return str(decision_id)

    once(key, user, f"assign:{decision_id}", assign, at=now)
    return MeetingDecision.objects.get(pk=decision_id)


def _by_person(rows: Iterable[tuple[User | None, MeetingDecision]]) -> dict[User, list[MeetingDecision]]:
    found: dict[User, list[MeetingDecision]] = {}
    for person, row in rows:
        if person is not None:
            found.setdefault(person, []).append(row)
    return found


def _in_sight(person: User, rows: list[MeetingDecision], on: date, *, is_seen: bool) -> list[MeetingDecision]:
    """Those of the decisions whose student the person sees on the day, or does not see."""
    wanted = {row.student_id for row in rows}
    seen = set(visible_students(person, on).filter(pk__in=wanted).values_list("pk", flat=True))
    return [row for row in rows if (row.student_id in seen) is is_seen]


def _change(rows: list[MeetingDecision], verb: str, now: datetime, **fields: object) -> None:
    """Write the same to some decisions, with an audit entry for each that tells what was written."""
    for row in rows:
        find_transition("decision", row.state, verb)
    MeetingDecision.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    people = {name: value.pk for name, value in fields.items() if isinstance(value, User)}
    for row in rows:
        _tell(None, verb, row, now, people)


def _tell(user: User | None, verb: str, row: MeetingDecision, now: datetime, detail: Mapping[str, object]) -> None:
    record(
        user,
        audit_event("decision", verb),
        at=now,
        student_id=row.student_id,
        object_kind="decision",
        object_id=str(row.pk),
        detail=dict(detail),
    )
