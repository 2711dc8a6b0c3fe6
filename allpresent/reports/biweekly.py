"""The bi-weekly report for principals and executives, as the toolkit asks for it ("Attendance Reporting").

% chronically absent, % enrolled, % no attendance reported, absence by school, grade and student group, and the
distribution by days and by percent; beside the same school-day number of last year, because "chronic so far" falls
by itself whenever the count of school days passes a multiple of ten. Everything here has passed disclosure control.
"""

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allpresent.measures import Facts, Rules, same_school_day_last_year, school_day_number
from allpresent.reports import sentences, tables, trend
from allpresent.reports.context import Context, PromiseLine, Scope, StepsLine
from allpresent.reports.document import Report, half_up
from allpresent.reports.own_promises import own_promises

if TYPE_CHECKING:
    from allpresent.policy import District


def biweekly(
    facts: Facts,
    as_of: date,
    rules: Rules,
    scope: Scope,
    *,
    district: "District",
    school_names: dict[str, str],
    levels: dict[str, tuple[str, str]],
    student_groups: tuple[str, ...] = (),
    steps: tuple[StepsLine, ...] = (),
    promises: tuple[PromiseLine, ...] = (),
    previous: Report | None = None,
) -> Report:
    """The report of one scope as of a day and a delivery. Raises MeasureError for a day that was not delivered.

    ``levels`` names the protocol's levels with their days out; ``steps`` is what the records hold of promised steps,
    ``promises`` what they hold of the schools' own; ``previous`` the report frozen before this one. Equal arguments
    give an equal report.
    """
    made = Context(
        *(facts, as_of, rules, scope, district, school_names, levels, student_groups),
        *(tuple(steps), tuple(promises), previous),
    )
    now, then = made.whole(), _last_year(made)
    level_tables = tables.level_tables(made)
    lines = trend.trend(made)
    all_tables = [
        *level_tables,
        tables.bands(made),
        *tables.changes(made, now, level_tables[0]),
        *([] if scope.school_id else [tables.schools(made)]),
        tables.grades(made),
        *tables.student_groups(made),
        *tables.steps(made),
        *own_promises(made),
        trend.goal_table(made, lines),
    ]
    goal = next((goal for goal in district.goals if goal.kind == "goal"), None)
    return Report(
        title=f"{scope.name}, {as_of:%A} {as_of.day} {as_of:%B %Y}",
        scope_key=scope.key,
        scope_name=scope.name,
        district=district.name,
        as_of=as_of.isoformat(),
        school_day=school_day_number(facts, as_of, scope.school_id),
        delivery_id=facts.delivery_id,
        last_school_day=facts.last_school_day.isoformat(),
        sentences=sentences.opening(made, now, then),
        figures=sentences.figures(made, now),
        tables=tuple(all_tables),
        levels=tables.bar(level_tables[0]),
        trend=lines,
        goal=(f"goal under {goal.rate_pct}%", half_up(10 * Fraction(goal.rate_pct))) if goal else None,
        rules=sentences.rules(made),
        facts={"students": now.get("students", 0), "chronically_absent": now.get("chronically_absent", 0)},
    )


def _last_year(made: Context) -> dict[str, Any]:
    day = same_school_day_last_year(made.facts, made.as_of, made.scope.school_id)
    return made.whole(day) | {"day": day} if day else {}
