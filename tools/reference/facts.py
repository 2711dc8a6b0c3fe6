"""Writes docs/reference/tables.md and deliveries.md: what is kept, and the rules of reading."""

import pyarrow as pa

from allpresent.intake.attendance_facts import COLUMNS as FACTS_COLUMNS
from allpresent.intake.canonical import ROWS
from allpresent.intake.rules import RULES
from allpresent.ledger import STRIPS, TABLES, Table
from tools.reference.markdown import code, page, table

MEANINGS = {
    "schools": "one row a school",
    "calendar_days": "one row a school, date and track: whether the school is in session",
    "students": "one row a student",
    "enrollments": "one row a span of days on which a student belongs to a school",
    "attendance": "every mark that was read, also those no count uses",
    "attendance_taken": "that attendance was reported, for a section or for the whole school",
    "sections": "classes and homerooms",
    "section_students": "who sits in them, from day to day",
    "section_staff": "who teaches them, from day to day",
    "staff": "the people who teach",
    "demographics": "student groups with the days they hold; a value of 1, or the group's name",
    "contacts": "one row a person, student and telephone or e-mail",
}
MEANINGS = {
    "source_file": "the delivered file the row was read from",
    "line_no": "its line there, the header being line 1",
    "school_id": "the school's number",
    "student_id": "the student's number in the information system",
    "section_id": "the class or homeroom",
    "staff_id": "the person who teaches",
    "contact_id": "the person in the information system",
    "state_id": "the state's number",
    "name": "the name",
    "full_name": "the whole name",
    "low_grade": "lowest grade",
    "high_grade": "highest grade",
    "excluded": "left out of state files",
    "date": "the day",
    "in_session": "whether there is school that day",
    "membership_value": "the day's worth in membership, as delivered",
    "track": "the track it holds for; blank is every track",
    "instructional_minutes": "minutes of instruction that day",
    "grade": "PK, K, 01 to 12",
    "birth_date": "the birth date",
    "household_id": "the household, for brothers and sisters",
    "entry_date": "first day, included",
    "last_member_date": "last day, included whatever the source says; blank is open",
    "fte": "full-time share, as delivered",
    "primary": "whether it is the main enrollment",
    "portion_num": "the share of the day or period missed: numerator",
    "portion_den": "and denominator; an exact fraction",
    "portion_absent": "the share of the day or period missed: 1, 0.5 or 1/3",
    "code": "the code as delivered",
    "category": "absent, tardy, partial, present or unknown",
    "excused": "whether the absence is excused; blank is not known",
    "disciplinary": "whether it is disciplinary",
    "comment": "a comment as delivered",
    "mode": "day, am, pm, period or minutes; blank is the day, or the period where one is named",
    "period": "the period of a period mark",
    "periods_in_day": "periods the student has that day",
    "counted": "0 where the row is kept and no count uses it",
    "delivery_id": "the delivery that brought it",
    "taken_at": "when, as delivered",
    "is_homeroom": "whether it is a homeroom",
    "start_date": "first day, included; blank is from the beginning",
    "last_date": "last day, included; blank is open",
    "end_date": "last day, included; blank is open",
    "email": "e-mail address",
    "flag": "the group: swd, el, frl, homeless, s504, race:NAME ...",
    "value": "1, or what the group says",
    "relationship": "who the person is to the student",
    "priority": "order in which to call",
    "phone": "telephone number",
    "is_emergency": "whether to call in an emergency",
    "language": "the language spoken, as delivered",
    "has_custody": "whether the person has custody; blank is not yes",
    "lives_with": "whether the student lives there",
    "may_contact": "whether the school may contact the person; blank is not yes",
    "address": "where letters go, its lines parted by a semicolon and a blank; nothing where it is protected",
    "address_protected": "1: the address must not be known, and was dropped on reading; blank is no",
}
STRIP_MEANINGS = {
    "in_session": "the school is in session for the student's track",
    "enrolled": "in session and inside a span, also days to come",
    "reported": "enrolled, and attendance was reported",
    "absent": "the whole day was missed",
    "mostly_absent": "more than half of it, less than the whole",
    "half_absent": "exactly half",
    "partly_absent": "some, less than half",
    "excused": "the largest portion of the day's absence is excused",
    "unexcused": "it is unexcused",
    "disciplinary": "it is disciplinary",
    "tardy": "came late",
    "unknown": "a code nobody mapped stands there",
}
# What happens to the row or the delivery. Errors keep a row out, warnings keep it in; a held delivery changes nothing.
OUTCOMES = {
    "D01": "One order a file, decided over all its rows. Two orders, another one than the mapping fixes, or nothing "
    "that tells: the file is refused.",
    "D02": "Warning: the row stays and does not count.",
    "D03": "Error, also a school day more than two years ahead. Two-digit years fall into the window of the mapping.",
    "K01": "Error: the day counts as not reported, never as present. A code without category: warning, unexcused.",
    "K02": "Codes are read by school and year.",
    "K03": "Error, or a warning where the row is only left aside (a contact of a student who was not delivered).",
    "M01": "Dropped and counted.",
    "M02": "The delivery is held when a school has day and period rows and nothing says which count.",
    "M03": "Blank or 0 beside absent is the whole day or period; what is no share from 0 to 1 is an error.",
    "M04": "Warning: the mark stays and does not count.",
    "M05": "Error: the day counts as not reported.",
    "E01": "Warning: spans at one school are merged; at two schools both stand, and a day counts once.",
    "E02": "Exit before entry is an error. No length at all is a no-show: kept, no days, warning.",
    "E03": "The delivery is held; a warning where the school has no students either.",
    "N01": "Warning: the school has no attendance taken on more of its school days than `unreported_limit_pct`.",
    "I01": "Error.",
    "P01": "Warning: kept as the mark it is, never as 0. Neither figure nor known mark: error.",
    "P02": "Warning: kept as printed; of two rows about the same place, group and time the first is shown.",
    "S01": "The column is dropped before reading, and said so.",
    "X01": 'Warning, one a column: `="0012"` is read as 0012, other formulas as the text they are.',
    "X02": "The delivery is refused.",
    "Q01": "The file is refused, or a column nobody reads is named in a warning.",
    "Q02": "The delivery is held: too many error rows in a table, any in calendar or code files, or an empty roster.",
    "C01": "The delivery is held. The first one has its control file alone, and may lack no school's marks.",
    "R01": "Error. Every row read is accounted for: canonical, refused, repeated, left out by a filter, or merged.",
}
_TYPES = {
    pa.string(): "text",
    pa.int8(): "0 or 1",
    pa.date32(): "date",
    pa.int64(): "whole number",
}


def tables() -> str:
    """The tables of the ledger and the strips packed from them."""
    return page(
        "Tables of the ledger",
        "What a version of the facts holds, one Parquet file a table. Ids are text and keep their zeros. Blank means "
        "unknown.",
        *(_ledger_table(one) for one in TABLES.values()),
        "## Strips",
        "A school year of a student as one bit a district school day, for each question. One row a student and school; "
        "where a student has several schools also a pooled row, on which a date counts once.",
        table(("strip", "the day is set when"), [(code(name), STRIP_MEANINGS[name]) for name in STRIPS]),
        "## attendance_facts.csv",
        "Not kept: `intake check --export-canonical` derives it from the tables, one row a student, school and day on "
        "which the student was enrolled and the school in session, up to the last delivered school day. A blank is not "
        "known. Marks name no section, so little can be told of homerooms, and only in a school that marks periods can "
        "anything be told of sections.",
        table(("column", "meaning"), [(code(name), meaning) for name, meaning in FACTS_COLUMNS.items()]),
    )


def _ledger_table(one: Table) -> str:
    needed = " Every delivery has to bring it." if one.is_required else ""
    rows = [(code(name), _TYPES[kind], MEANINGS[name]) for name, kind in one.columns.items()]
    head = f"## {one.name}\n\nOne row {ROWS[one.name]}.{needed}\n\n"
    return head + table(("column", "type", "meaning"), rows)


def deliveries() -> str:
    """The rules every source is read by."""
    return page(
        "Deliveries: the rules",
        "A delivery is a folder of files. It is read whole, checked, and then posted whole, or held. How to answer a "
        "held one: [Answer a held delivery](../how-to/answer-a-held-delivery.md).",
        "## Rules",
        table(
            ("rule", "what it is", "what happens", "what to do"),
            [(code(rule.id), rule.title, OUTCOMES[rule.id], rule.what_to_do) for rule in RULES.values()],
        ),
        "## Files",
        "What is read of each system's files: [Sources](sources.md).",
    )
