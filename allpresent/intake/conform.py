"""Canonical rows made consistent: one row an id, ids that match, spans that make sense (K03, I01, E01, E02).

Works on the typed tables ``c_<table>`` of the workspace; a refused row is listed and taken out.
"""

from dataclasses import dataclass

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.workspace import MERGED, Workspace


@dataclass(frozen=True)
class Reference:
    """A column that has to name a row of another table."""

    table: str
    column: str
    to: str
    is_optional: bool = False  # a blank names nothing and is fine
    is_kept: bool = False  # a row that names nothing still says something: it stays, with a warning


REFERENCES = (
    Reference("calendar_days", "school_id", "schools"),
    Reference("enrollments", "student_id", "students"),
    Reference("enrollments", "school_id", "schools"),
    Reference("attendance", "student_id", "students"),
    Reference("attendance", "school_id", "schools"),
    Reference("sections", "school_id", "schools"),
    Reference("attendance_taken", "school_id", "schools"),
    # Classes of earlier years often stay out of an export; attendance was taken at the school all the same.
    Reference("attendance_taken", "section_id", "sections", is_optional=True, is_kept=True),
    Reference("section_students", "section_id", "sections"),
    Reference("section_students", "student_id", "students"),
    Reference("section_staff", "section_id", "sections"),
    Reference("section_staff", "staff_id", "staff"),
    Reference("demographics", "student_id", "students"),
    Reference("contacts", "student_id", "students", is_optional=True),
)
# The columns that name a row. Two rows of one name that differ cannot both be right.
KEYS = {
    "schools": ("school_id",),
    "calendar_days": ("school_id", "date", "track"),
    "students": ("student_id",),
    "sections": ("section_id",),
    "staff": ("staff_id",),
}


def conform(workspace: Workspace) -> None:
    """All of it, in the order the tables depend on each other."""
    filled = workspace.filled()
    for table, key in KEYS.items():
        if table in filled:
            _refuse_second_rows(workspace, table, key)
    for reference in REFERENCES:
        # Classes and teachers may stay undelivered; then nothing can be matched with them.
        if reference.table in filled and (reference.to in filled or reference.to not in ("sections", "staff")):
            _refuse_unmatched(workspace, reference)
    _check_years_ahead(workspace)
    _forget_unknown_tracks(workspace)
    _check_spans(workspace)
    _merge_overlaps(workspace)


def refuse_rows(workspace: Workspace, table: str, query: str, rule: str, field: str, message: str) -> None:
    """List the rows (file_id, line_no, value) of a query as errors and take their lines out of the table."""
    workspace.run(f"CREATE OR REPLACE TEMP TABLE refused_rows AS {query}")
    if workspace.log.add_rows("SELECT * FROM refused_rows", rule, ERROR, field, message):
        workspace.run(
            f"DELETE FROM c_{table} t USING refused_rows r WHERE t.file_id = r.file_id AND t.line_no = r.line_no"
        )


def _refuse_second_rows(workspace: Workspace, table: str, key: tuple[str, ...]) -> None:
    listed = ", ".join(key)
    refuse_rows(
        workspace,
        table,
        f"SELECT file_id, line_no, {key[0]} AS value FROM c_{table}"
        f" QUALIFY row_number() OVER (PARTITION BY {listed} ORDER BY file_id, line_no) > 1",
        "I01",
        key[0],
        f"{' and '.join(key[:2])} {{value}} stands in {table} on an earlier line with other details; keep one row.",
    )


def _refuse_unmatched(workspace: Workspace, reference: Reference) -> None:
    """K03."""
    column = reference.column
    blank = f"AND t.{column} IS NOT NULL" if reference.is_optional else ""
    message = f"{column} {{value}} is not in {reference.to}; deliver its row there, or correct the id."
    query = (
        f"SELECT t.file_id, t.line_no, t.{column} AS value FROM c_{reference.table} t"
        f" WHERE NOT EXISTS (SELECT 1 FROM c_{reference.to} o WHERE o.{column} = t.{column}) {blank}"
    )
    if reference.is_kept:
        workspace.log.add_rows(query, "K03", WARNING, column, message)
    else:
        refuse_rows(workspace, reference.table, query, "K03", column, message)


def _check_years_ahead(workspace: Workspace) -> None:
    """D03 and D02: a school day or an entry more than two years ahead is a slip, 2062 for 2026."""
    is_far = f"> DATE '{workspace.today}' + INTERVAL 2 YEAR"
    refuse_rows(
        workspace,
        "calendar_days",
        f"SELECT DISTINCT file_id, line_no, date AS value FROM c_calendar_days WHERE date {is_far}",
        "D03",
        "date",
        "The date {value} lies more than two years ahead; correct it.",
    )
    workspace.log.add_rows(
        f"SELECT file_id, line_no, entry_date AS value FROM c_enrollments WHERE entry_date {is_far}",
        "D02",
        WARNING,
        "entry_date",
        "The enrollment begins on {value}, more than two years ahead, and counts from then; correct the date if it is "
        "wrong.",
    )


def _forget_unknown_tracks(workspace: Workspace) -> None:
    """K03: a track without a day in the school's calendar would leave a student no day, and so out of every count.

    Without it the student is due on every day the school is in session, whatever the track.
    """
    workspace.run(
        "CREATE OR REPLACE TEMP TABLE unknown_tracks AS SELECT file_id, line_no, track AS value FROM c_enrollments"
        " WHERE track IS NOT NULL AND school_id IN (SELECT school_id FROM c_calendar_days WHERE track IS NOT NULL)"
        " AND (school_id, track) NOT IN (SELECT (school_id, track) FROM c_calendar_days"
        " WHERE track IS NOT NULL AND in_session = 1)"
    )
    message = "Track {value} has no day in the school's calendar; the student counts on every day of the school."
    if workspace.log.add_rows("SELECT * FROM unknown_tracks", "K03", WARNING, "track", message):
        workspace.run(
            "UPDATE c_enrollments SET track = NULL WHERE (file_id, line_no) IN"
            " (SELECT (file_id, line_no) FROM unknown_tracks)"
        )


def _check_spans(workspace: Workspace) -> None:
    """E02: last day before the first is an error; a span of no days is a no-show, kept with a warning."""
    value = "entry_date || ' to ' || last_member_date AS value"
    refuse_rows(
        workspace,
        "enrollments",
        f"SELECT file_id, line_no, {value} FROM c_enrollments WHERE last_member_date < entry_date - 1",
        "E02",
        "last_member_date",
        "The enrollment ends before it begins ({value}); correct its dates.",
    )
    workspace.log.add_rows(
        "SELECT file_id, line_no, entry_date AS value FROM c_enrollments WHERE last_member_date = entry_date - 1",
        "E02",
        WARNING,
        "last_member_date",
        "The enrollment of {value} has no days: the student counts as a no-show.",
    )


_ISLANDS = """
    CREATE OR REPLACE TEMP TABLE islands AS
    WITH spans AS (
        SELECT *, coalesce(last_member_date, DATE '9999-12-31') AS until FROM c_enrollments
        WHERE last_member_date IS NULL OR last_member_date >= entry_date
    ), reach AS (
        SELECT *, max(until) OVER (
            PARTITION BY student_id, school_id, track ORDER BY entry_date, until DESC, file_id, line_no
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM spans
    ), numbered AS (
        SELECT *, sum(CASE WHEN entry_date <= before THEN 0 ELSE 1 END) OVER (
            PARTITION BY student_id, school_id, track ORDER BY entry_date, until DESC, file_id, line_no) AS island
        FROM reach
    )
    SELECT *, count(*) OVER island AS members, max(until) OVER island AS last,
           row_number() OVER (PARTITION BY student_id, school_id, track, island
                              ORDER BY entry_date, until DESC, file_id, line_no) AS place,
           last_value(grade) OVER whole AS last_grade, last_value(fte) OVER whole AS last_fte,
           max("primary") OVER island AS any_primary
    FROM numbered
    WINDOW island AS (PARTITION BY student_id, school_id, track, island),
           whole AS (PARTITION BY student_id, school_id, track, island
                     ORDER BY entry_date, until DESC, file_id, line_no
                     ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    QUALIFY members > 1
"""


def _merge_overlaps(workspace: Workspace) -> None:
    """E01: overlapping spans of a student at one school (and track) become one, on the line of the first."""
    workspace.run(_ISLANDS)
    gone = "SELECT file_id, line_no, entry_date AS value FROM islands WHERE place > 1"
    message = "The enrollment from {value} overlaps an earlier one at the same school; the two count as one."
    if not workspace.log.add_rows(gone, "E01", WARNING, "entry_date", message):
        return
    workspace.mark(MERGED, gone)
    workspace.run(
        "UPDATE c_enrollments e SET last_member_date = nullif(i.last, DATE '9999-12-31'), grade = i.last_grade,"
        ' fte = i.last_fte, "primary" = i.any_primary'
        " FROM islands i WHERE i.place = 1 AND e.file_id = i.file_id AND e.line_no = i.line_no"
    )
    workspace.run(
        "DELETE FROM c_enrollments e USING islands i"
        " WHERE i.place > 1 AND e.file_id = i.file_id AND e.line_no = i.line_no"
    )
