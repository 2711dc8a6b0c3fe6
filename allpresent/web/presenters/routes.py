"""Routes, not repeats, in words: what to try instead of one more call."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allpresent.casework.queries.routes import Route

_PARTS_OF_DAY = {
    "morning": gettext_lazy("in the morning"),
    "afternoon": gettext_lazy("in the afternoon"),
    "evening": gettext_lazy("in the evening"),
}


@dataclass(frozen=True)
class RouteCard:
    """What the sheet says after calls that reached nobody, with a link to what comes next; blank below two calls."""

    words: str = ""
    link: str = ""
    url: str = ""


@dataclass(frozen=True)
class Ahead:
    """What is known of the ways ahead: whom to try at which number and when, and what was set going already."""

    who: str = ""
    phone: str = ""
    part_of_day: str = ""
    is_with_team: bool = False
    visit_url: str = ""  # of the visit under way
    propose_url: str = ""  # to propose one, for those who may


def route_card(route: Route, ahead: Ahead) -> RouteCard:
    """The next step of the route, in words."""
    if route.asks_another_way:
        return RouteCard(_("Two calls in a row reached nobody.") + " " + _try_words(ahead))
    if route.asks_the_team:
        if ahead.is_with_team:
            return RouteCard(
                _("Three calls in a row reached nobody. The call is with the school's attendance team now.")
            )
        return RouteCard(_("Three calls in a row reached nobody. Speak of it in the school's attendance team."))
    if route.asks_a_visit:
        words = _("%(count)d calls in a row reached nobody.") % {"count": route.unanswered}
        if ahead.visit_url:
            return RouteCard(words + " " + _("A visit is under way."), _("Open the visit"), ahead.visit_url)
        link = _("Propose a visit") if ahead.propose_url else ""
        return RouteCard(words + " " + _("A visit may reach more than one more call."), link, ahead.propose_url)
    return RouteCard()


def _try_words(ahead: Ahead) -> str:
    when = str(_PARTS_OF_DAY.get(ahead.part_of_day, ""))
    said = {"who": ahead.who, "phone": ahead.phone, "when": when}
    if ahead.phone and when:
        return _("Try %(who)s at %(phone)s, %(when)s.") % said
    if ahead.phone:
        return _("Try %(who)s at %(phone)s.") % said
    if when:
        return _("Try again %(when)s.") % said
    return _("Try another contact, or another time of the day.")


def route_words(route: Route | None) -> str:
    """The same in a few words for a line of a list."""
    if route is None:
        return ""
    if route.asks_another_way:
        return _("2 calls unanswered: another contact, or another time")
    if route.asks_the_team:
        return _("3 calls unanswered: for the team")
    if route.asks_a_visit:
        return _("%(count)d calls unanswered: for a visit") % {"count": route.unanswered}
    return ""
