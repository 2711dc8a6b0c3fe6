"""My school and District put together from the facts of a page; what the roster and the records add comes in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pyarrow.compute as pc
from django.utils.translation import gettext as _

from allpresent.web.presenters import district as grid
from allpresent.web.presenters import history, school, school_tables
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.guarded import Guard, guard_of, without_small
from allpresent.web.presenters.school_lists import Chase, Crossed, Missing, Move, ranked
from allpresent.web.presenters.school_tables import OnTime
from allpresent.web.presenters.scope import (
    Seen,
    goal_line,
    grade_rows,
    group_rows,
    last_report_day,
    scope_facts,
    year_began,
)
from allpresent.web.presenters.tallies import ALL_SCHOOLS, GRADE_RANGES

if TYPE_CHECKING:
    import pyarrow as pa

    from allpresent.roster.models import School

CHASE_DAYS = 5


@dataclass(frozen=True)
class Choice:
    """A scope the reader may choose."""

    key: str
    name: str
    is_current: bool


@dataclass(frozen=True)
class SchoolPage:
    """All that My school shows."""

    name: str
    as_of: date
    opening: school.Opening
    metrics: tuple[school.Metric, ...]
    levels: school_tables.LevelTable
    trend: school_tables.TrendView
    grades: tuple[school_tables.GroupRow, ...]
    student_groups: tuple[school_tables.GroupRow, ...]
    crossed: Crossed
    chase: Chase
    choices: tuple[Choice, ...]
    footer: str
    report_url: str = ""
    is_one_school: bool = True
    is_guarded: bool = False  # for a reader who may not see the students: small numbers are hidden


@dataclass(frozen=True)
class DistrictPage:
    """All that District shows."""

    name: str
    as_of: date
    opening: school.Opening
    metrics: tuple[school.Metric, ...]
    ranges: tuple[grid.RangeTable, ...]
    trend: school_tables.TrendView
    goals: tuple[str, ...]
    grid: grid.Grid
    footer: str
    report_url: str = ""


def scope_name(scope: str, district_name: str, schools: Mapping[str, str]) -> str:
    """How a scope is called on the page."""
    if scope == ALL_SCHOOLS:
        return district_name
    if scope in GRADE_RANGES:
        return _("Grades %(range)s, all schools") % {"range": GRADE_RANGES[scope].replace("-", "–")}
    return schools[scope]


def footer(grounds: Grounds) -> str:
    """Which data and which rules the page stands on."""
    return _("Delivery %(delivery)s. Chronic absence: %(rule)s. Steps: %(protocol)s.") % {
        "delivery": grounds.delivery,
        "rule": grounds.rule_version,
        "protocol": grounds.protocol_version,
    }


def moves_since_report(seen: Seen) -> tuple[list[Move], date | None]:
    """Rises of level of the scope's students since the last report, and that report's day."""
    from allpresent.measures import movers, standings

    since = last_report_day(seen.district, seen.as_of, year_began(seen))
    if since is None:
        return [], None
    table = movers(seen.facts, since, seen.as_of, seen.rules)
    now = standings(seen.facts, seen.as_of, seen.rules)
    here = now["student_id"].filter(_in_scope(now, seen.scope))
    rows = table.filter(pc.is_in(table["student_id"], value_set=here.combine_chunks())).to_pylist()
    return ranked(Move(row["student_id"], row["from_level"], row["to_level"]) for row in rows), since


def _in_scope(now: "pa.Table", scope: str) -> "pa.ChunkedArray":
    """Which standings are of students enrolled on the day in the scope."""
    here = pc.equal(now["is_enrolled"], 1)
    if scope == ALL_SCHOOLS:
        return here
    column, value = ("grade_range", GRADE_RANGES[scope]) if scope in GRADE_RANGES else ("school_id", scope)
    return pc.and_(here, pc.fill_null(pc.equal(now[column], value), False))


def missing_attendance(seen: Seen, school_ids: Iterable[str]) -> list[Missing]:
    """Sections of the scope's schools with days nobody reported, in the last school days."""
    from allpresent.measures import unreported_by_section

    table = unreported_by_section(seen.facts, seen.as_of, CHASE_DAYS, school_id=history.school_of(seen.scope))
    wanted = set(school_ids)
    return [
        Missing(row["school_id"], row["section_id"] or "", row["date"], row["students"])
        for row in table.to_pylist()
        if row["school_id"] in wanted
    ]


def school_page(
    seen: Seen,
    grounds: Grounds,
    *,
    name: str,
    on_time: OnTime,
    crossed: Crossed,
    chase: Chase,
    choices: tuple[Choice, ...] = (),
    report_url: str = "",
    guard: Guard | None = None,
) -> SchoolPage:
    """The page of one scope; with a guard, as it may be told to somebody who may not see the students."""
    counts = scope_facts(seen, on_time)
    if guard is not None:
        counts = guard.counts(counts)
    made = SchoolPage(
        name=name,
        as_of=seen.as_of,
        opening=school.opening(counts, grounds),
        metrics=school.metrics(counts, grounds),
        levels=school_tables.level_table(counts, grounds),
        trend=goal_line(seen, counts, guard.tells) if guard is not None else goal_line(seen, counts),
        grades=grade_rows(seen, grounds),
        student_groups=group_rows(seen, grounds),
        crossed=crossed,
        chase=chase,
        choices=choices,
        footer=footer(grounds),
        report_url=report_url,
        is_one_school=seen.is_one_school,
    )
    return made if guard is None else guard.narrow(made, on_time)


def range_tables(seen: Seen, grounds: Grounds, *, is_guarded: bool = False) -> tuple[grid.RangeTable, ...]:
    """The toolkit's three tables: K-8, 9-12, and everybody; guarded, as they may be told, and none of too few."""
    tables = []
    for scope, name in (*GRADE_RANGES.items(), (ALL_SCHOOLS, _("All grades"))):
        tally = history.tally_on(seen.facts, seen.as_of, seen.rules, scope)
        table = school_tables.level_table(school_tables.ScopeFacts(0, tally), grounds)
        if is_guarded:
            guard = guard_of(replace(seen, scope=scope), None)
            if not guard.is_open:
                continue
            table = guard.levels(table)
        tables.append(grid.RangeTable(name.replace("-", "–"), scope, table))
    return tuple(tables)


def school_counts(
    seen: Seen, schools: "Iterable[School]", urls: Mapping[str, str], on_time: Mapping[str, OnTime]
) -> list[grid.SchoolCounts]:
    """One entry a delivered school; each school's last year at its own school-day number."""
    counts, delivered = [], set(seen.facts.schools())
    for one in schools:
        key = one.school_id
        if key not in delivered:
            continue
        counts.append(
            grid.SchoolCounts(
                school_id=key,
                name=one.name,
                url=urls.get(key, ""),
                now=history.tally_on(seen.facts, seen.as_of, seen.rules, key),
                before=history.last_year_on(seen.facts, seen.as_of, seen.rules, key),
                on_time=on_time.get(key, school_tables.NO_STEPS),
            )
        )
    return counts


def district_page(
    seen: Seen,
    grounds: Grounds,
    *,
    on_time: OnTime,
    schools: list[grid.SchoolCounts],
    sort: str,
    report_url: str = "",
    guard: Guard | None = None,
) -> DistrictPage:
    """The district's page; ``schools`` as ``school_counts`` gives them.

    With a guard, as it may be told to somebody who may not see the students.
    """
    counts = scope_facts(seen, on_time)
    if guard is not None:
        schools, counts = without_small(seen, schools), guard.counts(counts)
    metrics = school.metrics(counts, grounds)
    goals = tuple(
        grid.goal_words(goal.label, goal.school_year, goal.kind, f"{goal.rate_pct}%", goal.note)
        for goal in seen.district.goals
    )
    return DistrictPage(
        name=seen.district.name,
        as_of=seen.as_of,
        opening=school.opening(counts, grounds),
        metrics=metrics if guard is None else guard.metrics(metrics, on_time),
        ranges=range_tables(seen, grounds, is_guarded=guard is not None),
        trend=goal_line(seen, counts) if guard is None else goal_line(seen, counts, guard.tells),
        goals=goals,
        grid=grid.school_grid(schools, sort, seen.district.unreported_limit_pct, grounds),
        footer=footer(grounds),
        report_url=report_url,
    )
