"""Levels are exact: a bound is reached or it is not, and nothing is rounded up."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpresent.protocol import ProtocolError, bounds, crossing_dates, level_for, load_protocol
from allpresent.protocol.levels import NEW_HAVEN_BOUNDS, tier_for

NEW_HAVEN = load_protocol("new_haven")
BY_RATE = load_protocol("attendance_works")


def slow_level(days: int) -> str:
    """The toolkit's table, read off line by line."""
    for key, low, high in (("L1", 0, 1), ("L2", 2, 5), ("L3", 6, 10), ("L4", 11, 14), ("L5", 15, 17)):
        if low <= days <= high:
            return key
    return "L6"


@pytest.mark.parametrize("days", range(61))
def test_a_level_is_the_line_of_the_toolkits_table(days):
    assert level_for(NEW_HAVEN, days).key == slow_level(days)
    assert level_for(NEW_HAVEN, np.int64(days)).key == slow_level(days)


@given(st.fractions(min_value=0, max_value=180))
@settings(max_examples=60, deadline=None)
def test_a_part_of_a_day_never_rounds_up(days):
    assert level_for(NEW_HAVEN, days).key == slow_level(int(days))


def test_a_float_is_refused_because_it_may_be_rounded_already():
    with pytest.raises(ProtocolError, match=r"days_absent is 10\.5; give a whole number or an exact fraction"):
        level_for(NEW_HAVEN, 10.5)
    with pytest.raises(ProtocolError, match="rate"):
        level_for(BY_RATE, 18, 0.1)
    assert level_for(NEW_HAVEN, Decimal("10.5")).key == "L3"


def test_a_rate_is_judged_exactly_and_none_stands_at_l1():
    assert level_for(BY_RATE, 18, Fraction(18, 180)).key == "L3"
    assert level_for(BY_RATE, 18, Fraction(18, 181)).key == "L2"
    assert level_for(BY_RATE, 1, None).key == "L1"
    assert level_for(BY_RATE, 180, Fraction(1)).key == "L4"


def test_a_protocol_by_rate_leaves_new_havens_days_in_the_level_column():
    assert bounds(BY_RATE) == NEW_HAVEN_BOUNDS == bounds(NEW_HAVEN)


DAYS = [date(2026, 9, 1) + timedelta(days=2 * number) for number in range(20)]


def test_a_level_is_crossed_on_the_day_that_reaches_it():
    crossed = crossing_dates((2, 6, 11, 15, 18), DAYS[:11])
    assert crossed == {"L2": DAYS[1], "L3": DAYS[5], "L4": DAYS[10]}
    assert crossing_dates((2, 6), []) == {}
    assert crossing_dates((2, 6), np.array(DAYS[:2], dtype="datetime64[D]").tolist()) == {"L2": DAYS[1]}


def test_half_days_cross_when_they_add_up():
    halves = [Fraction(1, 2)] * 4
    assert crossing_dates((2, 6), DAYS[:4], halves) == {"L2": DAYS[3]}
    assert crossing_dates((2, 6), DAYS[:3], halves[:3]) == {}
    with pytest.raises(ProtocolError, match="portion"):
        crossing_dates((2,), DAYS[:1], [0.5])


@pytest.mark.parametrize(
    ("month", "days", "tier"),
    [(1, 1, None), (1, 2, "T2"), (2, 3, None), (2, 4, "T2"), (3, 5, None), (3, 6, "T2"), (0, 9, None)],
)
def test_tier_2_asks_for_two_more_days_every_month(month, days, tier):
    found = tier_for(BY_RATE, month=month, days_absent=days, rate=Fraction(1, 20), prior_year_rate=None)
    assert (found.key if found else None) == tier


def test_last_years_rate_or_a_severe_one_gives_a_tier():
    quiet = {"month": 5, "days_absent": 0}
    assert tier_for(BY_RATE, **quiet, rate=Fraction(0), prior_year_rate=Fraction(1, 10)).key == "T2"
    assert tier_for(BY_RATE, **quiet, rate=Fraction(0), prior_year_rate=Fraction(1, 5)).key == "T3"
    assert tier_for(BY_RATE, **quiet, rate=Fraction(1, 5), prior_year_rate=None).key == "T3"
    assert tier_for(BY_RATE, **quiet, rate=Fraction(0), prior_year_rate=Fraction(99, 1000)) is None
    assert "judges" in BY_RATE.tiers[-1].by_judgement
