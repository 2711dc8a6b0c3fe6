"""Success mentors at work: matched with a student and let go, greeting three times a week, telling a worry."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import can, once
from allpresent.access.giving import give_grant
from allpresent.access.models import Grant, User
from allpresent.roster.models import Student

from .closing import close_by_evidence
from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .mentor_acts import ACTION, WORDS_MAX, check_words, let_go, on_roster, own_mentor, tell_match
from .models import CheckIn, Mentor, MentorMatch, MentorWorry
from .models.mentors import Greeting, MatchEnding, MentorKind
from .permissions import check_may, local_day
from .slips import is_fresh
from .transitions import find_transition

ANSWER_WITHIN = 2  # school days
_RELATIONS = {MentorKind.ADULT: "success_mentor", MentorKind.PEER: "peer_mentor"}


def match_mentor(user: User, mentor_id: int, student_id: str, key: str, now: datetime) -> MentorMatch:
    """Let a mentor greet a student: a grant from today, and the promised mentor steps are closed by it."""
    on = local_day(now)
    check_may(user, student_id, ACTION, on)
    mentor = own_mentor(user, mentor_id, now)
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
        tell_match(user, made, "match", "match_mentor", now, closed_steps=closed)
        return str(made.pk)

    return MentorMatch.objects.get(pk=int(once(key, user, f"match:{student_id}", match, at=now)))


def _check_fit(mentor: Mentor, student: Student) -> None:
    mentor = on_roster(mentor.pk, "edit_mentor")
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
        let_go(found, ending, said, user, now)
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
        tell_match(user, match, "check-in", "check_in", now, how=how)
        return str(made.pk)

    return CheckIn.objects.get(pk=int(once(key, user, f"checkin:{match_id}", log, at=now)))


def undo_check_in(user: User, check_in_id: int, now: datetime) -> None:
    """Take back a greeting just logged: its mentor, within ten minutes."""
    with transaction.atomic():
        found = CheckIn.objects.select_for_update().filter(pk=check_in_id, undone_at=None).first()
        if found is None:
            raise NotVisibleError(_("There is no such entry."))
        match = own_match(user, found.match_id, now)
        if not is_fresh(found.at, now):
            raise CaseworkError(_("A greeting can be taken back for ten minutes."))
        find_transition("check-in", "logged", "undo_check_in")
        found.undone_at = now
        found.save(update_fields=["undone_at"])
        tell_match(user, match, "check-in", "undo_check_in", now)


def send_worry(
    user: User, match_id: int, text: str, key: str, now: datetime, session_days: Iterable[date] = ()
) -> MentorWorry:
    """Tell the school's attendance team, and nobody else, what worries the mentor.

    By itself it is somebody's to answer within two of the school's days, ``session_days``: of who matched the two, or,
    where that person no longer coordinates the school's mentors, of whoever of its team is first.
    """
    match, said = own_match(user, match_id, now), text.strip()
    check_words(said)
    on = local_day(now)

    def send() -> str:
        find_transition("worry", "", "send_worry")
        worry = MentorWorry.objects.create(
            match=match, at=now, text=said, due_on=answer_by(on, session_days), owner=_owner_of(match, on)
        )
        detail = {"due_on": worry.due_on.isoformat(), "owner": worry.owner_id}
        tell_match(user, match, "worry", "send_worry", now, **detail)
        return str(worry.pk)

    return MentorWorry.objects.get(pk=int(once(key, user, f"worry:{match_id}", send, at=now)))


def answer_by(on: date, session_days: Iterable[date]) -> date:
    """The second school day after a day; two days on where the calendar does not reach so far."""
    ahead = sorted(day for day in session_days if day > on)
    return ahead[ANSWER_WITHIN - 1] if len(ahead) >= ANSWER_WITHIN else on + timedelta(days=ANSWER_WITHIN)


def _owner_of(match: MentorMatch, on: date) -> User | None:
    """Who matched them, if that person still coordinates the mentors there."""
    person = User.objects.filter(email=match.grant.given_by, is_active=True).first()
    return person if person and can(person, ACTION, on, match.mentor.school_id) else None


def take_worry(user: User, worry_id: int, answer: str, key: str, now: datetime) -> None:
    """Take a worry off the list by writing down what is done about it."""
    found, said = MentorWorry.objects.select_related("match").filter(pk=worry_id).first(), answer.strip()
    if found is None:
        raise NotVisibleError(_("There is no such worry."))
    check_may(user, found.match.student_id, ACTION, local_day(now))
    check_words(said)

    def take() -> str:
        find_transition("worry", "open", "take_worry")
        kept = {"taken_at": now, "taken_by": user, "answer": said}
        if not MentorWorry.objects.filter(pk=worry_id, taken_at=None).update(**kept):
            raise AlreadyChangedError(_("Somebody took this worry up meanwhile."))
        tell_match(user, found.match, "worry", "take_worry", now)
        return str(worry_id)

    once(key, user, f"worry:take:{worry_id}", take, at=now)
