"""The chase list: who did not report, by section where there is one and by school where all were silent."""

from pathlib import Path

from allpresent.measures import unreported_by_section
from tests.spec.drawn import Drawn, post, texts


def district() -> Drawn:
    return (
        Drawn(20, "A B")
        .students("student | school\nana | A\nbo | A\ncy | A\ndi | B\ned | A")
        .rows("sections", "section_id | school_id | is_homeroom\nh1 | A | 1\nh2 | A | 1\nm1 | A | 0\nm2 | A | 0")
        .rows(
            "section_students",
            "section_id | student_id\nh1 | ana\nm1 | ana\nh1 | bo\nm1 | cy\nm2 | cy",
        )
        .taken("school | section | days\nA | h2 | 1-10\nA | h1 | 1-8\nA | m1 | 1-9\nB | | 1-9")
        .marks("student | school | days | category\nbo | A | 9 | tardy\nana | A | 8 | unknown")
    )


def test_silent_sections_are_listed_by_day_with_their_students(tmp_path: Path) -> None:
    drawn = district()
    found = texts(unreported_by_section(post(tmp_path, drawn.tables), drawn.day("10"), 3).to_pylist())
    listed = [
        (row["school_id"], drawn.days.index(drawn.day(row["date"])) + 1, row["section_id"], row["students"])
        for row in found
    ]
    # Day 9: h1 is silent, but m1 reported ana and bo has a mark. Day 10: all but h2 is silent, B wholly.
    # ed, in no section, is reported by any row of the school.
    assert listed == [
        ("A", 10, "h1", "2"),
        ("A", 10, "m1", "1"),
        ("A", 10, "m2", "1"),
        ("B", 10, "", "1"),
    ]


def test_one_school_and_a_day_on_which_all_reported(tmp_path: Path) -> None:
    drawn = district()
    facts = post(tmp_path, drawn.tables)
    assert unreported_by_section(facts, drawn.day("10"), 1, "B").num_rows == 1
    assert unreported_by_section(facts, drawn.day("7"), 3).num_rows == 0


def test_a_student_no_section_explains_is_asked_of_the_school(tmp_path: Path) -> None:
    drawn = Drawn(5, "A B").students("student | school\nana | A").taken("school | section | days\nA | x | 1-4\nB | | 5")
    drawn.rows("section_students", "section_id | student_id\ny | ana")
    found = unreported_by_section(post(tmp_path, drawn.tables), drawn.day("4"), 1).to_pylist()
    assert [(row["section_id"], row["students"]) for row in found] == [("y", 1)]
