"""The monthly report on home visits: counts that stay hidden, and a change that never stands alone."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from allpresent.measures import Rules, open_facts
from allpresent.reports.document import HIDDEN
from allpresent.reports.leap import (
    WARNING,
    Change,
    Days,
    LeapScope,
    Visit,
    change_after_visits,
    leap_report,
    render_leap,
)
from tests import cast

MONTH = LeapScope(
    "Elm Harbor", "All schools", "district", date(2026, 10, 1), date(2026, 10, 31), cast.LAST_SCHOOL_DAY, cast.DELIVERY
)
RULES = Rules()


def days(*values: int) -> Days:
    return Days(*(Fraction(value) for value in values))


def month(*counts: tuple[str, int, int]) -> list[Visit]:
    """Visits by outcome, number and how many, each to a student of its own."""
    return [
        Visit(f"{outcome}-{number}-{index}", date(2026, 10, 5), number, outcome)
        for outcome, number, count in counts
        for index in range(count)
    ]


CHANGE = Change(40, days(800, 200, 800, 120), days(800, 200, 800, 136), running=7, alone=6)
NO_CHANGE = Change(0, days(0, 0, 0, 0), days(0, 0, 0, 0), running=0, alone=0)


def table(report, key):
    return next(table for table in report.tables if table.key == key)


def test_change_stands_beside_students_like_these_and_the_warning():
    report = leap_report(MONTH, month(("completed", 1, 40)), CHANGE, RULES)
    rows = table(report, "attendance").rows
    assert rows[0] == ("Students visited", 40, 750, 850)
    assert rows[1] == ("Students like these, not visited", None, 750, 830)
    assert WARNING in report.sentences
    assert "7 visited students are not in it yet" in table(report, "attendance").note


@pytest.mark.parametrize("students", [0, 1, 5, 19])
def test_attendance_of_few_is_not_shown(students):
    few = Change(students, days(800, 200, 800, 120), days(800, 200, 800, 136), running=0, alone=0)
    rows = table(leap_report(MONTH, [], few, RULES), "attendance").rows
    assert {row[2:] for row in rows} == {(HIDDEN, HIDDEN)}


def test_one_small_count_hides_its_whole_table_and_leaves_the_total():
    outcomes = table(leap_report(MONTH, month(("completed", 1, 30), ("declined", 1, 2)), CHANGE, RULES), "outcomes")
    assert {row[1:] for row in outcomes.rows} == {(HIDDEN, HIDDEN)}
    assert outcomes.total == ("All", 32, 32)


def at(school: str, *counts: tuple[str, int, int]) -> list[Visit]:
    return [replace(visit, school_id=school, student_id=school + visit.student_id) for visit in month(*counts)]


@pytest.mark.parametrize(
    ("schools", "is_told"),
    [
        ([("A", 30), ("B", 20)], True),
        ([("A", 30), ("B", 20), ("C", 3)], False),  # 53 less 50
        ([("A", 30), ("B", 2), ("C", 3)], False),  # 35 less 30: both together are few
        ([("A", 30), ("B", 4), ("C", 3)], True),
        ([("A", 30)], True),
    ],
)
def test_the_districts_counts_less_the_schools_give_no_school_away(schools, is_told):
    visits = [visit for name, number in schools for visit in at(name, ("completed", 1, number))]
    report = leap_report(MONTH, visits, CHANGE, RULES)
    assert (report.figures[0].value != HIDDEN) is is_told
    assert (table(report, "rounds").total != ("All", HIDDEN, HIDDEN)) is is_told
    assert (table(report, "rounds").rows[0] != ("Visit 1", HIDDEN, HIDDEN)) is is_told


def test_a_schools_hidden_table_hides_the_districts_where_no_other_school_hides_its_own():
    visits = at("A", ("completed", 1, 30), ("declined", 1, 20)) + at("B", ("completed", 1, 30), ("declined", 1, 2))
    report = leap_report(MONTH, visits, CHANGE, RULES)
    assert {row[1:] for row in table(report, "outcomes").rows} == {(HIDDEN, HIDDEN)}
    assert table(report, "outcomes").total == ("All", 82, 82)


@pytest.mark.parametrize(("running", "alone"), [(2, 0), (0, 5), (2, 7)])
def test_who_is_left_out_of_the_comparison_is_not_worked_out(running, alone):
    """30 students of completed visits, less 28 compared, are the two whose days are not over."""
    change = Change(28, days(800, 200, 800, 120), days(800, 200, 800, 136), running, alone)
    found = table(leap_report(MONTH, month(("completed", 1, 28 + running + alone)), change, RULES), "attendance")
    assert found.rows[0] == ("Students visited", HIDDEN, 750, 850)
    assert not any(character.isdigit() for character in found.note.replace("20 days", ""))


def test_a_schools_report_does_not_count_who_is_compared():
    found = table(leap_report(replace(MONTH, key="schools"), month(("completed", 1, 53)), CHANGE, RULES), "attendance")
    assert found.rows[0] == ("Students visited", HIDDEN, 750, 850)


def test_small_month_shows_no_count_at_all():
    report = leap_report(MONTH, month(("completed", 1, 3)), NO_CHANGE, RULES)
    assert [figure.value for figure in report.figures] == [HIDDEN, HIDDEN]
    assert table(report, "rounds").total == ("All", HIDDEN, HIDDEN)


def test_fourth_visit_is_counted_with_the_third():
    visits = month(("completed", 1, 10), ("completed", 2, 9), ("completed", 3, 8), ("completed", 4, 7))
    rounds = table(leap_report(MONTH, visits, CHANGE, RULES), "rounds")
    assert rounds.rows == (("Visit 1", 10, 10), ("Visit 2", 9, 9), ("Visit 3", 15, 15))


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """The cast's year up to school day 46; read only."""
    home = tmp_path_factory.mktemp("leap")
    cast.post_facts(home)
    return open_facts(home)


# School day 25: days 5 to 24 lie before it, 26 to 45 after.
VISITED_ON = cast.school_days()[24]


def followed(facts, name, ever=(), outcome="completed"):
    visits = [Visit(cast.student_id(name), VISITED_ON, 1, outcome)]
    return change_after_visits(facts, cast.LAST_SCHOOL_DAY, RULES, visits, {cast.student_id(one) for one in ever})


def test_visited_is_held_against_the_unvisited_alike(facts):
    # Tomas and Nia stood at L1 in K-8 and had missed none of the 20 days; Nia left on the eighth day after.
    assert followed(facts, "Tomas") == Change(1, days(20, 0, 20, 0), days(20, 0, 8, 0), running=0, alone=0)


def test_those_visited_in_other_months_are_nobodys_others(facts):
    assert followed(facts, "Tomas", ever=["Nia"]) == Change(0, days(0, 0, 0, 0), days(0, 0, 0, 0), 0, alone=1)


def test_student_without_others_alike_is_told_and_not_counted(facts):
    # Zoe had missed five of the 20 days, Dante one.
    assert followed(facts, "Zoe") == Change(0, days(0, 0, 0, 0), days(0, 0, 0, 0), running=0, alone=1)


def test_visit_that_met_nobody_is_not_followed(facts):
    assert followed(facts, "Tomas", outcome="attempted").students == 0


def test_visit_whose_days_are_not_over_is_told_and_not_counted(facts):
    visits = [Visit(cast.student_id("Mateo"), cast.LAST_SCHOOL_DAY, 1, "completed")]
    change = change_after_visits(facts, cast.LAST_SCHOOL_DAY, RULES, visits, set())
    assert (change.students, change.running) == (0, 1)


def test_report_is_made_as_pdf_and_csv():
    report = leap_report(MONTH, month(("completed", 1, 40)), CHANGE, RULES)
    assert render_leap(report, "pdf").startswith(b"%PDF-")
    assert "Students visited,after,85.0" in render_leap(report, "csv").decode()
