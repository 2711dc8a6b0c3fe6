"""The explanation of a student's year: every day, its rule in words, and the file and line it stands on."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from allpresent.measures import ExplainedDay, MeasureError, Rules, explain, standings
from tests.spec.drawn import PLAIN, Drawn, post


def district() -> Drawn:
    """Ana at A and from day 8 at B; a mark of every kind."""
    drawn = (
        Drawn(12, "A B")
        .students("student | school | first | last\nana | A | 2 | 7\nana | B | 8 |")
        .rows("sections", "section_id | school_id | is_homeroom\nh1 | A | 1")
        .rows("section_students", "section_id | student_id | last_date\nh1 | ana | 7")
        .marks(
            """
            student | school | days       | portion | kind         | category | mode   | period | periods
            ana     | A      | 2          | 1       | excused      | absent   | day    |        |
            ana     | A      | 3          | 1/2     | unexcused    | absent   | day    |        |
            ana     | A      | 4          | 1       | unexcused    | absent   | period | 1      | 3
            ana     | A      | 4          | 1       | unexcused    | absent   | period | 2      | 3
            ana     | A      | 5          | 0       | unexcused    | tardy    | day    |        |
            ana     | A      | 6          | 1       | unexcused    | unknown  | day    |        |
            ana     | A      | 9          | 1       | unexcused    | absent   | day    |        |
            ana     | A      | 2026-09-05 | 1       | unexcused    | absent   | day    |        |
            ana     | B      | 10         | 1       | disciplinary | absent   | day    |        |
            """
        )
    )
    drawn.rows(
        "attendance_taken",
        """
        source_file | line_no | school_id | date | section_id
        taken.csv   | 7       | A         | 7    | h1
        taken.csv   | 9       | B         | 8    |
        taken.csv   | 11      | B         | 11   |
        """,
    )
    drawn.open("B", [drawn.day("12")], is_open=False).open("A", [drawn.day("12")], is_open=False)
    return drawn


def explained(tmp_path: Path, rules: Rules = PLAIN) -> dict[date, ExplainedDay]:
    drawn = district()
    facts = post(tmp_path, drawn.tables)
    return {line.date: line for line in explain(facts, "ana", drawn.day("11"), rules)}


def test_every_day_says_what_it_counts_as(tmp_path: Path) -> None:
    lines = explained(tmp_path)
    days = district().days
    states = {days.index(day) + 1: line.state for day, line in lines.items() if day in days}
    assert states == {
        1: "not_enrolled",
        2: "excused",
        3: "half",
        4: "unexcused",
        5: "tardy",
        6: "not_reported",
        7: "present",
        8: "present",
        9: "not_reported",
        10: "disciplinary",
        11: "present",
    }
    assert lines[date(2026, 9, 5)].state == "no_school"


def test_every_day_says_why_in_plain_words(tmp_path: Path) -> None:
    lines = explained(tmp_path)
    said = {line.rule: line.sentence for line in lines.values() if line.rule != "marked"}
    assert said == {
        "not_enrolled": "Not counted: the student was not enrolled at a school in session on this day.",
        "unknown_code": "Not reported: a mark has no known meaning, so the day is unknown, whatever else is marked.",
        "section_taken": "Present: there is no mark, and attendance was taken in section h1.",
        "school_taken": "Present: there is no mark, and attendance was taken at the school.",
        "nothing_taken": "Not reported: there is no mark, and no attendance was taken for the student on this day.",
        "no_school": "No school: the student's school was not in session.",
    }
    days = district().days
    assert lines[days[1]].sentence == "Absent, excused: the whole day was missed."
    assert lines[days[2]].sentence == (
        "Present: exactly half of the day was missed, and half a day attended counts as present."
    )
    assert lines[days[3]].sentence == (
        "Absent, unexcused: 2/3 of the day was missed, 2 marks taken together; more than half counts as absent."
    )
    assert lines[days[4]].sentence == "Present, late."
    assert lines[days[9]].sentence == "Absent, for discipline: the whole day was missed."


def test_every_day_leads_back_to_file_and_line(tmp_path: Path) -> None:
    lines = explained(tmp_path)
    days = district().days
    found = {number: lines[days[number - 1]] for number in (2, 4, 7, 8)}
    where = {number: (line.source_file, line.line_no, line.delivery_id) for number, line in found.items()}
    assert where == {
        2: ("attendance.csv", 2, "0001-drawn"),
        4: ("attendance.csv", 4, "0001-drawn"),
        7: ("taken.csv", 7, ""),
        8: ("taken.csv", 9, ""),
    }
    assert found[4].portion == Fraction(2, 3)
    assert [mark.line_no for mark in found[4].marks] == [4, 5]


def test_marks_that_do_not_count_are_shown_with_the_reason(tmp_path: Path) -> None:
    lines = explained(tmp_path)
    days = district().days
    (left_out,) = lines[days[8]].marks
    assert "not enrolled at that school" in left_out.why_left_out
    (weekend,) = lines[date(2026, 9, 5)].marks
    assert not weekend.is_counted


def test_the_explanation_adds_up_to_the_standing(tmp_path: Path) -> None:
    for rules in (PLAIN, Rules(day_rule="fractional"), Rules(is_half_absent=True)):
        lines = explained(tmp_path / str(rules.__hash__()), rules).values()
        drawn = district()
        facts = post(tmp_path / f"{rules.__hash__()}-again", drawn.tables)
        (row,) = standings(facts, drawn.day("11"), rules).to_pylist()
        counted = [line for line in lines if line.portion is not None]
        assert len(counted) == row["days_reported"]
        absent = sum(1 for line in counted if line.state in ("excused", "unexcused", "disciplinary"))
        if rules.day_rule == "state":
            assert absent == row["days_absent"]
        else:
            assert sum(line.portion or 0 for line in counted) == Fraction(19, 6)
            assert row["days_absent"] == "3.166667"


def test_a_student_who_was_not_there_is_named_in_a_sentence(tmp_path: Path) -> None:
    drawn = district()
    facts = post(tmp_path, drawn.tables)
    with pytest.raises(MeasureError, match="No student with the id zoe was enrolled in 2026-2027"):
        explain(facts, "zoe", drawn.day("11"), PLAIN)
