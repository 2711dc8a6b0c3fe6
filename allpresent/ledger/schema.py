"""The canonical tables of the ledger: the only place column names are spelled.

Meanings follow the canonical records of the intake design. Ids are text. A portion of a day is an exact
fraction kept as two integers (``portion_num / portion_den``), never a float.
"""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Table:
    """One canonical table: its columns with types, the ids that name a row, and whether a delivery must bring it."""

    name: str
    columns: dict[str, pa.DataType]
    is_required: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table as stored in the ledger."""
        return pa.schema(list(self.columns.items()))

    def empty(self) -> pa.Table:
        """A table with no rows."""
        return self.schema.empty_table()


_TEXT, _FLAG, _DATE, _COUNT = pa.string(), pa.int8(), pa.date32(), pa.int64()
# Every row says where it was read: the file below the delivered folder, and the physical line (header = 1).
_FROM = {"source_file": _TEXT, "line_no": _COUNT}
# What parts the lines of a postal address: it stands in no street and no town.
ADDRESS_LINES = "; "

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "schools",
            _FROM
            | {
                "school_id": _TEXT,
                "state_id": _TEXT,
                "name": _TEXT,
                "low_grade": _TEXT,
                "high_grade": _TEXT,
                "excluded": _FLAG,
            },
            is_required=True,
        ),
        Table(
            "calendar_days",
            _FROM
            | {
                "school_id": _TEXT,
                "date": _DATE,
                "in_session": _FLAG,
                "membership_value": _TEXT,
                "track": _TEXT,  # blank = every track
                "instructional_minutes": _COUNT,
            },
            is_required=True,
        ),
        Table(
            "students",
            _FROM
            | {
                "student_id": _TEXT,
                "state_id": _TEXT,
                "full_name": _TEXT,
                "grade": _TEXT,  # PK, K, 01..12
                "birth_date": _DATE,
                "household_id": _TEXT,
            },
            is_required=True,
        ),
        Table(
            "enrollments",
            _FROM
            | {
                "student_id": _TEXT,
                "school_id": _TEXT,
                "entry_date": _DATE,
                "last_member_date": _DATE,  # inclusive; null = open
                "grade": _TEXT,
                "fte": _TEXT,
                "primary": _FLAG,
                "track": _TEXT,  # blank = every track
            },
            is_required=True,
        ),
        Table(
            "attendance",
            _FROM
            | {
                "student_id": _TEXT,
                "school_id": _TEXT,
                "date": _DATE,
                "portion_num": _COUNT,
                "portion_den": _COUNT,
                "code": _TEXT,
                "category": _TEXT,  # absent, tardy, partial, present, unknown
                "excused": _FLAG,  # null = unknown
                "disciplinary": _FLAG,
                "comment": _TEXT,
                "mode": _TEXT,  # day, am, pm, period, minutes
                "period": _TEXT,
                "periods_in_day": _COUNT,
                "counted": _FLAG,  # 0: read and kept, but a rule keeps it out of every count (a date after today)
                "delivery_id": _TEXT,  # the delivery that brought the row
            },
            is_required=True,
        ),
        Table(
            "attendance_taken",
            _FROM | {"school_id": _TEXT, "date": _DATE, "section_id": _TEXT, "taken_at": _TEXT},
        ),
        Table("sections", _FROM | {"section_id": _TEXT, "school_id": _TEXT, "name": _TEXT, "is_homeroom": _FLAG}),
        Table(
            "section_students",
            _FROM | {"section_id": _TEXT, "student_id": _TEXT, "start_date": _DATE, "last_date": _DATE},
        ),
        Table(
            "section_staff",
            _FROM | {"section_id": _TEXT, "staff_id": _TEXT, "start_date": _DATE, "last_date": _DATE},
        ),
        Table("staff", _FROM | {"staff_id": _TEXT, "school_id": _TEXT, "full_name": _TEXT, "email": _TEXT}),
        Table(
            "demographics",
            _FROM | {"student_id": _TEXT, "flag": _TEXT, "value": _TEXT, "start_date": _DATE, "end_date": _DATE},
        ),
        Table(
            "contacts",
            _FROM
            | {
                "contact_id": _TEXT,
                "student_id": _TEXT,
                "full_name": _TEXT,
                "relationship": _TEXT,
                "priority": _COUNT,
                "phone": _TEXT,
                "email": _TEXT,
                "is_emergency": _FLAG,
                "language": _TEXT,
                "has_custody": _FLAG,  # blank is not yes
                "lives_with": _FLAG,
                "may_contact": _FLAG,
                "address": _TEXT,  # its lines parted by ADDRESS_LINES; null where it is protected
                "address_protected": _FLAG,
            },
        ),
    )
}

# The strips of a student's school year: one bit a district school day. Facts only; the day rule is a measure's.
STRIPS = (
    "in_session",  # the school is in session for the student's track
    "enrolled",  # in session and inside a span (also days to come)
    "reported",  # enrolled, and attendance was reported
    "absent",  # the whole day
    "mostly_absent",  # more than half, less than the whole day
    "half_absent",  # exactly half
    "partly_absent",  # some, less than half
    "excused",  # class of the largest portion of a day with any absence
    "unexcused",
    "disciplinary",
    "tardy",
    "unknown",  # a code nobody mapped stands there
)
