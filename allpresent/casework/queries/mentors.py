"""Mentors on lists: a mentor's own students, and a coordinator's view of loads, silence and worries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q

from allpresent.access.grants import schools_for
from allpresent.access.models import Grant, User
from allpresent.casework.mentor_acts import ACTION
from allpresent.casework.models import CaseStep, Mentor, MentorMatch, MentorWorry
from allpresent.casework.models.mentors import Greeting, MatchEnding
from allpresent.casework.models.steps import StepState
from allpresent.roster.models import Student

from .open_work import students_for
from .student import Event

CHECK_INS_A_WEEK = 3
SILENT_AFTER = 7  # days
LEFT_WITHIN = timedelta(days=180)


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

    def quiet_days(self, on: date) -> int:
        """Days since the last greeting of a student they have now, or since they have one; 0 without students."""
        last = self.last_on or self.since
        return (on - last).days if self.load and last else 0

    def is_silent(self, on: date) -> bool:
        """Has students, and greeted none of them for a week."""
        return self.quiet_days(on) >= SILENT_AFTER


def roster(user: User, on: date) -> list[MentorRow]:
    """The mentors of the schools the person coordinates, the silent first. One query."""
    live = Q(matches__ended_on=None)
    met = live & Q(matches__check_ins__undone_at=None) & ~Q(matches__check_ins__how=Greeting.NOT_THERE)
    here = schools_for(user, ACTION, on)
    mentors = Mentor.objects.filter(left_on=None, school__in=here).select_related("user")
    rows = mentors.annotate(
        load=Count("matches", filter=live & Q(matches__isnull=False), distinct=True),
        this_week=Count("matches__check_ins", filter=met & Q(matches__check_ins__on__gte=week_of(on)), distinct=True),
        last_on=Max("matches__check_ins__on", filter=met),
        since=Min("matches__starts_on", filter=live),
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
    return sorted(found, key=lambda row: (not row.is_silent(on), row.name))


def live_matches(user: User, on: date, mentor_id: int | None = None) -> list[MentorMatch]:
    """The matches of students the person coordinates, or of those the ones of one mentor. One query."""
    seen = MentorMatch.objects.filter(ended_on=None, student_id__in=students_for(user, ACTION, on).values("pk"))
    seen = seen.filter(mentor_id=mentor_id) if mentor_id else seen
    return list(seen.select_related("mentor__user", "student").order_by("student__full_name"))


def waiting_students(user: User, on: date) -> list[Student]:
    """Students who were promised a mentor, or whose mentor left in the last half-year, and have none. One query."""
    promised = CaseStep.objects.filter(state=StepState.OPEN, promise__evidence="mentor_match")
    left = MentorMatch.objects.filter(ending=MatchEnding.MENTOR_LEFT, ended_on__gt=on - LEFT_WITHIN)
    matched = MentorMatch.objects.filter(ended_on=None)
    either = Q(pk__in=promised.values("case__student_id")) | Q(pk__in=left.values("student_id"), is_enrolled=True)
    waiting = students_for(user, ACTION, on).filter(either)
    return list(waiting.exclude(pk__in=matched.values("student_id")).order_by("full_name"))


def open_worries(user: User, on: date) -> list[MentorWorry]:
    """What mentors told the team and nobody answered yet, the one due first on top. One query."""
    seen = MentorWorry.objects.filter(taken_at=None, match__student_id__in=students_for(user, ACTION, on).values("pk"))
    return list(seen.select_related("match__mentor__user", "match__student", "owner").order_by("due_on", "at"))


def mentor_events(student_id: str) -> list[Event]:
    """The student's mentors for the timeline: matched, greeted by the week, ended. Never a worry. One query."""
    names = (
        "mentor__kind",
        "mentor__user",
        "mentor__user__full_name",
        "mentor__user__email",
        "starts_on",
        "ended_on",
        "ending",
    )
    met = ("check_ins__on", "check_ins__how", "check_ins__undone_at")
    rows = MentorMatch.objects.filter(student_id=student_id).order_by("pk", "check_ins__at").values("pk", *names, *met)
    matches: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        matches.setdefault(row["pk"], []).append(row)
    return [event for found in matches.values() for event in _events_of(found)]


def _events_of(rows: list[dict[str, Any]]) -> Iterable[Event]:
    match = rows[0]
    name = match["mentor__user__full_name"] or match["mentor__user__email"]
    about = {"kind": match["mentor__kind"], "mentor": name}
    yield Event(match["starts_on"], "mentor", detail=about | {"act": "matched"})
    weeks: dict[date, list[date]] = {}
    for row in rows:
        if row["check_ins__on"] and not row["check_ins__undone_at"] and row["check_ins__how"] != Greeting.NOT_THERE:
            weeks.setdefault(week_of(row["check_ins__on"]), []).append(row["check_ins__on"])
    for days in weeks.values():
        told = about | {"act": "greeted", "times": len(days)}
        yield Event(max(days), "mentor", by=name, detail=told, by_id=match["mentor__user"])
    if match["ended_on"]:
        yield Event(match["ended_on"], "mentor", detail=about | {"act": "ended", "ending": match["ending"]})
