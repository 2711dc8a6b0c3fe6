"""Steps fall due in school days; a jump opens every level's steps and calls once."""

from datetime import date

import numpy as np
import pytest

from allpresent.protocol import crossing_dates, due_list, load_protocol, steps_due
from allpresent.protocol.steps import due_on, school_steps

NEW_HAVEN = load_protocol("new_haven")
# Two weeks of October 2026; Monday 12 is a holiday.
OCTOBER = np.array([f"2026-10-{day:02}" for day in (5, 6, 7, 8, 9, 13, 14, 15, 16)], dtype="datetime64[D]")
THU = date(2026, 10, 8)


def day(number: int) -> date:
    return date(2026, 10, number)


@pytest.mark.parametrize(
    ("crossed", "school_days", "due"),
    [(5, 1, 6), (8, 1, 9), (8, 2, 13), (9, 1, 13), (10, 1, 13), (12, 2, 14), (8, 5, 16)],
)
def test_due_days_are_days_in_session_after_the_crossing(crossed, school_days, due):
    assert due_on(day(crossed), school_days, OCTOBER) == day(due)


def test_a_snow_day_moves_the_due_days_behind_it():
    snowed = np.delete(OCTOBER, 4)  # Friday 9 October
    assert due_on(THU, 1, snowed) == day(13)
    assert due_on(THU, 2, snowed) == day(14)
    assert due_on(day(5), 2, snowed) == day(7)


def test_a_step_beyond_the_calendar_has_no_due_day():
    assert due_on(THU, 6, OCTOBER) is None
    assert due_on(THU, 1, []) is None


def test_dates_of_either_kind_are_taken():
    assert due_on(THU, 2, OCTOBER.tolist()) == due_on(THU, 2, OCTOBER) == day(13)


def test_one_level_up_opens_the_steps_of_that_level():
    due = steps_due(NEW_HAVEN, "L1", "L2", THU, OCTOBER)
    assert [(step.key, step.due_on, step.is_skipped) for step in due] == [
        ("L2.verify_attendance", day(9), False),
        ("L2.check_in_call", day(14), False),
        ("L2.additional_supports", None, False),
    ]
    assert steps_due(NEW_HAVEN, None, "L2", THU, OCTOBER) == due
    assert steps_due(NEW_HAVEN, NEW_HAVEN.level("L1"), NEW_HAVEN.level("L2"), THU, OCTOBER) == due


def test_nothing_opens_on_the_way_down_or_on_the_spot():
    assert steps_due(NEW_HAVEN, "L3", "L2", THU, OCTOBER) == ()
    assert steps_due(NEW_HAVEN, "L3", "L3", THU, OCTOBER) == ()


def test_a_jump_calls_once_keeps_mentor_and_plan_and_flags_what_was_passed_over():
    due = {step.key: step for step in steps_due(NEW_HAVEN, "L1", "L4", THU, OCTOBER)}
    skipped = {key: step.merged_into for key, step in due.items() if step.is_skipped}
    assert skipped == {
        "L2.verify_attendance": "L4.verify_attendance",
        "L2.check_in_call": "L4.phone_call",
        "L3.verify_attendance": "L4.verify_attendance",
        "L3.phone_call": "L4.phone_call",
        "L3.restorative_circle": "L4.restorative_circle",
    }
    open_now = set(due) - set(skipped)
    assert {"L3.success_mentor", "L3.success_plan", "L3.home_visit", "L4.phone_call", "L4.youth_connect"} <= open_now
    contacts = [key for key in open_now if due[key].step.is_contact]
    assert contacts == ["L4.phone_call"]
    assert due["L3.success_plan"].level == "L3"


@pytest.mark.parametrize("low", range(1, 7))
@pytest.mark.parametrize("high", range(1, 7))
def test_a_jump_leaves_one_step_of_every_act_and_loses_none(low, high):
    due = steps_due(NEW_HAVEN, f"L{low}", f"L{high}", THU, OCTOBER)
    promised = [s for s in NEW_HAVEN.steps() if s.scope == "student" and low < int(s.level[1:]) <= high]
    assert [step.step for step in due] == promised
    left = [step for step in due if not step.is_skipped]
    acts = [step.step.same_act for step in left if step.step.same_act]
    assert len(acts) == len(set(acts))
    assert {step.merged_into for step in due if step.is_skipped} <= {step.key for step in left}


def test_a_schools_own_steps_are_not_opened_for_students():
    own = {step.key for step in school_steps(NEW_HAVEN)}
    assert own
    assert not own & {step.key for step in steps_due(NEW_HAVEN, "L1", "L6", THU, OCTOBER)}


def test_the_due_list_says_who_owes_what_and_what_is_late():
    crossings = {("s2", "A"): {"L2": day(6)}, ("s1", "A"): {"L2": day(13), "L3": day(20)}}
    rows = due_list(NEW_HAVEN, crossings, {"A": OCTOBER}, day(13))
    assert [(row.student_id, row.step, row.due_on, row.is_overdue) for row in rows] == [
        ("s1", "L2.verify_attendance", day(14), False),
        ("s1", "L2.check_in_call", day(16), False),
        ("s2", "L2.verify_attendance", day(7), True),
        ("s2", "L2.check_in_call", day(9), True),
    ]
    assert rows[0].owner_role == "school_attendance_team"
    assert (rows[0].school_id, rows[0].level, rows[0].crossed_on) == ("A", "L2", day(13))


def test_a_step_due_today_is_not_late_and_one_done_is_not_listed():
    crossings = {("s1", "A"): {"L2": day(6)}}
    rows = due_list(NEW_HAVEN, crossings, {"A": OCTOBER}, day(9), done={("s1", "L2.verify_attendance")})
    assert [(row.step, row.is_overdue) for row in rows] == [("L2.check_in_call", False)]


def test_the_call_of_a_higher_level_stands_for_the_lower_ones():
    crossings = {("s1", "A"): {"L2": day(5), "L3": day(8)}}
    before = {row.step for row in due_list(NEW_HAVEN, crossings, {"A": OCTOBER}, day(7))}
    after = {row.step for row in due_list(NEW_HAVEN, crossings, {"A": OCTOBER}, day(8))}
    assert "L2.check_in_call" in before
    assert "L2.check_in_call" not in after
    assert {"L3.phone_call", "L3.success_plan"} <= after


def test_what_is_done_only_if_needed_is_not_owed_unless_a_level_promises_it_outright():
    crossings = {("s1", "A"): {"L4": day(5), "L5": day(6)}}
    steps = {row.step for row in due_list(NEW_HAVEN, crossings, {"A": OCTOBER}, day(8))}
    assert "L5.youth_connect" in steps
    assert not any(key.endswith(("restorative_circle", "care_coordinators")) for key in steps)
    crossings = {("s1", "A"): {"L5": day(5), "L6": day(6)}}
    steps = {row.step for row in due_list(NEW_HAVEN, crossings, {"A": OCTOBER}, day(8))}
    assert "L6.youth_connect" in steps
    assert not {"L6.dcf", "L6.probation", "L6.street_outreach", "L5.youth_connect"} & steps


def test_the_due_list_reads_the_crossings_of_absent_days():
    absent = [day(number) for number in (5, 6, 7, 8, 9, 13)]
    crossed = crossing_dates((2, 6, 11, 15, 18), absent)
    rows = due_list(NEW_HAVEN, {("s1", "A"): crossed}, {"A": OCTOBER}, day(13))
    assert {(row.level, row.crossed_on) for row in rows} == {("L3", day(13))}
    assert crossed == {"L2": day(6), "L3": day(13)}


def test_a_school_without_a_calendar_has_no_due_days():
    rows = due_list(NEW_HAVEN, {("s1", "B"): {"L2": day(6)}}, {}, day(13))
    assert {row.due_on for row in rows} == {None}
    assert not any(row.is_overdue for row in rows)
