"""Attendance taken in classes nobody sits in: other ids of the same classes, and every day counts as not reported."""

from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version

_NAMES_A_CLASS = "coalesce(section_id, '') <> ''"
_UNSEATED = (
    "attendance_taken: {now:,} of {rows:,} rows that name a class name one no student sits in, {before:,} of {had:,} "
    "in the last delivery; their days would count as not reported; check section_id against section_students."
)


def unseated_classes(workspace: Workspace, version: Version) -> list[str]:
    """A sentence when too many rows name a class nobody sits in, now or before, where the last delivery's did not.

    Who sat in a class of the last delivery counts as well: at the turn of a term the old classes are empty, and the
    days they were taken are still told. Needs both sides.
    """
    workspace.put("old_seats", version.table("section_students", ["section_id"]))
    seats = "SELECT section_id FROM old_seats"
    had, before = _rows(workspace, "old", seats)
    rows, now = _rows(workspace, "new", f"{seats} UNION SELECT section_id FROM c_section_students")
    limits = workspace.district
    is_new = before * 100 <= limits.drop_group_pct * had
    if is_new and now * 100 > limits.drop_group_pct * rows and now > limits.drop_group_count:
        return [_UNSEATED.format(now=now, rows=rows, before=before, had=had)]
    return []


def _rows(workspace: Workspace, side: str, seats: str) -> tuple[int, int]:
    """Rows of attendance taken that name a class, and those of a class without a seat; none where nobody sits at all,
    for a student in no class is reported with the school.
    """
    rows, unseated, seated = workspace.rows(
        f"WITH seats AS ({seats}) SELECT count(*), count(*) FILTER (section_id NOT IN (SELECT section_id FROM seats)),"
        f" (SELECT count(*) FROM seats) FROM {side}_attendance_taken"
        f" WHERE {_NAMES_A_CLASS} AND date <= DATE '{workspace.today}'"
    )[0]
    return (int(str(rows)), int(str(unseated))) if seated else (0, 0)
