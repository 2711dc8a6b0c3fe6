"""Staged text into typed tables: each column by its kind, each failure a finding with its line.

Only the distinct texts of a column are read in Python; the rows look them up.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.intake.dates import ORDERS, NotADateError, decide_order, read_date
from allpresent.intake.findings import ERROR
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.values import FORMULA, READERS, Fault, unwrapped
from allpresent.intake.workspace import Workspace

_TYPES = {"flag": pa.int8(), "protected": pa.int8(), "count": pa.int64(), "date": pa.date32(), "birth": pa.date32()}
_DATES = ("date", "birth")
_Mask = npt.NDArray[np.bool_]


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
    workspace: Workspace, source: str, target: str, columns: Sequence[Column], fields: Mapping[str, str]
) -> None:
    """Make table ``target`` from staged table ``source``; ``fields`` gives the label a person knows each column by.

    Adds ``is_bad`` (the row is refused) and ``is_doubtful`` (some value of it is unknown) to file_id and line_no.
    """
    rows = workspace.arrow(f"SELECT * FROM {source}")
    orders = _date_orders(workspace, rows, columns, fields)
    bad = np.zeros(rows.num_rows, dtype=bool)
    doubtful = np.zeros(rows.num_rows, dtype=bool)
    made = {"file_id": rows["file_id"], "line_no": rows["line_no"]}
    for column in columns:
        if column.name not in rows.column_names:
            made[column.name] = pa.nulls(rows.num_rows, _TYPES.get(column.kind, pa.string()))
            continue
        if column.kind == "text":
            made[column.name] = _plain_text(workspace, rows[column.name])
            continue
        label = fields.get(column.name, column.name)
        made[column.name], wrong = _read_column(workspace, rows, column, label, orders)
        if wrong is not None:
            target_mask = bad if column.is_key else doubtful
            target_mask |= wrong
    workspace.show(target, pa.table(made | {"is_bad": pa.array(bad), "is_doubtful": pa.array(doubtful)}))


def empty_typed(columns: Sequence[Column]) -> pa.Table:
    """What ``make_typed`` makes of a table that did not come."""
    fields = [("file_id", pa.int32()), ("line_no", pa.int64())]
    fields += [(column.name, _TYPES.get(column.kind, pa.string())) for column in columns]
    return pa.schema([*fields, ("is_bad", pa.bool_()), ("is_doubtful", pa.bool_())]).empty_table()


def _plain_text(workspace: Workspace, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A free text: trimmed, blank words to null, ``="…"`` and a disarmed formula undone."""
    trimmed = pc.utf8_trim_whitespace(column)
    wrapped = pc.match_substring_regex(trimmed, f"""^(="|'{FORMULA})""")
    if pc.any(wrapped).as_py():
        bare = pa.array([unwrapped(text or "") for text in trimmed.to_pylist()], pa.string())
        trimmed = pc.if_else(wrapped, bare, trimmed)
    is_blank = pc.is_in(trimmed, value_set=pa.array(sorted(workspace.blanks), pa.string()))
    return pc.if_else(is_blank, pa.scalar(None, pa.string()), trimmed)


def _date_orders(
    workspace: Workspace, rows: pa.Table, columns: Sequence[Column], fields: Mapping[str, str]
) -> dict[int, str]:
    """The order of day and month of each file of the table, decided over all its date columns together.

    A file whose order cannot be decided is refused and has no entry.
    """
    dates = [column.name for column in columns if column.kind in _DATES and column.name in rows.column_names]
    if not dates:
        return {}
    names = {file.file_id: file.name for file in workspace.files}
    shown = " and ".join(fields.get(name, name) for name in dates)
    orders: dict[int, str] = {}
    for number in pc.unique(rows["file_id"]).to_pylist():
        own = rows.filter(pc.equal(rows["file_id"], number))
        texts = (text.strip() for name in dates for text in pc.unique(own[name]).to_pylist() if text)
        try:
            orders[number] = decide_order(texts, workspace.date_order, names[number], shown)
            if workspace.date_order == "detect":
                workspace.decided.append(f"{names[number]}: dates are read {ORDERS[orders[number]]}")
        except RefusedFileError as error:
            workspace.refuse(error, names[number])
    return orders


def _read_column(
    workspace: Workspace, rows: pa.Table, column: Column, label: str, orders: dict[int, str]
) -> tuple[pa.Array, _Mask | None]:
    """The values of a column, and which rows have an error in it (None = no row)."""
    texts, place = _distinct(rows[column.name])
    if column.kind not in _DATES or len(set(orders.values())) < 2:
        order = next(iter(orders.values()), None)
        return _looked_up(
            workspace,
            rows,
            column,
            label,
            (texts, place),
            _read_all(workspace, column, label, texts, order),
        )
    files = np.asarray(rows["file_id"])
    values = pa.nulls(rows.num_rows, pa.date32())
    wrong = np.zeros(rows.num_rows, dtype=bool)
    for number, order in orders.items():
        own = files == number
        part = rows.filter(pa.array(own))
        read = _read_all(workspace, column, label, texts, order)
        some, faults = _looked_up(workspace, part, column, label, (texts, place[own]), read)
        values = pc.replace_with_mask(values, pa.array(own), some)
        if faults is not None:
            wrong[own] = faults
    return values, wrong


def _distinct(column: pa.ChunkedArray) -> tuple[list[str | None], npt.NDArray[np.int32]]:
    """The distinct texts of a column, and for each row the place of its text among them."""
    joined = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    encoded = pc.dictionary_encode(joined, null_encoding="encode")
    return encoded.dictionary.to_pylist(), np.asarray(encoded.indices, dtype=np.int32)


@dataclass(frozen=True)
class _Read:
    """What a text means, or why it means nothing."""

    value: Any = None
    rule: str | None = None
    severity: str | None = None
    message: str = ""


_NOTHING = _Read()


# An id that no rule of ids could change or refuse; nearly all are such.
_PLAIN_ID = re.compile(r"(?!(?:\d+[eE]\d+|(?i:totals?))\Z)[0-9A-Za-z_][0-9A-Za-z_-]*")


def _read_all(
    workspace: Workspace, column: Column, label: str, texts: list[str | None], order: str | None
) -> list[_Read]:
    """What each distinct text of a column means."""
    if column.kind != "id":
        return [_read(workspace, column, label, text, order) for text in texts]
    return [
        _Read(text)
        if text and _PLAIN_ID.fullmatch(text) and text not in workspace.blanks
        else _read(workspace, column, label, text, order)
        for text in texts
    ]


def _read(workspace: Workspace, column: Column, label: str, raw: str | None, order: str | None) -> _Read:
    text = "" if raw is None else raw.strip()
    if column.kind in _DATES and order is None:  # the file is refused already
        return _NOTHING
    if text in workspace.blanks:
        if not column.is_needed:
            return _NOTHING
        rule = {"id": "I01", "date": "D01"}.get(column.kind, "R01")
        return _Read(None, rule, ERROR, f"{label} is blank, and the row says nothing without it.")
    try:
        if column.kind in _DATES:
            window = workspace.mapping.dates.first_year
            return _Read(read_date(text, str(order), window, is_birth=column.kind == "birth"))
        return _Read(READERS[column.kind](text))
    except NotADateError as error:
        return _Read(None, error.rule, ERROR, f"{label} {text} {error}; {error.mend}.")
    except Fault as fault:
        return _Read(None, fault.rule, fault.severity, f"{label} {text} {fault}.")


def _looked_up(
    workspace: Workspace,
    rows: pa.Table,
    column: Column,
    label: str,
    found: tuple[list[str | None], npt.NDArray[np.int32]],
    read: list[_Read],
) -> tuple[pa.Array, _Mask | None]:
    """The value of each row, and which rows have an error; every fault goes into the findings."""
    texts, place = found
    values = pa.array([one.value for one in read], _TYPES.get(column.kind, pa.string())).take(pa.array(place))
    if not any(one.rule for one in read):
        return values, None
    is_fault = np.array([one.rule is not None for one in read], dtype=bool)[place]
    at = np.flatnonzero(is_fault)
    _log_faults(workspace, rows, label, texts, read, at, place[at])
    return values, np.array([one.severity == ERROR for one in read], dtype=bool)[place]


def _log_faults(
    workspace: Workspace,
    rows: pa.Table,
    label: str,
    texts: Iterable[str | None],
    read: list[_Read],
    at: npt.NDArray[np.int64],
    place: npt.NDArray[np.int32],
) -> None:
    told = pa.table(
        {
            "rule": pa.array([one.rule for one in read], pa.string()),
            "severity": pa.array([one.severity for one in read], pa.string()),
            "value": pa.array([text or "" for text in texts], pa.string()),
            "message": pa.array([one.message for one in read], pa.string()),
        }
    ).take(pa.array(place))
    where = rows.select(["file_id", "line_no"]).take(pa.array(at))
    workspace.log.add_table(
        told.append_column("file_id", where["file_id"])
        .append_column("line_no", where["line_no"])
        .append_column("field", pa.array([label] * len(at), pa.string()))
    )
