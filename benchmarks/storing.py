"""Facts on disk: as Parquet for the peers, as a posted ledger for us, as delivered files for intake."""

import hashlib
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from allpresent.ledger import TABLES, Ledger, packing, reconcile, schema, sorting, strips
from benchmarks import facts as drawing
from benchmarks.facts import Facts, Size, make_facts

NOW = datetime(2027, 5, 1, 4, 0, tzinfo=UTC)
NARROW = ("calendar", "taken", "students", "spans", "marks")


def canonical(facts: Facts) -> dict[str, pa.Table]:
    """The facts as the tables of the ledger."""
    calendar, students, marks = facts.calendar, facts.students, facts.marks
    groups = [
        pa.table({"student_id": students["student_id"], "flag": _same(name, students), "value": students[name]})
        for name in ("race", "sex", "frl")
    ]
    rows = {
        "schools": {"school_id": pc.unique(calendar["school_id"])},
        "calendar_days": _columns(calendar) | {"in_session": _same(1, calendar)},
        "students": _columns(students),
        "enrollments": _columns(facts.spans),
        "attendance": _columns(marks) | {"code": pc.cast(marks["category"], pa.string()), "mode": _same("day", marks)},
        "attendance_taken": _columns(facts.taken),
        "demographics": _columns(pa.concat_tables(groups)),
    }
    return {name: _in_schema(name, rows.get(name, {})) for name in TABLES}


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: table[name] for name in table.column_names}


def _same(value: object, table: pa.Table) -> pa.Array:
    return pa.repeat(pa.scalar(value), table.num_rows)


def _in_schema(name: str, columns: dict[str, pa.Array]) -> pa.Table:
    """With every column of the ledger's table, lines numbered as a file would have them."""
    schema = TABLES[name].schema
    count = len(next(iter(columns.values()), ()))
    own = {"line_no": pa.array(range(2, count + 2), pa.int64()), "source_file": pa.repeat(f"{name}.csv", count)}
    if name == "attendance":
        own |= {"counted": pa.repeat(1, count), "delivery_id": pa.repeat("0001-bench", count)}
    filled = own | columns
    return pa.table(
        {field.name: filled[field.name] if field.name in filled else pa.nulls(count, field.type) for field in schema}
    ).cast(schema)


def stored(name: str, below: Path) -> Path:
    """The folder of a size: facts as Parquet and a posted home; made once for each state of the code that makes it."""
    size, folder = drawing.SIZES[name], below / name
    stamp = _stamp(size)
    if (folder / "stamp").exists() and (folder / "stamp").read_text(encoding="utf-8") == stamp:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "facts").mkdir(parents=True)
    facts = make_facts(size)
    for name in NARROW:
        pq.write_table(getattr(facts, name), folder / "facts" / f"{name}.parquet")
    post(folder / "home", canonical(facts))
    (folder / "stamp").write_text(stamp, encoding="utf-8")
    return folder


def post(home: Path, tables: dict[str, pa.Table], delivery_id: str = "0001-bench") -> None:
    """Write one version of a ledger."""
    Ledger(home).write(tables, delivery_id=delivery_id, source="csv", content_sha=delivery_id, posted_at=NOW)


def days_asked(folder: Path) -> tuple[date, list[date]]:
    """The last delivered day and the thirteen days of report, read back from a stored size."""
    dates = sorted(set(pq.read_table(folder / "facts" / "calendar.parquet")["date"].to_pylist()))
    last = drawing.AS_OF_NUMBER
    return dates[last - 1], [dates[number * last // 13 - 1] for number in range(1, 14)]


def _stamp(size: Size) -> str:
    whole = hashlib.sha256(repr(size).encode())
    ledger = [Path(str(module.__file__)) for module in (packing, reconcile, schema, sorting, strips)]
    for path in [Path(drawing.__file__), Path(__file__), *ledger]:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def write_delivery(facts: Facts, folder: Path) -> Path:
    """The facts as the CSV files of one delivery; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = canonical(facts)
    for name in ("schools", "calendar_days", "students", "enrollments", "attendance_taken", "demographics"):
        _write_csv(tables[name].drop_columns(["source_file", "line_no"]), folder / f"{name}.csv")
    marks = tables["attendance"]
    portion = pc.binary_join_element_wise(
        pc.cast(marks["portion_num"], pa.string()), pc.cast(marks["portion_den"], pa.string()), "/"
    )
    marks = marks.append_column("portion_absent", portion)
    wanted = [
        "student_id",
        "school_id",
        "date",
        "portion_absent",
        "code",
        "category",
        "excused",
        "disciplinary",
        "mode",
    ]
    _write_csv(marks.select(wanted), folder / "attendance.csv")
    return folder


def _write_csv(table: pa.Table, path: Path) -> None:
    kept = [name for name in table.column_names if table[name].null_count < table.num_rows]
    pacsv.write_csv(table.select(kept), path, pacsv.WriteOptions(quoting_style="none"))
