"""A source's files into typed tables ``t_<table>``, one a table it declares, whatever of them came."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from allpresent.intake.accounting import USED
from allpresent.intake.columns import Column, empty_typed, make_typed
from allpresent.intake.finding_files import sort_files
from allpresent.intake.rules import IntakeError, RefusedFileError
from allpresent.intake.sniff import Dialect
from allpresent.intake.sources.declared import Declaration, DeclaredTable
from allpresent.intake.sources.laying import map_columns
from allpresent.intake.staging import stage_table
from allpresent.intake.workspace import Workspace

# Files of one table into ``s_<table>``: text columns, file_id and line_no. False when none could be read.
Stager = Callable[[Workspace, str, Iterable[Path], Dialect, Collection[str], Collection[str], bool], bool]


def stage_all(
    workspace: Workspace, declaration: Declaration, stage: Stager = stage_table, *, refuses_missing: bool = True
) -> None:
    """Stage every file of the delivery; a declared table that did not come is empty.

    ``stage`` reads files that are not delimited text. ``refuses_missing``: a needed table has to be among them.
    """
    workspace.mapping = declaration.completed(workspace.mapping)
    files = find_files(workspace, declaration)
    if refuses_missing:
        refuse_missing(workspace, declaration, files)
    for table in declaration.tables:
        stage_declared(workspace, table, files.get(table.name, []), stage=stage)
    for name, paths in files.items():
        if name not in declaration.named:
            workspace.decided.extend(f"{path.name}: {name} is not needed" for path in paths)
    for table in declaration.tables:
        if table.is_lookup and table.name in files:
            workspace.mark(USED, f"SELECT file_id, line_no FROM t_{table.name} WHERE NOT is_bad")


def refuse_missing(workspace: Workspace, declaration: Declaration, came: Collection[str]) -> None:
    """Refuse a delivery without a table it has to bring."""
    missing = [
        workspace.mapping.tables[table.name].file[0].replace("*", "")
        for table in declaration.tables
        if table.is_required and table.name not in came
    ]
    if not missing:
        return
    *others, last = missing
    shown = f"{', '.join(others)} and {last}" if others else last
    what, table_words, them = ("files", "tables", "them") if others else ("file", "table", "it")
    workspace.refuse(
        RefusedFileError(
            f"The delivery has no {shown} {what}; export {declaration.title}'s {table_words} {shown} and add {them}."
        )
    )
    workspace.name_aside()


def find_files(workspace: Workspace, declaration: Declaration) -> dict[str, list[Path]]:
    """The delivered files of each table, by name, else by what the file says of itself; the rest is reported."""
    options = workspace.mapping.tables
    for name, one in options.items():
        if name not in declaration.named and one.columns:
            known = ", ".join(declaration.named)
            raise IntakeError(f"The mapping names the table {name!r}; {declaration.title}'s tables are {known}.")
        if one.parts and name in declaration.named:
            _refuse_parts(declaration.named[name])
    files, unread = sort_files(workspace.delivered(), {name: one.file for name, one in options.items()})
    for path in unread:
        told = declaration.table_of(path)
        if told in declaration.named:
            files.setdefault(str(told), []).append(path)
            continue
        workspace.leave_aside(path)
    return files


def _refuse_parts(table: DeclaredTable) -> None:
    """A mark that no part fits makes its day unknown; where marks have no category, it would be left out: present."""
    if "attendance" in table.makes and not any(column.name == "category" for column in table.columns):
        raise IntakeError(
            f"The mapping reads {table.name} in parts, which only marks of a csv source or beside a roster can be; "
            "take parts out of it, or deliver such files as csv."
        )


def note_what_came(workspace: Workspace, declaration: Declaration) -> None:
    """Which canonical tables the delivery brings: those made from a table whose file came."""
    staged = {file.table for file in workspace.files}
    workspace.came.update(name for table in declaration.tables if table.name in staged for name in table.makes)


def stage_declared(
    workspace: Workspace, table: DeclaredTable, paths: list[Path], suffix: str = "", stage: Stager = stage_table
) -> None:
    """Stage the files of one table into ``t_<table><suffix>``, which is empty when there are none."""
    name = f"{table.name}{suffix}"
    options = workspace.mapping.tables[table.name]
    asked = table.asked_for(workspace.mapping)
    labels = options.columns | asked
    wanted = [label for several in (*labels.values(), *options.labels_of_lines) for label in several.split("|")]
    must = [labels[ours] for ours in table.needed if ours not in options.constants]
    dialect = workspace.mapping.dialect.dialect()
    made = {name: (*table.columns, *(Column(column) for column in asked))}
    made |= {f"{also}{suffix}": columns for also, columns in table.also_typed.items()}
    if paths and stage(workspace, name, paths, dialect, wanted, must, table.has_people):
        fields = map_columns(workspace, name, name, options, labels)
        for target, kinds in made.items():
            make_typed(workspace, f"m_{name}", f"t_{target}", kinds, fields)
    else:
        for target, kinds in made.items():
            workspace.show(f"t_{target}", empty_typed(kinds))
