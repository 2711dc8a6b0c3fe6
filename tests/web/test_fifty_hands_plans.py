"""Fifty sendings of one form at one moment have one effect: plans, mentors' logs and worries, the way of a letter."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from allpresent import casework
from allpresent.access import issue_key
from allpresent.casework.models import CheckIn, Letter, MentorWorry, PlanReview, PlanVersion, SuccessPlan
from allpresent.measures import open_facts
from allpresent.roster.models import Contact
from tests.cast import LAST_SCHOOL_DAY, NOW, TODAY, District, enter_people, student_id
from tests.web.test_fifty_hands import send_by_all, written
from tests.web.test_mentors import matched
from tests.web.test_plans import FORM, fields

SignIn = Callable[[str], Client]
MATEO = student_id("Mateo")


@pytest.mark.django_db(transaction=True)
def test_plans(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assert send_by_all(client, FORM, fields(desk_day)) == {302}
    assert (SuccessPlan.objects.count(), PlanVersion.objects.count(), written("plan.started")) == (1, 1, 1)

    plan = SuccessPlan.objects.get()
    sent = {"how": "phone", "with_whom": "Lucía Delgado", "witness": "Nadia Petrov", "version": 1}
    assert send_by_all(client, f"/plans/{plan.pk}/agree/", sent | {"form_key": issue_key()}) == {302}
    assert (written("plan.agreed"), PlanReview.objects.count()) == (1, 3)

    assert send_by_all(client, FORM, fields(desk_day, version=1, backup="A taxi.")) == {302}
    plan.refresh_from_db()
    assert (plan.version, PlanVersion.objects.count(), written("plan.changed")) == (2, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_mentors_log_and_worry(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    client, own = signed_in("Hugo"), f"/mentees/{made.pk}/"
    assert send_by_all(client, f"{own}check-in/", {"how": "talked", "form_key": issue_key()}) == {302}
    assert (CheckIn.objects.count(), written("mentor.checked_in")) == (1, 1)

    assert send_by_all(client, f"{own}worry/", {"text": "He is tired.", "form_key": issue_key()}) == {302}
    assert (MentorWorry.objects.count(), written("mentor.worried")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_way_of_a_letter(own_home: Path, cast_day: None) -> None:
    (own_home / "letters.yaml").write_text("phone: 203 555 0100\n", encoding="utf-8")
    people = enter_people(own_home).users
    Contact.objects.filter(student_id=MATEO).exclude(priority=1).delete()
    casework.open_steps(own_home, open_facts(own_home), LAST_SCHOOL_DAY, TODAY, NOW)
    paula, dolores = Client(), Client()
    paula.force_login(people["Paula"])  # type: ignore[arg-type]
    dolores.force_login(people["Dolores"])  # type: ignore[arg-type]

    for kind in ("superintendent_letter", "truancy_meeting_notice"):
        paula.post("/letters/verify/", {"step": f"{MATEO}|{kind}", "form_key": issue_key()})
    going, stopped = Letter.objects.order_by("pk")
    assert send_by_all(dolores, "/letters/approve/", {"step": going.pk, "form_key": issue_key()}) == {302}
    assert written("letters.approved") == 1

    why = {"step": stopped.pk, "reason": "The family called us", "form_key": issue_key()}
    assert send_by_all(paula, "/letters/pull-back/", why) == {302}
    assert written("letters.pulled_back") == 1

    paula.post("/letters/produce/", {"step": going.pk, "form_key": issue_key()})
    going.refresh_from_db()
    left = {"step": going.pk, "on": TODAY.isoformat(), "channel": "mail", "form_key": issue_key()}
    assert send_by_all(paula, f"/letters/batches/{going.batch_id}/mailed/", left) == {302}
    going.refresh_from_db()
    stopped.refresh_from_db()
    assert (written("letters.mailed"), going.state, stopped.state) == (1, "mailed", "pulled_back")
