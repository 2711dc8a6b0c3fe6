"""Worked cases of the rules, drawn: what a later delivery changes (cases 14, 15, 16 and 34)."""

from pathlib import Path

from allpresent.measures import movers, open_facts, standings
from tests.spec.drawn import PLAIN, Drawn, check_standings, post


def school(absent: str, upto: int = 20) -> Drawn:
    """Ana at A, absent on some days, attendance taken up to a day."""
    district = Drawn(180).students("student | school\nana | A").taken(f"school | days\nA | 1-{upto}")
    return district.marks(f"student | school | days\nana | A | {absent}")


def test_case_14_a_day_declared_a_snow_day_later_leaves_the_count_with_its_mark(tmp_path: Path) -> None:
    check_standings(tmp_path, school("1,5"), "20", "days_enrolled | days_absent | level\n20 | 2 | L2")
    snow = school("1,5")
    snow.open("A", [snow.day("5")], is_open=False)
    check_standings(tmp_path, snow, "20", "days_enrolled | days_absent | level\n19 | 1 | L1")


def test_case_15_a_make_up_day_adds_a_day_that_nobody_has_marked(tmp_path: Path) -> None:
    district = school("1", 180)
    make_up = district.day("2027-05-01")  # a Saturday
    district.open("A", [make_up])
    header = "days_enrolled | days_absent | days_unreported"
    check_standings(tmp_path, district, "180", f"{header}\n181 | 1 | 1")
    district.taken("school | days\nA | 2027-05-01")
    check_standings(tmp_path, district, "180", f"{header}\n181 | 1 | 0")


def test_case_16_two_marks_of_a_day_in_one_delivery_are_one_absence(tmp_path: Path) -> None:
    district = school("5").marks("student | school | days | portion | category\nana | A | 5 | 0 | present")
    check_standings(tmp_path, district, "20", "days_absent | days_unexcused\n1 | 1")


def test_case_16_of_two_deliveries_the_later_mark_stands_and_the_earlier_is_kept_in_history(tmp_path: Path) -> None:
    first = post(tmp_path, school("5").tables, "0001-first")
    corrected = school("").marks("student | school | days | portion | category\nana | A | 5 | 0 | present")
    second = post(tmp_path, corrected.tables, "0002-second")
    day = corrected.day("20")
    assert standings(second, day, PLAIN)["days_absent"].to_pylist() == [0]
    as_known_then = open_facts(tmp_path, known_on=first.delivery_id)
    assert standings(as_known_then, day, PLAIN)["days_absent"].to_pylist() == [1]


def test_case_34_a_correction_from_six_to_five_lowers_the_level(tmp_path: Path) -> None:
    before = post(tmp_path, school("1-6").tables, "0001-before")
    district = school("1-5")
    after = post(tmp_path, district.tables, "0002-after")
    day = district.day("20")
    assert standings(before, day, PLAIN)["level"].to_pylist() == ["L3"]
    moved = movers(after, day, day, PLAIN, facts_since=before).to_pylist()
    assert moved == [{"student_id": "ana", "school_id": "A", "from_level": "L3", "to_level": "L2"}]
