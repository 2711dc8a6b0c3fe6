"""A school or a student measured alone, as a very large home does it, is what it is among all."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpresent.measures import Facts, Rules, standings
from tests.measures.districts import RULES, District, districts
from tests.reference import twin
from tests.spec.drawn import next_id, post

MODULE = sys.modules["allpresent.measures.standings"]  # the package shows the function of that name


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(district=districts(), rules=st.sampled_from(RULES))
def test_a_school_and_a_student_alone_are_what_they_are_among_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, district: District, rules: dict[str, object]
) -> None:
    facts = post(tmp_path, district.tables, next_id(tmp_path))
    day = twin.last_school_day(district.tables)
    if day is None:
        return
    asked = Rules(**rules)
    monkeypatch.setattr(MODULE, "LARGE_ROLL", 50_000)
    together = {school: standings(facts, day, asked, school_id=school) for school in facts.schools()}
    everybody = standings(facts, day, asked)
    students = everybody["student_id"].to_pylist()
    monkeypatch.setattr(MODULE, "LARGE_ROLL", 0)
    alone = Facts(facts.version)
    for school, expected in together.items():
        assert standings(alone, day, asked, school_id=school).equals(expected)
    for place, student in enumerate(students):
        assert standings(alone, day, asked, student_id=student).equals(everybody.slice(place, 1))
    assert standings(alone, day, asked, student_id="nobody").num_rows == 0
    assert not alone.is_kept(("standings", day, asked))
