"""The header and the navigation: where the person is, how fresh the data are, and which places they may open."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allpresent.web.page import Page, page_of


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    name: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class DataPill:
    """School or district, school-day number, and until when the data reach."""

    school: str
    day_number: int
    data_to: str


@dataclass(frozen=True)
class Shell:
    """All that base.html shows around a page."""

    here: str = "/"
    home_url: str = "/"
    person: str = ""
    person_key: int | None = None
    places: tuple[Place, ...] = field(default_factory=tuple)
    data: DataPill | None = None
    search_url: str = ""
    language_url: str = ""
    logout_url: str = ""
    is_demo: bool = False


# Name shown, name of the address, and the action that opens it. A place whose address does not exist yet, or that
# the person may not open, is not shown at all.
PLACES = (
    (gettext_lazy("My calls"), "web:calls", "see_my_calls"),
    (gettext_lazy("Today"), "web:today", "see_today"),
    (gettext_lazy("Visits"), "web:visits", "see_visits"),
    (gettext_lazy("My mentees"), "web:mentees", "see_mentees"),
    (gettext_lazy("Success plans"), "web:plans", "write_plan"),
    (gettext_lazy("Mentors"), "web:mentors", "manage_mentors"),
    (gettext_lazy("My caseload"), "web:caseload", "see_caseload"),
    (gettext_lazy("Meetings"), "web:meetings", "run_meeting"),
    (gettext_lazy("Letters"), "web:letters", "send_letter"),
    (gettext_lazy("My school"), "web:my_school", "see_school"),
    (gettext_lazy("District"), "web:district", "see_district"),
    (gettext_lazy("Accountability"), "web:accountability", "see_accountability"),
    (gettext_lazy("Reports"), "web:reports", "see_report"),
    (gettext_lazy("Deliveries"), "web:deliveries", "see_deliveries"),
)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _places(page: Page, path: str) -> tuple[Place, ...]:
    found = []
    for label, name, action in PLACES:
        url = _address(name)
        if url and page.may(action):
            found.append(Place(str(label), url, path.startswith(url)))
    return tuple(found)


def _data_pill(page: Page) -> DataPill | None:
    if page.version is None or page.facts is None:
        return None
    read_at = localtime(datetime.fromisoformat(page.facts.version.manifest.posted_at))
    return DataPill(
        page.scope_name or _("District"),
        page.school_day_number,
        date_format(read_at, _("D j M, H:i")),
    )


def empty_shell() -> Shell:
    """The shell of a page without a request (an error page)."""
    return Shell(language_url=_address("web:language"))


def shell_for(request: HttpRequest) -> Shell:
    """What this request's person sees around every page."""
    is_demo = bool(getattr(settings, "IS_DEMO", False))
    here = request.get_full_path() if request.method == "GET" else "/"
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Shell(here=here, language_url=_address("web:language"), is_demo=is_demo)
    page = page_of(request)
    return Shell(
        here=here,
        home_url=_address("web:home") or "/",
        person=user.get_short_name(),
        person_key=user.pk,
        places=_places(page, request.path),
        data=_data_pill(page),
        search_url=_address("web:search") if page.sees_students else "",
        language_url=_address("web:language"),
        logout_url=_address("account_logout"),
        is_demo=is_demo,
    )
