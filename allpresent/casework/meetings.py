"""What an attendance team does in its meeting: begin, order the agenda, decide, say who was there, end."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import can, once, record
from allpresent.access.models import Grant, User
from allpresent.access.roles import ACTIONS

from .decision_form import WORDS_MAX, DecisionForm
from .errors import AlreadyChangedError, CaseworkError, EvidenceError, NotVisibleError
from .models import ContactAttempt, Meeting, MeetingDecision, MeetingItem, MeetingMember
from .models.meetings import DecisionKind, DecisionState, MeetingState, Part
from .permissions import check_may, check_sees, local_day
from .queries.meetings import AgendaLine
from .referrals import make_referral, take_back_referral
from .reviews import close_reviews
from .slips import is_slip
from .transitions import audit_event, find_transition

ACTION = "run_meeting"


def may_run(user: User, school_id: str | None, on: date) -> bool:
    """Whether the user holds the meetings of a school, or, with None, of the whole district."""
    if school_id is not None:
        return can(user, ACTION, on, school_id)
    held = Grant.objects.in_force(on).filter(user_id=user.pk, relation__in=ACTIONS[ACTION])
    return user.is_active and held.filter(object_kind=Grant.Kind.DISTRICT).exists()


def find_meeting(user: User, meeting_id: int, on: date) -> Meeting:
    """The meeting, for a person of its team; NotVisibleError for anybody else, and where there is none."""
    meeting = Meeting.objects.select_related("school", "started_by").filter(pk=meeting_id).first()
    if meeting is None or not may_run(user, meeting.school_id, on):
        raise NotVisibleError(_("There is no such meeting."))
    return meeting


def start_meeting(
    user: User, school_id: str | None, agenda: Sequence[AgendaLine], left_out: int, year: int, key: str, now: datetime
) -> Meeting:
    """Begin a meeting with its agenda, in the order given. A team has one meeting open at a time."""
    on = local_day(now)
    if not may_run(user, school_id, on):
        raise NotVisibleError(_("There is no such team."))

    def start() -> str:
        find_transition("meeting", "", "start")
        if Meeting.objects.filter(school_id=school_id, state=MeetingState.OPEN).exists():
            raise AlreadyChangedError(_("A meeting of this team is open; end it before you begin another."))
        try:
            with transaction.atomic():
                meeting = Meeting.objects.create(
                    school_id=school_id, school_year=year, on=on, started_at=now, started_by=user, left_out=left_out
                )
        except IntegrityError:
            raise AlreadyChangedError(_("A meeting of this team was begun meanwhile; open it.")) from None
        MeetingItem.objects.bulk_create(
            MeetingItem(
                meeting=meeting,
                student_id=line.student_id,
                place=place,
                level=line.level,
                reasons=" ".join(line.reasons),
            )
            for place, line in enumerate(agenda, start=1)
        )
        _tell(user, audit_event("meeting", "start"), meeting, now, {"students": len(agenda)})
        return str(meeting.pk)

    return Meeting.objects.get(pk=int(once(key, user, f"meeting:{school_id or 'district'}", start, at=now)))


def order_agenda(user: User, meeting_id: int, item_ids: Iterable[int], now: datetime) -> None:
    """Put the agenda in the order given; items not named keep their order after those. Sent twice it is the same."""
    with transaction.atomic():
        meeting = find_meeting(user, meeting_id, local_day(now))
        _check_open(meeting)
        items = {item.pk: item for item in MeetingItem.objects.select_for_update().filter(meeting=meeting)}
        wanted = [pk for pk in dict.fromkeys(item_ids) if pk in items]
        order = [*wanted, *(pk for pk in items if pk not in set(wanted))]
        for place, pk in enumerate(order, start=1):
            items[pk].place = place
        MeetingItem.objects.bulk_update(items.values(), ["place"])
        _tell(user, "meeting.ordered", meeting, now, {"items": order})


def move_item(user: User, item_id: int, steps: int, now: datetime) -> Meeting:
    """Move a student up (negative) or down the agenda."""
    item = _find_item(user, item_id, now)
    order = list(item.meeting.items.values_list("pk", flat=True))
    place = order.index(item.pk)
    order.insert(max(0, min(len(order) - 1, place + steps)), order.pop(place))
    order_agenda(user, item.meeting_id, order, now)
    return item.meeting


def decide(user: User, item_id: int, form: DecisionForm, key: str, now: datetime) -> MeetingDecision:
    """Write down what was decided for the student; it becomes a step with its owner and its day."""
    item = _find_item(user, item_id, now)
    on = local_day(now)
    if form.due_on is not None and form.due_on < on:
        raise CaseworkError(_("The day lies in the past; choose today or a later one."))
    owner = (
        User.objects.filter(pk=form.owner_id, is_active=True).first() if form.owner_id and not form.is_noted else None
    )
    if not form.is_noted:
        if owner is None:
            raise CaseworkError(_("Say who does it, and by which day."))
        check_sees(owner, [item.student_id], on)

    def write() -> str:
        _check_open(item.meeting)
        verb = "note" if form.is_noted else "decide"
        state = DecisionState.NOTED if form.is_noted else DecisionState.OPEN
        find_transition("decision", "", verb)
        made = MeetingDecision.objects.create(
            item=item,
            student_id=item.student_id,
            kind=form.kind,
            state=state,
            words=form.words.strip(),
            owner=owner,
            due_on=None if form.is_noted else form.due_on,
            decided_on=on,
            decided_at=now,
            decided_by=user,
        )
        if form.kind == DecisionKind.REFER and form.service is not None:
            make_referral(user, made, form.service, now)
        MeetingItem.objects.filter(pk=item.pk, discussed_at=None).update(discussed_at=now)
        detail: dict[str, object] = {"kind": form.kind, "owner": owner.pk if owner else None}
        _tell_decision(user, audit_event("decision", verb), made, now, detail)
        return str(made.pk)

    return MeetingDecision.objects.get(pk=int(once(key, user, f"decide:{item_id}", write, at=now)))


def take_back_decision(user: User, decision_id: int, now: datetime) -> MeetingDecision:
    """Take back a decision just written: its author, within ten minutes."""
    with transaction.atomic():
        decision = _find_decision(decision_id)
        find_meeting(user, decision.item.meeting_id, local_day(now))
        if not can_take_back(user, decision, now):
            raise AlreadyChangedError(_("A decision can be taken back by its author, for ten minutes."))
        find_transition("decision", decision.state, "take_back")
        gone = {"state": DecisionState.TAKEN_BACK, "ended_at": now, "ended_by": user}
        if not MeetingDecision.objects.filter(pk=decision.pk, state=decision.state).update(**gone):
            raise AlreadyChangedError(_("Somebody has said meanwhile that this is done."))
        decision.state = DecisionState.TAKEN_BACK
        take_back_referral(user, decision, now)
        still = MeetingDecision.objects.filter(item=decision.item).exclude(state=DecisionState.TAKEN_BACK)
        if not still.exists():
            MeetingItem.objects.filter(pk=decision.item_id).update(discussed_at=None)
        _tell_decision(user, audit_event("decision", "take_back"), decision, now, {})
    return decision


def can_take_back(user: User, decision: MeetingDecision, now: datetime) -> bool:
    """Whether to offer it."""
    is_standing = decision.state in (DecisionState.OPEN, DecisionState.NOTED)
    return is_standing and is_slip(user, decision.decided_by_id, decision.decided_at, now)


def finish_decision(user: User, decision_id: int, on: date, outcome: str, key: str, now: datetime) -> MeetingDecision:
    """Say that what was decided is done: the day, and what came of it. A call counts when it stands in the log."""
    decision = _find_decision(decision_id)
    today = local_day(now)
    check_may(user, decision.student_id, "close_step", today)
    words = outcome.strip()
    if on > today or on < decision.decided_on:
        raise EvidenceError(_("Give a day between the meeting and today."))
    if len(words) > WORDS_MAX:
        raise EvidenceError(_("Shorten the words to %(most)d letters.") % {"most": WORDS_MAX})
    if hasattr(decision, "referral"):
        raise EvidenceError(_("A referral ends with its answer: say who accepted or declined it, and on which day."))
    if decision.kind == DecisionKind.CALL_AGAIN:
        _check_called(decision)
    elif not words:
        raise EvidenceError(_("Say in a few words what came of it."))

    def finish() -> str:
        find_transition("decision", DecisionState.OPEN, "finish")
        changed = MeetingDecision.objects.filter(pk=decision_id, state=DecisionState.OPEN).update(
            state=DecisionState.DONE, ended_on=on, ended_at=now, ended_by=user, outcome=words
        )
        if not changed:
            raise AlreadyChangedError(_("Somebody has already said what became of this decision."))
        _tell_decision(user, audit_event("decision", "finish"), decision, now, {"on": on.isoformat()})
        return str(decision_id)

    once(key, user, f"decision:{decision_id}", finish, at=now)
    return MeetingDecision.objects.get(pk=decision_id)


def end_meeting(user: User, meeting_id: int, members: Sequence[tuple[str, str]], key: str, now: datetime) -> Meeting:
    """End the meeting with the people who were there, each by name and part. Nobody there is no meeting.

    It is the evidence of the reviews promised of the team, for every student it spoke of.
    """
    meeting = find_meeting(user, meeting_id, local_day(now))
    named = {name.strip(): part for name, part in members if name.strip()}
    if not named:
        raise CaseworkError(_("Say who was there before you end the meeting."))
    if set(named.values()) - set(Part.values) or any(len(name) > 200 for name in named):
        raise CaseworkError(_("Choose each person's part from the list, and keep names under 200 letters."))

    def end() -> str:
        find_transition("meeting", MeetingState.OPEN, "end")
        ended = Meeting.objects.filter(pk=meeting_id, state=MeetingState.OPEN).update(
            state=MeetingState.ENDED, ended_at=now
        )
        if not ended:
            raise AlreadyChangedError(_("This meeting has already been ended."))
        MeetingMember.objects.bulk_create(
            MeetingMember(meeting=meeting, name=name, part=part) for name, part in named.items()
        )
        closed = close_reviews(meeting, user, now)
        _tell(user, audit_event("meeting", "end"), meeting, now, {"members": len(named), "closed_steps": closed})
        return str(meeting_id)

    once(key, user, f"end-meeting:{meeting_id}", end, at=now)
    return Meeting.objects.select_related("school").get(pk=meeting_id)


def _check_called(decision: MeetingDecision) -> None:
    made = ContactAttempt.objects.filter(student_id=decision.student_id, undone_at=None, at__gte=decision.decided_at)
    if not made.exists():
        raise EvidenceError(_("No call has been logged since the meeting; log it on the call sheet first."))


def _check_open(meeting: Meeting) -> None:
    if not Meeting.objects.filter(pk=meeting.pk, state=MeetingState.OPEN).exists():
        raise AlreadyChangedError(_("This meeting has already been ended."))


def _find_item(user: User, item_id: int, now: datetime) -> MeetingItem:
    item = MeetingItem.objects.select_related("meeting", "student").filter(pk=item_id).first()
    if item is None:
        raise NotVisibleError(_("There is no such student on the agenda."))
    find_meeting(user, item.meeting_id, local_day(now))
    check_may(user, item.student_id, ACTION, local_day(now))
    return item


def _find_decision(decision_id: int) -> MeetingDecision:
    decision = MeetingDecision.objects.select_related("item", "referral").filter(pk=decision_id).first()
    if decision is None:
        raise NotVisibleError(_("There is no such decision."))
    return decision


def _tell(user: User, event: str, meeting: Meeting, now: datetime, detail: dict[str, object]) -> None:
    record(user, event, at=now, object_kind="meeting", object_id=str(meeting.pk), detail=detail)


def _tell_decision(user: User, event: str, decision: MeetingDecision, now: datetime, detail: dict[str, object]) -> None:
    record(
        user,
        event,
        at=now,
        student_id=decision.student_id,
        object_kind="decision",
        object_id=str(decision.pk),
        detail=detail,
    )
