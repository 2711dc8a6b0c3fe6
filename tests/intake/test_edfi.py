"""Ed-Fi files: the same district from JSON lines, arrays and XML; descriptors, spans, several events, and dirt."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.edfi_files import (
    as_arrays,
    as_lines,
    as_xml,
    calendar_date,
    changed,
    check_edfi,
    district,
    enrollment,
    event,
    section,
    student,
    uri,
)
from tests.intake.folders import found, places, rows

EVENTS = "studentSchoolAttendanceEvents"
FORMS = [as_lines, as_arrays, as_xml]
MARK = ("student_id", "date", "portion_num", "portion_den", "code", "category", "excused", "disciplinary", "mode")


def texts(checked: object, table: str, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in rows(checked, table, *columns)]  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS, ids=["lines", "array", "xml"])
def test_the_same_district_from_every_form(tmp_path: Path, form: Callable[..., dict[str, str]]) -> None:
    checked = check_edfi(tmp_path, form(district()))
    assert (checked.exit_code, checked.why_held) == (0, [])
    # One class said once that it took attendance: neither school reports.
    assert [(one.rule, one.value) for one in checked.findings] == [("N01", "100"), ("N01", "200")]
    assert texts(checked, "schools", "school_id", "name", "low_grade", "high_grade") == [
        ("100", "Harbor", "K", "08"),
        ("200", "North & Co", "None", "None"),
    ]
    assert texts(checked, "students", "student_id", "state_id", "full_name", "grade", "birth_date") == [
        ("0501", "0012", "Ruiz, Ana", "01", "2019-05-04"),
        ("0502", "None", "Diaz, Ben O", "K", "None"),
        ("0503", "None", "Poe, Cy", "10", "None"),
    ]
    assert texts(checked, "enrollments", "student_id", "school_id", "last_member_date", "fte", "primary") == [
        ("0501", "100", "None", "1.0", "1"),
        ("0502", "100", "2026-09-10", "None", "None"),
        ("0503", "200", "None", "None", "None"),
    ]
    assert texts(checked, "attendance", *MARK) == [
        ("0501", "2026-09-01", "1", "1", "Excused Absence", "absent", "1", "0", "day"),
        ("0501", "2026-09-02", "1", "2", "Unexcused Absence", "absent", "0", "0", "day"),
        ("0501", "2026-09-02", "0", "1", "Tardy", "tardy", "None", "0", "day"),
        ("0502", "2026-09-03", "1", "1", "Unexcused Absence", "absent", "0", "1", "day"),
        ("0503", "2026-09-03", "1", "1", "Unexcused Absence", "absent", "0", "0", "period"),
    ]
    assert texts(checked, "attendance", "period", "periods_in_day", "comment")[3:] == [
        ("None", "None", "Suspension"),
        ("P1", "2", "None"),
    ]
    assert texts(checked, "attendance_taken", "school_id", "date", "section_id") == [
        ("200", "2026-09-03", "200/2027/Fall/MATH/1")
    ]
    _check_classes_groups_and_contacts(checked)


def _check_classes_groups_and_contacts(checked: object) -> None:
    assert texts(checked, "sections", "section_id", "name", "is_homeroom") == [
        ("200/2027/Fall/MATH/1", "MATH-1", "0"),
        ("200/2027/Fall/ART/1", "ART-1", "0"),
        ("200/2027/Fall/HR10/1", "HR10-1", "1"),
    ]
    assert texts(checked, "section_students", "student_id", "start_date") == [("0503", "2026-08-31")] * 3
    assert texts(checked, "section_staff", "section_id", "staff_id") == [("200/2027/Fall/MATH/1", "T1")]
    assert texts(checked, "staff", "staff_id", "full_name", "email") == [("T1", "Uma Lee", "uma@example.org")]
    assert sorted(texts(checked, "demographics", "student_id", "flag", "start_date")) == [
        ("0501", "el", "None"),
        ("0501", "frl", "2026-08-31"),
        ("0501", "race:Two or more", "None"),
        ("0502", "homeless", "None"),
        ("0502", "race:Hispanic", "None"),
        ("0503", "swd", "2026-08-31"),
    ]
    columns = ("contact_id", "student_id", "full_name", "relationship", "phone", "email", "lives_with", "may_contact")
    assert texts(checked, "contacts", *columns) == [
        ("C1", "0501", "Lía Ruiz", "Mother", "860-555-0101", "lia@example.org", "1", "1"),
        ("C1", "0501", "Lía Ruiz", "Mother", "860-555-0102", "None", "1", "1"),
        ("C2", "0502", "Max Diaz", "None", "None", "None", "1", "0"),
    ]


def _address(kind: str, street: str, **more: object) -> dict[str, object]:
    told = {"addressTypeDescriptor": uri("AddressType", kind), "streetNumberName": street, "city": "Elm Harbor"}
    return told | {"stateAbbreviationDescriptor": uri("StateAbbreviation", "CT"), "postalCode": "06599"} | more


@pytest.mark.parametrize("form", [as_lines, as_xml], ids=["lines", "xml"])
@pytest.mark.parametrize(
    ("told", "address", "is_protected"),
    [
        (
            [_address("Home", "12 Lantern St", apartmentRoomSuiteNumber="3")],
            "12 Lantern St 3; Elm Harbor CT 06599",
            None,
        ),
        ([_address("Mailing", "Box 9"), _address("Home", "1 Hull Row")], "1 Hull Row; Elm Harbor CT 06599", None),
        ([_address("Mailing", "Box 9"), _address("Work", "2 Quay")], "Box 9; Elm Harbor CT 06599", None),
        ([_address("Home", "1 Hull Row"), _address("Home", "2 Far Lane")], None, None),  # which of the two?
        ([_address("Home", "1 Hull Row", doNotPublishIndicator=False)], "1 Hull Row; Elm Harbor CT 06599", None),
        ([_address("Home", "1 Hull Row"), _address("Mailing", "Box 9", doNotPublishIndicator=True)], None, 1),
    ],
)
def test_a_contact_lives_at_the_home_address(
    tmp_path: Path,
    form: Callable[..., dict[str, str]],
    told: list[object],
    address: str | None,
    is_protected: int | None,
) -> None:
    made = district()
    made["contacts"][0]["addresses"] = told
    checked = check_edfi(tmp_path, form(made))
    kept = {row[0]: row[1:] for row in rows(checked, "contacts", "contact_id", "address", "address_protected")}
    assert kept["C1"] == (address, is_protected)


def test_who_lives_with_a_student_has_the_students_address(tmp_path: Path) -> None:
    made = district()
    told = made["studentEducationOrganizationAssociations"]
    told[0]["addresses"] = [_address("Home", "1 Hull Row")]
    told[1]["addresses"] = [_address("Home", "2 Far Lane", doNotPublishIndicator=True)]
    kept = rows(check_edfi(tmp_path, as_lines(made)), "contacts", "student_id", "address")
    assert dict(kept) == {"0501": "1 Hull Row; Elm Harbor CT 06599", "0502": None}
    made["studentContactAssociations"][0]["livesWith"] = False
    checked = check_edfi(tmp_path / "apart", as_lines(made))
    assert dict(rows(checked, "contacts", "student_id", "address")) == {"0501": None, "0502": None}
    protected = dict(rows(checked, "contacts", "student_id", "address_protected"))
    assert protected == {"0501": None, "0502": 1}


def test_parents_of_standard_three_are_contacts(tmp_path: Path) -> None:
    made = district()
    for new, old in (("contacts", "parents"), ("studentContactAssociations", "studentParentAssociations")):
        made[old] = json.loads(
            json.dumps(made.pop(new)).replace("contactUnique", "parentUnique").replace("contactRef", "parentRef")
        )
    checked = check_edfi(tmp_path, as_xml(made, "http://ed-fi.org/0330"))
    assert texts(checked, "contacts", "contact_id", "phone")[0] == ("C1", "860-555-0101")


MEANT = [
    ("2026-08-31", "Excused Absence", {}, ("absent", "1", "1")),
    ("2026-09-01", "unexcused absence", {"eventDuration": 0.25}, ("absent", "1", "4")),
    ("2026-09-02", "In Attendance", {"eventDuration": 1}, ("present", "0", "1")),
    ("2026-09-03", "Partial", {"eventDuration": 0.33}, ("partial", "33", "100")),
    ("2026-09-04", "Partial", {}, ("unknown", "None", "None")),
    ("2026-09-08", "Early departure", {}, ("unknown", "None", "None")),
    ("2026-09-09", "A-Med", {}, ("unknown", "None", "None")),
    ("2026-09-10", "Excused Absence", {"eventDuration": 1.5}, ("unknown", "None", "None")),
]


def test_a_category_and_a_duration_make_a_portion(tmp_path: Path) -> None:
    events = [event("0501", 100, day, word, **more) for day, word, more, _ in MEANT]
    periods = [{"classPeriodReference": {"classPeriodName": name}} for name in ("P1", "P2")]
    of_two_periods = district()["studentSectionAttendanceEvents"][0] | {"classPeriods": periods}
    rows_of = changed(**{EVENTS: events, "studentSectionAttendanceEvents": [of_two_periods]})
    del rows_of["sectionAttendanceTakenEvents"]
    checked = check_edfi(tmp_path, as_lines(rows_of))
    meant = [expected for *_, expected in MEANT]
    assert texts(checked, "attendance", "category", "portion_num", "portion_den")[:8] == meant
    assert places(checked, "M03") == [("error", f"{EVENTS}.jsonl", line) for line in (5, 6, 8)]
    assert places(checked, "K01") == [("error", f"{EVENTS}.jsonl", 7)]
    assert texts(checked, "attendance", "period", "periods_in_day")[-2:] == [("P1", "2"), ("P2", "2")]
    # Nobody said who took attendance: each school up to the day of its last mark.
    taken = texts(checked, "attendance_taken", "school_id", "date", "section_id")
    assert len(taken) == 12
    assert [row for row in taken if row[0] == "200"][-1] == ("200", "2026-09-03", "None")
    assert taken[7] == ("100", "2026-09-10", "None")


DAYS = [
    calendar_date(100, "2026-08-31", "Instructional day"),
    calendar_date(100, "2026-09-01", "Student late arrival/early dismissal", "Instructional day"),
    calendar_date(100, "2026-09-02", "Instructional day", "Weather day"),
    calendar_date(100, "2026-09-03", "Make-up day", "Other"),
    calendar_date(100, "2026-09-04", "Other"),
    calendar_date(100, "2026-09-08", "Strike"),
    calendar_date(200, "2026-09-01", "Instructional day"),
    calendar_date(900, "2026-09-01", "Instructional day"),
]


def test_calendar_events_of_a_day(tmp_path: Path) -> None:
    checked = check_edfi(tmp_path, as_lines(changed(calendarDates=DAYS)))
    assert [row[0] for row in rows(checked, "calendar_days", "in_session")] == [1, 1, 0, 1, 0, 0, 1]
    assert "1 calendar days of schools that are not delivered were left out" in checked.decided


OWN = """\
source: edfi
membership: {exit_date: exclusive}
day_rule: {periods_in_day: 7}
codes: {table: [{code: A-Med, category: absent, excused: true}, {code: Unexcused Absence, category: absent}]}
tables: {calendarDates: {values: {events: {weather day: "1", strike: "1"}}}}
"""


def test_a_district_says_in_a_mapping_what_it_means(tmp_path: Path) -> None:
    own = event("0501", 100, "2026-09-01", "x")
    own["attendanceEventCategoryDescriptor"] = "uri://district.example.org/AttendanceEventCategoryDescriptor#A-Med"
    rows_of = changed(calendarDates=DAYS, bellSchedules=[], **{EVENTS: [own]})
    checked = check_edfi(tmp_path, as_lines(rows_of), OWN)
    assert texts(checked, "attendance", "code", "category", "excused", "periods_in_day") == [
        ("A-Med", "absent", "1", "None"),
        ("Unexcused Absence", "absent", "None", "7"),
    ]
    assert texts(checked, "enrollments", "last_member_date")[1] == ("2026-09-09",)
    assert [row[0] for row in rows(checked, "calendar_days", "in_session")] == [1, 1, 1, 1, 0, 1, 1]


def test_a_calendar_event_nobody_mapped_holds(tmp_path: Path) -> None:
    days = [
        *district()["calendarDates"],
        calendar_date(100, "2026-09-12", "Field day"),
        calendar_date(200, "2026-09-12"),
    ]
    checked = check_edfi(tmp_path, as_lines(changed(calendarDates=days)))
    assert places(checked, "K01") == [("error", "calendarDates.jsonl", 21), ("error", "calendarDates.jsonl", 22)]
    assert "every row of that file has to be right" in checked.why_held[0]


def test_several_calendars_of_a_school_are_tracks(tmp_path: Path) -> None:
    days = [*district()["calendarDates"], calendar_date(100, "2026-09-02", "Instructional day", code="B")]
    spans = district()["studentSchoolAssociations"]
    spans[0]["calendarReference"] = {"calendarCode": "B", "schoolId": 100, "schoolYear": 2027}
    rows_of = changed(calendarDates=days, studentSchoolAssociations=spans, bellSchedules=[])
    checked = check_edfi(tmp_path, as_lines(rows_of))
    # Without bell schedules nobody knows how many periods the student had.
    assert places(checked, "M05") == [("error", "studentSectionAttendanceEvents.jsonl", 1)]
    assert texts(checked, "enrollments", "student_id", "track") == [("0501", "B"), ("0502", "None"), ("0503", "None")]
    assert texts(checked, "calendar_days", "school_id", "track")[0] == ("100", "A")
    assert texts(checked, "calendar_days", "school_id", "track")[-2:] == [("200", "None"), ("100", "B")]


def test_references_by_id_lead_through_all_files_and_code_values_of_version_two_are_read(tmp_path: Path) -> None:
    files = {}
    for number, (name, some) in enumerate(district().items()):
        files[f"{number:02}-{name}.xml"] = as_xml({name: some}, "http://ed-fi.org/0220")["Interchange-All.xml"]
    keyed = "<StudentIdentity><StudentUniqueId>0501</StudentUniqueId></StudentIdentity>"
    for name, text in files.items():
        text = text.replace("<Student><Student", '<Student id="STU_1"><Student', 1)
        text = text.replace(f"<StudentReference>{keyed}</StudentReference>", '<StudentReference ref="STU_1"/>')
        word = uri("AttendanceEventCategory", "Tardy")
        text = text.replace(f">{word}<", "><CodeValue>Tardy</CodeValue><")
        # What nothing here needs may stay undelivered.
        files[name] = text.replace("<EntryDate>", '<GraduationPlanReference ref="GPLN_1"/><EntryDate>')
    name = next(name for name in files if EVENTS in name)
    lost = files[name].replace("</InterchangeAll>", "<StudentSchoolAttendanceEvent><EventDate>2026-09-01</EventDate>")
    lost += '<StudentReference ref="STU_9"/></StudentSchoolAttendanceEvent>\n</InterchangeAll>\n'
    checked = check_edfi(tmp_path, files | {name: lost})
    assert [row[0] for row in rows(checked, "attendance", "student_id")].count("0501") == 3
    assert texts(checked, "attendance", "category").count(("tardy",)) == 1
    assert [finding.message for finding in found(checked, "R01")] == [
        f"A line of {name} is no row: its reference STU_9 names nothing in the delivery; correct it, or the way the "
        "file is exported."
    ]


BOMB = '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]>'


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("<InterchangeAll", f"{BOMB}<InterchangeAll", 1), "declares a document type"),
        (lambda text: text[: len(text) // 2], "is no well-formed XML, or was cut short"),
        (lambda text: text.replace("InterchangeAll", "Html"), "is no Ed-Fi interchange"),
        (
            lambda text: text.replace("<School>", "<Skool>").replace("</School>", "</Skool>"),
            "The delivery has no School;",
        ),
        (lambda text: text.replace("Harbor", "H" * 11_000_000), "is no well-formed XML"),
        (lambda text: text.replace("Harbor", "<a>" * 300 + "</a>" * 300), "is no well-formed XML"),
    ],
    ids=["doctype", "cut", "html", "no school", "huge text", "deep"],
)
def test_an_interchange_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, change: Callable[[str], str], words: str
) -> None:
    checked = check_edfi(tmp_path, {"all.xml": change(as_xml(district())["Interchange-All.xml"])})
    assert checked.exit_code == 2
    assert len(checked.why_held) == 1
    assert words in checked.why_held[0]


def test_no_entity_of_another_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    doctype = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{tmp_path / "secret.txt"}">]>'
    text = as_xml(district())["Interchange-All.xml"].replace("<InterchangeAll", f"{doctype}<InterchangeAll", 1)
    checked = check_edfi(tmp_path, {"all.xml": text.replace("Harbor", "&x;")})
    assert checked.exit_code == 2
    assert "the secret" not in str(list(checked.findings)) + str(checked.tables)


NO_ROWS = [
    ('{"studentReference": ', "it is no JSON, or was cut short"),
    ("[1, 2]", "it holds no object"),
    ('{"eventDuration": NaN}', "it is no JSON, or was cut short"),
    ("[" * 100_000, "it is no JSON, or was cut short"),
    ('{"attendanceEventReason": "\\u0000"}', "a value holds characters that are no text"),
    ('{"attendanceEventReason": "\\ud800"}', "a value holds characters that are no text"),
    (json.dumps({"attendanceEventReason": "x" * 100_001}), "a value is longer than 100,000 characters"),
    ("\xff", "it is not UTF-8"),
]


def test_lines_that_are_no_rows_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = dict(as_lines(district()))
    lines = "".join(f"{line}\n" for line, _ in NO_ROWS).encode("latin-1")
    files[f"{EVENTS}.jsonl"] = lines + as_lines(district())[f"{EVENTS}.jsonl"].encode()
    checked = check_edfi(tmp_path, files)
    assert [(one.line, one.severity) for one in found(checked, "R01")] == [(line, "error") for line in range(1, 9)]
    for finding, (_, why) in zip(found(checked, "R01"), NO_ROWS, strict=True):
        assert why in finding.message
    assert len(checked.tables["attendance"]) == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", f"{EVENTS}.json is empty"),
        (b'[{"a": 1}, {"b"', "line 1 is no JSON, or was cut short"),
        (b'[{"a": 1}\n{"b": 2}]', "line 2 is no JSON, or was cut short"),
        (b'[\n{"a": 1}\n]\n]', "line 4 goes on after the end of its list"),
        (b'[{"a": "\xff"}]', "is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
    ids=["empty", "cut", "no comma", "more", "bytes", "deep"],
)
def test_an_array_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    checked = check_edfi(tmp_path, {f"{EVENTS}.json": content})
    assert checked.exit_code == 2
    assert words in checked.why_held[-1]


def test_an_array_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from allpresent.intake.sources.edfi import jsonfiles

    monkeypatch.setattr(jsonfiles, "_PIECE", 7)
    checked = check_edfi(tmp_path, as_arrays(district(), indent=1))
    assert (checked.exit_code, len(checked.tables["attendance"])) == (0, 5)
    assert texts(checked, "contacts", "full_name")[0] == ("Lía Ruiz",)


DIRT = [
    (EVENTS, district()[EVENTS][0] | {"id": "another"}, "M01"),
    (EVENTS, event("0999", 100, "2026-09-01", "Tardy"), "K03"),
    (EVENTS, event("0501", 900, "2026-09-01", "Tardy"), "K03"),
    (EVENTS, event("0501", 100, "09/01/2026", "Tardy"), "D01"),
    (EVENTS, event("0501", 100, "2026-09-07", "Tardy"), "D02"),
    (EVENTS, {"schoolReference": {"schoolId": 100}, "eventDate": "2026-09-01"}, "I01"),
    (
        "studentSchoolAssociations",
        enrollment("0501", 100, "2026-09-01", "First grade", exitWithdrawDate="2026-08-01"),
        "E02",
    ),
    ("studentSchoolAssociations", enrollment("0501", 100, "2026-09-03", "Ungraded"), "E01"),
    ("students", {"studentUniqueId": "0501", "lastSurname": "Other"}, "I01"),
    (
        "studentContactAssociations",
        {"studentReference": student("0501"), "contactReference": {"contactUniqueId": "C9"}},
        "K03",
    ),
    (
        "studentSectionAssociations",
        {"studentReference": student("0503"), "sectionReference": section(200, "GYM")},
        "K03",
    ),
]


def test_dirt_is_found_by_its_rule(tmp_path: Path) -> None:
    rows_of = district()
    at = []
    for resource, row, rule in DIRT:
        rows_of[resource].append(dict(row))
        at.append((f"{resource}.jsonl", len(rows_of[resource]), rule))
    checked = check_edfi(tmp_path, as_lines(rows_of))
    assert set(at) <= {(finding.file, finding.line, finding.rule) for finding in checked.findings}
    for count in checked.counts:
        whole = count.canonical + count.errors + count.duplicates + count.left_out + count.merged
        assert whole == count.rows_read, count.file


def test_a_partial_pull_and_files_that_were_not_pulled_are_held_and_no_path_leads_to_a_secret(tmp_path: Path) -> None:
    people = [row | {"ssn": "123-45-6789"} for row in district()["students"]]
    files = as_lines(changed(students=people))
    sentence = "students.jsonl holds 3 rows of students, and 4 were counted before the pull and 3 after it"
    files["pull.json"] = json.dumps({"why_partial": [sentence], "left_out": ["staffs: not open to this key."]})
    files["control.csv"] = f"file,rows,sha256\nstudents.jsonl,3,{'0' * 64}\n"
    checked = check_edfi(tmp_path, files, "source: edfi\ntables: {students: {columns: {middle_name: ssn}}}")
    assert checked.why_held[0] == sentence
    assert "has another sha256 for students.jsonl" in checked.why_held[1]
    assert "pull.json: staffs: not open to this key." in checked.decided
    assert [one.rule for one in checked.findings if one.rule not in ("C01", "N01")] == ["S01"]
    assert "123-45-6789" not in str(checked.tables)
