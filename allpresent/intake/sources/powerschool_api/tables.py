"""What is asked of each PowerSchool table: its fields, and which rows belong to a school year."""

from dataclasses import dataclass
from datetime import date

FIRST_YEAR = 1990  # PowerSchool's year ids count from here


@dataclass(frozen=True)
class Asked:
    """A table of the schema. In ``rows``: {year} is the year id, {term} a hundred of them, {first} and {last} days."""

    name: str
    fields: tuple[str, ...]
    rows: str = ""
    is_needed: bool = False

    def query(self, first: date, last: date) -> str:
        """The filter for a school year, as the interface writes it; a semicolon is "and"."""
        year = first.year - FIRST_YEAR
        return self.rows.format(year=year, term=year * 100, next_term=year * 100 + 100, first=first, last=last)


TABLES = (
    Asked(
        "schools",
        ("school_number", "name", "low_grade", "high_grade", "state_excludefromreporting"),
        is_needed=True,
    ),
    Asked(
        "calendar_day",
        (
            *("schoolid", "date_value", "insession", "membershipvalue", "a", "b", "c", "d", "e", "f"),
            *("bell_schedule_id", "cycle_day_id"),
        ),
        "date_value=ge={first};date_value=le={last}",
        is_needed=True,
    ),
    Asked(
        "students",
        (
            *("id", "student_number", "state_studentnumber", "lastfirst", "first_name", "middle_name", "last_name"),
            *("enroll_status", "grade_level", "schoolid", "entrydate", "exitdate", "track", "fteid", "dob"),
            *("ethnicity", "fedethnicity", "lunchstatus", "family_ident"),
        ),
        is_needed=True,
    ),
    Asked(
        "reenrollments",
        ("studentid", "schoolid", "grade_level", "entrydate", "exitdate", "track", "fteid"),
        "exitdate=ge={first}",
    ),
    Asked(
        "attendance",
        (
            *("id", "studentid", "schoolid", "yearid", "att_date", "att_mode_code", "attendance_codeid", "periodid"),
            *("att_comment", "total_minutes"),
        ),
        "yearid=={year}",
        is_needed=True,
    ),
    Asked(
        "attendance_code",
        ("id", "schoolid", "yearid", "att_code", "presence_status_cd"),
        "yearid=={year}",
        is_needed=True,
    ),
    Asked("att_code_code_entity", ("attendance_codeid", "code_entityid")),
    Asked("code_entity", ("id", "external_name")),
    Asked("attendance_taken", ("sectionid", "att_date", "att_taken_dt"), "att_date=ge={first}"),
    Asked("fte", ("id", "schoolid", "yearid", "fte_value", "dflt_att_mode_code"), "yearid=={year}"),
    Asked(
        "attendance_conversion_items",
        ("attendance_conversion_id", "fteid", "input_value", "attendance_value", "conversion_mode_code"),
    ),
    Asked("bell_schedule", ("id", "attendance_conversion_id"), "year_id=={year}"),
    Asked("bell_schedule_items", ("bell_schedule_id", "period_id", "start_time", "end_time", "ada_code")),
    Asked("cycle_day", ("id", "letter"), "year_id=={year}"),
    Asked("period", ("id", "schoolid", "year_id", "period_number"), "year_id=={year}"),
    Asked(
        "sections",
        ("id", "schoolid", "teacher", "course_number", "section_number"),
        "termid=ge={term};termid=lt={next_term}",
    ),
    # A dropped class has a negative term, so classes are told by the day a student entered them.
    Asked(
        "cc",
        ("id", "studentid", "sectionid", "schoolid", "dateenrolled", "dateleft", "expression"),
        "dateenrolled=ge={first}",
    ),
    Asked("teachers", ("id", "schoolid", "first_name", "last_name", "email_addr")),
)
# Tables that only a PowerQuery brings: contacts lie over a dozen tables of the schema.
BY_QUERY = ("contacts",)
