"""A refused look and a look at nobody give the same bytes; a look that is allowed leaves its row, or is no look."""

import re

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from allpresent.access import audit, audited_read, get_visible_student_or_404
from allpresent.access.models import AuditEntry
from tests.cast import NOW, TODAY, District


def student_page(request: HttpRequest, student_id: str) -> HttpResponse:
    student, why = get_visible_student_or_404(request.user, student_id, TODAY)
    audited_read(request.user, "student_viewed", [student], at=NOW)
    return HttpResponse(f"{student.full_name}: {why}")


urlpatterns = [
    path("", include(settings.ROOT_URLCONF)),
    path("students/<str:student_id>/look/", student_page),
]
SECRETS = re.compile(rb'name="(csrfmiddlewaretoken|key)" value="[^"]*"')
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def alice(district: District) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(district.users["Alice"])
    return client


def test_refused_students_look_absent_to_the_byte(district: District, alice: Client) -> None:
    refused = alice.get(f"/students/{district.student_ids['Zoe']}/look/")
    absent = alice.get("/students/9999/look/")
    assert refused.status_code == absent.status_code == 404
    # What differs between any two pages: the address asked for, and the secrets of forms.
    pages = [
        SECRETS.sub(b"", answer.content.replace(key.encode(), b"?"))
        for answer, key in ((refused, district.student_ids["Zoe"]), (absent, "9999"))
    ]
    assert pages[0] == pages[1]
    assert {**refused.headers, "Content-Length": ""} == {**absent.headers, "Content-Length": ""}


def test_allowed_looks_leave_a_row(district: District, alice: Client) -> None:
    key = district.student_ids["Maya"]
    page = alice.get(f"/students/{key}/look/")
    assert page.content.decode() == "Maya Lin Okafor: you are Maya's homeroom teacher (4A)"
    entry = AuditEntry.objects.get(action="student_viewed")
    assert (entry.user, entry.student_id, entry.at) == (district.users["Alice"], key, NOW)


def test_refused_looks_leave_none(district: District, alice: Client) -> None:
    alice.get(f"/students/{district.student_ids['Zoe']}/look/")
    assert not AuditEntry.objects.filter(action="student_viewed").exists()


def test_no_row_no_page(district: District, alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the audit's table out of order, a page of a student is an error and not a page."""

    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("no such table: access_auditentry")

    monkeypatch.setattr(audit.AuditEntry.objects, "bulk_create", broken)
    page = alice.get(f"/students/{district.student_ids['Maya']}/look/")
    assert page.status_code == 500
    assert b"Okafor" not in page.content


def test_pages_need_a_sign_in(district: District) -> None:
    page = Client().get(f"/students/{district.student_ids['Maya']}/look/")
    assert page.status_code == 302
    assert page["Location"].startswith("/accounts/login/")


def test_people_disabled_meanwhile_are_out_with_the_next_request(district: District, alice: Client) -> None:
    address = f"/students/{district.student_ids['Maya']}/look/"
    assert alice.get(address).status_code == 200
    type(district.users["Alice"]).objects.filter(pk=district.users["Alice"].pk).update(is_active=False)
    assert alice.get(address).status_code == 302


def test_sessions_ended_elsewhere_are_over_with_the_next_request(district: District, alice: Client) -> None:
    from allpresent.access.sessions import end_sessions

    address = f"/students/{district.student_ids['Maya']}/look/"
    assert alice.get(address).status_code == 200
    end_sessions([district.users["Alice"].pk])
    assert alice.get(address).status_code == 302
