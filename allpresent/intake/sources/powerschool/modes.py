"""Which of PowerSchool's attendance modes speaks for a school in a school year: one, never two added."""

from collections import defaultdict

import pyarrow as pa

from allpresent.intake.checks import school_year_sql
from allpresent.intake.codes import year_name
from allpresent.intake.findings import ERROR
from allpresent.intake.mapping import ModeChoice
from allpresent.intake.sources.powerschool.codes import FIRST_YEAR
from allpresent.intake.workspace import LEFT_OUT, Workspace

DAILY, MEETING, INTERVAL, TIME = "ATT_ModeDaily", "ATT_ModeMeeting", "ATT_ModeInterval", "ATT_ModeTime"
MODES = (DAILY, MEETING, INTERVAL, TIME)
UNITS = {DAILY: "day", MEETING: "period", INTERVAL: "minutes", TIME: "minutes"}


def leave_out_rows(workspace: Workspace, chosen: str, what: str) -> None:
    """Take attendance rows, ``chosen`` by file and line in SQL, out of what is read, counted, and say of ``what``."""
    workspace.run(f"CREATE OR REPLACE TEMP TABLE left_out AS {chosen}")
    left = workspace.count("SELECT count(*) FROM left_out")
    if left:
        workspace.mark(LEFT_OUT, "SELECT * FROM left_out")
        workspace.decided.append(f"{left:,} attendance rows of {what} were left out")
        workspace.run(
            "DELETE FROM r_attendance r USING left_out o WHERE o.file_id = r.file_id AND o.line_no = r.line_no"
        )


def put_modes(workspace: Workspace) -> None:
    """Store as ``modes`` the mode of every school and school year with attendance rows.

    The mapping says, else FTE.Dflt_Att_Mode_Code, else the only mode there is. Where two are delivered and nothing
    tells which one counts, the delivery is held.
    """
    delivered = _delivered(workspace)
    defaults = _fte_modes(workspace)
    chosen: list[tuple[str, int, str]] = []
    for (school, start), modes in sorted(delivered.items()):
        named = _named(workspace.mapping.day_rule.modes, school, start) or defaults.get((school, start))
        if named is None and len(modes) > 1:
            message = (
                f"{workspace.called(school)}: {' and '.join(sorted(modes))} rows in {year_name(start)}, and nothing "
                "says which count; deliver the FTE table or name the mode under day_rule in the mapping."
            )
            workspace.log.add("M02", ERROR, message, field="att_mode_code", value=school)
            workspace.holds.append(message)
        chosen.append((school, start, named or min(modes, key=_rank)))
    workspace.put(
        "modes",
        pa.table(
            {
                "school_id": pa.array([school for school, _, _ in chosen], pa.string()),
                "year": pa.array([start for _, start, _ in chosen], pa.int64()),
                "chosen": pa.array([mode for _, _, mode in chosen], pa.string()),
            }
        ),
    )


def _rank(mode: str) -> int:
    return MODES.index(mode) if mode in MODES else len(MODES)


def _delivered(workspace: Workspace) -> dict[tuple[str, int], set[str]]:
    year = school_year_sql("date", workspace.district.year_starts)
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for school, start, mode in workspace.rows(
        f"SELECT DISTINCT school_id, {year}, mode FROM r_attendance WHERE mode IN {MODES}"
    ):
        found[str(school), int(str(start))].add(str(mode))
    return found


def _fte_modes(workspace: Workspace) -> dict[tuple[str, int], str]:
    """The default mode of a school and year, where all its FTEs agree."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for school, year_id, mode in workspace.rows(
        f"SELECT DISTINCT school_id, year_id, mode FROM t_fte WHERE NOT is_bad AND mode IN {MODES}"
    ):
        if str(year_id).isdecimal():
            found[str(school), int(str(year_id)) + FIRST_YEAR].add(str(mode))
    return {key: next(iter(modes)) for key, modes in found.items() if len(modes) == 1}


def _named(choices: tuple[ModeChoice, ...], school: str, start: int) -> str | None:
    """The mapping's choice, the most exact first."""
    fits = [one for one in choices if one.school in ("*", school) and one.year in ("*", year_name(start))]
    best = max(fits, key=lambda one: (one.school != "*", one.year != "*"), default=None)
    return best.mode if best else None
