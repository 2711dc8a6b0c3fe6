"""What exports of other systems hold besides the rows one expects: database nulls, deleted rows, exempt absences."""

from pathlib import Path

import pytest

from tests.intake.systems.test_shipped_mappings import (
    ASPEN_KEYS,
    CLEVER_STUDENTS,
    DAYS,
    check,
    clever_row,
    left_out,
    marks,
    text_of,
    unfit,
)

ASPEN_HEAD = (
    "'ATT_STD_OID','ATT_SKL_OID','ATT_DATE','ATT_CODE_VIEW','ATT_ABSENT_IND','ATT_TARDY_IND','ATT_DISMISSED_IND',"
    "'ATT_EXCUSED_IND','ATT_PORTION_ABSENT','ATT_COMMENT'\n"
)


def test_aspen_reads_a_null_of_the_database_as_nothing_and_not_as_the_letter_n(tmp_path: Path) -> None:
    text = ASPEN_HEAD
    text += '"STD01","SKL01","2026-09-08","A","1",\\N,\\N,\\N,\\N,\\N\n'
    text += '"STD02","SKL01","2026-09-09","A","1","0","0","1","1.0","a path, C:\\\\New, and \\\\N"\n'
    checked = check(tmp_path, "aspen", {"att.csv": text} | ASPEN_KEYS)
    assert marks(checked) == [
        ("7001", 8, "day", "1/1", "absent", None),
        ("7002", 9, "day", "1/1", "absent", 1),
    ]
    assert checked.tables["attendance"]["comment"].to_pylist() == [None, "a path, C:\\New, and \\N"]


AERIES_CODES = """source: aeries
day_rule: {periods_in_day: 7}
codes: {table: [{code: U, category: absent, excused: false}]}
"""
AERIES_KEYS = "SC,SN,ID\n100,11,7001\n100,12,7002\n"


def aeries_row(number: str, day: str, **codes: str) -> dict[str, str]:
    periods = dict.fromkeys([f"A{period}" for period in range(10)], "")
    return {"SC": "100", "SN": number, "DT": day, "AL": "", "DEL": "False"} | periods | codes


def test_aeries_reads_the_period_before_the_first_and_leaves_deleted_rows_out(tmp_path: Path) -> None:
    rows = text_of(
        aeries_row("11", "2026-09-08", A0="U", A1="U"),
        aeries_row("11", "2026-09-09", A0="U"),
        aeries_row("11", "2026-09-10", AL="U", DEL="True"),
        aeries_row("12", "2026-09-08", A2="U", DEL="1"),
        aeries_row("12", "2026-09-09", AL="U", DEL="?"),
        aeries_row("12", "2026-09-10"),
    )
    checked = check(tmp_path, "aeries", {"att.csv": rows, "stu.csv": AERIES_KEYS}, AERIES_CODES)
    assert marks(checked) == [
        ("7001", 8, "period0", "1/1", "absent", 0),
        ("7001", 8, "period1", "1/1", "absent", 0),
        ("7001", 9, "period0", "1/1", "absent", 0),
        ("7002", 9, "day", "None/None", "unknown", None),
    ]
    assert (left_out(checked), list(unfit(checked))) == (3, [6])


def campus_row(student: str, status: str, excuse: str) -> dict[str, str]:
    who = {"student.studentNumber": student, "school.number": "100", "attendance.date": "2026-09-08"}
    told = {"attendance.code": "F", "attendance.status": status, "attendance.excuse": excuse}
    return who | told | {"period.name": "1"}


CAMPUS = "source: infinite_campus\nday_rule: {periods_in_day: 1}\n"


def test_an_exempt_absence_of_infinite_campus_is_unknown_until_the_district_says(tmp_path: Path) -> None:
    rows = text_of(campus_row("7001", "A", "X"), campus_row("7002", "P", "x"))
    checked = check(tmp_path, "infinite_campus", {"attendance.csv": rows}, CAMPUS)
    assert marks(checked) == [
        ("7001", 8, "day1", "None/None", "unknown", 1),
        ("7002", 8, "period1", "0/1", "present", 1),
    ]
    assert unfit(checked) == {2: "attendance.excuse X, attendance.status A"}


@pytest.mark.parametrize(("category", "portion"), [("present", "0/1"), ("absent", "1/1")])
def test_a_district_says_what_its_exempt_absences_are(tmp_path: Path, category: str, portion: str) -> None:
    """In the lines the shipped mapping shows."""
    own = (
        "tables:\n  attendance:\n    parts:\n      - unless: {attendance.excuse: [X]}\n"
        f"      - {{when: {{attendance.excuse: [X]}}, constants: {{category: {category}}}}}\n"
    )
    rows = text_of(campus_row("7001", "A", "X"), campus_row("7002", "A", "U"))
    checked = check(tmp_path, "infinite_campus", {"attendance.csv": rows}, CAMPUS + own)
    assert marks(checked) == [
        ("7001", 8, "period1", portion, category, 1),
        ("7002", 8, "period1", "1/1", "absent", 0),
    ]
    assert checked.exit_code == 0


def test_clever_writes_the_grades_below_the_first_in_words(tmp_path: Path) -> None:
    students = CLEVER_STUDENTS.replace(",Ana,4,", ",Ana,Kindergarten,").replace(",Bo,5,", ",Bo,PreKindergarten,")
    files = {"attendance.csv": text_of(clever_row("7001", DAYS[3])), "students.csv": students}
    checked = check(tmp_path, "clever", files)
    assert [(row["student_id"], row["grade"]) for row in checked.tables["students"].to_pylist()] == [
        ("7001", "K"),
        ("7002", "PK"),
    ]
