"""Signing in and out, the language, the first page, and the demonstration's one-click people."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from allpresent.access.models import AuditEntry, User
from tests.cast import District

PASSWORD = "four ordinary words here"
SignIn = Callable[[str], Client]


@pytest.fixture
def alice(district: District) -> User:
    user = User.objects.get(email="alice@elmharbor.example")
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(client: Client, password: str = PASSWORD, email: str = "alice@elmharbor.example"):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_sign_in_leads_to_the_first_page(alice: User, cast_day: None) -> None:
    client = Client()
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/")["Location"] == "/calls/"
    assert AuditEntry.objects.filter(user=alice, action="signed_in").count() == 1


def test_wrong_password_keeps_the_address_and_links_the_error(alice: User) -> None:
    page = log_in(Client(), "wrong").content.decode()
    assert 'value="alice@elmharbor.example"' in page
    assert 'id="errors"' in page


def test_many_wrong_passwords_lock_the_account_for_a_while(alice: User) -> None:
    client = Client()
    for _try in range(6):
        log_in(client, "wrong")
    answer = log_in(client)
    page = answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert answer.status_code in (200, 429)
    assert "Wait five minutes" in page


def test_sign_out_asks_and_ends_the_session(signed_in: SignIn, cast_day: None) -> None:
    client = signed_in("Alice")
    assert "Do you want to sign out" in client.get("/accounts/logout/").content.decode()
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/calls/")["Location"].startswith("/accounts/login/")


def test_forgotten_password_is_set_by_mailed_link(alice: User) -> None:
    client = Client()
    assert client.post("/accounts/password/reset/", {"email": alice.email}).status_code == 302
    (letter,) = mail.outbox
    assert letter.to == [alice.email]
    assert "within one hour" in letter.body
    link = next(word for word in letter.body.split() if "/password/reset/key/" in word)
    form = client.get(link, follow=True)
    assert "At least 15 characters" in form.content.decode()
    address = form.redirect_chain[-1][0]
    new = "some other plain words"
    client.post(address, {"password1": new, "password2": new})
    assert log_in(Client(), new).status_code == 302


def test_unknown_address_gets_the_same_answer(alice: User) -> None:
    known = Client().post("/accounts/password/reset/", {"email": alice.email})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@elmharbor.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_nobody_signs_up(db: None) -> None:
    page = Client().get("/accounts/signup/").content.decode()
    assert "Nobody signs up here" in page


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Alice", "/calls/"),
        ("Paula", "/school/"),
        ("Quinn", "/today/"),
        ("Felix", "/today/"),
        ("Dolores", "/district/"),
        ("Erin", "/district/"),
        ("Stella", "/deliveries/"),
    ],
)
def test_first_page_is_where_the_day_begins(signed_in: SignIn, cast_day: None, name: str, first: str) -> None:
    assert signed_in(name).get("/")["Location"] == first


def test_person_without_any_place_is_told_so(signed_in: SignIn, cast_day: None) -> None:
    answer = signed_in("Charlie").get("/")
    assert answer.status_code == 200
    assert "no school, class or task is yours" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("Alice", {"My calls"}),
        ("Quinn", {"My calls", "Today", "My school", "Reports"}),
        ("Stella", {"District", "Reports", "Deliveries"}),
        ("Ivan", set()),
        ("Charlie", set()),
    ],
)
def test_navigation_shows_what_the_person_may_open(signed_in: SignIn, cast_day: None, name: str, places: set) -> None:
    page = signed_in(name).get("/", follow=True).content.decode()
    nav = page.split('id="places"')[1].split("</nav>")[0] if 'id="places"' in page else ""
    every = {"My calls", "Today", "My school", "District", "Reports", "Deliveries"}
    assert {place for place in every if f">{place}</a>" in nav} == places
    assert ("Search a student" in nav) is (name in ("Alice", "Quinn", "Stella"))


def test_header_says_school_day_and_age_of_the_data(signed_in: SignIn, cast_day: None) -> None:
    page = signed_in("Quinn").get("/today/").content.decode()
    assert "Harbor High School" in page
    assert "school day 46" in page
    assert "data to Thu 5 Nov, 06:30" in page


def test_language_is_kept_in_the_browser_and_on_the_record(signed_in: SignIn, cast_day: None) -> None:
    client = signed_in("Alice")
    answer = client.post("/language/", {"language": "es", "next": "/calls/"})
    assert answer["Location"] == "/calls/"
    page = client.get("/calls/").content.decode()
    assert '<html lang="es">' in page
    assert "Mis llamadas" in page
    assert User.objects.get(email="alice@elmharbor.example").language == "es"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_language_never_leads_out_of_the_house(db: None, target: str) -> None:
    assert Client().post("/language/", {"language": "es", "next": target})["Location"] == "/"


def test_unknown_language_changes_nothing(db: None) -> None:
    answer = Client().post("/language/", {"language": "xx"})
    assert django_settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def make_demo(settings: object) -> None:
    settings.IS_DEMO = True  # type: ignore[attr-defined]
    settings.DISTRICT = replace(settings.DISTRICT, is_demo=True)  # type: ignore[attr-defined]
    User.objects.filter(email__startswith="quinn").update(is_demo=True)


def test_demo_offers_its_people_by_role(district: District, settings: object) -> None:
    make_demo(settings)
    page = Client().get("/accounts/login/").content.decode()
    assert "School attendance team" in page
    assert "Harbor High School" in page
    assert "alice@elmharbor.example" not in page, "only the demonstration's own people"


def test_demo_person_is_one_click_away(district: District, settings: object) -> None:
    make_demo(settings)
    client = Client()
    assert client.post("/demo/sign-in/", {"person": "quinn@elmharbor.example"})["Location"] == "/"
    assert client.get("/today/").status_code == 200


def test_one_click_is_absent_outside_the_demonstration(district: District, settings: object) -> None:
    User.objects.update(is_demo=True)
    settings.IS_DEMO = False  # type: ignore[attr-defined]
    client = Client()
    assert "person-card" not in client.get("/accounts/login/").content.decode()
    assert client.post("/demo/sign-in/", {"person": "quinn@elmharbor.example"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_real_person_is_no_demo_person(district: District, settings: object) -> None:
    make_demo(settings)
    assert Client().post("/demo/sign-in/", {"person": "alice@elmharbor.example"}).status_code == 404


def test_pages_ask_for_a_sign_in_first(db: None) -> None:
    for address in ("/", "/calls/", "/calls/1002/", "/today/", "/today/call-list/", "/today/list.csv", "/search/"):
        assert Client().get(address)["Location"].startswith("/accounts/login/"), address


def test_missing_page_speaks_plainly(signed_in: SignIn, cast_day: None) -> None:
    answer = signed_in("Alice").get("/no-such-page/")
    assert answer.status_code == 404
    assert "Both look the same, on purpose" in answer.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429"])
def test_error_pages_stand_in_the_frame(db: None, name: str) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    page = render_to_string(f"{name}.html", request=request)
    assert "To the first page" in page
    assert page.count("<h1>") == 1


def test_page_of_a_fault_needs_nothing_and_speaks_both_languages() -> None:
    page = render_to_string("500.html")
    assert "Something stopped on our side" in page
    assert '<div lang="es"><h2>Algo se detuvo de nuestro lado</h2>' in page
