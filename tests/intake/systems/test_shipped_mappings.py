"""The mappings of other systems that come with the program, each on rows in the system's own shape."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import Checked
from allpresent.intake.mapping import SHIPPED, load_mapping
from allpresent.ledger import Ledger

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


def unfit(checked: Checked) -> dict[int, str]:
    """Line and value of each row that no part fits."""
    return {
        one.line or 0: one.value
        for one in checked.findings
        if one.rule == "K01" and one.message.startswith("No part of the mapping fits the row")
    }


def left_out(checked: Checked) -> int:
    return sum(count.left_out for count in checked.counts)


def test_aspen_reads_any_yes_and_no_and_leaves_no_row_it_does_not_understand_out(tmp_path: Path) -> None:
    said = ["T", "true", "Yes", "1", "X", "2"]
    rows = [
        *(aspen_row(ATT_ABSENT_IND=word, ATT_CODE_VIEW="A", ATT_PORTION_ABSENT="1.000") for word in said),
        aspen_row(ATT_STD_OID="STD02", ATT_PORTION_ABSENT="0.5"),
        aspen_row(ATT_STD_OID="STD02", ATT_DATE="2026-09-09", ATT_TARDY_IND="1", ATT_ABSENT_IND="?"),
        aspen_row(ATT_STD_OID="STD02", ATT_DATE="2026-09-10", ATT_ABSENT_IND="", ATT_CODE_VIEW="A"),
        aspen_row(ATT_STD_OID="STD02", ATT_DATE="2026-09-11", ATT_ABSENT_IND="NULL", ATT_TARDY_IND="F"),
        aspen_row(ATT_STD_OID="STD02", ATT_DATE="2026-09-11", ATT_ABSENT_IND="N", ATT_PORTION_ABSENT=".0000"),
    ]
    checked = check(tmp_path, "aspen", {"att.csv": text_of(*rows)} | ASPEN_KEYS)
    assert marks(checked) == [
        *[("7001", 8, "day", "1/1", "absent", 0)] * 4,
        *[("7001", 8, "day", "None/None", "unknown", 0)] * 2,
        *(("7002", day, "day", "None/None", "unknown", 0) for day in (8, 9, 10)),
    ]
    assert list(unfit(checked)) == [6, 7, 8, 9]
    assert unfit(checked)[9] == "att_absent_ind ?, att_tardy_ind 1, att_dismissed_ind 0"
    told = [(one.line, one.message) for one in checked.findings if one.rule == "K01" and one.line == 10]
    assert len(told) == 1
    assert "The code 'A' is not mapped" in told[0][1]
    assert [(one.code, one.marks) for one in checked.unmapped] == [("A", 1)]
    assert (left_out(checked), checked.exit_code) == (2, 1)


def test_aspen_reads_the_afternoon_beside_the_day(tmp_path: Path) -> None:
    def row(student: int, day: int, **given: str) -> dict[str, str]:
        blank = {"ATT_CODE_VIEW_02": "", "ATT_PORTION_ABSENT_02": "0.0"}
        blank |= {f"ATT_{name}_IND_02": "0" for name in ("ABSENT", "TARDY", "DISMISSED", "EXCUSED")}
        day_of = {"ATT_STD_OID": f"STD0{student}", "ATT_DATE": f"2026-09-{day:02}"}
        return aspen_row(**day_of) | blank | {f"ATT_{name}": text for name, text in given.items()}

    rows = text_of(
        row(1, 8, ABSENT_IND_02="1", PORTION_ABSENT_02="0.5", EXCUSED_IND_02="1", CODE_VIEW_02="E"),
        row(1, 9, ABSENT_IND="1", PORTION_ABSENT="1.0", ABSENT_IND_02="1"),
        row(1, 10, ABSENT_IND="1", PORTION_ABSENT="0.5", ABSENT_IND_02="1"),
        row(1, 11, TARDY_IND="1", ABSENT_IND_02="Y"),
        row(2, 8, TARDY_IND_02="1"),
        row(2, 9, DISMISSED_IND_02="1"),
        row(2, 10, ABSENT_IND_02="?"),
        row(2, 11, ABSENT_IND_02="", CODE_VIEW_02="Z"),
        row(2, 11),
    )
    checked = check(tmp_path, "aspen", {"att.csv": rows} | ASPEN_KEYS)
    assert marks(checked) == [
        ("7001", 8, "pm", "1/1", "absent", 1),
        ("7001", 9, "day", "1/1", "absent", 0),
        ("7001", 10, "day", "None/None", "unknown", 0),
        ("7001", 11, "pm", "1/1", "absent", 0),
        ("7002", 8, "pm", "0/1", "tardy", 0),
        ("7002", 9, "pm", "0/1", "tardy", 0),
        ("7002", 10, "day", "None/None", "unknown", 0),
        ("7002", 11, "pm", "None/None", "unknown", 0),
    ]
    assert list(unfit(checked)) == [4, 8]
    assert [row["code"] for row in checked.tables["attendance"].slice(0, 1).to_pylist()] == ["E"]
    assert left_out(checked) == 1


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
        row("12", "2026-09-09"),
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
    assert (left_out(checked), unfit(checked)) == (1, {})


SKYWARD_DAYS = "CalendarDayID,Date,SchoolID\n" + "".join(f"{at},{day},100\n" for at, day in enumerate(DAYS, 1))


def skyward_row(student: str, day: str, **given: str) -> dict[str, str]:
    none = dict.fromkeys(("DaysAbsent", "DaysExcused", "DaysUnexcused", "DaysOther"), "0.00")
    return {"StudentID": student, "CalendarDayID": day, **none, "TardyCount": "0", "Comment": ""} | given


def skyward(folder: Path, *rows: dict[str, str]) -> Checked:
    return check(folder, "skyward", {"student_attendance.csv": text_of(*rows), "calendarday.csv": SKYWARD_DAYS})


def test_skyward_takes_portions_and_says_unexcused_before_other_before_excused(tmp_path: Path) -> None:
    checked = skyward(
        tmp_path,
        skyward_row("7001", "1", DaysAbsent="1.00", DaysExcused="0.50", DaysUnexcused="0.50"),
        skyward_row("7001", "2", DaysAbsent="0.50", DaysExcused="0.50"),
        skyward_row("7002", "1", DaysAbsent="1.00", DaysOther="1.00"),
        skyward_row("7002", "2", TardyCount="1"),
        skyward_row("7002", "3"),
    )
    assert marks(checked) == [
        ("7001", 8, "day", "1/1", "partial", 0),
        ("7001", 9, "day", "1/2", "partial", 1),
        ("7002", 8, "day", "1/1", "partial", None),
        ("7002", 9, "day", "0/1", "tardy", None),
    ]
    assert (left_out(checked), checked.exit_code) == (1, 0)


def test_skyward_keeps_an_absence_nobody_excused_or_not_and_compares_zeros_as_numbers(tmp_path: Path) -> None:
    blank = {"DaysExcused": "", "DaysUnexcused": "", "DaysOther": ""}
    zeros = {"DaysExcused": "0", "DaysUnexcused": "0.0000", "DaysOther": ".000", "TardyCount": "0.0"}
    checked = skyward(
        tmp_path,
        skyward_row("7001", "1", DaysAbsent="1.00"),
        skyward_row("7001", "2", DaysAbsent=".5", **blank),
        skyward_row("7001", "3", DaysAbsent="1", **zeros),
        skyward_row("7001", "4", **zeros),
        skyward_row("7002", "1", DaysAbsent="1.00", DaysUnexcused="NULL"),
        skyward_row("7002", "2", DaysAbsent="0.00", DaysUnexcused="1.00"),
        skyward_row("7002", "3", DaysAbsent="-0.50"),
        skyward_row("7002", "4", TardyCount="once"),
    )
    assert marks(checked) == [
        ("7001", 8, "day", "1/1", "partial", None),
        ("7001", 9, "day", "1/2", "partial", None),
        ("7001", 10, "day", "1/1", "partial", None),
        *(("7002", day, "day", "None/None", "unknown", None) for day in (8, 9, 10, 11)),
    ]
    assert list(unfit(checked)) == [6, 7, 8, 9]
    assert unfit(checked)[7].startswith("daysabsent 0.00, daysunexcused 1.00")
    assert (left_out(checked), checked.unmapped) == (1, [])


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

    rows = text_of(
        *(row("7001", "A", "U", "1"), row("7001", "A", "K", "2"), row("7002", "T", "E", "1")),
        *(row("7002", "Z", "U", "2"), row("7002", "", "", "3")),
    )
    own = "source: infinite_campus\nday_rule: {periods_in_day: 7}\n"
    checked = check(tmp_path, "infinite_campus", {"attendance.csv": rows}, own)
    assert marks(checked) == [
        ("7001", 8, "period1", "1/1", "absent", 0),
        ("7001", 8, "period2", "1/1", "absent", None),
        ("7002", 8, "period1", "0/1", "tardy", 1),
        ("7002", 8, "period2", "None/None", "unknown", 0),
        ("7002", 8, "period3", "None/None", "unknown", None),
    ]
    assert left_out(checked) == 0


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


def clever_row(student: str, day: date, status: str = "absent", kind: str = "daily") -> dict[str, str]:
    who = {"Student_id": student, "School_id": "100", "Section_id": "S1", "Attendance_date": day.isoformat()}
    told = {"Attendance_type": kind, "Attendance_status": status, "Excuse_code": "X"}
    return who | told | {"Sis_id": f"{student}{day.day}"}


def test_clever_knows_no_other_type_than_daily_and_section(tmp_path: Path) -> None:
    rows = text_of(
        clever_row("7001", DAYS[0], kind="Daily"),
        clever_row("7001", DAYS[1], kind="period"),
        clever_row("7001", DAYS[2], kind=""),
        clever_row("7001", DAYS[3], status="late"),
    )
    checked = check(tmp_path, "clever", {"attendance.csv": rows, "students.csv": CLEVER_STUDENTS})
    assert [mark[1:5] for mark in marks(checked)] == [
        (8, "day", "1/1", "absent"),
        *((day, "day", "None/None", "unknown") for day in (9, 10, 11)),
    ]
    assert unfit(checked) == {3: "attendance_type period", 4: "all blank"}
    assert (left_out(checked), [one.marks for one in checked.unmapped]) == (0, [1])  # of the status late


@pytest.mark.parametrize(("settings", "kept"), [("", 4), ("delivers: year, ", 2)])
def test_a_window_of_six_months_that_moves_on_each_night_loses_no_day(tmp_path: Path, settings: str, kept: int) -> None:
    """The feed drops its oldest day each night; the shipped mapping says so, and the settings may say otherwise."""
    home, drop = tmp_path / "home", tmp_path / "home" / "drop"
    drop.mkdir(parents=True)
    (home / "district.yaml").write_text(
        f"sources: [{{name: sis, source: csv, folder: drop, {settings}mapping: clever}}]\n", encoding="utf-8"
    )
    for night in (1, 2, 3):
        rows = text_of(*(clever_row("7001", day) for day in DAYS[night - 1 : night + 1]))
        files = BESIDE | {"attendance.csv": rows, "students.csv": CLEVER_STUDENTS}
        for name, text in files.items():
            (drop / name).write_text(text, encoding="utf-8")
        now = datetime(2026, 9, 8 + night, 20, tzinfo=UTC)
        posted = intake.post_delivery(
            home, "csv", drop, mapping=Path("clever"), today=now.date(), now=now, accept="known", accepted_by="test"
        )
        assert posted.outcome == "posted"
    version = Ledger(home).current()
    assert version is not None
    assert version.table("attendance")["date"].to_pylist() == DAYS[-kept:]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_a_mapping(path: Path) -> None:
    assert load_mapping(path).source


def test_a_mapping_that_looks_up_nothing_is_told(tmp_path: Path) -> None:
    own = "source: aspen\ntables: {attendance: {found: {student_id: {lookup: nobody, by: [ATT_STD_OID]}}}}\n"
    with pytest.raises(intake.IntakeError, match="looks up 'nobody'; name it in lookups"):
        check(tmp_path, "aspen", {"att.csv": text_of(aspen_row())} | ASPEN_KEYS, own)
