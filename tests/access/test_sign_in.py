"""Signing in: by the district's list alone, with a limit on wrong passwords that no number of workers widens."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.urls import include, path

from allpresent.access.models import AuditEntry, User
from allpresent.access.sessions import SEEN_AT, SIGNED_IN_AT
from tests import factories

PASSWORD = "a long walk to school"
LIMIT = 5  # ACCOUNT_RATE_LIMITS: wrong passwords for one account in five minutes
LOGIN = "/accounts/login/"


def whoami(request: object) -> object:
    from django.http import HttpResponse

    return HttpResponse(f"{request.user.email} {request.LANGUAGE_CODE}")  # type: ignore[attr-defined]


urlpatterns = [path("whoami/", whoami), path("", include(settings.ROOT_URLCONF))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def ada() -> User:
    return factories.make_user("ada@elmharbor.example", password=PASSWORD, full_name="Ada Weiss")


def sign_in(email: str, password: str, address: str = "10.0.0.1", client: Client | None = None) -> Client:
    client = client or Client()
    client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address)
    return client


def is_in(client: Client) -> bool:
    return client.get("/whoami/").status_code == 200


def test_people_sign_in_by_address_in_any_letters_case(ada: User) -> None:
    assert is_in(sign_in("Ada@ElmHarbor.example", PASSWORD))
    assert not is_in(sign_in(ada.email, "a wrong walk to school"))
    assert AuditEntry.objects.filter(action="signed_in", user=ada).count() == 1


def test_wrong_passwords_are_checked_five_times_and_no_more(ada: User) -> None:
    checked: list[object] = []
    user_login_failed.connect(lambda **sent: checked.append(sent), weak=False, dispatch_uid="count")
    try:
        for turn in range(LIMIT + 4):
            sign_in(ada.email, f"wrong {turn}", address=f"10.0.1.{turn}")
    finally:
        user_login_failed.disconnect(dispatch_uid="count")
    assert len(checked) == LIMIT
    assert not is_in(sign_in(ada.email, PASSWORD, address="10.0.9.9"))


def test_locking_one_account_leaves_the_others_open(ada: User) -> None:
    other = factories.make_user("ben@elmharbor.example", password=PASSWORD)
    for turn in range(LIMIT + 1):
        sign_in(ada.email, "wrong", address=f"10.0.1.{turn}")
    assert is_in(sign_in(other.email, PASSWORD, address="10.0.1.1"))


def test_other_host_names_and_letter_cases_give_no_fresh_attempts(ada: User) -> None:
    checked: list[object] = []
    user_login_failed.connect(lambda **sent: checked.append(sent), weak=False, dispatch_uid="count")
    try:
        for turn, (email, host) in enumerate(
            [(ada.email, "localhost"), (ada.email.upper(), "127.0.0.1"), (f" {ada.email}", "testserver")] * 4
        ):
            Client().post(LOGIN, {"login": email, "password": "wrong"}, HTTP_HOST=host, REMOTE_ADDR=f"10.0.2.{turn}")
    finally:
        user_login_failed.disconnect(dispatch_uid="count")
    assert len(checked) == LIMIT


def test_one_password_tried_on_many_accounts_is_stopped() -> None:
    people = [factories.make_user(password=PASSWORD) for _ in range(30)]
    signed_in = [is_in(sign_in(person.email, PASSWORD[:-1] + "x", address="10.0.3.3")) for person in people[:-1]]
    assert not any(signed_in)
    # By now the address is known for it: even a right password is not looked at.
    assert not is_in(sign_in(people[-1].email, PASSWORD, address="10.0.3.3"))


@pytest.mark.django_db(transaction=True)
def test_forty_guesses_at_once_get_no_more_than_the_limit(ada: User) -> None:
    hands, checked = 40, []
    together = Barrier(hands)

    def guess(number: int) -> None:
        try:
            together.wait()
            sign_in("ada@elmharbor.example", f"guess {number}", address=f"10.1.0.{number}")
        finally:
            connections.close_all()

    user_login_failed.connect(lambda **sent: checked.append(sent), weak=False, dispatch_uid="count")
    try:
        with ThreadPoolExecutor(hands) as pool:
            list(pool.map(guess, range(hands)))
        assert len(checked) <= LIMIT
        for turn in range(LIMIT):
            sign_in("ada@elmharbor.example", "wrong", address=f"10.2.0.{turn}")
    finally:
        user_login_failed.disconnect(dispatch_uid="count")
    assert len(checked) == LIMIT
    assert not is_in(sign_in("ada@elmharbor.example", PASSWORD, address="10.2.1.1"))


def test_nobody_makes_an_account_for_themselves() -> None:
    answer = Client().post(
        "/accounts/signup/", {"email": "eve@elsewhere.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert answer.status_code == 200
    assert not User.objects.filter(email="eve@elsewhere.example").exists()
    for gone in ("/accounts/email/", "/accounts/confirm-email/", "/accounts/login/code/", "/admin/"):
        signed_in = Client()
        signed_in.force_login(factories.make_user())
        assert signed_in.get(gone).status_code == 404, gone


def test_disabled_people_do_not_sign_in(ada: User) -> None:
    User.objects.update(is_active=False)
    assert not is_in(sign_in(ada.email, PASSWORD))


def test_people_without_a_password_set_one_by_mailed_link() -> None:
    """Who comes from staff.csv has no password: the forgotten-password page makes the first one."""
    user = factories.make_user("new@elmharbor.example")
    assert not user.has_usable_password()
    client = Client()
    client.post("/accounts/password/reset/", {"email": user.email})
    (message,) = mail.outbox
    assert message.to == [user.email]
    link = re.search(r"/accounts/password/reset/key/\S+", message.body)
    assert link
    form = client.get(link[0], follow=True)
    where = form.redirect_chain[-1][0]
    for password, accepted in (("fourteen chars", False), (PASSWORD, True)):
        client.post(where, {"password1": password, "password2": password})
        user.refresh_from_db()
        assert user.has_usable_password() is accepted
    assert is_in(sign_in(user.email, PASSWORD))


def test_addresses_nobody_has_are_answered_alike(ada: User) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in (ada.email, "nobody@elmharbor.example")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/password/reset/done/")}


@pytest.mark.parametrize(
    ("signed_in_ago", "seen_ago", "stays"),
    [
        (0, 0, True),
        (60 * 60, 29 * 60, True),
        (60 * 60, 30 * 60, False),
        (12 * 3600 - 60, 0, True),
        (12 * 3600, 0, False),
    ],
)
def test_sessions_end_after_twelve_hours_and_after_half_an_hour_alone(
    ada: User, signed_in_ago: int, seen_ago: int, stays: bool
) -> None:
    client = Client()
    client.force_login(ada)
    session, now = client.session, int(time.time())
    session[SIGNED_IN_AT], session[SEEN_AT] = now - signed_in_ago, now - seen_ago
    session.save()
    assert is_in(client) is stays
    assert is_in(client) is stays


@pytest.mark.parametrize(
    ("stood_on", "back"),
    [
        ("http://testserver/students/S7/?day=2026-09-02", "/students/S7/%3Fday%3D2026-09-02"),
        ("", "/students/S7/note/"),
        ("http://elsewhere.example/students/S7/", "/students/S7/note/"),
    ],
)
def test_who_sends_a_form_too_late_comes_back_to_its_page(stood_on: str, back: str) -> None:
    headers = {"Referer": stood_on} if stood_on else {}
    answer = Client().post("/students/S7/note/", {"text": "Works nights."}, headers=headers)
    assert answer["Location"] == f"{LOGIN}?next={back}"


def test_requests_keep_a_session_awake(ada: User) -> None:
    client = Client()
    client.force_login(ada)
    session = client.session
    session[SEEN_AT] = int(time.time()) - 20 * 60
    session.save()
    assert is_in(client)
    assert client.session[SEEN_AT] >= int(time.time()) - 5


def test_pages_are_kept_by_no_cache_and_run_no_inline_code(ada: User) -> None:
    client = Client()
    client.force_login(ada)
    for page in (client.get("/whoami/"), Client().get(LOGIN), client.get("/nowhere/")):
        assert page["Cache-Control"] == "no-store, private"
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page["X-Frame-Options"] == "DENY"
        assert page["X-Content-Type-Options"] == "nosniff"
        assert page["Referrer-Policy"] == "same-origin"


def test_pages_speak_the_language_of_the_person_unless_the_browser_chose() -> None:
    user = factories.make_user("luz@elmharbor.example", language="es")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    assert client.get("/whoami/").content.decode() == "luz@elmharbor.example es"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert client.get("/whoami/").content.decode() == "luz@elmharbor.example en"


def test_session_ids_change_at_sign_in(ada: User) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["before"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    sign_in(ada.email, PASSWORD, client=client)
    assert client.session.session_key != session.session_key
