"""A person's caseload: handing a student over, which the receiver has to accept, and how many one can carry."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.giving import end_grant, give_grant
from allpresent.access.models import Grant, User
from allpresent.access.roles import ACTIONS

from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import CaseloadLimit, CaseStep, HandOver
from .models.handover import HandOverState
from .models.steps import StepState
from .permissions import local_day
from .transitions import audit_event, find_transition

ACTION = "see_caseload"
REASON_MIN = 10
REASON_MAX = 1000
LIMIT_MAX = 500
SOURCE = "hand-over"


def own_grants(user: User, on: date) -> "list[Grant]":
    """The dated grants that make the user's caseload on a day, one a student and role."""
    held = Grant.objects.in_force(on).filter(
        user_id=user.pk, object_kind=Grant.Kind.STUDENT, relation__in=ACTIONS[ACTION], user__is_active=True
    )
    return list(held.order_by("pk"))


def offer_student(user: User, student_id: str, to: User, reason: str, key: str, now: datetime) -> HandOver:
    """Offer a student of one's own caseload to somebody who works with caseloads too."""
    on, words = local_day(now), reason.strip()
    if not any(grant.object_id == student_id for grant in own_grants(user, on)):
        raise NotVisibleError(_("There is no such student."))
    if to.pk == user.pk or not _role_of(to, on):
        raise CaseworkError(_("Choose somebody else who works with a caseload."))
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise CaseworkError(
            _("Say in a few words why you hand the student over, in at most %(most)d letters.") % {"most": REASON_MAX}
        )

    def offer() -> str:
        find_transition("hand-over", "", "offer")
        try:
            with transaction.atomic():
                made = HandOver.objects.create(
                    student_id=student_id, giver=user, receiver=to, reason=words, offered_at=now
                )
        except IntegrityError as error:
            raise AlreadyChangedError(_("This student is already offered; withdraw that offer first.")) from error
        _tell(user, "offer", made, now)
        return str(made.pk)

    return HandOver.objects.get(pk=int(once(key, user, f"hand-over:{student_id}", offer, at=now)))


def accept_student(user: User, hand_over_id: int, key: str, now: datetime) -> HandOver:
    """Take the student on: the giver's grant ends, the receiver's begins today, and the open steps come along."""
    offer = _received(user, hand_over_id)
    on = local_day(now)

    def accept() -> str:
        _end(offer, user, "accept", HandOverState.ACCEPTED, now)
        given = [grant for grant in own_grants(offer.giver, on) if grant.object_id == offer.student_id]
        role = _role_of(user, on)
        if not given or not role:
            raise AlreadyChangedError(_("The student is no longer on that caseload; nothing was handed over."))
        for grant in given:
            end_grant(grant, on=on, by=user, at=now)
        if not any(grant.object_id == offer.student_id for grant in own_grants(user, on)):
            give_grant(user, role, Grant.Kind.STUDENT, offer.student_id, starts_on=on, by=user, source=SOURCE, at=now)
        steps = CaseStep.objects.filter(
            case__student_id=offer.student_id, state=StepState.OPEN, assigned_to=offer.giver
        )
        steps.update(assigned_to=user)
        _tell(user, "accept", offer, now)
        return str(offer.pk)

    once(key, user, f"accept:{hand_over_id}", accept, at=now)
    return HandOver.objects.select_related("student").get(pk=hand_over_id)


def decline_student(user: User, hand_over_id: int, answer: str, key: str, now: datetime) -> HandOver:
    """Say no, with a reason to the giver, who keeps the student."""
    offer, words = _received(user, hand_over_id), answer.strip()
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise CaseworkError(_("Say in a few words why you cannot take the student on."))

    def decline() -> str:
        _end(offer, user, "decline", HandOverState.DECLINED, now, answer=words)
        _tell(user, "decline", offer, now)
        return str(offer.pk)

    once(key, user, f"decline:{hand_over_id}", decline, at=now)
    return HandOver.objects.get(pk=hand_over_id)


def withdraw_offer(user: User, hand_over_id: int, key: str, now: datetime) -> HandOver:
    """Take an offer back before it was answered."""
    offer = HandOver.objects.filter(pk=hand_over_id, giver=user).first()
    if offer is None:
        raise NotVisibleError(_("There is no such offer."))

    def withdraw() -> str:
        _end(offer, user, "withdraw", HandOverState.WITHDRAWN, now)
        _tell(user, "withdraw", offer, now)
        return str(offer.pk)

    once(key, user, f"withdraw:{hand_over_id}", withdraw, at=now)
    return HandOver.objects.get(pk=hand_over_id)


def set_limit(user: User, most: int, now: datetime) -> None:
    """Say how many students one can carry; colleagues see it when they hand over. It forbids nothing."""
    if not any(role in ACTIONS[ACTION] for role in _roles(user, local_day(now))):
        raise NotVisibleError(_("There is no such caseload."))
    if not 1 <= most <= LIMIT_MAX:
        raise CaseworkError(_("Give a number from 1 to %(most)d.") % {"most": LIMIT_MAX})
    with transaction.atomic():
        CaseloadLimit.objects.update_or_create(user=user, defaults={"most": most})
        record(user, "caseload.limit_set", at=now, object_kind="caseload", detail={"most": most})


def _roles(user: User, on: date) -> list[str]:
    if not user.is_active:
        return []
    return list(Grant.objects.in_force(on).filter(user_id=user.pk).order_by("pk").values_list("relation", flat=True))


def _role_of(user: User, on: date) -> str:
    """The role in which the user takes students on; blank for somebody without a caseload."""
    return next((role for role in _roles(user, on) if role in ACTIONS[ACTION]), "")


def _received(user: User, hand_over_id: int) -> HandOver:
    offer = HandOver.objects.select_related("giver").filter(pk=hand_over_id, receiver=user).first()
    if offer is None:
        raise NotVisibleError(_("There is no such offer."))
    return offer


def _end(offer: HandOver, user: User, verb: str, state: str, now: datetime, **values: str) -> None:
    """Compare and set: an offer is answered once."""
    find_transition("hand-over", HandOverState.OFFERED, verb)
    waiting = HandOver.objects.filter(pk=offer.pk, state=HandOverState.OFFERED)
    if not waiting.update(state=state, answered_at=now, **values):
        raise AlreadyChangedError(_("This offer has already been answered or withdrawn."))


def _tell(user: User, verb: str, offer: HandOver, now: datetime) -> None:
    record(
        user,
        audit_event("hand-over", verb),
        at=now,
        student_id=offer.student_id,
        object_kind="hand_over",
        object_id=str(offer.pk),
        detail={"giver": offer.giver_id, "receiver": offer.receiver_id},
    )
