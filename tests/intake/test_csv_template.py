"""The source csv: canonical files by name, and other exports through a mapping."""

from pathlib import Path

import pyarrow as pa
import pytest

from allpresent import intake
from allpresent.intake import IntakeError, staging
from allpresent.intake.mapping import Mapping
from allpresent.intake.workspace import Workspace
from allpresent.policy import District
from tests.intake.folders import MARKS, PLAIN, TODAY, check, check_marks, found, places, read_csv, rows


def test_canonical_files_are_read_by_name(tmp_path: Path) -> None:
    checked = check(tmp_path)
    assert (checked.exit_code, checked.why_held, len(checked.findings)) == (0, [], 0)
    assert rows(checked, "attendance", "source_file", "line_no", "student_id", "portion_num", "portion_den") == [
        ("attendance.csv", 2, "0501", 1, 1),
        ("attendance.csv", 3, "0503", 1, 2),
    ]
    assert rows(checked, "schools", "school_id", "low_grade", "high_grade") == [("100", "K", "08"), ("200", "09", "12")]
    assert rows(checked, "students", "student_id", "full_name")[0] == ("0501", "Ruiz, Ana")


def test_what_is_exported_is_read_back_the_same(tmp_path: Path) -> None:
    others = {
        "attendance_taken.csv": "school_id,date,section_id,taken_at\n100,2026-09-01,77,2026-09-01 08:10\n",
        "sections.csv": "section_id,school_id,name,is_homeroom\n77,100,HR-1,1\n",
        "section_students.csv": "section_id,student_id,start_date,last_date\n77,0501,2026-08-31,\n",
        "staff.csv": "staff_id,school_id,full_name,email\n9,100,Eve Moss,eve@x.example\n",
        "section_staff.csv": "section_id,staff_id,start_date,last_date\n77,9,,\n",
        "demographics.csv": "student_id,flag,value,start_date,end_date\n0501,frl,1,2026-08-31,\n",
        "contacts.csv": "contact_id,student_id,full_name,phone,has_custody,address,address_protected\n"
        "5,0501,Ida Ruiz,+1 203 555 0101,1,12 Lantern Street; Elm Harbor CT 06599,\n"
        "6,0502,Bo Diaz,,1,9 Nowhere Road; Elm Harbor CT 06599,yes\n",
        "attendance.csv": MARKS
        + "0501,100,2026-09-01,1/3,A,absent,0,0,=SUM(A1),day,,\n"
        + '0503,200,2026-09-02,,ZZ,,,,"a\nb",day,,\n'
        + "0503,200,2026-09-03,1,A,absent,,1,,period,4,6\n",
    }
    first = check(tmp_path, PLAIN | others)
    intake.export_canonical(first, tmp_path / "out")
    again = intake.check_delivery(tmp_path / "home", "csv", tmp_path / "out", today=TODAY)
    assert set(again.tables) == set(first.tables)
    for name, table in first.tables.items():
        columns = [column for column in table.column_names if column not in ("line_no", "source_file")]
        assert again.tables[name].select(columns).equals(table.select(columns)), name
    written = read_csv(tmp_path / "out" / "attendance.csv")
    assert [row["portion_absent"] for row in written] == ["1/3", "", "1"]
    assert written[0]["comment"] == "'=SUM(A1)"
    assert list(written[0]) == ["source_file", *MARKS.strip().split(",")]
    assert [row["category"] for row in written] == ["absent", "unknown", "absent"]


def test_source_file_column_is_optional_and_the_file_read_is_the_source(tmp_path: Path) -> None:
    text = "source_file," + MARKS + "old/a.csv,0501,100,2026-09-01,1,A,absent,0,0,,day,,\n"
    checked = check(tmp_path, PLAIN | {"attendance.csv": text})
    assert rows(checked, "attendance", "source_file", "line_no") == [("attendance.csv", 2)]


def test_files_below_folders_are_named_by_their_path(tmp_path: Path) -> None:
    files = {f"night/{name}": text for name, text in PLAIN.items()}
    assert rows(check(tmp_path, files), "schools", "source_file")[0] == ("night/schools.csv",)


def test_missing_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    checked = check(tmp_path, {name: text for name, text in PLAIN.items() if name != "students.csv"})
    assert checked.exit_code == 2
    assert checked.why_held == ["The delivery has no students.csv; add what is missing."]
    assert checked.tables == {}


def test_files_left_aside_are_named_where_a_table_is_missing(tmp_path: Path) -> None:
    files = {name: text for name, text in PLAIN.items() if name not in ("students.csv", "attendance.csv")}
    checked = check(tmp_path, files | {"attendance.xlsx": b"PK\x03\x04"})
    assert checked.why_held == [
        "The delivery has no students.csv, no attendance.csv; add what is missing.",
        "Left aside, for no table is read from such a file: attendance.xlsx. Save a workbook as CSV, and give a file "
        "the name of its table.",
    ]


def test_a_folder_without_files_is_said_to_be_empty(tmp_path: Path) -> None:
    checked = check(tmp_path, {})
    assert (checked.exit_code, checked.why_held) == (
        2,
        ["The folder holds no files; put the exported files into it."],
    )


def test_a_zip_beside_other_files_is_refused_for_what_it_is(tmp_path: Path) -> None:
    checked = check(tmp_path, {"export.zip": b"PK\x03\x04", "notes.docx": b"PK\x03\x04"})
    assert checked.exit_code == 2
    assert checked.why_held == [
        "export.zip lies beside notes.docx, and a zip file is read only where it lies alone; unpack it, or take the "
        "other files away."
    ]


def test_missing_header_is_refused_at_line_one(tmp_path: Path) -> None:
    checked = check(tmp_path, PLAIN | {"students.csv": "0501,,Ana,01,,\n"})
    assert checked.exit_code == 2
    assert places(checked, "Q01") == [("error", "students.csv", 1)]


def test_missing_column_is_refused_and_named(tmp_path: Path) -> None:
    checked = check(
        tmp_path, PLAIN | {"attendance.csv": "student_id,school_id,day,category\n0501,100,2026-09-01,absent\n"}
    )
    assert checked.exit_code == 2
    assert "the column 'date' is missing" in checked.why_held[0]


def test_unknown_column_is_said_not_to_be_read(tmp_path: Path) -> None:
    checked = check(tmp_path, PLAIN | {"schools.csv": "school_id,nmae\n100,Harbor\n200,North\n"})
    assert [finding.field for finding in found(checked, "Q01")] == ["nmae"]
    assert checked.exit_code == 0


def test_unknown_file_is_said_to_be_left_aside(tmp_path: Path) -> None:
    checked = check(tmp_path, PLAIN | {"notes.txt": "remember"})
    assert "notes.txt is no file this source reads" in found(checked, "R01")[0].message
    assert "notes.txt: left aside, for no table is read from such a file" in checked.decided
    assert checked.exit_code == 0


@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b"PK\x03\x04", "zip file")])
def test_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    checked = check(tmp_path, PLAIN | {"schools.csv": content})
    assert checked.exit_code == 2
    assert said in checked.why_held[0]


def test_windows_text_is_read_with_a_warning(tmp_path: Path) -> None:
    checked = check(tmp_path, PLAIN | {"students.csv": PLAIN["students.csv"].replace("Ana", "Aña").encode("cp1252")})
    assert rows(checked, "students", "full_name")[0] == ("Ruiz, Aña",)
    assert places(checked, "R01") == [("warning", "students.csv", 2)]


def test_file_of_too_many_rows_is_refused_with_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MOST_LINES", 20)
    checked = check(tmp_path)
    assert checked.exit_code == 2
    assert checked.why_held[0].startswith("calendar_days.csv line 21: more rows than a district has")
    assert places(checked, "R01") == [("error", "calendar_days.csv", 21)]


def test_no_folder_no_source_and_no_mapping_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="There is no folder"):
        intake.check_delivery(tmp_path, "csv", tmp_path / "gone", today=TODAY)
    with pytest.raises(IntakeError, match=r"'aspen' is not known; use one of .*csv, .*powerschool"):
        intake.check_delivery(tmp_path, "aspen", tmp_path, today=TODAY)
    with pytest.raises(IntakeError, match="There is no mapping file"):
        intake.check_delivery(tmp_path, "csv", tmp_path, mapping=tmp_path / "m.yaml", today=TODAY)


MAPPING = """
source: csv
dialect: {delimiter: auto, escape: "\\\\", "null": ["", "NULL"]}
dates: {order: detect}
tables:
  schools: {file: orgs.txt, columns: {school_id: skl_oid, name: skl_name}}
  calendar_days:
    file: days.txt
    columns: {school_id: skl, date: day}
    constants: {in_session: "1"}
  students: {file: std.txt, columns: {student_id: std_oid, full_name: name}, distinct: true}
  enrollments:
    file: std.txt
    columns: {student_id: std_oid, school_id: skl, entry_date: entry, last_member_date: exit}
    distinct: true
  attendance:
    file: "att*.txt"
    columns:
      {student_id: att_std_oid, school_id: att_skl_oid, date: att_date, code: att_code_view, comment: att_comment}
    keep: "code != 'P'"
codes:
  table:
    - {code: A, category: absent, excused: false}
    - {code: A, school: "200", category: absent, excused: true}
    - {code: H, category: partial, portion: 0.5}
    - {code: T, category: tardy}
membership: {exit_date: exclusive}
"""
EXPORT = {
    "orgs.txt": "SKL_OID\tSKL_NAME\n100\tHarbor\n200\tNorth\n",
    "days.txt": "SKL\tDAY\n" + "".join(f"{s}\t8/{d}/2026\n" for s in (100, 200) for d in (26, 27, 28, 31)),
    "std.txt": (
        "STD_OID\tNAME\tSKL\tENTRY\tEXIT\tPHONE\n"
        "a1\tAna\t100\t08/26/2026\t08/29/2026\t555-0101\n"
        "a1\tAna\t100\t08/26/2026\t08/29/2026\t555-0102\n"
        "c3\tCy\t200\t8/26/26\tNULL\t\n"
    ),
    "att1.txt": (
        "'ATT_STD_OID','ATT_SKL_OID','ATT_DATE','ATT_CODE_VIEW','ATT_COMMENT'\n"
        '"a1","100","8/27/26","A","said \\"flu\\""\n'
        '"a1","100","8/28/26","H",NULL\n'
        '"c3","200","8/27/26","A",NULL\n'
        '"c3","200","8/28/26","P",NULL\n'
    ),
    "att2.txt": "ATT_STD_OID,ATT_SKL_OID,ATT_DATE,ATT_CODE_VIEW,ATT_COMMENT\nc3,200,8/31/26,XX,\n",
}


def test_any_export_is_read_through_a_mapping(tmp_path: Path) -> None:
    checked = check(tmp_path, EXPORT, mapping=MAPPING)
    assert not checked.is_unreadable, checked.why_held
    columns = ("student_id", "date", "portion_num", "portion_den", "category", "excused", "comment")
    told = [tuple(str(value) for value in row) for row in rows(checked, "attendance", *columns)]
    assert told == [
        ("a1", "2026-08-27", "1", "1", "absent", "0", 'said "flu"'),
        ("a1", "2026-08-28", "1", "2", "partial", "None", "None"),
        ("c3", "2026-08-27", "1", "1", "absent", "1", "None"),
        ("c3", "2026-08-31", "None", "None", "unknown", "None", "None"),
    ]
    assert [str(row[0]) for row in rows(checked, "enrollments", "last_member_date")] == ["2026-08-28", "None"]
    counts = {
        count.file: (count.rows_read, count.canonical, count.errors, count.left_out, count.merged)
        for count in checked.counts
    }
    assert counts["att1.txt"] == (4, 3, 0, 1, 0)
    assert counts["att2.txt"] == (1, 0, 1, 0, 0)
    assert counts["std.txt"] == (3, 2, 0, 0, 1)
    assert [(code.code, code.marks) for code in checked.unmapped] == [("XX", 1)]
    assert "att1.txt: dates are read month first" in checked.decided


def test_table_the_mapping_says_nothing_of_is_taken_from_its_canonical_file(tmp_path: Path) -> None:
    mapping = """
    source: csv
    dates: {order: mdy}
    tables:
      attendance: {file: marks.txt, columns: {student_id: id, school_id: school, date: day, code: code}}
    codes: {table: [{code: A, category: absent, excused: false}]}
    """
    files = {name: text for name, text in PLAIN.items() if name != "attendance.csv"}
    files["marks.txt"] = "ID;SCHOOL;DAY;CODE\n0501;100;9/1/26;A\n"
    checked = check(tmp_path, files, mapping=mapping)
    assert (checked.exit_code, checked.why_held) == (0, [])
    assert rows(checked, "attendance", "student_id", "category", "excused") == [("0501", "absent", 0)]
    assert len(rows(checked, "enrollments", "student_id")) == 3


def test_order_of_day_and_month_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    days = "SKL\tDAY\n100\t8/3/2026\n200\t8/4/2026\n"
    checked = check(tmp_path, EXPORT | {"days.txt": days}, mapping=MAPPING)
    assert checked.exit_code == 2
    assert places(checked, "D01") == [("error", "days.txt", None)]
    assert "write dates: {order: mdy}" in checked.why_held[0]


def test_date_of_the_other_order_is_an_error_where_the_mapping_fixes_one(tmp_path: Path) -> None:
    fixed = MAPPING.replace("order: detect", "order: mdy")
    att = "ATT_STD_OID,ATT_SKL_OID,ATT_DATE,ATT_CODE_VIEW,ATT_COMMENT\nc3,200,31/8/26,A,\n"
    checked = check(tmp_path, EXPORT | {"att2.txt": att}, mapping=fixed)
    assert places(checked, "D01") == [("error", "att2.txt", 2)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("date: day", "dat: day", "names the column 'dat'"),
        ("  students:", "  pupils:", "names the table 'pupils'"),
    ],
)
def test_mapping_that_does_not_fit_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(IntakeError, match=said):
        check(tmp_path, EXPORT, mapping=MAPPING.replace(old, new))


def test_column_of_the_mapping_that_the_file_lacks_is_refused(tmp_path: Path) -> None:
    checked = check(tmp_path, EXPORT, mapping=MAPPING.replace("att_code_view", "att_kode"))
    assert checked.exit_code == 2
    assert "the column 'att_kode' is missing" in checked.why_held[0]


def test_secret_columns_of_people_never_enter(tmp_path: Path) -> None:
    text = "student_id,full_name,SSN,web_password\n0501,Ana,123-45-6789,hunter2\n0502,Ben\n0503,Cy,,\n"
    checked = check(tmp_path, PLAIN | {"students.csv": text})
    assert [finding.field for finding in found(checked, "S01")] == ["ssn", "web_password"]
    intake.export_canonical(checked, tmp_path / "out")
    everything = "".join(path.read_text() for path in (tmp_path / "out").iterdir()) + intake.findings_csv(checked)
    assert "hunter2" not in everything
    assert "123-45-6789" not in everything
    assert check_marks(tmp_path / "other").exit_code == 0


def test_present_without_a_portion_is_present(tmp_path: Path) -> None:
    text = "student_id,school_id,date,category,portion_absent\n0501,100,2026-09-08,present,\n"
    checked = check(tmp_path, PLAIN | {"attendance.csv": text})
    assert [(row["category"], row["portion_num"]) for row in checked.tables["attendance"].to_pylist()] == [
        ("present", 0)
    ]


def test_a_table_that_is_put_goes_before_one_that_was_shown(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, TODAY, District(), Mapping(source="csv"))
    workspace.show("t_rows", pa.table({"a": [1]}))
    workspace.put("t_rows", pa.table({"a": [2]}))
    assert workspace.rows("SELECT a FROM t_rows") == [(2,)]
    workspace.show("t_rows", pa.table({"a": [3]}))
    assert workspace.rows("SELECT a FROM t_rows") == [(3,)]
