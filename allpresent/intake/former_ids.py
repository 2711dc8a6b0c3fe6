"""One person, one id: ``former_ids.csv`` in the home says which ids were given up for which.

A student who was entered twice, or whose number was changed, comes under another id one day. No system delivers that,
and names and birthdays do not tell it from twins; so a person says it, one row each: ``former_id,student_id``.
"""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from allpresent.intake.rules import IntakeError

FILE = "former_ids.csv"
COLUMNS = ["former_id", "student_id"]


@dataclass(frozen=True)
class Days:
    """Days at a school, both ends included: a span, or the one day of a mark."""

    school_id: str
    first: date
    last: date
    is_mark: bool

    def meets(self, other: "Days") -> bool:
        """Whether it is of the same kind, and some day of both is at the same school."""
        is_alike = (self.school_id, self.is_mark) == (other.school_id, other.is_mark)
        return is_alike and self.first <= other.last and other.first <= self.last


def read_former_ids(home: Path) -> dict[str, str]:
    """Each former id and the id that person has now, over any ids between. Empty where the home has no such file.

    Raises IntakeError for a file that is no such table, a blank id, or an id that leads to two or round to itself.
    """
    path = home / FILE
    if not path.exists():
        return {}
    told: dict[str, str] = {}
    for line, former, current in _rows(path):
        if not former or not current:
            raise IntakeError(f"{FILE}, line {line}: an id is blank; write the former one and the one there is now.")
        if told.setdefault(former, current) != current:
            raise IntakeError(f"{FILE}, line {line}: {former} became {told[former]} above; keep one of the two rows.")
    return {former: _last(former, told) for former in told}


def _rows(path: Path) -> list[tuple[int, str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if reader.fieldnames != COLUMNS:
                raise IntakeError(f"{FILE}, line 1: the columns have to be {', '.join(COLUMNS)}.")
            return [(reader.line_num, *((row[name] or "").strip() for name in COLUMNS)) for row in reader]  # type: ignore[misc]
    except (UnicodeDecodeError, csv.Error):
        raise IntakeError(f"{FILE} is not a table in UTF-8: save it as CSV UTF-8.") from None


def _last(former: str, told: Mapping[str, str]) -> str:
    seen, current = {former}, told[former]
    while current in told:
        if current in seen:
            raise IntakeError(f"{FILE}: {former} leads round to itself; take one of the rows out.")
        seen.add(current)
        current = told[current]
    return current


def under_one_id(name: str, table: pa.Table, former: Mapping[str, str]) -> pa.Table:
    """A canonical table with each former id written as the id of now. Of a student one row stays, their own first."""
    if not former or "student_id" not in table.column_names:
        return table
    ids = table["student_id"].combine_chunks()
    at = pc.index_in(ids, value_set=pa.array(former, ids.type))
    if at.null_count == len(at):
        return table
    current = pc.coalesce(pa.array(list(former.values()), ids.type).take(at), ids)
    renamed = table.set_column(table.schema.get_field_index("student_id"), table.schema.field("student_id"), current)
    if name != "students":
        return renamed
    first: dict[str, int] = {}
    keys = current.to_pylist()
    for row in pc.array_sort_indices(pc.is_valid(at).cast(pa.int8())).to_pylist():  # those under their own id first
        first.setdefault(keys[row], row)
    return renamed.take(pa.array(sorted(first.values())))


def days_of(tables: Mapping[str, pa.Table], ids: Collection[str]) -> dict[str, list[Days]]:
    """The spans that hold a day, and the marks that count, of each of some ids; an open span lasts."""
    found: dict[str, list[Days]] = {}
    for name, first, last in (("enrollments", "entry_date", "last_member_date"), ("attendance", "date", "date")):
        table, is_mark = tables[name], name == "attendance"
        rows = table.filter(pc.is_in(table["student_id"], value_set=pa.array(sorted(ids), pa.string())))
        if is_mark:
            rows = rows.filter(pc.equal(rows["counted"], 1))
        columns = (rows[column].to_pylist() for column in ("student_id", "school_id", first, last))
        for key, school, begins, ends in zip(*columns, strict=True):
            days = Days(school, begins, ends or date.max, is_mark)
            if days.first <= days.last:
                found.setdefault(key, []).append(days)
    return found
