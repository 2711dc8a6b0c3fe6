"""What a school itself promised: recorded by its principal or the district's team, corrected, ended, taken back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import can, once, record
from allpresent.access.models import User
from allpresent.protocol import Protocol
from allpresent.protocol.document import Step
from allpresent.protocol.people import People
from allpresent.protocol.steps import school_steps

from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import PromisePerson, SchoolPromise
from .models.school_promises import PromiseState
from .permissions import local_day
from .promises import keep_wording
from .school_staff import staff_of
from .slips import is_slip
from .transitions import audit_event, find_transition

ACTION = "record_school_promise"
WORDS_MIN, WORDS_MAX = 5, 300
_DATES = ("trained_on", "paid_from")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the school's staff, with the day they were trained and the day from which they are paid."""

    user_id: int
    trained_on: date | None = None
    paid_from: date | None = None


@dataclass(frozen=True, slots=True)
class PromiseForm:
    """Since which day it holds, where that is written down, and whom it names."""

    since: date
    reference: str
    people: tuple[Named, ...] = ()

    def check(self, needed: People | None, staff: Collection[int], on: date) -> None:
        """Raises CaseworkError where the promise could not be so on that day; `staff` are those who may be named."""
        _check_words(self.reference)
        days = [self.since, *(getattr(one, name) for one in self.people for name in _DATES)]
        if any(day is not None and day > on for day in days):
            raise CaseworkError(_("Give days that have come; what is still planned is not in place yet."))
        named = [one.user_id for one in self.people]
        if needed is None and named:
            raise CaseworkError(_("This promise names nobody; leave the people out."))
        if needed is not None and not named:
            raise CaseworkError(_("Name at least one person."))
        if len(set(named)) < len(named):
            raise CaseworkError(_("Somebody is named twice; name each person once."))
        if not set(named) <= set(staff):
            raise CaseworkError(_("Choose people of this school from the list."))


def _check_words(said: str) -> None:
    if not WORDS_MIN <= len(said.strip()) <= WORDS_MAX:
        raise CaseworkError(_("Write it in a few words, at most %(most)d letters.") % {"most": WORDS_MAX})


def find_promise(protocol: Protocol, step_key: str) -> Step:
    """The promise of a school with that key; NotVisibleError where the protocol has none."""
    step = next((one for one in school_steps(protocol) if one.key == step_key), None)
    if step is None:
        raise NotVisibleError(_("There is no such promise."))
    return step


def record_promise(
    user: User, school_id: str, protocol: Protocol, step_key: str, form: PromiseForm, key: str, now: datetime
) -> SchoolPromise:
    """Say that a school has in place what it promised, since a day, with the people it needs."""
    _check_may(user, school_id, now)
    step, on = find_promise(protocol, step_key), local_day(now)
    form.check(step.people, staff_of(school_id, on).keys(), on)

    def keep() -> str:
        find_transition("school promise", "", "record_promise")
        row = SchoolPromise(
            school_id=school_id,
            promise=keep_wording(protocol, step),
            step_key=step.key,
            since=form.since,
            reference=form.reference.strip(),
            recorded_at=now,
            recorded_by=user,
        )
        _save(row)
        _name_all(row, form.people)
        _tell(user, row, "record_promise", now, since=form.since.isoformat(), people=_as_told(form.people))
        return str(row.pk)

    purpose = f"promise:{school_id}:{step.key}"[:64]
    return SchoolPromise.objects.get(pk=int(once(key, user, purpose, keep, at=now)))


def correct_promise(
    user: User, record_id: int, needed: People | None, form: PromiseForm, version: int, key: str, now: datetime
) -> SchoolPromise:
    """Write what is true now; what stood before stays in the audit. `version` is the one the person read."""
    found, on = _own(user, record_id, now), local_day(now)
    before = {one.user_id: one for one in found.people.filter(taken_off_at=None)}
    form.check(needed, {*staff_of(str(found.school_id), on), *before}, on)

    def correct() -> str:
        row = _held(record_id, "correct_promise")
        if row.version != version:
            raise AlreadyChangedError(_("Somebody corrected this meanwhile; read it again, then correct it."))
        held = {"since": row.since.isoformat(), "reference": row.reference}
        row.since, row.reference, row.version = form.since, form.reference.strip(), version + 1
        row.save(update_fields=["since", "reference", "version"])
        was = _rename_all(row, form.people, now)
        people = {"people": _as_told(form.people), "people_before": was}
        _tell(user, row, "correct_promise", now, before=held, since=form.since.isoformat(), **people)
        return str(row.pk)

    once(key, user, f"promise:correct:{record_id}", correct, at=now)
    return SchoolPromise.objects.get(pk=record_id)


def end_promise(user: User, record_id: int, last_day: date, why: str, key: str, now: datetime) -> SchoolPromise:
    """The school no longer has it in place: its last day, and why."""
    found = _own(user, record_id, now)
    if not found.since <= last_day <= local_day(now):
        raise CaseworkError(_("Give a last day from the day it began up to today."))
    return _close(user, record_id, "end_promise", last_day, why, key, now)


def withdraw_promise(user: User, record_id: int, why: str, key: str, now: datetime) -> SchoolPromise:
    """It was never in place: the record stays, marked as a mistake."""
    _own(user, record_id, now)
    return _close(user, record_id, "withdraw_promise", None, why, key, now)


def _close(
    user: User, record_id: int, verb: str, last_day: date | None, why: str, key: str, now: datetime
) -> SchoolPromise:
    said = why.strip()
    _check_words(said)

    def close() -> str:
        row = _held(record_id, verb)
        row.state = find_transition("school promise", row.state, verb).after
        row.closed_on, row.closed_why, row.closed_at, row.closed_by = last_day, said, now, user
        row.save()
        _tell(user, row, verb, now, on=_iso(last_day))
        return str(row.pk)

    once(key, user, f"promise:{verb}:{record_id}", close, at=now)
    return SchoolPromise.objects.get(pk=record_id)


def undo_promise(user: User, record_id: int, key: str, now: datetime) -> SchoolPromise:
    """Take back a slip: its author, within ten minutes. A new record is withdrawn, a closed one holds again."""
    _own(user, record_id, now)

    def undo() -> str:
        row = SchoolPromise.objects.select_for_update(of=("self",)).get(pk=record_id)
        if not can_undo(user, row, now):
            raise CaseworkError(_("Only who wrote an entry can take it back, for ten minutes; correct it instead."))
        row.state = find_transition("school promise", row.state, "undo_promise").after
        is_withdrawn = row.state == PromiseState.WITHDRAWN
        row.closed_at, row.closed_by = (now, user) if is_withdrawn else (None, None)
        row.closed_on, row.closed_why = None, ""
        _save(row)
        _tell(user, row, "undo_promise", now, state=row.state)
        return str(row.pk)

    once(key, user, f"promise:undo:{record_id}", undo, at=now)
    return SchoolPromise.objects.get(pk=record_id)


def can_undo(user: User, row: SchoolPromise, now: datetime) -> bool:
    """Whether this is the person's own slip of the last minutes; what was taken back or corrected is none."""
    is_open = row.state == PromiseState.RECORDED
    by, at = (row.recorded_by_id, row.recorded_at) if is_open else (row.closed_by_id, row.closed_at)
    stands = row.version == 1 if is_open else bool(row.closed_why)
    return stands and is_slip(user, by, at, now)


def _check_may(user: User, school_id: str, now: datetime) -> None:
    if not can(user, ACTION, local_day(now), school_id):
        raise NotVisibleError(_("There is no such school."))


def _own(user: User, record_id: int, now: datetime) -> SchoolPromise:
    """A record of a school the person answers for; NotVisibleError for any other."""
    found = SchoolPromise.objects.filter(pk=record_id).first()
    if found is None:
        raise NotVisibleError(_("There is no such promise."))
    _check_may(user, str(found.school_id), now)
    return found


def _held(record_id: int, verb: str) -> SchoolPromise:
    row = SchoolPromise.objects.select_for_update(of=("self",)).get(pk=record_id)
    if row.state != PromiseState.RECORDED:
        raise AlreadyChangedError(_("This was ended or taken back meanwhile."))
    find_transition("school promise", row.state, verb)
    return row


def _save(row: SchoolPromise) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise AlreadyChangedError(_("Somebody recorded this for the school meanwhile; correct that record.")) from None


def _name_all(row: SchoolPromise, people: Collection[Named]) -> None:
    PromisePerson.objects.bulk_create(
        PromisePerson(record=row, user_id=one.user_id, trained_on=one.trained_on, paid_from=one.paid_from)
        for one in people
    )


def _rename_all(row: SchoolPromise, people: Collection[Named], now: datetime) -> list[dict[str, object]]:
    """Name these people and nobody else; who is no longer named stays, marked so. Returns who was named before."""
    held = {one.user_id: one for one in row.people.filter(taken_off_at=None).order_by("pk")}
    was = _as_told([Named(one.user_id, one.trained_on, one.paid_from) for one in held.values()])
    now_named = {one.user_id: one for one in people}
    row.people.filter(taken_off_at=None).exclude(user_id__in=now_named).update(taken_off_at=now)
    for user_id in held.keys() & now_named:
        wanted = now_named[user_id]
        held[user_id].trained_on, held[user_id].paid_from = wanted.trained_on, wanted.paid_from
    PromisePerson.objects.bulk_update([held[pk] for pk in held.keys() & now_named], _DATES)
    _name_all(row, [one for one in people if one.user_id not in held])
    return was


def _as_told(people: Collection[Named]) -> list[dict[str, object]]:
    return [{"user": one.user_id} | {name: _iso(getattr(one, name)) for name in _DATES} for one in people]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _tell(user: User, row: SchoolPromise, verb: str, now: datetime, **detail: object) -> None:
    about = {"school": row.school_id, "promise": row.step_key}
    event = audit_event("school promise", verb)
    record(user, event, at=now, object_kind="school_promise", object_id=str(row.pk), detail=about | detail)
