"""A small PowerSchool export drawn as text, for both of its modes."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from allpresent import intake
from allpresent.intake import Checked
from tests.intake.folders import TODAY, WEEKDAYS, write


def tabs(table: str, text: str) -> str:
    """A drawn table as the Data Export Manager writes it: TABLE.FIELD labels, tabs, CR-LF; ~ is a space."""
    header, *lines = (line.split() for line in text.strip().splitlines())
    labels = [f"{table}.{name.upper()}" for name in header]
    written = ["\t".join(labels)]
    written += ["\t".join("" if cell == "-" else cell.replace("~", " ") for cell in line) for line in lines]
    return "\r\n".join(written) + "\r\n"


def calendar(letters: Mapping[str, str] | None = None, more: str = "") -> str:
    """Calendar days of both schools; ``letters`` gives school 200 a cycle day for weekdays 0 to 4."""
    lines = ["schoolid date_value insession membershipvalue a b c d e f bell_schedule_id cycle_day_id"]
    for school in ("100", "200"):
        for day in WEEKDAYS:
            cycle = (letters or {}).get(str(day.weekday()), "-") if school == "200" else "-"
            lines.append(f"{school} {day.month}/{day.day}/{day:%y} 1 1 1 0 0 0 0 0 9{school} {cycle}")
        closed = WEEKDAYS[-1] + timedelta(days=1)
        lines.append(f"{school} {closed:%m/%d/%Y} 0 0 0 0 0 0 0 0 - -")
    return tabs("CALENDAR_DAY", "\n".join(lines) + more)


CODES = """
id schoolid yearid att_code description presence_status_cd calculate_ada_yn category
1 100 36 - Present Present 1 -
2 100 36 A Absent Absent 1 Unexcused
3 100 36 E Excused Absent 1 Excused
4 100 36 T Tardy Present 1 Tardy
5 100 36 S Suspended Absent 1 Suspended
6 100 36 H Half~day Absent 1 Excused
7 100 36 X No~category Absent 1 -
8 200 36 E Early~dismissal Present 1 -
9 200 36 A Absent Absent 1 Unexcused
"""
FILES: dict[str, str] = {
    "schools.txt": tabs("SCHOOLS", "school_number name low_grade high_grade\n100 Harbor -1 8\n200 North 9 12"),
    "calendar_day.txt": calendar(),
    "attendance_code.txt": tabs("ATTENDANCE_CODE", CODES),
    "attendance_conversion_items.txt": tabs(
        "ATTENDANCE_CONVERSION_ITEMS",
        "attendance_conversion_id fteid input_value attendance_value conversion_mode_code\n"
        "70 51 2 0 codeday\n70 51 6 .5 codeday\n70 51 4 1 codeday\n70 51 9 .25 period",
    ),
    "students.txt": tabs(
        "STUDENTS",
        "id student_number state_studentnumber lastfirst enroll_status grade_level schoolid entrydate exitdate track"
        " fteid dob ethnicity fedethnicity lunchstatus family_ident el swd\n"
        "501 0000501 0012 Ruiz,~Ana 0 0 100 8/31/26 06/19/2027 - 51 05/04/2020 B 0 F 77 1 0\n"
        "502 0000502 - Diaz,~Ben 0 1 100 09/02/2026 06/19/2027 - 51 1/9/20 W 1 P 78 0 1\n"
        "503 0000503 - Poe,~Cy 0 10 200 09/01/2026 6/19/27 - 52 03/03/2011 Q 0 R 78 0 0",
    ),
    "reenrollments.txt": tabs(
        "REENROLLMENTS",
        "studentid schoolid grade_level entrydate exitdate track fteid\n503 100 8 8/31/26 9/1/2026 - 51",
    ),
    "attendance.txt": tabs(
        "ATTENDANCE",
        "id studentid schoolid yearid att_date att_mode_code attendance_codeid periodid att_comment total_minutes\n"
        "9001 501 100 36 9/1/26 ATT_ModeDaily 2 0 - 0\n"
        "9002 501 100 36 09/02/2026 ATT_ModeDaily 6 0 Doctor 0\n"
        "9003 501 100 36 9/3/2026 ATT_ModeDaily 4 0 - 0\n"
        "9004 502 100 36 09/03/26 ATT_ModeDaily 5 0 - 0",
    ),
}


def check_powerschool(
    tmp_path: Path, files: Mapping[str, str | bytes] | None = None, mapping: str | None = None, **tables: str
) -> Checked:
    """What intake says of the drawn export with some tables drawn anew (``attendance="id ...\\n..."``)."""
    drawn = {f"{name}.txt": tabs(name.upper(), text) for name, text in tables.items()}
    folder = write(tmp_path / "export", {**FILES, **drawn, **(files or {})})
    path = None
    if mapping is not None:
        path = tmp_path / "mapping.yaml"
        path.write_text(mapping, encoding="utf-8")
    return intake.check_delivery(tmp_path / "home", "powerschool", folder, mapping=path, today=TODAY)
