"""A change of the protocol is told before it is made: what opens, what closes, where."""

import shutil
from pathlib import Path

import pytest

from allpresent.protocol import Protocol, load_protocol, preview
from allpresent.protocol.reading import SHIPPED

NEW_HAVEN = load_protocol("new_haven")


def row(student_id: str, days_absent: int, school_id: str = "A", **more: int) -> dict[str, object]:
    return {"student_id": student_id, "school_id": school_id, "days_absent": days_absent} | more


@pytest.fixture
def stricter(tmp_path: Path) -> Protocol:
    """New Haven's protocol with Moderate from 5 days on, a plan due sooner, and no needs assessment at Serious."""
    shutil.copytree(SHIPPED / "new_haven", tmp_path / "ours")
    path = tmp_path / "ours" / "protocol.yaml"
    text = path.read_text("utf-8").replace("days_out: 2-5", "days_out: 2-4").replace("days_out: 6-10", "days_out: 5-10")
    head, tail = text.split("      - key: needs_assessment\n", 1)
    text = head + tail[tail.index("      - key: superintendent_letter") :]
    head, tail = text.split("      - key: success_plan\n", 1)
    path.write_text(head + "      - key: success_plan\n" + tail.replace("due_school_days: 10", "due_school_days: 8", 1))
    return load_protocol(path)


def test_the_same_protocol_changes_nothing():
    same = preview(NEW_HAVEN, NEW_HAVEN, [row("s1", 5), row("s2", 12)], [("s1", "L2.check_in_call")])
    assert (same.opens, same.closes, same.moves, same.new_due_days) == (0, 0, {}, {})
    assert same.sentence() == "opens 0 steps, closes 0; 0 students change level"


def test_a_lower_bound_opens_the_steps_of_the_level(stricter):
    standings = [row("s1", 5), row("s2", 5, "B"), row("s3", 4), row("s4", 12)]
    seen = preview(NEW_HAVEN, stricter, standings, [])
    assert seen.moves == {("L2", "L3"): 2}
    assert seen.opens == 14
    assert seen.opens_by_level == {"L3": 14}
    assert seen.opens_by_school == {"A": 7, "B": 7}
    assert seen.opens_by_step["L3.phone_call"] == 2
    assert seen.new_due_days == {"L3.success_plan": (10, 8)}
    assert seen.sentence() == "opens 14 steps, closes 0; 2 students change level"


def test_a_step_no_longer_promised_closes_where_it_is_open(stricter):
    open_steps = [("s4", "L4.needs_assessment"), ("s4", "L4.phone_call"), ("gone", "L4.needs_assessment")]
    seen = preview(NEW_HAVEN, stricter, [row("s4", 12, "B")], open_steps)
    assert (seen.closes, seen.closes_by_step) == (1, {"L4.needs_assessment": 1})
    assert (seen.closes_by_level, seen.closes_by_school) == ({"L4": 1}, {"B": 1})


def test_a_higher_bound_closes_the_steps_of_the_level(stricter):
    seen = preview(stricter, NEW_HAVEN, [row("s1", 5)], [("s1", "L3.phone_call"), ("s1", "L2.check_in_call")])
    assert seen.moves == {("L3", "L2"): 1}
    assert (seen.opens, seen.closes_by_step) == (0, {"L3.phone_call": 1})


def test_a_jump_of_the_change_calls_once(tmp_path):
    by_rate = load_protocol("attendance_works")
    seen = preview(by_rate, NEW_HAVEN, [row("s1", 12, days_enrolled=200, days_unreported=0)], [])
    assert seen.moves == {("L2", "L4"): 1}
    calls = [key for key in seen.opens_by_step if key.endswith(("phone_call", "check_in_call"))]
    assert calls == ["L4.phone_call"]


def test_a_rate_is_judged_on_reported_days():
    by_rate = load_protocol("attendance_works")
    standings = [
        row("s1", 4, days_enrolled=45, days_unreported=5),
        row("s2", 4, days_enrolled=45, days_unreported=4),
        row("s3", 0, days_enrolled=3, days_unreported=3),
    ]
    assert preview(NEW_HAVEN, by_rate, standings, []).moves == {("L2", "L3"): 1}


def test_students_who_left_are_left_out(stricter):
    assert preview(NEW_HAVEN, stricter, [row("s1", 5, is_enrolled=0)], []).opens == 0
