"""PowerSchool's files into typed tables ``t_<table>``, whatever of them came."""

import re
from pathlib import Path

from allpresent.intake.accounting import USED
from allpresent.intake.columns import Column, empty_typed, make_typed
from allpresent.intake.finding_files import delivered_files, sort_files
from allpresent.intake.findings import WARNING
from allpresent.intake.keep import keep_condition, literal, quoted
from allpresent.intake.mapping import TableOptions
from allpresent.intake.rules import IntakeError, RefusedFileError
from allpresent.intake.sources.powerschool.tables import ALSO_NEEDED, COLUMNS, LOOKUPS, REQUIRED, SPAN
from allpresent.intake.staging import stage_table
from allpresent.intake.workspace import LEFT_OUT, Workspace

GROUP = "group:"  # before the label of a column that a student group is read from


def stage_all(workspace: Workspace) -> None:
    """Stage every file; a table that did not come is empty."""
    options = workspace.mapping.tables
    for name, one in options.items():
        if name not in COLUMNS and one.columns:
            raise IntakeError(f"The mapping names the table {name!r}; PowerSchool's tables are {', '.join(COLUMNS)}.")
    patterns = {name: one.file for name, one in options.items()}
    files, unread = sort_files(delivered_files(workspace.folder), patterns)
    for path in unread:
        told = table_of_labels(path)
        if told in COLUMNS:
            files.setdefault(str(told), []).append(path)
            continue
        name = path.relative_to(workspace.folder).as_posix()
        workspace.log.add("R01", WARNING, f"{name} is no file this source reads; it was left aside.", file_name=name)
    for name in REQUIRED:
        if name not in files:
            first = options[name].file[0].replace("*", "")
            message = f"The delivery has no {first} file; export PowerSchool's table {first} and add it."
            workspace.refuse(RefusedFileError(message))
    for name in COLUMNS:
        _stage(workspace, name, options[name], files.get(name, []))
    for name, paths in files.items():
        if name not in COLUMNS:
            workspace.decided.extend(f"{path.name}: {name} is not needed" for path in paths)
    for name in set(LOOKUPS) & set(files):
        workspace.mark(USED, f"SELECT file_id, line_no FROM t_{name} WHERE NOT is_bad")


def table_of_labels(path: Path) -> str | None:
    """The table a file's TABLE.FIELD labels name, for a file whose name says nothing."""
    with path.open("rb") as file:
        first = file.read(1 << 16).decode("latin-1").splitlines()[:1]
    tables = {label.casefold() for label in re.findall(r"(\w+)\.\w+", first[0])} if first else set()
    return tables.pop() if len(tables) == 1 else None


def _stage(workspace: Workspace, name: str, options: TableOptions, paths: list[Path]) -> None:
    columns = COLUMNS[name]
    needed = [column.name for column in columns if column.is_needed] + list(ALSO_NEEDED.get(name, ()))
    labels = options.columns | _own_columns(workspace, name)
    wanted = [label for several in labels.values() for label in several.split("|")]
    must = [labels[ours] for ours in needed if ours not in options.constants]
    dialect = workspace.mapping.dialect.dialect()
    own = tuple(Column(column) for column in _own_columns(workspace, name))
    made = [(f"t_{name}", (*columns, *own)), *([("t_student_spans", SPAN)] if name == "students" else [])]
    if paths and stage_table(workspace, name, paths, dialect, wanted, must):
        fields = _map_columns(workspace, name, options, labels)
        for target, kinds in made:
            make_typed(workspace, f"m_{name}", target, kinds, fields)
    else:
        for target, kinds in made:
            workspace.put(target, empty_typed(kinds))


def _own_columns(workspace: Workspace, name: str) -> dict[str, str]:
    """Columns the mapping asks for beside the table's own: tracks of the calendar, groups of the students."""
    if name == "calendar_day":
        return {track: track for track in workspace.mapping.membership.track_columns}
    if name == "students":
        return {f"{GROUP}{group.column}": group.column for group in workspace.mapping.groups}
    return {}


def _map_columns(workspace: Workspace, name: str, options: TableOptions, labels: dict[str, str]) -> dict[str, str]:
    """Make ``m_<table>``, the staged table under our column names and kept rows only; the label of each column."""
    have = set(workspace.columns(f"s_{name}"))
    fields = {
        ours: next((label for label in several.split("|") if label in have), several.split("|")[0])
        for ours, several in labels.items()
    }
    mapped = {ours: quoted(label) for ours, label in fields.items() if label in have}
    mapped |= {ours: literal(text) for ours, text in options.constants.items()}
    selected = "".join(f", CAST({sql} AS VARCHAR) AS {quoted(ours)}" for ours, sql in mapped.items())
    source = f"s_{name}"
    workspace.run(f"CREATE OR REPLACE VIEW m_{name} AS SELECT file_id, line_no{selected} FROM {source}")
    if options.keep is not None:
        keep = keep_condition(options.keep, mapped)
        workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM m_{name} WHERE NOT {keep}")
        query = f"SELECT * FROM (SELECT file_id, line_no{selected} FROM {source}) WHERE {keep}"
        workspace.run(f"CREATE OR REPLACE VIEW m_{name} AS {query}")
    return fields
