"""Speaking with a family: what was tried, what came of it, and taking back an entry made by mistake."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.db import transaction
from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.models import User
from allpresent.policy import load_causes

from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .evidence import CONTACT
from .models import CaseStep, ContactAttempt, ContactCause
from .models.contacts import Mode, Need, NextAct, Result
from .models.steps import StepState
from .numbers import phone_key
from .permissions import check_may, local_day
from .transitions import audit_event, find_transition

UNDO_WITHIN = timedelta(minutes=10)
NOTE_MAX = 4000


@cache
def cause_families() -> dict[str, str]:
    """Family key by cause key."""
    return {cause.key: family.key for family in load_causes() for cause in family.causes}


@dataclass(frozen=True, slots=True)
class ContactForm:
    """What the person wrote down, checked at birth. `at` blank means now. CaseworkError says what to change."""

    mode: str
    result: str
    at: datetime | None = None
    contact_id: str = ""
    contact_name: str = ""
    phone: str = ""
    language: str = ""
    need: str = ""
    next_act: str = ""
    next_on: date | None = None
    note: str = ""
    causes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.mode not in Mode.values or self.result not in Result.values:
            raise CaseworkError(_("Choose how you tried and what came of it."))
        if self.result == Result.WRONG_NUMBER and not phone_key(self.phone):
            raise CaseworkError(_("Say which number was wrong."))
        if self.need not in Need.values or self.next_act not in NextAct.values:
            raise CaseworkError(_("Choose what would help and what comes next from the lists."))
        if set(self.causes) - set(cause_families()):
            raise CaseworkError(_("Choose the reasons from the list."))
        if len(self.note) > NOTE_MAX:
            raise CaseworkError(_("The note is longer than %(most)d letters; shorten it.") % {"most": NOTE_MAX})


@dataclass(frozen=True, slots=True)
class Logged:
    """An attempt on the books, the steps it closed, and until when its author may take it back."""

    attempt: ContactAttempt
    closed_steps: tuple[CaseStep, ...]
    undo_until: datetime


def log_contact(user: User, student_id: str, form: ContactForm, key: str, now: datetime) -> Logged:
    """Write down one attempt. Reached, it closes the student's open call steps; any other result is an attempt.

    Sent twice with the same key it is written once, and both sendings get the same answer.
    """
    check_may(user, student_id, "log_contact", local_day(now))
    moment = form.at or now
    if moment > now:
        raise CaseworkError(_("The contact is dated in the future; correct the day or the hour."))
    reference = once(key, user, f"contact:{student_id}", lambda: _log(user, student_id, form, moment, now), at=now)
    attempt = ContactAttempt.objects.select_related("student").get(pk=int(reference.removeprefix("contact:")))
    return Logged(attempt, tuple(_closed_by(attempt)), attempt.logged_at + UNDO_WITHIN)


def _log(user: User, student_id: str, form: ContactForm, moment: datetime, now: datetime) -> str:
    attempt = _write(user, student_id, form, moment, now)
    families = cause_families()
    ContactCause.objects.bulk_create(
        ContactCause(attempt=attempt, cause=cause, family=families[cause]) for cause in dict.fromkeys(form.causes)
    )
    closed = _close_calls(attempt, now) if attempt.is_contact else []
    record(
        user,
        audit_event("contact", "log_contact"),
        at=now,
        student_id=student_id,
        object_kind="contact",
        object_id=str(attempt.pk),
        detail={"result": attempt.result, "closed_steps": closed},
    )
    return f"contact:{attempt.pk}"


def _write(user: User, student_id: str, form: ContactForm, moment: datetime, now: datetime) -> ContactAttempt:
    return ContactAttempt.objects.create(
        student_id=student_id,
        by=user,
        at=moment,
        on=local_day(moment),
        logged_at=now,
        mode=form.mode,
        contact_id=form.contact_id,
        contact_name=form.contact_name,
        phone=form.phone,
        phone_key=phone_key(form.phone),
        result=form.result,
        language=form.language,
        need=form.need,
        next_act=form.next_act,
        next_on=form.next_on,
        note=form.note.strip(),
    )


def _close_calls(attempt: ContactAttempt, now: datetime) -> list[int]:
    """Close what a reached contact is evidence for: open call steps of levels crossed by the day of the contact."""
    find_transition("step", StepState.OPEN, "log_contact")
    due = CaseStep.objects.select_for_update(of=("self",)).filter(
        case__student_id=attempt.student_id,
        state=StepState.OPEN,
        promise__evidence=CONTACT,
        crossing__crossed_on__lte=attempt.on,
    )
    ids = sorted(due.values_list("pk", flat=True))
    CaseStep.objects.filter(pk__in=ids).update(
        state=StepState.DONE,
        ended_on=attempt.on,
        ended_at=now,
        done_by=attempt.by,
        evidence_reference=f"contact:{attempt.pk}",
    )
    return ids


def _closed_by(attempt: ContactAttempt) -> list[CaseStep]:
    steps = CaseStep.objects.filter(
        case__student_id=attempt.student_id,
        state=StepState.DONE,
        promise__evidence=CONTACT,
        evidence_reference=f"contact:{attempt.pk}",
    )
    return list(steps.order_by("pk"))


def undo_contact(user: User, attempt_id: int, now: datetime) -> ContactAttempt:
    """Take back an entry just made: its author, within ten minutes. The steps it closed are open again."""
    with transaction.atomic():
        attempt = ContactAttempt.objects.select_for_update().filter(pk=attempt_id).first()
        if attempt is None:
            raise NotVisibleError(_("There is no such entry."))
        check_may(user, attempt.student_id, "log_contact", local_day(now))
        check_undo(user, attempt, now)
        attempt.undone_at = now
        attempt.save(update_fields=["undone_at"])
        opened = _reopen(attempt)
        record(
            user,
            audit_event("contact", "undo_contact"),
            at=now,
            student_id=attempt.student_id,
            object_kind="contact",
            object_id=str(attempt.pk),
            detail={"opened_steps": opened},
        )
    return attempt


def check_undo(user: User, attempt: ContactAttempt, now: datetime) -> None:
    """Raises CaseworkError unless this person may take this entry back now."""
    if attempt.undone_at is not None:
        raise AlreadyChangedError(_("This entry was already taken back."))
    if attempt.by_id != user.pk:
        raise CaseworkError(_("Only the person who wrote this entry can take it back."))
    if now > attempt.logged_at + UNDO_WITHIN:
        raise CaseworkError(_("An entry can be taken back for ten minutes; add a note instead."))


def can_undo(user: User, attempt: ContactAttempt, now: datetime) -> bool:
    """Whether to offer it."""
    try:
        check_undo(user, attempt, now)
    except CaseworkError:
        return False
    return True


def _reopen(attempt: ContactAttempt) -> list[int]:
    find_transition("step", StepState.DONE, "undo_contact")
    ids = [step.pk for step in _closed_by(attempt)]
    CaseStep.objects.filter(pk__in=ids).update(
        state=StepState.OPEN, ended_on=None, ended_at=None, done_by=None, evidence_reference=""
    )
    return ids
