"""The counts of every scope on any day of a data version, worked out once and kept with the facts."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from allpresent.measures import (
    Facts,
    Rules,
    groups,
    same_school_day_last_year,
    school_days,
    standings,
)
from allpresent.web.presenters.charts import Reading
from allpresent.web.presenters.shares import rounded
from allpresent.web.presenters.tallies import ALL_SCHOOLS, GRADE_RANGES, Tally, tally_by, total

EVERY = 10  # school days between two points of the goal line
_KEPT = "pages"  # kept as long as the facts: a tally of a day is a few hundred bytes


def school_of(scope: str) -> str | None:
    """The school whose calendar a scope goes by; None for the district's."""
    return None if scope == ALL_SCHOOLS or scope in GRADE_RANGES else scope


def tallies_on(facts: Facts, day: date, rules: Rules) -> Mapping[str, Tally]:
    """The tally of every school, of each grade range and of the district, by scope."""

    def make() -> dict[str, Tally]:
        table = standings(facts, day, rules)
        ranges = tally_by(table, "grade_range")
        schools = tally_by(table, "school_id")
        named = {key: ranges.get(name, Tally()) for key, name in GRADE_RANGES.items()}
        return schools | named | {ALL_SCHOOLS: total(schools.values())}

    return facts.keep(("tallies", day, rules), make, kind=_KEPT)


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
    key = ("grades", day, rules, scope)
    return facts.keep(key, lambda: tally_by(standings(facts, day, rules), "grade", scope), kind=_KEPT)


def student_group_on(facts: Facts, day: date, rules: Rules, scope: str, name: str) -> Mapping[str, Tally]:
    """The scope's tallies by the value of one student group."""
    key = ("student group", day, rules, scope, name)
    return facts.keep(key, lambda: _student_group(facts, day, rules, scope, name), kind=_KEPT)


def _student_group(facts: Facts, day: date, rules: Rules, scope: str, name: str) -> dict[str, Tally]:
    column = f"student_group:{name}"
    by = {ALL_SCHOOLS: [column]}.get(scope, ["grade_range" if scope in GRADE_RANGES else "school", column])
    here = GRADE_RANGES.get(scope, scope)
    found: dict[str, Tally] = {}
    for row in groups(facts, day, rules, [*by, "level"]).to_pylist():
        if len(by) == 1 or row[by[0]] == here:
            found[row[column]] = found.get(row[column], Tally()) + _of_level(row)
    return found


def _of_level(row: Mapping[str, object]) -> Tally:
    """A group's row of one level as a tally; counts come back exactly from six decimals of their rates."""
    students = int(str(row["students"]))

    def counted(rate: str) -> int:
        return int(rounded(Fraction(str(row[rate])) * students, 0))

    levels = tuple(students if row["level"] == f"L{n}" else 0 for n in range(1, 7))
    return Tally(
        students,
        int(str(row["chronically_absent"])),
        counted("chronic_rate_low"),
        counted("chronic_rate_high"),
        levels,
        int(str(row["days_enrolled"])),
        int(str(row["days_unreported"])),
    )


def readings(facts: Facts, rules: Rules, scope: str, as_of: date, *, is_whole_year: bool = False) -> list[Reading]:
    """The scope's chronic share on every tenth school day of the year of ``as_of``, and on the last of them.

    Up to ``as_of``, or over the whole year where all of it was delivered.
    """
    held = school_days(facts, as_of, school_of(scope), is_whole_year=is_whole_year)
    held = [day for day in held if day <= facts.last_school_day]
    numbers = list(range(EVERY, len(held) + 1, EVERY))
    if held and (not numbers or numbers[-1] != len(held)):
        numbers.append(len(held))
    found = [(number, tally_on(facts, held[number - 1], rules, scope)) for number in numbers]
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
