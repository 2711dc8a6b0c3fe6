"""May this person do this for this student: asked of the relation that lets them see the student, never wider."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from allpresent.access import can, visible_students
from allpresent.access.grants import sight
from allpresent.access.models import User
from allpresent.access.roles import ACTIONS
from allpresent.roster.models import Student

from .errors import CaseworkError, NotVisibleError


def local_day(moment: datetime) -> date:
    """The district's day at a moment."""
    return timezone.localdate(moment)


def check_may(user: User, student_id: str, action: str, on: date) -> None:
    """Raises NotVisibleError where the student looks absent, CaseworkError where the relation does not do this."""
    seen = sight(user, student_id, on)
    if seen is None:
        raise NotVisibleError(_("There is no such student."))
    if not seen.relations & ACTIONS[action]:
        raise CaseworkError(_("Your role for this student does not do this; ask the school's attendance team."))


def check_may_all(user: User, student_ids: Iterable[str], action: str, on: date) -> None:
    """The same for many students at a cost that does not grow with them, where the role is held over schools."""
    wanted = set(student_ids)
    seen = dict(visible_students(user, on).filter(pk__in=wanted).values_list("pk", "school_id"))
    if wanted - set(seen):
        raise NotVisibleError(_("There is no such student."))
    may_at = {school: bool(school) and can(user, action, on, school) for school in set(seen.values())}
    for student_id, school in seen.items():
        if not may_at[school]:
            check_may(user, student_id, action, on)


def check_sees(user: User, student_ids: Iterable[str], on: date) -> None:
    """Raises CaseworkError when work is handed to somebody who could not open the student's page."""
    wanted = set(student_ids)
    seen = set(visible_students(user, on).filter(pk__in=wanted).values_list("pk", flat=True))
    hidden = Student.objects.filter(pk__in=wanted - seen).order_by("full_name").values_list("full_name", flat=True)
    if names := list(hidden[:3]):
        raise CaseworkError(
            _("%(person)s does not see %(names)s and cannot be given their steps; choose somebody else.")
            % {"person": user, "names": "; ".join(names)}
        )
