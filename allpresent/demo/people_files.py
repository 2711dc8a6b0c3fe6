"""The files about people: students, reenrollments, sections, seats (CC) and teachers.

Beside PowerSchool's own columns, students.txt carries the fields of a state extension: ``S_CT_STU_X.el``,
``S_CT_STU_X.swd``, ``S_CT_STU_X.s504`` and ``S_CT_STU_X.homeless`` (1, 0), and ``STUDENTCOREFIELDS.primarylanguage``
(ISO 639-1). LunchStatus is F, R or P; Ethnicity A, B, H, I, M, P or W beside FedEthnicity.
"""

from pathlib import Path

import numpy as np

from allpresent.demo import sheet
from allpresent.demo.calendar import THIS_YEAR
from allpresent.demo.district import SyntheticDistrict
from allpresent.demo.identities import home_language, plain, student_ids
from allpresent.demo.names import HERITAGES
from allpresent.demo.people import Group
from allpresent.demo.schools import Ints
from allpresent.demo.sections import Section
from allpresent.demo.setup_files import fte_id, school_numbers
from allpresent.demo.spans import Spans, current_spans

FIRST_TEACHER, FIRST_USER, FIRST_FAMILY, FIRST_SEAT = 4_001, 70_001, 20_001, 300_001
_ENROLL_STATUS = {Group.ENROLLED: 0, Group.LEFT: 2, Group.NO_SHOW: 2, Group.GRADUATED: 3, Group.GONE: 2}
_SMALL_GROUPS = ("", "M", "I", "P")  # two or more, Native American, Pacific Islander
_EXIT_CODE = {0: "", 2: "T1", 3: "G1"}


def write_people(out: Path, rng: np.random.Generator, district: SyntheticDistrict) -> None:
    """All of them; the same in both deliveries."""
    current = current_spans(district.spans)
    _write_students(out, rng, district, district.spans.where(current))
    earlier = np.setdiff1d(np.arange(len(district.spans)), current)
    _write_reenrollments(out, rng, district, district.spans.where(earlier))
    _write_sections(out, district)
    _write_seats(out, rng, district)
    _write_teachers(out, district)


def _enrollment(rng: np.random.Generator, district: SyntheticDistrict, spans: Spans) -> dict[str, sheet.Column]:
    """The columns that Students and ReEnrollments share."""
    years = np.where(spans.year == THIS_YEAR.start, spans.school + 1_000, spans.school)
    fte = np.where(years >= 1_000, fte_id(THIS_YEAR.start, spans.school), fte_id(THIS_YEAR.start - 1, spans.school))
    lunch = district.people.lunch[spans.student]
    return {
        "SCHOOLID": sheet.text_of(school_numbers(district.schools), spans.school),
        "GRADE_LEVEL": spans.grade,
        "ENTRYDATE": sheet.us_dates(rng, spans.entry),
        "ENTRYCODE": sheet.constant("E1", len(spans)),
        "EXITDATE": sheet.us_dates(rng, spans.exit),
        "TRACK": sheet.constant("", len(spans)),
        "MEMBERSHIPSHARE": np.ones(len(spans), dtype=np.int64),
        "FTEID": fte,
        "LUNCHSTATUS": sheet.text_of(["F", "R", "P"], lunch),
    }


def _write_students(out: Path, rng: np.random.Generator, district: SyntheticDistrict, spans: Spans) -> None:
    people, known = district.people, district.identities
    ids = student_ids(len(people))
    status = np.array([_ENROLL_STATUS[Group(group)] for group in people.group])
    columns: dict[str, sheet.Column] = {
        "DCID": ids + 50_000,
        "ID": ids,
        "STUDENT_NUMBER": known.number,
        "STATE_STUDENTNUMBER": known.state_number,
        "LASTFIRST": [name.last_first for name in known.name],
        "FIRST_NAME": [name.first for name in known.name],
        "MIDDLE_NAME": [name.middle for name in known.name],
        "LAST_NAME": [name.last for name in known.name],
        "ENROLL_STATUS": status,
        **_enrollment(rng, district, spans),
        "EXITCODE": [_EXIT_CODE[one] for one in status.tolist()],
        "GENDER": _genders(rng, people.is_girl.tolist()),
        "DOB": known.birth,
        **_groups(rng, district),
        "HOME_ROOM": _home_rooms(district),
        **_home(district),
    }
    sheet.write(out / "students.txt", "STUDENTS", columns)


def _groups(rng: np.random.Generator, district: SyntheticDistrict) -> dict[str, sheet.Column]:
    """Ethnicity, language and the flags of the state extension."""
    people, count = district.people, len(district.people)
    # Small groups that no list of names stands for; a household is of one.
    small = rng.choice(4, size=int(people.household.max()) + 1, p=(0.957, 0.037, 0.004, 0.002))[people.household]
    codes = [
        _SMALL_GROUPS[group] or HERITAGES[kind].ethnicity
        for group, kind in zip(small.tolist(), people.heritage.tolist(), strict=True)
    ]
    return {
        "ETHNICITY": codes,
        "FEDETHNICITY": np.array([code == "H" for code in codes]).astype(np.int64),
        "FEDRACEDECLINE": np.zeros(count, dtype=np.int64),
        "STUDENTCOREFIELDS.primarylanguage": [home_language(people, student) for student in range(count)],
        "S_CT_STU_X.el": people.has_el.astype(np.int64),
        "S_CT_STU_X.swd": people.has_swd.astype(np.int64),
        "S_CT_STU_X.s504": people.has_s504.astype(np.int64),
        "S_CT_STU_X.homeless": people.is_homeless.astype(np.int64),
    }


def _home(district: SyntheticDistrict) -> dict[str, sheet.Column]:
    """The household's number, address, telephone and e-mail."""
    known, count = district.identities, len(district.people)
    family = district.people.household.tolist()
    return {
        "HOME_PHONE": [known.phone[one] for one in family],
        "GUARDIANEMAIL": [f"{plain(known.surname[one])}{one}@mail.example" for one in family],
        "FAMILY_IDENT": district.people.household + FIRST_FAMILY,
        "STREET": [known.street[one] for one in family],
        "CITY": sheet.constant("Elm Harbor", count),
        "STATE": sheet.constant("CT", count),
        "ZIP": sheet.constant("06599", count),
    }


def _genders(rng: np.random.Generator, is_girl: list[bool]) -> list[str]:
    other = rng.random(len(is_girl)) < 0.004
    return ["X" if one else "F" if girl else "M" for girl, one in zip(is_girl, other.tolist(), strict=True)]


def _home_rooms(district: SyntheticDistrict) -> list[str]:
    """Room of the latest homeroom; blank for those who are not here this year."""
    rooms = [""] * len(district.people)
    for student, section in zip(
        district.this_year.student.tolist(), district.rooms.span_homeroom.tolist(), strict=True
    ):
        if section >= 0:
            rooms[student] = district.rooms.sections[section].room
    return rooms


def _write_reenrollments(out: Path, rng: np.random.Generator, district: SyntheticDistrict, spans: Spans) -> None:
    columns: dict[str, sheet.Column] = {
        "ID": np.arange(len(spans)) + 60_001,
        "STUDENTID": student_ids(len(district.people))[spans.student],
        **_enrollment(rng, district, spans),
        "EXITCODE": sheet.constant("T1", len(spans)),
        "EXITCOMMENT": sheet.constant("", len(spans)),
        "DISTRICTOFRESIDENCE": sheet.constant("599", len(spans)),
        "TYPE": sheet.constant("", len(spans)),
    }
    sheet.write(out / "reenrollments.txt", "REENROLLMENTS", columns)


def _write_sections(out: Path, district: SyntheticDistrict) -> None:
    sections = district.rooms.sections
    columns: dict[str, sheet.Column] = {
        "DCID": np.array([section.section_id + 10_000 for section in sections]),
        "ID": np.array([section.section_id for section in sections]),
        "SCHOOLID": np.array([district.schools[section.school].number for section in sections]),
        "TERMID": np.full(len(sections), THIS_YEAR.year_id * 100),
        "TEACHER": np.array([section.teacher + FIRST_TEACHER for section in sections]),
        "COURSE_NUMBER": [section.course_number for section in sections],
        "SECTION_NUMBER": [str(section.section_number) for section in sections],
        "EXPRESSION": [_expression(section) for section in sections],
        "ROOM": [section.room for section in sections],
    }
    sheet.write(out / "sections.txt", "SECTIONS", columns)


def _expression(section: Section) -> str:
    """The period a section meets in, as a PowerSchool schedule expression."""
    return "HR(A)" if section.course_number == "HR" else f"{section.section_id % 6 + 1}(A)"


def _write_seats(out: Path, rng: np.random.Generator, district: SyntheticDistrict) -> None:
    rooms, spans = district.rooms, district.this_year
    count, sections, span = len(rooms.seat_span), rooms.sections, rooms.seat_span
    ids = np.array([section.section_id for section in sections])[rooms.seat_section]
    courses = [section.course_number for section in sections]
    columns: dict[str, sheet.Column] = {
        "ID": np.arange(count) + FIRST_SEAT,
        "STUDENTID": student_ids(len(district.people))[spans.student[span]],
        "SECTIONID": np.where(rooms.seat_dropped == 1, -ids, ids),  # negative = dropped
        "SCHOOLID": sheet.text_of(school_numbers(district.schools), spans.school[span]),
        "TERMID": _signed_terms(rooms.seat_dropped),
        "DATEENROLLED": sheet.us_dates(rng, spans.entry[span]),
        "DATELEFT": sheet.us_dates(rng, rooms.seat_until),
        "EXPRESSION": sheet.text_of([_expression(section) for section in sections], rooms.seat_section),
        "COURSE_NUMBER": sheet.text_of(courses, rooms.seat_section),
        "SECTION_NUMBER": sheet.text_of([str(one.section_number) for one in sections], rooms.seat_section),
    }
    sheet.write(out / "cc.txt", "CC", columns)


def _signed_terms(dropped: Ints) -> Ints:
    term = THIS_YEAR.year_id * 100
    return np.where(dropped == 1, -term, term)


def _write_teachers(out: Path, district: SyntheticDistrict) -> None:
    rooms, known = district.rooms, district.identities
    place = np.arange(len(rooms.teachers))
    columns: dict[str, sheet.Column] = {
        "ID": place + FIRST_TEACHER,
        "USERS_DCID": place + FIRST_USER,
        "SCHOOLID": sheet.text_of(school_numbers(district.schools), rooms.teachers),
        "FIRST_NAME": [name.first for name in known.teacher],
        "LAST_NAME": [name.last for name in known.teacher],
        "EMAIL_ADDR": known.teacher_email,
        "STATUS": np.ones(len(place), dtype=np.int64),
    }
    sheet.write(out / "teachers.txt", "TEACHERS", columns)
