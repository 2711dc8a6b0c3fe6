"""What a caller may try next after calls that reached nobody, gathered for the call sheet."""

from collections.abc import Sequence

from django.urls import reverse

from allpresent.access.grants import Sight
from allpresent.access.roles import ACTIONS
from allpresent.casework.models import CaseStep, HomeVisit
from allpresent.casework.numbers import other_part_of_day, phone_key, suggest_number
from allpresent.casework.owners import escalates_to
from allpresent.casework.queries.home_visits import OPEN_STATES
from allpresent.casework.queries.routes import Route
from allpresent.casework.queries.student import Number
from allpresent.roster.models import Student
from allpresent.web.page import Page
from allpresent.web.presenters.call_sheet import phone_words
from allpresent.web.presenters.routes import Ahead, RouteCard, route_card


def next_number(route: Route, numbers: Sequence[Number]) -> Number | None:
    """The number to try after two unanswered calls or more; nothing before, and where there is no other."""
    if route.unanswered < 2:
        return None
    by_key = {phone_key(one.phone): one for one in reversed(numbers)}
    health = {phone_key(one.phone): one.health for one in numbers}
    return by_key.get(suggest_number(health, [tried.phone_key for tried in route.tries]))


def route_of(
    page: Page, student: Student, seen: Sight, route: Route, step: CaseStep | None, suggested: Number | None
) -> RouteCard:
    """The route in words, with what was set going already. One query once a visit is the way."""
    visit = None
    if route.asks_a_visit:
        visit = HomeVisit.objects.filter(student_id=student.pk, state__in=OPEN_STATES).values_list("pk", flat=True)
    visit_id = visit.first() if visit is not None and seen.relations & ACTIONS["see_visits"] else None
    may_plan = bool(seen.relations & ACTIONS["plan_visit"])
    return route_card(
        route,
        Ahead(
            who=suggested.full_name if suggested else "",
            phone=phone_words(suggested.phone)[0] if suggested else "",
            part_of_day=other_part_of_day(tried.at for tried in route.tries),
            is_with_team=step is not None and escalates_to(step.owner_role) is None,
            visit_url=reverse("web:visit", args=[visit_id]) if visit_id else "",
            propose_url=reverse("web:visit_plan", args=[student.pk]) if may_plan else "",
        ),
    )
