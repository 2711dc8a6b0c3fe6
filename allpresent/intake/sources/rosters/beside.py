"""Days beside a roster: canonical files of calendar, enrollments and marks in the same delivery.

Class enrollments are no school enrollments, and a roster says nothing of days. A bundle alone is therefore a roster
and no more: what is posted of days stays, and no rate is made of spans nobody delivered.
"""

from allpresent.intake.canonical import CANONICAL, ROWS
from allpresent.intake.mapping import TableOptions
from allpresent.intake.marks import finish_marks
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sources.csv_template import finish_table
from allpresent.intake.sources.declared import DeclaredTable
from allpresent.intake.workspace import Workspace

# Canonical table: its name beside a roster, whose own enrollments are those of classes.
_NAMES = {
    "calendar_days": "calendar_days",
    "enrollments": "school_enrollments",
    "attendance": "attendance",
    "attendance_taken": "attendance_taken",
}
_NEEDED = ("calendar_days", "enrollments", "attendance")
BESIDE = tuple(
    DeclaredTable(ours, ROWS[name], CANONICAL[name], makes=(name,), is_strict=name == "calendar_days")
    for name, ours in _NAMES.items()
)
DEFAULTS = {
    ours: TableOptions(file=(f"{ours}.csv",), columns={column.name: column.name for column in CANONICAL[name]})
    for name, ours in _NAMES.items()
}
MEANING = (
    "A bundle alone is a roster: it may be checked, exported, and posted over a ledger whose days come from another "
    "source; those stay as they are. With `calendar_days.csv`, `school_enrollments.csv` and `attendance.csv` (and "
    "`attendance_taken.csv`) in the same folder, canonical or through a mapping, the delivery is read as one."
)


def make_days(workspace: Workspace) -> None:
    """``c_calendar_days``, ``c_enrollments``, ``c_attendance`` and ``c_attendance_taken``; all empty for a roster."""
    came = {file.table for file in workspace.files}
    workspace.is_roster = not came & set(_NAMES.values())
    if not workspace.is_roster:
        for name in _NEEDED:
            if _NAMES[name] not in came:
                message = (
                    f"Days came with the roster, and no {_NAMES[name]}.csv; add it, or deliver the roster without "
                    "calendar, enrollments and marks."
                )
                workspace.refuse(RefusedFileError(message))
    for name, ours in _NAMES.items():
        finish_table(workspace, name, f"t_{ours}", workspace.mapping.tables[ours])
    has_portions = "portion_absent" in workspace.mapping.tables["attendance"].columns
    finish_marks(workspace, has_portions=has_portions)
