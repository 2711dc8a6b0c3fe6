"""What is open for a person today, as plain rows: promised steps, last contacts, levels crossed.

``casework.queries`` answers for every student a person may see. The desk is narrower: the students the person may see
*and* works for at a desk, by the same relation, so that a teacher of one school on the team of another sees only the
latter's. Every list here is made of that scope.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from allpresent.access import visible_students
from allpresent.access.grants import schools_for
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.access.roles import ACTIONS, ROLES
from allpresent.casework.models import Case, CaseStep, ContactAttempt, LevelCrossing
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.steps import Ending, StepState
from allpresent.roster.models import Enrollment, SectionStaff, Student, in_force

OPEN = StepState.OPEN
CALL = "call"
_STEP_FIELDS = (
    *("pk", "case__student_id", "case__student__full_name", "case__student__school_id"),
    *("promise__label_en", "promise__label_es", "due_on", "reached_on"),
)


@dataclass(frozen=True)
class OpenStep:
    """One open step: whose, what was promised, by when, and when somebody of the family was last reached."""

    step_id: int
    student_id: str
    full_name: str
    school_id: str | None
    label_en: str
    label_es: str
    due_on: date | None
    reached_on: date | None


@dataclass(frozen=True)
class LastContact:
    """The last attempt to speak with a family: the day, its result, and who tried."""

    on: date
    result: str
    by: str


def students_for(user: User, action: str, on: date, school_id: str | None = None) -> QuerySet[Student]:
    """The students a person may see and, by the same relation, do this for; of one school if it is named."""
    schools = schools_for(user, action, on)
    if school_id is not None:
        schools = schools.filter(pk=school_id)
    at_school = Enrollment.objects.filter(
        in_force(on, "entry_date", "last_member_date"), student_id=OuterRef("pk"), school_id__in=schools.values("pk")
    )
    own = Grant.objects.in_force(on).filter(
        user_id=user.pk, object_kind=Grant.Kind.STUDENT, object_id=OuterRef("pk"), relation__in=ACTIONS[action]
    )
    scope = Q(Exists(at_school)) if school_id is not None else Q(Exists(at_school)) | Q(Exists(own))
    return visible_students(user, on).filter(scope)


def _steps(students: QuerySet[Student]) -> QuerySet[CaseStep]:
    return CaseStep.objects.filter(state=OPEN, case__student_id__in=students.values("pk"))


def count_steps(students: QuerySet[Student], on: date) -> dict[str, tuple[int, int]]:
    """By kind, of how many students steps are open, and of how many of them one is overdue."""
    rows = _steps(students).values("kind").order_by("kind")
    counted = rows.annotate(
        open=Count("case__student_id", distinct=True),
        late=Count("case__student_id", distinct=True, filter=Q(due_on__lt=on)),
    )
    return {row["kind"]: (row["open"], row["late"]) for row in counted}


def count_overdue(students: QuerySet[Student], on: date) -> int:
    """Of how many students any step is overdue."""
    late = _steps(students).filter(due_on__lt=on)
    counted: int = late.aggregate(late=Count("case__student_id", distinct=True))["late"]
    return counted


def open_steps(
    students: QuerySet[Student], on: date, kinds: Iterable[str] | None = None, is_late: bool = False
) -> list[OpenStep]:
    """The open steps of some kinds, or of all; with ``is_late`` the overdue ones alone."""
    rows = _steps(students)
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    if is_late:
        rows = rows.filter(due_on__lt=on)
    rows = rows.annotate(reached_on=_reached_on(OuterRef("case__student_id")))
    rows = rows.order_by(F("due_on").asc(nulls_last=True), "-level", "pk")
    return [OpenStep(*row) for row in rows.values_list(*_STEP_FIELDS)]


def _reached_on(student: OuterRef) -> Subquery:
    reached = ContactAttempt.objects.filter(student_id=student, result=Result.REACHED, undone_at=None)
    return Subquery(reached.order_by("-on").values("on")[:1])


def crossed_since(students: QuerySet[Student], since: datetime | None, first: date | None) -> dict[str, str]:
    """The highest level each student crossed since a moment (when noticed), or from a day on (of the absence)."""
    rows = LevelCrossing.objects.filter(
        is_withdrawn=False, is_skipped=False, case__student_id__in=students.values("pk")
    )
    rows = rows.filter(noticed_at__gt=since) if since else rows.filter(crossed_on__gte=first)
    return dict(rows.order_by("level").values_list("case__student_id", "level"))


def withdrawn_since(students: QuerySet[Student], since: datetime | None, first: date | None) -> int:
    """Steps withdrawn because the record was corrected, since a moment or from a day on."""
    rows = CaseStep.objects.filter(
        state=StepState.WITHDRAWN, ending=Ending.CORRECTED, case__student_id__in=students.values("pk")
    )
    return (rows.filter(ended_at__gt=since) if since else rows.filter(ended_on__gte=first)).count()


def silent_cases(students: QuerySet[Student], since: date) -> list[str]:
    """Students with a case as old as that day, steps still open, and nobody reached from that day on."""
    reached = ContactAttempt.objects.filter(
        student_id=OuterRef("student_id"), result=Result.REACHED, undone_at=None, on__gte=since
    )
    waiting = CaseStep.objects.filter(case_id=OuterRef("pk"), state=OPEN)
    rows = Case.objects.filter(
        ~Exists(reached), Exists(waiting), closed_on=None, opened_on__lte=since, student_id__in=students.values("pk")
    )
    return list(rows.order_by("student__full_name").values_list("student_id", flat=True))


def last_contacts(student_ids: Iterable[str], only_by: User | None = None) -> dict[str, LastContact]:
    """The last attempt for each student; ``only_by`` for those who may read their own entries alone."""
    newest = ContactAttempt.objects.filter(student_id=OuterRef("student_id"), undone_at=None)
    if only_by is not None:
        newest = newest.filter(by=only_by)
    rows = ContactAttempt.objects.filter(
        student_id__in=list(student_ids), pk=Subquery(newest.order_by("-at", "-pk").values("pk")[:1])
    ).select_related("by")
    return {row.student_id: LastContact(row.on, row.result, row.by.get_short_name()) for row in rows}


def next_steps(student_ids: Iterable[str]) -> dict[str, OpenStep]:
    """For each student the open step that is due first."""
    rows = CaseStep.objects.filter(state=OPEN, case__student_id__in=list(student_ids))
    rows = rows.annotate(reached_on=_reached_on(OuterRef("case__student_id")))
    found: dict[str, OpenStep] = {}
    for row in rows.order_by(F("due_on").asc(nulls_last=True), "pk").values_list(*_STEP_FIELDS):
        found.setdefault(row[1], OpenStep(*row))
    return found


def open_call(student_id: str) -> CaseStep | None:
    """The student's open call step of the highest level: a reached call closes them all, so its script is read."""
    rows = CaseStep.objects.filter(state=OPEN, kind=CALL, case__student_id=student_id)
    return rows.order_by("-level", F("due_on").asc(nulls_last=True), "pk").first()


def reached_on(student_id: str) -> date | None:
    """The day somebody of the family was last reached."""
    rows = ContactAttempt.objects.filter(student_id=student_id, result=Result.REACHED, undone_at=None)
    day: date | None = rows.aggregate(last=Max("on"))["last"]
    return day


def last_look(user: User, action: str, before: datetime) -> datetime | None:
    """When the person last did this on an earlier occasion; nothing if never."""
    rows = AuditEntry.objects.filter(user=user, action=action, at__lt=before)
    moment: datetime | None = rows.aggregate(last=Max("at"))["last"]
    return moment


def reads_whole_log(roles: Iterable[str]) -> bool:
    """Whether any of the roles reads the whole contact log of the students it opens."""
    rights = (ROLES[role].rights["D6"] for role in roles)
    return any(right is not None and "r" in right.letters and not right.limit for right in rights)


def people_for(school_id: str, on: date) -> list[tuple[int, str]]:
    """Who may be given steps of a school's students: people named for it who may close steps."""
    grants = Grant.objects.in_force(on).filter(
        object_kind=Grant.Kind.SCHOOL,
        object_id=school_id,
        relation__in=ACTIONS["close_step"],
        user__is_active=True,
    )
    users = User.objects.filter(pk__in=grants.values("user_id")).order_by("full_name", "email")
    return [(user.pk, user.get_full_name()) for user in users]


def reached_days(student_ids: Iterable[str]) -> dict[str, date]:
    """The day somebody was last reached, for those of the students of whom anybody ever was."""
    rows = ContactAttempt.objects.filter(student_id__in=list(student_ids), result=Result.REACHED, undone_at=None)
    return dict(rows.values_list("student_id").annotate(last=Max("on")).values_list("student_id", "last"))


def teachers_of(section_ids: Iterable[str], on: date) -> dict[str, list[str]]:
    """Names of the teachers of sections, as delivered for that day."""
    rows = SectionStaff.objects.filter(in_force(on, "start_date", "last_date"), section_id__in=list(section_ids))
    found: dict[str, list[str]] = {}
    for section_id, name in rows.order_by("staff__full_name").values_list("section_id", "staff__full_name"):
        found.setdefault(section_id, []).append(name)
    return found
