"""What the pages ask, with the numbers drawn and the number of queries stated."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest

from allpresent.access import issue_key
from allpresent.casework import close_step, exempt_step, queries, reassign_steps, take_up_step
from allpresent.casework.evidence import Evidence
from allpresent.casework.models import CaseStep, LevelCrossing
from allpresent.casework.models.steps import Outcome, StepState
from allpresent.casework.queries import open_work
from allpresent.casework.queries.kept import _half_reached, _Wait, school_days_before, share_on_time
from allpresent.measures import open_facts
from allpresent.protocol import load_protocol
from tests import cast
from tests.casework.deliveries import day, deliver, night, steps_of
from tests.casework.test_contacts import MATEO, log

PROTOCOL = load_protocol("new_haven")
ZOE, MAYA, DANTE = (cast.student_id(name) for name in ("Zoe", "Maya", "Dante"))


EVERYBODY = {MATEO, ZOE, MAYA, DANTE}


def called(district, name):
    return [row.student_id for row in open_work.open_calls(district.users[name], cast.TODAY)]


def test_open_calls_are_the_persons_own(open_cases, django_assert_num_queries):
    alice = open_cases.users["Alice"]
    with django_assert_num_queries(2):
        (row,) = open_work.open_calls(alice, cast.TODAY)
    assert (row.student_id, row.school_id) == (MAYA, cast.LINDEN)
    assert (row.label_en, row.due_on) == (
        steps_of("Maya")["L2.check_in_call"].label_en,
        steps_of("Maya")["L2.check_in_call"].due_on,
    )


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Quinn", [ZOE]),  # Harbor's team: Zoe's call is the team's, Dante's is a teacher's
        ("Carmen", []),
        ("Charlie", []),
        ("Erin", []),
        ("Ivan", []),
    ],
)
def test_open_calls_follow_role_and_sight(open_cases, name, seen):
    assert called(open_cases, name) == seen


def test_a_call_given_to_somebody_is_theirs_and_nobody_elses(open_cases):
    step, paula = steps_of("Maya")["L2.check_in_call"], open_cases.users["Paula"]
    reassign_steps(open_cases.users["Dolores"], [step.pk], paula, issue_key(), cast.NOW)
    assert called(open_cases, "Alice") == []
    assert MAYA in called(open_cases, "Paula")


def test_a_made_call_leaves_the_list(open_cases):
    log(open_cases, name="Alice", student=MAYA)
    assert called(open_cases, "Alice") == []


def test_open_steps_come_most_urgent_first_and_of_the_students_named(open_cases, django_assert_num_queries):
    CaseStep.objects.filter(case__student_id=MAYA, kind="call").update(due_on=date(2026, 11, 2))
    with django_assert_num_queries(2):
        steps = open_work.open_steps(open_work.cases_of(EVERYBODY))
    assert (steps[0].student_id, steps[0].kind, steps[0].level) == (MAYA, "call", "L2")
    assert {step.student_id for step in steps} == EVERYBODY
    assert {step.student_id for step in open_work.open_steps(open_work.cases_of({ZOE}))} == {ZOE}


def test_crossed_since_tells_the_highest_level_of_a_jump(open_cases, django_assert_num_queries):
    with django_assert_num_queries(1):
        levels = open_work.crossed_since(EVERYBODY, cast.NOW - timedelta(minutes=1), None)
    assert (levels[ZOE], levels[MAYA]) == ("L6", "L2")
    assert open_work.crossed_since(EVERYBODY, cast.NOW, None) == {}


def test_reached_days_are_of_contacts_and_not_of_tries(open_cases, django_assert_num_queries):
    log(open_cases, name="Dolores", student=MATEO)
    log(open_cases, name="Dolores", student=ZOE, result="no_answer")
    with django_assert_num_queries(1):
        assert open_work.reached_days(EVERYBODY) == {MATEO: cast.TODAY}
    assert open_work.reached_on(MATEO) == cast.TODAY
    assert open_work.reached_on(ZOE) is None


def test_last_contacts_tell_the_newest_attempt_that_stands(open_cases, django_assert_num_queries):
    log(open_cases, name="Dolores", student=MATEO, result="no_answer", at=cast.NOW - timedelta(days=2))
    log(open_cases, name="Bob", student=MATEO, result="left_message", at=cast.NOW - timedelta(days=1))
    with django_assert_num_queries(1):
        found = open_work.last_contacts([MATEO, ZOE])
    assert list(found) == [MATEO]
    assert (found[MATEO].result, found[MATEO].by) == ("left_message", "Bob Tanaka")
    own = open_work.last_contacts([MATEO], only_by=open_cases.users["Dolores"])
    assert own[MATEO].result == "no_answer"


def test_school_days_before_counts_in_school_days(open_cases):
    facts = open_facts(open_cases.home)
    assert school_days_before(facts, day(20), 10) == day(10)
    assert school_days_before(facts, day(20), 10, cast.LINDEN) == day(10)
    assert school_days_before(facts, day(10), 10) is None


def test_the_timeline_tells_everything_newest_first(open_cases, django_assert_num_queries):
    log(open_cases, name="Dolores", student=MATEO, causes=("illness",), note="He has asthma.")
    log(open_cases, name="Dolores", student=MATEO, result="no_answer", at=cast.NOW - timedelta(days=3))
    exempt_step(
        open_cases.users["Dolores"],
        steps_of("Mateo")["L3.home_visit"].pk,
        "They asked for none.",
        issue_key(),
        cast.NOW,
    )
    with django_assert_num_queries(10):
        events = queries.timeline(MATEO)
    assert [event.on for event in events] == sorted((event.on for event in events), reverse=True)
    kinds = [event.kind for event in events]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "crossed": 3,
        "contact": 1,
        "attempt": 1,
        "done": 1,
        "exempt": 1,
    }
    contact = next(event for event in events if event.kind == "contact")
    assert (contact.text, contact.by, contact.detail["causes"]) == ("He has asthma.", "Dolores Lane", ["illness"])
    crossed = [event for event in events if event.kind == "crossed"]
    assert [event.level for event in crossed] == ["L4", "L3", "L2"]
    assert crossed[0].detail["skipped"] == ["L2", "L3"]


def test_the_ladder_says_how_every_promise_stands(open_cases, django_assert_num_queries):
    log(open_cases, name="Dolores", student=MATEO)
    with django_assert_num_queries(3):
        rungs = queries.ladder(MATEO, PROTOCOL, 2026, date(2026, 11, 10))
    assert [rung.level for rung in rungs] == ["L1", "L2", "L3", "L4", "L5", "L6"]
    assert [rung.level for rung in rungs if rung.is_current] == ["L4"]
    assert [rung.level for rung in rungs if rung.is_skipped] == ["L2", "L3"]
    steps = {step.key: step for rung in rungs for step in rung.steps}
    assert steps["L4.phone_call"].standing == "on_time"
    assert steps["L4.verify_attendance"].standing == "overdue"
    assert "Check the days absent" in steps["L4.verify_attendance"].asks
    assert (steps["L2.check_in_call"].standing, steps["L2.check_in_call"].kept_by) == ("kept_above", "L4.phone_call")
    assert steps["L2.additional_supports"].standing == "if_needed"
    assert steps["L3.success_plan"].standing == "running"
    assert steps["L5.attendance_letter"].standing == "ahead"
    assert not [step for step in steps.values() if step.standing == "not_opened"]
    assert "L3.leap_activated" not in steps  # done once for a school, not for a student


def test_the_ladder_of_a_student_without_a_case_is_all_ahead(open_cases):
    rungs = queries.ladder(cast.student_id("Iris"), PROTOCOL, 2026, cast.TODAY)
    assert [rung.level for rung in rungs if rung.is_current] == ["L1"]
    assert {step.standing for rung in rungs for step in rung.steps} == {"ahead"}


def test_the_ladder_shows_what_was_taken_up_and_what_was_withdrawn(open_cases, tmp_path):
    facts = open_facts(open_cases.home)
    desk = open_cases.users["Dolores"]
    take_up_step(open_cases.home, facts, desk, MATEO, "L2.additional_supports", issue_key(), cast.NOW)
    night(tmp_path, deliver(tmp_path, "0009-z", {"Mateo": range(1, 6)}), 46)
    steps = {step.key: step for rung in queries.ladder(MATEO, PROTOCOL, 2026, cast.TODAY) for step in rung.steps}
    assert steps["L2.additional_supports"].standing == "running"
    assert (steps["L3.success_plan"].standing, steps["L3.success_plan"].text) == (
        "withdrawn",
        "the record was corrected",
    )
    assert steps["L2.check_in_call"].standing == "running"  # given back with the call of the higher level gone


def outcomes(kept):
    return {kind.value: number for kind, number in kept.outcomes.items() if number}


def test_promises_kept_are_counted_as_five_things_on_a_day(open_cases, django_assert_num_queries):
    desk, facts = open_cases.users["Dolores"], open_facts(open_cases.home)
    log(open_cases, name="Dolores", student=MATEO)
    letter = steps_of("Mateo")["L4.superintendent_letter"]
    CaseStep.objects.filter(pk=letter.pk).update(due_on=cast.TODAY - timedelta(days=1))
    close_step(desk, letter.pk, Evidence("letter_mailed", cast.TODAY), issue_key(), cast.NOW)
    exempt_step(desk, steps_of("Mateo")["L3.home_visit"].pk, "They asked for none.", issue_key(), cast.NOW)
    CaseStep.objects.filter(pk=steps_of("Mateo")["L3.team_focus"].pk).update(state=StepState.WITHDRAWN)
    CaseStep.objects.exclude(case__student_id=MATEO).delete()
    CaseStep.objects.filter(state=StepState.OPEN).exclude(step_key="L4.verify_attendance").update(
        due_on=date(2027, 1, 5)
    )
    with django_assert_num_queries(2):
        kept = queries.protocol_on_time(facts, cast.LAST_SCHOOL_DAY, cast.LINDEN)
    assert kept.share is None  # nothing was due or done by then
    assert outcomes(kept) == {"running": 9, "withdrawn": 1, "exempt": 1}
    CaseStep.objects.filter(step_key="L4.verify_attendance").update(due_on=cast.LAST_SCHOOL_DAY - timedelta(days=1))
    CaseStep.objects.filter(state=StepState.DONE).update(ended_on=cast.LAST_SCHOOL_DAY)
    CaseStep.objects.filter(pk=letter.pk).update(due_on=cast.LAST_SCHOOL_DAY - timedelta(days=1))
    kept = queries.protocol_on_time(facts, cast.LAST_SCHOOL_DAY)
    assert outcomes(kept) == {"on_time": 1, "late": 1, "overdue": 1, "running": 6, "withdrawn": 1, "exempt": 1}
    assert (kept.judged, kept.share) == (3, Fraction(1, 3))
    assert {level: sum(line.values()) for level, line in kept.by_level.items()} == {"L3": 5, "L4": 6}


def test_promises_by_school_add_up_to_the_districts(open_cases, django_assert_num_queries):
    facts = open_facts(open_cases.home)
    with django_assert_num_queries(2):
        whole, by_school = queries.protocol_on_time_everywhere(facts, cast.LAST_SCHOOL_DAY)
    assert whole == queries.protocol_on_time(facts, cast.LAST_SCHOOL_DAY)
    assert by_school == queries.protocol_on_time_by_school(facts, cast.LAST_SCHOOL_DAY)
    assert by_school[cast.LINDEN] == queries.protocol_on_time(facts, cast.LAST_SCHOOL_DAY, cast.LINDEN)
    assert set(by_school) == {cast.LINDEN, cast.HARBOR}
    for kind in Outcome:
        assert sum(one.outcomes[kind] for one in by_school.values()) == whole.outcomes[kind]
    assert sum(one.crossings for one in by_school.values()) == whole.crossings == 4


def test_a_promise_that_was_due_counts_on_the_day_after_its_day(open_cases):
    facts = open_facts(open_cases.home)
    CaseStep.objects.update(due_on=cast.LAST_SCHOOL_DAY)
    assert queries.protocol_on_time(facts, cast.LAST_SCHOOL_DAY).outcomes[Outcome.OVERDUE] == 0
    CaseStep.objects.update(due_on=cast.LAST_SCHOOL_DAY - timedelta(days=1))
    kept = queries.protocol_on_time(facts, cast.LAST_SCHOOL_DAY)
    assert kept.outcomes[Outcome.OVERDUE] == kept.judged == CaseStep.objects.count()
    assert kept.share == 0


@pytest.mark.parametrize(
    ("drawn", "within"),
    [
        ([], None),
        ([(10, None), (10, None)], None),
        ([(10, 0), (10, 3)], 0),
        ([(10, 4), (10, 3), (10, None)], 4),
        ([(10, 4), (10, 3), (10, None), (10, None)], 4),
        ([(10, 4), (10, None), (10, None)], None),
        # Three of yesterday cannot say who is reached within four days.
        ([(10, 4), (10, 3), (10, None), (1, None), (1, None), (1, None)], 4),
    ],
)
def test_half_reached_within_leaves_out_crossings_too_young_to_say(drawn, within):
    assert _half_reached(Counter(_Wait("L2", age, until) for age, until in drawn)) == within


def test_days_to_reach_a_family_are_school_days_from_the_absence_that_crossed(district, tmp_path):
    facts = deliver(tmp_path, "0001-a", {"Maya": [4, 10], "Mateo": [4, 11]})
    night(tmp_path, facts, 12)
    assert LevelCrossing.objects.count() == 2
    log(district, name="Dolores", student=MAYA, at=cast.NOW.replace(month=9, day=18))  # a Friday, day 14
    assert day(14) == date(2026, 9, 18)
    kept = queries.protocol_on_time(facts, day(30))
    assert (kept.crossings, kept.reached, kept.half_reached_within) == (2, 1, 4)
    assert kept.reached_within_by_level == {"L2": 4}


def test_share_on_time_is_exact_and_blank_with_nothing_judged():
    assert share_on_time({Outcome.ON_TIME: 1, Outcome.LATE: 1, Outcome.OVERDUE: 1}) == Fraction(1, 3)
    assert share_on_time({Outcome.RUNNING: 5, Outcome.EXEMPT: 1}) is None
