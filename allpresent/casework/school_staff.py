"""Who works with a school's students, as the grants of a day tell."""

from datetime import date

from django.db.models import Q

from allpresent.access.models import Grant, User
from allpresent.access.reasons import relations_of_scope
from allpresent.roster.models import Section, Student


def staff_of(school_id: str, on: date) -> dict[int, str]:
    """Names by user id, in the order of names: whoever is named for the school, a section of it or a student in it.

    Students among the mentors, partners and families are no staff. One query.
    """
    here = Q(object_kind=Grant.Kind.SCHOOL, object_id=school_id)
    here |= Q(
        object_kind=Grant.Kind.SECTION, object_id__in=Section.objects.filter(school_id=school_id).values("section_id")
    )
    here |= Q(
        object_kind=Grant.Kind.STUDENT,
        object_id__in=Student.objects.filter(school_id=school_id, is_enrolled=True).values("student_id"),
    )
    roles = [*relations_of_scope("S"), *relations_of_scope("O")]
    grants = Grant.objects.in_force(on).filter(here, relation__in=roles)
    users = User.objects.filter(pk__in=grants.values("user_id"), is_active=True).order_by("full_name", "email")
    return {user.pk: user.get_full_name() for user in users}
