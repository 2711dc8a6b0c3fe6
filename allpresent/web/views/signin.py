"""The first page, the language switch, and the demonstration's one-click sign-in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET, require_POST

from allpresent.access.demo_signin import sign_in_as
from allpresent.access.models import User
from allpresent.web.page import page_of

# Where a person starts: the first place of this list that is theirs.
_FIRST_PLACES = (
    ("see_district", "web:district"),
    ("see_school", "web:my_school"),
    ("see_today", "web:today"),
    ("see_my_calls", "web:calls"),
    ("see_deliveries", "web:deliveries"),
    ("see_mentees", "web:mentees"),
)
# People whose day is the desk begin there, although they may open the school's page too.
_DESK_FIRST = frozenset({"school_attendance_team", "dropout_specialist", "care_coordinator"})
_VISITS_FIRST = frozenset({"home_visitor"})
_DELIVERIES_FIRST = frozenset({"data_steward"})


def _safe_next(request: HttpRequest) -> str:
    """Where the form asked to go back to, if that is a page of ours."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else "/"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go to the place where this person's day begins."""
    page = page_of(request)
    places = list(_FIRST_PLACES)
    if page.roles & _DESK_FIRST:
        places.insert(0, ("see_today", "web:today"))
    if page.roles & _VISITS_FIRST:
        places.insert(0, ("see_visits", "web:visits"))
    if page.roles & _DELIVERIES_FIRST:
        places.insert(0, ("see_deliveries", "web:deliveries"))
    for action, name in places:
        if not page.may(action):
            continue
        try:
            return redirect(reverse(name))
        except NoReverseMatch:
            continue
    return render(request, "web/no_place.html", {"keeps_the_server": page.may("manage_users")})


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak the chosen language, in this browser and on the person's record."""
    response = HttpResponseRedirect(_safe_next(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 24 * 3600,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        if isinstance(request.user, User) and request.user.language != chosen:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as an invented person; outside the demonstration this address does not exist."""
    sign_in_as(request, request.POST.get("person", ""))
    return HttpResponseRedirect(_safe_next(request))
