"""Student Success Plans: written together, agreed with the family, reviewed on their days, ended with why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.models import User
from allpresent.roster.models import Student

from .closing import close_by_evidence
from .days import day_words
from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import PlanReview, PlanVersion, SuccessPlan
from .models.success_plans import Agreed, PlanOutcome, PlanState
from .permissions import check_may, check_sees, local_day
from .plan_agreements import keep_past_agreement, review_days, set_reviews
from .plan_contents import Contents
from .plan_papers import keep_paper
from .transitions import audit_event, find_transition

ACTION = "write_plan"
WHY_MIN, WORDS_MAX = 10, 2000


class PlanChangedError(AlreadyChangedError):
    """Somebody else saved the plan meanwhile; `version` is theirs."""

    def __init__(self, version: PlanVersion) -> None:
        words = _("%(who)s saved this plan while you were writing. Nothing is lost: bring the two together.")
        super().__init__(words % {"who": version.by})
        self.version = version


@dataclass(frozen=True, slots=True)
class Stand:
    """How the student stood when the plan was begun; the days exact, as text."""

    days_absent: str
    days_reported: str
    as_of: date
    delivery_id: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the family agreed: with whom, by phone before which witness, or the signature or scan itself."""

    how: str
    with_whom: str
    witness: str = ""
    paper: bytes = b""

    def __post_init__(self) -> None:
        if self.how not in Agreed.values:
            raise CaseworkError(_("Choose how the family agreed."))
        if not self.with_whom.strip():
            raise CaseworkError(_("Write who of the family agreed."))
        if self.how == Agreed.PHONE and not self.witness.strip():
            raise CaseworkError(_("Write who listened in: an agreement by phone needs a witness."))
        if self.how != Agreed.PHONE and not self.paper:
            raise CaseworkError(_("Add the signature, or the scan of the signed paper."))
        if max(len(self.with_whom), len(self.witness)) > 200:
            raise CaseworkError(_("Shorten the names to 200 letters."))


def start_plan(user: User, student_id: str, contents: Contents, stand: Stand, key: str, now: datetime) -> SuccessPlan:
    """Begin a plan as a draft. A student has one plan at a time; AlreadyChangedError if somebody was first."""
    check_may(user, student_id, ACTION, local_day(now))
    _check_champion(contents, student_id, now)

    def start() -> str:
        find_transition("plan", "", "start")
        school = Student.objects.values_list("school_id", flat=True).get(pk=student_id)
        try:
            with transaction.atomic():
                plan = SuccessPlan.objects.create(
                    student_id=student_id,
                    school_id=school,
                    contents=contents.plain(),
                    started_at=now,
                    days_absent=stand.days_absent,
                    days_reported=stand.days_reported,
                    as_of=stand.as_of,
                    delivery_id=stand.delivery_id,
                )
        except IntegrityError:
            raise AlreadyChangedError(_("A plan was begun for this student meanwhile; open it.")) from None
        PlanVersion.objects.create(plan=plan, number=1, contents=contents.plain(), by=user, at=now)
        _tell(user, plan, "start", now)
        return str(plan.pk)

    return SuccessPlan.objects.get(pk=int(once(key, user, f"plan:start:{student_id}", start, at=now)))


def save_plan(user: User, plan_id: int, contents: Contents, version: int, key: str, now: datetime) -> SuccessPlan:
    """Save what was opened at `version`: a draft, or a change to what was agreed, which waits for the family's yes.

    PlanChangedError, with theirs, if it was saved since. A change back to what was agreed leaves nothing to agree to.
    """
    student_id = _student_of(user, plan_id, now)
    _check_champion(contents, student_id, now)

    def save() -> str:
        plan = _locked(plan_id, "save")
        if plan.version != version:
            raise PlanChangedError(plan.versions.select_related("by").get(number=plan.version))
        said, number = contents.plain(), version + 1
        kept: dict[str, Any] = {"version": number}
        if plan.state == PlanState.DRAFT:
            kept["contents"] = said
        else:
            kept["change"] = None if said == plan.contents else said
        # Compare and set: of two savings at the same moment, on a database that does not lock rows, one is told.
        if not SuccessPlan.objects.filter(pk=plan_id, version=version).update(**kept):
            raise PlanChangedError(plan.versions.select_related("by").order_by("-number")[0])
        PlanVersion.objects.create(plan=plan, number=number, contents=said, by=user, at=now)
        _tell(user, plan, _verb(plan, "save"), now, version=number)
        return str(plan_id)

    once(key, user, f"plan:save:{plan_id}", save, at=now)
    return SuccessPlan.objects.get(pk=plan_id)


def agree_plan(
    user: User,
    plan_id: int,
    agreement: Agreement,
    version: int,
    session_days: Sequence[date],
    home: Path,
    key: str,
    now: datetime,
) -> SuccessPlan:
    """Record that the family agreed to the plan, or to a change of it, as it stood at `version`.

    It closes the steps that promise a plan. What was agreed before is kept as it was. `session_days` are the days the
    student's school is in session this year: reviews fall on them, and take the place of those still to come.
    """
    student_id, today = _student_of(user, plan_id, now), local_day(now)

    def agree() -> str:
        plan = _locked(plan_id, "agree")
        if plan.version != version:
            raise PlanChangedError(plan.versions.select_related("by").get(number=plan.version))
        verb, contents = _verb(plan, "agree"), Contents.of(plan.change or plan.contents)
        contents.check_ready()
        keep_past_agreement(plan, today)
        plan.state, plan.agreed_on, plan.agreed_by = PlanState.AGREED, today, user
        plan.contents, plan.change, plan.agreed_version = contents.plain(), None, version
        plan.runs_to = today + timedelta(weeks=contents.weeks) - timedelta(days=1)
        plan.agreed_how, plan.agreed_with, plan.witness = agreement.how, agreement.with_whom.strip(), agreement.witness
        plan.paper = keep_paper(home, plan_id, agreement.paper) if agreement.paper else ""
        plan.save()
        set_reviews(plan, review_days(today, plan.runs_to, contents.review_every, session_days))
        closed = close_by_evidence(student_id, "plan_agreed", today, user, f"plan:{plan_id}", now)
        _tell(user, plan, verb, now, how=agreement.how, version=version, closed_steps=closed)
        return str(plan_id)

    once(key, user, f"plan:agree:{plan_id}", agree, at=now)
    return SuccessPlan.objects.get(pk=plan_id)


def _verb(plan: SuccessPlan, act: str) -> str:
    """What an act on a draft is called once the plan was agreed."""
    return act if plan.state == PlanState.DRAFT else {"save": "change", "agree": "agree_again"}[act]


def review_plan(user: User, review_id: int, words: str, key: str, now: datetime) -> SuccessPlan:
    """Write down what a review came to. The plan goes on; ending it is an act of its own."""
    found = PlanReview.objects.filter(pk=review_id).first()
    if found is None:
        raise NotVisibleError(_("There is no such review."))
    plan_id, said = found.plan_id, words.strip()
    _student_of(user, plan_id, now)
    _check_words(said)

    def review() -> str:
        plan = _locked(plan_id, "review")
        changed = PlanReview.objects.filter(pk=review_id, held_on=None).update(
            held_on=local_day(now), by=user, words=said
        )
        if not changed:
            raise AlreadyChangedError(_("This review was written down meanwhile; open the plan again."))
        SuccessPlan.objects.filter(pk=plan_id).update(state=PlanState.UNDER_REVIEW)
        _tell(user, plan, "review", now, review=review_id)
        return str(plan_id)

    once(key, user, f"plan:review:{review_id}", review, at=now)
    return SuccessPlan.objects.get(pk=plan_id)


def end_plan(user: User, plan_id: int, outcome: str, why: str, key: str, now: datetime) -> SuccessPlan:
    """End a plan as met, partly met, not met or stopped, and say why. A draft can only be stopped."""
    _student_of(user, plan_id, now)
    said = why.strip()
    if outcome not in PlanOutcome.values:
        raise CaseworkError(_("Choose what came of the plan."))
    _check_words(said)

    def end() -> str:
        state = SuccessPlan.objects.values_list("state", flat=True).get(pk=plan_id)
        verb = "discard" if state == PlanState.DRAFT else "end"
        plan = _locked(plan_id, verb)
        if verb == "discard" and outcome != PlanOutcome.STOPPED:
            raise CaseworkError(_("Nobody agreed to this plan yet, so it can only be stopped."))
        plan.state, plan.outcome, plan.ended_why = PlanState.ENDED, outcome, said
        plan.ended_on, plan.ended_by = local_day(now), user
        plan.save()
        _tell(user, plan, verb, now, outcome=outcome)
        return str(plan_id)

    once(key, user, f"plan:end:{plan_id}", end, at=now)
    return SuccessPlan.objects.get(pk=plan_id)


def _check_words(said: str) -> None:
    if len(said) < WHY_MIN:
        raise CaseworkError(_("Say in a few words what you found."))
    if len(said) > WORDS_MAX:
        raise CaseworkError(_("Shorten it to %(most)d letters.") % {"most": WORDS_MAX})


def _check_champion(contents: Contents, student_id: str, now: datetime) -> None:
    """The champion is somebody who may open the student's page."""
    if contents.champion is None:
        return
    champion = User.objects.filter(pk=contents.champion, is_active=True).first()
    if champion is None:
        raise CaseworkError(_("Choose the champion from the list."))
    check_sees(champion, [student_id], local_day(now))


def _student_of(user: User, plan_id: int, now: datetime) -> str:
    student_id = SuccessPlan.objects.filter(pk=plan_id).values_list("student_id", flat=True).first()
    if student_id is None:
        raise NotVisibleError(_("There is no such plan."))
    check_may(user, student_id, ACTION, local_day(now))
    return student_id


def _locked(plan_id: int, act: str) -> SuccessPlan:
    plan = SuccessPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    if plan.state == PlanState.ENDED:
        raise AlreadyChangedError(
            _("%(who)s ended this plan on %(day)s.") % {"who": plan.ended_by, "day": day_words(plan.ended_on)}
        )
    if act == "agree" and plan.agreed_version is not None and plan.change is None:
        raise AlreadyChangedError(
            _("%(who)s recorded the family's agreement on %(day)s, and nothing was changed since.")
            % {"who": plan.agreed_by, "day": day_words(plan.agreed_on)}
        )
    verb = _verb(plan, act) if act in ("save", "agree") else act
    find_transition("plan", plan.state.replace("_", " "), verb)
    return plan


def _tell(user: User, plan: SuccessPlan, verb: str, now: datetime, **detail: object) -> None:
    record(
        user,
        audit_event("plan", verb),
        at=now,
        student_id=plan.student_id,
        object_kind="plan",
        object_id=str(plan.pk),
        detail=detail,
    )
