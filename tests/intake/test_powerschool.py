"""PowerSchool's exports in daily mode: labels, dates, keys, codes, conversions, spans, schedules, groups."""

from pathlib import Path

import pytest

from allpresent import intake
from tests.intake.folders import TODAY, found, places, rows, write
from tests.intake.powerschool_files import CODES, FILES, calendar, check_powerschool, tabs

ATTENDANCE = (
    "id studentid schoolid yearid att_date att_mode_code attendance_codeid periodid att_comment total_minutes\n"
)
STUDENTS = "id student_number lastfirst enroll_status grade_level schoolid entrydate exitdate\n"


def texts(checked: object, table: str, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in rows(checked, table, *columns)]  # type: ignore[arg-type]


def test_daily_export_becomes_canonical(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path)
    assert (checked.exit_code, checked.why_held) == (0, [])
    assert texts(checked, "schools", "school_id", "name", "low_grade", "high_grade") == [
        ("100", "Harbor", "PK", "08"),
        ("200", "North", "09", "12"),
    ]
    assert texts(checked, "students", "student_id", "state_id", "full_name", "grade", "birth_date", "household_id") == [
        ("0000501", "0012", "Ruiz, Ana", "K", "2020-05-04", "77"),
        ("0000502", "None", "Diaz, Ben", "01", "2020-01-09", "78"),
        ("0000503", "None", "Poe, Cy", "10", "2011-03-03", "78"),
    ]
    columns = (
        "line_no",
        "student_id",
        "date",
        "portion_num",
        "portion_den",
        "code",
        "category",
        "excused",
        "disciplinary",
    )
    assert texts(checked, "attendance", *columns) == [
        ("2", "0000501", "2026-09-01", "1", "1", "A", "absent", "0", "0"),
        ("3", "0000501", "2026-09-02", "1", "2", "H", "absent", "1", "0"),
        ("4", "0000501", "2026-09-03", "0", "1", "T", "tardy", "None", "0"),
        ("5", "0000502", "2026-09-03", "1", "1", "S", "absent", "None", "1"),
    ]
    assert texts(checked, "attendance", "mode", "period", "comment")[1] == ("day", "None", "Doctor")


def test_exit_date_is_the_day_after_the_last_one(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path)
    columns = ("student_id", "school_id", "entry_date", "last_member_date", "grade")
    assert sorted(texts(checked, "enrollments", *columns)) == [
        ("0000501", "100", "2026-08-31", "2027-06-18", "K"),
        ("0000502", "100", "2026-09-02", "2027-06-18", "01"),
        ("0000503", "100", "2026-08-31", "2026-08-31", "08"),
        ("0000503", "200", "2026-09-01", "2027-06-18", "10"),
    ]


def test_same_day_exit_and_exit_before_entry(tmp_path: Path) -> None:
    students = STUDENTS + (
        "501 1 A 0 0 100 8/31/26 8/31/26\n502 2 B 0 0 100 9/2/26 9/1/26\n503 3 C -1 0 100 9/20/26 6/19/27\n"
    )
    checked = check_powerschool(tmp_path, students=students, reenrollments="studentid schoolid entrydate exitdate\n")
    assert [(f.severity, f.line) for f in found(checked, "E02")] == [("warning", 2), ("error", 3), ("warning", 4)]
    assert texts(checked, "enrollments", "student_id", "last_member_date") == [("1", "2026-08-30")]
    assert len(rows(checked, "students", "student_id")) == 3


def test_student_who_left_without_an_exit_date_counts_as_enrolled_with_a_warning(tmp_path: Path) -> None:
    students = STUDENTS + "501 1 A 2 0 100 8/31/26 -\n502 2 B 3 0 100 8/31/26 9/9/26\n503 3 C 0 0 100 8/31/26 -\n"
    checked = check_powerschool(tmp_path, students=students, reenrollments="studentid schoolid entrydate exitdate\n")
    assert [(f.severity, f.line, f.field, f.value) for f in found(checked, "E02")] == [("warning", 2, "exitdate", "2")]
    assert "no exit date says when" in found(checked, "E02")[0].message
    assert texts(checked, "enrollments", "student_id", "last_member_date") == [
        ("1", "None"),
        ("2", "2026-09-08"),
        ("3", "None"),
    ]


@pytest.mark.parametrize(("delimiter", "end"), [("\t", "\r"), (",", "\n"), ("^", "\r\n"), ("|", "\r\n")])
def test_delimiters_and_line_ends_of_every_export_are_read(tmp_path: Path, delimiter: str, end: str) -> None:
    files = {name: text.replace("\t", delimiter).replace("\r\n", end) for name, text in FILES.items()}
    names = {name: text.replace(", ", " ") if delimiter == "," else text for name, text in files.items()}
    checked = check_powerschool(tmp_path, names)
    assert checked.exit_code == 0
    assert len(rows(checked, "attendance", "line_no")) == 4


def test_byte_order_mark_and_quotes_around_every_value(tmp_path: Path) -> None:
    quoted = "\r\n".join(
        "\t".join(f'"{cell}"' for cell in line.split("\t")) for line in FILES["attendance.txt"].strip().split("\r\n")
    )
    checked = check_powerschool(tmp_path, {"attendance.txt": b"\xef\xbb\xbf" + quoted.encode()})
    assert len(rows(checked, "attendance", "line_no")) == 4


@pytest.mark.parametrize(
    "name", ["ATTENDANCE.csv", "attendance_2026-09-11.txt", "att2026.tsv", "attendance.export.text"]
)
def test_files_are_known_by_their_stem(tmp_path: Path, name: str) -> None:
    checked = check_powerschool(tmp_path, {name: FILES["attendance.txt"]})
    # The file stands there under two names, so every row of the second is a repeated one.
    assert len(found(checked, "M01")) == 4


def test_file_whose_name_says_nothing_is_known_by_its_labels(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, {"export-17.txt": FILES["attendance.txt"], "readme.txt": "hello\n"})
    assert len(found(checked, "M01")) == 4
    assert [finding.file for finding in found(checked, "R01")] == ["readme.txt"]


def test_labels_that_fall_together_are_refused(tmp_path: Path) -> None:
    text = FILES["schools.txt"].replace("SCHOOLS.NAME", "SCHOOLS.NAME\tU_SCHOOLS.name").replace("Harbor", "Harbor\tX")
    checked = check_powerschool(tmp_path, {"schools.txt": text})
    assert checked.exit_code == 2
    assert places(checked, "Q01") == [("error", "schools.txt", 1)]


@pytest.mark.parametrize("name", ["attendance", "students", "calendar_day", "schools"])
def test_missing_file_is_asked_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / f"{name}.txt").touch()
    checked = check_powerschool(tmp_path, {f"{name}.txt": b""})
    assert checked.exit_code == 2
    assert checked.why_held == [f"{name}.txt is empty; export it again, or leave it out if it is optional."]


def test_student_id_without_a_student_is_an_error(tmp_path: Path) -> None:
    checked = check_powerschool(
        tmp_path,
        attendance=ATTENDANCE + "1 999 100 36 9/1/26 ATT_ModeDaily 2 0 - 0\n",
        reenrollments="studentid schoolid entrydate exitdate\n998 100 8/31/26 9/1/26\n",
        cc="studentid sectionid schoolid dateenrolled dateleft expression\n997 1 100 8/31/26 6/19/27 1(A)\n",
    )
    assert places(checked, "K03") == [
        ("error", "attendance.txt", 2),
        ("error", "cc.txt", 2),
        ("error", "reenrollments.txt", 2),
    ]


def test_presence_decides_and_never_the_letter(tmp_path: Path) -> None:
    """E is an excused absence at Harbor and an early dismissal, present, at North (rule K02)."""
    checked = check_powerschool(
        tmp_path,
        attendance=ATTENDANCE
        + "1 501 100 36 9/1/26 ATT_ModeDaily 3 0 - 0\n"
        + "2 503 200 36 9/1/26 ATT_ModeDaily 8 0 - 0\n"
        + "3 503 200 36 9/2/26 ATT_ModeDaily 3 0 - 0\n"
        + "4 503 200 36 9/3/26 ATT_ModeDaily 77 0 - 0\n"
        + "5 503 200 36 9/4/26 ATT_ModeDaily - 0 - 0\n"
        + "6 501 100 36 9/2/26 ATT_ModeDaily 1 0 - 0\n",
    )
    assert texts(checked, "attendance", "code", "category", "portion_num") == [
        ("E", "absent", "1"),
        ("E", "present", "0"),
        ("3", "unknown", "None"),  # the id of another school's code is no code of this one
        ("77", "unknown", "None"),
        ("None", "unknown", "None"),
        ("None", "present", "0"),  # a blank code is Present
    ]
    assert [finding.line for finding in found(checked, "K01") if finding.severity == "error"] == [4, 5, 6]


def test_absent_code_without_category_is_absent_with_a_warning(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, attendance=ATTENDANCE + "1 501 100 36 9/1/26 ATT_ModeDaily 7 0 - 0\n")
    assert texts(checked, "attendance", "category", "excused") == [("absent", "None")]
    warned = [finding for finding in found(checked, "K01") if finding.file == "attendance_code.txt"]
    assert [(finding.severity, finding.line, finding.value) for finding in warned] == [("warning", 8, "X")]


def test_mapping_explains_codes_over_the_code_table(tmp_path: Path) -> None:
    mapping = """
    source: powerschool
    codes:
      table:
        - {code: X, category: absent, excused: true}
        - {code: A, school: "100", year: 2026-27, category: absent, disciplinary: true}
        - {code: "77", category: tardy}
    """
    checked = check_powerschool(
        tmp_path,
        mapping=mapping,
        attendance=ATTENDANCE
        + "1 501 100 36 9/1/26 ATT_ModeDaily 7 0 - 0\n"
        + "2 501 100 36 9/2/26 ATT_ModeDaily 2 0 - 0\n"
        + "3 503 200 36 9/2/26 ATT_ModeDaily 9 0 - 0\n"
        + "4 503 200 36 9/3/26 ATT_ModeDaily 77 0 - 0\n",
    )
    assert texts(checked, "attendance", "category", "excused", "disciplinary") == [
        ("absent", "1", "0"),
        ("absent", "None", "1"),
        ("absent", "0", "0"),
        ("tardy", "None", "0"),
    ]
    assert found(checked, "K01") == []


def test_categories_come_from_code_entities_too(tmp_path: Path) -> None:
    without = "\n".join(" ".join(line.split()[:-1]) for line in CODES.strip().splitlines())
    checked = check_powerschool(
        tmp_path,
        attendance_code=without,
        att_code_code_entity="attendance_codeid code_entityid\n2 41\n6 42\n4 43\n5 44\n4 42\n",
        code_entity="id external_name\n41 Unexcused\n42 Excused\n43 Tardy\n44 Suspended\n",
    )
    assert texts(checked, "attendance", "category", "excused", "disciplinary") == [
        ("absent", "0", "0"),
        ("absent", "1", "0"),
        ("tardy", "1", "0"),
        ("absent", "None", "1"),
    ]


def test_codes_without_their_table_are_said_to_be_numbers(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if name != "attendance_code.txt"}
    checked = intake.check_delivery(tmp_path / "home", "powerschool", write(tmp_path / "export", files), today=TODAY)
    assert checked.why_held[0].startswith("The delivery has no table attendance_code, so its codes are numbers")


def test_conversion_that_differs_is_told_apart_by_bell_schedule_and_fte(tmp_path: Path) -> None:
    items = (
        "attendance_conversion_id fteid input_value attendance_value conversion_mode_code\n"
        "70 51 6 .5 codeday\n71 51 6 .25 codeday\n"
    )
    bells = {"bell_schedule": "id attendance_conversion_id\n9100 71\n9200 70\n"}
    attendance = ATTENDANCE + "1 501 100 36 9/2/26 ATT_ModeDaily 6 0 - 0\n"
    told = check_powerschool(tmp_path / "a", attendance=attendance, attendance_conversion_items=items, **bells)
    assert texts(told, "attendance", "portion_num", "portion_den") == [("3", "4")]
    unclear = check_powerschool(tmp_path / "b", attendance=attendance, attendance_conversion_items=items)
    assert texts(unclear, "attendance", "category") == [("unknown",)]
    assert places(unclear, "M03") == [("error", "attendance.txt", 2)]


def test_tracks_of_the_calendar_matter_where_students_have_them(tmp_path: Path) -> None:
    days = "\n200 9/14/26 1 1 1 1 0 0 0 0 - -\n200 9/15/26 1 1 0 1 0 0 0 0 - -"
    students = FILES["students.txt"].replace("6/19/27\t\t52", "6/19/27\tB\t52")
    checked = check_powerschool(tmp_path, {"calendar_day.txt": calendar(more=days), "students.txt": students})
    own = [
        row for row in texts(checked, "calendar_days", "school_id", "date", "track", "in_session") if row[0] == "200"
    ]
    assert [row for row in own if row[1] >= "2026-09-11"] == [
        ("200", "2026-09-11", "B", "0"),
        ("200", "2026-09-12", "B", "0"),
        ("200", "2026-09-14", "B", "1"),
        ("200", "2026-09-15", "B", "1"),
    ]
    others = {row[0] for row in texts(checked, "calendar_days", "track", "school_id") if row[1] == "100"}
    assert others == {"None"}


@pytest.mark.parametrize("track", ["G", "c"], ids=["no column", "no day in session"])
def test_a_track_without_a_day_leaves_nobody_out(tmp_path: Path, track: str) -> None:
    days = "\n200 9/14/26 1 1 1 0 0 0 0 0 - -\n200 9/15/26 1 1 0 1 0 0 0 0 - -"
    students = FILES["students.txt"].replace("6/19/27\t\t52", f"6/19/27\t{track}\t52")
    past = FILES["reenrollments.txt"] + "501\t200\t8\t9/9/26\t9/10/2026\tB\t52\r\n"
    files = {"calendar_day.txt": calendar(more=days), "students.txt": students, "reenrollments.txt": past}
    checked = check_powerschool(tmp_path / "a", files)
    assert [(one.severity, one.line, one.value) for one in checked.findings if one.field == "track"] == [
        ("warning", 4, track.upper())
    ]
    assert ("0000503", "200", "None") in texts(checked, "enrollments", "student_id", "school_id", "track")
    alone = check_powerschool(tmp_path / "b", files | {"reenrollments.txt": FILES["reenrollments.txt"]})
    due = sum(row == ("200", "1") for row in texts(alone, "calendar_days", "school_id", "in_session"))
    assert (due > 2) or "no calendar for them" in alone.why_held[0]


def test_schedules_give_sections_seats_and_teachers(tmp_path: Path) -> None:
    checked = check_powerschool(
        tmp_path,
        sections="id schoolid teacher course_number section_number\n30 100 4 HR 1\n31 100 5 MAT 2\n",
        teachers="id users_dcid schoolid first_name last_name email_addr\n4 70 100 Eve Moss eve@x.example\n",
        cc="studentid sectionid schoolid dateenrolled dateleft expression\n"
        "501 30 100 8/31/26 6/19/27 HR(A)\n"
        "501 -31 100 8/31/26 9/3/26 1(A)\n"
        "501 -31 100 9/4/26 9/4/26 1(A)\n"
        "502 -31 100 9/4/26 6/19/27 1(A)\n"
        "501 12 100 9/4/25 6/19/26 1(A)\n"  # a class of last year, whose section was not exported
        "501 13 100 9/4/26 6/19/27 1(A)\n",
    )
    assert texts(checked, "sections", "section_id", "name", "is_homeroom") == [
        ("30", "HR-1", "1"),
        ("31", "MAT-2", "0"),
    ]
    assert texts(checked, "section_students", "section_id", "student_id", "start_date", "last_date") == [
        ("30", "0000501", "2026-08-31", "2027-06-18"),
        ("31", "0000501", "2026-08-31", "2026-09-02"),
    ]
    assert texts(checked, "section_staff", "section_id", "staff_id") == [("30", "4")]
    assert texts(checked, "staff", "staff_id", "full_name", "email") == [("4", "Eve Moss", "eve@x.example")]
    assert places(checked, "K03") == [("error", "cc.txt", 7), ("warning", "sections.txt", 3)]
    cc = next(count for count in checked.counts if count.file == "cc.txt")
    assert (cc.rows_read, cc.canonical, cc.errors, cc.left_out) == (6, 2, 1, 3)


def test_attendance_taken_by_section_and_for_the_whole_school(tmp_path: Path) -> None:
    checked = check_powerschool(
        tmp_path,
        sections="id schoolid teacher course_number section_number\n30 100 - HR 1\n",
        attendance_taken="id sectionid schoolid att_date att_taken_dt\n"
        "1 30 - 9/1/26 2026-09-01~08:05\n2 0 200 9/1/26 -\n3 99 - 9/1/26 -\n4 98 100 9/2/26 -\n",
    )
    assert texts(checked, "attendance_taken", "school_id", "section_id", "date", "taken_at") == [
        ("100", "30", "2026-09-01", "2026-09-01 08:05"),
        ("200", "None", "2026-09-01", "None"),
        ("100", "98", "2026-09-02", "None"),
    ]
    assert places(checked, "K03") == [("error", "attendance_taken.txt", 4), ("warning", "attendance_taken.txt", 5)]


def test_groups_are_read_from_the_columns_the_mapping_names(tmp_path: Path) -> None:
    assert sorted(texts(check_powerschool(tmp_path), "demographics", "student_id", "flag", "value")) == [
        ("0000501", "el", "1"),
        ("0000501", "frl", "1"),
        ("0000501", "race:Black", "1"),
        ("0000502", "race:Hispanic", "1"),
        ("0000502", "swd", "1"),
        ("0000503", "frl", "1"),
    ]


def test_export_with_letters_alone_is_read_by_school_and_year(tmp_path: Path) -> None:
    header = "id studentid schoolid att_date att_mode_code att_code\n"
    rows_ = "1 501 100 9/1/26 ATT_ModeDaily E\n2 503 200 9/1/26 ATT_ModeDaily E\n3 501 100 9/2/26 ATT_ModeDaily Q\n"
    checked = check_powerschool(tmp_path, attendance=header + rows_)
    assert texts(checked, "attendance", "code", "category") == [("E", "absent"), ("E", "present"), ("Q", "unknown")]


def test_calendars_of_schools_elsewhere_are_left_out(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, {"calendar_day.txt": calendar(more="\n0 9/1/26 1 1 1 0 0 0 0 0 - -")})
    count = next(count for count in checked.counts if count.file == "calendar_day.txt")
    assert (checked.exit_code, count.rows_read, count.left_out) == (0, 23, 1)
    assert "1 calendar days of schools that are not in the schools file were left out" in checked.decided


def test_secret_columns_never_enter(tmp_path: Path) -> None:
    header, *lines = FILES["students.txt"].strip().split("\r\n")
    text = "\r\n".join(
        [f"{header}\tSTUDENTS.SSN\tU.web_password", *(f"{line}\t123-45-6789\thunter2" for line in lines)]
    )
    checked = check_powerschool(tmp_path, {"students.txt": text + "\r\n"})
    assert [finding.field for finding in found(checked, "S01")] == ["ssn", "web_password"]
    assert checked.exit_code == 0


def test_former_students_elsewhere_do_not_hold_the_delivery(tmp_path: Path) -> None:
    students = FILES["students.txt"] + "504\t0000504\t\tOld, Al\t3\t99\t999999\t6/20/25\t6/21/25" + "\t" * 9 + "\r\n"
    past = FILES["reenrollments.txt"] + "501\t777\t-1\t9/1/2023\t6/20/2024\t\t51\r\n"
    checked = check_powerschool(tmp_path, {"students.txt": students, "reenrollments.txt": past})
    assert checked.exit_code == 0
    counts = {count.file: (count.rows_read, count.canonical, count.left_out) for count in checked.counts}
    assert counts["reenrollments.txt"] == (2, 1, 1)
    assert counts["students.txt"] == (4, 4, 0)
    assert "2 enrollments of former students or earlier years elsewhere were left out" in checked.decided
    assert tabs("A", "b\nc") == "A.B\r\nc\r\n"
