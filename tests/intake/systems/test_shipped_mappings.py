"""The mappings of other systems that come with the program, each on rows in the system's own shape."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import Checked
from allpresent.intake.mapping import SHIPPED, load_mapping

TODAY = date(2026, 9, 12)
DAYS = [date(2026, 9, day) for day in (8, 9, 10, 11)]
# What no mapping fills: one school, four school days, two students.
BESIDE = {
    "schools.csv": "school_id,name\n100,Linden Street School\n",
    "calendar_days.csv": "school_id,date,in_session\n" + "".join(f"100,{day},1\n" for day in DAYS),
    "students.csv": "student_id,full_name,grade\n7001,Ana Ruiz,04\n7002,Bo Lind,05\n",
    "enrollments.csv": "student_id,school_id,entry_date\n7001,100,2026-09-08\n7002,100,2026-09-08\n",
}


def check(folder: Path, mapping: str, files: dict[str, str], own: str = "") -> Checked:
    (folder / "files").mkdir()
    for name, text in (BESIDE | files).items():
        if text:
            (folder / "files" / name).write_text(text, encoding="utf-8")
    path = Path(mapping)
    if own:
        path = folder / "own.yaml"
        path.write_text(own, encoding="utf-8")
    return intake.check_delivery(folder / "home", "csv", folder / "files", mapping=path, today=TODAY)


def marks(checked: Checked) -> list[tuple[str, ...]]:
    """Student, day of September, mode and period, portion, category, excused of every mark."""
    assert not checked.is_unreadable, checked.why_held
    return [
        (
            row["student_id"],
            row["date"].day,
            row["mode"] + (row["period"] or ""),
            f"{row['portion_num']}/{row['portion_den']}",
            row["category"],
            row["excused"],
        )
        for row in checked.tables["attendance"].sort_by([("line_no", "ascending"), ("period", "ascending")]).to_pylist()
    ]


def text_of(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def aspen_row(**given: str) -> dict[str, str]:
    blank = {"ATT_ABSENT_IND": "0", "ATT_TARDY_IND": "0", "ATT_DISMISSED_IND": "0", "ATT_EXCUSED_IND": "0"}
    more = {"ATT_CODE_VIEW": "", "ATT_REASON_CODE": "", "ATT_PORTION_ABSENT": "", "ATT_COMMENT": "NULL"}
    return {"ATT_STD_OID": "STD01", "ATT_SKL_OID": "SKL01", "ATT_DATE": "2026-09-08"} | blank | more | given


ASPEN_KEYS = {
    "std.csv": "STD_OID,STD_ID_LOCAL\nSTD01,7001\nSTD02,7002\n",
    "skl.csv": "SKL_OID,SKL_SCHOOL_ID\nSKL01,100\n",
}


def test_aspen_reads_absent_before_tardy_before_dismissed_and_finds_the_ids(tmp_path: Path) -> None:
    rows = text_of(
        aspen_row(ATT_ABSENT_IND="1", ATT_TARDY_IND="1", ATT_PORTION_ABSENT="0.5", ATT_CODE_VIEW="A"),
        aspen_row(ATT_STD_OID="STD02", ATT_TARDY_IND="1", ATT_DISMISSED_IND="1", ATT_CODE_VIEW="T"),
        aspen_row(ATT_DATE="2026-09-09", ATT_DISMISSED_IND="1", ATT_EXCUSED_IND="1"),
        aspen_row(ATT_DATE="2026-09-10", ATT_ABSENT_IND="1", ATT_EXCUSED_IND="1"),
        aspen_row(ATT_DATE="2026-09-11", ATT_CODE_VIEW="P"),
    )
    checked = check(tmp_path, "aspen", {"att.csv": rows} | ASPEN_KEYS)
    assert marks(checked) == [
        ("7001", 8, "day", "1/2", "absent", 0),
        ("7002", 8, "day", "0/1", "tardy", 0),
        ("7001", 9, "day", "0/1", "tardy", 1),
        ("7001", 10, "day", "1/1", "absent", 1),
    ]
    (count,) = [one for one in checked.counts if one.file == "att.csv"]
    assert (count.rows_read, count.canonical, count.left_out) == (5, 4, 1)
    assert checked.exit_code == 0


def test_aspen_reads_its_database_dialect(tmp_path: Path) -> None:
    head = (
        "'ATT_STD_OID','ATT_SKL_OID','ATT_DATE','ATT_CODE_VIEW','ATT_ABSENT_IND','ATT_TARDY_IND','ATT_DISMISSED_IND',"
    )
    text = head + "'ATT_EXCUSED_IND','ATT_PORTION_ABSENT','ATT_COMMENT'\n"
    text += '"STD01","SKL01","2026-09-08","A","1","0","0","0","1.0","said \\"ill\\", twice"\n'
    checked = check(tmp_path, "aspen", {"att.csv": text} | ASPEN_KEYS)
    assert marks(checked) == [("7001", 8, "day", "1/1", "absent", 0)]
    assert checked.tables["attendance"]["comment"].to_pylist() == ['said "ill", twice']


def test_a_key_no_file_translates_is_an_error_with_its_line(tmp_path: Path) -> None:
    rows = text_of(aspen_row(ATT_STD_OID="STD99", ATT_ABSENT_IND="1"), aspen_row(ATT_ABSENT_IND="1"))
    checked = check(tmp_path, "aspen", {"att.csv": rows} | ASPEN_KEYS)
    (found,) = [one for one in checked.findings if one.rule == "K03"]
    assert (found.severity, found.line, found.field, found.value) == ("error", 2, "att_std_oid", "STD99")
    assert found.message == "The att_std_oid STD99 is not in std*.csv; deliver the row there, or correct the key."
    assert len(marks(checked)) == 1


def test_a_key_that_stands_for_two_students_is_not_used(tmp_path: Path) -> None:
    keys = ASPEN_KEYS | {"std.csv": "STD_OID,STD_ID_LOCAL\nSTD01,7001\nSTD01,7002\n"}
    checked = check(tmp_path, "aspen", {"att.csv": text_of(aspen_row(ATT_ABSENT_IND="1"))} | keys)
    assert [(one.file, one.line) for one in checked.findings if one.rule == "K03"] == [
        ("att.csv", 2),
        ("std.csv", 2),
        ("std.csv", 3),
    ]
    assert marks(checked) == []


def test_a_missing_file_of_keys_is_asked_for(tmp_path: Path) -> None:
    files = {"att.csv": text_of(aspen_row(ATT_ABSENT_IND="1")), "skl.csv": ASPEN_KEYS["skl.csv"]}
    checked = check(tmp_path, "aspen", files)
    assert checked.exit_code == 2
    assert checked.why_held == ["The delivery has no std*.csv; add what is missing."]


def test_aeries_reads_the_all_day_code_or_each_period(tmp_path: Path) -> None:
    periods = [f"A{number}" for number in range(1, 10)]

    def row(number: str, day: str, **codes: str) -> dict[str, str]:
        return {"SC": "100", "SN": number, "DY": "3", "DT": day, "AL": "", **dict.fromkeys(periods, "")} | codes

    own = (
        "source: aeries\nday_rule: {periods_in_day: 6}\ncodes:\n  table:\n"
        "    - {code: U, category: absent, excused: false}\n    - {code: E, category: absent, excused: true}\n"
    )
    rows = text_of(
        row("11", "2026-09-08", AL="U", A1="U", A2="U"),
        row("12", "2026-09-08", A1="E", A3="U"),
        row("11", "2026-09-09", A2="Z"),
    )
    keys = "SC,SN,ID\n100,11,7001\n100,12,7002\n200,11,7009\n"
    checked = check(tmp_path, "aeries", {"att.csv": rows, "stu.csv": keys}, own)
    assert marks(checked) == [
        ("7001", 8, "day", "1/1", "absent", 0),
        ("7002", 8, "period1", "1/1", "absent", 1),
        ("7002", 8, "period3", "1/1", "absent", 0),
        ("7001", 9, "period2", "None/None", "unknown", None),
    ]
    assert {row["periods_in_day"] for row in checked.tables["attendance"].to_pylist() if row["period"]} == {6}
    assert [one.rule for one in checked.findings if one.severity == "error" and one.line] == ["K01"]


def test_skyward_takes_portions_and_says_unexcused_before_other_before_excused(tmp_path: Path) -> None:
    def row(student: str, day: str, **given: str) -> dict[str, str]:
        none = dict.fromkeys(("DaysAbsent", "DaysExcused", "DaysUnexcused", "DaysOther"), "0.00")
        return {"StudentID": student, "CalendarDayID": day, **none, "TardyCount": "0", "Comment": ""} | given

    rows = text_of(
        row("7001", "1", DaysAbsent="1.00", DaysExcused="0.50", DaysUnexcused="0.50"),
        row("7001", "2", DaysAbsent="0.50", DaysExcused="0.50"),
        row("7002", "1", DaysAbsent="1.00", DaysOther="1.00"),
        row("7002", "2", TardyCount="1"),
        row("7002", "3"),
    )
    days = "CalendarDayID,Date,SchoolID\n" + "".join(f"{at},{day},100\n" for at, day in enumerate(DAYS, 1))
    checked = check(tmp_path, "skyward", {"student_attendance.csv": rows, "calendarday.csv": days})
    assert marks(checked) == [
        ("7001", 8, "day", "1/1", "partial", 0),
        ("7001", 9, "day", "1/2", "partial", 1),
        ("7002", 8, "day", "1/1", "partial", None),
        ("7002", 9, "day", "0/1", "tardy", None),
    ]


def test_infinite_campus_reads_status_and_excuse_by_period(tmp_path: Path) -> None:
    def row(student: str, status: str, excuse: str, period: str) -> dict[str, str]:
        told = {"attendance.code": "X", "attendance.status": status, "attendance.excuse": excuse}
        return {
            "student.studentNumber": student,
            "school.number": "100",
            "attendance.date": "2026-09-08",
            **told,
            "period.name": period,
        }

    rows = text_of(row("7001", "A", "U", "1"), row("7001", "A", "K", "2"), row("7002", "T", "E", "1"))
    own = "source: infinite_campus\nday_rule: {periods_in_day: 7}\n"
    checked = check(tmp_path, "infinite_campus", {"attendance.csv": rows}, own)
    assert marks(checked) == [
        ("7001", 8, "period1", "1/1", "absent", 0),
        ("7001", 8, "period2", "1/1", "absent", None),
        ("7002", 8, "period1", "0/1", "tardy", 1),
    ]


CLEVER_STUDENTS = (
    "School_id,Student_id,State_id,Last_name,Middle_name,First_name,Grade,DOB,Contact_relationship,Contact_name,"
    "Contact_phone,Contact_email,Contact_sis_id,Password\n"
    "100,7001,S1,Ruiz,,Ana,4,05/13/2016,Mother,Eva Ruiz,203-555-0101,,C1,x\n"
    "100,7001,S1,Ruiz,,Ana,4,05/13/2016,Mother,Eva Ruiz,203-555-0102,,C1,x\n"
    "100,7002,S2,Lind,Mo,Bo,5,01/31/2015,Father,Per Lind,203-555-0103,,C2,x\n"
)


@pytest.mark.parametrize(("said", "taken"), [("present", 4), ("absent", 0)])
def test_clever_joins_names_merges_contact_rows_and_tells_a_positive_feed(
    tmp_path: Path, said: str, taken: int
) -> None:
    rows = text_of(
        *(
            {
                "Student_id": student,
                "School_id": "100",
                "Section_id": "",
                "Attendance_date": day.isoformat(),
                "Attendance_type": "daily",
                "Attendance_status": said if student == "7001" or said == "present" else "tardy",
                "Excuse_code": "",
                "Sis_id": f"{student}{day.day}",
            }
            for student in ("7001", "7002")
            for day in DAYS
        )
    )
    checked = check(tmp_path, "clever", {"attendance.csv": rows, "students.csv": CLEVER_STUDENTS})
    names = [(row["student_id"], row["full_name"]) for row in checked.tables["students"].to_pylist()]
    assert names == [("7001", "Ana Ruiz"), ("7002", "Bo Mo Lind")]
    assert [row["phone"] for row in checked.tables["contacts"].to_pylist()] == [
        "203-555-0101",
        "203-555-0102",
        "203-555-0103",
    ]
    assert checked.tables["attendance_taken"].num_rows == taken
    assert any("of 8 student-days have a row that says present" in one for one in checked.decided)
    assert [one.field for one in checked.findings if one.rule == "S01"] == ["password"]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_a_mapping(path: Path) -> None:
    assert load_mapping(path).source


def test_a_mapping_that_looks_up_nothing_is_told(tmp_path: Path) -> None:
    own = "source: aspen\ntables: {attendance: {found: {student_id: {lookup: nobody, by: [ATT_STD_OID]}}}}\n"
    with pytest.raises(intake.IntakeError, match="looks up 'nobody'; name it in lookups"):
        check(tmp_path, "aspen", {"att.csv": text_of(aspen_row())} | ASPEN_KEYS, own)
