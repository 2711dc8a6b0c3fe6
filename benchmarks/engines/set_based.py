"""One set-based SQL text, as a careful person would tune it, for SQLite, PostgreSQL and DuckDB.

Days are whole numbers. Marks are put into the span between two asked days by one grouping and then added up, so that
thirteen days cost one pass over the marks and not thirteen; calendars are prefix sums.
"""

from collections.abc import Iterable

from benchmarks.questions import BANDS, FIGURES, GROUPINGS, LEVEL_BOUNDS

TABLES = {
    "students": "student_id, grade, birth, sex, race, frl",
    "spans": "student_id, school_id, entry, last",
    "marks": "student_id, school_id, day, portion_num, portion_den, category, excused, disciplinary",
    "open_days": "school_id, day",
    "taken_days": "school_id, day",
    "all_days": "day",
}
LEVEL = " ".join(f"WHEN absent >= {LEVEL_BOUNDS[number - 2]} THEN 'L{number}'" for number in range(6, 1, -1))
BAND = (
    f"CASE WHEN reported = 0 THEN '' WHEN 5 * absent >= reported THEN '{BANDS[3]}' WHEN 10 * absent >= reported"
    f" THEN '{BANDS[2]}' WHEN 20 * absent >= reported THEN '{BANDS[1]}' ELSE '{BANDS[0]}' END"
)
_ABSENT = "category <> 'tardy' AND 2 * portion_num > portion_den"

_PREFIX = """
CREATE TEMP TABLE sums AS
SELECT s.school_id, d.day,
       sum(CASE WHEN o.day IS NULL THEN 0 ELSE 1 END) OVER by_day AS opened,
       sum(CASE WHEN t.day IS NULL THEN 0 ELSE 1 END) OVER by_day AS taken
FROM (SELECT DISTINCT school_id FROM open_days) s CROSS JOIN all_days d
LEFT JOIN open_days o ON o.school_id = s.school_id AND o.day = d.day
LEFT JOIN taken_days t ON t.school_id = s.school_id AND t.day = d.day
WINDOW by_day AS (PARTITION BY s.school_id ORDER BY d.day)
"""
_PLACES = """
CREATE TEMP TABLE places AS
WITH held AS (
    SELECT p.student_id, a.k, p.school_id, p.entry,
           CASE WHEN p.last IS NULL OR p.last >= a.as_of THEN 1 ELSE 0 END AS is_enrolled,
           e.opened - coalesce(b.opened, 0) AS enrolled, e.taken - coalesce(b.taken, 0) AS reported
    FROM spans p JOIN asked a ON p.entry <= a.as_of
    JOIN sums e ON e.school_id = p.school_id
        AND e.day = CASE WHEN p.last IS NULL OR p.last > a.as_of THEN a.as_of ELSE p.last END
    LEFT JOIN sums b ON b.school_id = p.school_id AND b.day = p.entry - 1
), ranked AS (
    SELECT student_id, k, school_id, is_enrolled,
           sum(enrolled) OVER (PARTITION BY student_id, k) AS enrolled,
           sum(reported) OVER (PARTITION BY student_id, k) AS reported,
           row_number() OVER (PARTITION BY student_id, k ORDER BY entry DESC) AS place
    FROM held
)
SELECT student_id, k, school_id, is_enrolled, enrolled, reported FROM ranked WHERE place = 1 AND enrolled > 0
"""
_MISSED = f"""
CREATE TEMP TABLE missed AS
SELECT student_id, {{bucket}} AS k, count(*) AS absent,
       sum(CASE WHEN disciplinary = 0 AND excused = 1 THEN 1 ELSE 0 END) AS excused,
       sum(CASE WHEN disciplinary = 0 AND excused = 0 THEN 1 ELSE 0 END) AS unexcused,
       sum(CASE WHEN disciplinary = 1 THEN 1 ELSE 0 END) AS disciplinary
FROM marks WHERE {_ABSENT} AND day <= {{last}} GROUP BY 1, 2
"""
_TRUANT = f"""
CREATE TEMP TABLE truants AS
SELECT student_id, min(day) AS truant_on FROM (
    SELECT student_id, day, lag(day, 3) OVER by_day AS fourth, row_number() OVER by_day AS number
    FROM marks WHERE {_ABSENT} AND disciplinary = 0 AND excused = 0
    WINDOW by_day AS (PARTITION BY student_id ORDER BY day)
) numbered WHERE fourth >= day - 29 OR number >= 10 GROUP BY student_id
"""
_STANDINGS = f"""
CREATE TEMP TABLE standing AS
WITH counted AS (
    SELECT p.student_id, p.k, p.school_id, p.is_enrolled, p.enrolled, p.reported,
           sum(coalesce(m.absent, 0)) OVER so_far AS absent, sum(coalesce(m.excused, 0)) OVER so_far AS excused,
           sum(coalesce(m.unexcused, 0)) OVER so_far AS unexcused,
           sum(coalesce(m.disciplinary, 0)) OVER so_far AS disciplinary
    FROM places p LEFT JOIN missed m ON m.student_id = p.student_id AND m.k = p.k
    WINDOW so_far AS (PARTITION BY p.student_id ORDER BY p.k)
)
SELECT c.student_id, c.k, c.school_id, s.grade, c.is_enrolled, c.enrolled AS days_enrolled,
       c.enrolled - c.reported AS days_unreported, c.absent AS days_absent, c.excused AS days_excused,
       c.unexcused AS days_unexcused, c.disciplinary AS days_disciplinary,
       CASE {LEVEL} ELSE 'L1' END AS level, {BAND} AS band,
       CASE WHEN reported >= 10 AND 10 * absent >= reported THEN 1 ELSE 0 END AS is_chronic,
       CASE WHEN t.truant_on <= a.as_of AND (a.ymd - s.birth) / 10000 BETWEEN 5 AND 18 THEN 1 ELSE 0 END AS is_truant,
       s.race, s.sex, s.frl
FROM counted c JOIN asked a ON a.k = c.k JOIN students s ON s.student_id = c.student_id
LEFT JOIN truants t ON t.student_id = c.student_id
"""
MADE = ("sums", "places", "missed", "truants", "standing")
_SUMS = (
    "count(*) AS students, sum(is_chronic) AS chronic, sum(is_truant) AS truant, sum(days_enrolled) AS days_enrolled,"
    " sum(days_unreported) AS days_unreported, sum(days_absent) AS days_absent"
)


def statements(as_of: Iterable[int]) -> list[str]:
    """The tables behind an answer for the asked days, given as day numbers in order; ``asked`` has to stand already."""
    days = list(as_of)
    bucket = " ".join(f"WHEN day <= {day} THEN {number}" for number, day in enumerate(days, start=1))
    return [
        *(f"DROP TABLE IF EXISTS {name}" for name in MADE),
        _PREFIX,
        _PLACES,
        _MISSED.format(bucket=f"CASE {bucket} END", last=days[-1]),
        _TRUANT,
        _STANDINGS,
    ]


def union_of_groups() -> str:
    """All groups by one grouping after the other, for a database without grouping sets."""
    return " UNION ALL ".join(
        f"SELECT k, '{'+'.join(by)}' AS grouping_name, {_key(by)} AS key, {_SUMS}"
        f" FROM standing WHERE is_enrolled = 1 GROUP BY k, {', '.join(by)}"
        for by in GROUPINGS
    )


def sets_of_groups() -> str:
    """All groups by grouping sets: one pass over the standings."""
    columns = list(dict.fromkeys(column for by in GROUPINGS for column in by))
    listed = ", ".join(columns)
    names = " ".join(f"WHEN {_mask(columns, by)} THEN '{'+'.join(by)}'" for by in GROUPINGS)
    keys = " ".join(f"WHEN {_mask(columns, by)} THEN {_key(by)}" for by in GROUPINGS)
    sets = ", ".join(f"(k, {', '.join(by)})" for by in GROUPINGS)
    inner = (
        f"SELECT k, {listed}, GROUPING({listed}) AS held, {_SUMS} FROM standing WHERE is_enrolled = 1"
        f" GROUP BY GROUPING SETS ({sets})"
    )
    figures = ", ".join(FIGURES)
    return f"SELECT k, CASE held {names} END AS grouping_name, CASE held {keys} END AS key, {figures} FROM ({inner}) g"


def _mask(columns: list[str], by: tuple[str, ...]) -> int:
    """What GROUPING() gives for a set: a one for every column that is not grouped by, the first column highest."""
    return sum(1 << (len(columns) - 1 - at) for at, column in enumerate(columns) if column not in by)


def _key(by: tuple[str, ...]) -> str:
    return " || '|' || ".join(by)
