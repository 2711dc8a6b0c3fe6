"""The tables of a bi-weekly report: levels, bands, schools, grades, student groups, promised steps, what changed."""

from datetime import date
from typing import Any

from allpresent.measures import same_school_day_last_year
from allpresent.reports.context import RACE, Context, chronic, points, rate, share
from allpresent.reports.document import CHANGE, DAYS, HIDDEN, PERCENT, POINTS, TEXT, Cell, Column, Table
from allpresent.reports.steps import withheld_steps

GROUP_LABELS = {
    "swd": "Students with disabilities",
    "el": "English learners",
    "frl": "Free or reduced-price meals",
    "homeless": "Experiencing homelessness",
    "s504": "Section 504 plan",
    "migrant": "Migrant",
    "foster": "Foster care",
}
BAND_LABELS = {
    "satisfactory": ("Satisfactory", "under 5%"),
    "at_risk": ("At risk", "5% to under 10%"),
    "moderate_chronic": ("Moderate chronic", "10% to under 20%"),
    "severe_chronic": ("Severe chronic", "20% and over"),
}


def level_tables(made: Context) -> list[Table]:
    """The toolkit's table, for all and, in a district's report, for K-8 and 9-12. The total row is 100.0."""
    whole = made.whole().get("students", 0)
    tables = [_level_table(made, made.rows(["level"]), whole, "levels", "Where students stand, by days absent")]
    if made.scope.school_id:
        return tables
    totals = {row["grade_range"]: row["students"] for row in made.rows(["grade_range"])}
    ranged = made.rows(["grade_range", "level"])
    for name, _grades_in in made.rules.grade_ranges:
        rows = [row for row in ranged if row["grade_range"] == name]
        if rows:
            key = f"levels_{name.lower().replace('-', '_')}"
            title = f"Where students in grades {name} stand, by days absent"
            tables.append(_level_table(made, rows, totals[name], key, title))
    return tables


def _level_table(made: Context, rows: list[dict[str, Any]], total: Cell, key: str, title: str) -> Table:
    by_level = {row["level"]: row["students"] for row in rows}
    counts = [by_level.get(level, 0) for level in made.levels]
    # A dash between numbers, because a spreadsheet takes 6-10 with a hyphen for a day in June.
    lines = [
        (f"{level} {label}", days_out.replace("-", "–"), count, share(count, total))
        for (level, (label, days_out)), count in zip(made.levels.items(), counts, strict=True)
    ]
    columns = (Column("Level", TEXT), Column("Days out", TEXT), Column("Students"), Column("Share", PERCENT))
    # 100.0 is the whole, not the sum of the rounded shares, which may be 99.9.
    whole = 1000 if isinstance(total, int) and total else None
    return Table(key, title, columns, tuple(lines), ("Total", "", total, whole), _hidden_note(lines))


def _hidden_note(rows: Any) -> str:
    hidden = any(HIDDEN in row for row in rows)
    return (
        "* hidden, because it would tell of five children or fewer, or could be worked out from the total."
        if hidden
        else ""
    )


def bar(table: Table) -> tuple[tuple[str, str, int], ...]:
    """The shares of the level table for the bar; none when one is hidden."""
    parts = [(str(row[0]).split(" ", 1), row[3]) for row in table.rows]
    if not all(isinstance(part, int) for _, part in parts):
        return ()
    return tuple((name[0], name[1], part) for name, part in parts if isinstance(part, int))


def bands(made: Context) -> Table:
    by_band = {row["attendance_works_band"]: row["students"] for row in made.rows(["attendance_works_band"])}
    counts = [by_band.get(band, 0) for band in BAND_LABELS]
    unjudged = by_band.get("", 0)
    total = made.whole().get("students")
    lines: list[tuple[Cell, ...]] = [
        (label, meaning, count, share(count, total))
        for (label, meaning), count in zip(BAND_LABELS.values(), counts, strict=True)
    ]
    if unjudged:
        lines.append(("No day reported yet", "", unjudged, share(unjudged, total)))
    columns = (Column("Band", TEXT), Column("Of reported days", TEXT), Column("Students"), Column("Share", PERCENT))
    title = "Where students stand, by share of days absent"
    whole = 1000 if isinstance(total, int) and total else None
    return Table("bands", title, columns, tuple(lines), ("Total", "", total, whole), _hidden_note(lines))


_STANDING = (
    Column("Enrolled"),
    Column("Chronically absent"),
    Column("Share", PERCENT),
    Column("Low", PERCENT),
    Column("High", PERCENT),
    Column("No attendance reported", PERCENT),
)


def _standing(row: dict[str, Any]) -> tuple[Cell, ...]:
    return (
        row["students"],
        row["chronically_absent"],
        rate(row),
        rate(row, "chronic_rate_low"),
        rate(row, "chronic_rate_high"),
        share(row["days_unreported"], row["days_enrolled"]),
    )


def schools(made: Context) -> Table:
    day = same_school_day_last_year(made.facts, made.as_of)
    then = {row["school"]: chronic(row) for row in made.rows(["school"], day)} if day else {}
    lines = [
        (
            made.school_names.get(row["school"], row["school"]),
            *_standing(row),
            points(chronic(row), then.get(row["school"], (None, None))),
        )
        for row in made.rows(["school"])
    ]
    columns = (Column("School", TEXT), *_STANDING, Column("Points since last year", POINTS))
    ordered = tuple(sorted(lines, key=lambda line: str(line[0])))
    whole = made.whole()
    before = chronic(made.whole(day)) if day else (None, None)
    total = ("District", *_standing(whole), points(chronic(whole), before)) if whole else None
    note = "Last year at the same school-day number. " + _hidden_note(ordered)
    return Table("schools", "By school", columns, ordered, total, note.strip())


def grades(made: Context) -> Table:
    lines = tuple((row["grade"] or "not given", *_standing(row)) for row in made.rows(["grade"]))
    return Table("grades", "By grade", (Column("Grade", TEXT), *_STANDING), lines, note=_hidden_note(lines))


def student_groups(made: Context) -> list[Table]:
    lines: list[tuple[Cell, ...]] = []
    for name in made.student_groups:
        column = f"student_group:{name}"
        rows = [] if name.startswith(RACE) else [row for row in made.rows([column]) if row[column] != "0"]
        lines += [(_group_label(name, row[column]), *_standing(row)) for row in rows]
    lines += [(row["race"].removeprefix(RACE).strip(), *_standing(row)) for row in made.races()]
    if not lines:
        return []
    columns = (Column("Student group", TEXT), *_STANDING)
    note = "Groups overlap; they do not add up. " + _hidden_note(lines)
    return [Table("student_groups", "By student group", columns, tuple(lines), note=note.strip())]


def _group_label(name: str, value: str) -> str:
    label = GROUP_LABELS.get(name, name)
    return label if value in ("1", "") else f"{label}: {value}"


def steps(made: Context) -> list[Table]:
    by_level = {row["level"]: row["students"] for row in made.rows(["level"])}
    lines = [
        (
            f"{line.level} {made.levels.get(line.level, ('', ''))[0]}".strip(),
            *withheld_steps(line, made.rules, is_level_hidden=by_level.get(line.level) == HIDDEN),
        )
        for line in made.steps
        if line.level
    ]
    if not lines:
        return []
    heads = ("Promised", "On time", "Late", "Overdue", "Withdrawn", "Exempt")
    columns = (
        Column("Level", TEXT),
        *(Column(head) for head in heads),
        Column("On time of due", PERCENT),
        Column("Median school days to reach", DAYS),
    )
    note = "Withdrawn: the record was corrected or the student left. Due: on time, late or overdue. "
    return [Table("steps", "Promised steps", columns, tuple(lines), note=(note + _hidden_note(lines)).strip())]


def changes(made: Context, now: dict[str, Any], levels: Table) -> list[Table]:
    """What changed since the report before, in counts and points."""
    if made.previous is None:
        return []
    before, old = made.previous.facts, next(table for table in made.previous.tables if table.key == "levels")
    lines: list[tuple[Cell, ...]] = [
        ("Enrolled", _change(now.get("students"), before.get("students")), None),
        (
            "Chronically absent",
            _change(now.get("chronically_absent"), before.get("chronically_absent")),
            points(chronic(now), chronic(before)),
        ),
    ]
    old_counts, total, old_total = {row[0]: row[2] for row in old.rows}, _whole(levels), _whole(old)
    lines += [
        (row[0], _change(row[2], old_counts[row[0]]), points((row[2], total), (old_counts[row[0]], old_total)))
        for row in levels.rows
        if row[0] in old_counts
    ]
    columns = (Column("What", TEXT), Column("Students", CHANGE), Column("Points", POINTS))
    title = f"What changed since the report of {_plain_day(made.previous.as_of)}"
    return [Table("changes", title, columns, tuple(lines))]


def _plain_day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def _whole(levels: Table) -> Cell:
    return levels.total[2] if levels.total else None


def _change(now: Cell, before: Cell) -> Cell:
    if isinstance(now, int) and isinstance(before, int):
        return now - before
    return HIDDEN if HIDDEN in (now, before) else None
