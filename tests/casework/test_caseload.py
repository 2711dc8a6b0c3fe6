"""Handing a student over: the receiver accepts, the dated grants move, open steps come along, nothing twice."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key, visible_students, why_can_view
from allpresent.access.models import AuditEntry, Grant
from allpresent.casework import CaseworkError
from allpresent.casework.caseload import accept_student, decline_student, offer_student, set_limit, withdraw_offer
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import CaseStep, HandOver
from allpresent.casework.queries.caseload import caseload_of, colleagues, offers_by, offers_to
from tests.cast import NOW, TODAY, student_id

ZOE, DANTE = student_id("Zoe"), student_id("Dante")
WHY = "The family moved to the other side of town."


def offer(district, giver="Felix", to="Kim", student=ZOE, key=None):
    users = district.users
    return offer_student(users[giver], student, users[to], WHY, key or issue_key(), NOW)


def accept(district, offered, name="Kim", key=None, now=NOW):
    return accept_student(district.users[name], offered.pk, key or issue_key(), now)


def carried(district, name, on=TODAY):
    return [one.student_id for one in caseload_of(district.users[name], on)]


def test_an_offer_changes_nothing_until_it_is_accepted(open_cases):
    offered = offer(open_cases)
    assert offers_by(open_cases.users["Felix"]) == {ZOE: offered}
    assert offers_to(open_cases.users["Kim"]) == [offered]
    assert (carried(open_cases, "Felix"), carried(open_cases, "Kim")) == ([ZOE], [DANTE])
    assert why_can_view(open_cases.users["Kim"], ZOE, TODAY) is None


def test_accepted_the_grants_move_today_and_the_open_steps_with_them(open_cases):
    felix, kim = open_cases.users["Felix"], open_cases.users["Kim"]
    CaseStep.objects.filter(case__student_id=ZOE).update(assigned_to=felix)
    done = CaseStep.objects.filter(case__student_id=ZOE).first()
    CaseStep.objects.filter(pk=done.pk).update(state="done")
    accept(open_cases, offer(open_cases))
    assert (carried(open_cases, "Felix"), carried(open_cases, "Kim")) == ([], [ZOE, DANTE])
    assert carried(open_cases, "Felix", TODAY - timedelta(days=1)) == [ZOE]
    grant = Grant.objects.get(user=kim, object_id=ZOE)
    assert (grant.relation, grant.starts_on, grant.source) == ("care_coordinator", TODAY, "hand-over")
    assert visible_students(kim, TODAY).filter(pk=ZOE).exists()
    assert not visible_students(felix, TODAY).filter(pk=ZOE).exists()
    steps = CaseStep.objects.filter(case__student_id=ZOE)
    assert {step.assigned_to for step in steps.filter(state="open")} == {kim}
    assert steps.get(pk=done.pk).assigned_to == felix
    assert set(AuditEntry.objects.filter(student_id=ZOE).values_list("action", flat=True)) >= {
        "hand_over.offered",
        "hand_over.accepted",
        "grant_given",
        "grant_ended",
    }


def test_accepting_twice_is_accepting_once(open_cases):
    offered, key = offer(open_cases), issue_key()
    accept(open_cases, offered, key=key)
    accept(open_cases, offered, key=key)
    with pytest.raises(AlreadyChangedError):
        accept(open_cases, offered)
    assert Grant.objects.filter(user=open_cases.users["Kim"], object_id=ZOE).count() == 1


def test_only_the_receiver_answers(open_cases):
    offered = offer(open_cases)
    for name in ("Felix", "Dolores", "Quinn", "Charlie"):
        with pytest.raises(NotVisibleError):
            accept(open_cases, offered, name)
        with pytest.raises(NotVisibleError):
            decline_student(open_cases.users[name], offered.pk, WHY, issue_key(), NOW)


def test_declined_the_student_stays(open_cases):
    offered = offer(open_cases)
    with pytest.raises(CaseworkError, match="why you cannot"):
        decline_student(open_cases.users["Kim"], offered.pk, "no", issue_key(), NOW)
    decline_student(open_cases.users["Kim"], offered.pk, "I carry too many already.", issue_key(), NOW)
    assert carried(open_cases, "Felix") == [ZOE]
    with pytest.raises(AlreadyChangedError):
        accept(open_cases, offered)
    assert offer(open_cases).state == "offered"


def test_an_offer_is_withdrawn_by_its_giver_alone(open_cases):
    offered = offer(open_cases)
    with pytest.raises(NotVisibleError):
        withdraw_offer(open_cases.users["Kim"], offered.pk, issue_key(), NOW)
    assert withdraw_offer(open_cases.users["Felix"], offered.pk, issue_key(), NOW).state == "withdrawn"
    with pytest.raises(AlreadyChangedError):
        accept(open_cases, offered)


@pytest.mark.parametrize("name", ["Kim", "Dolores", "Quinn", "Carmen", "Charlie"])
def test_one_offers_what_one_carries(open_cases, name):
    with pytest.raises(NotVisibleError):
        offer(open_cases, giver=name, to="Felix")


@pytest.mark.parametrize("to", ["Felix", "Dolores", "Alice", "Charlie"])
def test_a_student_goes_to_somebody_with_a_caseload(open_cases, to):
    with pytest.raises(CaseworkError, match="somebody else"):
        offer(open_cases, to=to)


def test_a_student_is_offered_to_one_person_at_a_time(open_cases):
    offer(open_cases)
    with pytest.raises(AlreadyChangedError, match="already offered"):
        offer(open_cases)
    assert HandOver.objects.count() == 1


def test_what_is_no_longer_carried_is_not_handed_over(open_cases):
    offered = offer(open_cases)
    Grant.objects.filter(user=open_cases.users["Felix"], object_id=ZOE).update(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(AlreadyChangedError, match="no longer on that caseload"):
        accept(open_cases, offered)
    assert HandOver.objects.get(pk=offered.pk).state == "offered"


def test_colleagues_are_seen_with_how_full_they_are(open_cases, django_assert_num_queries):
    set_limit(open_cases.users["Kim"], 1, NOW)
    with django_assert_num_queries(3):
        (kim,) = colleagues(open_cases.users["Felix"], TODAY)
    assert (kim.name, kim.carries, kim.most, kim.is_full) == ("Kim Lane", 1, 1, True)
    with pytest.raises(CaseworkError, match="from 1"):
        set_limit(open_cases.users["Kim"], 0, NOW)
    with pytest.raises(NotVisibleError):
        set_limit(open_cases.users["Dolores"], 5, NOW)
