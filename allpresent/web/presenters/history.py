"""The counts of every scope on any day of a data version, worked out once and kept with the facts."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

import pyarrow.compute as pc

from allpresent.measures import Facts, Rules, group_counts, same_school_day_last_year, school_days
from allpresent.web.presenters.charts import Reading
from allpresent.web.presenters.tallies import ALL_SCHOOLS, GRADE_RANGES, Tally, tallies_of, total

EVERY = 10  # school days between two points of the goal line
_KEPT = "pages"  # kept as long as the facts: a tally of a day is a few hundred bytes


def school_of(scope: str) -> str | None:
    """The school whose calendar a scope goes by; None for the district's."""
    return None if scope == ALL_SCHOOLS or scope in GRADE_RANGES else scope


def tallies_on(facts: Facts, day: date, rules: Rules) -> Mapping[str, Tally]:
    """The tally of every school, of each grade range and of the district, by scope."""
    return tallies_over(facts, [day], rules)[day]


def tallies_over(facts: Facts, days: Sequence[date], rules: Rules) -> Mapping[date, Mapping[str, Tally]]:
    """The tallies of several days, those not known yet counted at once."""
    unknown = [day for day in days if not facts.is_kept(("tallies", day, rules), kind=_KEPT)]
    counted = _tallies(facts, unknown, rules) if unknown else {}
    return {day: facts.keep(("tallies", day, rules), partial(dict, counted.get(day, {})), kind=_KEPT) for day in days}


def _tallies(facts: Facts, days: list[date], rules: Rules) -> dict[date, dict[str, Tally]]:
    by_school = _by_level(facts, days, rules, "school")
    by_range = _by_level(facts, days, rules, "grade_range")
    found = {}
    for day in days:
        schools, ranges = by_school.get(day, {}), by_range.get(day, {})
        named = {key: ranges.get(name, Tally()) for key, name in GRADE_RANGES.items()}
        found[day] = schools | named | {ALL_SCHOOLS: total(schools.values())}
    return found


def _by_level(
    facts: Facts, days: list[date], rules: Rules, by: str, within: str | None = None, here: str = ""
) -> dict[date, dict[str, Tally]]:
    """For each day the tally of each value of ``by``, of all students or of those whose ``within`` is ``here``."""
    rows = group_counts(facts, days, rules, [by, "level"] if within is None else [within, by, "level"])
    if within is not None:
        rows = rows.filter(pc.equal(rows[within], here))
    return tallies_of(rows.to_pylist(), by)


def tally_on(facts: Facts, day: date, rules: Rules, scope: str) -> Tally:
    """The tally of one scope; empty when nobody was enrolled there."""
    return tallies_on(facts, day, rules).get(scope, Tally())


def last_year_on(facts: Facts, as_of: date, rules: Rules, scope: str) -> Tally | None:
    """The scope's tally on the same school-day number last year; None without that day or without students then."""
    day = same_school_day_last_year(facts, as_of, school_of(scope))
    if day is None:
        return None
    then = tally_on(facts, day, rules, scope)
    return then if then.students else None


def grades_on(facts: Facts, day: date, rules: Rules, scope: str) -> Mapping[str, Tally]:
    """The scope's tallies by grade."""
    return _values_on(facts, day, rules, scope, "grade")


def student_group_on(facts: Facts, day: date, rules: Rules, scope: str, name: str) -> Mapping[str, Tally]:
    """The scope's tallies by the value of one student group."""
    return _values_on(facts, day, rules, scope, f"student_group:{name}")


def _values_on(facts: Facts, day: date, rules: Rules, scope: str, by: str) -> Mapping[str, Tally]:
    within = None if scope == ALL_SCHOOLS else "grade_range" if scope in GRADE_RANGES else "school"

    def count() -> dict[str, Tally]:
        return _by_level(facts, [day], rules, by, within, GRADE_RANGES.get(scope, scope)).get(day, {})

    return facts.keep(("values", day, rules, scope, by), count, kind=_KEPT)


def readings(facts: Facts, rules: Rules, scope: str, as_of: date, *, is_whole_year: bool = False) -> list[Reading]:
    """The scope's chronic share on every tenth school day of the year of ``as_of``, and on the last of them.

    Up to ``as_of``, or over the whole year where all of it was delivered.
    """
    held = school_days(facts, as_of, school_of(scope), is_whole_year=is_whole_year)
    held = [day for day in held if day <= facts.last_school_day]
    numbers = list(range(EVERY, len(held) + 1, EVERY))
    if held and (not numbers or numbers[-1] != len(held)):
        numbers.append(len(held))
    on = tallies_over(facts, [held[number - 1] for number in numbers], rules)
    found = [(number, on[held[number - 1]].get(scope, Tally())) for number in numbers]
    return [Reading(number, then.chronic, then.students) for number, then in found]


def year_length(facts: Facts, as_of: date, scope: str) -> int:
    """School days of the whole year of ``as_of``, by the scope's calendar."""
    return len(school_days(facts, as_of, school_of(scope), is_whole_year=True))


def student_group_names(facts: Facts) -> list[str]:
    """The student groups delivered, by name."""

    def read() -> list[str]:
        return sorted(set(facts.version.table("demographics", columns=["flag"])["flag"].unique().to_pylist()))

    return facts.keep(("student group names",), read, kind=_KEPT)


def school_names(facts: Facts) -> Mapping[str, str]:
    """School names by id, as delivered."""

    def read() -> dict[str, str]:
        rows = facts.version.table("schools", columns=["school_id", "name"]).to_pylist()
        return {row["school_id"]: row["name"] or row["school_id"] for row in rows}

    return facts.keep(("school names",), read, kind=_KEPT)
