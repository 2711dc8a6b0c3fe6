"""Who may see whom on a day, and what a person may do. Nothing is remembered between two questions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Q, QuerySet
from django.http import Http404

from allpresent.access.models import Grant, User
from allpresent.access.reasons import (
    TEACHER,
    Reason,
    find_reasons,
    reasons_by_student,
    relations_of_scope,
    seats_on,
    taught_on,
)
from allpresent.access.roles import ACTIONS, ROLES, Right
from allpresent.roster.models import Enrollment, School, Student, in_force


def why_can_view(user: User, student_id: str, on: date) -> str | None:
    """Why the user may see the student on that day, in words, or None. The closest relation speaks."""
    found = find_reasons(user, student_id, on)
    student = Student.objects.filter(pk=student_id).only("given_name").first() if found else None
    return found[0].words(student.given_name) if student else None


def get_visible_student_or_404(user: User, student_id: str, on: date) -> tuple[Student, str]:
    """The student and why, or Http404: the same for a student one may not see and a student there is not."""
    found = find_reasons(user, student_id, on)
    student = Student.objects.select_related("school").filter(pk=student_id).first() if found else None
    if student is None:
        raise Http404
    return student, found[0].words(student.given_name)


def visible_students(user: User, on: date) -> QuerySet[Student]:
    """The students the user may see on that day, as one query."""
    if not user.is_active:
        return Student.objects.none()
    parts: list[QuerySet] = [
        Student.objects.filter(Exists(_held(user, on, Grant.Kind.DISTRICT, relations_of_scope("D")))).values("pk"),
        Enrollment.objects.filter(
            in_force(on, "entry_date", "last_member_date"),
            school_id__in=_held(user, on, Grant.Kind.SCHOOL, relations_of_scope("S")).values("object_id"),
        ).values("student_id"),
        _held(user, on, Grant.Kind.STUDENT, relations_of_scope("O")).values("object_id"),
        seats_on(on)
        .filter(section_id__in=_held(user, on, Grant.Kind.SECTION, [TEACHER]).values("object_id"))
        .values("student_id"),
    ]
    if user.staff_id:
        parts.append(
            taught_on(user.staff_id, on)
            .filter(
                Q(section__school_id__in=_held(user, on, Grant.Kind.SCHOOL, [TEACHER]).values("object_id"))
                | Exists(_held(user, on, Grant.Kind.DISTRICT, [TEACHER]))
            )
            .values("student_id")
        )
    return Student.objects.filter(pk__in=parts[0].order_by().union(*(part.order_by() for part in parts[1:])))


def relations(user: User, on: date) -> set[str]:
    """The roles the user holds on that day."""
    if not user.is_active:
        return set()
    return set(Grant.objects.in_force(on).filter(user_id=user.pk).values_list("relation", flat=True)) & set(ROLES)


def can(user: User, action: str, on: date, school_id: str | None = None) -> bool:
    """Whether a role of the user allows the action that day; with `school_id`, at that school.

    It says nothing of a student: ask `why_can_view` as well. KeyError for an action nobody has listed.
    """
    grants = _acting(user, action, on)
    if school_id is None:
        return grants.exists()
    return grants.filter(
        Q(object_kind=Grant.Kind.DISTRICT) | Q(object_kind=Grant.Kind.SCHOOL, object_id=school_id)
    ).exists()


# Roles whose grant on a school reaches students there beyond those given to the person by name.
WHOLE_SCHOOL = frozenset({*relations_of_scope("D"), *relations_of_scope("S"), TEACHER})


def schools_for(user: User, action: str, on: date, roles: Collection[str] | None = None) -> QuerySet[School]:
    """The schools at which a role of the user allows the action that day; every school for a district role.

    With `roles`, only by one of those.
    """
    grants = _acting(user, action, on)
    grants = grants.filter(relation__in=roles) if roles is not None else grants
    return School.objects.filter(
        Exists(grants.filter(object_kind=Grant.Kind.DISTRICT))
        | Q(pk__in=grants.filter(object_kind=Grant.Kind.SCHOOL).values("object_id"))
    )


@dataclass(frozen=True)
class Sight:
    """What a user may see and write of one student: the rights of each relation that opens the student, together."""

    why: str
    relations: frozenset[str]
    rights: frozenset[tuple[str, Right]]

    def reads(self, data_class: str, part: str | None = None) -> bool:
        """Whether a data class (D1 to D13) may be shown in full, or at least its `part` (a key of roles.LIMITS)."""
        return any(
            name == data_class and "r" in right.letters and right.limit in ("", "write_own", part)
            for name, right in self.rights
        )

    def reads_address(self, is_around_visit: bool) -> bool:
        """Whether the family's address may be shown: D2 in full; to a home visitor from the day before to the day after
        a visit of theirs.
        """
        return self.reads("D2") or (is_around_visit and self.reads("D2", "visit_days"))

    def writes(self, data_class: str) -> bool:
        """Whether the user may add to a data class of this student."""
        return any(name == data_class and "w" in right.letters for name, right in self.rights)


def sight(user: User, student_id: str, on: date) -> Sight | None:
    """What of the student may be shown to the user, or None where the student looks absent."""
    found = find_reasons(user, student_id, on)
    student = Student.objects.filter(pk=student_id).only("given_name").first() if found else None
    return _sight_of(found, student.given_name) if student else None


def sights(user: User, students: Iterable[Student], on: date) -> dict[str, Sight]:
    """What may be shown of each of the students the user may see, for a list of them. At most four queries."""
    names = {student.pk: student.given_name for student in students}
    return {pk: _sight_of(found, names[pk]) for pk, found in reasons_by_student(user, names, on).items()}


def relations_by_student(user: User, student_ids: Collection[str], on: date) -> dict[str, frozenset[str]]:
    """The roles that open each of the students to the user; none for one not seen. At most four queries."""
    found = reasons_by_student(user, student_ids, on)
    return {pk: frozenset(reason.relation for reason in found.get(pk, ())) for pk in student_ids}


def _sight_of(found: list[Reason], given_name: str) -> Sight:
    held = frozenset(reason.relation for reason in found)
    return Sight(found[0].words(given_name), held, _rights_of(found))


def _rights_of(found: Iterable[Reason]) -> frozenset[tuple[str, Right]]:
    cells = (ROLES[reason.relation].rights.items() for reason in found)
    return frozenset((name, right) for row in cells for name, right in row if right)


def _held(user: User, on: date, kind: str, relations: list[str]) -> QuerySet[Grant]:
    """The user's grants of that kind in force, of those relations."""
    return Grant.objects.in_force(on).filter(user_id=user.pk, object_kind=kind, relation__in=relations)


def _acting(user: User, action: str, on: date) -> QuerySet[Grant]:
    grants = Grant.objects.in_force(on).filter(user_id=user.pk, relation__in=ACTIONS[action])
    return grants if user.is_active else grants.none()
