"""Mentors on lists: a mentor's own students, and a coordinator's view of loads, silence and worries."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q

from allpresent.access import visible_students
from allpresent.access.grants import schools_for
from allpresent.access.models import Grant, User
from allpresent.casework.mentors import ACTION
from allpresent.casework.models import CaseStep, Mentor, MentorMatch, MentorWorry
from allpresent.casework.models.mentors import Greeting
from allpresent.casework.models.steps import StepState
from allpresent.roster.models import Student

CHECK_INS_A_WEEK = 3


@dataclass(frozen=True, slots=True)
class Mentee:
    """A student of the mentor: greetings this week, the last day of any, and which kind of mentor reads this."""

    match_id: int
    student_id: str
    kind: str
    this_week: int
    last_on: date | None


def week_of(on: date) -> date:
    """Its Monday."""
    return on - timedelta(days=on.weekday())


def my_mentees(user: User, on: date) -> list[Mentee]:
    """The students the mentor greets, those not greeted for longest first. One query."""
    met = Q(check_ins__undone_at=None) & ~Q(check_ins__how=Greeting.NOT_THERE)
    live = MentorMatch.objects.filter(mentor__user=user, ended_on=None, grant__in=Grant.objects.in_force(on))
    rows = live.select_related("mentor").annotate(
        this_week=Count("check_ins", filter=met & Q(check_ins__on__gte=week_of(on))),
        last_on=Max("check_ins__on", filter=met),
    )
    found = [Mentee(row.pk, row.student_id, row.mentor.kind, row.this_week, row.last_on) for row in rows]
    return sorted(found, key=lambda row: (row.this_week, row.last_on or date.min, row.match_id))


@dataclass(frozen=True, slots=True)
class MentorRow:
    """A mentor on the roster with their load, this week's greetings, and the last day of any."""

    mentor_id: int
    name: str
    kind: str
    grades: str
    languages: str
    load: int
    load_limit: int
    this_week: int
    last_on: date | None
    since: date | None  # of the oldest live match

    @property
    def is_silent(self) -> bool:
        """Has students, and greeted none of them this week."""
        return self.load > 0 and self.this_week == 0


def roster(user: User, on: date) -> list[MentorRow]:
    """The mentors of the schools the person coordinates, the silent first. One query."""
    live = Q(matches__ended_on=None)
    met = live & Q(matches__check_ins__undone_at=None) & ~Q(matches__check_ins__how=Greeting.NOT_THERE)
    mentors = Mentor.objects.filter(school__in=schools_for(user, ACTION, on)).select_related("user")
    rows = mentors.annotate(
        load=Count("matches", filter=live & Q(matches__isnull=False), distinct=True),
        this_week=Count("matches__check_ins", filter=met & Q(matches__check_ins__on__gte=week_of(on)), distinct=True),
        last_on=Max("matches__check_ins__on", filter=met),
        since=Max("matches__starts_on", filter=live),
    )
    found = [
        MentorRow(
            row.pk,
            str(row.user),
            row.kind,
            row.grades,
            row.languages,
            row.load,
            row.load_limit,
            row.this_week,
            row.last_on,
            row.since,
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (not row.is_silent, row.name))


def live_matches(user: User, on: date) -> list[MentorMatch]:
    """The matches of students the person may see. One query."""
    seen = MentorMatch.objects.filter(ended_on=None, student_id__in=visible_students(user, on).values("pk"))
    return list(seen.select_related("mentor__user", "student").order_by("student__full_name"))


def waiting_students(user: User, on: date) -> list[Student]:
    """Students who were promised a mentor and have none. One query."""
    promised = CaseStep.objects.filter(state=StepState.OPEN, promise__evidence="mentor_match")
    matched = MentorMatch.objects.filter(ended_on=None)
    waiting = visible_students(user, on).filter(pk__in=promised.values("case__student_id"))
    return list(waiting.exclude(pk__in=matched.values("student_id")).order_by("full_name"))


def open_worries(user: User, on: date) -> list[MentorWorry]:
    """What mentors told the team and nobody took up yet, oldest first. One query."""
    seen = MentorWorry.objects.filter(taken_at=None, match__student_id__in=visible_students(user, on).values("pk"))
    return list(seen.select_related("match__mentor__user", "match__student").order_by("at"))
