"""Why a user may see a student, found in the grants and the roster of one day and said in words."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from allpresent.access.models import Grant, User
from allpresent.access.roles import ROLES
from allpresent.roster.models import Enrollment, SectionStudent, in_force

TEACHER = "teacher"
# Closest first: the reason a person would give for themselves.
CLOSENESS = (
    "homeroom",
    TEACHER,
    "success_mentor",
    "home_visitor",
    "care_coordinator",
    "dropout_specialist",
    "school_attendance_team",
    "principal",
    "district_attendance_team",
    "data_steward",
)


def relations_of_scope(scope: str) -> list[str]:
    """The roles that see students over that scope (D, S or O)."""
    return [role.key for role in ROLES.values() if role.scope == scope]


@dataclass(frozen=True)
class Reason:
    """One relation that opens one student: the role, the kind of object it goes through, and what that is called."""

    relation: str
    kind: str
    name: str = ""
    is_homeroom: bool = False
    until: date | None = None

    @property
    def closeness(self) -> int:
        return CLOSENESS.index("homeroom" if self.is_homeroom else self.relation)

    def words(self, given_name: str) -> str:
        """The reason said to the user, in the language now spoken."""
        plain = {
            "success_mentor": _("you are %(given)s's success mentor"),
            "home_visitor": _("you are %(given)s's home visitor"),
            "care_coordinator": _("you are %(given)s's care coordinator"),
            "dropout_specialist": _("%(given)s is on your caseload as drop-out prevention specialist"),
            "school_attendance_team": _("you are on %(name)s's attendance team"),
            "principal": _("you are principal of %(name)s"),
            "district_attendance_team": _("you are on the district attendance team"),
            "data_steward": _("you are the district's data steward"),
        }
        text = plain[self.relation] if self.relation != TEACHER else self._taught()
        until = date_format(self.until, "DATE_FORMAT") if self.until else ""
        return text % {"given": given_name, "name": self.name, "until": until}

    def _taught(self) -> str:
        if self.kind == Grant.Kind.STUDENT:
            return _("%(given)s is assigned to you")
        if self.kind == Grant.Kind.SECTION:
            return (
                _("you stand in for the teacher of %(name)s until %(until)s")
                if self.until
                else _("you stand in for the teacher of %(name)s")
            )
        if self.is_homeroom:
            return _("you are %(given)s's homeroom teacher (%(name)s)")
        return _("you teach %(given)s in %(name)s")


def find_reasons(user: User, student_id: str, on: date) -> list[Reason]:
    """Every reason of the day, closest first."""
    return reasons_by_student(user, [student_id], on).get(student_id, [])


def reasons_by_student(user: User, student_ids: Collection[str], on: date) -> dict[str, list[Reason]]:
    """Of each student the user may see every reason of the day, closest first. At most four queries.

    The questions asked depend on the user's grants alone, so that a student one may not see and a student there is
    not take the same way.
    """
    seeing = [role.key for role in ROLES.values() if role.sees_students]
    grants = Grant.objects.in_force(on).filter(user_id=user.pk, user__is_active=True, relation__in=seeing)
    held = [grant for grant in grants if grant.object_kind in ROLES[grant.relation].kinds]
    found: dict[str, set[Reason]] = {student_id: set() for student_id in student_ids}
    everywhere = {
        Reason(grant.relation, grant.object_kind)
        for grant in held
        if grant.object_kind == Grant.Kind.DISTRICT and ROLES[grant.relation].scope == "D"
    }
    for own in found.values():
        own |= everywhere
    for grant in held:
        if grant.object_kind == Grant.Kind.STUDENT and grant.object_id in found:
            found[grant.object_id].add(Reason(grant.relation, grant.object_kind))
    for student_id, reason in (*_by_school(held, found, on), *_by_section(user, held, found, on)):
        found[student_id].add(reason)
    return {
        student_id: sorted(own, key=lambda reason: (reason.closeness, reason.name, reason.kind))
        for student_id, own in found.items()
        if own
    }


def _by_school(held: list[Grant], student_ids: Collection[str], on: date) -> Iterator[tuple[str, Reason]]:
    """School roles see who is enrolled at the school on the day."""
    at_school = [g for g in held if g.object_kind == Grant.Kind.SCHOOL and ROLES[g.relation].scope == "S"]
    if not at_school:
        return
    spans = Enrollment.objects.filter(
        in_force(on, "entry_date", "last_member_date"),
        student_id__in=list(student_ids),
        school_id__in={grant.object_id for grant in at_school},
    )
    for student_id, school_id, name in spans.values_list("student_id", "school_id", "school__name"):
        for grant in at_school:
            if grant.object_id == school_id:
                yield student_id, Reason(grant.relation, grant.object_kind, name)


def seats_on(on: date) -> QuerySet[SectionStudent]:
    """Memberships in sections that hold on the day, of students who have not left the section's school by then.

    A school's file of sections often comes later than the move, or leaves a mover in it. A student who was never
    enrolled at the section's school sits there from another one.
    """
    here = FilteredRelation(
        "student__enrollments", condition=Q(student__enrollments__school_id=F("section__school_id"))
    )
    seats = SectionStudent.objects.filter(in_force(on, "start_date", "last_date")).annotate(here=here)
    return seats.filter(Q(here=None) | in_force(on, "here__entry_date", "here__last_member_date"))


def taught_on(staff_id: str, on: date) -> QuerySet[SectionStudent]:
    """Memberships of students in sections the staff member teaches, both in force on the day."""
    return seats_on(on).filter(
        in_force(on, "section__staff_rows__start_date", "section__staff_rows__last_date"),
        section__staff_rows__staff_id=staff_id,
    )


def _by_section(user: User, held: list[Grant], student_ids: Collection[str], on: date) -> Iterator[tuple[str, Reason]]:
    """Teachers see the sections delivered for them at schools they are named for, and sections they stand in for."""
    teaching = [grant for grant in held if grant.relation == TEACHER]
    named_for = {g.object_id for g in teaching if g.object_kind == Grant.Kind.SCHOOL}
    stands_in = {g.object_id: g for g in teaching if g.object_kind == Grant.Kind.SECTION}
    if user.staff_id and any(g.object_kind in (Grant.Kind.DISTRICT, Grant.Kind.SCHOOL) for g in teaching):
        rows = taught_on(user.staff_id, on).filter(student_id__in=list(student_ids))
        if not any(g.object_kind == Grant.Kind.DISTRICT for g in teaching):
            rows = rows.filter(section__school_id__in=named_for)
        for row in rows.select_related("section"):
            name = row.section.name or row.section_id
            yield row.student_id, Reason(TEACHER, "roster", name, row.section.is_homeroom)
    if stands_in:
        rows = seats_on(on).filter(Q(student_id__in=list(student_ids), section_id__in=stands_in))
        for row in rows.select_related("section"):
            until = stands_in[row.section_id].ends_on
            yield row.student_id, Reason(TEACHER, Grant.Kind.SECTION, str(row.section), until=until)
