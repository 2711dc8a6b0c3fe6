"""What every request passes: no copies kept by browsers, sessions that end, pages in one's own language."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import translation

from allpresent.access import sessions

Handler = Callable[[HttpRequest], HttpResponse]


def no_store(get_response: Handler) -> Handler:
    """Keep every page out of caches and of the Back button of a shared computer; static files go past here."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    return handle


def session_limits(get_response: Handler) -> Handler:
    """Sign out a session that is too old or was left alone too long, before any page sees the user."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            if sessions.is_over(request.session, now):
                logout(request)
            else:
                sessions.touch(request.session, now)
        return get_response(request)

    return handle


def back_to_the_form(get_response: Handler) -> Handler:
    """Lead somebody who sent a form after the session was over back to the page of that form, once signed in again.

    The address a form is sent to may be none that opens a page; the page it stood on is told by the browser.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and response.status_code == 302:
            sign_in, stood_on = resolve_url(settings.LOGIN_URL), urlsplit(request.headers.get("Referer", ""))
            if response["Location"].startswith(f"{sign_in}?") and stood_on.netloc == request.get_host():
                return redirect_to_login(urlunsplit(("", "", *stood_on[2:4], "")), sign_in)
        return response

    return handle


def own_language(get_response: Handler) -> Handler:
    """Speak the language of the user's record, unless this browser has chosen one."""

    def handle(request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return get_response(request)

    return handle
