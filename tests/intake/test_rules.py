"""Every rule of the intake design on rows of a small district: what is found, where, and what becomes of the row."""

from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake.rules import RULES
from tests.intake.folders import MARKS, PLAIN, TODAY, check, check_marks, found, places, rows, write


def marks(checked: object, *columns: str) -> list[tuple[object, ...]]:
    return rows(checked, "attendance", *columns)  # type: ignore[arg-type]


def counts(checked: object, file: str) -> tuple[int, int, int, int, int, int]:
    """rows read, canonical, errors, duplicates, left out, merged."""
    count = next(count for count in checked.counts if count.file == file)  # type: ignore[attr-defined]
    return (count.rows_read, count.canonical, count.errors, count.duplicates, count.left_out, count.merged)


def test_every_rule_of_a_finding_says_what_to_do(tmp_path: Path) -> None:
    assert set(RULES) >= {"D01", "D02", "D03", "K01", "K02", "K03", "M01", "M02", "M03", "M04", "M05", "E01", "E02"}
    assert set(RULES) >= {"E03", "N01", "I01", "P01", "P02", "S01", "X01", "X02", "Q01", "Q02", "C01", "R01"}
    assert all(rule.what_to_do.endswith(".") for rule in RULES.values())


def test_d01_date_that_is_not_written_year_first_is_an_error(tmp_path: Path) -> None:
    checked = check_marks(tmp_path, "0501,100,09/01/2026,1,A,absent,0,0,,day,,")
    assert places(checked, "D01") == [("error", "attendance.csv", 2)]
    assert found(checked, "D01")[0].field == "date"
    assert marks(checked, "date") == []


@pytest.mark.parametrize(
    ("day", "said", "counted"),
    [
        ("2026-09-11", None, 1),
        ("2026-09-05", "not in session", 1),  # a Saturday: the calendar keeps it out, and may be corrected
        ("2025-09-05", "no school year", 0),
        ("2026-09-14", "after today", 0),
    ],
)
def test_d02_date_that_cannot_count_is_kept_with_a_warning(
    tmp_path: Path, day: str, said: str | None, counted: int
) -> None:
    checked = check_marks(tmp_path, f"0501,100,{day},1,A,absent,0,0,,day,,")
    messages = [finding.message for finding in found(checked, "D02")]
    assert [said in message for message in messages] == ([True] if said else [])  # type: ignore[operator]
    assert marks(checked, "counted") == [(counted,)]
    assert checked.exit_code == 0
    assert str(TODAY) == "2026-09-12"


@pytest.mark.parametrize("day", ["1899-12-30", "1900-01-00"])
def test_d03_impossible_year_is_an_error(tmp_path: Path, day: str) -> None:
    enrollments = PLAIN["enrollments.csv"] + f"0501,200,2026-09-01,{day},01,1,,\n"
    checked = check_marks(tmp_path, enrollments=enrollments)
    assert places(checked, "D03") == [("error", "enrollments.csv", 5)]
    assert len(rows(checked, "enrollments", "student_id")) == 3


def test_d03_impossible_birth_date_is_listed_and_the_student_stays(tmp_path: Path) -> None:
    students = PLAIN["students.csv"].replace("2019-05-04", "1899-12-30")
    checked = check_marks(tmp_path, students=students)
    assert places(checked, "D03") == [("error", "students.csv", 2)]
    assert rows(checked, "students", "student_id", "birth_date")[0] == ("0501", None)


def test_day_or_entry_more_than_two_years_ahead_is_a_slip(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        calendar_days=PLAIN["calendar_days.csv"] + "100,2028-09-12,1,,,\n100,2062-09-01,1,,,\n",
        enrollments=PLAIN["enrollments.csv"] + "0502,200,2028-09-12,,01,1,,\n0503,100,2062-08-31,,01,1,,\n",
    )
    assert places(checked, "D03") == [("error", "calendar_days.csv", 23)]
    assert places(checked, "D02") == [("warning", "enrollments.csv", 6)]
    assert len(rows(checked, "calendar_days", "date")) == 21
    assert len(rows(checked, "enrollments", "student_id")) == 5


def test_k01_code_that_is_not_mapped_makes_the_day_unknown_never_present(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        "0501,100,2026-09-01,1,ZZ,,,,,day,,",
        "0501,100,2026-09-02,1,A,gone,,,,day,,",
        "0501,100,2026-09-03,,,,,,,,,",
    )
    assert places(checked, "K01") == [("error", "attendance.csv", line) for line in (2, 3, 4)]
    assert marks(checked, "category", "portion_num", "code") == [
        ("unknown", None, "ZZ"),
        ("unknown", None, "A"),
        ("unknown", None, None),
    ]
    assert counts(checked, "attendance.csv") == (3, 0, 3, 0, 0, 0)
    assert [(code.school_id, code.code, code.marks) for code in checked.unmapped] == [
        ("100", "", 1),
        ("100", "A", 1),
        ("100", "ZZ", 1),
    ]
    told = "marks of codes that no mapping names make their days unknown (no code: 1, A: 1, ZZ: 1)"
    assert f"{told}; name them under `codes`" in checked.decided


def test_k03_ids_that_match_nothing_are_errors(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        "501,100,2026-09-01,1,A,absent,0,0,,day,,",
        "0501,999,2026-09-01,1,A,absent,0,0,,day,,",
        section_students="section_id,student_id,start_date,last_date\n77,0501,,\n78,0501,,\n",
        sections="section_id,school_id,name,is_homeroom\n77,100,HR-1,1\n",
    )
    assert places(checked, "K03") == [
        ("error", "attendance.csv", 2),
        ("error", "attendance.csv", 3),
        ("error", "section_students.csv", 3),
    ]
    assert found(checked, "K03")[0].value == "501"
    assert marks(checked, "student_id") == []


def test_m01_row_repeated_in_every_column_is_counted_once(tmp_path: Path) -> None:
    row = "0501,100,2026-09-01,1,A,absent,0,0,,day,,"
    checked = check_marks(tmp_path, row, "0501,100,2026-09-02,1,A,absent,0,0,,day,,", row, row + " ".strip())
    assert places(checked, "M01") == [("warning", "attendance.csv", 4), ("warning", "attendance.csv", 5)]
    assert counts(checked, "attendance.csv") == (4, 2, 0, 2, 0, 0)
    assert marks(checked, "line_no") == [(2,), (3,)]


def test_m02_several_marks_of_a_day_are_all_kept(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        "0501,100,2026-09-01,1,A,absent,0,0,,am,,",
        "0501,100,2026-09-01,1,A,absent,1,0,,pm,,",
        "0501,100,2026-09-01,0,T,tardy,,,,day,,",
    )
    assert marks(checked, "mode", "category", "portion_num") == [
        ("am", "absent", 1),
        ("pm", "absent", 1),
        ("day", "tardy", 0),
    ]


@pytest.mark.parametrize(
    ("row", "portion", "severity"),
    [
        ("0501,100,2026-09-01,,A,absent,0,0,,day,,", (1, 1), "warning"),
        ("0501,100,2026-09-01,0,A,absent,0,0,,,,", (1, 1), "warning"),
        ("0501,100,2026-09-01,,A,absent,0,0,,period,3,6", (1, 1), "warning"),
        ("0501,100,2026-09-01,.5,A,partial,0,0,,day,,", (1, 2), None),
        ("0501,100,2026-09-01,1/3,A,absent,0,0,,minutes,,", (1, 3), None),
        ("0501,100,2026-09-01,,T,tardy,,,,day,,", (0, 1), None),
        ("0501,100,2026-09-01,,A,partial,0,0,,day,,", (None, None), "error"),
        ("0501,100,2026-09-01,,A,absent,0,0,,minutes,,", (None, None), "error"),
        ("0501,100,2026-09-01,2,A,absent,0,0,,day,,", (None, None), "error"),
        ("0501,100,2026-09-01,half,A,absent,0,0,,day,,", (None, None), "error"),
        ("0501,100,2026-09-01,1,P,present,0,0,,day,,", (None, None), "error"),
        ("0501,100,2026-09-01,1,T,tardy,,,,day,,", (None, None), "error"),
        ("0501,100,2026-09-01,1,T,tardy,,,,period,3,7", (None, None), "error"),
        ("0501,100,2026-09-01,1/7,T,tardy,,,,day,,", (1, 7), None),
        ("0501,100,2026-09-01,0.083333333333333329,A,absent,0,0,,period,3,12", (1, 12), None),
        ("0501,100,2026-09-01,0.30000000000000004,A,absent,0,0,,day,,", (3, 10), None),
        ("0501,100,2026-09-01,0.333333333,A,absent,0,0,,day,,", (333333333, 1000000000), None),
        ("0501,100,2026-09-01,0.123456789012345678,A,absent,0,0,,period,3,12", (None, None), "error"),
    ],
)
def test_m03_portion_of_a_mark(
    tmp_path: Path, row: str, portion: tuple[int | None, int | None], severity: str | None
) -> None:
    checked = check_marks(tmp_path, row)
    assert marks(checked, "portion_num", "portion_den") == [portion]
    assert [finding.severity for finding in found(checked, "M03")] == ([severity] if severity else [])
    assert (marks(checked, "category") == [("unknown",)]) == (severity == "error")


def test_m04_mark_outside_enrollment_is_kept_with_a_warning(tmp_path: Path) -> None:
    enrollments = PLAIN["enrollments.csv"].replace("0501,100,2026-08-31,,", "0501,100,2026-08-31,2026-09-01,")
    checked = check_marks(
        tmp_path,
        "0501,100,2026-09-01,1,A,absent,0,0,,day,,",
        "0501,100,2026-09-02,1,A,absent,0,0,,day,,",
        "0502,200,2026-09-02,1,A,absent,0,0,,day,,",
        enrollments=enrollments,
    )
    assert places(checked, "M04") == [("warning", "attendance.csv", 3), ("warning", "attendance.csv", 4)]
    assert len(marks(checked, "line_no")) == 3


@pytest.mark.parametrize("unit", ["period,3,", "period,3,0", ",3,"])
def test_m05_period_mark_without_the_periods_of_the_day_makes_the_day_unknown(tmp_path: Path, unit: str) -> None:
    checked = check_marks(tmp_path, f"0503,200,2026-09-01,1,A,absent,0,0,,{unit}")
    assert places(checked, "M05") == [("error", "attendance.csv", 2)]
    assert marks(checked, "category") == [("unknown",)]


def test_mark_that_names_a_period_and_no_unit_is_one_of_the_period_and_not_of_the_day(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path, "0503,200,2026-09-01,1,A,absent,0,0,,,3,7", "0503,200,2026-09-02,1,A,absent,0,0,,,,"
    )
    assert marks(checked, "mode", "period", "periods_in_day") == [("period", "3", 7), ("day", None, None)]


def test_value_that_cannot_be_read_never_turns_an_absence_into_presence(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path, "0501,100,2026-09-01,1,A,absent,maybe,0,,day,,", "0501,100,2026-09-02,1,A,absent,0,0,,noon,,"
    )
    assert places(checked, "R01") == [("error", "attendance.csv", 2), ("error", "attendance.csv", 3)]
    assert marks(checked, "category") == [("unknown",), ("unknown",)]


def spans(checked: object) -> list[tuple[str, ...]]:
    columns = ("student_id", "school_id", "entry_date", "last_member_date", "line_no")
    return [tuple(map(str, row)) for row in rows(checked, "enrollments", *columns)]  # type: ignore[arg-type]


ENROLLMENTS = PLAIN["enrollments.csv"].splitlines()[0] + "\n"


def test_e01_overlapping_spans_at_one_school_become_one(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        enrollments=ENROLLMENTS
        + "0501,100,2026-09-03,2026-09-08,02,1,,\n"
        + "0501,100,2026-08-31,2026-09-03,01,1,,\n"
        + "0501,100,2026-09-09,,01,1,,\n"
        + "0502,100,2026-08-31,,K,1,,\n"
        + "0502,100,2026-09-02,2026-09-03,K,1,,\n"
        + "0502,200,2026-09-02,2026-09-03,K,1,,\n",
    )
    assert places(checked, "E01") == [("warning", "enrollments.csv", 2), ("warning", "enrollments.csv", 6)]
    assert spans(checked) == [
        ("0501", "100", "2026-08-31", "2026-09-08", "3"),
        ("0501", "100", "2026-09-09", "None", "4"),
        ("0502", "100", "2026-08-31", "None", "5"),
        ("0502", "200", "2026-09-02", "2026-09-03", "7"),
    ]
    assert rows(checked, "enrollments", "grade")[0] == ("02",)
    assert counts(checked, "enrollments.csv") == (6, 4, 0, 0, 0, 2)


def test_e02_spans_that_end_before_they_begin(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        enrollments=ENROLLMENTS
        + "0501,100,2026-09-03,2026-09-03,01,1,,\n"
        + "0502,100,2026-09-03,2026-09-02,K,1,,\n"
        + "0503,200,2026-09-03,2026-09-01,10,1,,\n",
    )
    assert places(checked, "E02") == [("warning", "enrollments.csv", 3), ("error", "enrollments.csv", 4)]
    assert [row[0] for row in spans(checked)] == ["0501", "0502"]


def test_k03_a_track_without_a_day_leaves_nobody_out(tmp_path: Path) -> None:
    lines = PLAIN["calendar_days.csv"].splitlines(True)
    calendar = "".join(line.replace(",,390", ",A,390") if line.startswith("200") else line for line in lines)
    enrollments = PLAIN["enrollments.csv"].replace("10,1,,\n", "10,1,,Z\n").replace("K,1,,\n", "K,1,,B\n")
    checked = check_marks(tmp_path, calendar_days=calendar, enrollments=enrollments)
    assert places(checked, "K03") == [("warning", "enrollments.csv", 4)]
    assert found(checked, "K03")[0].message == (
        "Track Z has no day in the school's calendar; the student counts on every day of the school."
    )
    # At a school without tracks the letter says nothing and stays.
    assert rows(checked, "enrollments", "student_id", "track") == [("0501", None), ("0502", "B"), ("0503", None)]


def test_e03_school_without_calendar_holds_the_delivery(tmp_path: Path) -> None:
    calendar = "".join(line for line in PLAIN["calendar_days.csv"].splitlines(True) if not line.startswith("200"))
    checked = check_marks(tmp_path, calendar_days=calendar)
    assert checked.exit_code == 1
    assert checked.why_held == [
        "North (200) has enrolled students (1) and no calendar for them; deliver its calendar days."
    ]
    assert found(checked, "E03")[0].value == "200"


def test_e03_school_without_students_needs_no_calendar(tmp_path: Path) -> None:
    checked = check_marks(tmp_path, schools=PLAIN["schools.csv"] + "300,,Empty,,,\n400,,Office,,,1\n")
    assert checked.exit_code == 0
    assert places(checked, "E03") == [("warning", "schools.csv", 4)]


def test_i01_ids_that_cannot_be_trusted(tmp_path: Path) -> None:
    students = PLAIN["students.csv"] + '1.23E+09,,"Roe, Di",01,,\n0501,,"Other, Ana",02,,\n,,"No, One",01,,\n'
    students += '"1,23E+09",,"Roe, Di",01,,\nTotal,6,,,,\n'
    checked = check_marks(tmp_path, students=students)
    assert sorted(places(checked, "I01")) == [("error", "students.csv", line) for line in (5, 6, 7, 8, 9)]
    assert [row[0] for row in rows(checked, "students", "student_id")] == ["0501", "0502", "0503"]
    assert rows(checked, "students", "full_name")[0] == ("Ruiz, Ana",)


def test_r01_header_that_stands_in_the_file_again_is_no_row(tmp_path: Path) -> None:
    header, rest = PLAIN["schools.csv"].split("\n", 1)
    checked = check_marks(tmp_path, schools=f"{header}\n{rest}{header}\n300,,Empty,,,\n")
    (again,) = found(checked, "R01")
    assert (again.severity, again.line) == ("error", 4)
    assert "it is the header again" in again.message
    assert [row[0] for row in rows(checked, "schools", "school_id")] == ["100", "200", "300"]


def test_x01_text_kept_as_a_formula_is_read(tmp_path: Path) -> None:
    students = PLAIN["students.csv"].replace("0501,0012", '="0501",="0012"').replace("Diaz, Ben", "=HYPERLINK(1)")
    checked = check_marks(tmp_path, students=students)
    assert rows(checked, "students", "student_id", "state_id")[0] == ("0501", "0012")
    assert rows(checked, "students", "full_name")[1] == ("=HYPERLINK(1)",)
    assert [(one.line, one.field, one.severity) for one in found(checked, "X01")] == [
        (2, "state_id", "warning"),
        (2, "student_id", "warning"),
        (3, "full_name", "warning"),
    ]
    assert found(checked, "X01")[0].message == (
        'state_id: 1 of 3 values are written as formulas and were read as text, ="0012" as 0012; export the column as '
        "plain text."
    )
    assert checked.exit_code == 0


def test_x01_a_column_nobody_reads_and_signs_of_plain_texts_say_nothing(tmp_path: Path) -> None:
    rooms = "section_id,school_id,name,is_homeroom,teacher note\n77,100,-1,1,=A1\n78,100,+ART,0,@x\n"
    assert found(check_marks(tmp_path, sections=rooms), "X01") == []


def test_q02_too_many_refused_rows_hold_the_delivery(tmp_path: Path) -> None:
    good = [
        f"0501,100,{day},1,A,absent,0,0,{number},day,,"
        for number in range(25)
        for day in ("2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04")
    ]
    one_bad = check_marks(tmp_path / "one", *good, "0501,100,2026-09-08,1,ZZ,,,,,day,,")
    assert (one_bad.exit_code, len(found(one_bad, "Q02"))) == (0, 0)
    two_bad = check_marks(
        tmp_path / "two", *good, *("0501,100,2026-09-08,1,ZZ,,,,,day,,", "0501,100,2026-09-09,1,ZZ,,,,,day,,")
    )
    assert two_bad.exit_code == 1
    assert two_bad.why_held == [
        "2 of 102 rows of attendance.csv were refused, more than 1%; 2 by K01 (code that is not mapped), first on line "
        "102; the findings list them."
    ]


def test_q02_any_refused_row_of_the_calendar_holds_the_delivery(tmp_path: Path) -> None:
    calendar = PLAIN["calendar_days.csv"] + "".join(
        f"100,2027-0{m}-{d:02},0,0,,\n" for m in (1, 2, 3, 4) for d in range(1, 29)
    )
    assert check_marks(tmp_path / "good", calendar_days=calendar).exit_code == 0
    checked = check_marks(tmp_path / "bad", calendar_days=calendar + "100,2027-05-01,maybe,0,,\n")
    assert checked.exit_code == 1
    assert "every row of that file has to be right" in checked.why_held[0]


@pytest.mark.parametrize(
    "row", ['0501,100,2026-09-01,1,A,absent,0,0,5" tall,day,,', '0501,100,2026-09-01,1,A,absent,0,0,"open,day,,']
)
def test_bare_quote_is_held_naming_its_line(tmp_path: Path, row: str) -> None:
    good = [f"0501,100,2026-09-01,1,A,absent,0,0,{number},day,," for number in range(200)]
    checked = check_marks(tmp_path, *good[:100], row, *good[100:])
    assert checked.exit_code == 1
    assert "attendance.csv line 102" in checked.why_held[0]
    assert places(checked, "R01") == [("error", "attendance.csv", 102)]
    assert len(marks(checked, "line_no")) == 200


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_file_that_is_cut_short_is_held(tmp_path: Path, cut: int) -> None:
    whole = MARKS + "".join(f"0501,100,2026-09-01,1,A,absent,0,0,{number},day,,\n" for number in range(300))
    assert check(tmp_path / "whole", PLAIN | {"attendance.csv": whole}).exit_code == 0
    checked = check(tmp_path / "cut", PLAIN | {"attendance.csv": whole[:-cut]})
    assert checked.exit_code == 1
    assert checked.why_held[0].startswith("attendance.csv ends within line 301, so it may be cut short")


def test_files_that_all_end_without_a_line_break_are_whole(tmp_path: Path) -> None:
    assert check(tmp_path, {name: text.rstrip("\n") for name, text in PLAIN.items()}).exit_code == 0


def test_delivered_column_with_a_name_of_ours_does_no_harm(tmp_path: Path) -> None:
    text = "line_no,file_id,school_id,name\n7,8,100,Harbor\n7,8,200,North\n"
    checked = check_marks(tmp_path, schools=text)
    assert rows(checked, "schools", "line_no", "name") == [(2, "Harbor"), (3, "North")]


def test_r01_every_row_of_every_file_is_accounted_for(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        '0501,100,2026-09-01,1,A,absent,0,0,"a\nb",day,,',
        "0501,100,2026-09-01,1,A,absent,0,0,,day,,",
        "0501,100,2026-09-01,1,A,absent,0,0,,day,,",
        "ragged,row",
        "0501,100,not a day,1,A,absent,0,0,,day,,",
        "0999,100,2026-09-01,1,A,absent,0,0,,day,,",
        "",
        "0501,100,2026-09-02,1,ZZ,,,,,day,,",
    )
    assert counts(checked, "attendance.csv") == (7, 2, 4, 1, 0, 0)
    lines = {(finding.rule, finding.line) for finding in checked.findings if finding.file == "attendance.csv"}
    assert lines == {("M01", 5), ("R01", 6), ("D01", 7), ("K03", 8), ("K01", 10)}


def test_r01_row_that_went_nowhere_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from allpresent.intake import delivery
    from allpresent.intake.workspace import Workspace

    def lose_a_row(workspace: Workspace) -> None:
        workspace.run("DELETE FROM c_attendance WHERE line_no = 2")

    monkeypatch.setattr(delivery, "conform", lose_a_row)
    with pytest.raises(AssertionError, match=r"R01: line 2 of attendance\.csv was read and went nowhere"):
        check_marks(tmp_path, "0501,100,2026-09-01,1,A,absent,0,0,,day,,")


def test_roster_files_with_a_header_alone_hold_the_delivery(tmp_path: Path) -> None:
    checked = check(tmp_path, PLAIN | {"students.csv": "student_id\n", "attendance.csv": MARKS})
    assert checked.exit_code == 1
    assert "The delivery has no usable row of students; export it again." in checked.why_held


def test_attendance_without_rows_is_a_delivery_without_absences(tmp_path: Path) -> None:
    assert check_marks(tmp_path).exit_code == 0


def test_silent_schools_and_homerooms_are_named(tmp_path: Path) -> None:
    taken = "school_id,date,section_id\n" + "".join(f"100,2026-09-{day:02},77\n" for day in (1, 2, 3, 4, 7, 8))
    checked = check_marks(
        tmp_path,
        attendance_taken=taken,
        sections="section_id,school_id,name,is_homeroom\n77,100,HR-1,1\n78,100,HR-2,1\n79,100,ART,0\n",
    )
    assert [(s.school_id, s.silent_days, s.school_days) for s in checked.silence.schools] == [
        ("100", 1, 7),
        ("200", 7, 7),
    ]
    assert [(s.section_id, s.school_id, s.silent_days) for s in checked.silence.sections] == [("78", "100", 5)]


@pytest.mark.parametrize(("days", "is_told"), [((1, 2, 3, 4, 7, 8, 9), False), ((1, 2, 3, 4, 7, 8), True)])
def test_n01_a_school_that_took_too_little_attendance_is_told(
    tmp_path: Path, days: tuple[int, ...], is_told: bool
) -> None:
    every = "200,2026-08-31,\n" + "".join(f"200,2026-09-{day:02},\n" for day in (1, 2, 3, 4, 7, 8, 9))
    taken = "".join(f"100,2026-09-{day:02},\n" for day in days)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "district.yaml").write_text("unreported_limit_pct: 13\n")
    checked = check_marks(tmp_path, attendance_taken=f"school_id,date,section_id\n{every}{taken}")
    assert [school.silent_days for school in checked.silence.schools] == [2 if is_told else 1]
    told = (
        "Harbor (100) took no attendance on 2 of 8 school days, more than 13%; those days count as not reported. "
        "Ask the school, and deliver them."
    )
    assert [(one.severity, one.file, one.value, one.message) for one in found(checked, "N01")] == (
        [("warning", "", "100", told)] if is_told else []
    )
    assert checked.exit_code == 0


def test_n01_where_nothing_says_who_took_attendance_nobody_is_silent(tmp_path: Path) -> None:
    assert found(check_marks(tmp_path), "N01") == []


def test_n01_single_days_say_nothing_of_the_others(tmp_path: Path) -> None:
    """A night that brings two days is not asked about the days of the weeks before."""
    taken = "".join(f"{school},2026-09-{day:02},\n" for school in (100, 200) for day in (8, 9))
    files = PLAIN | {
        "attendance.csv": MARKS + "0501,100,2026-09-08,1,A,absent,0,0,,day,,\n",
        "attendance_taken.csv": f"school_id,date,section_id\n{taken}",
    }
    delivered = write(tmp_path / "delivery", files)
    for delivers, silent in (("days", []), ("year", ["100", "200"])):
        checked = intake.check_delivery(tmp_path / "home", "csv", delivered, today=TODAY, delivers=delivers)
        assert [one.value for one in found(checked, "N01")] == silent
