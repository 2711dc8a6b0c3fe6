"""The sentences of the standings contract, drawn one by one."""

from datetime import date
from pathlib import Path

import pytest

from allpresent.measures import STANDINGS_COLUMNS, MeasureError, Rules, open_facts, standings
from tests.spec.drawn import PLAIN, Drawn, check_groups, check_standings, post, texts

SATURDAY = date(2026, 9, 5)


def test_columns_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    facts = post(tmp_path, Drawn(5).students("student | school\nana | A").taken("school | days\nA | 1-5").tables)
    assert standings(facts, date(2026, 9, 4), PLAIN).column_names[:19] == list(STANDINGS_COLUMNS)
    assert ",".join(STANDINGS_COLUMNS) == (
        "student_id,school_id,grade,is_enrolled,days_enrolled,days_absent,days_excused,days_unexcused,"
        "days_disciplinary,days_unreported,absence_rate,level,attendance_works_band,is_chronically_absent,is_truant,"
        "unexcused_in_worst_month,days_until_chronic,last_20_days_enrolled,last_20_days_absent"
    )


@pytest.mark.parametrize(
    ("spans", "school"),
    [
        ("ana | A | 1 |    | \nana | B | 3 | 4  | ", "B"),  # the latest entry, even if it has ended
        ("ana | A | 3 | 4  | 1\nana | B | 3 |    | 0", "A"),  # then primary
        ("ana | A | 3 | 8  | 1\nana | B | 3 | 9  | 1", "B"),  # then the later last day
        ("ana | A | 3 | 9  | \nana | B | 3 |    | ", "B"),  # an open span ends last
        ("ana | B | 3 |    | \nana | A | 3 |    | ", "A"),  # then the smaller school id as text
        ("ana | A | 3 |    | \nana | 10 | 3 |    | ", "10"),
        ("ana | A | 3 |    | \nana | B | 9 |    | 1", "A"),  # entries after the day are not looked at
    ],
)
def test_school_is_that_of_the_latest_entry(tmp_path: Path, spans: str, school: str) -> None:
    district = Drawn(20, "A B 10").students(f"student | school | first | last | primary\n{spans}")
    check_standings(tmp_path, district.taken("school | days\nA | 1-8"), "8", f"school_id\n{school}")


def test_a_blank_span_grade_takes_the_students(tmp_path: Path) -> None:
    district = Drawn(10, "A B").students("student | school | first | grade\nana | A | 1 | 05\nana | B | 4 | ")
    check_standings(tmp_path, district.taken("school | days\nA | 1-6"), "3", "grade\n05")
    district.tables["students"][0]["grade"] = "06"
    check_standings(tmp_path, district, "6", "school_id | grade\nB | 06")


def test_enrollment_is_open_on_its_last_day_and_closed_after(tmp_path: Path) -> None:
    district = Drawn(10).students("student | school | last\nana | A | 5").taken("school | days\nA | 1-10")
    check_standings(tmp_path, district, "5", "is_enrolled | days_enrolled\n1 | 5")
    check_standings(tmp_path, district, "6", "is_enrolled | days_enrolled\n0 | 5")


def test_only_students_with_a_school_day_so_far_are_listed(tmp_path: Path) -> None:
    district = (
        Drawn(10)
        .students("student | school | first | last\nana | A | 1 |\nbo | A | 8 |\ncy | A | 5 | 4\ndi | A | 2026-09-05 |")
        .taken("school | days\nA | 1-10")
    )
    check_standings(tmp_path, district, "5", "student_id\nana")
    check_standings(tmp_path, district, "6", "student_id\nana\ndi")


def test_a_day_without_school_counts_up_to_the_one_before(tmp_path: Path) -> None:
    district = Drawn(10).students("student | school\nana | A").taken("school | days\nA | 1-10")
    check_standings(tmp_path, district, SATURDAY, "days_enrolled\n5")


def test_a_day_after_the_last_delivered_one_is_refused_with_that_day(tmp_path: Path) -> None:
    district = Drawn(10).students("student | school\nana | A").taken("school | days\nA | 1-5")
    facts = post(tmp_path, district.tables)
    with pytest.raises(MeasureError, match="2026-09-05 is after 2026-09-04, the last school day"):
        standings(facts, SATURDAY, PLAIN)


def test_a_year_nobody_delivered_is_refused(tmp_path: Path) -> None:
    facts = post(tmp_path, Drawn(10).students("student | school\nana | A").taken("school | days\nA | 1-5").tables)
    with pytest.raises(MeasureError, match="has school days of 2026-2027 only"):
        standings(facts, date(2025, 10, 1), PLAIN)


def test_counts_begin_anew_with_the_school_year(tmp_path: Path) -> None:
    june = [date(2026, 6, day) for day in (29, 30)]
    district = Drawn(10).students("student | school | first\nana | A | 2026-06-01").taken("school | days\nA | 1-5")
    district.open("A", june).taken("school | days\nA | 2026-06-29,2026-06-30")
    district.marks("student | school | days\nana | A | 2026-06-29,2026-06-30,2")
    check_standings(tmp_path, district, "5", "days_enrolled | days_absent\n5 | 1")
    check_standings(tmp_path, district, date(2026, 6, 30), "days_enrolled | days_absent\n2 | 2")
    facts = post(tmp_path, district.tables, "0009-drawn", year_starts="06-30")
    row = standings(facts, district.day("5"), PLAIN).to_pylist()[0]
    assert (row["days_enrolled"], row["days_absent"]) == (6, 2)


def test_rules_a_to_d_decide_what_was_reported(tmp_path: Path) -> None:
    district = (
        Drawn(10)
        .students("student | school\nana | A\nbo | A")
        .rows("sections", "section_id | school_id | is_homeroom\nh1 | A | 1\nh2 | A | 1")
        .rows("section_students", "section_id | student_id | start_date | last_date\nh1 | ana | | 8")
        .taken("school | section | days\nA | h1 | 1\nA | h2 | 2\nA | | 3\nA | h2 | 4,5,9")
        .marks(
            """
            student | school | days | category | portion
            ana     | A      | 4    | tardy    | 0
            ana     | A      | 5    | tardy    | 0
            ana     | A      | 5    | unknown  | 0
            bo      | A      | 6    | absent   | 1
            """
        )
    )
    # ana: 1 own section, 2 another's only, 3 the whole school, 4 a mark, 5 an unknown code over a mark, 6 to 8 nothing,
    # 9 in no section any more and some row stands; bo, in no section: any row of the school, or a mark.
    expected = "student_id | days_enrolled | days_unreported | days_absent\nana | 9 | 5 | 0\nbo | 9 | 2 | 1"
    check_standings(tmp_path, district, "9", expected)


def test_a_delivery_without_any_taken_row_is_taken_as_reported(tmp_path: Path) -> None:
    district = Drawn(10).students("student | school\nana | A\nbo | A")
    district.marks("student | school | days | category\nana | A | 5 | absent\nbo | A | 4 | unknown")
    expected = "student_id | days_unreported | absence_rate\nana | 0 | 0.200000\nbo | 1 | 0.000000"
    check_standings(tmp_path, district, "5", expected)


def test_the_rate_is_blank_when_nothing_was_reported(tmp_path: Path) -> None:
    district = Drawn(10, "A B").students("student | school\nana | A").taken("school | days\nB | 1-5")
    header = "days_enrolled | days_unreported | absence_rate | attendance_works_band | is_chronically_absent | level"
    check_standings(tmp_path, district, "5", f"{header}\n5 | 5 | | | 0 | L1")


def test_a_mark_counts_only_where_and_when_the_student_is_enrolled(tmp_path: Path) -> None:
    district = (
        Drawn(10, "A B")
        .students("student | school | last\nana | A | 5")
        .taken("school | days\nA | 1-10\nB | 1-10")
        .marks("student | school | days\nana | A | 2,6,2026-09-05\nana | B | 3")
    )
    district.open("A", [district.day("4")], is_open=False).marks("student | school | days\nana | A | 4")
    check_standings(tmp_path, district, "10", "days_enrolled | days_absent\n4 | 1")


@pytest.mark.parametrize(
    ("marks", "absent", "kind"),
    [
        ("1/2 | excused | day |\n3/4 | unexcused | day |", 1, "unexcused"),  # one slot: the larger portion
        ("1 | excused | day |\n1 | unexcused | day |", 1, "unexcused"),  # a tie: the graver class
        ("1 | unexcused | day |\n1 | disciplinary | day |", 1, "disciplinary"),
        ("1 | blank | day |", 1, "unexcused"),  # excused unknown
        ("1 | excused | am |", 0, None),  # half a day is present
        ("1 | excused | am |\n1 | excused | pm |", 1, "excused"),  # two halves add
        ("1 | excused | am |\n1 | unexcused | pm |", 1, "unexcused"),
        ("1/2 | excused | am |\n1 | unexcused | pm |", 1, "unexcused"),
        ("0 | excused | day |\n1 | unexcused | period | 2", 0, None),  # a day mark wins over periods
        ("1 | unexcused | period | 2", 0, None),  # half of two periods
        ("1 | excused | period | 3\n1 | unexcused | period-2 | 3", 1, "unexcused"),  # two of three
        ("1 | excused | period | 3\n1 | excused | period | 3", 0, None),  # the same period twice
        ("195/390 | excused | minutes |", 0, None),
        ("196/390 | excused | minutes |", 1, "excused"),
        ("1 | unexcused | period | 1\n1/3 | excused | minutes |", 0, None),  # minutes win over periods
    ],
)
def test_several_marks_of_a_day_become_one(tmp_path: Path, marks: str, absent: int, kind: str | None) -> None:
    district = Drawn(10).students("student | school\nana | A").taken("school | days\nA | 1-10")
    for line in marks.splitlines():
        portion, sort, mode, periods = (cell.strip() for cell in line.split("|"))
        mode, _, period = mode.partition("-")
        period = (period or "1") if mode == "period" else ""
        cells = f"ana | A | 3 | {portion} | {sort} | {mode} | {period} | {periods}"
        district.marks(f"student | school | days | portion | kind | mode | period | periods\n{cells}")
    counts = [int(kind == name) for name in ("excused", "unexcused", "disciplinary")]
    header = "days_absent | days_excused | days_unexcused | days_disciplinary"
    check_standings(tmp_path, district, "10", f"{header}\n{absent} | {counts[0]} | {counts[1]} | {counts[2]}")


def test_tracks_bring_their_own_days(tmp_path: Path) -> None:
    district = Drawn(0, "A")
    days = [date(2026, 9, day) for day in (1, 2, 3, 4)]
    for day, track in zip(days, (None, "a", "b", "a"), strict=True):
        district.tables["calendar_days"].append({"school_id": "A", "date": day, "in_session": 1, "track": track})
    district.days = days
    district.students("student | school | first | track\nana | A | 1 | a\nbo | A | 1 | b\ncy | A | 1 |")
    district.taken("school | days\nA | 1-4")
    expected = "student_id | days_enrolled\nana | 3\nbo | 2\ncy | 4"
    check_standings(tmp_path, district, "4", expected)


def test_the_last_twenty_days_go_by_the_calendar_of_the_latest_school(tmp_path: Path) -> None:
    district = (
        Drawn(40, "A B")
        .students("student | school | first | last\nana | A | 1 | 20\nana | B | 21 |")
        .taken("school | days\nA | 1-40\nB | 1-40")
        .marks("student | school | days\nana | A | 5,12\nana | B | 30")
    )
    # B was closed on days 31 to 35, so its last twenty days reach back to day 11.
    district.open("B", district.range("31-35"), is_open=False)
    check_standings(tmp_path, district, "35", "last_20_days_enrolled | last_20_days_absent\n20 | 2")
    check_standings(tmp_path, district, "20", "last_20_days_enrolled | last_20_days_absent\n20 | 2")


def test_days_until_chronic_count_what_the_rest_of_the_year_allows(tmp_path: Path) -> None:
    district = (
        Drawn(180)
        .students("student | school | last\nana | A |\nbo | A | 100\ncy | A |")
        .taken("school | days\nA | 1-18\nA | 20-60")
        .marks("student | school | days\nana | A | 1-3\nbo | A | 1-3\ncy | A | 1-18")
    )
    # planned = 59 reported + 120 to come; 100 - 1 unreported for bo
    expected = """
        student_id | planned_days | days_until_chronic | present_days_needed
        ana        | 179          | 14                 | 0
        bo         | 99           | 6                  | 0
        cy         | 179          | -1                 | 122
        """
    check_standings(tmp_path, district, "60", expected)


def test_a_day_at_two_schools_is_one_day_missed_by_the_graver_mark(tmp_path: Path) -> None:
    district = (
        Drawn(10, "A B")
        .students("student | school | primary\nana | A | 1\nana | B | 0")
        .taken("school | days\nA | 1-10\nB | 1-10")
        .marks("student | school | days | kind | portion\nana | A | 3 | excused | 1\nana | B | 3 | unexcused | 1")
        .marks("student | school | days | kind | portion\nana | A | 4 | excused | 1/2\nana | B | 4 | unexcused | 3/4")
        .marks("student | school | days | kind | mode\nana | A | 5 | excused | am\nana | B | 5 | excused | pm")
    )
    header = "days_enrolled | days_absent | days_excused | days_unexcused"
    check_standings(tmp_path, district, "10", f"{header}\n10 | 3 | 1 | 2")


def test_the_school_filter_keeps_students_of_that_school_and_refuses_an_unknown_one(tmp_path: Path) -> None:
    district = Drawn(10, "A B").students("student | school\nana | A\nbo | B").taken("school | days\nA | 1-5")
    facts = post(tmp_path, district.tables)
    assert texts(standings(facts, district.day("5"), PLAIN, "B").select(["student_id"]).to_pylist()) == [
        {"student_id": "bo"}
    ]
    with pytest.raises(MeasureError, match="No school has the id C"):
        standings(facts, district.day("5"), PLAIN, "C")


def test_rates_are_rounded_half_up_from_whole_numbers(tmp_path: Path) -> None:
    district = Drawn(64).students("student | school\nana | A").taken("school | days\nA | 1-64")
    district.marks("student | school | days\nana | A | 1")
    # 1/64 = 0.015625 exactly; 1/128 would end in a half of the sixth place
    check_standings(tmp_path, district, "64", "absence_rate\n0.015625")
    half = Rules(day_rule="fractional")
    district.tables["attendance"][0] |= {"portion_num": 1, "portion_den": 2}
    check_standings(tmp_path, district, "64", "days_absent | absence_rate\n0.5 | 0.007813", half)


def test_fractional_days_are_exact_in_every_column(tmp_path: Path) -> None:
    district = (
        Drawn(30)
        .students("student | school\nana | A")
        .taken("school | days\nA | 1-30")
        .marks(
            "student | school | days | portion | kind\nana | A | 1-3 | 1/3 | unexcused\nana | A | 4-5 | 1/7 | excused"
        )
    )
    header = (
        "days_absent | days_unexcused | days_excused | absence_rate | unexcused_in_worst_month | days_until_chronic"
    )
    expected = f"{header}\n1.285714 | 1 | 0.285714 | 0.042857 | 1 | 0.714286"
    check_standings(tmp_path, district, "30", expected, Rules(day_rule="fractional"))
    expected = "days_absent | absence_rate\n1.285714 | 0.042857"
    check_groups(tmp_path, district, "30", "", expected, Rules(day_rule="fractional"))


def test_groups_count_those_enrolled_on_the_day_in_every_column(tmp_path: Path) -> None:
    district = (
        Drawn(20, "A B")
        .students(
            """
            student | school | first | last | grade
            ana     | A      | 1     |      | K
            bo      | A      | 1     | 12   | 09
            cy      | B      | 1     |      | 10
            di      | B      | 1     |      | PK
            """
        )
        .rows(
            "demographics",
            """
            student_id | flag | value | start_date | end_date
            ana        | frl  | F     |            |
            ana        | frl  | R     | 10         |
            cy         | frl  | R     |            | 14
            di         | swd  | 1     |            |
            """,
        )
        .taken("school | days\nA | 1-20\nB | 1-20")
        .marks("student | school | days\nana | A | 1-2\nbo | A | 1-4\ncy | B | 3")
    )
    check_groups(
        tmp_path,
        district,
        "20",
        "school,grade",
        """
        school | grade | students | chronically_absent | chronic_rate | days_enrolled | days_absent | absence_rate
        A      | K     | 1        | 1                  | 1.000000     | 20            | 2           | 0.100000
        B      | PK    | 1        | 0                  | 0.000000     | 20            | 0           | 0.000000
        B      | 10    | 1        | 0                  | 0.000000     | 20            | 1           | 0.050000
        """,
    )
    expected = "student_group:frl | students\n0 | 2\nR | 1"
    check_groups(tmp_path, district, "20", "student_group:frl", expected)
    expected = "student_group:frl | students\n0 | 2\nF | 1\nR | 1"
    check_groups(tmp_path, district, "9", "student_group:frl", expected)
    # 14 is the last day of cy's.
    check_groups(tmp_path, district, "14", "student_group:frl", "student_group:frl | students\n0 | 1\nR | 2")
    check_groups(tmp_path, district, "15", "student_group:frl", "student_group:frl | students\n0 | 2\nR | 1")
    expected = "attendance_works_band | level | students | truant\nsatisfactory | L1 | 1 | 0\nat_risk | L1 | 1 | 0"
    expected += "\nmoderate_chronic | L2 | 1 | 0\nsevere_chronic | L2 | 1 | 1"
    check_groups(tmp_path, district, "20", "attendance_works_band,level", expected, everyone=True)


@pytest.mark.parametrize("by", ["colour", "student_group:", "school,school"])
def test_groups_by_an_unknown_column_are_refused(tmp_path: Path, by: str) -> None:
    district = Drawn(5).students("student | school\nana | A").taken("school | days\nA | 1-5")
    with pytest.raises(MeasureError, match=r"(?s)Groups"):
        check_groups(tmp_path, district, "5", by, "students\n1")


def test_nothing_posted_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="Nothing has been posted yet"):
        open_facts(tmp_path)


def test_an_unknown_delivery_is_refused(tmp_path: Path) -> None:
    post(tmp_path, Drawn(5).students("student | school\nana | A").taken("school | days\nA | 1-5").tables)
    with pytest.raises(MeasureError, match="0007-none"):
        open_facts(tmp_path, known_on="0007-none")


def test_portions_without_a_small_common_part_stay_exact(tmp_path: Path) -> None:
    district = (
        Drawn(30)
        .students("student | school\nana | A\nbo | A")
        .taken("school | days\nA | 1-30")
        .marks(
            """
            student | school | days | portion
            ana     | A      | 1    | 1/997
            ana     | A      | 2    | 990/991
            ana     | A      | 3    | 982/983
            ana     | A      | 4    | 976/977
            ana     | A      | 5    | 1
            bo      | A      | 1    | 1/2
            """
        )
    )
    rules = Rules(day_rule="fractional")
    expected = "student_id | days_absent | is_truant | level\nana | 3.997953 | 0 | L2\nbo | 0.5 | 0 | L1"
    check_standings(tmp_path, district, "30", expected, rules)
    district.marks("student | school | days | portion\nana | A | 6 | 3/1000")
    expected = "student_id | days_absent | is_truant | level\nana | 4.000953 | 1 | L2\nbo | 0.5 | 0 | L1"
    check_standings(tmp_path, district, "30", expected, rules)
    check_groups(tmp_path, district, "30", "level", "level | days_absent\nL1 | 0.5\nL2 | 4.000953", rules)
