"""Pages while the records cannot be reached: a sentence within two seconds, and nothing shown that may be old."""

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

Handler = Callable[[HttpRequest], HttpResponse]
LOOK_MS = 1_500  # how long a look waits for another's writing; what somebody sends waits as long as the settings say
TRY_AGAIN_SECONDS = 30


def short_wait(get_response: Handler) -> Handler:
    """Let a look wait briefly for the records on SQLite. What is sent waits longer, so that nothing typed is lost."""

    def handle(request: HttpRequest) -> HttpResponse:
        if connection.vendor != "sqlite" or request.method not in ("GET", "HEAD"):
            return get_response(request)
        _wait(LOOK_MS)
        try:
            return get_response(request)
        finally:
            if connection.connection is not None:
                _wait(1_000 * int(settings.DATABASES["default"]["OPTIONS"]["timeout"]))

    return handle


def form_address(get_response: Handler) -> Handler:
    """Say in words that an address only takes what a form sends, to somebody who opened it as a page."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.method != "GET":
            return response
        page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return handle


def _wait(milliseconds: int) -> None:
    connection.ensure_connection()
    connection.connection.execute(f"PRAGMA busy_timeout = {milliseconds}")


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an error nobody foresaw; the one for records out of reach asks to come back."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError):
        return HttpResponse(loader.render_to_string("500.html"), status=500)
    # The session lies where nothing can be written now; without it nobody tries.
    request.session = None  # type: ignore[assignment]
    page = HttpResponse(loader.render_to_string("503.html"), status=503)
    page.headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return page
