"""A district's settings: defaults, every refusal in a sentence, the days of the bi-weekly report."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import allpresent.policy
from allpresent.policy import District, PolicyError, load_district
from allpresent.policy.district import Goal, Source, read_district

EXAMPLE = Path(allpresent.policy.__file__).parent / "district.yaml"


def settings(home: Path, text: str) -> District:
    (home / "district.yaml").write_text(text, encoding="utf-8")
    return load_district(home)


def test_a_home_without_settings_has_the_defaults(tmp_path):
    district = load_district(tmp_path)
    assert district == District()
    assert (district.state, district.protocol, district.minimum_days, district.day_rule) == (
        "ct",
        "new_haven",
        10,
        "state",
    )
    assert hash(district)


def test_the_file_that_explains_the_defaults_agrees_with_them():
    assert read_district(EXAMPLE) == District()


def test_the_file_that_explains_the_defaults_names_every_setting():
    named = EXAMPLE.read_text("utf-8")
    for key in District.__dataclass_fields__:
        assert key in named.replace("first_report", "report_first_on").replace("every_days", "report_every_days"), key


def test_settings_are_read_whole(tmp_path):
    district = settings(
        tmp_path,
        """
name: Elm Harbor Public Schools
year_starts: "08-01"
reporting: {first_report: 2026-09-18, every_days: 7}
sources:
  - {name: nightly, source: powerschool, folder: drop/nightly, mapping: mapping.yaml}
  - {name: charter, source: csv, delivers: days}
goals:
  - {label: June 2021-22 School Year, school_year: 2021-22, kind: was, rate_pct: 58}
  - {label: June 2023, school_year: 2022-23, kind: goal, rate_pct: 29.5, note: below}
excluded_schools: ["007", 12]
due_school_days: {L3.success_plan: 8}
is_demo: true
today: 2026-11-05
""",
    )
    assert district.sources == (
        Source("nightly", "powerschool", "drop/nightly", "mapping.yaml"),
        Source("charter", "csv", "drop/charter", delivers="days"),
    )
    assert district.goals[1] == Goal("June 2023", "2022-23", "goal", Decimal("29.5"), "below")
    assert district.excluded_schools == ("007", "12")
    assert district.due_school_days == {"L3.success_plan": 8}
    assert (district.report_first_on, district.report_every_days) == (date(2026, 9, 18), 7)
    assert (district.year_starts, district.today) == ("08-01", date(2026, 11, 5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("minimum_day: 10", "minimum_day is not a setting here; did you mean `minimum_days`"),
        ("minimum_days: ten", "minimum_days is `ten`; it has to be a whole number from 1 to 366"),
        ("minimum_days: 0", "minimum_days is `0`"),
        ("minimum_days: true", "minimum_days is `True`"),
        ("day_rule: half", "day_rule is `half`; it has to be one of state, fractional"),
        ("state: us", "state is `us`; it has to be one of ct"),
        ("protocol: old_haven", "protocol is `old_haven`; it has to be one of attendance_works, new_haven, starter"),
        ("unreported_limit_pct: 101", "from 0 to 100"),
        ('year_starts: "02-29"', "has to be a month and a day"),
        ("year_starts: 7", "has to be a month and a day"),
        ("languages: [es]", "has to name `en`"),
        ("languages: [en, fr]", "names `fr`"),
        ("languages: en", "has to be a list of texts"),
        ("reporting: {every_days: 0}", "reporting.every_days is `0`"),
        ("goals: [{label: a, school_year: 2021-23, kind: was, rate_pct: 58}]", "two years in a row"),
        ("goals: [{label: a, school_year: 2021-22, kind: hope, rate_pct: 58}]", "goals[1].kind is `hope`"),
        ("goals: [{label: a, school_year: 2021-22, kind: was, rate_pct: 58%}]", "goals[1].rate_pct has to be"),
        ("goals: [{label: a, school_year: 2021-22, kind: was, rate_pct: 158}]", "from 0 to 100"),
        ("sources: [{name: a}]", "sources[1].source is missing"),
        ("sources: [{name: a, source: csv, folder: d}, {name: b, source: csv, folder: d}]", "names a folder twice"),
        ("sources: [{name: a, source: csv, folder: d}, {name: a, source: csv, folder: e}]", "gives a name twice"),
        ("due_school_days: {L2.call: 0}", "due_school_days.L2.call is `0`"),
        ("today: 2026-11-05", "only a demonstration"),
        ("today: yesterday\nis_demo: true", "as in 2026-08-31"),
        ("name: ''", "name is ``"),
    ],
)
def test_a_bad_setting_is_refused_with_file_and_line(tmp_path, text, said):
    with pytest.raises(PolicyError) as refused:
        settings(tmp_path, text)
    assert said in str(refused.value)
    assert f"{tmp_path / 'district.yaml'}, line 1" in str(refused.value)


def test_several_bad_settings_are_counted(tmp_path):
    with pytest.raises(PolicyError, match=r"\(1 more in this file\.\)"):
        settings(tmp_path, "day_rule: half\nminimum_days: ten\n")


def test_a_protocol_of_the_districts_own_is_found_from_its_home(tmp_path):
    (tmp_path / "protocols" / "ours").mkdir(parents=True)
    district = settings(tmp_path, "protocol: protocols/ours")
    assert district.protocol == str(tmp_path / "protocols" / "ours")


def test_report_days_come_every_fortnight_from_the_first():
    district = District(report_first_on=date(2026, 9, 18))
    assert district.report_days(date(2026, 9, 1), date(2026, 10, 16)) == [
        date(2026, 9, 18),
        date(2026, 10, 2),
        date(2026, 10, 16),
    ]
    assert district.report_days(date(2026, 10, 3), date(2026, 10, 15)) == []
    assert district.report_days(date(2026, 10, 2), date(2026, 10, 2)) == [date(2026, 10, 2)]
    assert District().report_days(date(2026, 9, 1), date(2026, 10, 16)) == []
