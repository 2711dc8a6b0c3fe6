"""What attendance codes mean: the mapping's table, the most exact entry first (rules K01 and K02)."""

import pyarrow as pa

from allpresent.intake.checks import school_year_sql
from allpresent.intake.mapping import CodeMeaning
from allpresent.intake.workspace import Workspace


def year_name(start: int) -> str:
    """A school year as the mapping writes it: 2026-27."""
    return f"{start}-{(start + 1) % 100:02}"


def meaning_of(meanings: tuple[CodeMeaning, ...], school: str, start: int, code: str) -> CodeMeaning | None:
    """The entry for a code at a school in a school year: school and year before school, before year, before every."""
    year = year_name(start)
    fits = [
        meaning
        for meaning in meanings
        if meaning.code == code and meaning.school in ("*", school) and meaning.year in ("*", year)
    ]
    return max(fits, key=lambda fit: (fit.school != "*", fit.year != "*"), default=None)


def resolve_codes(workspace: Workspace, query: str) -> None:
    """Make ``c_attendance`` from typed rows, with category, excused, disciplinary and portion told by the code.

    A row that says its category itself keeps it. One that names a period and no unit is a mark of that period.
    """
    mode = "coalesce(mode, CASE WHEN period IS NULL THEN 'day' ELSE 'period' END) AS mode"
    workspace.run(
        f"CREATE OR REPLACE TEMP VIEW coded AS SELECT * REPLACE ({mode}), portion_absent AS portion FROM ({query})"
    )
    starts = workspace.district.year_starts
    year = school_year_sql("date", starts)
    periods = workspace.mapping.day_rule.periods_in_day or "NULL"
    put_meanings(workspace, f"SELECT DISTINCT school_id, {year}, coalesce(code, '') FROM coded")
    workspace.run(
        "CREATE TABLE c_attendance AS SELECT c.file_id, c.line_no, c.student_id, c.school_id, c.date,"
        " coalesce(c.portion, m.portion) AS portion, c.code, coalesce(c.category, m.category) AS category,"
        " CASE WHEN c.category IS NULL THEN coalesce(c.excused, m.excused) ELSE c.excused END AS excused,"
        " CASE WHEN c.category IS NULL THEN coalesce(c.disciplinary, m.disciplinary) ELSE c.disciplinary END"
        " AS disciplinary, c.comment, c.mode, c.period,"
        f" coalesce(c.periods_in_day, CASE WHEN c.mode = 'period' THEN {periods} END) AS periods_in_day, c.is_doubtful"
        " FROM coded c LEFT JOIN meanings m"
        f" ON m.school_id = c.school_id AND m.year = {school_year_sql('c.date', starts)}"
        " AND m.code = coalesce(c.code, '')"
    )


def put_meanings(workspace: Workspace, query: str) -> None:
    """Store what the mapping's table says of each (school, start year, code) of a query, as table ``meanings``."""
    found = []
    for school, start, code in workspace.rows(query):
        meaning = meaning_of(workspace.mapping.codes.table, str(school), int(str(start)), str(code))
        if meaning is not None:
            found.append((str(school), int(str(start)), str(code), meaning))
    flag = {None: None, True: 1, False: 0}
    workspace.put(
        "meanings",
        pa.table(
            {
                "school_id": pa.array([school for school, _, _, _ in found], pa.string()),
                "year": pa.array([year for _, year, _, _ in found], pa.int64()),
                "code": pa.array([code for _, _, code, _ in found], pa.string()),
                "category": pa.array([meaning.category for *_, meaning in found], pa.string()),
                "excused": pa.array([flag[meaning.excused] for *_, meaning in found], pa.int8()),
                "disciplinary": pa.array([int(meaning.disciplinary) for *_, meaning in found], pa.int8()),
                "portion": pa.array([meaning.portion for *_, meaning in found], pa.string()),
            }
        ),
    )
