"""Who else may see a student: shown on the student's page, so that nobody need guess who reads along."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.functional import Promise

from allpresent.access.models import Grant, User
from allpresent.access.reasons import CLOSENESS, TEACHER, relations_of_scope, seats_on
from allpresent.access.roles import ROLES
from allpresent.roster.models import Enrollment, SectionStaff, in_force


@dataclass(frozen=True)
class Sharer:
    """The people of one relation who may see the student, by name."""

    relation: str
    label: str | Promise
    names: tuple[str, ...]


def who_else_can(student_id: str, on: date) -> list[Sharer]:
    """Everybody who may see the student on that day, by relation, closest first."""
    schools = list(
        Enrollment.objects.filter(in_force(on, "entry_date", "last_member_date"), student_id=student_id).values_list(
            "school_id", flat=True
        )
    )
    sections = dict(seats_on(on).filter(student_id=student_id).values_list("section_id", "section__school_id"))
    kinds = Grant.Kind
    opening = (
        Q(object_kind=kinds.DISTRICT, relation__in=relations_of_scope("D"))
        | Q(object_kind=kinds.SCHOOL, object_id__in=schools, relation__in=relations_of_scope("S"))
        | Q(object_kind=kinds.STUDENT, object_id=student_id, relation__in=relations_of_scope("O"))
        | Q(object_kind=kinds.SECTION, object_id__in=sections, relation=TEACHER)
    )
    grants = Grant.objects.in_force(on).filter(opening, user__is_active=True).select_related("user")
    people = {(grant.relation, grant.user) for grant in grants if grant.object_kind in ROLES[grant.relation].kinds}
    people |= {(TEACHER, user) for user in _teachers(sections, on)}
    return [
        Sharer(relation, ROLES[relation].label, tuple(sorted({str(user) for held, user in people if held == relation})))
        for relation in CLOSENESS
        if any(held == relation for held, user in people)
    ]


def _teachers(sections: dict[str, str], on: date) -> list[User]:
    """Users named as teachers whose delivered sections the student sits in."""
    rows = SectionStaff.objects.filter(in_force(on, "start_date", "last_date"), section_id__in=sections)
    schools_of: dict[str, set[str]] = {}
    for staff_id, section_id in rows.values_list("staff_id", "section_id"):
        schools_of.setdefault(staff_id, set()).add(sections[section_id])
    named = Grant.objects.in_force(on).filter(relation=TEACHER, user__is_active=True, user__staff_id__in=schools_of)
    return [
        grant.user
        for grant in named.select_related("user")
        if grant.object_kind == Grant.Kind.DISTRICT
        or (grant.object_kind == Grant.Kind.SCHOOL and grant.object_id in schools_of[grant.user.staff_id])
    ]
