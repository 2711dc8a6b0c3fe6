"""Attendance rows made whole: every mark has a category and a portion of its unit, or its day is unknown.

A mark that cannot be read is never dropped when its student and day are known: no row would mean present. It stays
with the category ``unknown`` and is listed as an error (K01, M03, M05).
"""

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.workspace import Workspace

# c_attendance while it is being made: the canonical columns, `portion` as n/d text, and is_doubtful.
_FAULTS = (
    (
        "K01",
        "code",
        "coalesce(code, '')",
        "NOT is_doubtful AND (category IS NULL OR category = 'unknown')",
        "The code '{value}' is not mapped, so the day counts as not reported; add it to the mapping and post again.",
    ),
    (
        "M05",
        "periods_in_day",
        "coalesce(period, '')",
        "mode = 'period' AND coalesce(periods_in_day, 0) = 0",
        "How many periods the student had that day is not known, so the day counts as not reported; deliver "
        "schedules and bell schedules, or periods_in_day.",
    ),
    (
        "M03",
        "portion_absent",
        "coalesce(portion, '')",
        "(category = 'partial' AND portion IS NULL) OR (category = 'present' AND coalesce(portion, '0/1') <> '0/1')"
        " OR (category = 'absent' AND mode = 'minutes' AND coalesce(portion, '0/1') = '0/1')",
        "The portion of the day cannot be told from the row, so the day counts as not reported; deliver the portion.",
    ),
    (
        "M03",
        "portion_absent",
        "portion",
        "category = 'tardy' AND coalesce(portion, '0/1') = '1/1'",
        "The row says tardy, and that nothing was attended; only one can be right, so the day counts as not reported; "
        "correct the portion or the code.",
    ),
)


def finish_marks(workspace: Workspace, *, has_portions: bool) -> None:
    """Give every row of ``c_attendance`` its category and exact portion.

    ``has_portions``: the source gives portions, so an absence without one is worth a warning (M03).
    """
    unknown = " OR ".join(f"({condition})" for _, _, _, condition, _ in _FAULTS)
    workspace.run(f"CREATE OR REPLACE TEMP TABLE faulty AS SELECT * FROM c_attendance WHERE {unknown}")
    for rule, field, value, condition, message in _FAULTS:
        # What the rule has said of a row already it does not say again.
        query = (
            f"SELECT file_id, line_no, {value} AS value FROM faulty WHERE ({condition}) AND NOT EXISTS (SELECT 1"
            f" FROM findings f WHERE f.rule = '{rule}' AND f.severity = '{ERROR}'"
            " AND f.file_id = faulty.file_id AND f.line_no = faulty.line_no)"
        )
        workspace.log.add_rows(query, rule, ERROR, field, message)
    if has_portions:
        workspace.log.add_rows(
            "SELECT file_id, line_no, coalesce(portion, '') AS value FROM c_attendance WHERE category = 'absent'"
            " AND mode <> 'minutes' AND coalesce(portion, '0/1') = '0/1' AND NOT is_doubtful",
            "M03",
            WARNING,
            "portion_absent",
            "The row says absent without a portion; it counts as the whole day, or the whole period of a period mark.",
        )
    none = "coalesce(portion, '0/1')"
    whole = f"CASE WHEN category = 'absent' AND {none} = '0/1' THEN '1/1' ELSE {none} END"
    workspace.run(
        "CREATE OR REPLACE TABLE c_attendance AS WITH told AS ("
        f" SELECT *, coalesce(is_doubtful OR {unknown}, true) AS is_unknown, {whole} AS told FROM c_attendance)"
        " SELECT file_id, line_no, student_id, school_id, date,"
        " CASE WHEN NOT is_unknown THEN CAST(split_part(told, '/', 1) AS BIGINT) END AS portion_num,"
        " CASE WHEN NOT is_unknown THEN CAST(split_part(told, '/', 2) AS BIGINT) END AS portion_den,"
        " code, CASE WHEN is_unknown THEN 'unknown' ELSE category END AS category, excused, disciplinary, comment,"
        " mode, period, periods_in_day, CAST(1 AS TINYINT) AS counted FROM told"
    )
