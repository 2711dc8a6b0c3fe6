"""Where we were, are, and are going: chronic so far by school-day number, this year and last, and the goals."""

from datetime import date
from fractions import Fraction

from allpresent.measures import same_school_day_last_year, school_days
from allpresent.reports.context import Context, rate
from allpresent.reports.document import PERCENT, TEXT, Cell, Column, Line, Table, half_up

TREND_EVERY = 10


def trend(made: Context) -> tuple[Line, ...]:
    """Chronic so far by school-day number, every ten days: this year's line, then last year's whole one."""
    now = _line(made, "now", made.as_of)
    day = same_school_day_last_year(made.facts, made.as_of, made.scope.school_id)
    if day is None:
        return (now,)
    held = school_days(made.facts, day, made.scope.school_id, is_whole_year=True)
    return (now, _line(made, "last year", held[-1]))


def _line(made: Context, label: str, end: date) -> Line:
    held = school_days(made.facts, end, made.scope.school_id)
    chosen = list(range(TREND_EVERY, len(held) + 1, TREND_EVERY))
    if held and (not chosen or chosen[-1] != len(held)):
        chosen.append(len(held))
    found = [(number, rate(made.whole(held[number - 1]))) for number in chosen]
    return Line(label, tuple((number, value) for number, value in found if isinstance(value, int)))


def goal_table(made: Context, lines_drawn: tuple[Line, ...]) -> Table:
    under = {"was": "", "goal": "Goal, under: "}
    lines: list[tuple[Cell, ...]] = [
        (f"{under[goal.kind]}{goal.label} ({goal.school_year})", half_up(10 * Fraction(goal.rate_pct)))
        for goal in made.district.goals
    ]
    for line in lines_drawn:
        year = "This year" if line.label == "now" else "Last year"
        lines += [(f"{year}, school day {number}", value) for number, value in line.points]
    columns = (Column("When", TEXT), Column("Chronically absent", PERCENT))
    return Table("goal", "Where we were, are, and are going", columns, tuple(lines))
