"""What the source ``powerschool`` says of itself."""

import re
from pathlib import Path

from allpresent.intake.sources.declared import Declaration
from allpresent.intake.sources.powerschool.tables import TABLES


def _table_of_labels(path: Path) -> str | None:
    """The table a file's TABLE.FIELD labels name, for a file whose name says nothing."""
    with path.open("rb") as file:
        first = file.read(1 << 16).decode("latin-1").splitlines()[:1]
    tables = {label.casefold() for label in re.findall(r"(\w+)\.\w+", first[0])} if first else set()
    return tables.pop() if len(tables) == 1 else None


DECLARATION = Declaration(
    name="powerschool",
    title="PowerSchool",
    meaning=(
        "Files of the Data Export Manager, Quick Export or AutoSend, found by name. Labels may carry the table "
        "(`ATTENDANCE.ATT_DATE`); capitals do not matter."
    ),
    tables=TABLES,
    ignored={
        "terms, courses, attendance_conversion, attendance_time, daypart": "known tables that nothing here needs",
        "calculate_ada_yn, calculate_adm_yn, ada_value_code": "money for attendance; presence comes from the code",
        "lunchstatus and other group columns": "read only where the mapping's groups name them",
    },
    rules={
        "D01": "Month first, as PowerSchool's pages export it; a year written first is read too.",
        "K01": "Presence comes from the code's Presence_Status_CD, excused and disciplinary from its category.",
        "K02": "A code belongs to a school and year; the same letter elsewhere is another code.",
        "K03": "StudentID is resolved through Students.ID; one that is not there is an error.",
        "M02": "One attendance mode speaks for a school and year; rows of the others are left out.",
        "M05": "The periods of a day come from CC expressions and bell schedules. One whose ADA_Code is 0, as lunch "
        "may be, is none of them, and its marks are left out.",
        "E02": "ExitDate is the day after the last one; a pre-registered student has no enrollment yet.",
    },
    table_of=_table_of_labels,
)
