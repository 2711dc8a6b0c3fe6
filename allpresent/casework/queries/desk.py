"""The lists: what is open, for whom to do, who crossed a level, whose family nobody reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy

from allpresent.access import visible_students
from allpresent.access.models import User
from allpresent.casework.models import Case, CaseStep, ContactAttempt, LevelCrossing
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.steps import StepState
from allpresent.casework.owners import owners_of
from allpresent.roster.models import Student

CALL = "call"


@dataclass(frozen=True, slots=True)
class LastContact:
    """The last attempt to speak with a family: the day, its result, and who tried."""

    on: date
    result: str
    by: str


@dataclass(frozen=True, slots=True)
class KindCount:
    """Open steps of one kind: of how many students, how many steps, and how many of the steps are overdue."""

    students: int
    steps: int
    late: int


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One open step with its student, and when the family was last reached by anybody."""

    step_id: int
    student_id: str
    full_name: str
    grade: str
    homeroom: str
    school_id: str | None
    level: str  # of the case now; the step may be of a lower one
    step_key: str
    kind: str
    label_en: str
    label_es: str
    owner_role: str
    assigned_to: int | None
    due_on: date | None
    reached_on: date | None


@dataclass(frozen=True, slots=True)
class Crossed:
    """A level reached: by whom, on the day of which absence, and the levels passed over with it."""

    student_id: str
    full_name: str
    level: str
    crossed_on: date
    noticed_at: datetime
    skipped_levels: tuple[str, ...]


def students_of(user: User, on: date, school_id: str | None = None) -> QuerySet[Student]:
    """The students a list is made of: those the person may see, of one school if it is named."""
    seen = visible_students(user, on)
    return seen.filter(school_id=school_id) if school_id is not None else seen


def open_steps_of(students: QuerySet[Student]) -> QuerySet[CaseStep]:
    """The open steps of some students."""
    return CaseStep.objects.filter(state=StepState.OPEN, case__student_id__in=students.values("pk"))


def open_calls(user: User, on: date) -> list[WorkRow]:
    """The calls that are this person's to make, one a student, the one due first on top. Two queries.

    Theirs are the steps given to them by name, and those of their role that nobody was named for.
    """
    mine = Q(assigned_to=user) | Q(assigned_to=None, owner_role__in=owners_of(user, on))
    rows = _rows(open_steps_of(students_of(user, on)).filter(mine, kind=CALL))
    found: dict[str, WorkRow] = {}
    for row in rows:
        found.setdefault(row.student_id, row)
    return list(found.values())


def today_counts(user: User, on: date, school_id: str | None = None) -> dict[str, KindCount]:
    """By kind of step what is open, for the counter cards. One query."""
    rows = open_steps_of(students_of(user, on, school_id)).values("kind").order_by("kind")
    counted = rows.annotate(
        students=Count("case__student_id", distinct=True), steps=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on))
    )
    return {row["kind"]: KindCount(row["students"], row["steps"], row["late"]) for row in counted}


def today_rows(
    user: User,
    on: date,
    school_id: str | None = None,
    *,
    kind: str | None = None,
    level: str | None = None,
    is_late: bool = False,
    assigned_to: User | None = None,
) -> list[WorkRow]:
    """The open steps of a list: families never reached first, then those reached longest ago. One query."""
    rows = open_steps_of(students_of(user, on, school_id))
    if kind is not None:
        rows = rows.filter(kind=kind)
    if level is not None:
        rows = rows.filter(case__level=level)
    if is_late:
        rows = rows.filter(due_on__lt=on)
    if assigned_to is not None:
        rows = rows.filter(assigned_to=assigned_to)
    return _rows(rows, F("reached_on").asc(nulls_first=True))


def _rows(steps: QuerySet[CaseStep], *first: OrderBy) -> list[WorkRow]:
    student = "case__student__"
    values = (
        steps.annotate(reached_on=_reached_on(OuterRef("case__student_id")))
        .order_by(*first, F("due_on").asc(nulls_last=True), f"{student}full_name", "pk")
        .values_list(
            *("pk", "case__student_id", f"{student}full_name", f"{student}grade", f"{student}homeroom"),
            *(f"{student}school_id", "case__level", "step_key", "kind", "promise__label_en", "promise__label_es"),
            *("owner_role", "assigned_to_id", "due_on", "reached_on"),
        )
    )
    return [WorkRow(*row) for row in values]


def _reached_on(student: OuterRef) -> Subquery:
    reached = ContactAttempt.objects.filter(student_id=student, result=Result.REACHED, undone_at=None)
    return Subquery(reached.order_by().values("student_id").annotate(last=Max("on")).values("last"))


def crossed_since(user: User, since: datetime, on: date, school_id: str | None = None) -> list[Crossed]:
    """The highest level each student was noticed at since a moment, newest first. One query."""
    rows = LevelCrossing.objects.filter(
        is_withdrawn=False,
        is_skipped=False,
        noticed_at__gt=since,
        case__student_id__in=students_of(user, on, school_id).values("pk"),
    ).select_related("case__student")
    found: dict[str, Crossed] = {}
    for row in rows.order_by("-noticed_at", "-level", "case__student__full_name", "pk"):
        student = row.case.student
        crossed = Crossed(
            student.pk, student.full_name, row.level, row.crossed_on, row.noticed_at, tuple(row.skipped_levels)
        )
        found.setdefault(student.pk, crossed)
    return list(found.values())


def silent_cases(user: User, on: date, since: date, school_id: str | None = None) -> list[str]:
    """Students with a case as old as a day and steps still open, and nobody reached from that day on. One query.

    `since` is the day ten school days back (`kept.school_days_before`).
    """
    reached = ContactAttempt.objects.filter(
        student_id=OuterRef("student_id"), result=Result.REACHED, undone_at=None, on__gte=since
    )
    waiting = CaseStep.objects.filter(case_id=OuterRef("pk"), state=StepState.OPEN)
    students = students_of(user, on, school_id).values("pk")
    rows = Case.objects.filter(~Exists(reached), Exists(waiting), closed_on=None, opened_on__lte=since)
    return list(
        rows.filter(student_id__in=students).order_by("student__full_name").values_list("student_id", flat=True)
    )


def last_contacts(student_ids: Iterable[str]) -> dict[str, LastContact]:
    """The last attempt for each student, whoever made it. One query."""
    newest = ContactAttempt.objects.filter(student_id=OuterRef("student_id"), undone_at=None).order_by("-at", "-pk")
    rows = ContactAttempt.objects.filter(student_id__in=list(student_ids), pk=Subquery(newest.values("pk")[:1]))
    return {row.student_id: LastContact(row.on, row.result, str(row.by)) for row in rows.select_related("by")}
