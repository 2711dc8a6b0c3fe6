"""Shares as printed, and charts as the numbers their SVG is drawn from."""

from fractions import Fraction

import pytest

from allpresent.web.presenters.charts import Reading, goal_trend, level_bar
from allpresent.web.presenters.shares import (
    change,
    fewer_at_equal_enrollment,
    percent,
    points,
    rounded,
)

# The toolkit's high-school table: students by level.
HIGH_SCHOOL = (
    ("L1", 1262),
    ("L2", 2054),
    ("L3", 1204),
    ("L4", 424),
    ("L5", 173),
    ("L6", 633),
)


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (1, 8, "12.5%"),
        (1, 16, "6.3%"),
        (1262, 5750, "21.9%"),
        (633, 5750, "11.0%"),
        (0, 3, "0.0%"),
        (0, 0, "–"),
    ],
)
def test_percent_rounds_half_up_on_the_exact_fraction(part, whole, printed):
    assert percent(part, whole) == printed


def test_rounding_goes_away_from_zero_on_both_sides():
    assert [str(rounded(Fraction(n, 200))) for n in (29, 30, -30, -29)] == [
        "0.1",
        "0.2",
        "-0.2",
        "-0.1",
    ]
    assert str(rounded(Fraction(5, 2), 0)) == "3"
    assert str(rounded(Fraction(-5, 2), 0)) == "-3"


@pytest.mark.parametrize(
    ("moved", "printed"),
    [
        (Fraction(8, 1000), "+0.8"),
        (Fraction(-19, 1000), "−1.9"),
        (Fraction(1, 10_000), "0.0"),
        (None, "–"),
    ],
)
def test_points_are_signed_and_never_a_percent(moved, printed):
    assert points(moved) == printed


def test_fewer_students_are_counted_at_todays_enrollment():
    # 47.6% of 5,800 last year would be 2,737 of 5,750 students today; 2,415 are chronically absent.
    assert fewer_at_equal_enrollment(2415, 5750, 2761, 5800) == 322
    assert fewer_at_equal_enrollment(2415, 5750, 0, 0) is None
    assert change(2415, 5750, 2761, 5800) == Fraction(2415, 5750) - Fraction(2761, 5800)


def test_level_bar_segments_touch_and_fill_the_width():
    bar = level_bar(HIGH_SCHOOL)
    assert [segment.share for segment in bar] == [
        "21.9",
        "35.7",
        "20.9",
        "7.4",
        "3.0",
        "11.0",
    ]
    assert [segment.fit for segment in bar] == [
        "all",
        "all",
        "all",
        "desk",
        "key",
        "desk",
    ]
    ends = [float(s.left_pct[:-1]) + float(s.width_pct[:-1]) for s in bar]
    starts = [float(s.left_pct[:-1]) for s in bar]
    assert starts[1:] == pytest.approx(ends[:-1], abs=0.011)
    assert ends[-1] == pytest.approx(100, abs=0.011)


def test_level_bar_leaves_out_levels_nobody_stands_at():
    assert [s.key for s in level_bar([("L1", 0), ("L2", 3)])] == ["L2"]
    assert level_bar([("L1", 0)]) == ()


def test_goal_trend_table_and_lines_say_the_same():
    last_year = [Reading(10, 50, 100), Reading(20, 48, 100), Reading(180, 58, 100)]
    this_year = [Reading(10, 45, 100), Reading(20, 42, 100)]
    trend = goal_trend(last_year, this_year, days=180, goal=Fraction(30, 100), was=Fraction(58, 100))
    assert [(r.day, r.last_year, r.this_year, r.change) for r in trend.rows] == [
        (10, "50.0%", "45.0%", "−5.0"),
        (20, "48.0%", "42.0%", "−6.0"),
        (180, "58.0%", "–", "–"),
    ]
    assert trend.this_year_line == "55.6,250.0 111.1,300.0"  # the axis ends at 60%
    assert (trend.now.left_pct, trend.now.top_pct, trend.now.text) == (
        "11.11%",
        "30.00%",
        "42.0%",
    )
    assert trend.goal.top_pct == "50.00%"
    assert trend.label_now_below


def test_goal_trend_puts_a_worse_year_above_last_years_line():
    trend = goal_trend([Reading(10, 1, 10)], [Reading(10, 4, 10)], days=20)
    assert not trend.label_now_below
    assert trend.goal is None


def test_goal_trend_is_drawn_without_a_last_year_and_without_students():
    trend = goal_trend([], [Reading(10, 0, 0)], days=180)
    assert (trend.now, trend.last_year_end, trend.this_year_line) == (None, None, "")
    assert [(r.day, r.last_year, r.this_year, r.change) for r in trend.rows] == [(10, "–", "–", "–")]


def test_a_rate_on_a_ten_keeps_room_above_it():
    trend = goal_trend([], [Reading(5, 6, 10)], days=10)
    assert trend.rate_ticks[-1].text == "60%"
    assert trend.now.top_pct == "14.29%"


def test_todays_words_keep_off_the_goal_line_where_there_is_room_above():
    def below(now, last_year, goal=30):
        readings = [[Reading(10, rate, 100)] for rate in (last_year, now)]
        return goal_trend(*readings, days=20, goal=Fraction(goal, 100)).label_now_below

    assert below(42, 48)
    assert not below(34, 48)  # the goal is close below, last year far above
    assert below(34, 36)  # close on both sides: last year's line is the thicker one to keep off
