"""Writes docs/reference/sources.md from what each source declares of itself, and its mapping."""

from allpresent.intake.columns import Column
from allpresent.intake.mapping import Mapping
from allpresent.intake.rules import RULES
from allpresent.intake.secrets import SECRETS
from allpresent.intake.sources import SOURCES, default_mapping
from allpresent.intake.sources.declared import Declaration, DeclaredTable
from tools.reference.facts import MEANINGS
from tools.reference.mappings import shipped_mappings
from tools.reference.markdown import code, page, table
from tools.reference.published import published

KINDS = {
    "text": "text",
    "id": "id",
    "date": "date",
    "birth": "birth date",
    "flag": "0 or 1",
    "protected": "0, or any word",
    "address": "address",
    "count": "whole number",
    "number": "number",
    "grade": "grade",
    "portion": "share from 0 to 1",
    "category": "category",
    "mode": "mode",
}


# Columns that only a source has.
WORDS = {
    "key": "the row's own key",
    "status": "whether a delta changes or deletes the row",
    "org_key": "the organisation",
    "org_keys": "the organisations",
    "primary_org_key": "the organisation of a person's main role",
    "user_key": "the person",
    "user_ids": "other ids; the mapping may name the type that is the state's",
    "class_key": "the class",
    "course_key": "the course, for the name of a class without a title",
    "session_keys": "the sessions, for the days of seats that name none",
    "agent_keys": "the persons who belong to a student",
    "home": "where the person lives",
    "physical": "where the person lives, if no home is told",
    "mailing": "where letters go, if neither is told",
    "left_date": "the day after the last one",
    "exit_date": "the day after the last one",
    "property": "the property",
    "identifier": "the district's own number, which the marks carry",
    "role": "what the person is there",
    "title": "the title",
}
# Columns that mean another thing in one table.
IN_TABLE = {
    ("academicSessions", "start_date"): "first day, included",
    ("academicSessions", "end_date"): "last day, included",
    ("manifest", "value"): "what is said of the property",
    ("students", "status"): "0 enrolled, 1 inactive, 2 transferred out, 3 graduated, 4 historical, -1 not yet enrolled",
}


def sources() -> str:
    """Every source: its tables and columns, its rules, what is ignored and which secrets are dropped."""
    rows = [
        (code(name), one.declaration.title, ", ".join(_made(one.declaration))) for name, one in sorted(SOURCES.items())
    ]
    return page(
        "Sources: the files that are read",
        "A delivery is a folder of files, or one zip file, of one source. Which source fits which system, and what to "
        "ask the vendor for: [Connect a source](../how-to/connect-a-source.md). Rules that hold for every source: "
        "[Deliveries](deliveries.md). What the canonical tables mean: [Tables](tables.md).",
        table(("source", "what it is", "canonical tables it can fill"), rows),
        "A needed column has to be in the file. A column that is not listed is not read. Labels are compared in small "
        "letters. A mapping can name other files and other labels: [Write a mapping](../how-to/write-a-mapping.md).",
        f"Secrets dropped before anything is stored (rule S01), in tables of people: columns named {SECRETS}.",
        *(_source(name, one.declaration) for name, one in sorted(SOURCES.items())),
        shipped_mappings(),
        published(),
    )


def _made(declaration: Declaration) -> list[str]:
    """The canonical tables of a source, in the order of its tables."""
    return list(dict.fromkeys(name for one in declaration.tables for name in one.makes))


def _source(name: str, declaration: Declaration) -> str:
    mapping = default_mapping(name)
    parts = [f"## Source `{name}`: {declaration.title}", declaration.meaning]
    parts += [_table(one, mapping) for one in declaration.tables]
    if declaration.rules:
        rows = [(code(rule), RULES[rule].title, told) for rule, told in sorted(declaration.rules.items())]
        parts.append("### Rules in this source\n\n" + table(("rule", "what it is", "what it means here"), rows))
    if declaration.ignored:
        rows = [(what, why) for what, why in declaration.ignored.items()]
        parts.append("### Ignored on purpose\n\n" + table(("what", "why"), rows))
    return "\n\n".join(parts)


def _table(one: DeclaredTable, mapping: Mapping) -> str:
    options = mapping.tables[one.name]
    kind = "Needed." if one.is_required else "Read to understand the others." if one.is_lookup else "Optional."
    makes = f" Becomes {', '.join(map(code, one.makes))}." if one.makes else ""
    strict = " Every row has to be right." if one.is_strict else ""
    kinds = {column.name: column for column in _columns(one)}
    rows = [
        (
            _labels(options.columns[ours]),
            KINDS[column.kind],
            "needed" if ours in one.needed else "",
            _meaning(one, column),
        )
        for ours, column in kinds.items()
        if ours in options.columns
    ]
    rows += [
        (
            ", ".join(_labels(label) for line in lines for label in line),
            KINDS["address"],
            "",
            _meaning(one, kinds[ours]),
        )
        for ours, lines in options.lines.items()
    ]
    files = ", ".join(code(pattern) for pattern in options.file)
    told = f"### {one.name}\n\nOne row {one.meaning}. Files {files}. {kind}{makes}{strict}"
    ignored = f"Not read: {', '.join(map(code, one.ignored))}." if one.ignored else ""
    return "\n\n".join(filter(None, [told, table(("column", "kind", "", "read as"), rows), ignored]))


def _columns(one: DeclaredTable) -> tuple[Column, ...]:
    return (*one.columns, *(column for also in one.also_typed.values() for column in also))


def _labels(several: str) -> str:
    return " or ".join(code(label.strip()) for label in several.split("|"))


def _meaning(one: DeclaredTable, column: Column) -> str:
    """What a column is read as; a row that has to say it cannot leave it blank."""
    ours = column.name
    told = IN_TABLE.get((one.name, ours)) or MEANINGS.get(ours) or WORDS.get(ours, ours.replace("_", " "))
    return told.partition("; blank")[0] if column.is_needed else told
