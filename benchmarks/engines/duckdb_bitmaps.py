"""DuckDB by the best SQL found: days of a student packed into words within the query, each day asked one count of bits.

School days are numbered; a year is three words of 64 bits. Calendars become words by school, marks words by student,
both once for all days asked; then every count is ``bit_count(word & mask)``.
"""

from datetime import date

from benchmarks.engines.duckdb_tables import SetBasedDuckDB
from benchmarks.engines.set_based import BAND, LEVEL

_WORDS = range(3)


def _bits(column: str, name: str, condition: str) -> str:
    """Three words of a flag: bit ``day % 64`` of word ``day // 64``."""
    return ", ".join(
        f"bit_or(CASE WHEN {column} // 64 = {word} AND {condition} THEN 1::UBIGINT << ({column} % 64)::UTINYINT"
        f" ELSE 0::UBIGINT END) AS {name}{word}"
        for word in _WORDS
    )


def _count(name: str, mask: str = "m") -> str:
    return " + ".join(f"bit_count({name}{word} & {mask}{word})::INTEGER" for word in _WORDS)


_ABSENT = "category <> 'tardy' AND 2 * portion_num > portion_den"
_NUMBERED = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT day, row_number() OVER (ORDER BY day) - 1 AS n FROM (SELECT DISTINCT day FROM open_days)
"""
# Words of the first 0, 1, 2, … days.
_UPTO = (
    "CREATE OR REPLACE TEMP TABLE upto AS SELECT c.n AS many, "
    + ", ".join(
        f"coalesce(bit_or(1::UBIGINT << (d.n % 64)::UTINYINT) FILTER (d.n < c.n AND d.n // 64 = {word}), 0) AS u{word}"
        for word in _WORDS
    )
    + " FROM (SELECT unnest(range(0, (SELECT count(*) + 1 FROM numbered))) AS n) c CROSS JOIN numbered d GROUP BY c.n"
)
_SCHOOLS = f"""
CREATE OR REPLACE TEMP TABLE sessions AS
WITH taken AS (SELECT school_id, {_bits("n", "t", "true")} FROM taken_days JOIN numbered USING (day) GROUP BY ALL),
opened AS (SELECT school_id, {_bits("n", "o", "true")} FROM open_days JOIN numbered USING (day) GROUP BY ALL)
SELECT school_id, o0, o1, o2, coalesce(t0, 0) AS t0, coalesce(t1, 0) AS t1, coalesce(t2, 0) AS t2
FROM opened LEFT JOIN taken USING (school_id)
"""
_ENROLLED = (
    """
CREATE OR REPLACE TEMP TABLE enrolled AS
WITH reach AS (
    SELECT p.*, (SELECT count(*) FROM numbered) AS days FROM spans p
), spanned AS (
    SELECT r.student_id, s.*, a.u0 AS a0, a.u1 AS a1, a.u2 AS a2, b.u0 AS b0, b.u1 AS b1, b.u2 AS b2
    FROM (SELECT r.*, coalesce((SELECT count(*) FROM numbered WHERE day < r.entry), 0) AS low,
                 CASE WHEN r.last IS NULL THEN r.days
                      ELSE (SELECT count(*) FROM numbered WHERE day <= r.last) END AS high
          FROM reach r) r
    JOIN sessions s USING (school_id) JOIN upto a ON a.many = r.high JOIN upto b ON b.many = r.low
)
SELECT student_id, """
    + ", ".join(
        f"bit_or({flag}{word} & a{word} & ~b{word}) AS {name}{word}"
        for flag, name in (("o", "e"), ("t", "r"))
        for word in _WORDS
    )
    + " FROM spanned GROUP BY student_id"
)
_MARKED = f"""
CREATE OR REPLACE TEMP TABLE marked AS
SELECT student_id, {_bits("n", "x", "disciplinary = 0 AND excused = 1")},
       {_bits("n", "u", "disciplinary = 0 AND excused = 0")},
       {_bits("n", "d", "disciplinary = 1")}
FROM marks JOIN numbered USING (day) WHERE {_ABSENT} GROUP BY student_id
"""
_TRUANT = f"""
CREATE OR REPLACE TEMP TABLE truants AS
SELECT student_id, min(day) AS truant_on FROM (
    SELECT student_id, day, lag(day, 3) OVER by_day AS fourth, row_number() OVER by_day AS number
    FROM marks WHERE {_ABSENT} AND disciplinary = 0 AND excused = 0
    WINDOW by_day AS (PARTITION BY student_id ORDER BY day)
) WHERE fourth >= day - 29 OR number >= 10 GROUP BY student_id
"""
_MASKS = """
CREATE OR REPLACE TEMP TABLE masks AS
SELECT a.*, u.u0 AS m0, u.u1 AS m1, u.u2 AS m2
FROM asked a JOIN upto u ON u.many = (SELECT count(*) FROM numbered WHERE day <= a.as_of)
"""
_PLACES = """
CREATE OR REPLACE TEMP TABLE places AS
SELECT student_id, k, arg_max(school_id, entry) AS school_id,
       arg_max(CASE WHEN last IS NULL OR last >= as_of THEN 1 ELSE 0 END, entry) AS is_enrolled
FROM spans JOIN asked ON entry <= as_of GROUP BY student_id, k
"""
_STANDING = f"""
CREATE OR REPLACE TEMP TABLE standing AS
WITH counted AS (
    SELECT p.*, m.as_of, m.ymd, {_count("e")} AS enrolled, {_count("r")} AS reported,
           coalesce({_count("x")}, 0) AS excused,
           coalesce({_count("u")}, 0) AS unexcused, coalesce({_count("d")}, 0) AS disciplinary
    FROM places p JOIN masks m USING (k) JOIN enrolled USING (student_id) LEFT JOIN marked USING (student_id)
), summed AS (SELECT *, excused + unexcused + disciplinary AS absent FROM counted WHERE enrolled > 0)
SELECT student_id, c.k, c.school_id, s.grade, c.is_enrolled, enrolled AS days_enrolled,
       enrolled - reported AS days_unreported, absent AS days_absent, excused AS days_excused,
       unexcused AS days_unexcused, disciplinary AS days_disciplinary,
       CASE {LEVEL} ELSE 'L1' END AS level, {BAND} AS band,
       CASE WHEN reported >= 10 AND 10 * absent >= reported THEN 1 ELSE 0 END AS is_chronic,
       CASE WHEN truant_on <= as_of AND (ymd - birth) // 10000 BETWEEN 5 AND 18 THEN 1 ELSE 0 END AS is_truant,
       s.race, s.sex, s.frl
FROM summed c JOIN students s USING (student_id) LEFT JOIN truants USING (student_id)
"""


class BitmapDuckDB(SetBasedDuckDB):
    """DuckDB with bitmaps made in the query."""

    name = "DuckDB, best SQL (bitmaps)"

    def _stand(self, days: list[date]) -> None:
        self._ask(days)
        for sql in (_NUMBERED, _UPTO, _SCHOOLS, _ENROLLED, _MARKED, _TRUANT, _MASKS, _PLACES, _STANDING):
            self.connection.execute(sql).fetchall()
