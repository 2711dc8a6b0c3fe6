"""The words and figures a bi-weekly report opens with."""

from datetime import date
from typing import Any

from allpresent.measures import school_day_number
from allpresent.reports.context import Context, chronic, points, rate, share
from allpresent.reports.document import COUNT, HIDDEN, PERCENT, Cell, Figure, in_tenths, shown, tenths
from allpresent.reports.steps import whole_scope

# Connecticut counts enrollment on 1 October; a report before it has nothing to compare with.
ENROLMENT_COUNT_MONTH, ENROLMENT_COUNT_DAY = 10, 1


def opening(made: Context, now: dict[str, Any], then: dict[str, Any]) -> tuple[str, ...]:
    here = rate(now)
    if not isinstance(here, int):
        return ("There are too few students here for a share to be told without telling of one child.",)
    told = [f"{in_tenths(here)}% of students are chronically absent to date."]
    before = rate(then) if then else None
    if isinstance(before, int):
        number = school_day_number(made.facts, made.as_of, made.scope.school_id)
        change = points(chronic(now), chronic(then))
        told[0] += f" On school day {number} last year it was {in_tenths(before)}%: {_difference(change)}."
        told[0] += _fewer(now, then) if change else ""
    goal = next((goal for goal in made.district.goals if goal.kind == "goal"), None)
    if goal:
        told.append(f"The goal is under {goal.rate_pct}% ({goal.label}).")
    return tuple(told)


def _difference(change: Cell) -> str:
    if not isinstance(change, int) or change == 0:
        return "no change"
    return f"{in_tenths(abs(change))} points {'better' if change < 0 else 'worse'}"


def _fewer(now: dict[str, Any], then: dict[str, Any]) -> str:
    """How many students the change is at today's enrollment: N1 (p0 - p1), rounded half up."""
    counts = [now["students"], now["chronically_absent"], then.get("students"), then.get("chronically_absent")]
    if not all(isinstance(count, int) for count in counts) or not counts[2]:
        return ""
    students, absent, students_then, absent_then = counts
    twice = 2 * (students * absent_then - absent * students_then)
    change = (abs(twice) + students_then) // (2 * students_then)
    if not change:
        return ""
    many = "student" if change == 1 else "students"
    return f" That is {change:,} {'fewer' if twice > 0 else 'more'} {many} at equal enrollment."


def figures(made: Context, now: dict[str, Any]) -> tuple[Figure, ...]:
    low, high = shown(rate(now, "chronic_rate_low"), PERCENT), shown(rate(now, "chronic_rate_high"), PERCENT)
    return (
        Figure(
            "Chronically absent",
            shown(rate(now), PERCENT),
            f"{low} if every unreported day was present, {high} if absent",
        ),
        Figure("Enrolled", shown(now.get("students"), COUNT), _enrollment_note(made, now)),
        Figure(
            "No attendance reported",
            shown(share(now.get("days_unreported"), now.get("days_enrolled")), PERCENT),
            _unreported_note(made, now),
        ),
        _steps_figure(made),
    )


def _enrollment_note(made: Context, now: dict[str, Any]) -> str:
    year = made.facts.school_year(made.as_of)
    count_day = date(year, ENROLMENT_COUNT_MONTH, ENROLMENT_COUNT_DAY)
    if made.as_of <= count_day:
        return "students enrolled on this day"
    before = made.whole(count_day).get("students")
    part = share(now.get("students"), before)
    return f"{shown(part, PERCENT)} of 1 October" if isinstance(part, int) else "students enrolled on this day"


def _unreported_note(made: Context, now: dict[str, Any]) -> str:
    limit = made.district.unreported_limit_pct
    if made.scope.school_id:
        unsafe = _is_unsafe(now, limit)
        return "not safe to publish" if unsafe else f"student-days so far; the limit is {limit}%"
    unsafe_schools = [row for row in made.rows(["school"]) if _is_unsafe(row, limit)]
    if not unsafe_schools:
        return f"of student-days; every school is under {limit}%"
    many = "school is" if len(unsafe_schools) == 1 else "schools are"
    return f"of student-days; {len(unsafe_schools)} {many} not safe to publish"


def _is_unsafe(row: dict[str, Any], limit: int) -> bool:
    unreported, enrolled = row.get("days_unreported"), row.get("days_enrolled")
    return isinstance(unreported, int) and isinstance(enrolled, int) and 100 * unreported > limit * enrolled


def _steps_figure(made: Context) -> Figure:
    on_time, due, median = whole_scope(made.steps)
    is_hidden = 1 <= due < made.rules.hidden_rate_below or 1 <= on_time <= made.rules.hidden_count_max
    has_median = median is not None and not is_hidden
    days = in_tenths(median or 0).removesuffix(".0")
    note = f"median {days} school days to reach a family" if has_median else "of the steps due so far"
    return Figure("Promised steps on time", HIDDEN if is_hidden else shown(tenths(on_time, due), PERCENT), note)


def rules(made: Context) -> tuple[str, ...]:
    """How the numbers are made, in sentences with the parameters in force."""
    given = made.rules
    return (
        f"Chronically absent: at least {given.chronic.numerator} in {given.chronic.denominator} of the days reported "
        + f"were missed, for any reason; judged from {given.minimum_days} reported days on.",
        "Days out counts excused, unexcused and disciplinary absences. Levels go by days, bands by share: two scales.",
        "No attendance reported is neither present nor absent: it is left out of every rate and shown apart. "
        + "Low and high are the share if every such day was present, or absent.",
        f"Counts of 1 to {given.hidden_count_max} and shares of fewer than {given.hidden_rate_below} students are "
        + "hidden, with every figure they could be worked out from.",
        "Last year is compared at the same school-day number, not the same date.",
        f"Facts as known at delivery {made.facts.delivery_id}, last school day {made.facts.last_school_day}.",
    )
