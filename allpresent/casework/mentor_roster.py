"""The roster of a school's mentors: who is on it, whom they fit, and who left it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import can, once, record
from allpresent.access.models import User

from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .mentor_acts import ACTION, check_words, let_go, on_roster, own_mentor
from .models import Mentor
from .models.mentors import MatchEnding, MentorKind
from .permissions import local_day
from .transitions import audit_event, find_transition

LOADS = range(1, 31)


@dataclass(frozen=True, slots=True)
class Fit:
    """Whom a mentor fits; no grade named means any."""

    grades: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    load_limit: int = 3

    def __post_init__(self) -> None:
        if self.load_limit not in LOADS:
            raise CaseworkError(_("Choose a load of 1 to 30 students."))
        if len(" ".join(self.grades)) > 60 or len(" ".join(self.languages)) > 60:
            raise CaseworkError(_("Name fewer grades or languages."))

    def kept(self) -> dict[str, str | int]:
        """The values as they are kept."""
        return {
            "grades": " ".join(self.grades),
            "languages": " ".join(self.languages),
            "load_limit": self.load_limit,
        }


@dataclass(frozen=True, slots=True)
class MentorForm:
    """Who joins the roster: found by the address they sign in with; the rest as in Fit."""

    email: str
    kind: str
    grades: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    load_limit: int = 3

    def __post_init__(self) -> None:
        Fit(self.grades, self.languages, self.load_limit)
        if self.kind not in MentorKind.values:
            raise CaseworkError(_("Choose whether the mentor is an adult or a senior peer."))


def add_mentor(user: User, school_id: str, form: MentorForm, key: str, now: datetime) -> Mentor:
    """Put a person on the school's roster of mentors, also one who left a roster before. They see nobody by it."""
    if not can(user, ACTION, local_day(now), school_id):
        raise NotVisibleError(_("There is no such school."))
    person = User.objects.filter(email=form.email.strip().lower(), is_active=True).first()
    if person is None:
        raise CaseworkError(_("Nobody signs in with this address; ask the IT administrator to add the person first."))

    fit = Fit(form.grades, form.languages, form.load_limit)

    def add() -> str:
        before = Mentor.objects.filter(user=person).exclude(left_on=None).first()
        find_transition("mentor", "off the roster" if before else "", "add_mentor")
        row = before or Mentor(user=person)
        row.school_id, row.kind, row.left_on, row.left_why = school_id, form.kind, None, ""
        for name, value in fit.kept().items():
            setattr(row, name, value)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise AlreadyChangedError(_("%(who)s is on a roster of mentors already.") % {"who": person}) from None
        _tell_roster(user, row, "add_mentor", now, kind=form.kind)
        return str(row.pk)

    return Mentor.objects.get(pk=int(once(key, user, "mentor:add", add, at=now)))


def edit_mentor(user: User, mentor_id: int, fit: Fit, key: str, now: datetime) -> Mentor:
    """Change whom a mentor fits and how many; the students they greet now stay theirs."""
    own_mentor(user, mentor_id, now)

    def edit() -> str:
        row = on_roster(mentor_id, "edit_mentor")
        Mentor.objects.filter(pk=mentor_id).update(**fit.kept())
        _tell_roster(user, row, "edit_mentor", now, load_limit=fit.load_limit)
        return str(mentor_id)

    once(key, user, f"mentor:edit:{mentor_id}", edit, at=now)
    return Mentor.objects.get(pk=mentor_id)


def remove_mentor(user: User, mentor_id: int, why: str, key: str, now: datetime) -> Mentor:
    """Take a mentor off the roster for a reason; every match ends with its grant, and the students wait again."""
    own_mentor(user, mentor_id, now)
    on, said = local_day(now), why.strip()
    check_words(said)

    def remove() -> str:
        row = on_roster(mentor_id, "remove_mentor")
        live = list(row.matches.filter(ended_on=None).select_related("grant").order_by("pk"))
        for made in live:
            let_go(made, MatchEnding.MENTOR_LEFT, said, user, now)
        Mentor.objects.filter(pk=mentor_id).update(left_on=on, left_why=said)
        _tell_roster(user, row, "remove_mentor", now, matches=[made.pk for made in live])
        return str(mentor_id)

    once(key, user, f"mentor:remove:{mentor_id}", remove, at=now)
    return Mentor.objects.get(pk=mentor_id)


def _tell_roster(user: User, mentor: Mentor, verb: str, now: datetime, **detail: object) -> None:
    event = audit_event("mentor", verb)
    record(user, event, at=now, object_kind="mentor", object_id=str(mentor.pk), detail=detail)
