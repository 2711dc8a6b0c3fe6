"""The demo's one-click sign-in: it takes a demo home and a demo person, both."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404, HttpRequest

from allpresent.access.demo_signin import demo_people, sign_in_as
from allpresent.access.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_() -> HttpRequest:
    request = HttpRequest()
    request.session = SessionStore()
    request.META["SERVER_NAME"], request.META["SERVER_PORT"] = "localhost", "80"
    return request


@pytest.mark.parametrize(
    ("home_is_demo", "person_is_demo", "is_active", "opens"),
    [
        (True, True, True, True),
        (False, True, True, False),
        (True, False, True, False),
        (True, True, False, False),
        (False, False, True, False),
    ],
)
def test_one_click_opens_only_where_home_and_person_are_of_the_demo(
    settings: object, request_: HttpRequest, home_is_demo: bool, person_is_demo: bool, is_active: bool, opens: bool
) -> None:
    settings.IS_DEMO = home_is_demo  # type: ignore[attr-defined]
    user = factories.make_user("ada@elmharbor.example", is_demo=person_is_demo, is_active=is_active)
    assert list(demo_people()) == ([user] if opens else [])
    if opens:
        assert sign_in_as(request_, "Ada@elmharbor.example") == user
        assert AuditEntry.objects.filter(action="signed_in", user=user).exists()
    else:
        with pytest.raises(Http404):
            sign_in_as(request_, "ada@elmharbor.example")
        assert "_auth_user_id" not in request_.session


def test_strangers_are_not_signed_in(settings: object, request_: HttpRequest) -> None:
    settings.IS_DEMO = True  # type: ignore[attr-defined]
    with pytest.raises(Http404):
        sign_in_as(request_, "nobody@elmharbor.example")
