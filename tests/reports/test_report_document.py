"""The report as plain values: rounding, the words of a cell, and what is frozen coming back the same."""

from fractions import Fraction

import pytest

from allpresent.reports import Report
from allpresent.reports.context import Scope, points, share
from allpresent.reports.document import CHANGE, COUNT, DAYS, HIDDEN, PERCENT, POINTS, TEXT, half_up, shown, tenths


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [
        (1, 2000, 1),  # 0.05% is a half: up
        (1, 2001, 0),
        (1, 8, 125),
        (3, 16, 188),  # 18.75
        (1, 16, 63),  # 6.25
        (2, 3, 667),
        (961, 17679, 54),
        (0, 7, 0),
        (7, 7, 1000),
    ],
)
def test_tenths_of_a_percent_are_rounded_half_up(numerator, denominator, printed):
    assert tenths(numerator, denominator) == printed


def test_tenths_of_nothing_are_nothing():
    assert tenths(0, 0) is None


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-1, 2), -1),
        (Fraction(-5, 2), -3),
        (Fraction(49, 100), 0),
        (Fraction(-49, 100), 0),
        (Fraction(10**20 + 1, 2), 5 * 10**19 + 1),
        (Fraction(7), 7),
    ],
)
def test_halves_go_away_from_zero_exactly(value, nearest):
    assert half_up(value) == nearest


def test_half_up_agrees_with_the_floor_of_the_value_and_a_half():
    for numerator in range(400):
        for denominator in (1, 2, 3, 4, 8, 20, 77):
            value = Fraction(numerator, denominator)
            assert half_up(value) == int(value + Fraction(1, 2))
            assert half_up(-value) == -half_up(value)


@pytest.mark.parametrize(
    ("cell", "kind", "words"),
    [
        (1262, COUNT, "1,262"),
        (0, COUNT, "0"),
        (219, PERCENT, "21.9%"),
        (1000, PERCENT, "100.0%"),
        (4, PERCENT, "0.4%"),
        (8, POINTS, "+0.8"),
        (-160, POINTS, "−16.0"),
        (0, POINTS, "±0.0"),
        (1081, CHANGE, "+1,081"),
        (-3, CHANGE, "−3"),
        (0, CHANGE, "±0"),
        (45, DAYS, "4.5"),
        ("North", TEXT, "North"),
        (HIDDEN, PERCENT, "*"),
        (HIDDEN, COUNT, "*"),
        (None, DAYS, "–"),
        (None, TEXT, "–"),
    ],
)
def test_a_cell_is_shown_as_a_person_reads_it(cell, kind, words):
    assert shown(cell, kind) == words


def test_a_report_comes_back_from_its_file_as_it_was(odd_report, seed_report, nobody):
    for report in (odd_report, seed_report, nobody):
        again = Report.from_json(report.to_json())
        assert again == report
        assert again.to_json() == report.to_json()


def test_a_hidden_count_stays_hidden_in_shares_and_points():
    assert share(HIDDEN, 40) == share(7, HIDDEN) == HIDDEN
    assert points((HIDDEN, 40), (7, 40)) == points((7, 40), (7, HIDDEN)) == HIDDEN
    assert share(None, 40) is None
    assert share(7, 0) is None
    assert points((7, 40), (None, None)) is None
    assert points((0, 0), (7, 40)) is None
    assert points((42, 100), (58, 100)) == -160


def test_points_are_rounded_once_and_not_from_the_printed_percents():
    # 40.7 and 46.9 are printed, 6.2 apart; the shares themselves are 6.252 apart.
    assert (tenths(96, 236), tenths(107, 228)) == (407, 469)
    assert points((96, 236), (107, 228)) == -63
    assert points((1, 2), (1, 2)) == 0
    assert points((1, 2000), (0, 1)) == 1


def test_a_scope_names_a_file_and_nothing_else():
    assert Scope("All").key == "district"
    assert Scope("Elm", "101").key == "school-101"
    keys = [Scope("Elm", odd).key for odd in ("../../x", "a/b", "a_b", "a b", "a.b", "año", "a", "A")]
    assert len(set(keys)) == len(keys)
    assert all(set(key) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") for key in keys)
