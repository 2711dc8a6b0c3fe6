"""The source ``csv``: the canonical files by name, or any tabular export through a mapping file.

A table the mapping says nothing of is looked for as a canonical file.
"""

from collections.abc import Sequence
from pathlib import Path

from allpresent.intake.canonical import CANONICAL, ROWS, also_needed, needed_columns
from allpresent.intake.codes import resolve_codes
from allpresent.intake.columns import make_typed
from allpresent.intake.finding_files import sort_files
from allpresent.intake.findings import WARNING
from allpresent.intake.keep import quoted
from allpresent.intake.mapping import DateOptions, Mapping, TableOptions
from allpresent.intake.marks import finish_marks
from allpresent.intake.rules import IntakeError, RefusedFileError
from allpresent.intake.sources.declared import Declaration, DeclaredTable
from allpresent.intake.sources.feed import take_from_feed
from allpresent.intake.sources.laying import make_lookup, map_columns
from allpresent.intake.staging import stage_table
from allpresent.intake.workspace import MERGED, Workspace
from allpresent.ledger import TABLES

REQUIRED = tuple(name for name, table in TABLES.items() if table.is_required)
_AS_THEY_ARE = {
    name: TableOptions(file=(f"{name}.csv",), columns={column.name: column.name for column in columns})
    for name, columns in CANONICAL.items()
}
DECLARATION = Declaration(
    name="csv",
    title="Canonical files",
    meaning=(
        "Without a mapping these files are read by name: UTF-8, commas, a header with these names, dates as 2026-11-04,"
        " flags 0 and 1. With a mapping any tabular export is read into the same columns."
    ),
    tables=tuple(
        DeclaredTable(
            name,
            ROWS[name],
            columns,
            makes=(name,),
            also_needed=also_needed(name),
            is_required=TABLES[name].is_required,
            is_strict=name == "calendar_days",
            has_people=name in ("students", "staff", "contacts"),
        )
        for name, columns in CANONICAL.items()
    ),
    ignored={
        "attendance_facts.csv, quarantine.csv, findings.csv": "written by an export, and not read back",
        "source_file": "a column of an export; the file delivered now is the source",
    },
    defaults=_AS_THEY_ARE,
    rules={
        "Q01": "A column of a canonical file that is none of its table's is named in a warning.",
        "D01": "Dates are year first without a mapping; with one the order is decided over each file, or named.",
        "K01": "A row that says its category keeps it; otherwise the mapping's table of codes tells. A row that no "
        "part of the mapping fits is unknown too, unless the mapping says that such rows say nothing.",
    },
)
LOOKUP = "lookup:"  # before the name of a file that only translates keys
# What an export of canonical files holds besides what is read back.
_WRITTEN_ONLY = frozenset({"attendance_facts.csv", "quarantine.csv", "findings.csv"})


def canonical_mapping() -> Mapping:
    """The mapping of files that are canonical already: every column by its own name, dates year first."""
    return Mapping(source="csv", dates=DateOptions(order="ymd"), tables=_AS_THEY_ARE)


def read(workspace: Workspace) -> None:
    """Fill the canonical tables."""
    _check_mapping(workspace.mapping)
    mapping = workspace.mapping = DECLARATION.completed(workspace.mapping)
    patterns = {name: options.file for name, options in mapping.tables.items()}
    patterns |= {f"{LOOKUP}{name}": one.file for name, one in mapping.lookups.items()}
    files, unread = sort_files(workspace.delivered(), patterns)
    _report_unread(workspace, unread)
    missing = [
        " or ".join(patterns[name])
        for name in (*REQUIRED, *(name for name in patterns if name.startswith(LOOKUP)))
        if name not in files
    ]
    if missing:
        workspace.refuse(RefusedFileError(f"The delivery has no {', no '.join(missing)}; add what is missing."))
        workspace.name_aside()
    staged = _stage(workspace, files)
    if workspace.refused:
        return
    for name in mapping.lookups:
        make_lookup(workspace, name, staged[f"{LOOKUP}{name}"])
    for name in TABLES:
        _make_table(workspace, name, staged.get(name))
    if not workspace.refused:
        finish_marks(workspace, has_portions="portion_absent" in mapping.tables["attendance"].named)
        take_from_feed(workspace)


def _check_mapping(mapping: Mapping) -> None:
    """Refuse a mapping that names tables or columns nobody knows, or leaves out what a table needs."""
    for name, options in mapping.tables.items():
        if name not in CANONICAL:
            raise IntakeError(f"The mapping names the table {name!r}; a csv source has {', '.join(CANONICAL)}.")
        known = {column.name for column in CANONICAL[name]}
        for column in sorted(options.named):
            if column not in known:
                raise IntakeError(
                    f"The mapping of {name} names the column {column!r}; it has {', '.join(sorted(known))}."
                )
        for column in needed_columns(name):
            if column not in options.given:
                raise IntakeError(f"The mapping of {name} does not say which column is {column!r}; add it to columns.")
        for one in options.found.values():
            lookup = mapping.lookups.get(one.lookup)
            if lookup is None or len(lookup.match) != len(one.by):
                raise IntakeError(f"The mapping of {name} looks up {one.lookup!r}; name it in lookups, with its keys.")


def _report_unread(workspace: Workspace, unread: Sequence[Path]) -> None:
    for path in unread:
        if path.name.casefold() not in _WRITTEN_ONLY:
            workspace.leave_aside(path)


def _stage(workspace: Workspace, files: dict[str, list[Path]]) -> dict[str, str]:
    """Stage each set of files once; the staged table each canonical table is read from."""
    together: dict[tuple[Path, ...], list[str]] = {}
    for name, paths in files.items():
        together.setdefault(tuple(paths), []).append(name)
    dialect = workspace.mapping.dialect.dialect()
    staged: dict[str, str] = {}
    for group, names in together.items():
        wanted = [label for name in names for label in _labels(workspace, name)]
        needed = list(dict.fromkeys(label for name in names for label in _must(workspace, name)))
        has_people = any(name.startswith(LOOKUP) or DECLARATION.named[name].has_people for name in names)
        first = names[0].removeprefix(LOOKUP)
        if stage_table(workspace, first, group, dialect, wanted, needed, has_people):
            staged |= dict.fromkeys(names, first)
            workspace.came.update(name for name in names if name in CANONICAL)
            _warn_unknown(workspace, names[0], set(wanted))
    return staged


def _labels(workspace: Workspace, name: str) -> list[str]:
    if name.startswith(LOOKUP):
        lookup = workspace.mapping.lookups[name.removeprefix(LOOKUP)]
        return [*lookup.match, lookup.give]
    return workspace.mapping.tables[name].labels


def _must(workspace: Workspace, name: str) -> list[str]:
    """Labels the file has to have: what the table needs, or, in a mapping, every label it names as no optional one."""
    if _is_canonical(workspace, name):
        columns = workspace.mapping.tables[name].columns
        return [columns[column] for column in DECLARATION.named[name].needed]
    return _labels(workspace, name) if name.startswith(LOOKUP) else workspace.mapping.tables[name].must


def _is_canonical(workspace: Workspace, name: str) -> bool:
    return name in CANONICAL and workspace.mapping.tables[name] == _AS_THEY_ARE[name]


def _warn_unknown(workspace: Workspace, table: str, wanted: set[str]) -> None:
    """A misspelled column must not look like a read one."""
    if not _is_canonical(workspace, table):
        return
    for file in (file for file in workspace.files if file.table == table):
        for column in file.header.columns:
            if column and column not in wanted | {"source_file", *file.secrets}:
                message = f"{file.name} has the column {column!r}, which is not one of {table}; it was not read."
                workspace.log.add(
                    "Q01", WARNING, message, file_id=file.file_id, line_no=file.header.line_no, field=column
                )


def _make_table(workspace: Workspace, name: str, staged: str | None) -> None:
    """The canonical table, typed and without refused rows; empty when the file did not come."""
    if staged is None:
        workspace.make_empty(name, [column.name for column in CANONICAL[name]])
        return
    options = workspace.mapping.tables[name]
    fields = map_columns(workspace, name, staged, options, options.columns)
    make_typed(workspace, f"m_{name}", f"t_{name}", CANONICAL[name], fields)
    finish_table(workspace, name, f"t_{name}", options)


def finish_table(workspace: Workspace, name: str, typed: str, options: TableOptions) -> None:
    """The canonical table from its typed rows: refused ones left behind, codes read, and last days inclusive."""
    good = f"SELECT * FROM {typed} WHERE NOT is_bad"
    if options.distinct:
        good = _without_repeats(workspace, name, [column.name for column in CANONICAL[name]], good)
    if name == "attendance":
        resolve_codes(workspace, good)
    elif name == "enrollments" and workspace.mapping.membership.exit_date == "exclusive":
        workspace.run(
            f"CREATE TABLE c_{name} AS SELECT * EXCLUDE (is_bad, is_doubtful)"
            f" REPLACE (last_member_date - 1 AS last_member_date) FROM ({good})"
        )
    else:
        workspace.run(f"CREATE TABLE c_{name} AS SELECT * EXCLUDE (is_bad, is_doubtful) FROM ({good})")


def _without_repeats(workspace: Workspace, name: str, names: list[str], good: str) -> str:
    """Of rows that agree in every mapped column, the first: the mapping declares them one."""
    listed = ", ".join(quoted(column) for column in names)
    workspace.run(
        f"CREATE TEMP TABLE firsts_{name} AS SELECT *, row_number() OVER (PARTITION BY {listed}"
        f" ORDER BY file_id, line_no) AS place FROM ({good})"
    )
    workspace.mark(MERGED, f"SELECT file_id, line_no FROM firsts_{name} WHERE place > 1")
    return f"SELECT * EXCLUDE (place) FROM firsts_{name} WHERE place = 1"
