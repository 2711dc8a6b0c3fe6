"""My caseload: whom it lists, in which order, and a hand-over from offer to acceptance."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from allpresent.access.models import AuditEntry, User
from allpresent.casework.models import CaseloadLimit, ContactAttempt, HandOver
from tests.cast import NOW, District, student_id
from tests.factories import give

SignIn = Callable[[str], Client]
ZOE, DANTE = student_id("Zoe"), student_id("Dante")
WHY = "The family moved to the other side of town."
QUERIES = 22


def key_of(page: str) -> str:
    return page.split('name="form_key" value="')[1].split('"')[0]


def show(client: Client) -> str:
    return client.get("/caseload/").content.decode()


def called(user: User, days: int, result: str) -> None:
    """A call to Zoë's family, that many days ago."""
    then = NOW - timedelta(days=days)
    ContactAttempt.objects.create(
        student_id=ZOE, by=user, at=then, on=then.date(), logged_at=then, mode="phone", result=result
    )


def test_the_students_carried_by_days_since_they_were_reached(desk_day: District, signed_in: SignIn) -> None:
    felix = desk_day.users["Felix"]
    give(felix, "dropout_specialist", "student", student_id("Mateo"))
    called(felix, 6, "reached")
    page = show(signed_in("Felix"))
    assert "You carry 2 students, 2 of them at L4 to L6. The family of 1 was never reached." in page
    assert page.index("Mateo Ruiz Delgado") < page.index("Zoë d&#x27;Angelo")
    assert "Last contact: 6 d ago · reached" in page
    assert AuditEntry.objects.filter(action="caseload.listed").count() == 2
    assert "reached 6 d ago" not in page, "said once"
    called(felix, 1, "no_answer")
    assert "reached 6 d ago" in show(signed_in("Felix"))


def test_an_offer_that_came_back_is_an_audited_read(desk_day: District, signed_in: SignIn) -> None:
    felix = signed_in("Felix")
    sent = {"form_key": key_of(show(felix)), "person": desk_day.users["Kim"].pk, "reason": WHY}
    felix.post(f"/caseload/offer/{ZOE}/", sent)
    HandOver.objects.update(student_id=student_id("Dante"), state="declined", answer="No room.", answered_at=NOW)
    assert "Dante Brooks" in show(felix)
    listed = AuditEntry.objects.filter(action="caseload.listed", user=desk_day.users["Felix"])
    assert student_id("Dante") in listed.values_list("student_id", flat=True)


def test_a_student_is_handed_over_and_accepted(desk_day: District, signed_in: SignIn) -> None:
    felix, kim = signed_in("Felix"), signed_in("Kim")
    sent = {"form_key": key_of(show(felix)), "person": desk_day.users["Kim"].pk, "reason": WHY}
    felix.post(f"/caseload/offer/{ZOE}/", sent)
    assert "Offered to Kim Lane, who has not answered yet." in show(felix)
    page = show(kim)
    assert "Z. d. · grade 10 · Harbor High School" in page
    assert "Angelo" not in page
    offered = HandOver.objects.get()
    kim.post(f"/caseload/offers/{offered.pk}/accept/", {"form_key": key_of(page)})
    assert "Zoë d&#x27;Angelo" in show(kim)
    assert "You carry 0 students" in show(felix)
    assert felix.get(f"/students/{ZOE}/").status_code == 404


def test_a_no_is_told_to_the_giver(desk_day: District, signed_in: SignIn) -> None:
    felix, kim = signed_in("Felix"), signed_in("Kim")
    felix.post(
        f"/caseload/offer/{ZOE}/",
        {"form_key": key_of(show(felix)), "person": desk_day.users["Kim"].pk, "reason": WHY},
    )
    number = HandOver.objects.get().pk
    sent = {"form_key": key_of(show(kim)), "answer": "I carry too many already."}
    kim.post(f"/caseload/offers/{number}/decline/", sent)
    assert "Kim Lane could not take on Zoë d&#x27;Angelo: I carry too many already." in show(felix)


@pytest.mark.parametrize("name", ["Alice", "Paula", "Dolores", "Charlie", "Stella", "Hugo", "Rita"])
def test_who_has_no_caseload_finds_no_page(desk_day: District, signed_in: SignIn, name: str) -> None:
    client = signed_in(name)
    assert client.get("/caseload/").status_code == 404
    assert client.post(f"/caseload/offer/{ZOE}/", {"person": 1}).status_code == 404


def test_somebody_elses_student_is_not_offered(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Felix")
    sent = {"form_key": key_of(show(client)), "person": desk_day.users["Kim"].pk, "reason": WHY}
    assert client.post(f"/caseload/offer/{DANTE}/", sent).status_code == 404


def test_how_many_one_can_carry_is_kept(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Kim")
    client.post("/caseload/limit/", {"most": "0"})
    assert not CaseloadLimit.objects.exists()
    client.post("/caseload/limit/", {"most": "12"})
    assert "You said you can carry 12." in show(client)
    assert "Kim Lane (1 of 12)" in show(signed_in("Felix"))


@pytest.mark.parametrize("more", [0, 3])
def test_the_page_asks_equally_often(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable, more: int
) -> None:
    for name in ("Mateo", "Maya", "Dante")[:more]:
        give(desk_day.users["Felix"], "dropout_specialist", "student", student_id(name))
    client = signed_in("Felix")
    show(client)
    with django_assert_num_queries(QUERIES):
        show(client)
