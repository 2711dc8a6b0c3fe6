"""Promised steps as a report tells them: a step belongs to a student, so few steps are few students."""

from collections.abc import Iterable

from allpresent.measures import Rules
from allpresent.reports.context import StepsLine
from allpresent.reports.document import HIDDEN, Cell, tenths


def withheld_steps(line: StepsLine, rules: Rules, *, is_level_hidden: bool) -> tuple[Cell, ...]:
    """Promised, on time, late, overdue, withdrawn, exempt, share on time of due, median days to reach a family.

    All are hidden where the students of the level are, or the promised steps are few. Else counts of 1 to 5 are
    hidden, the promised where they would tell them, and the share where a part of it is hidden or few steps are due.
    """
    most = rules.hidden_count_max
    if is_level_hidden or 1 <= line.promised <= most:
        return (HIDDEN,) * 8
    outcomes = (line.on_time, line.late, line.overdue, line.withdrawn, line.exempt)
    cells = [HIDDEN if 1 <= count <= most else count for count in outcomes]
    shown = sum(cell for cell in cells if isinstance(cell, int))
    is_told = HIDDEN in cells and line.promised - shown <= most
    is_share_hidden = HIDDEN in cells[:3] or 1 <= sum(outcomes[:3]) < rules.hidden_rate_below
    few = line.promised < rules.hidden_rate_below
    return (
        HIDDEN if is_told else line.promised,
        *cells,
        HIDDEN if is_share_hidden else tenths(line.on_time, sum(outcomes[:3])),
        HIDDEN if few and line.median_days_to_reach is not None else line.median_days_to_reach,
    )


def whole_scope(lines: Iterable[StepsLine]) -> tuple[int, int, int | None]:
    """On time, due, and the median in tenths of a school day: of the line of the whole scope, else of all levels."""
    held = list(lines)
    told = [line for line in held if not line.level] or held
    medians = [line.median_days_to_reach for line in told if not line.level]
    due = sum(line.on_time + line.late + line.overdue for line in told)
    return sum(line.on_time for line in told), due, next(iter(medians), None)
