"""The health of a number, from drawn calls."""

from datetime import UTC, datetime, timedelta

import pytest

from allpresent.casework.models import ContactAttempt
from allpresent.casework.numbers import NumberHealth, judge_number, other_part_of_day, phone_key, suggest_number
from allpresent.casework.queries import number_health
from tests import cast
from tests.casework.test_contacts import LUCIA, MATEO, log

NOON = datetime(2026, 10, 1, 16, 0, tzinfo=UTC)  # noon in Connecticut


def calls(*results, at=NOON):
    """One call a day, oldest first."""
    return [
        ContactAttempt(pk=n, result=result, at=at + timedelta(days=n), on=(at + timedelta(days=n)).date())
        for n, result in enumerate(results)
    ]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("+1 203 555 0102", "2035550102"),
        ("(203) 555-0102", "2035550102"),
        ("1-203-555-0102 x17", "2035550102"),
        ("203.555.0102 ext. 4", "2035550102"),
        ("+44 20 7946 0018", "442079460018"),
        ("", ""),
        ("none", ""),
    ],
)
def test_phone_key_tells_two_ways_of_writing_one_number(written, key):
    assert phone_key(written) == key


def test_a_number_nobody_called_has_no_health_yet():
    assert judge_number([]) == NumberHealth()


def test_a_wrong_number_is_wrong_since_it_was_first_found_so():
    health = judge_number(calls("no_answer", "wrong_number", "wrong_number"))
    assert health.is_wrong
    assert health.wrong_since == (NOON + timedelta(days=1)).date()
    assert (health.attempts, health.reached, health.unanswered_in_a_row) == (3, 0, 3)


@pytest.mark.parametrize("answer", ["reached", "reached_not_able"])
def test_a_number_somebody_answered_later_is_right_again(answer):
    health = judge_number(calls("wrong_number", answer))
    assert not health.is_wrong
    assert health.unanswered_in_a_row == 0


def test_a_message_left_does_not_make_a_wrong_number_right():
    assert judge_number(calls("wrong_number", "left_message")).is_wrong


def test_calls_taken_back_are_not_counted():
    call = calls("wrong_number")[0]
    call.undone_at = NOON
    assert judge_number([call]) == NumberHealth()


def test_the_best_hour_is_told_after_two_reached_in_the_afternoon():
    assert judge_number(calls("reached", "no_answer", "reached", at=NOON + timedelta(hours=4))).best_from_hour == 16
    assert judge_number(calls("reached", at=NOON + timedelta(hours=4))).best_from_hour is None
    assert judge_number(calls("reached", "reached", at=NOON - timedelta(hours=3))).best_from_hour is None


def test_a_brothers_call_tells_of_the_number_too(open_cases, django_assert_num_queries):
    log(open_cases, student=cast.student_id("Tomas"), name="Dolores", result="wrong_number")
    with django_assert_num_queries(2):
        numbers = number_health(MATEO)
    assert [(number.full_name, number.health.is_wrong) for number in numbers] == [
        ("Lucía Delgado", True),
        ("Andrés Ruiz", False),
    ]
    assert numbers[0].phone == LUCIA


def known(**fields):
    return NumberHealth(attempts=1, **fields)


@pytest.mark.parametrize(
    ("numbers", "tried", "suggested"),
    [
        ({}, [], ""),
        ({"a": known()}, ["a", "a"], ""),
        ({"a": known(), "b": known()}, ["a", "a"], "b"),
        ({"a": known(), "b": known(), "c": known(reached=2)}, ["a", "a"], "c"),
        ({"a": known(), "b": known(reached=2), "c": known()}, ["a", "b"], "c"),
        ({"a": known(), "b": known(wrong_since=cast.TODAY)}, ["a", "a"], ""),
        ({"a": known(), "b": known()}, ["", ""], "a"),
    ],
)
def test_the_number_to_try_next(numbers, tried, suggested):
    assert suggest_number(numbers, tried) == suggested


@pytest.mark.parametrize(
    ("hours", "part"), [([9, 10], "afternoon"), ([9, 14], "evening"), ([13, 18], "morning"), ([9, 13, 18], "")]
)
def test_another_part_of_the_day(hours, part):
    assert other_part_of_day(NOON + timedelta(hours=hour - 12) for hour in hours) == part
