"""Past days whose marks are gone: next to a year of absences a day or two are too few to be a share of them.

A day that is emptied counts as attended by everybody. So each day is compared by itself, every night, and a delivery
that loses one day more each night is held at the first.
"""

from allpresent.intake.checks import school_year_sql
from allpresent.intake.workspace import Workspace

DISTRICT = "The district"

# Days that would count as attended without marks: in session, and reported. One that is in session no more counts for
# nobody, one without attendance taken as not reported; a year that never says where it was taken counts as reported.
OPEN_DAYS = """
    SELECT school_id, date FROM sessions SEMI JOIN new_attendance_taken USING (school_id, date)
    UNION ALL SELECT school_id, date FROM sessions
    WHERE {year} NOT IN (SELECT DISTINCT {year} FROM new_attendance_taken WHERE date IS NOT NULL)
"""
# What is left is compared with what the day had and with what is usual there: where somebody marked a class that was
# on a trip, the day falls back to the usual when that is corrected.
_EMPTIED = """
    WITH open_days AS ({open}),
    before AS (SELECT school_id, date, count(*) AS had FROM missed_old GROUP BY ALL),
    after AS (SELECT school_id, date, count(*) AS left_now FROM missed_new GROUP BY ALL),
    counts AS MATERIALIZED (
        SELECT school_id, date, had, coalesce(left_now, 0) AS left_now
        FROM before SEMI JOIN open_days USING (school_id, date) LEFT JOIN after USING (school_id, date)),
    places AS (
        SELECT school_id, date, had, left_now FROM counts
        UNION ALL SELECT NULL, date, sum(had), sum(left_now) FROM counts GROUP BY date),
    usual AS (SELECT *, sum(had) OVER place AS total, count(*) OVER place AS days FROM places
              WINDOW place AS (PARTITION BY school_id))
    SELECT school_id, date, had, left_now FROM usual
    WHERE had > {count} AND total > {count} * days
      AND left_now * 100 < {left_pct} * had AND left_now * 100 * days < {left_pct} * total
    ORDER BY date, school_id
"""


def emptied_days(workspace: Workspace) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]:
    """Days the district, and days a school, lost nearly all absences of: where and when, absences before, and now.

    A day the district lost is not told again of its schools; the days of one school are told together. Needs
    ``missed_old``, ``missed_new`` and ``sessions``.
    """
    limits = workspace.district
    rows = workspace.rows(
        _EMPTIED.format(
            open=OPEN_DAYS.format(year=school_year_sql("date", limits.year_starts)),
            count=limits.drop_group_count,
            left_pct=100 - limits.drop_day_pct,
        )
    )
    whole = [(str(day), int(str(had)), int(str(now))) for school, day, had, now in rows if school is None]
    everywhere = {day for day, _, _ in whole}
    schools: dict[str, list[tuple[str, int, int]]] = {}
    for school, day, had, now in rows:
        if school is not None and str(day) not in everywhere:
            schools.setdefault(str(school), []).append((str(day), int(str(had)), int(str(now))))
    return [(f"{DISTRICT} on {day}", had, now) for day, had, now in whole], [
        (f"{workspace.called(school)} {_when([day for day, _, _ in days])}", *_sums(days))
        for school, days in sorted(schools.items())
    ]


def _sums(days: list[tuple[str, int, int]]) -> tuple[int, int]:
    return sum(had for _, had, _ in days), sum(now for _, _, now in days)


def _when(days: list[str]) -> str:
    return f"on {days[0]}" if len(days) == 1 else f"on {len(days):,} days from {days[0]} to {days[-1]}"
