"""Ed-Fi files into staged text tables: the values a mapping's paths lead to, one row an object."""

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from allpresent.intake import staging
from allpresent.intake.findings import WARNING
from allpresent.intake.quoting import BrokenRow
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.secrets import secret_columns
from allpresent.intake.sniff import Dialect, Header
from allpresent.intake.sources.declared import Declaration
from allpresent.intake.sources.edfi.jsonfiles import json_rows
from allpresent.intake.sources.edfi.paths import BadValueError, read_path, value_at
from allpresent.intake.sources.edfi.xmlfiles import named_elements, xml_rows
from allpresent.intake.staging import keep_rows, refuse_large, report_broken
from allpresent.intake.workspace import StagedFile, Workspace

_BATCH = 20_000


class Objects:
    """The objects of one table in one file, as columns of text, with the line each begins on."""

    def __init__(self, name: str, labels: Collection[str]) -> None:
        self._name = name
        self._paths = {label.split("|")[0]: [read_path(one) for one in label.split("|")] for label in labels}
        self._columns: dict[str, list[str | None]] = {name: [] for name in self._paths}
        self._batches: list[pa.Table] = []
        self._lines: list[int] = []
        self._numbers: list[int] = []  # of the object in its table, for files with several on a line
        self.broken: list[tuple[int, int, str]] = []
        self.count = 0
        self._is_by_line, self._last_line = True, 0

    def add(self, line_no: int, row: dict[str, Any] | str) -> None:
        """An object, or why there is none. Raises RefusedFileError for one more than a district has."""
        self.count += 1
        if self.count > staging.MOST_LINES:
            raise staging.too_many_rows(self._name, line_no)
        self._is_by_line = self._is_by_line and line_no > self._last_line
        self._last_line = line_no
        try:
            found = [value_at(row, paths) for paths in self._paths.values()] if isinstance(row, dict) else row
        except BadValueError as error:
            found = str(error)
        if isinstance(found, str):
            self.broken.append((line_no, self.count, found))
            return
        for column, text in zip(self._columns.values(), found, strict=True):
            column.append(text)
        self._lines.append(line_no)
        self._numbers.append(self.count)
        if len(self._lines) == _BATCH:
            self._pack()

    def _pack(self) -> None:
        made = {name: pa.array(texts, pa.string()) for name, texts in self._columns.items()}
        made |= {"?line": pa.array(self._lines, pa.int64()), "?number": pa.array(self._numbers, pa.int64())}
        self._batches.append(pa.table(made))
        for texts in self._columns.values():
            texts.clear()
        self._lines.clear()
        self._numbers.clear()

    def table(self) -> pa.Table:
        """All of it, each row under its line, or under its number where several objects share one."""
        self._pack()
        whole = pa.concat_tables(self._batches)
        line = whole["?line"] if self._is_by_line else whole["?number"]
        return whole.drop_columns(["?line", "?number"]).append_column("line_no", line)

    def broken_rows(self) -> list[BrokenRow]:
        """The objects that are none."""
        return [BrokenRow(line if self._is_by_line else number, why) for line, number, why in self.broken]

    @property
    def is_by_line(self) -> bool:
        """Whether a row is known by its line; else by its number."""
        return self._is_by_line


class EdFiStager:
    """Stages the tables of one delivery; an interchange, which holds several tables, is read once."""

    def __init__(self, declaration: Declaration, elements: dict[str, str]) -> None:
        self._declaration = declaration
        self._elements = elements  # name of an element: its table
        self._read: dict[Path, dict[str, Objects]] = {}
        self._named: dict[Path, Any] | None = None

    def __call__(
        self,
        workspace: Workspace,
        table: str,
        paths: Iterable[Path],
        dialect: Dialect,
        _wanted: Collection[str],
        _needed: Collection[str],
        _has_people: bool = False,
    ) -> bool:
        """Make ``s_<table>`` of the objects in these files; False when there are none."""
        files = list(paths)
        if self._named is None and any(map(_is_xml, files)):
            self._named = named_elements(path for path in files if _is_xml(path))
        parts = []
        for path in files:
            name = path.relative_to(workspace.folder).as_posix()
            try:
                objects = self._objects(workspace, table, path, name)
            except RefusedFileError as error:
                workspace.refuse(error, name)
                continue
            if objects is not None:
                parts.append(_stage(workspace, table, path, name, dialect, objects))
        return keep_rows(workspace, table, parts)

    def _objects(self, workspace: Workspace, table: str, path: Path, name: str) -> Objects | None:
        """The objects of one table in a file; None where an interchange has none."""
        if not _is_xml(path):
            workspace.progress(f"reading {name}")
            return _collected(path, name, self._labels(workspace, table))
        if path not in self._read:
            self._read[path] = {}  # a file that cannot be read is refused once
            self._read[path] = self._interchange(workspace, path, name)
        return self._read[path].pop(table, None)

    def _interchange(self, workspace: Workspace, path: Path, name: str) -> dict[str, Objects]:
        workspace.progress(f"reading {name}")
        refuse_large(path, name)
        found: dict[str, Objects] = {}
        unread: Counter[str] = Counter()
        for kind, line_no, row in xml_rows(path, name, self._named or {}):
            table = self._elements.get(kind)
            if table is None:
                unread[kind] += 1
                continue
            if table not in found:
                found[table] = Objects(name, self._labels(workspace, table))
            found[table].add(line_no, row)
        for kind, count in sorted(unread.items()):
            workspace.decided.append(f"{name}: {count:,} {kind} are not needed")
        return found

    def _labels(self, workspace: Workspace, table: str) -> list[str]:
        """The paths to stage, none of which may lead to a secret (rule S01)."""
        asked = self._declaration.named[table].asked_for(workspace.mapping)
        options = workspace.mapping.tables[table]
        labels = list(dict.fromkeys([*(options.columns | asked).values(), *options.labels_of_lines]))
        secret = [label for label in labels if secret_columns(label.replace(".", " ").split("|"))]
        for label in secret:
            message = f"The path {label} leads to a secret and is not read; take it out of the mapping."
            workspace.log.add("S01", WARNING, message, field=label)
        return [label for label in labels if label not in secret]


def _collected(path: Path, name: str, labels: Collection[str]) -> Objects:
    refuse_large(path, name)
    objects = Objects(name, labels)
    for line_no, row in json_rows(path, name):
        objects.add(line_no, row)
    return objects


def _stage(workspace: Workspace, table: str, path: Path, name: str, dialect: Dialect, objects: Objects) -> pa.Table:
    """The file with its rows noted in the workspace."""
    rows = objects.table()
    columns = tuple(column for column in rows.column_names if column != "line_no")
    form = "XML" if _is_xml(path) else "JSON"
    file = StagedFile(len(workspace.files), path, name, table, Header(columns, 0, form), "utf-8", dialect)
    file.rows = objects.count
    file.last_line_no = objects.count
    workspace.files.append(file)
    how = "" if objects.is_by_line else ", which share lines: a line number is the number of the row"
    workspace.decided.append(f"{file.decided}{how}")
    report_broken(workspace, file, objects.broken_rows())
    return rows.append_column("file_id", pa.array([file.file_id] * rows.num_rows, pa.int32()))


def _is_xml(path: Path) -> bool:
    return path.suffix.casefold() == ".xml"
