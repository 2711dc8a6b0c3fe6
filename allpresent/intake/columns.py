"""Staged text into typed tables: each column by its kind, each failure a finding with its line.

Only the distinct texts of a column are read in Python; the rows are joined to them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from allpresent.intake.dates import NotADateError, decide_order, read_date
from allpresent.intake.findings import ERROR
from allpresent.intake.keep import literal, quoted
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.values import READERS, Fault
from allpresent.intake.workspace import Workspace

_TYPES = {"flag": pa.int8(), "count": pa.int64(), "date": pa.date32(), "birth": pa.date32()}
_SQL_TYPES = {"flag": "TINYINT", "count": "BIGINT", "date": "DATE", "birth": "DATE"}


@dataclass(frozen=True)
class Column:
    """A column of a typed table.

    ``kind`` is text or one of the readers. ``is_key``: a fault, and a blank where ``is_needed``, refuses the row;
    otherwise a fault leaves the value unknown in a row that stays, listed as an error.
    """

    name: str
    kind: str = "text"
    is_key: bool = False
    is_needed: bool = False


def id_(name: str, *, is_needed: bool = True) -> Column:
    """An id whose faults refuse the row."""
    return Column(name, "id", is_key=True, is_needed=is_needed)


def day(name: str, *, is_needed: bool = True) -> Column:
    """A date whose faults refuse the row."""
    return Column(name, "date", is_key=True, is_needed=is_needed)


def make_typed(
    workspace: Workspace, source: str, target: str, columns: Sequence[Column], fields: dict[str, str]
) -> None:
    """Make table ``target`` from staged table ``source``; ``fields`` gives the label a person knows each column by.

    Adds ``is_bad`` (the row is refused) and ``is_doubtful`` (some value of it is unknown) to file_id and line_no.
    """
    present = set(workspace.columns(source))
    orders = _date_orders(workspace, source, [c for c in columns if c.name in present], fields)
    select, joins, bad, doubtful = ["s.file_id", "s.line_no"], [], ["false"], ["false"]
    for number, column in enumerate(columns):
        label = fields.get(column.name, column.name)
        if column.name not in present:
            select.append(f"CAST(NULL AS {_SQL_TYPES.get(column.kind, 'VARCHAR')}) AS {quoted(column.name)}")
            continue
        if column.kind == "text":
            select.append(f"{_text(workspace, column.name)} AS {quoted(column.name)}")
            continue
        values = f"v{number}"
        _put_values(workspace, values, source, column, label, orders)
        select.append(f"{values}.value AS {quoted(column.name)}")
        joins.append(
            f"LEFT JOIN {values} ON {values}.raw IS NOT DISTINCT FROM s.{quoted(column.name)}"
            f" AND {values}.file_id = {'s.file_id' if column.kind in ('date', 'birth') else '0'}"
        )
        (bad if column.is_key else doubtful).append(f"coalesce({values}.severity = 'error', false)")
        _log_faults(workspace, source, values, column, label)
    workspace.run(
        f"CREATE OR REPLACE TABLE {target} AS SELECT {', '.join(select)}, {' OR '.join(bad)} AS is_bad,"
        f" {' OR '.join(doubtful)} AS is_doubtful FROM {source} s {' '.join(joins)}"
    )


def _text(workspace: Workspace, name: str) -> str:
    """SQL of a free text: trimmed, blank words to NULL, ``="…"`` and a disarmed formula undone."""
    blanks = ", ".join(literal(blank.strip()) for blank in workspace.blanks)
    trimmed = f"trim(s.{quoted(name)})"
    return (
        f"CASE WHEN {trimmed} IN ({blanks}) THEN NULL"
        f" WHEN {trimmed} LIKE '=\"%\"' THEN {trimmed}[3:-2]"
        f" WHEN regexp_matches({trimmed}, '^''[=+@\\-]') THEN {trimmed}[2:] ELSE {trimmed} END"
    )


def _date_orders(
    workspace: Workspace, source: str, columns: Sequence[Column], fields: dict[str, str]
) -> dict[int, str]:
    """The order of day and month of each file of the table, decided over all its date columns together.

    A file whose order cannot be decided is refused and has no entry.
    """
    dates = [column.name for column in columns if column.kind in ("date", "birth")]
    orders: dict[int, str] = {}
    if not dates:
        return orders
    names = {file.file_id: file.name for file in workspace.files}
    for (file_id,) in workspace.rows(f"SELECT DISTINCT file_id FROM {source} ORDER BY file_id"):
        number = int(str(file_id))
        texts = (text for name in dates for text in _distinct(workspace, source, name, number))
        shown = " and ".join(fields.get(name, name) for name in dates)
        try:
            orders[number] = decide_order(texts, workspace.date_order, names[number], shown)
        except RefusedFileError as error:
            workspace.refuse(error, names[number])
    return orders


def _distinct(workspace: Workspace, source: str, name: str, file_id: int | None = None) -> Iterable[str]:
    where = "" if file_id is None else f"WHERE file_id = {file_id}"
    for (text,) in workspace.rows(f"SELECT DISTINCT {quoted(name)} FROM {source} {where}"):
        if text is not None and str(text).strip() not in workspace.blanks:
            yield str(text).strip()


def _put_values(
    workspace: Workspace, target: str, source: str, column: Column, label: str, orders: dict[int, str]
) -> None:
    """Store what each distinct text of a column means: (file_id, raw, value, rule, severity, message)."""
    is_date = column.kind in ("date", "birth")
    key = "file_id" if is_date else "0 AS file_id"
    found = workspace.rows(f"SELECT DISTINCT {key}, {quoted(column.name)} FROM {source}")
    read = [_read(workspace, column, label, int(str(file_id)), raw, orders) for file_id, raw in found]
    is_text = pa.string()
    workspace.put(
        target,
        pa.table(
            {
                "file_id": pa.array([int(str(file_id)) for file_id, _ in found], pa.int32()),
                "raw": pa.array([raw for _, raw in found], is_text),
                "value": pa.array([value for value, _, _, _ in read], _TYPES.get(column.kind, is_text)),
                "rule": pa.array([rule for _, rule, _, _ in read], is_text),
                "severity": pa.array([severity for _, _, severity, _ in read], is_text),
                "message": pa.array([message for _, _, _, message in read], is_text),
            }
        ),
    )


_Read = tuple[object, str | None, str | None, str | None]


def _read(workspace: Workspace, column: Column, label: str, file_id: int, raw: object, orders: dict[int, str]) -> _Read:
    """Value, and the fault if there is one."""
    text = "" if raw is None else str(raw).strip()
    if column.kind in ("date", "birth") and file_id not in orders:
        return None, None, None, None
    if text in workspace.blanks:
        if not column.is_needed:
            return None, None, None, None
        rule = {"id": "I01", "date": "D01"}.get(column.kind, "R01")
        return None, rule, ERROR, f"{label} is blank, and the row says nothing without it."
    try:
        if column.kind in ("date", "birth"):
            window = workspace.mapping.dates.first_year
            return read_date(text, orders[file_id], window, is_birth=column.kind == "birth"), None, None, None
        return READERS[column.kind](text), None, None, None
    except NotADateError as error:
        return None, error.rule, ERROR, f"{label} {text} {error}; correct it in the student information system."
    except Fault as fault:
        return None, fault.rule, fault.severity, f"{label} {text} {fault}."


def _log_faults(workspace: Workspace, source: str, values: str, column: Column, label: str) -> None:
    workspace.run(
        f"INSERT INTO findings SELECT v.rule, v.severity, s.file_id, s.line_no, {literal(label)},"
        f" coalesce(s.{quoted(column.name)}, ''), v.message, '' FROM {source} s JOIN {values} v"
        f" ON v.raw IS NOT DISTINCT FROM s.{quoted(column.name)} AND v.rule IS NOT NULL"
        f" AND v.file_id = {'s.file_id' if column.kind in ('date', 'birth') else '0'}"
    )
