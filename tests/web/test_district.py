"""The district's grid: order, marks and the sentence before it."""

from dataclasses import replace
from datetime import date

import pytest

from allpresent.web.presenters import district
from allpresent.web.presenters.district import SchoolCounts
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.school_tables import OnTime
from allpresent.web.presenters.tallies import Tally

GROUNDS = Grounds(date(2026, 11, 3), "0002-abcd1234", "ct 2026-07-01", "New Haven 2022-10-03", 10, (2, 6, 11, 15, 18))


def school(name, students, chronic, before=None, **more):
    now = Tally(students, chronic, chronic, chronic, days_enrolled=students * 40, days_unreported=more.pop("gap", 0))
    return SchoolCounts(name, name, f"/school/{name}/", now, before and Tally(*before), **more)


SCHOOLS = (
    school("Birch", 100, 40, (100, 50), on_time=OnTime(1, 2)),
    school("Ash", 200, 90, (200, 80), gap=401),
    school("Cedar", 50, 20),
)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("-chronic", ["Ash", "Birch", "Cedar"]),  # equal shares stand by name
        ("chronic", ["Birch", "Cedar", "Ash"]),
        ("-points", ["Ash", "Birch", "Cedar"]),  # a school without last year stays last
        ("points", ["Birch", "Ash", "Cedar"]),
        ("steps", ["Birch", "Ash", "Cedar"]),
        ("name", ["Ash", "Birch", "Cedar"]),
        ("-name", ["Cedar", "Birch", "Ash"]),
        ("nonsense", ["Ash", "Birch", "Cedar"]),
    ],
)
def test_the_grid_sorts_by_any_column(sort, names):
    assert [row.name for row in district.school_grid(SCHOOLS, sort, 5, GROUNDS).rows] == names


def test_a_row_says_change_and_safety_in_words_too():
    rows = {row.name: row for row in district.school_grid(SCHOOLS, "name", 5, GROUNDS).rows}
    assert (rows["Birch"].points, rows["Birch"].is_better, rows["Birch"].on_time) == ("−10.0", True, "50.0%")
    assert (rows["Ash"].points, rows["Ash"].is_worse, rows["Ash"].is_unsafe) == ("+5.0", True, True)
    assert (rows["Cedar"].points, rows["Cedar"].is_better, rows["Cedar"].is_worse) == ("–", False, False)


def test_the_sentence_counts_only_schools_with_a_last_year():
    grid = district.school_grid(SCHOOLS, "name", 5, GROUNDS)
    assert grid.sentence == (
        "1 of 2 schools have less chronic absence than on the same school day last year. "
        "1 school is not safe to publish: too many days without attendance reported."
    )


def test_a_school_with_nobody_enrolled_has_no_line():
    assert district.school_grid([school("Empty", 0, 0)], "name", 5, GROUNDS).rows == ()


def test_heads_turn_the_order_around():
    heads = {head.name: head for head in district.school_grid(SCHOOLS, "-chronic", 5, GROUNDS).heads}
    assert (heads["Chronic now"].url, heads["Chronic now"].state) == ("?sort=chronic#schools", "descending")
    assert (heads["Enrolled"].url, heads["Enrolled"].state) == ("?sort=-students#schools", "none")
    assert heads["School"].url == "?sort=name#schools"


def test_what_may_not_be_told_is_a_star_and_stands_last():
    hidden = [replace(one, untold=frozenset({"chronic", "bounds", "points", "levels", "steps"})) for one in SCHOOLS[:1]]
    grid = district.school_grid([*hidden, *SCHOOLS[1:]], "-chronic", 5, GROUNDS)
    assert [row.name for row in grid.rows] == ["Ash", "Cedar", "Birch"]
    row = grid.rows[-1]
    assert (row.chronic, row.bounds, row.points, row.high_levels, row.high_share, row.on_time) == (*"****", "", "*")
    assert (row.is_better, row.is_worse, grid.has_stars) == (False, False, True)
