"""Referrals: made by a team's decision, answered by the place referred to. An acceptance is what closes the step."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.models import User
from allpresent.policy.services import Service, find_service

from .errors import AlreadyChangedError, EvidenceError, NotVisibleError
from .models import CaseStep, MeetingDecision, Referral
from .models.meetings import DecisionState
from .models.referrals import ReferralState
from .models.steps import StepState
from .permissions import check_may, local_day
from .transitions import audit_event, find_transition

EVIDENCE = "accepted_referral"
WHO_MAX, WORDS_MAX, WORDS_MIN = 200, 1000, 5
ANSWERS = {ReferralState.ACCEPTED: "accept", ReferralState.DECLINED: "decline"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the place referred to said, checked at birth. EvidenceError says what to change."""

    state: str
    who: str
    on: date
    why: str = ""

    def __post_init__(self) -> None:
        if self.state not in ANSWERS:
            raise EvidenceError(_("Say whether the referral was accepted or declined."))
        if not 0 < len(self.who.strip()) <= WHO_MAX:
            raise EvidenceError(_("Say who answered there: a name, in at most %(most)d letters.") % {"most": WHO_MAX})
        if len(self.why) > WORDS_MAX:
            raise EvidenceError(_("Shorten the words to %(most)d letters.") % {"most": WORDS_MAX})
        if self.state == ReferralState.DECLINED and len(self.why.strip()) < WORDS_MIN:
            raise EvidenceError(_("Say in a few words why the referral was declined."))


def make_referral(user: User, decision: MeetingDecision, service: Service, now: datetime) -> Referral:
    """The referral of a decision just made. Call it in the decision's transaction."""
    find_transition("referral", "", "refer")
    made = Referral.objects.create(decision=decision, student_id=decision.student_id, service=service.key)
    tell_referral(user, "refer", made, now, service=service.key)
    return made


def take_back_referral(user: User, decision: MeetingDecision, now: datetime) -> None:
    """The decision was taken back, and its referral with it. Call it in that transaction."""
    made = Referral.objects.filter(decision=decision, state=ReferralState.OPEN).first()
    if made is not None:
        find_transition("referral", made.state, "take_back")
        made.state = ReferralState.TAKEN_BACK
        made.save(update_fields=["state"])
        tell_referral(user, "take_back", made, now)


def answer_referral(user: User, decision_id: int, answer: Answer, key: str, now: datetime) -> Referral:
    """Write down the answer. Accepted, it closes the promised steps the service keeps; either way the decision ends.

    Of two people writing an answer one wins, and the other is told.
    """
    found = Referral.objects.select_related("decision").filter(decision_id=decision_id).first()
    if found is None:
        raise NotVisibleError(_("There is no such referral."))
    today = local_day(now)
    check_may(user, found.student_id, "close_step", today)
    if not found.decision.decided_on <= answer.on <= today:
        raise EvidenceError(_("Give a day between the meeting and today."))
    verb = ANSWERS[ReferralState(answer.state)]

    def write() -> str:
        find_transition("referral", ReferralState.OPEN, verb)
        find_transition("decision", DecisionState.OPEN, "finish")
        kept = {"state": answer.state, "answered_on": answer.on, "answered_by": answer.who.strip()}
        kept |= {"why": answer.why.strip(), "recorded_at": now, "recorded_by": user}
        if not Referral.objects.filter(pk=found.pk, state=ReferralState.OPEN).update(**kept):
            raise AlreadyChangedError(_("Somebody has already written down the answer to this referral."))
        open_decision = MeetingDecision.objects.filter(pk=decision_id, state=DecisionState.OPEN)
        done = {"state": DecisionState.DONE, "ended_on": answer.on, "ended_at": now, "ended_by": user}
        if not open_decision.update(**done):
            raise AlreadyChangedError(_("What the meeting decided is open no more: the student left the school."))
        closed = _close_kept(found, answer.on, user, now) if verb == "accept" else []
        tell_referral(user, verb, found, now, on=answer.on.isoformat(), closed_steps=closed)
        return str(found.pk)

    once(key, user, f"referral:{found.pk}", write, at=now)
    return Referral.objects.select_related("decision").get(pk=found.pk)


def _close_kept(referral: Referral, on: date, user: User, now: datetime) -> list[int]:
    """Close the open steps this service keeps, and no other partner's. Returns their ids."""
    service = find_service(referral.service)
    find_transition("step", StepState.OPEN, "close")
    due = CaseStep.objects.select_for_update(of=("self",)).filter(
        case__student_id=referral.student_id,
        state=StepState.OPEN,
        promise__evidence=EVIDENCE,
        crossing__crossed_on__lte=on,
    )
    keeps = service.keeps if service else ()
    ids = sorted(step.pk for step in due if step.step_key.partition(".")[2] in keeps)
    CaseStep.objects.filter(pk__in=ids).update(
        state=StepState.DONE, ended_on=on, ended_at=now, done_by=user, evidence_reference=f"referral:{referral.pk}"
    )
    return ids


def tell_referral(user: User, verb: str, referral: Referral, now: datetime, **detail: object) -> None:
    """Write an act on a referral into the audit log."""
    record(
        user,
        audit_event("referral", verb),
        at=now,
        student_id=referral.student_id,
        object_kind="referral",
        object_id=str(referral.pk),
        detail=detail,
    )
