"""The door to the facts: what is kept, what is read again, and the rules that come from policy."""

import io
from datetime import date
from fractions import Fraction
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from allpresent.ledger import Ledger
from allpresent.measures import (
    STANDINGS_COLUMNS,
    MeasureError,
    Rules,
    explain,
    groups,
    open_facts,
    standings,
    write_explanation,
    write_groups,
    write_standings,
)
from allpresent.measures.engine import ANSWERS_KEPT
from allpresent.policy import District, load_state_pack
from tests.spec.drawn import PLAIN, Drawn, post


def district(student: str = "ana") -> Drawn:
    drawn = Drawn(60).students(f"student | school\n{student} | A").taken("school | days\nA | 1-60")
    return drawn.marks(f"student | school | days\n{student} | A | 2")


def test_an_answer_is_given_again_without_measuring_again(tmp_path: Path) -> None:
    drawn = district()
    post(tmp_path, drawn.tables)
    facts = open_facts(tmp_path)
    assert open_facts(tmp_path) is facts
    first = standings(facts, drawn.day("20"), PLAIN)
    assert standings(open_facts(tmp_path), drawn.day("20"), Rules()) is first
    assert standings(facts, drawn.day("20"), Rules(minimum_days=1)) is not first


def test_only_the_latest_answers_are_kept(tmp_path: Path) -> None:
    drawn = district()
    facts = post(tmp_path, drawn.tables)
    first = standings(facts, drawn.day("1"), PLAIN)
    for day in range(2, ANSWERS_KEPT + 3):
        standings(facts, drawn.day(str(day)), PLAIN)
    assert standings(facts, drawn.day("1"), PLAIN) is not first
    assert standings(facts, drawn.day("1"), PLAIN).equals(first)


def test_an_undone_delivery_that_comes_back_changed_is_read_anew(tmp_path: Path) -> None:
    drawn = district()
    facts = post(tmp_path, drawn.tables, "0001-same")
    Ledger(tmp_path).undo("0001-same")
    with pytest.raises(MeasureError, match="Nothing has been posted"):
        open_facts(tmp_path)
    again = post(tmp_path, district("bo").tables, "0001-same")
    assert again is not facts
    assert standings(again, drawn.day("20"), PLAIN)["student_id"].to_pylist() == ["bo"]


def test_facts_without_a_school_day_are_refused_in_a_sentence(tmp_path: Path) -> None:
    facts = post(tmp_path, Drawn(5).students("student | school\nana | A").tables)
    with pytest.raises(MeasureError, match="has no attendance on a school day yet"):
        standings(facts, date(2026, 9, 1), PLAIN)


def test_two_homes_never_read_each_other(tmp_path: Path) -> None:
    drawn, other = district("ana"), district("bo")
    facts = post(tmp_path / "one", drawn.tables)
    others = post(tmp_path / "two", other.tables)
    assert standings(facts, drawn.day("5"), PLAIN)["student_id"].to_pylist() == ["ana"]
    assert standings(others, drawn.day("5"), PLAIN)["student_id"].to_pylist() == ["bo"]


def test_rules_come_from_the_district_and_its_state() -> None:
    home = District(minimum_days=12, day_rule="fractional", truancy_month="calendar")
    rules = Rules.from_policy(home, load_state_pack("ct"), (1, 2, 3, 4, 5), on=date(2026, 10, 1))
    assert (rules.minimum_days, rules.day_rule, rules.truancy_month) == (12, "fractional", "calendar")
    assert rules.level_bounds == (1, 2, 3, 4, 5)
    assert rules == Rules.from_policy(home, load_state_pack("ct"), (1, 2, 3, 4, 5))
    # Connecticut's values are those the measures begin with.
    assert Rules.from_policy(District(), load_state_pack("ct")) == Rules()
    assert rules.chronic == Fraction(1, 10)
    assert hash(rules) != hash(Rules())


def test_standings_are_written_exactly(tmp_path: Path) -> None:
    drawn = district("=sum(A1)")
    facts = post(tmp_path, drawn.tables)
    out = io.BytesIO()
    write_standings(standings(facts, drawn.day("21"), PLAIN), "csv", out)
    assert out.getvalue().decode() == (
        ",".join(STANDINGS_COLUMNS) + "\n'=sum(A1),A,05,1,21,1,0,1,0,0,0.047619,L1,satisfactory,0,0,1,4,20,1\n"
    )
    write_standings(standings(facts, drawn.day("21"), PLAIN), "parquet", tmp_path / "standings.parquet")
    stored = pq.read_table(tmp_path / "standings.parquet")
    assert stored.column_names == list(STANDINGS_COLUMNS)
    assert stored["student_id"].to_pylist() == ["=sum(A1)"]
    assert str(stored["absence_rate"].to_pylist()[0]) == "0.047619"


def test_negative_days_are_numbers_not_formulas(tmp_path: Path) -> None:
    drawn = district().marks("student | school | days\nana | A | 3-12")
    facts = post(tmp_path, drawn.tables)
    out = io.BytesIO()
    write_standings(standings(facts, drawn.day("21"), Rules(day_rule="fractional")), "csv", out)
    assert out.getvalue().decode().splitlines()[1].split(",")[16] == "-6"


def test_groups_and_explanations_are_written_as_csv(tmp_path: Path) -> None:
    drawn = district()
    facts = post(tmp_path, drawn.tables)
    write_groups(groups(facts, drawn.day("21"), PLAIN, ["grade"]), tmp_path / "groups.csv")
    assert (tmp_path / "groups.csv").read_text().splitlines() == [
        "grade,students,chronically_absent,chronic_rate,chronic_rate_low,chronic_rate_high,truant,"
        "days_enrolled,days_unreported,days_absent,absence_rate",
        "05,1,0,0.000000,0.000000,0.000000,0,21,0,1,0.047619",
    ]
    write_explanation(explain(facts, "ana", drawn.day("2"), PLAIN), tmp_path / "why.csv")
    assert (tmp_path / "why.csv").read_text().splitlines() == [
        "date,school_id,state,portion_absent,rule,explanation,source_file,line_no,delivery_id,marks",
        '2026-08-31,A,present,0,school_taken,"Present: there is no mark, and attendance was taken at the school.",,,,',
        '2026-09-01,A,unexcused,1,marked,"Absent, unexcused: the whole day was missed.",attendance.csv,2,0001-drawn,'
        "absent attendance.csv line 2",
    ]
