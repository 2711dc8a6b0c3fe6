"""Day arithmetic against brute force: every count of days absent of up to 200 days."""

from fractions import Fraction

import numpy as np

from allpresent.measures import Rules, percent
from allpresent.measures.chronic import band_of, is_chronic, level_of
from allpresent.measures.projection import can_miss, days_until_chronic, present_days_needed
from allpresent.measures.rates import day_text, rates

RULES = Rules(minimum_days=1)
LONGEST = 200
PAIRS = [(absent, judged) for judged in range(1, LONGEST + 1) for absent in range(judged + 1)]
ABSENT = np.array([pair[0] for pair in PAIRS])
JUDGED = np.array([pair[1] for pair in PAIRS])


def is_under(absent: int, days: int) -> bool:
    return Fraction(absent, days) < Fraction(1, 10)


def test_chronic_absence_is_a_tenth_of_the_days_exactly() -> None:
    found = is_chronic(RULES, ABSENT, 1, JUDGED)
    assert found.tolist() == [not is_under(absent, days) for absent, days in PAIRS]


def test_days_until_chronic_is_the_most_that_can_still_be_missed() -> None:
    left = days_until_chronic(RULES, ABSENT, 1, JUDGED)
    for (absent, planned), found in zip(PAIRS, left.tolist(), strict=True):
        most = max((more for more in range(planned) if is_under(more, planned)), default=-1)
        assert found == most - absent
        assert can_miss(RULES, Fraction(absent), planned) == found


def test_present_days_needed_is_the_fewest_that_bring_the_rate_under() -> None:
    needed = present_days_needed(RULES, ABSENT, 1, JUDGED)
    for (absent, judged), found in zip(PAIRS, needed.tolist(), strict=True):
        assert is_under(absent, judged + found)
        assert found == 0 or not is_under(absent, judged + found - 1)


def test_parts_of_days_give_the_same_answers_as_whole_ones() -> None:
    for whole in (2, 390, 10**12):
        parts = ABSENT.astype(object if whole > 10**9 else np.int64) * whole
        assert is_chronic(RULES, parts, whole, JUDGED).tolist() == is_chronic(RULES, ABSENT, 1, JUDGED).tolist()
        assert band_of(RULES, parts, whole, JUDGED).tolist() == band_of(RULES, ABSENT, 1, JUDGED).tolist()
        assert level_of(RULES.level_bounds, parts, whole).tolist() == level_of(RULES.level_bounds, ABSENT, 1).tolist()
        until = days_until_chronic(RULES, parts, whole, JUDGED)
        assert until.tolist() == (days_until_chronic(RULES, ABSENT, 1, JUDGED) * whole).tolist()
        needed = present_days_needed(RULES, parts, whole, JUDGED)
        assert needed.tolist() == present_days_needed(RULES, ABSENT, 1, JUDGED).tolist()


def test_a_part_below_a_tenth_is_not_rounded_up_to_it() -> None:
    tenth, whole = np.array([390 * 18 - 1, 390 * 18]), 390
    assert is_chronic(RULES, tenth, whole, np.array([180, 180])).tolist() == [False, True]


def test_rates_are_exact_at_every_pair() -> None:
    found = rates(ABSENT, JUDGED).to_pylist()
    for (absent, judged), rate in zip(PAIRS, found, strict=True):
        assert int(rate * 10**6) == (2 * 10**6 * absent + judged) // (2 * judged)
    assert rates(np.array([0]), np.array([0])).to_pylist() == [None]


def test_days_and_percents_are_printed_half_up_without_needless_zeros() -> None:
    printed = [day_text(Fraction(text)) for text in ("35/2", "3", "1/3", "-1/2", "1/2000000", "-1/3000000", "0")]
    assert printed == ["17.5", "3", "0.333333", "-0.5", "0.000001", "0", "0"]
    assert [percent(1, 2000), percent(1, 1999), percent(3, 3), percent(0, 0)] == ["0.1", "0.1", "100.0", ""]
