"""The cards of the demonstration: one click signs in as an invented person of each role."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allpresent.access.demo_signin import demo_people
from allpresent.access.models import Grant
from allpresent.access.roles import ROLES
from allpresent.roster.models import School

# What a person of the role comes here to do, in the order the cards stand.
_TASKS: dict[str, Promise] = {
    "principal": _("reads where the school stands, on one page"),
    "school_attendance_team": _("works through today's list at the desk"),
    "teacher": _("calls the families of own students, on the phone"),
    "dropout_specialist": _("follows the students with the most days missed"),
    "care_coordinator": _("follows families and their needs"),
    "home_visitor": _("visits homes"),
    "success_mentor": _("greets own mentees"),
    "district_attendance_team": _("looks over all schools"),
    "district_executive": _("reads the totals of the district"),
    "data_steward": _("watches the deliveries, accepts or undoes them"),
    "it_admin": _("looks after users; sees no student"),
}
_ORDER = {role: place for place, role in enumerate(_TASKS)}


@dataclass(frozen=True)
class DemoPerson:
    """One card: ``key`` is sent back; the rest is read."""

    key: str
    name: str
    role: str
    place: str
    task: str


def demo_cards() -> list[DemoPerson]:
    """The people of the demonstration in the order of their roles."""
    people = list(demo_people().prefetch_related("grants"))
    if not people:
        return []
    grants = {person.pk: person.grants.all()[0] for person in people if person.grants.all()}
    school_ids = {grant.object_id for grant in grants.values() if grant.object_kind == Grant.Kind.SCHOOL}
    schools = dict(School.objects.filter(school_id__in=school_ids).values_list("school_id", "name"))
    cards = []
    for person in people:
        grant = grants.get(person.pk)
        relation = grant.relation if grant else ""
        role = ROLES.get(relation)
        cards.append(
            (
                _ORDER.get(relation, len(_ORDER)),
                DemoPerson(
                    key=person.email,
                    name=person.get_short_name(),
                    role=_sentence_case(str(role.label)) if role else "",
                    place=schools.get(grant.object_id, "") if grant else "",
                    task=str(_TASKS.get(relation, "")),
                ),
            )
        )
    return [card for _place, card in sorted(cards, key=lambda pair: (pair[0], pair[1].name))]


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
