"""Logs say where something went wrong, and nothing of whom it was about."""

import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from allpresent.access.logs import AllowListFormatter
from tests import factories

CANARY = "Canary-Okafor-7781"


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"{CANARY} {request.GET} {request.POST}")


urlpatterns = [path("breaks/", breaks)]


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_errors_of_pages_tell_no_query_no_body_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(factories.make_user(full_name=CANARY))
    with caplog.at_level(logging.DEBUG):
        assert client.post(f"/breaks/?name={CANARY}", {"note": CANARY}).status_code == 500
        assert client.get(f"/nowhere/?name={CANARY}").status_code == 404
    lines = [AllowListFormatter().format(record) for record in caplog.records]
    assert any("POST /breaks/ 500 ValueError" in line and "test_logs.py:" in line for line in lines)
    assert CANARY not in "\n".join(lines)


def formatted(name: str, message: str, *args: object) -> str:
    return AllowListFormatter().format(logging.makeLogRecord({"name": name, "msg": message, "args": args}))


def test_our_own_rooms_are_quoted_and_others_are_not() -> None:
    assert formatted("allpresent.nightly", "posted %s", "0001-ab").endswith("allpresent.nightly posted 0001-ab")
    assert CANARY not in formatted("somebody.elses", "row %s", CANARY)
    assert CANARY not in formatted("django.security.DisallowedHost", f"Invalid HTTP_HOST header: {CANARY}")
    assert CANARY not in formatted("allpresentish", CANARY)
