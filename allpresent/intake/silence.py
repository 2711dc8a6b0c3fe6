"""Who took no attendance: school days without a row of attendance taken, by school and by section."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from allpresent.intake.checks import school_year_sql
from allpresent.intake.drift import marked_window
from allpresent.intake.findings import WARNING
from allpresent.intake.workspace import Workspace

LAST_DAYS = 5  # school days looked back on for a section


@dataclass(frozen=True)
class SilentSchool:
    """A school with days in session on which nobody took attendance, in the delivery's newest school year."""

    school_id: str
    silent_days: int
    school_days: int


@dataclass(frozen=True)
class SilentSection:
    """A homeroom without attendance taken on some of the last school days, at a school that took it."""

    section_id: str
    school_id: str
    silent_days: int


@dataclass(frozen=True)
class Silence:
    """All that is silent. Empty too when the delivery brings no attendance taken at all."""

    schools: tuple[SilentSchool, ...] = ()
    sections: tuple[SilentSection, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For the record of the delivery."""
        return asdict(self)


_DAYS = """
    CREATE OR REPLACE TEMP TABLE past_days AS
    WITH newest AS (SELECT max(date) AS day FROM (
            SELECT date FROM c_attendance_taken UNION ALL SELECT date FROM c_attendance WHERE counted = 1)
        WHERE date <= DATE '{today}')
    SELECT school_id, date, row_number() OVER (PARTITION BY school_id ORDER BY date DESC) AS back
    FROM sessions, newest WHERE date <= newest.day AND date > newest.day - 300 AND date >= DATE '{first}'
      AND {year} = (SELECT {newest_year} FROM newest)
"""


def find_silence(workspace: Workspace) -> Silence:
    """Silent schools and homerooms up to the newest day delivered; of single days, among those alone."""
    if not workspace.count("SELECT count(*) FROM c_attendance_taken"):
        return Silence()
    starts = workspace.district.year_starts
    first = marked_window(workspace)[0] if workspace.delivers == "days" else date.min
    workspace.run(
        _DAYS.format(
            today=workspace.today,
            year=school_year_sql("date", starts),
            newest_year=school_year_sql("day", starts),
            first=first,
        )
    )
    schools = workspace.rows(
        "WITH taken AS (SELECT DISTINCT school_id, date FROM c_attendance_taken)"
        " SELECT d.school_id, count(*) FILTER (t.date IS NULL) AS silent, count(*) FROM past_days d"
        " LEFT JOIN taken t ON t.school_id = d.school_id AND t.date = d.date"
        " GROUP BY d.school_id HAVING silent > 0 ORDER BY d.school_id"
    )
    sections = workspace.rows(
        "WITH taken AS (SELECT DISTINCT school_id, date, section_id FROM c_attendance_taken),"
        " open_days AS (SELECT DISTINCT d.school_id, d.date FROM past_days d JOIN taken t"
        f" ON t.school_id = d.school_id AND t.date = d.date WHERE d.back <= {LAST_DAYS})"
        " SELECT s.section_id, s.school_id, count(*) FROM c_sections s JOIN open_days o ON o.school_id = s.school_id"
        " WHERE s.is_homeroom = 1 AND NOT EXISTS (SELECT 1 FROM taken t WHERE t.school_id = o.school_id"
        " AND t.date = o.date AND (t.section_id = s.section_id OR t.section_id IS NULL))"
        " GROUP BY ALL ORDER BY s.school_id, s.section_id"
    )
    return Silence(
        tuple(SilentSchool(str(a), int(str(b)), int(str(c))) for a, b, c in schools),
        tuple(SilentSection(str(a), str(b), int(str(c))) for a, b, c in sections),
    )


def warn_silent(workspace: Workspace, silence: Silence) -> None:
    """N01: a warning for each school with a larger share of silent school days than the district's limit."""
    limit = workspace.district.unreported_limit_pct
    for one in silence.schools:
        if 100 * one.silent_days <= limit * one.school_days:
            continue
        message = (
            f"{workspace.called(one.school_id)} took no attendance on {one.silent_days:,} of {one.school_days:,} "
            f"school days, more than {limit}%; those days count as not reported. Ask the school, and deliver them."
        )
        workspace.log.add("N01", WARNING, message, field="school_id", value=one.school_id)
