"""What is open for a person today, as plain rows: promised steps, calls to make, last contacts, levels crossed.

A desk is narrower than sight: the students the person may see *and* works for at a desk, by the same relation, so that
a teacher of one school on the team of another sees only the latter's. Calls are narrower again: those that are the
person's own to make.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from allpresent.access import relations, visible_students
from allpresent.access.grants import WHOLE_SCHOOL, relations_by_student, schools_for
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.access.roles import ACTIONS
from allpresent.casework.models import Case, CaseStep, ContactAttempt, LevelCrossing
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.steps import Ending, StepState
from allpresent.casework.owners import owners_among
from allpresent.roster.models import Enrollment, SectionStaff, Student, in_force

OPEN = StepState.OPEN
CALL = "call"
# Up to so many students a query names them; for more it reads all rows, and the scope is applied to what came.
_NAMED_AT_MOST = 2000


@dataclass(frozen=True, slots=True)
class CaseOf:
    """A case: whose, and from and to which day."""

    case_id: int
    student_id: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class OpenStep:
    """One open step of the desk: whose, of which kind and level, and by when."""

    step_id: int
    student_id: str
    kind: str
    level: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class StepShown:
    """What of an open step is shown: its words, its day, and the school whose days count."""

    label_en: str
    label_es: str
    due_on: date | None
    school_id: str | None


class StepKey(NamedTuple):
    """Whose step it is: the student's, and the role or the person that does it."""

    student_id: str
    owner_role: str
    assigned_to: int | None


@dataclass(frozen=True, slots=True)
class OpenCall:
    """One student to call: the promised call that is due first, and the school whose days count."""

    student_id: str
    household_id: str  # blank where none was delivered
    label_en: str
    label_es: str
    due_on: date | None
    school_id: str | None


@dataclass(frozen=True)
class LastContact:
    """The last attempt to speak with a family: the day, its result, and who tried."""

    on: date
    result: str
    by: str


def students_for(user: User, action: str, on: date, school_id: str | None = None) -> QuerySet[Student]:
    """The students a person may see and, by the same relation, do this for; of one school if it is named."""
    return visible_students(user, on).filter(works_for(user, action, on, school_id))


def works_for(user: User, action: str, on: date, school_id: str | None = None) -> Q:
    """Of students a person may see, those whom the person does this for: at a school of the person's, or by name.

    A role that sees no more of a school than its own students does nothing for the others there.
    """
    at = in_force(on, "entry_date", "last_member_date")
    enrolled = Enrollment.objects.filter(at, student_id=OuterRef("pk"))
    schools = schools_for(user, action, on, WHOLE_SCHOOL)
    if school_id is not None:
        schools, enrolled = schools.filter(pk=school_id), enrolled.filter(school_id=school_id)
    own = Grant.objects.in_force(on).filter(
        user_id=user.pk, object_kind=Grant.Kind.STUDENT, object_id=OuterRef("pk"), relation__in=ACTIONS[action]
    )
    by_name = Q(Exists(own)) & Q(Exists(enrolled)) if school_id is not None else Q(Exists(own))
    return Q(Exists(enrolled.filter(school_id__in=schools.values("pk")))) | by_name


def _of(rows: QuerySet[Any], field: str, keys: Collection[Any]) -> QuerySet[Any]:
    """The rows narrowed to those keys where they are few enough to be named in a query."""
    return rows.filter(**{f"{field}__in": list(keys)}) if len(keys) <= _NAMED_AT_MOST else rows


def cases_of(students: Collection[str]) -> list[CaseOf]:
    """Every case of the students, of this year and earlier ones. One query."""
    rows = _of(Case.objects.all(), "student_id", students).order_by()
    found = (CaseOf(*row) for row in rows.values_list("pk", "student_id", "opened_on", "closed_on"))
    return [case for case in found if case.student_id in students]


def open_steps(cases: Iterable[CaseOf]) -> list[OpenStep]:
    """Every open step of the cases, the one due first on top. One query."""
    students = {case.case_id: case.student_id for case in cases}
    rows = _of(CaseStep.objects.filter(state=OPEN), "case_id", students.keys())
    rows = rows.order_by(F("due_on").asc(nulls_last=True), "-level", "pk").select_related(None)
    values = rows.values_list("pk", "case_id", "kind", "level", "due_on")
    return [
        OpenStep(pk, students[case], kind, level, due_on)
        for pk, case, kind, level, due_on in values
        if case in students
    ]


def open_calls(user: User, on: date) -> list[OpenCall]:
    """The calls that are this person's to make, one a student, the one due first on top. Two queries, six at most.

    Theirs are the steps given to them by name, and those of their role that nobody was named for. Of somebody with
    several roles it is the role that opens the student.
    """
    held = relations(user, on)
    mine = Q(assigned_to=user) | Q(assigned_to=None, owner_role__in=owners_among(held))
    rows = CaseStep.objects.filter(
        mine, state=OPEN, kind=CALL, case__student_id__in=visible_students(user, on).values("pk")
    ).order_by(F("due_on").asc(nulls_last=True), "case__student__full_name", "pk")
    student = "case__student__"
    keys = ("case__student_id", "owner_role", "assigned_to_id")
    words = (f"{student}household_id", "promise__label_en", "promise__label_es", "due_on", f"{student}school_id")
    calls = [(StepKey(*row[:3]), row[3:]) for row in rows.values_list(*keys, *words)]
    if len(held) > 1:
        opened = relations_by_student(user, {key.student_id for key, _words in calls}, on)
        calls = [(key, said) for key, said in calls if _calls(user, key, opened[key.student_id])]
    found: dict[str, OpenCall] = {}
    for key, said in calls:
        found.setdefault(key.student_id, OpenCall(key.student_id, *said))
    return list(found.values())


def _calls(user: User, key: StepKey, by: Collection[str]) -> bool:
    """Whether somebody these roles open the student for makes this call."""
    if ACTIONS["log_contact"].isdisjoint(by):
        return False
    return key.assigned_to == user.pk or (key.assigned_to is None and key.owner_role in owners_among(by))


def reached_days(students: Collection[str]) -> dict[str, date]:
    """The day somebody was last reached, for those of the students of whom anybody ever was. One query."""
    rows = ContactAttempt.objects.filter(result=Result.REACHED, undone_at=None)
    latest = _of(rows, "student_id", students).order_by().values_list("student_id").annotate(last=Max("on"))
    return {pk: on for pk, on in latest if pk in students}


def crossed_since(students: Collection[str], since: datetime | None, first: date | None) -> dict[str, str]:
    """The highest level each student crossed since a moment (when noticed), or from a day on (of the absence)."""
    rows = LevelCrossing.objects.filter(is_withdrawn=False, is_skipped=False)
    rows = rows.filter(noticed_at__gt=since) if since else rows.filter(crossed_on__gte=first)
    values = _of(rows, "case__student_id", students).order_by("level").values_list("case__student_id", "level")
    return {pk: level for pk, level in values if pk in students}


def withdrawn_since(students: Collection[str], since: datetime | None, first: date | None) -> int:
    """Steps withdrawn because the record was corrected, since a moment or from a day on."""
    rows = CaseStep.objects.filter(state=StepState.WITHDRAWN, ending=Ending.CORRECTED)
    rows = rows.filter(ended_at__gt=since) if since else rows.filter(ended_on__gte=first)
    values = _of(rows, "case__student_id", students).order_by().values_list("case__student_id", flat=True)
    return sum(pk in students for pk in values)


def last_contacts(
    student_ids: Iterable[str], only_by: User | None = None, whole: Collection[str] = ()
) -> dict[str, LastContact]:
    """The last attempt for each student; ``only_by`` for those who may read their own entries alone.

    Of the students in ``whole`` that person reads everybody's all the same.
    """
    newest = ContactAttempt.objects.filter(student_id=OuterRef("student_id"), undone_at=None)
    if only_by is not None:
        newest = newest.filter(Q(by=only_by) | Q(student_id__in=whole))
    rows = ContactAttempt.objects.filter(
        student_id__in=list(student_ids), pk=Subquery(newest.order_by("-at", "-pk").values("pk")[:1])
    ).select_related("by")
    return {row.student_id: LastContact(row.on, row.result, row.by.get_short_name()) for row in rows}


def steps_shown(step_ids: Iterable[int]) -> dict[int, StepShown]:
    """The words of steps by their id. One query."""
    rows = CaseStep.objects.filter(pk__in=list(step_ids))
    fields = ("pk", "promise__label_en", "promise__label_es", "due_on", "case__student__school_id")
    return {row[0]: StepShown(*row[1:]) for row in rows.values_list(*fields)}


def next_steps(
    student_ids: Iterable[str], is_told: Callable[[StepKey], bool] = lambda _step: True
) -> dict[str, StepShown]:
    """For each student the open step that is due first among those the reader is told."""
    rows = CaseStep.objects.filter(state=OPEN, case__student_id__in=list(student_ids))
    keys = ("case__student_id", "owner_role", "assigned_to_id")
    words = ("promise__label_en", "promise__label_es", "due_on", "case__student__school_id")
    found: dict[str, StepShown] = {}
    for row in rows.order_by(F("due_on").asc(nulls_last=True), "pk").values_list(*keys, *words):
        if is_told(StepKey(*row[:3])):
            found.setdefault(row[0], StepShown(*row[3:]))
    return found


def open_call(student_id: str) -> CaseStep | None:
    """The student's open call step of the highest level: a reached call closes them all, so its script is read."""
    rows = CaseStep.objects.filter(state=OPEN, kind=CALL, case__student_id=student_id)
    rows = rows.select_related("promise", "crossing", "case")
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


def teachers_of(section_ids: Iterable[str], on: date) -> dict[str, list[str]]:
    """Names of the teachers of sections, as delivered for that day."""
    rows = SectionStaff.objects.filter(in_force(on, "start_date", "last_date"), section_id__in=list(section_ids))
    found: dict[str, list[str]] = {}
    for section_id, name in rows.order_by("staff__full_name").values_list("section_id", "staff__full_name"):
        found.setdefault(section_id, []).append(name)
    return found
