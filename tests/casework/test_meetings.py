"""Meetings: the list they begin with, the order, what is decided and what becomes of it, who may."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError, log_contact
from allpresent.casework.contacts import ContactForm
from allpresent.casework.decision_form import DecisionForm
from allpresent.casework.errors import AlreadyChangedError, EvidenceError, NotVisibleError
from allpresent.casework.meetings import (
    decide,
    end_meeting,
    finish_decision,
    move_item,
    order_agenda,
    start_meeting,
    take_back_decision,
)
from allpresent.casework.models import (
    CaseStep,
    ContactAttempt,
    LevelCrossing,
    Meeting,
    MeetingDecision,
    MeetingItem,
    PromisedStep,
)
from allpresent.casework.models.success_plans import PlanReview, SuccessPlan
from allpresent.casework.queries.meetings import (
    count_due,
    decisions_due,
    held_in_year,
    last_meeting_at,
    make_agenda,
    meeting_events,
)
from tests import cast
from tests.casework.deliveries import steps_of
from tests.cast import HARBOR, LAST_SCHOOL_DAY, LINDEN, NOW, TODAY, student_id

MAYA, MATEO, ZOE, DANTE = (student_id(name) for name in ("Maya", "Mateo", "Zoe", "Dante"))
SOON = TODAY + timedelta(days=5)


def agenda(district, name="Paula", school=LINDEN, since=None, silent_since=LAST_SCHOOL_DAY - timedelta(days=14)):
    return make_agenda(district.users[name], TODAY, school, since, silent_since)


def start(district, name="Paula", school=LINDEN, now=NOW, key=None):
    return start_meeting(district.users[name], school, agenda(district, name, school), 0, 2026, key or issue_key(), now)


def decided(district, kind="call_again", words="", owner="Paula", due=SOON, now=NOW):
    item = start(district).items.get(student_id=MATEO)
    form = DecisionForm(kind, district.users[owner].pk if owner else None, due, words)
    return decide(district.users["Paula"], item.pk, form, issue_key(), now)


def speak_of_everybody(district):
    """A meeting that came to the end of its list."""
    MeetingItem.objects.filter(meeting=start(district)).update(discussed_at=NOW + timedelta(minutes=5))
    Meeting.objects.update(state="ended", ended_at=NOW + timedelta(minutes=10))


def call(district, student=MATEO, now=NOW):
    log_contact(district.users["Paula"], student, ContactForm(mode="phone", result="no_answer"), issue_key(), now)


def test_the_list_is_of_the_school_with_the_highest_level_first(open_cases):
    assert [(line.full_name, line.level) for line in agenda(open_cases)] == [
        ("Mateo Ruiz Delgado", "L4"),
        ("Maya Lin Okafor", "L2"),
    ]
    assert {line.student_id for line in agenda(open_cases, "Quinn", HARBOR)} == {ZOE, DANTE}


def test_the_districts_team_speaks_of_whom_the_protocol_hands_to_its_meeting(open_cases):
    held = PromisedStep.objects.filter(owner_role="district_attendance_team", evidence="meeting")
    steps = CaseStep.objects.filter(promise__in=held)
    assert (
        {line.student_id for line in agenda(open_cases, "Dolores", None)}
        == {step.case.student_id for step in steps.select_related("case")}
        == {ZOE}
    )
    steps.update(state="done")
    assert [line.student_id for line in agenda(open_cases, "Dolores", None)] == [ZOE]
    steps.update(state="withdrawn")
    assert agenda(open_cases, "Dolores", None) == []


def test_the_districts_team_speaks_of_everybody_where_the_protocol_hands_it_nobody(open_cases):
    PromisedStep.objects.filter(owner_role="district_attendance_team").update(owner_role="principal")
    assert {line.student_id for line in agenda(open_cases, "Dolores", None)} == {MAYA, MATEO, ZOE, DANTE}


def test_only_what_is_new_or_waits_comes_back_after_a_meeting(open_cases):
    assert agenda(open_cases)[0].reasons == ("crossed",)
    speak_of_everybody(open_cases)
    assert agenda(open_cases, since=NOW + timedelta(hours=1)) == []
    CaseStep.objects.filter(case__student_id=MAYA).update(due_on=TODAY - timedelta(days=1))
    assert [(line.student_id, line.reasons) for line in agenda(open_cases, since=NOW + timedelta(hours=1))] == [
        (MAYA, ("overdue",))
    ]


def test_whom_a_meeting_does_not_come_to_is_on_the_next_list(open_cases):
    lines = agenda(open_cases)
    assert [line.student_id for line in lines] == [MATEO, MAYA]
    start_meeting(open_cases.users["Paula"], LINDEN, lines[1:], 1, 2026, issue_key(), NOW)
    Meeting.objects.update(state="ended", ended_at=NOW)
    later = NOW + timedelta(hours=1)
    # At Mateo's level the team takes the student up; at Maya's the protocol asks nothing of the team.
    assert [(line.student_id, line.reasons) for line in agenda(open_cases, since=later)] == [(MATEO, ("crossed",))]
    CaseStep.objects.filter(case__student_id=MATEO, promise__evidence="meeting").update(state="done")
    assert agenda(open_cases, since=later) == []


def test_a_student_set_aside_is_told_of_again_after_the_next_level(open_cases):
    decided(open_cases, "set_aside", "moving away on Friday")
    later = NOW + timedelta(days=200)
    lines = agenda(open_cases, since=NOW, silent_since=TODAY)
    assert MATEO not in {line.student_id for line in lines if "never_reached" in line.reasons}
    LevelCrossing.objects.filter(case__student_id=MATEO).update(noticed_at=later)
    found = {line.student_id: line.reasons for line in agenda(open_cases, since=NOW, silent_since=TODAY)}
    assert "never_reached" in found[MATEO]


def test_never_reached_and_silent_are_two_things(open_cases):
    later, by = NOW + timedelta(hours=1), open_cases.users["Paula"]
    speak_of_everybody(open_cases)
    ContactAttempt.objects.create(
        student_id=MATEO, by=by, at=NOW, on=TODAY - timedelta(days=30), logged_at=NOW, mode="phone", result="reached"
    )
    found = {line.student_id: line.reasons for line in agenda(open_cases, since=later, silent_since=TODAY)}
    assert found == {MATEO: ("silent",), MAYA: ("never_reached",)}


def test_a_student_closed_with_a_reason_comes_back_when_something_happens(open_cases):
    decided(open_cases, "set_aside", "moving away on Friday")
    later = NOW + timedelta(hours=1)
    assert [line.student_id for line in agenda(open_cases, since=later, silent_since=TODAY)] == [MAYA]
    CaseStep.objects.filter(case__student_id=MATEO).update(due_on=TODAY - timedelta(days=1))
    assert MATEO in {line.student_id for line in agenda(open_cases, since=later, silent_since=TODAY)}


def test_a_review_of_the_plan_brings_a_student_back(open_cases):
    plan = SuccessPlan.objects.create(
        student_id=MAYA, state="agreed", contents={}, started_at=NOW, days_absent="3", days_reported="46", as_of=TODAY
    )
    PlanReview.objects.create(plan=plan, due_on=TODAY)
    held = PlanReview.objects.create(plan=plan, due_on=TODAY - timedelta(days=7), held_on=TODAY)
    later = NOW + timedelta(hours=1)
    speak_of_everybody(open_cases)
    assert [(line.student_id, line.reasons) for line in agenda(open_cases, since=later)] == [(MAYA, ("review",))]
    PlanReview.objects.exclude(pk=held.pk).update(due_on=TODAY + timedelta(days=1))
    assert agenda(open_cases, since=later) == []


def test_the_list_costs_the_same_for_any_number(open_cases, django_assert_num_queries):
    with django_assert_num_queries(12):
        agenda(open_cases, "Dolores", None, since=NOW)


def test_one_meeting_of_a_team_is_open_at_a_time(open_cases):
    start(open_cases)
    with pytest.raises(AlreadyChangedError, match="end it before"):
        start(open_cases)
    assert start(open_cases, "Quinn", HARBOR).school_id == HARBOR
    assert start(open_cases, "Dolores", None).school_id is None


def test_beginning_twice_with_one_key_begins_once(open_cases):
    key = issue_key()
    assert start(open_cases, key=key) == start(open_cases, key=key)
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("name", ["Alice", "Quinn", "Felix", "Charlie", "Stella", "Erin", "Olga", "Mara"])
def test_nobody_else_begins_a_schools_meeting(open_cases, name):
    with pytest.raises(NotVisibleError):
        start_meeting(open_cases.users[name], LINDEN, [], 0, 2026, issue_key(), NOW)
    assert not Meeting.objects.exists()


def test_a_principal_does_not_begin_the_districts(open_cases):
    with pytest.raises(NotVisibleError):
        start(open_cases, "Paula", None)


def test_the_agenda_is_put_in_order(open_cases):
    meeting = start(open_cases)
    first, second = meeting.items.all()
    move_item(open_cases.users["Paula"], second.pk, -1, NOW)
    assert list(meeting.items.all()) == [second, first]
    order_agenda(open_cases.users["Paula"], meeting.pk, [first.pk, 999999], NOW)
    assert list(meeting.items.all()) == [first, second]
    with pytest.raises(NotVisibleError):
        order_agenda(open_cases.users["Quinn"], meeting.pk, [second.pk], NOW)


def test_a_decision_waits_for_its_owner_while_the_owner_sees_the_student(open_cases):
    paula = open_cases.users["Paula"]
    decided(open_cases)
    assert count_due(paula, SOON + timedelta(days=1)) == (1, 1, 0)
    paula.grants.update(ends_on=TODAY - timedelta(days=1))
    assert decisions_due(paula, TODAY) == []
    assert count_due(paula, TODAY) == (0, 0, 0)


def test_a_decision_is_a_step_with_an_owner_and_a_day(open_cases):
    made = decided(open_cases)
    assert (made.state, made.owner, made.due_on) == ("open", open_cases.users["Paula"], SOON)
    assert made.item.__class__.objects.get(pk=made.item_id).discussed_at == NOW
    assert [row.decision_id for row in decisions_due(open_cases.users["Paula"], TODAY)] == [made.pk]
    assert decisions_due(open_cases.users["Quinn"], TODAY, everybody=True) == []
    entry = AuditEntry.objects.get(action="decision.made")
    assert (entry.student_id, entry.user) == (MATEO, open_cases.users["Paula"])


@pytest.mark.parametrize(
    ("kind", "words", "has_owner", "due", "said"),
    [
        ("visit", "", False, SOON, "who does it"),
        ("visit", "", True, None, "by which day"),
        ("set_aside", "no", False, None, "why the team closes"),
        ("dance", "", True, SOON, "Choose what was decided"),
    ],
)
def test_a_decision_that_says_too_little_is_refused(open_cases, kind, words, has_owner, due, said):
    with pytest.raises(CaseworkError, match=said):
        DecisionForm(kind, open_cases.users["Paula"].pk if has_owner else None, due, words)


def test_an_owner_has_to_see_the_student_and_the_day_to_come(open_cases):
    with pytest.raises(CaseworkError, match="does not see"):
        decided(open_cases, owner="Quinn")
    Meeting.objects.all().delete()
    with pytest.raises(CaseworkError, match="in the past"):
        decided(open_cases, due=TODAY - timedelta(days=1))


def test_a_decision_is_taken_back_by_its_author_for_ten_minutes(open_cases):
    made = decided(open_cases)
    with pytest.raises(NotVisibleError):
        take_back_decision(open_cases.users["Quinn"], made.pk, NOW)
    with pytest.raises(AlreadyChangedError):
        take_back_decision(open_cases.users["Dolores"], made.pk, NOW)
    with pytest.raises(AlreadyChangedError):
        take_back_decision(open_cases.users["Paula"], made.pk, NOW + timedelta(minutes=11))
    assert take_back_decision(open_cases.users["Paula"], made.pk, NOW).state == "taken_back"
    assert made.item.__class__.objects.get(pk=made.item_id).discussed_at is None
    assert meeting_events(MATEO) == []


def test_calling_again_is_done_when_the_call_stands_in_the_log(open_cases):
    made, paula = decided(open_cases), open_cases.users["Paula"]
    with pytest.raises(EvidenceError, match="log it on the call sheet"):
        finish_decision(paula, made.pk, TODAY, "called", issue_key(), NOW)
    call(open_cases)
    assert finish_decision(paula, made.pk, TODAY, "", issue_key(), NOW).state == "done"
    with pytest.raises(AlreadyChangedError):
        finish_decision(paula, made.pk, TODAY, "", issue_key(), NOW)


def test_anything_else_is_done_with_a_day_and_words(open_cases):
    made, paula = decided(open_cases, "mentor"), open_cases.users["Paula"]
    with pytest.raises(EvidenceError, match="what came of it"):
        finish_decision(paula, made.pk, TODAY, " ", issue_key(), NOW)
    with pytest.raises(EvidenceError, match="between the meeting and today"):
        finish_decision(paula, made.pk, TODAY - timedelta(days=1), "taken on", issue_key(), NOW)
    with pytest.raises(NotVisibleError):
        finish_decision(open_cases.users["Quinn"], made.pk, TODAY, "taken on", issue_key(), NOW)
    finish_decision(paula, made.pk, TODAY, "taken on", issue_key(), NOW)
    assert [(event.kind, event.text) for event in meeting_events(MATEO)] == [
        ("decided", ""),
        ("decision_done", "taken on"),
    ]


def test_a_meeting_ends_with_the_people_who_were_there(open_cases):
    paula, meeting = open_cases.users["Paula"], start(open_cases)
    with pytest.raises(CaseworkError, match="who was there"):
        end_meeting(paula, meeting.pk, [(" ", "teacher")], issue_key(), NOW)
    with pytest.raises(CaseworkError, match="from the list"):
        end_meeting(paula, meeting.pk, [("Ada Okafor", "guest")], issue_key(), NOW)
    members = [("Paula Lane", "administrator"), ("Ada Okafor", "family"), ("Ada Okafor", "family")]
    ended = end_meeting(paula, meeting.pk, members, issue_key(), NOW)
    assert [one.name for one in ended.members.order_by("pk")] == ["Paula Lane", "Ada Okafor"]
    with pytest.raises(AlreadyChangedError):
        end_meeting(paula, meeting.pk, members, issue_key(), NOW)
    assert last_meeting_at(LINDEN) == NOW
    assert last_meeting_at(HARBOR) is None


def test_the_meeting_is_the_evidence_of_the_teams_own_reviews(open_cases):
    meeting = decided(open_cases).item.meeting
    members = [("Paula Lane", "administrator")]
    end_meeting(open_cases.users["Paula"], meeting.pk, members, issue_key(), NOW)
    steps = steps_of("Mateo")
    assert (steps["L3.team_focus"].state, steps["L3.team_focus"].done_on) == ("done", TODAY)
    assert steps["L3.team_focus"].evidence_reference == f"meeting:{meeting.pk}"
    assert steps["L4.needs_assessment"].state == "open"


def test_a_school_does_not_answer_for_the_districts_review(open_cases):
    for name, school, state in (("Quinn", HARBOR, "open"), ("Dolores", None, "done")):
        user, meeting = open_cases.users[name], start(open_cases, name, school)
        decide(user, meeting.items.get(student_id=ZOE).pk, DecisionForm("go_on"), issue_key(), NOW)
        end_meeting(user, meeting.pk, [("Quinn Lane", "counselor")], issue_key(), NOW)
        assert steps_of("Zoe")["L6.intense_review"].state == state


def test_nothing_is_decided_after_the_end(open_cases):
    paula, meeting = open_cases.users["Paula"], start(open_cases)
    end_meeting(paula, meeting.pk, [("Paula Lane", "administrator")], issue_key(), NOW)
    item = meeting.items.first()
    with pytest.raises(AlreadyChangedError):
        decide(paula, item.pk, DecisionForm("go_on"), issue_key(), NOW)
    with pytest.raises(AlreadyChangedError):
        order_agenda(paula, meeting.pk, [item.pk], NOW)


def test_the_years_count_is_of_meetings_that_ended(open_cases):
    made = decided(open_cases)
    assert held_in_year(2026) == {}
    end_meeting(
        open_cases.users["Paula"], made.item.meeting_id, [("Paula Lane", "administrator")], issue_key(), cast.NOW
    )
    held = held_in_year(2026)[LINDEN]
    assert (held.days, held.students, held.decisions) == ({(2026, 11): [TODAY]}, 1, 1)
    assert MeetingDecision.objects.count() == 1
