"""The state packs: dated values with sources, and the worked cases that stand beside them."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import allpresent.policy
from allpresent.policy import PolicyError, Section, load_state_pack, read_policy
from allpresent.policy.state import DatedValue, Parameter, StateRules, read_parameters

STATES = Path(allpresent.policy.__file__).parent / "states"
RULES = load_state_pack("ct").at(date(2026, 11, 4))
CASES = read_policy(STATES / "ct.cases.yaml").sections("cases")


def is_chronic(case: Section) -> bool:
    return case["days_absent"] >= RULES.chronic_share * case["absent_of"] and case["absent_of"] >= RULES.minimum_days


def band(case: Section) -> str:
    share = Fraction(case["days_absent"]) / case["absent_of"]
    return next((name for name, start in RULES.attendance_works_bands if share >= start), "satisfactory")


def points(case: Section) -> str:
    full, zero = RULES.indicator4_full_share, RULES.indicator4_zero_share
    exact = RULES.indicator4_points * (zero - Fraction(case["rate_pct"]) / 100) / (zero - full)
    tenths = min(max(exact, Fraction(0)), Fraction(RULES.indicator4_points)) * 10 + Fraction(1, 2)
    return f"{tenths // 1 // 10}.{tenths // 1 % 10}"


def shown(case: Section) -> list[str]:
    count, of = case["count"], case["of"]
    is_hidden = 0 < count <= RULES.suppression_count_max
    is_rate_hidden = is_hidden or of < RULES.suppression_denominator_min
    return ["*" if is_hidden else str(count), "*" if is_rate_hidden else f"{100 * count / of:.1f}"]


def is_duty(case: Section) -> bool:
    if "district_pct" in case:
        return Fraction(case["district_pct"]) / 100 >= RULES.review_team_district_share
    return Fraction(case["school_pct"]) / 100 >= RULES.review_team_school_share


ANSWERS = {"chronic": is_chronic, "band": band, "points": points, "shown": shown, "review_team": is_duty}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_worked_case_of_connecticut_comes_out(case):
    asked = [name for name in ANSWERS if name in case]
    assert asked
    for name in asked:
        assert ANSWERS[name](case) == case[name]


def test_connecticuts_numbers_are_the_ones_of_the_statutes():
    assert (RULES.chronic_numerator, RULES.chronic_denominator, RULES.minimum_days) == (1, 10, 1)
    assert (RULES.truancy_month_count, RULES.truancy_month_days, RULES.truancy_year_count) == (4, 30, 10)
    assert (RULES.truancy_age_low, RULES.truancy_age_high, RULES.meeting_school_days) == (5, 18, 10)
    assert (RULES.suppression_count_max, RULES.suppression_denominator_min) == (5, 20)
    assert RULES.suppression_is_complementary is True
    assert RULES.half_day_is_absent is False
    assert [RULES.grade_range_of(grade) for grade in ("PK", "K", "08", "09", "12")] == [
        "",
        "K-8",
        "K-8",
        "9-12",
        "9-12",
    ]


@pytest.mark.parametrize("file", ["us.yaml", "ct.yaml"])
def test_every_value_has_a_day_and_a_source(file):
    parameters = read_parameters(STATES / file)
    assert parameters
    for parameter in parameters.values():
        assert parameter.label
        assert parameter.unit
        assert all(value.source and value.starts_on for value in parameter.values)


def test_what_was_not_seen_in_its_source_is_marked():
    pack = load_state_pack("ct")
    unconfirmed = {name for name, one in pack.parameters.items() if not all(v.is_confirmed for v in one.values)}
    assert unconfirmed == {"minimum_days", "edfacts_minimum_days"}


def test_every_rule_the_program_reads_is_set():
    assert set(StateRules.__dataclass_fields__) <= set(load_state_pack("ct").parameters)


def test_a_value_holds_from_its_day_until_the_next():
    parameter = Parameter(
        "x", "x", "days", (DatedValue(date(2020, 7, 1), 4, "a"), DatedValue(date(2024, 7, 1), 5, "b"))
    )
    assert [parameter.at(day).value for day in (date(2020, 7, 1), date(2024, 6, 30), date(2024, 7, 1))] == [4, 4, 5]
    with pytest.raises(PolicyError, match="known from 2020-07-01 on, and 2020-06-30 is earlier"):
        parameter.at(date(2020, 6, 30))


def test_values_out_of_order_are_refused():
    with pytest.raises(PolicyError, match="in the order of their days"):
        Parameter("x", "x", "days", (DatedValue(date(2024, 7, 1), 5, "b"), DatedValue(date(2020, 7, 1), 4, "a")))


def test_an_unknown_state_is_refused_with_the_known_ones():
    with pytest.raises(PolicyError, match="There is no state pack 'zz'; choose one of ct"):
        load_state_pack("zz")
    with pytest.raises(PolicyError, match="There is no state pack 'us'"):
        load_state_pack("us")


def test_a_parameter_without_source_is_refused(tmp_path):
    (tmp_path / "zz.yaml").write_text(
        "name: Z\nparameters:\n  a:\n    label: A\n    unit: days\n    values:\n      - {from: 2020-07-01, value: 4}\n"
    )
    with pytest.raises(PolicyError, match=r"line 7: parameters\.a\.values\[1\]\.source is missing"):
        read_parameters(tmp_path / "zz.yaml")


def test_a_value_of_the_wrong_kind_is_refused():
    values = {name: getattr(RULES, name) for name in StateRules.__dataclass_fields__}
    with pytest.raises(PolicyError, match="truancy_year_count is 'ten'; it has to be a whole number"):
        StateRules(**values | {"truancy_year_count": "ten"})
    with pytest.raises(PolicyError, match="chronic_share is 10; it has to be an exact share"):
        StateRules(**values | {"chronic_share": 10})
