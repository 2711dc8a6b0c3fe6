"""Pages while the records cannot be reached: a sentence within two seconds, and nothing shown that may be old."""

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.defaults import bad_request

from .waiting import waiting

Handler = Callable[[HttpRequest], HttpResponse]
TRY_AGAIN_SECONDS = 30
DEADLOCK = "40P01"  # as PostgreSQL calls it


def short_wait(get_response: Handler) -> Handler:
    """Let a look wait briefly for the records. What is sent waits longer, so that nothing typed is lost."""

    def handle(request: HttpRequest) -> HttpResponse:
        with waiting(_is_look(request)) as fate:
            request.fate = fate  # type: ignore[attr-defined]
            return get_response(request)

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


class OnceMore:
    """Do again, once, what PostgreSQL took back because two people's writing stood in each other's way.

    Only a form with a one-time key: whatever of it was done before stands under its key and is not done twice.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer of the second try; None leaves the error as it is."""
        is_safe = "form_key" in request.POST and not request.FILES and not connection.in_atomic_block
        is_deadlock = getattr(error.__cause__, "sqlstate", None) == DEADLOCK
        if not is_deadlock or not is_safe or request.resolver_match is None:
            return None
        view, named, values = request.resolver_match.func, request.resolver_match.args, request.resolver_match.kwargs
        return view(request, *named, **values)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an error nobody foresaw; the one for records out of reach asks to come back."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _out_of_reach(request)
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for a request that cannot be read; a session that cannot be kept is none, but records out of reach."""
    cause: BaseException | None = exception
    while cause is not None:
        if isinstance(cause, OperationalError | InterfaceError):
            return _out_of_reach(request)
        cause = cause.__context__
    return bad_request(request, exception)


def _out_of_reach(request: HttpRequest) -> HttpResponse:
    # The session lies where nothing can be written now; without it nobody tries.
    request.session = None  # type: ignore[assignment]
    fate = getattr(request, "fate", None)
    told = {"is_look": _is_look(request), "may_be_saved": fate is not None and fate.may_be_saved}
    page = HttpResponse(loader.render_to_string("503.html", told), status=503)
    page.headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return page


def _is_look(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")
