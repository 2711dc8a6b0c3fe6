"""Worked cases of the rules, drawn: how days are counted (cases 1 to 20, 25, 28, 29, 35 to 37).

Numbers in the names are those of the rules' table of edge cases. Cases not here are in ``test_truancy`` (21, 22),
``test_publishing`` (30, 32, 33, 38) and ``test_deliveries`` (14 to 16, 34). Not reached by standings or groups, whose
excused days are the SIS's own: 23, 24, 26 (notes, ordinals and consecutive wellness days), 27 (remote sessions, decided
by the code's category), 31 (accountability points, a state output).
"""

from pathlib import Path

import pytest

from allpresent.measures import Rules
from tests.spec.drawn import Drawn, check_groups, check_standings

FRACTIONAL = Rules(day_rule="fractional")


def one_student(days: int, absent: str, portion: str = "1") -> Drawn:
    """Ana at school A for all its days, absent on some; attendance was taken every day."""
    district = Drawn(days).students("student | school\nana | A").taken(f"school | days\nA | 1-{days}")
    return district.marks(f"student | school | days | portion\nana | A | {absent} | {portion}")


def test_case_01_half_days_imported_reach_ten_percent_exactly(tmp_path: Path) -> None:
    district = one_student(175, "1-17").marks("student | school | days | portion\nana | A | 18 | 1/2")
    check_standings(
        tmp_path,
        district,
        "175",
        """
        student_id | days_absent | absence_rate | is_chronically_absent | attendance_works_band | level
        -----------+-------------+--------------+-----------------------+-----------------------+------
        ana        | 17.5        | 0.100000     | 1                     | moderate_chronic      | L5
        """,
        FRACTIONAL,
    )


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ("195/390", "17 | 0.097143 | 0 | at_risk"),
        ("196/390", "18 | 0.102857 | 1 | moderate_chronic"),
    ],
)
def test_case_01_whole_days_depend_on_the_minutes_of_the_last(tmp_path: Path, missed: str, expected: str) -> None:
    district = one_student(175, "1-17").marks(f"student | school | days | portion\nana | A | 18 | {missed}")
    header = "days_absent | absence_rate | is_chronically_absent | attendance_works_band"
    check_standings(tmp_path, district, "175", f"{header}\n{expected}")


def test_case_02_ten_percent_and_twenty_percent_exactly_count(tmp_path: Path) -> None:
    district = (
        Drawn(180)
        .students("student | school\nana | A\nbo | A")
        .taken("school | days\nA | 1-180")
        .marks("student | school | days\nana | A | 1-18\nbo | A | 1-36")
    )
    check_standings(
        tmp_path,
        district,
        "180",
        """
        student_id | days_absent | absence_rate | is_chronically_absent | attendance_works_band
        -----------+-------------+--------------+-----------------------+----------------------
        ana        | 18          | 0.100000     | 1                     | moderate_chronic
        bo         | 36          | 0.200000     | 1                     | severe_chronic
        """,
    )


def test_case_03_one_day_decides_not_the_printed_rate(tmp_path: Path) -> None:
    district = (
        Drawn(181)
        .students("student | school | last\nana | A |\nbo | A |\ncy | A | 180")
        .taken("school | days\nA | 1-181")
        .marks("student | school | days\nana | A | 1-18\nbo | A | 1-19\ncy | A | 1-18")
    )
    check_standings(
        tmp_path,
        district,
        "181",
        """
        student_id | days_enrolled | days_absent | absence_rate | is_chronically_absent | level
        -----------+---------------+-------------+--------------+-----------------------+------
        ana        | 181           | 18          | 0.099448     | 0                     | L6
        bo         | 181           | 19          | 0.104972     | 1                     | L6
        cy         | 180           | 18          | 0.100000     | 1                     | L6
        """,
    )


@pytest.mark.parametrize(("minimum", "is_chronic"), [(1, 1), (10, 0)])
def test_case_04_nine_days_are_judged_or_not_by_the_minimum(tmp_path: Path, minimum: int, is_chronic: int) -> None:
    header = "days_enrolled | days_absent | absence_rate | attendance_works_band | level | is_chronically_absent"
    expected = f"{header}\n9 | 1 | 0.111111 | moderate_chronic | L1 | {is_chronic}"
    check_standings(tmp_path, one_student(9, "4"), "9", expected, Rules(minimum_days=minimum))


def mover(first_days: str, first: str, then_days: str, then: str) -> Drawn:
    """Ana at A and then at B, absent on some days of each."""
    at_a, at_b = int(first_days), int(first_days) + int(then_days)
    return (
        Drawn(at_b, "A B")
        .students(f"student | school | first | last\nana | A | 1 | {at_a}\nana | B | {at_a + 1} |")
        .taken(f"school | days\nA | 1-{at_b}\nB | 1-{at_b}")
        .marks(f"student | school | days\nana | A | {first}\nana | B | {then}")
    )


MOVERS = [
    ("5", mover("60", "1-6", "80", "61-68"), ("1", "1"), "B | 140 | 14 | 0.100000 | 1 | L4 | moderate_chronic"),
    ("6", mover("60", "1-6", "80", "61-67"), ("1", "0"), "B | 140 | 13 | 0.092857 | 0 | L4 | at_risk"),
    ("7", mover("20", "1-2", "160", ""), ("1", "0"), "B | 180 | 2 | 0.011111 | 0 | L2 | satisfactory"),
]


@pytest.mark.parametrize(("case", "district", "flags", "pooled"), MOVERS, ids=[f"case_0{row[0]}" for row in MOVERS])
def test_cases_05_to_07_movers_are_judged_pooled_and_per_school(
    tmp_path: Path, case: str, district: Drawn, flags: tuple[str, str], pooled: str
) -> None:
    last = str(len(district.days))
    header = (
        "school_id | days_enrolled | days_absent | absence_rate | is_chronically_absent | level | attendance_works_band"
    )
    check_standings(tmp_path, district, last, f"{header}\n{pooled}")
    per_school = f"school_id | is_chronically_absent\nA | {flags[0]}\nB | {flags[1]}"
    check_standings(tmp_path, district, last, per_school, per_school=True)
    # The district counts the student once, though two schools may each count the same child.
    check_groups(tmp_path, district, last, "", f"students | chronically_absent\n1 | {pooled.split(' | ')[4]}")


@pytest.mark.parametrize(
    ("case", "portion", "absent", "absent_federally"),
    [
        ("08 present for 195 of 390 minutes", "195/390", "0", "1"),
        ("08 present for 194 of 390 minutes", "196/390", "1", "1"),
        ("09 present for 120 of the 240 minutes of a short day", "120/240", "0", "1"),
        ("10 three hours late of six and a half", "6/13", "0", "0"),
    ],
)
def test_cases_08_to_10_half_of_the_days_own_minutes_decides(
    tmp_path: Path, case: str, portion: str, absent: str, absent_federally: str
) -> None:
    district = one_student(20, "3", portion)
    check_standings(tmp_path, district, "20", f"days_absent\n{absent}")
    check_standings(tmp_path, district, "20", f"days_absent\n{absent_federally}", Rules(is_half_absent=True))


def test_case_10_twenty_late_mornings_add_up_to_no_absence(tmp_path: Path) -> None:
    district = one_student(20, "", "1").marks(
        "student | school | days | portion | category\nana | A | 1-20 | 6/13 | tardy"
    )
    check_standings(tmp_path, district, "20", "days_absent | is_chronically_absent\n0 | 0")


def test_case_11_suspension_counts_only_without_half_a_day_of_other_education(tmp_path: Path) -> None:
    district = one_student(20, "").marks(
        """
        student | school | days | portion | kind         | category
        --------+--------+------+---------+--------------+---------
        ana     | A      | 1-2  | 1       | disciplinary | absent
        ana     | A      | 3-5  | 0       | disciplinary | present
        """
    )
    header = "days_absent | days_disciplinary | days_unexcused | unexcused_in_worst_month | is_truant"
    check_standings(tmp_path, district, "20", f"{header}\n2 | 2 | 0 | 0 | 0")


def test_case_12_a_day_of_in_school_suspension_is_present(tmp_path: Path) -> None:
    district = one_student(20, "").marks("student | school | days | portion | category\nana | A | 3 | 0 | present")
    check_standings(tmp_path, district, "20", "days_absent | days_reported\n0 | 20")


def test_case_13_a_day_nobody_reported_is_neither_present_nor_absent(tmp_path: Path) -> None:
    district = (
        Drawn(20)
        .students("student | school\nana | A\nbo | A")
        .taken("school | days\nA | 1-9\nA | 12-20")
        .marks("student | school | days\nana | A | 1-2")
    )
    check_standings(
        tmp_path,
        district,
        "20",
        """
        student_id | days_unreported | days_reported | absence_rate | level | is_chronic_low | is_chronic_high
        -----------+-----------------+---------------+--------------+-------+----------------+----------------
        ana        | 2               | 18            | 0.111111     | L2    | 1              | 1
        bo         | 2               | 18            | 0.000000     | L1    | 0              | 1
        """,
    )
    expected = "students | chronic_rate | chronic_rate_low | chronic_rate_high | days_unreported\n"
    check_groups(tmp_path, district, "20", "", expected + "2 | 0.500000 | 0.500000 | 1.000000 | 4")


def test_case_13_a_mark_nobody_can_read_makes_the_day_unknown(tmp_path: Path) -> None:
    district = one_student(20, "1").marks("student | school | days | category\nana | A | 1 | unknown")
    check_standings(tmp_path, district, "20", "days_absent | days_unreported | days_reported\n0 | 1 | 19")


def test_case_17_overlapping_spans_count_the_shared_day_once(tmp_path: Path) -> None:
    district = (
        Drawn(40, "A B")
        .students("student | school | first | last\nana | A | 1 | 30\nana | B | 30 |")
        .taken("school | days\nA | 1-40\nB | 1-40")
        .marks("student | school | days\nana | A | 30\nana | B | 30")
    )
    check_standings(tmp_path, district, "40", "school_id | days_enrolled | days_absent\nB | 40 | 1")
    expected = "school_id | days_enrolled | days_absent\nA | 30 | 1\nB | 11 | 1"
    check_standings(tmp_path, district, "40", expected, per_school=True)


def test_case_18_nothing_before_entry_counts(tmp_path: Path) -> None:
    district = (
        Drawn(180)
        .students("student | school | first\nana | A | 41")
        .taken("school | days\nA | 1-180")
        .marks("student | school | days\nana | A | 39-50")
    )
    header = "days_enrolled | days_absent | absence_rate | attendance_works_band | level | is_chronically_absent"
    check_standings(tmp_path, district, "180", f"{header}\n140 | 10 | 0.071429 | at_risk | L3 | 0")


def test_case_19_who_left_keeps_the_rate_and_stays_among_everyone(tmp_path: Path) -> None:
    district = (
        Drawn(180)
        .students("student | school | last\nana | A | 90\nbo | A |")
        .taken("school | days\nA | 1-180")
        .marks("student | school | days\nana | A | 1-9\nana | A | 100")
    )
    expected = """
        student_id | is_enrolled | days_enrolled | days_absent | is_chronically_absent | remaining_days
        ana        | 0           | 90            | 9           | 1                     | 0
        bo         | 1           | 170           | 0           | 0                     | 10
        """
    check_standings(tmp_path, district, "170", expected)
    check_groups(tmp_path, district, "170", "school", "school | students | chronically_absent\nA | 1 | 0")
    expected = "school | students | chronically_absent\nA | 2 | 1"
    check_groups(tmp_path, district, "170", "school", expected, everyone=True)


@pytest.mark.parametrize(
    ("days", "half", "expected"),
    [
        ("1", "2", "1.5 | L1"),
        ("1", "2,3", "2 | L2"),
        ("1-5", "6", "5.5 | L2"),
        ("1-10", "11", "10.5 | L3"),
        ("1-14", "15", "14.5 | L4"),
        ("1-17", "18", "17.5 | L5"),
        ("1-17", "18,19", "18 | L6"),
    ],
)
def test_case_20_a_level_starts_only_at_its_lower_bound(tmp_path: Path, days: str, half: str, expected: str) -> None:
    district = one_student(40, days).marks(f"student | school | days | portion\nana | A | {half} | 1/2")
    check_standings(tmp_path, district, "40", f"days_absent | level\n{expected}", FRACTIONAL)


def test_case_25_every_kind_of_absence_counts_for_chronic_absence(tmp_path: Path) -> None:
    district = one_student(110, "").marks(
        "student | school | days | kind\nana | A | 1-9 | excused\nana | A | 10 | disciplinary\nana | A | 11 | unexcused"
    )
    header = "days_absent | days_excused | days_unexcused | days_disciplinary | is_chronically_absent"
    check_standings(tmp_path, district, "110", f"{header}\n11 | 9 | 1 | 1 | 1")


def test_case_28_a_child_of_four_in_pre_k_is_listed_apart_and_is_not_truant(tmp_path: Path) -> None:
    district = (
        Drawn(60)
        .students("student | school | grade | born\nana | A | PK | 2022-12-01\nbo | A | K | 2021-01-01")
        .taken("school | days\nA | 1-60")
        .marks("student | school | days\nana | A | 1-18\nbo | A | 1-18")
    )
    expected = """
        student_id | level | is_chronically_absent | is_truant | grade_range
        ana        | L6    | 1                     | 0         |
        bo         | L6    | 1                     | 1         | K-8
        """
    check_standings(tmp_path, district, "60", expected)
    expected = "grade_range | students | chronically_absent\n | 1 | 1\nK-8 | 1 | 1"
    check_groups(tmp_path, district, "60", "grade_range", expected)


def test_case_29_at_nineteen_nobody_is_truant_but_chronic_absence_goes_on(tmp_path: Path) -> None:
    district = (
        Drawn(60)
        .students("student | school | born\nana | A | 2007-09-01\nbo | A | 2007-12-01\ncy | A |")
        .taken("school | days\nA | 1-60")
        .marks("student | school | days\nana | A | 1-12\nbo | A | 1-12\ncy | A | 1-12")
    )
    expected = """
        student_id | is_truant | is_chronically_absent
        ana        | 0         | 1
        bo         | 1         | 1
        cy         | 1         | 1
        """
    check_standings(tmp_path, district, "60", expected)


def test_case_35_a_jump_in_one_import_enters_the_level_of_its_days(tmp_path: Path) -> None:
    check_standings(tmp_path, one_student(40, "1"), "40", "days_absent | level\n1 | L1")
    check_standings(tmp_path, one_student(40, "1-12"), "40", "days_absent | level\n12 | L4")


def test_case_36_absences_of_summer_school_are_outside_the_calendar(tmp_path: Path) -> None:
    july = "2027-07-06,2027-07-07,2027-07-08,2027-07-09,2027-07-12"
    district = one_student(180, "1-2").marks(f"student | school | days\nana | A | {july}")
    check_standings(tmp_path, district, "180", "days_enrolled | days_absent\n180 | 2")


def test_case_37_five_and_twenty_percent_exactly_are_in_the_higher_band(tmp_path: Path) -> None:
    district = (
        Drawn(180)
        .students("student | school\nana | A\nbo | A\ncy | A")
        .taken("school | days\nA | 1-180")
        .marks("student | school | days\nana | A | 1-9\nbo | A | 1-36\ncy | A | 1-8")
    )
    expected = """
        student_id | absence_rate | attendance_works_band
        ana        | 0.050000     | at_risk
        bo         | 0.200000     | severe_chronic
        cy         | 0.044444     | satisfactory
        """
    check_standings(tmp_path, district, "180", expected)
