"""My school: sentences, cards and tables from the counts of one scope."""

from datetime import date
from fractions import Fraction

import pytest

from allpresent.web.presenters import school, school_tables
from allpresent.web.presenters.charts import Reading
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.school_tables import GoalPoint, OnTime, ScopeFacts
from allpresent.web.presenters.tallies import Tally

GROUNDS = Grounds(date(2026, 11, 3), "0002-abcd1234", "ct 2026-07-01", "New Haven 2022-10-03", 10, (2, 6, 11, 15, 18))
# The toolkit's high-school line: 5,750 students; the share of last year is the sketch's.
HIGH_SCHOOLS = Tally(5750, 2415, 2369, 2582, (1262, 2054, 1204, 424, 173, 633), 258_750, 8_000)


def scope(now=HIGH_SCHOOLS, **more):
    return ScopeFacts(day_number=44, now=now, **more)


def test_the_opening_says_points_and_students_at_equal_enrollment():
    facts = scope(last_year=Tally(5800, 2761), goal=GoalPoint("June 2027", Fraction(30, 100)))
    opening = school.opening(facts, GROUNDS)
    assert (opening.chronic.text, opening.was.text) == ("42.0%", "47.6%")
    assert (opening.direction, opening.points, opening.fewer) == ("better", "5.6", "322")
    assert opening.goal == "The goal (June 2027) is under 30%."


@pytest.mark.parametrize(
    ("before", "direction", "points", "fewer"),
    [
        (Tally(5750, 2300), "worse", "2.0", "115"),
        (Tally(5750, 2415), "same", "0.0", ""),
        (Tally(5750, 2417), "same", "0.0", ""),
    ],
)
def test_the_opening_never_calls_a_rounding_better(before, direction, points, fewer):
    opening = school.opening(scope(last_year=before), GROUNDS)
    assert (opening.direction, opening.points, opening.fewer) == (direction, points, fewer)


def test_without_a_last_year_nothing_is_compared():
    assert school.opening(scope(), GROUNDS).was is None
    assert school.opening(scope(last_year=Tally()), GROUNDS).was is None


def test_a_scope_with_nobody_opens_with_that():
    assert school.opening(scope(Tally()), GROUNDS).students == 0


def test_the_limit_is_judged_on_exact_days():
    # 5% of 200 days are exactly at the limit, which is still safe.
    assert not school.is_unsafe(Tally(days_enrolled=200, days_unreported=10), 5)
    assert school.is_unsafe(Tally(days_enrolled=199, days_unreported=10), 5)
    unsafe = scope(Tally(students=10, chronic=1, days_enrolled=199, days_unreported=10))
    assert "not safe to publish" in school.opening(unsafe, GROUNDS).warning
    assert "5.0%" in school.opening(unsafe, GROUNDS).warning


def test_the_four_cards():
    facts = scope(october=5832, on_time=OnTime(71, 100, Fraction(9, 2)), unsafe=2, is_one_school=False)
    chronic, enrolled, unreported, steps = school.metrics(facts, GROUNDS)
    assert chronic.note == "41.2–44.9% if unreported days are all present / all absent"
    assert (enrolled.figure.text, enrolled.note) == ("5,750", "98.6% of 1 October")
    assert (unreported.figure.text, unreported.note) == ("3.1%", "2 schools not safe to publish")
    assert (steps.figure.text, steps.note) == ("71.0%", "median 4.5 school days to reach a family")


def test_cards_without_work_or_october_say_so():
    _, enrolled, unreported, steps = school.metrics(scope(), GROUNDS)
    assert enrolled.note == ""
    assert unreported.note == "within the limit of 5%"
    assert (steps.figure.text, steps.note) == ("–", "no step was due yet")


def test_a_figure_names_the_rule_it_goes_by_and_no_other():
    cards = school.metrics(scope(), GROUNDS)
    assert [card.figure.rule_version for card in cards] == ["ct 2026-07-01", "", "", "New Haven 2022-10-03"]


def test_the_level_table_is_the_toolkits_with_its_total():
    then = Tally(5750, levels=(1216, 2163, 1181, 418, 185, 587))
    table = school_tables.level_table(scope(last_report=(date(2026, 10, 20), then)), GROUNDS)
    assert [(r.key, r.days_out, r.students.text, r.share) for r in table.rows] == [
        ("L1", "0–1 days", "1,262", "21.9%"),
        ("L2", "2–5 days", "2,054", "35.7%"),
        ("L3", "6–10 days", "1,204", "20.9%"),
        ("L4", "11–14 days", "424", "7.4%"),
        ("L5", "15–17 days", "173", "3.0%"),
        ("L6", "18+ days", "633", "11.0%"),
    ]
    assert [row.points for row in table.rows] == ["+0.8", "−1.9", "+0.4", "+0.1", "−0.2", "+0.8"]
    assert (table.students, table.share, table.since) == ("5,750", "100.0%", "Tue 20 Oct")


def test_a_group_nobody_was_in_last_year_has_no_points():
    row = school_tables.group_row("09", Tally(20, 5, 4, 6), Tally(), GROUNDS)
    assert (row.share.text, row.bounds, row.points) == ("25.0%", "20.0–30.0%", "–")
    assert school_tables.group_row("09", Tally(20, 5, 4, 6), Tally(10, 3), GROUNDS).points == "−5.0"


def test_the_goal_line_is_said_in_one_sentence():
    facts = scope(was=GoalPoint("June 2022", Fraction(58, 100)), goal=GoalPoint("June 2027", Fraction(30, 100)))
    view = school_tables.trend_view(facts, [Reading(44, 476, 1000)], [Reading(44, 2415, 5750)], 181)
    assert view.sentence == ("Were: 58% (June 2022). Are: 42.0% on school day 44. Are going: under 30% (June 2027).")
    assert (view.now_words, view.last_year_words, view.goal_words) == (
        "42.0% now", "last year 47.6%", "goal: under 30%",
    )  # fmt: skip
    assert view.chart.label_now_below


def test_a_stated_goal_keeps_its_own_decimals():
    assert school_tables.whole_percent(Fraction(425, 1000)) == "42.5%"
    assert school_tables.whole_percent(Fraction(58, 100)) == "58%"
