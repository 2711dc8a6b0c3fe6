"""What every act on mentors does: whose mentor it is, whether they are on the roster, and one audit entry."""

from datetime import datetime

from django.utils.translation import gettext as _

from allpresent.access import can, record
from allpresent.access.giving import end_grant
from allpresent.access.models import User

from .days import day_words
from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import Mentor, MentorMatch
from .permissions import local_day
from .transitions import audit_event, find_transition

ACTION = "manage_mentors"
WORDS_MIN, WORDS_MAX = 5, 2000


def own_mentor(user: User, mentor_id: int, now: datetime) -> Mentor:
    """A mentor of a school the person coordinates, also one who left; NotVisibleError for any other."""
    mentor = Mentor.objects.select_related("user").filter(pk=mentor_id).first()
    if mentor is None or not can(user, ACTION, local_day(now), mentor.school_id):
        raise NotVisibleError(_("There is no such mentor."))
    return mentor


def on_roster(mentor_id: int, verb: str) -> Mentor:
    """The mentor held for this act. Raises AlreadyChangedError for one who left the roster."""
    row = Mentor.objects.select_for_update(of=("self",)).select_related("user").get(pk=mentor_id)
    if row.left_on is not None:
        raise AlreadyChangedError(
            _("%(who)s is off the roster since %(day)s.") % {"who": row, "day": day_words(row.left_on)}
        )
    find_transition("mentor", "on the roster", verb)
    return row


def let_go(
    match: MentorMatch, ending: str, said: str, user: User | None, now: datetime, verb: str = "end_match"
) -> None:
    """End a match with its grant; AlreadyChangedError where it has ended."""
    find_transition("match", "matched", verb)
    kept = {"ended_on": local_day(now), "ending": ending, "ended_why": said}
    if not MentorMatch.objects.filter(pk=match.pk, ended_on=None).update(**kept):
        raise AlreadyChangedError(_("This match was ended meanwhile."))
    end_grant(match.grant, on=local_day(now), by=user, at=now)
    tell_match(user, match, "match", verb, now, ending=ending)


def check_words(said: str) -> None:
    if not WORDS_MIN <= len(said) <= WORDS_MAX:
        raise CaseworkError(_("Write it in a few words, at most %(most)d letters.") % {"most": WORDS_MAX})


def tell_match(user: User | None, match: MentorMatch, thing: str, verb: str, now: datetime, **detail: object) -> None:
    record(
        user,
        audit_event(thing, verb),
        at=now,
        student_id=match.student_id,
        object_kind="match",
        object_id=str(match.pk),
        detail=detail,
    )
