"""Bi-weekly reports: made from the facts and, as plain values, from the records; frozen on their days."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from allpresent.casework.models import Letter, NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.casework.models.steps import Outcome
from allpresent.casework.queries import protocol_on_time, protocol_on_time_everywhere
from allpresent.casework.queries.kept import OnTime
from allpresent.measures import Facts, Rules, open_facts, school_days
from allpresent.policy import District, load_district, load_state_pack
from allpresent.protocol import Protocol, bounds, load_protocol
from allpresent.reports import FrozenReport, Report, Scope, StepsLine, biweekly, freeze, frozen_reports, read_frozen
from allpresent.reports import render as render_report
from allpresent.roster.models import ProjectedVersion

from .errors import NightlyError
from .own_promises import promise_lines
from .running import Log

DISTRICT = "district"


def freeze_due(home: Path, district: District, facts: Facts, today: date, now: datetime, log: Log) -> int:
    """Freeze the reports of the newest report day reached, once. Returns how many were frozen.

    A report day that passed while the district was silent is not made up for: what was known then is not known any
    more to have been so.
    """
    due = district.report_days(date.min, today)[-1:] if district.report_first_on else []
    for day in due:
        done = NightlyRun.objects.filter(kind=RunKind.REPORT, on=day, state=RunState.FINISHED)
        as_of = last_school_day(facts, day)
        if done.exists() or as_of is None:
            continue
        frozen = freeze_all(home, facts, district, as_of, log)
        NightlyRun.objects.create(
            kind=RunKind.REPORT,
            state=RunState.FINISHED,
            on=day,
            as_of=as_of,
            delivery_id=facts.delivery_id,
            counts={"frozen": frozen},
            asked_at=now,
            started_at=now,
            finished_at=now,
        )
        log.count("reports_frozen", frozen)
        return frozen
    return 0


def last_school_day(facts: Facts, day: date) -> date | None:
    """The last delivered school day on or before a day; None before the first."""
    upto = min(day, facts.last_school_day)
    days = school_days(facts, upto)
    return days[-1] if days else None


def freeze_all(home: Path, facts: Facts, district: District, as_of: date, log: Log) -> int:
    """Freeze the district's report and every school's for one day. What is frozen already stays as it was."""
    whole, kept = protocol_on_time_everywhere(facts, as_of)
    scopes = scopes_of(facts, district)
    for number, scope in enumerate(scopes, start=1):
        counted = whole if scope.school_id is None else kept.get(scope.school_id, OnTime())
        freeze(home, make_report(home, facts, district, as_of, scope, counted))
        log.say(f"Report of {as_of}: {number} of {len(scopes)} frozen ({scope.name}).")
    return len(scopes)


def scopes_of(facts: Facts, district: District) -> list[Scope]:
    """The district, then every school with reports of its own."""
    names = school_names(facts)
    schools = (key for key in facts.schools() if key not in district.excluded_schools)
    return [Scope(district.name), *(Scope(names[key], key) for key in schools)]


def make_report(home: Path, facts: Facts, district: District, as_of: date, scope: Scope, kept: OnTime) -> Report:
    """One report from the facts, with the work as plain lines."""
    protocol = load_protocol(district.protocol, as_of, district.due_school_days)
    within = [scope] if scope.school_id else scopes_of(facts, district)
    return biweekly(
        facts,
        as_of,
        Rules.from_policy(district, load_state_pack(district.state), bounds(protocol)),
        scope,
        district=district,
        school_names=school_names(facts),
        levels=level_names(protocol),
        student_groups=student_groups(facts),
        steps=steps_lines(kept),
        promises=promise_lines(protocol, as_of, [one.school_id for one in within if one.school_id]),
        previous=previous_report(home, as_of, scope),
    )


def biweekly_file(home: Path, as_of: date, school_id: str | None, form: str, now: datetime) -> bytes:
    """One report in one form. A report that was frozen is given as it was frozen.

    Raises MeasureError for a day that was not delivered, NightlyError for a school nobody delivered.
    """
    facts, district = open_facts(home), load_district(home)
    facts.check_day(as_of)
    names = school_names(facts)
    if school_id is not None and school_id not in names:
        raise NightlyError(f"No school has the id {school_id} in delivery {facts.delivery_id}; check the id.")
    scope = Scope(district.name) if school_id is None else Scope(names[school_id], school_id)
    held = _frozen(home, as_of, scope, facts.delivery_id)
    if held is not None:
        return render_report(read_frozen(home, held.as_of, held.delivery_id, held.scope_key), form)
    return render_report(
        make_report(home, facts, district, as_of, scope, protocol_on_time(facts, as_of, school_id)), form
    )


def _frozen(home: Path, as_of: date, scope: Scope, delivery_id: str) -> FrozenReport | None:
    wanted = (as_of.isoformat(), delivery_id)
    return next((one for one in frozen_reports(home, scope.key) if (one.as_of, one.delivery_id) == wanted), None)


def named_versions(home: Path) -> set[str]:
    """The deliveries whose facts may have to be shown again: of reports on file, of mailed letters and of the pages."""
    runs = NightlyRun.objects.filter(kind=RunKind.REPORT).exclude(delivery_id="")
    shown = ProjectedVersion.objects.values_list("delivery_id", flat=True)
    letters = Letter.objects.exclude(mailed_on=None).values_list("delivery_id", flat=True)
    named = {report.delivery_id for report in frozen_reports(home)}
    return named | {*runs.values_list("delivery_id", flat=True), *letters.distinct(), *shown}


def previous_report(home: Path, as_of: date, scope: Scope) -> Report | None:
    """The newest report frozen for an earlier day."""
    earlier = [one for one in frozen_reports(home, scope.key) if one.as_of < as_of.isoformat()]
    return read_frozen(home, earlier[0].as_of, earlier[0].delivery_id, scope.key) if earlier else None


def steps_lines(kept: OnTime) -> tuple[StepsLine, ...]:
    """The promised steps of each level, as the report tells them, then a line without a level for the whole."""
    levels = (_steps_line(key, line, kept.reached_within_by_level.get(key)) for key, line in kept.by_level.items())
    return (*levels, _steps_line("", kept.outcomes, kept.half_reached_within)) if kept.by_level else ()


def _steps_line(level: str, line: Mapping[Outcome, int], reached_within: int | None) -> StepsLine:
    return StepsLine(
        level=level,
        promised=sum(line.values()),
        on_time=line.get(Outcome.ON_TIME, 0),
        late=line.get(Outcome.LATE, 0),
        overdue=line.get(Outcome.OVERDUE, 0),
        withdrawn=line.get(Outcome.WITHDRAWN, 0),
        exempt=line.get(Outcome.EXEMPT, 0),
        median_days_to_reach=_tenths(reached_within),
    )


def _tenths(days: int | None) -> int | None:
    return None if days is None else 10 * days


def level_names(protocol: Protocol) -> dict[str, tuple[str, str]]:
    """By level key its label and its days out (or percent of days) in words."""
    return {level.key: (level.label(), _range(level.days_out, level.rate)) for level in protocol.levels}


def _range(days: tuple[int, int | None] | None, rate: tuple[Fraction, Fraction | None] | None) -> str:
    if days is not None:
        low, high = days
        return f"{low}+ days" if high is None else f"{low}–{high} days"
    if rate is None:
        return ""
    first = rate[0] * 100
    return f"from {first}%" if rate[1] is None else f"{first}% to under {rate[1] * 100}%"


def school_names(facts: Facts) -> dict[str, str]:
    """School names by id, as delivered."""
    table = facts.version.table("schools", columns=["school_id", "name"])
    return {row["school_id"]: row["name"] or row["school_id"] for row in table.to_pylist()}


def student_groups(facts: Facts) -> tuple[str, ...]:
    """The student groups that were delivered, by name."""
    names = facts.version.table("demographics", columns=["flag"])["flag"].unique().to_pylist()
    return tuple(sorted(name for name in names if name))
