"""The cards of the demonstration: one click signs in as an invented person of each role."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allpresent.access.demo_signin import demo_people
from allpresent.access.models import Grant
from allpresent.access.roles import ROLES
from allpresent.roster.models import School

# What a person of the role comes here to do, in the order the cards stand.
_TASKS: dict[str, Promise] = {
    "principal": gettext_lazy("reads where the school stands, on one page"),
    "school_attendance_team": gettext_lazy("works through today's list at the desk"),
    "teacher": gettext_lazy("calls the families of own students, on the phone"),
    "dropout_specialist": gettext_lazy("follows the students with the most days missed"),
    "care_coordinator": gettext_lazy("follows families and their needs"),
    "home_visitor": gettext_lazy("visits homes"),
    "success_mentor": gettext_lazy("greets own mentees"),
    "peer_mentor": gettext_lazy("greets younger students; sees first names alone"),
    "district_attendance_team": gettext_lazy("looks over all schools"),
    "district_executive": gettext_lazy("reads the totals of the district"),
    "data_steward": gettext_lazy("watches the deliveries, accepts or undoes them"),
    "it_admin": gettext_lazy("looks after users; sees no student"),
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
                    role=_sentence_case(str(role.label)) if role else _("Left in June"),
                    place=schools.get(grant.object_id, "") if grant else "",
                    task=str(_TASKS.get(relation, _("signs in, and sees nobody"))),
                ),
            )
        )
    return [card for _place, card in sorted(cards, key=lambda pair: (pair[0], pair[1].name))]


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
