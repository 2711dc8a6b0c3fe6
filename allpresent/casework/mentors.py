"""Success mentors: on the roster, matched with a student and let go, greeting three times a week, telling a worry."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import can, once, record
from allpresent.access.giving import end_grant, give_grant
from allpresent.access.models import Grant, User
from allpresent.roster.models import Student

from .closing import close_by_evidence
from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import CheckIn, Mentor, MentorMatch, MentorWorry
from .models.mentors import Greeting, MatchEnding, MentorKind
from .permissions import check_may, local_day
from .transitions import audit_event, find_transition

ACTION = "manage_mentors"
UNDO_WITHIN = timedelta(minutes=10)
LOADS = range(1, 31)
WORDS_MIN, WORDS_MAX = 5, 2000
_RELATIONS = {MentorKind.ADULT: "success_mentor", MentorKind.PEER: "peer_mentor"}


@dataclass(frozen=True, slots=True)
class MentorForm:
    """Who joins the roster: found by the address they sign in with; no grade named means any."""

    email: str
    kind: str
    grades: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    load_limit: int = 3

    def __post_init__(self) -> None:
        if self.kind not in MentorKind.values:
            raise CaseworkError(_("Choose whether the mentor is an adult or a senior peer."))
        if self.load_limit not in LOADS:
            raise CaseworkError(_("Choose a load of 1 to 30 students."))
        if len(" ".join(self.grades)) > 60 or len(" ".join(self.languages)) > 60:
            raise CaseworkError(_("Name fewer grades or languages."))


def add_mentor(user: User, school_id: str, form: MentorForm, key: str, now: datetime) -> Mentor:
    """Put a person on the school's roster of mentors. They see nobody by it."""
    if not can(user, ACTION, local_day(now), school_id):
        raise NotVisibleError(_("There is no such school."))
    person = User.objects.filter(email=form.email.strip().lower(), is_active=True).first()
    if person is None:
        raise CaseworkError(_("Nobody signs in with this address; ask the IT administrator to add the person first."))

    def add() -> str:
        find_transition("mentor", "", "add_mentor")
        try:
            with transaction.atomic():
                mentor = Mentor.objects.create(
                    user=person,
                    school_id=school_id,
                    kind=form.kind,
                    grades=" ".join(form.grades),
                    languages=" ".join(form.languages),
                    load_limit=form.load_limit,
                )
        except IntegrityError:
            raise AlreadyChangedError(_("%(who)s is on a roster of mentors already.") % {"who": person}) from None
        event = audit_event("mentor", "add_mentor")
        record(user, event, at=now, object_kind="mentor", object_id=str(mentor.pk), detail={"kind": form.kind})
        return str(mentor.pk)

    return Mentor.objects.get(pk=int(once(key, user, "mentor:add", add, at=now)))


def match_mentor(user: User, mentor_id: int, student_id: str, key: str, now: datetime) -> MentorMatch:
    """Let a mentor greet a student: a grant from today, and the promised mentor steps are closed by it."""
    on = local_day(now)
    check_may(user, student_id, ACTION, on)
    mentor = Mentor.objects.select_related("user").filter(pk=mentor_id).first()
    if mentor is None or not can(user, ACTION, on, mentor.school_id):
        raise NotVisibleError(_("There is no such mentor."))
    student = Student.objects.get(pk=student_id)

    def match() -> str:
        find_transition("match", "", "match_mentor")
        _check_fit(mentor, student)
        grant = give_grant(
            mentor.user,
            _RELATIONS[MentorKind(mentor.kind)],
            Grant.Kind.STUDENT,
            student_id,
            starts_on=on,
            by=user,
            source="casework",
            at=now,
        )
        try:
            with transaction.atomic():
                made = MentorMatch.objects.create(mentor=mentor, student=student, grant=grant, starts_on=on)
        except IntegrityError:
            raise AlreadyChangedError(_("Another mentor was matched with this student meanwhile.")) from None
        closed = close_by_evidence(student_id, "mentor_match", on, user, f"match:{made.pk}", now)
        _tell(user, made, "match", "match_mentor", now, closed_steps=closed)
        return str(made.pk)

    return MentorMatch.objects.get(pk=int(once(key, user, f"match:{student_id}", match, at=now)))


def _check_fit(mentor: Mentor, student: Student) -> None:
    Mentor.objects.select_for_update().get(pk=mentor.pk)
    if not mentor.user.is_active:
        raise CaseworkError(_("%(who)s no longer signs in; choose another mentor.") % {"who": mentor})
    if mentor.grades and student.grade not in mentor.grades.split():
        raise CaseworkError(_("%(who)s is a mentor for other grades; choose another mentor.") % {"who": mentor})
    if MentorMatch.objects.filter(mentor=mentor, ended_on=None).count() >= mentor.load_limit:
        raise CaseworkError(_("%(who)s has as many students as agreed; choose another mentor.") % {"who": mentor})


def end_match(user: User, match_id: int, ending: str, why: str, key: str, now: datetime) -> MentorMatch:
    """End a match for a reason; from today the mentor no longer sees the student. What was promised stays done."""
    found = MentorMatch.objects.select_related("grant").filter(pk=match_id).first()
    if found is None:
        raise NotVisibleError(_("There is no such match."))
    on = local_day(now)
    check_may(user, found.student_id, ACTION, on)
    if ending not in MatchEnding.values:
        raise CaseworkError(_("Choose why it ends."))
    said = why.strip()[:WORDS_MAX]

    def end() -> str:
        find_transition("match", "matched", "end_match")
        kept = {"ended_on": on, "ending": ending, "ended_why": said}
        if not MentorMatch.objects.filter(pk=match_id, ended_on=None).update(**kept):
            raise AlreadyChangedError(_("This match was ended meanwhile."))
        end_grant(found.grant, on=on, by=user, at=now)
        _tell(user, found, "match", "end_match", now, ending=ending)
        return str(match_id)

    once(key, user, f"match:end:{match_id}", end, at=now)
    return MentorMatch.objects.get(pk=match_id)


def own_match(user: User, match_id: int, now: datetime) -> MentorMatch:
    """A live match of this mentor whose grant holds today; NotVisibleError for any other."""
    on = local_day(now)
    found = MentorMatch.objects.filter(pk=match_id, mentor__user=user, mentor__user__is_active=True, ended_on=None)
    match = found.filter(grant__in=Grant.objects.in_force(on)).first()
    if match is None:
        raise NotVisibleError(_("There is no such student."))
    return match


def check_in(user: User, match_id: int, how: str, key: str, now: datetime) -> CheckIn:
    """Log a greeting with one tap."""
    match = own_match(user, match_id, now)
    if how not in Greeting.values:
        raise CaseworkError(_("Choose how it went."))

    def log() -> str:
        find_transition("check-in", "", "check_in")
        made = CheckIn.objects.create(match=match, on=local_day(now), at=now, how=how)
        _tell(user, match, "check-in", "check_in", now, how=how)
        return str(made.pk)

    return CheckIn.objects.get(pk=int(once(key, user, f"checkin:{match_id}", log, at=now)))


def undo_check_in(user: User, check_in_id: int, now: datetime) -> None:
    """Take back a greeting just logged: its mentor, within ten minutes."""
    with transaction.atomic():
        found = CheckIn.objects.select_for_update().filter(pk=check_in_id, undone_at=None).first()
        if found is None:
            raise NotVisibleError(_("There is no such entry."))
        match = own_match(user, found.match_id, now)
        if now > found.at + UNDO_WITHIN:
            raise CaseworkError(_("A greeting can be taken back for ten minutes."))
        find_transition("check-in", "logged", "undo_check_in")
        found.undone_at = now
        found.save(update_fields=["undone_at"])
        _tell(user, match, "check-in", "undo_check_in", now)


def send_worry(user: User, match_id: int, text: str, key: str, now: datetime) -> MentorWorry:
    """Tell the school's attendance team, and nobody else, what worries the mentor."""
    match, said = own_match(user, match_id, now), text.strip()
    _check_words(said)

    def send() -> str:
        find_transition("worry", "", "send_worry")
        worry = MentorWorry.objects.create(match=match, at=now, text=said)
        _tell(user, match, "worry", "send_worry", now)
        return str(worry.pk)

    return MentorWorry.objects.get(pk=int(once(key, user, f"worry:{match_id}", send, at=now)))


def take_worry(user: User, worry_id: int, answer: str, key: str, now: datetime) -> None:
    """Take a worry off the list by writing down what is done about it."""
    found, said = MentorWorry.objects.select_related("match").filter(pk=worry_id).first(), answer.strip()
    if found is None:
        raise NotVisibleError(_("There is no such worry."))
    check_may(user, found.match.student_id, ACTION, local_day(now))
    _check_words(said)

    def take() -> str:
        find_transition("worry", "open", "take_worry")
        kept = {"taken_at": now, "taken_by": user, "answer": said}
        if not MentorWorry.objects.filter(pk=worry_id, taken_at=None).update(**kept):
            raise AlreadyChangedError(_("Somebody took this worry up meanwhile."))
        _tell(user, found.match, "worry", "take_worry", now)
        return str(worry_id)

    once(key, user, f"worry:take:{worry_id}", take, at=now)


def _check_words(said: str) -> None:
    if not WORDS_MIN <= len(said) <= WORDS_MAX:
        raise CaseworkError(_("Write it in a few words, at most %(most)d letters.") % {"most": WORDS_MAX})


def _tell(user: User, match: MentorMatch, thing: str, verb: str, now: datetime, **detail: object) -> None:
    record(
        user,
        audit_event(thing, verb),
        at=now,
        student_id=match.student_id,
        object_kind="match",
        object_id=str(match.pk),
        detail=detail,
    )
