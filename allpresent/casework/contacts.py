"""Speaking with a family: what was tried, what came of it, and taking back an entry made by mistake."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from django.db import transaction
from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.grants import sight
from allpresent.access.models import User
from allpresent.policy import load_causes

from .closing import close_by_evidence, reopen_closed_by
from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .evidence import CONTACT
from .households import check_siblings, family_of, listed_for
from .models import CaseStep, ContactAttempt, ContactCause, HomeVisit
from .models.contacts import Mode, Need, NextAct, Result
from .models.steps import StepState
from .numbers import phone_key
from .permissions import check_may, local_day
from .routes import follow_route, leave_route
from .slips import UNDO_WITHIN, is_fresh
from .transitions import audit_event, find_transition
from .turns import hold_students

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
    """An attempt on the books with the rows of brothers and sisters, the steps all of them closed, and until when its
    author may take it back.
    """

    attempt: ContactAttempt
    also: tuple[ContactAttempt, ...]
    closed_steps: tuple[CaseStep, ...]
    undo_until: datetime
    is_passed_on: bool = False  # the third in a row that reached nobody: the call is the team's now
    is_visit_proposed: bool = False  # the fourth


def log_contact(
    user: User,
    student_id: str,
    form: ContactForm,
    key: str,
    now: datetime,
    also: Collection[str] = (),
    *,
    is_same_reason: bool = False,
) -> Logged:
    """Write down one attempt. Reached, it closes the open call steps of the student; any other result is an attempt.

    `also` are brothers and sisters the same conversation was about: each gets a row of its own and its own steps
    closed. The note stays with the student, and so do the reasons unless `is_same_reason`; a sibling's row names the
    person called only where the sibling's own record does. Sent twice with the same key it is written once, and both
    sendings get the same answer.
    """
    check_may(user, student_id, "log_contact", local_day(now))
    check_siblings(user, student_id, also, form.phone, local_day(now))
    moment = form.at or now
    if moment > now:
        raise CaseworkError(_("The contact is dated in the future; correct the day or the hour."))

    def log() -> str:
        hold_students({*family_of(student_id), *also})
        lead = _log(user, student_id, form, moment, now)
        _log_siblings(lead, form if is_same_reason else replace(form, causes=()), also, now)
        return f"contact:{lead.pk}"

    return _logged(once(key, user, f"contact:{student_id}", log, at=now))


def _log_siblings(lead: ContactAttempt, form: ContactForm, also: Collection[str], now: datetime) -> None:
    """A row for each of the others, naming the person called only where the child's own record does."""
    own = replace(form, note="")
    is_named = form.result == Result.WRONG_NUMBER  # which number was wrong is the whole result
    nameless = own if is_named else replace(own, contact_id="", contact_name="", phone="")
    listed = listed_for(also, form.phone)
    for other in sorted(set(also)):
        _log(lead.by, other, own if other in listed else nameless, lead.at, now, lead=lead)


def share_contact(user: User, attempt_id: int, student_id: str, key: str, now: datetime) -> Logged:
    """Say that a contact with the family, made about a brother or sister, answers for this student too.

    It closes the student's open call steps on the day of the contact itself. Raises NotVisibleError for a contact the
    person may not read, and AlreadyChangedError where no call waits for it.
    """
    check_may(user, student_id, "log_contact", local_day(now))
    found = ContactAttempt.objects.filter(pk=attempt_id, result=Result.REACHED, undone_at=None).first()
    seen = sight(user, found.student_id, local_day(now)) if found else None
    if found is None or seen is None or not (seen.reads("D6") or found.by_id == user.pk):
        raise NotVisibleError(_("There is no such entry."))
    check_siblings(user, found.student_id, [student_id], found.phone, local_day(now))

    def share() -> str:
        hold_students([student_id])
        return f"contact:{_share(user, found, student_id, now).pk}"

    return _logged(once(key, user, f"share:{attempt_id}:{student_id}", share, at=now))


def _logged(reference: str) -> Logged:
    pk = int(reference.removeprefix("contact:"))
    attempt = ContactAttempt.objects.select_related("student").get(pk=pk)
    also = tuple(attempt.also_about.select_related("student").filter(undone_at=None).order_by("student__full_name"))
    closed = tuple(step for row in (attempt, *also) for step in _closed_by(row))
    rows = [attempt.pk, *(row.pk for row in also)]
    return Logged(
        attempt,
        also,
        closed,
        attempt.logged_at + UNDO_WITHIN,
        is_passed_on=CaseStep.objects.filter(passed_by__in=rows).exists(),
        is_visit_proposed=HomeVisit.objects.filter(proposed_after__in=rows).exclude(state="withdrawn").exists(),
    )


def _share(user: User, found: ContactAttempt, student_id: str, now: datetime) -> ContactAttempt:
    names_them = bool(listed_for([student_id], found.phone))
    form = ContactForm(
        mode=found.mode,
        result=found.result,
        contact_name=found.contact_name if names_them else "",
        phone=found.phone if names_them else "",
        language=found.language,
    )
    lead = ContactAttempt.objects.select_for_update().get(pk=found.lead_id or found.pk)
    if lead.undone_at is not None:
        raise AlreadyChangedError(_("This entry was already taken back."))
    if ContactAttempt.objects.filter(lead=lead, student_id=student_id, undone_at=None).exists():
        raise AlreadyChangedError(_("This contact already answers for the student."))
    row = _log(user, student_id, form, found.at, now, lead=lead, verb="share_contact")
    if not _closed_by(row):
        raise AlreadyChangedError(_("No call waits for this contact any more; open the student again."))
    return row


def _log(
    user: User,
    student_id: str,
    form: ContactForm,
    moment: datetime,
    now: datetime,
    *,
    lead: ContactAttempt | None = None,
    verb: str = "log_contact",
) -> ContactAttempt:
    """One row, its reasons, the steps it closes and its audit entry."""
    attempt = _write(user, student_id, form, moment, now, lead)
    families = cause_families()
    ContactCause.objects.bulk_create(
        ContactCause(attempt=attempt, cause=cause, family=families[cause]) for cause in dict.fromkeys(form.causes)
    )
    closed = _close_calls(attempt, now) if attempt.is_contact else []
    _tell(user, verb, attempt, now, result=attempt.result, closed_steps=closed)
    follow_route(user, attempt, now)
    return attempt


def _tell(user: User, verb: str, attempt: ContactAttempt, now: datetime, **detail: object) -> None:
    """The audit entry of one row; a sibling's says of which call it is a part."""
    record(
        user,
        audit_event("contact", verb),
        at=now,
        student_id=attempt.student_id,
        object_kind="contact",
        object_id=str(attempt.pk),
        detail=detail | ({"call": attempt.lead_id} if attempt.lead_id else {}),
    )


def _write(
    user: User, student_id: str, form: ContactForm, moment: datetime, now: datetime, lead: ContactAttempt | None
) -> ContactAttempt:
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
        lead=lead,
    )


def _close_calls(attempt: ContactAttempt, now: datetime) -> list[int]:
    """Close what a reached contact is evidence for: open call steps of levels crossed by the day of the contact."""
    reference = f"contact:{attempt.pk}"
    return close_by_evidence(attempt.student_id, CONTACT, attempt.on, attempt.by, reference, now, verb="log_contact")


def _closed_by(attempt: ContactAttempt) -> list[CaseStep]:
    steps = CaseStep.objects.filter(
        case__student_id=attempt.student_id,
        state=StepState.DONE,
        promise__evidence=CONTACT,
        evidence_reference=f"contact:{attempt.pk}",
    )
    return list(steps.order_by("pk"))


def undo_contact(user: User, attempt_id: int, now: datetime) -> ContactAttempt:
    """Take back an entry just made: its author, within ten minutes. The steps it closed are open again.

    What was said about brothers and sisters in the same call is taken back with it, and so is what somebody let it
    answer for since. A sibling's own row can also be taken back alone.
    """
    with transaction.atomic():
        attempt = ContactAttempt.objects.select_for_update().filter(pk=attempt_id).first()
        if attempt is None:
            raise NotVisibleError(_("There is no such entry."))
        check_may(user, attempt.student_id, "log_contact", local_day(now))
        check_undo(user, attempt, now)
        for row in (attempt, *attempt.also_about.select_for_update().filter(undone_at=None).order_by("pk")):
            _take_back(user, row, now)
    return attempt


def _take_back(user: User, attempt: ContactAttempt, now: datetime) -> None:
    attempt.undone_at = now
    attempt.save(update_fields=["undone_at"])
    find_transition("step", StepState.DONE, "undo_contact")
    opened = reopen_closed_by(f"contact:{attempt.pk}")
    _tell(user, "undo_contact", attempt, now, opened_steps=opened, **leave_route(attempt))


def check_undo(user: User, attempt: ContactAttempt, now: datetime) -> None:
    """Raises CaseworkError unless this person may take this entry back now."""
    if attempt.undone_at is not None:
        raise AlreadyChangedError(_("This entry was already taken back."))
    if attempt.by_id != user.pk:
        raise CaseworkError(_("Only the person who wrote this entry can take it back."))
    if not is_fresh(attempt.logged_at, now):
        raise CaseworkError(_("An entry can be taken back for ten minutes; add a note instead."))


def can_undo(user: User, attempt: ContactAttempt, now: datetime) -> bool:
    """Whether to offer it."""
    try:
        check_undo(user, attempt, now)
    except CaseworkError:
        return False
    return True
