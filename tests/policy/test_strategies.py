"""The list of strategies: every one in both languages, every study named with its grade and source."""

from pathlib import Path

import pytest

from allpresent.policy import PolicyError
from allpresent.policy.strategies import GRADES, load_strategies

ENTRY = "strategies:\n  - {key: a, label: {en: A, es: B}, evidence: nobody}\n"


def test_every_strategy_has_a_key_of_its_own_and_words_in_both_languages() -> None:
    strategies = load_strategies()
    assert len({one.key for one in strategies}) == len(strategies) >= 10
    assert all(one.label("en") != one.label("es") for one in strategies)


def test_a_study_is_named_with_its_grade_and_where_it_is_told() -> None:
    studies = [one.study for one in load_strategies() if one.study]
    assert all(study.grade in GRADES and study.source and study.effect("es") for study in studies)
    mentor = next(one for one in load_strategies() if one.key == "success_mentor")
    assert mentor.study is not None
    assert mentor.study.grade == "C"


def test_what_nobody_measured_says_so() -> None:
    assert any(one.study is None for one in load_strategies())


def test_a_study_that_is_not_listed_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "strategies.yaml"
    path.write_text("source: x\nevidence: []\n" + ENTRY, "utf-8")
    with pytest.raises(PolicyError, match=r"line 4.*`nobody`"):
        load_strategies(path)
