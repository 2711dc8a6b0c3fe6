"""``attendance_facts.csv``: what each enrolled school day amounts to, and what marks do not tell."""

import os
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpresent import intake
from allpresent.intake.attendance_facts import COLUMNS, attendance_facts
from allpresent.policy import District as Decided
from tests.intake.folders import MARKS, PLAIN, check, read_csv
from tests.measures.districts import District, districts
from tests.reference import daily
from tests.reference.days import Settings
from tests.spec.drawn import Drawn, arrow, table, texts

EXAMPLES = int(os.environ.get("ALLPRESENT_EXAMPLES", "12"))
NAMES = ["present_school", "absent_school", "present_homeroom", "absent_homeroom"]
NAMES += ["present_all_sections", "absent_any_section"]


def judged(drawn: Drawn, day_rule: str = "state") -> list[dict[str, str]]:
    """The rows of the program, which must be the twin's."""
    found = texts(attendance_facts(arrow(drawn.tables), Decided(day_rule=day_rule)).to_pylist())
    assert found == daily.attendance_facts(drawn.tables, Settings(day_rule=day_rule))
    return found


def check_days(drawn: Drawn, expected: str, day_rule: str = "state") -> None:
    """The drawn columns of the rows, with school days by number."""
    rows = judged(drawn, day_rule)
    numbers = {day.isoformat(): str(number) for number, day in enumerate(drawn.days, start=1)}
    wanted = table(expected)
    assert [{name: (row | {"day": numbers[row["date"]]})[name] for name in wanted[0]} for row in rows] == wanted


def test_every_enrolled_school_day_up_to_the_last_delivered_one_is_a_row() -> None:
    drawn = Drawn(5, "A B").students("""
        student | school | first | last
        ana     | A      | 1     |
        bo      | A      | 2     | 3
        bo      | B      | 4     |
    """)
    check_days(
        drawn.marks("""
            student | school | days
            ana     | A      | 2
            bo      | B      | 4
            bo      | A      | 1
        """),
        """
            student_id | school_id | day | present_school | absent_school
            ana        | A         | 1   | 1              | 0
            ana        | A         | 2   | 0              | 1
            ana        | A         | 3   | 1              | 0
            ana        | A         | 4   | 1              | 0
            bo         | A         | 2   | 1              | 0
            bo         | A         | 3   | 1              | 0
            bo         | B         | 4   | 0              | 1
        """,
    )


def parts() -> Drawn:
    """A day for each kind of mark; day 6 nobody reported."""
    drawn = Drawn(7).students("""
        student | school
        ana     | A
    """)
    drawn.marks("""
        student | school | days | portion | category | mode
        ana     | A      | 1    | 1/2     | absent   | day
        ana     | A      | 2    | 2/3     | absent   | day
        ana     | A      | 3    | 1       | unknown  | day
        ana     | A      | 4    | 0       | tardy    | day
        ana     | A      | 5    | 1       | absent   | am
    """)
    return drawn.taken("""
        school | days
        A      | 1-5,7
    """)


def test_the_districts_day_rule_decides_and_what_is_not_reported_is_blank() -> None:
    whole = """
        day | present_school | absent_school
        1   | 1              | 0
        2   | 0              | 1
        3   |                |
        4   | 1              | 0
        5   | 1              | 0
        6   |                |
        7   | 1              | 0
    """
    shares = """
        day | present_school | absent_school
        1   | 0.5            | 0.5
        2   | 1/3            | 2/3
        3   |                |
        4   | 1              | 0
        5   | 0.5            | 0.5
        6   |                |
        7   | 1              | 0
    """
    check_days(parts(), whole)
    check_days(parts(), shares, "fractional")


def test_a_homeroom_is_told_only_by_a_day_missed_whole_or_not_at_all() -> None:
    drawn = Drawn(7).students("""
        student | school
        ana     | A
    """)
    drawn.rows("sections", "section_id | school_id | is_homeroom\nh | A | 1\nx | A | 0")
    drawn.rows("section_students", "section_id | student_id | start_date | last_date\nh | ana | | 6\nx | ana | |")
    drawn.marks("""
        student | school | days | portion | category
        ana     | A      | 1    | 1       | absent
        ana     | A      | 2    | 1/2     | absent
        ana     | A      | 3    | 0       | tardy
        ana     | A      | 5    | 1       | unknown
    """)
    drawn.taken("school | days | section\nA | 3-4,7 | h\nA | 6-7 | x")
    check_days(
        drawn,
        """
            day | present_homeroom | absent_homeroom | present_all_sections
            1   | 0                | 1               |
            2   |                  |                 |
            3   |                  |                 |
            4   | 1                | 0               |
            5   |                  |                 |
            6   |                  |                 |
            7   |                  |                 |
        """,
    )


def test_sections_are_told_by_period_marks_and_by_every_section_reported() -> None:
    drawn = Drawn(5).students("""
        student | school
        ana     | A
    """)
    drawn.rows("sections", "section_id | school_id\nm | A\nn | A")
    drawn.rows("section_students", "section_id | student_id | start_date | last_date\nm | ana | |\nn | ana | |")
    drawn.marks("""
        student | school | days | mode   | period | periods | portion
        ana     | A      | 1    | period | 2      | 7       | 1
        ana     | A      | 4    | day    |        |         | 1
        ana     | A      | 5    | period | 1      | 7       | 0
    """)
    drawn.taken("school | days | section\nA | 1-2,4-5 | m\nA | 2-5 | n")
    check_days(
        drawn,
        """
            day | present_school | present_all_sections | absent_any_section
            1   | 1              | 0                    | 1
            2   | 1              | 1                    | 0
            3   | 1              |                      |
            4   | 0              |                      |
            5   | 1              | 1                    | 0
        """,
    )


def test_drawn_districts_are_told_as_by_the_twin(survived: Callable[[int, str], None]) -> None:
    judged = 0

    @given(district=districts(), flags=st.data(), day_rule=st.sampled_from(["state", "fractional"]))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def judge(district: District, flags: st.DataObject, day_rule: str) -> None:
        nonlocal judged
        tables = district.tables
        for section in tables["sections"]:
            section["is_homeroom"] = flags.draw(st.sampled_from([0, 1, None]))
        also = {"section_id": "x", "school_id": "A", "is_homeroom": flags.draw(st.sampled_from([0, 1]))}
        tables["sections"].append(also)
        found = texts(attendance_facts(arrow(tables), Decided(day_rule=day_rule)).to_pylist())
        assert found == daily.attendance_facts(tables, Settings(day_rule=day_rule))
        judged += 1

    judge()
    survived(judged, "drawn districts, their attendance facts told as by the twin")


def test_the_file_stands_beside_the_canonical_ones(tmp_path: Path) -> None:
    intake.export_canonical(check(tmp_path), tmp_path / "out")
    rows = read_csv(tmp_path / "out" / "attendance_facts.csv")
    assert list(rows[0]) == list(COLUMNS)
    assert [row for row in rows if row["absent_school"] == "1"] == [
        dict.fromkeys(COLUMNS, "")
        | {"student_id": "0501", "school_id": "100", "date": "2026-09-01", "present_school": "0", "absent_school": "1"}
    ]
    assert {row["date"] for row in rows} == {"2026-08-31", "2026-09-01", "2026-09-02"}
    assert len(rows) == 9


def test_a_delivery_without_a_school_day_of_marks_has_a_header_alone(tmp_path: Path) -> None:
    intake.export_canonical(check(tmp_path, PLAIN | {"attendance.csv": MARKS}), tmp_path / "out")
    assert (tmp_path / "out" / "attendance_facts.csv").read_text().split("\n") == [",".join(COLUMNS), ""]
