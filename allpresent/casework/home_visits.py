"""Visiting a family: proposing, agreeing a time, writing down what came of it, and taking an entry back."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.models import User
from allpresent.roster.models import Student

from .closing import close_by_evidence, reopen_closed_by
from .contacts import cause_families
from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import HomeVisit, VisitCause, VisitFieldNote
from .models.home_visits import VisitOutcome, VisitState
from .permissions import check_may, check_sees, local_day
from .slips import is_fresh
from .transitions import audit_event, find_transition
from .turns import hold_students
from .visit_forms import VisitForm, VisitPlan

AFTER = {VisitOutcome.ATTEMPTED: VisitState.NOT_FOUND, VisitOutcome.DECLINED: VisitState.DECLINED}
OPEN = (VisitState.PROPOSED, VisitState.SCHEDULED)


def propose_visit(user: User, student_id: str, plan: VisitPlan, key: str, now: datetime) -> HomeVisit:
    """Propose that a family be visited; with a time, schedule it at once. Sent twice it is written once."""
    check_may(user, student_id, "plan_visit", local_day(now))
    if plan.is_agreed:
        plan.check_times()
    _check_people(plan, student_id, now)
    return _once(key, user, f"visit_plan:{student_id}", lambda: _propose(user, student_id, plan, now), now)


def schedule_visit(user: User, visit_id: int, plan: VisitPlan, key: str, now: datetime) -> HomeVisit:
    """Agree a time for a proposed visit, or another one for a visit that is scheduled."""
    student_id = _student_of(visit_id)
    check_may(user, student_id, "plan_visit", local_day(now))
    plan.check_times()
    _check_people(plan, student_id, now)
    return _once(key, user, f"visit_schedule:{visit_id}", lambda: _schedule(user, visit_id, plan, now), now)


def record_visit(
    user: User,
    student_id: str,
    form: VisitForm,
    key: str,
    now: datetime,
    *,
    visit_id: int | None = None,
    year_starts: str = "07-01",
) -> HomeVisit:
    """Write down a visit that took place or was tried: an open one of the student, or one nobody had proposed.

    Completed, it closes the promised steps a dated visit is evidence for. Visits are numbered from ``year_starts``, a
    month and a day. Sent twice with the same key it is written once, and both sendings get the same answer.
    """
    check_may(user, student_id, "record_visit", local_day(now))
    if form.on > local_day(now):
        raise CaseworkError(_("The visit is dated in the future; correct the day."))
    if form.co_visitor:
        if form.co_visitor == user:
            raise CaseworkError(_("You are the first visitor; choose who went with you."))
        check_sees(form.co_visitor, [student_id], local_day(now))
    work = lambda: _record(user, student_id, form, visit_id, year_starts, now)  # noqa: E731
    return _once(key, user, f"visit:{student_id}:{visit_id or 'new'}", work, now)


def _once(key: str, user: User, purpose: str, work: Callable[[], str], now: datetime) -> HomeVisit:
    reference = once(key, user, purpose, work, at=now)
    visits = HomeVisit.objects.select_related("student", "visitor", "co_visitor")
    return visits.get(pk=int(reference.removeprefix("visit:")))


def _student_of(visit_id: int) -> str:
    found = HomeVisit.objects.filter(pk=visit_id).values_list("student_id", flat=True).first()
    if found is None:
        raise NotVisibleError(_("There is no such visit."))
    return found


def _check_people(plan: VisitPlan, student_id: str, now: datetime) -> None:
    """Nobody is sent to a family whose child's page they could not open."""
    for person in filter(None, (plan.visitor, plan.co_visitor)):
        check_sees(person, [student_id], local_day(now))


def _propose(user: User, student_id: str, plan: VisitPlan, now: datetime) -> str:
    hold_students([student_id])
    if HomeVisit.objects.filter(student_id=student_id, state__in=OPEN).exists():
        raise AlreadyChangedError(_("A visit to this family is already proposed or scheduled; change that one."))
    verb = "schedule_visit" if plan.is_agreed else "propose_visit"
    visit = HomeVisit(student_id=student_id, school_id=_school_of(student_id), proposed_by=user, proposed_at=now)
    _take_over(visit, plan)
    visit.state = find_transition("visit", "", verb).after
    visit.save()
    _tell(user, verb, visit, now)
    return f"visit:{visit.pk}"


def _school_of(student_id: str) -> str | None:
    return Student.objects.values_list("school_id", flat=True).get(pk=student_id)


def _take_over(visit: HomeVisit, plan: VisitPlan) -> None:
    visit.reason, visit.reason_words, visit.mode = plan.reason, plan.reason_words.strip(), plan.mode
    visit.visitor, visit.co_visitor = plan.visitor, plan.co_visitor
    visit.starts_at, visit.ends_at = plan.starts_at, plan.ends_at


def _schedule(user: User, visit_id: int, plan: VisitPlan, now: datetime) -> str:
    visit = _locked(visit_id)
    after = _may_change(visit, "schedule_visit")
    _take_over(visit, plan)
    visit.state, visit.checked_out_at = after, None
    visit.save()
    _tell(user, "schedule_visit", visit, now)
    return f"visit:{visit.pk}"


def _locked(visit_id: int) -> HomeVisit:
    return HomeVisit.objects.select_for_update(of=("self",)).select_related("student").get(pk=visit_id)


def _may_change(visit: HomeVisit, verb: str) -> str:
    """The state after the act; AlreadyChangedError where somebody was faster."""
    try:
        return find_transition("visit", visit.state, verb).after
    except CaseworkError as error:
        raise AlreadyChangedError(
            _("This visit is now “%(state)s”; open it again to see what was written down.")
            % {"state": visit.get_state_display()}
        ) from error


def _record(user: User, student_id: str, form: VisitForm, visit_id: int | None, year_starts: str, now: datetime) -> str:
    verb = f"record_{form.outcome}"
    hold_students([student_id])  # two visits written down at one moment are two numbers
    visit = _visit_to_record(user, student_id, visit_id, now)
    after = _may_change(visit, verb)
    visit.state_before, visit.plan_before = visit.state, _plan_of(visit)
    visit.state = VisitState.FOLLOW_UP if after == VisitState.DONE and form.promised.strip() else VisitState(after)
    _fill(visit, user, form, now)
    visit.number = next_number(student_id, form.on, year_starts, but_for=visit.pk)
    visit.save()
    families = cause_families()
    VisitCause.objects.bulk_create(
        VisitCause(visit=visit, cause=cause, family=families[cause]) for cause in dict.fromkeys(form.causes)
    )
    if form.field_note.strip():
        VisitFieldNote.objects.create(visit=visit, by=user, at=now, text=form.field_note.strip())
    closed = _close_steps(visit, user, now)
    _tell(user, verb, visit, now, outcome=form.outcome, closed_steps=closed)
    return f"visit:{visit.pk}"


def _visit_to_record(user: User, student_id: str, visit_id: int | None, now: datetime) -> HomeVisit:
    if visit_id is None:
        return HomeVisit(
            student_id=student_id, school_id=_school_of(student_id), proposed_by=user, proposed_at=now, state=""
        )
    visit = _locked(visit_id)
    if visit.student_id != student_id:
        raise NotVisibleError(_("There is no such visit."))
    return visit


_PLANNED = ("visitor_id", "co_visitor_id", "reason", "reason_words", "mode")


def _plan_of(visit: HomeVisit) -> dict[str, object]:
    """Who goes, why and how, and when they came out: what recording the visit writes over."""
    out = visit.checked_out_at
    return {name: getattr(visit, name) for name in _PLANNED} | {"checked_out_at": out.isoformat() if out else ""}


def _bring_plan_back(visit: HomeVisit) -> None:
    plan = visit.plan_before
    for name in _PLANNED:
        setattr(visit, name, plan.get(name, getattr(visit, name)))
    out = plan.get("checked_out_at")
    visit.checked_out_at = datetime.fromisoformat(str(out)) if out else None
    visit.plan_before = {}


def _fill(visit: HomeVisit, user: User, form: VisitForm, now: datetime) -> None:
    visit.visitor = visit.recorded_by = user
    visit.co_visitor = form.co_visitor
    visit.reason, visit.reason_words, visit.mode = form.reason, form.reason_words.strip(), form.mode
    visit.on, visit.was_scheduled, visit.outcome = form.on, form.was_scheduled, form.outcome
    visit.met, visit.language = form.met.strip(), form.language
    visit.promised, visit.promised_on = form.promised.strip(), form.promised_on
    visit.recorded_at = now
    if visit.starts_at and visit.checked_out_at is None:
        visit.checked_out_at = now  # who writes down the visit is out of the house


def next_number(student_id: str, on: date, year_starts: str, *, but_for: int | None = None) -> int:
    """Which visit to the student of the school year one made that day would be, if it were written down now.

    Tried and declined ones count, as on the paper form. One query.
    """
    month, day = (int(part) for part in year_starts.split("-"))
    first = date(on.year, month, day)
    if on < first:
        first = first.replace(year=on.year - 1)
    numbers = HomeVisit.objects.filter(student_id=student_id, on__gte=first).values_list("pk", "number")
    return 1 + max((number or 0 for pk, number in numbers if pk != but_for), default=0)


def _close_steps(visit: HomeVisit, user: User, now: datetime) -> list[int]:
    if visit.outcome != VisitOutcome.COMPLETED or visit.on is None:
        return []
    return close_by_evidence(visit.student_id, "dated_visit", visit.on, user, f"visit:{visit.pk}", now)


def _tell(user: User, verb: str, visit: HomeVisit, now: datetime, **detail: object) -> None:
    record(
        user,
        audit_event("visit", verb),
        at=now,
        student_id=visit.student_id,
        object_kind="visit",
        object_id=str(visit.pk),
        detail=detail,
    )


def undo_visit(user: User, visit_id: int, now: datetime) -> HomeVisit:
    """Take back a visit just written down: its author, within ten minutes. The steps it closed are open again."""
    with transaction.atomic():
        visit = _changing(user, visit_id, "record_visit", now)
        check_undo(user, visit, now)
        _may_change(visit, "undo_visit")
        opened = reopen_closed_by(f"visit:{visit.pk}")
        VisitCause.objects.filter(visit=visit).delete()
        VisitFieldNote.objects.filter(visit=visit).delete()
        visit.state = visit.state_before or VisitState.WITHDRAWN
        visit.on = visit.number = visit.was_scheduled = visit.recorded_at = visit.recorded_by = None
        visit.outcome = visit.state_before = visit.met = visit.promised = visit.language = ""
        visit.promised_on = None
        _bring_plan_back(visit)
        visit.save()
        _tell(user, "undo_visit", visit, now, opened_steps=opened)
    return visit


def check_undo(user: User, visit: HomeVisit, now: datetime) -> None:
    """Raises CaseworkError unless this person may take this entry back now."""
    if visit.recorded_at is None:
        raise AlreadyChangedError(_("This entry was already taken back."))
    if visit.recorded_by_id != user.pk:
        raise CaseworkError(_("Only the person who wrote this entry can take it back."))
    if not is_fresh(visit.recorded_at, now):
        raise CaseworkError(_("An entry can be taken back for ten minutes; add a note instead."))


def _changing(user: User, visit_id: int, action: str, now: datetime) -> HomeVisit:
    """The visit, locked, of a student this person may do this for."""
    check_may(user, _student_of(visit_id), action, local_day(now))
    return _locked(visit_id)


def withdraw_visit(user: User, visit_id: int, now: datetime) -> HomeVisit:
    """Take back a visit that is proposed or scheduled and will not be made."""
    return _move(user, visit_id, "withdraw_visit", "plan_visit", now)


def keep_promise(user: User, visit_id: int, now: datetime) -> HomeVisit:
    """What was promised at the visit was done."""
    return _move(user, visit_id, "keep_promise", "record_visit", now)


def _move(user: User, visit_id: int, verb: str, action: str, now: datetime) -> HomeVisit:
    with transaction.atomic():
        visit = _changing(user, visit_id, action, now)
        visit.state = _may_change(visit, verb)
        visit.save(update_fields=["state"])
        _tell(user, verb, visit, now)
    return visit


def check_out(user: User, visit_id: int, now: datetime) -> HomeVisit:
    """The visitors are out of the house and safe. A second check-out changes nothing."""
    with transaction.atomic():
        visit = _changing(user, visit_id, "record_visit", now)
        _may_change(visit, "check_out")
        if visit.checked_out_at is None:
            visit.checked_out_at = now
            visit.save(update_fields=["checked_out_at"])
            _tell(user, "check_out", visit, now)
    return visit
