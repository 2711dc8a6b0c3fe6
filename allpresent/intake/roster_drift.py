"""Rule C01 of rosters: a roster far from the students who are posted is held before any write.

A roster brings no days, so it is compared by the people alone: students enrolled on the last posted school day who are
missing from it, and students who sat in a class and sit in none.
"""

import pyarrow as pa

from allpresent.intake.drift import hold, place
from allpresent.intake.findings import WARNING
from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version


def check_roster(workspace: Workspace, version: Version | None) -> None:
    """Hold a roster that nothing can be laid under, or that lost students; list those the marks do not know."""
    if version is None or not version.table("enrollments", ["student_id"]).num_rows:
        hold(
            workspace, "No enrollments are posted that a roster could be laid over; post the source of the marks first."
        )
        return
    _put_posted(workspace, version)
    workspace.log.add_rows(
        "SELECT file_id, line_no, student_id AS value FROM c_students"
        " WHERE student_id NOT IN (SELECT student_id FROM old_enrollments)",
        "K03",
        WARNING,
        "student_id",
        "The student {value} has no enrollment in the source of the marks, so counts in nothing; check the id.",
    )
    _compare_people(workspace)
    if "section_students" in workspace.came:
        _compare_seats(workspace, version.table("section_students", ["student_id"]))


def _put_posted(workspace: Workspace, version: Version) -> None:
    workspace.put("old_schools", version.table("schools", ["school_id", "name"]))
    columns = ["student_id", "school_id", "entry_date", "last_member_date", "grade"]
    workspace.put("old_enrollments", version.table("enrollments", columns))
    workspace.put("old_students", version.table("students", ["student_id", "grade"]))
    on = f"DATE '{version.last_school_day or workspace.today}'"
    workspace.run(
        "CREATE OR REPLACE TEMP TABLE active_old AS SELECT DISTINCT e.student_id, e.school_id,"
        " coalesce(e.grade, s.grade, '') AS grade FROM old_enrollments e LEFT JOIN old_students s USING (student_id)"
        f" WHERE e.entry_date <= {on} AND coalesce(e.last_member_date, DATE '9999-12-31') >= {on}"
    )


def _compare_people(workspace: Workspace) -> None:
    limits = workspace.district
    gone = "count(DISTINCT student_id) FILTER (student_id NOT IN (SELECT student_id FROM c_students))"
    for kind, column in (("The district", "''"), ("School", "school_id"), ("Grade", "grade")):
        rows = workspace.rows(
            f"SELECT {column}, count(DISTINCT student_id), {gone} FROM active_old GROUP BY 1 ORDER BY 1"
        )
        for name, had, lost in ((str(a), int(str(b)), int(str(c))) for a, b, c in rows):
            is_whole = column == "''"
            limit = limits.drop_students_pct if is_whole else limits.drop_group_pct
            if lost * 100 > limit * had and (is_whole or lost > limits.drop_group_count):
                where = place(workspace, kind, name)
                hold(workspace, f"{where}: {lost:,} of {had:,} enrolled students are missing from the roster.")


def _compare_seats(workspace: Workspace, seats: pa.Table) -> None:
    workspace.put("old_seats", seats)
    rows = workspace.rows(
        "SELECT count(DISTINCT student_id), count(DISTINCT student_id) FILTER (student_id NOT IN"
        " (SELECT student_id FROM c_section_students)) FROM old_seats"
        " WHERE student_id IN (SELECT student_id FROM active_old)"
    )
    had, lost = (int(str(value)) for value in rows[0])
    if lost * 100 > workspace.district.drop_students_pct * had:
        hold(workspace, f"{lost:,} of {had:,} students who sat in a class sit in none of this roster.")
