"""Brothers and sisters of one household: whom one call may be about, and with which person."""

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from allpresent.access.models import User
from allpresent.roster.models import Contact, Student

from .errors import CaseworkError, NotVisibleError
from .numbers import phone_key
from .permissions import check_may


def family_max() -> int:
    """How many brothers and sisters a family has at most: more under one household id live in a home or a shelter,
    and one call does not serve them together.
    """
    most: int = settings.DISTRICT.family_children_max
    return most


def family_of(student_id: str) -> list[str]:
    """The student and every brother and sister of the household, for what the district does once for a family.

    Alone where no household was delivered, or where it holds more children than a family has.
    """
    household = Student.objects.filter(pk=student_id).exclude(household_id="").values("household_id")
    ids = list(Student.objects.filter(household_id__in=household).values_list("pk", flat=True)[: family_max() + 2])
    return sorted(ids) if len(ids) <= family_max() + 1 and student_id in ids else [student_id]


def check_siblings(user: User, student_id: str, others: Collection[str], phone: str, on: date) -> None:
    """Whether the person may log one conversation about a student also for these others.

    Raises NotVisibleError for a student who is not of the household or whom the person may not see, and CaseworkError
    where the person's role does not call, or the number may not be called about one of them.
    """
    if not others:
        return
    household = Student.objects.filter(pk=student_id).exclude(household_id="").values("household_id")
    known = Student.objects.filter(pk__in=others, household_id__in=household).exclude(pk=student_id)
    if set(known.values_list("pk", flat=True)) != set(others):
        raise NotVisibleError(_("There is no such student."))
    for other in others:
        check_may(user, other, "log_contact", on)
    barred = barred_from(others, phone)
    if barred:
        name = Student.objects.values_list("given_name", flat=True).get(pk=min(barred))
        raise CaseworkError(
            _("This number may not be called about %(name)s; leave %(name)s out of this entry.") % {"name": name}
        )


def barred_from(student_ids: Collection[str], phone: str) -> set[str]:
    """Those of the students about whom the delivered record says not to call this number."""
    return _with_number(Contact.objects.filter(student_id__in=student_ids, may_contact=False), phone)


def listed_for(student_ids: Collection[str], phone: str) -> set[str]:
    """Those of the students whose own record names this number."""
    return _with_number(Contact.objects.filter(student_id__in=student_ids).exclude(may_contact=False), phone)


def _with_number(contacts: QuerySet[Contact], phone: str) -> set[str]:
    key = phone_key(phone)
    return {pk for pk, own in contacts.values_list("student_id", "phone") if key and phone_key(own) == key}
