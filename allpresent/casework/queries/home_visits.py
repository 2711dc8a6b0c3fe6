"""Home visits as they stand: the board, the visits promised and not yet proposed, a student's, and the month's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import make_aware

from allpresent.access.grants import Sight
from allpresent.access.models import User
from allpresent.casework.models import CaseStep, HomeVisit, VisitFieldNote
from allpresent.casework.models.home_visits import VisitState
from allpresent.casework.models.steps import StepState
from allpresent.roster.models import Student

from .student import Event

OPEN_STATES = (VisitState.PROPOSED, VisitState.SCHEDULED)
_BOARD_DAYS = 30  # how long an ended visit stays on the board


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit as a list shows it; the field notes are not part of it."""

    visit_id: int
    student_id: str
    full_name: str
    grade: str
    homeroom: str
    state: str
    mode: str
    reason: str
    reason_words: str
    visitor: str
    co_visitor: str
    is_mine: bool  # the person asking is one of the two visitors
    starts_at: datetime | None
    ends_at: datetime | None
    on: date | None
    number: int | None
    outcome: str
    promised: str
    promised_on: date | None
    is_out_late: bool  # the expected end is over and nobody has checked out


@dataclass(frozen=True, slots=True)
class PromisedVisit:
    """A visit the protocol promised that nobody has proposed yet."""

    student_id: str
    full_name: str
    grade: str
    homeroom: str
    level: str
    due_on: date | None


def visits_of(students: QuerySet[Student]) -> QuerySet[HomeVisit]:
    """The visits of some students, with the people in them; those taken back are left out."""
    visits = HomeVisit.objects.filter(student_id__in=students.values("pk")).exclude(state=VisitState.WITHDRAWN)
    return visits.select_related("student", "visitor", "co_visitor")


def visit_board(user: User, students: QuerySet[Student], on: date, now: datetime) -> list[VisitRow]:
    """Everything open, and what ended in the last 30 days. One query."""
    recent = Q(state__in=(*OPEN_STATES, VisitState.FOLLOW_UP)) | Q(on__gte=on - timedelta(days=_BOARD_DAYS))
    visits = visits_of(students).filter(recent).order_by("starts_at", "promised_on", "pk")
    return [visit_row(visit, user, now) for visit in visits]


def day_visits(
    user: User, students: QuerySet[Student], starts: datetime, ends: datetime, now: datetime
) -> list[VisitRow]:
    """The visits scheduled between two moments that the person makes. One query."""
    mine = Q(visitor=user) | Q(co_visitor=user)
    visits = visits_of(students).filter(mine, state=VisitState.SCHEDULED, starts_at__gte=starts, starts_at__lt=ends)
    return [visit_row(visit, user, now) for visit in visits.order_by("starts_at", "pk")]


def has_visit_around(user: User, student_id: str, on: date) -> bool:
    """Whether a visit of the person to the student lies between the day before and the day after. One query."""
    mine = HomeVisit.objects.filter(Q(visitor=user) | Q(co_visitor=user), student_id=student_id)
    first, last = on - timedelta(days=1), on + timedelta(days=1)
    starts = make_aware(datetime.combine(first, time.min))
    ends = make_aware(datetime.combine(last + timedelta(days=1), time.min))
    planned = Q(starts_at__gte=starts, starts_at__lt=ends)
    return mine.exclude(state=VisitState.WITHDRAWN).filter(planned | Q(on__range=(first, last))).exists()


def reads_address(user: User, seen: Sight, student_id: str, on: date) -> bool:
    """Whether the family's address may be shown to the person. One query where their visits matter, else none."""
    if seen.reads("D2") or not seen.reads("D2", "visit_days"):
        return seen.reads_address(is_around_visit=False)
    return seen.reads_address(has_visit_around(user, student_id, on))


def missed_check_outs(user: User, students: QuerySet[Student], now: datetime) -> list[VisitRow]:
    """Scheduled visits whose expected end is over and whose visitors have not said that they are out. One query."""
    visits = visits_of(students).filter(
        state=VisitState.SCHEDULED, ends_at__lt=now, checked_out_at=None, mode="in_person"
    )
    return [visit_row(visit, user, now) for visit in visits.order_by("ends_at")]


def visit_row(visit: HomeVisit, user: User, now: datetime) -> VisitRow:
    """A visit as plain values. It asks nothing when the visit was read with its student and its people."""
    student = visit.student
    return VisitRow(
        visit_id=visit.pk,
        student_id=student.pk,
        full_name=student.full_name,
        grade=student.grade,
        homeroom=student.homeroom,
        state=visit.state,
        mode=visit.mode,
        reason=visit.reason,
        reason_words=visit.reason_words,
        visitor=str(visit.visitor or ""),
        co_visitor=str(visit.co_visitor or ""),
        is_mine=user.pk in (visit.visitor_id, visit.co_visitor_id),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        on=visit.on,
        number=visit.number,
        outcome=visit.outcome,
        promised=visit.promised,
        promised_on=visit.promised_on,
        is_out_late=bool(
            visit.state == VisitState.SCHEDULED
            and visit.mode == "in_person"
            and visit.checked_out_at is None
            and visit.ends_at
            and visit.ends_at < now
        ),
    )


def promised_visits(students: QuerySet[Student]) -> list[PromisedVisit]:
    """Students with an open promise of a visit and no visit under way, the one due first on top. One query."""
    under_way = HomeVisit.objects.filter(student_id=OuterRef("case__student_id"), state__in=OPEN_STATES)
    steps = (
        CaseStep.objects.filter(state=StepState.OPEN, promise__evidence="dated_visit")
        .filter(case__student_id__in=students.values("pk"))
        .exclude(Exists(under_way))
        .select_related("case__student")
        .order_by("due_on", "pk")
    )
    found: dict[str, PromisedVisit] = {}
    for step in steps:
        student = step.case.student
        row = PromisedVisit(student.pk, student.full_name, student.grade, student.homeroom, step.level, step.due_on)
        found.setdefault(student.pk, row)
    return list(found.values())


def field_note(visit_id: int) -> VisitFieldNote | None:
    """The restricted notes of a visit. Ask first whether the reader may read D7 of this student."""
    return VisitFieldNote.objects.select_related("by").filter(visit_id=visit_id).first()


def visit_events(student_id: str) -> list[Event]:
    """The visits made or tried, for the timeline; the field notes stay where they are. At most two queries."""
    rows = HomeVisit.objects.filter(student_id=student_id, on__isnull=False).exclude(outcome="")
    events = []
    for row in rows.select_related("visitor", "co_visitor").prefetch_related("causes").order_by("on", "pk"):
        detail = {
            "visit_id": row.pk,
            "number": row.number,
            "outcome": row.outcome,
            "mode": row.mode,
            "with": str(row.co_visitor or ""),
            "met": row.met,
            "language": row.language,
            "causes": [cause.cause for cause in row.causes.all()],
            "promised": row.promised,
            "promised_on": row.promised_on,
        }
        on = row.on
        if on is not None:
            by = str(row.visitor or "")
            events.append(Event(on, "visit", row.recorded_at, by, detail=detail, by_id=row.visitor_id))
    return events


@dataclass(frozen=True, slots=True)
class MonthVisit:
    """A visit as the month's report counts it."""

    student_id: str
    on: date
    number: int
    outcome: str
    mode: str
    school_id: str | None


def visits_between(first: date, last: date, school_ids: Iterable[str] | None = None) -> list[MonthVisit]:
    """Visits made or tried in a span of days, both ends included, of some schools or of all. One query."""
    rows = HomeVisit.objects.filter(on__range=(first, last)).exclude(outcome="").order_by("on", "pk")
    if school_ids is not None:
        rows = rows.filter(school_id__in=list(school_ids))
    return [
        MonthVisit(row.student_id, row.on, row.number or 1, row.outcome, row.mode, row.school_id)
        for row in rows
        if row.on is not None
    ]
