"""Nothing that leaves tells of one to five students: not a cell, not a sum, not two tables held together."""

import random
from collections.abc import Iterator

import pytest

from allpresent.reports import FORMATS, Report, Scope, StepsLine, biweekly, render
from allpresent.reports.document import COUNT, HIDDEN, Table
from allpresent.reports.steps import whole_scope, withheld_steps
from allpresent.reports.tables import GROUP_LABELS
from allpresent.reports.withhold import withhold
from tests.reports.districts import ELM_HARBOR, LEVELS, RULES, Home

SCHOOLS = {"A": ("K", "01", "02"), "B": ("03", "08"), "C": ("09", "10"), "D": ("PK", "K")}
GROUPS = ("el", "race:Asian", "race:Black", "race:White", "swd")
RACES = (("student_groups", 1), ("student_groups", 2))
ALL_HIDDEN = (HIDDEN,) * 8


def drawn(seed: int) -> Home:
    """A few small schools with many small cells; half of them also with a day nobody reported."""
    chance = random.Random(seed)
    home = Home(days=30, days_last_year=30)
    for school in list(SCHOOLS)[: chance.randint(1, 4)]:
        home.add(chance.choice((3, 12, 40)), school, SCHOOLS[school][0], 0, 0)
        for grade in SCHOOLS[school]:
            for absent in (0, 2, 3, 4, 6, 11, 15, 18):
                if chance.random() < 0.5:
                    home.add(chance.choice((1, 1, 2, 3, 5, 6, 9, 20)), school, grade, absent, chance.choice((-1, 0, 5)))
    home.groups = [
        (number, chance.choice(("swd", "el")), "1") for number in range(len(home.students)) if chance.random() < 0.2
    ]
    races = chance.choices(("Asian", "Black", "White"), (1, 6, 8), k=len(home.students))
    home.groups += [(number, f"race:{race}", "1") for number, race in enumerate(races)]
    if chance.random() < 0.5 and any(student[0] == "B" for student in home.students):
        home.untaken = {"A": chance.randint(1, 6)}
    return home


def reports_of(home: Home, path) -> Iterator[Report]:
    """The district's report and one for each school."""
    facts = home.post(path)
    schools = sorted({student[0] for student in home.students})
    names = {school: f"School {school}" for school in schools}
    for scope in (Scope("Elm Harbor"), *(Scope(names[school], school) for school in schools)):
        yield biweekly(
            facts,
            home.as_of,
            RULES,
            scope,
            district=ELM_HARBOR,
            school_names=names,
            levels=LEVELS,
            student_groups=GROUPS,
        )


# What a reader with a pencil would try


def counts_of(table: Table) -> Iterator[tuple[str, list[object], object]]:
    for place, column in enumerate(table.columns):
        if column.kind == COUNT:
            yield (
                f"{table.key}: {column.head}",
                [row[place] for row in table.rows],
                (table.total[place] if table.total else None),
            )


def small_cells(report: Report) -> Iterator[str]:
    for table in report.tables:
        for name, cells, total in counts_of(table):
            yield from (f"{name} is {cell}" for cell in (*cells, total) if isinstance(cell, int) and 1 <= cell <= 5)


def told_by(name: str, cells: list[object], total: object) -> Iterator[str]:
    hidden = sum(cell == HIDDEN for cell in cells)
    if total == HIDDEN and cells and not hidden:
        yield f"{name}: the hidden total is the sum of its cells"
    if not isinstance(total, int) or not hidden:
        return
    rest = total - sum(cell for cell in cells if isinstance(cell, int))
    if hidden == 1:
        yield f"{name}: one cell is hidden and is {rest}"
    if 1 <= rest <= 5:
        yield f"{name}: the hidden cells are {rest} together"


def told_by_sums(report: Report) -> Iterator[str]:
    whole = report.facts
    for table in report.tables:
        for name, cells, total in counts_of(table):
            if table.key == "grades":  # its totals stand among the figures
                total = whole["students"] if name.endswith("Enrolled") else whole["chronically_absent"]
            if table.key not in ("student_groups", "steps"):
                yield from told_by(name, cells, total)


def told_by_bands(report: Report) -> Iterator[str]:
    """The two upper bands are the chronically absent, whose number opens the report."""
    bands = next(table for table in report.tables if table.key == "bands")
    held = {row[0]: row[2] for row in bands.rows}
    upper = [held["Moderate chronic"], held["Severe chronic"]]
    chronic, students = report.facts["chronically_absent"], report.facts["students"]
    if isinstance(chronic, int) and upper.count(HIDDEN) == 1:
        yield "a chronic band is the chronically absent without the other"
    lower = [count for name, count in held.items() if name not in ("Moderate chronic", "Severe chronic")]
    if isinstance(students, int) and isinstance(chronic, int) and lower.count(HIDDEN) == 1:
        yield "a lower band is those not chronically absent without the other"
    if chronic == HIDDEN and isinstance(students, int):
        if HIDDEN not in upper:
            yield "the chronic bands tell the chronically absent"
        if HIDDEN not in lower:
            yield "the lower bands tell the chronically absent"


def told_by_ranges(report: Report) -> Iterator[str]:
    """K-8 and 9-12 make all, where there is no pre-kindergarten."""
    held = {table.key: table for table in report.tables}
    if not {"levels_k_8", "levels_9_12"} <= set(held):
        return
    for rows in zip(*(held[key].rows for key in ("levels", "levels_k_8", "levels_9_12")), strict=True):
        if sum(row[2] == HIDDEN for row in rows) == 1:
            yield f"{rows[0][0]} follows from the two other tables"


def shares_without_counts(report: Report) -> Iterator[str]:
    """A share beside a hidden count would tell it, its whole being known."""
    for table in report.tables:
        for row in (*table.rows, *([table.total] if table.total else [])):
            for place, column in enumerate(table.columns):
                beside = {"Students": 2, "Chronically absent": 2}.get(table.columns[place - 1].head)
                if column.head == "Share" and beside and row[place - 1] == HIDDEN and isinstance(row[place], int):
                    yield f"{table.key}: {row[0]} shows a share"
            if table.key in ("schools", "grades", "student_groups") and row[2] == HIDDEN:
                yield from (f"{table.key}: {row[0]} shows a bound" for cell in row[4:7] if isinstance(cell, int))


def told_by_races(report: Report) -> Iterator[str]:
    """Everybody drawn here has one race."""
    groups = next((table for table in report.tables if table.key == "student_groups"), None)
    races = [row for row in groups.rows if row[0] not in GROUP_LABELS.values()] if groups else []
    for place, whole in ((1, report.facts["students"]), (2, report.facts["chronically_absent"])):
        yield from told_by(f"races, column {place}", [row[place] for row in races], whole)


def told_across(district: Report, schools: list[Report]) -> Iterator[str]:
    """The reports of all schools laid beside the district's."""

    def column(report: Report, key: str, place: int) -> dict[str, object]:
        return {str(row[0]): row[place] for table in report.tables if table.key == key for row in table.rows}

    for key, place in (("levels", 2), ("bands", 2), ("grades", 1), ("grades", 2), *RACES):
        for name, total in column(district, key, place).items():
            cells = [column(report, key, place).get(name, 0) for report in schools]
            yield from told_by(f"{key} {name} over schools", cells, total)


def everything_told(report: Report, has_pre_k: bool) -> list[str]:
    found = [*small_cells(report), *told_by_sums(report), *told_by_bands(report), *shares_without_counts(report)]
    found += told_by_races(report)
    return found if has_pre_k else found + list(told_by_ranges(report))


@pytest.mark.parametrize("seed", range(8))
def test_a_pencil_finds_nothing_in_the_reports_of_small_schools(seed, tmp_path):
    home = drawn(seed)
    has_pre_k = any(student[1] == "PK" for student in home.students)
    reports = list(reports_of(home, tmp_path))
    for report in reports:
        assert everything_told(report, has_pre_k) == [], report.scope_name
    assert list(told_across(reports[0], reports[1:])) == []


def test_the_pencil_finds_what_is_there_to_find(seed_report, tmp_path):
    """The attacks themselves: an uncontrolled table is read at once."""
    assert list(told_by("x", [40, HIDDEN, 9], 52)) == [
        "x: one cell is hidden and is 3",
        "x: the hidden cells are 3 together",
    ]
    assert list(told_by("x", [40, HIDDEN, HIDDEN], 45)) == ["x: the hidden cells are 5 together"]
    assert list(told_by("x", [40, 9], HIDDEN)) == ["x: the hidden total is the sum of its cells"]
    assert not list(told_by("x", [40, HIDDEN, HIDDEN], 46))
    assert not [told for told in everything_told(seed_report, has_pre_k=False) if not told.startswith("races")]


def test_hidden_cells_are_hidden_in_every_form(tmp_path):
    home = Home(days=30, days_last_year=30).add(3, "A", "03", 18).add(60, "A", "03", 0).add(41, "A", "03", 4)
    report = next(iter(reports_of(home, tmp_path)))
    levels = {row[0]: row[2] for row in next(table for table in report.tables if table.key == "levels").rows}
    assert levels["L6 Extreme"] == HIDDEN
    assert list(levels.values()).count(HIDDEN) == 2
    assert report.levels == ()  # no bar either, whose lengths would tell
    for form in FORMATS[1:]:
        assert b"Extreme" in render(report, form) or form == "xlsx"


# The rule itself, on rows drawn by hand


def rows(*students: int | str, name: str = "level") -> list[dict[str, object]]:
    more = dict.fromkeys(("chronic_rate", "chronic_rate_low", "chronic_rate_high", "days_unreported", "truant"), 1)
    return [
        {name: f"g{number}", "students": count, "chronically_absent": 0, **more}
        for number, count in enumerate(students)
    ]


@pytest.mark.parametrize(
    ("students", "total", "kept"),
    [
        ((40, 9, 12), 61, (40, 9, 12)),
        ((40, HIDDEN, HIDDEN), 45, (HIDDEN, HIDDEN, HIDDEN)),  # 5 together: the next goes too
        ((40, 20, HIDDEN, HIDDEN), 65, (40, HIDDEN, HIDDEN, HIDDEN)),
        ((40, HIDDEN, HIDDEN), 50, (40, HIDDEN, HIDDEN)),
        ((40, 0, HIDDEN), 43, (HIDDEN, 0, HIDDEN)),  # a zero is the last resort
        ((0, HIDDEN), 8, (HIDDEN, HIDDEN)),
        ((40, 9), HIDDEN, (40, HIDDEN)),  # a hidden total is not the sum of what is shown
    ],
)
def test_the_next_smallest_goes_where_a_sum_would_tell(students, total, kept):
    whole = [{"students": total, "chronically_absent": 0}]
    (found,) = withhold([(["level"], rows(*students))], lambda keys: whole, RULES)
    assert tuple(row["students"] for row in found) == kept
    newly = [row for row, was in zip(found, students, strict=True) if row["students"] != was]
    assert all(value == HIDDEN for row in newly for key, value in row.items() if key != "level")


def test_what_was_hidden_stays_hidden_and_the_given_rows_are_left_alone():
    given = rows(40, HIDDEN, HIDDEN, 8)
    whole = [{"students": 53, "chronically_absent": 0}]
    (found,) = withhold([(["level"], given)], lambda keys: whole, RULES)
    assert given[3]["students"] == 8
    assert all(row["students"] == HIDDEN for row, was in zip(found, given, strict=True) if was["students"] == HIDDEN)


def test_races_make_the_whole_although_each_is_a_table_of_its_own(tmp_path):
    home = Home(days=30, days_last_year=30).add(44, "A", "03", 0).add(60, "A", "03", 4).add(3, "A", "03", 18)
    races = ["White"] * 50 + ["Black"] * 45 + ["Asian"] * 9 + ["Pacific Islander"] * 3
    home.groups = [(number, f"race:{race}", "1") for number, race in enumerate(races)]
    facts = home.post(tmp_path)
    named = tuple(sorted({group[1] for group in home.groups}))
    report = biweekly(
        facts,
        home.as_of,
        RULES,
        Scope("A", "A"),
        district=ELM_HARBOR,
        school_names={},
        levels=LEVELS,
        student_groups=named,
    )
    groups = next(table for table in report.tables if table.key == "student_groups")
    enrolled = {row[0]: row[1] for row in groups.rows}
    # Hiding three of 107 alone would leave 107 - 104; the nine go with them.
    assert enrolled == {"Asian": HIDDEN, "Black": 45, "Pacific Islander": HIDDEN, "White": 50}


# Promised steps


def test_steps_of_a_hidden_level_are_hidden():
    line = StepsLine("L6", 40, 30, 5, 5, 0, 0, 30)
    assert withheld_steps(line, RULES, is_level_hidden=True) == ALL_HIDDEN
    assert withheld_steps(StepsLine("L6", 4, 4, 0, 0, 0, 0), RULES, is_level_hidden=False) == ALL_HIDDEN


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        (StepsLine("L2", 100, 60, 20, 20, 0, 0, 45), (100, 60, 20, 20, 0, 0, 600, 45)),
        # Three late: the share would tell them, and so would the promised ones.
        (StepsLine("L2", 83, 60, 3, 20, 0, 0, 45), (HIDDEN, 60, HIDDEN, 20, 0, 0, HIDDEN, 45)),
        (StepsLine("L2", 99, 60, 3, 20, 0, 0, 45), (99, 60, HIDDEN, 20, 0, 0, HIDDEN, 45)),
        (StepsLine("L2", 105, 60, 20, 20, 2, 3, 45), (HIDDEN, 60, 20, 20, HIDDEN, HIDDEN, 600, 45)),
        (StepsLine("L2", 18, 9, 6, 0, 0, 0, 45), (18, 9, 6, 0, 0, 0, HIDDEN, HIDDEN)),
        (StepsLine("L2", 50, 0, 0, 0, 0, 0), (50, 0, 0, 0, 0, 0, None, None)),
    ],
)
def test_few_steps_are_few_students(line, cells):
    assert withheld_steps(line, RULES, is_level_hidden=False) == cells


def test_steps_of_the_whole_scope_are_not_counted_twice():
    levels = (StepsLine("L2", 50, 30, 10, 10, 0, 0), StepsLine("L3", 50, 10, 10, 30, 0, 0))
    assert whole_scope(levels) == (40, 100, None)
    assert whole_scope((*levels, StepsLine("", 100, 40, 20, 40, 0, 0, 45))) == (40, 100, 45)
    assert whole_scope(()) == (0, 0, None)


def test_steps_in_a_report_are_withheld_by_the_levels_beside_them(tmp_path):
    home = Home(days=30, days_last_year=30).add(3, "A", "03", 18).add(60, "A", "03", 0).add(41, "A", "03", 4)
    facts = home.post(tmp_path)
    lines = (StepsLine("L2", 164, 100, 20, 30, 0, 0, 30), StepsLine("L6", 24, 8, 8, 8, 0, 0, 30))
    report = biweekly(
        facts, home.as_of, RULES, Scope("A", "A"), district=ELM_HARBOR, school_names={}, levels=LEVELS, steps=lines
    )
    steps = next(table for table in report.tables if table.key == "steps")
    levels = {row[0]: row[2] for row in next(table for table in report.tables if table.key == "levels").rows}
    assert levels["L6 Extreme"] == levels["L2 Alert"] == HIDDEN
    assert steps.rows == (("L2 Alert", *ALL_HIDDEN), ("L6 Extreme", *ALL_HIDDEN))
    assert "hidden" in steps.note
