"""A checked delivery laid over what is posted: the full state after it.

A delivery covers every school and school year of its calendar days; there it replaces attendance, attendance taken,
calendar and enrollments. Schools, students, staff and sections are added or overwritten by id. Memberships of
sections, groups and contacts are replaced whole when their file came. A student who is missing is never deleted. A span
of an earlier year that does not come again ends before the first later year that comes for its school.

A roster alone covers no day: calendar, enrollments and marks stay, what it leaves blank of a person stays, and of the
student groups only those it speaks of are replaced.

A former id (``former_ids``) is written as the id that person has now, on both sides and before anything is compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Protocol

import duckdb
import pyarrow as pa

from allpresent import in_memory
from allpresent.intake.checks import school_year_sql
from allpresent.intake.former_ids import days_of, under_one_id
from allpresent.ledger import TABLES, school_year_of

_BY_ID = {"schools": "school_id", "students": "student_id", "staff": "staff_id", "sections": "section_id"}
_WHOLE = ("section_students", "section_staff", "contacts", "demographics")


class Posted(Protocol):
    """A state that was posted: a version of the ledger, or one between two deliveries."""

    def table(self, name: str) -> pa.Table:
        """One canonical table, whole."""

    @property
    def last_school_day(self) -> date | None:
        """The last delivered school day."""


@dataclass(frozen=True)
class Delivered:
    """What is laid over the posted state."""

    tables: dict[str, pa.Table]
    delivery_id: str
    today: date
    year_starts: str
    came: frozenset[str]  # canonical tables whose file came, rows or not
    days: tuple[date, date] | None = None  # only these days of attendance are replaced
    is_roster: bool = False  # people and classes, and no days
    former: Mapping[str, str] = field(default_factory=dict)  # each former id and the id of now

    def id_now(self, student_id: str) -> str:
        """The id that person has now."""
        return self.former.get(student_id, student_id)


@dataclass
class Merged:
    """The full state, and the students who were enrolled before and are missing now."""

    tables: dict[str, pa.Table]
    missing_students: list[str]


def merge(delivered: Delivered, version: Posted | None) -> Merged:
    """The state after the delivery; on an empty ledger the delivery itself."""
    new = dict(delivered.tables)
    marks = new["attendance"]
    ids = pa.array([delivered.delivery_id] * marks.num_rows, pa.string())
    new["attendance"] = marks.set_column(marks.schema.get_field_index("delivery_id"), "delivery_id", ids)
    old = {name: version.table(name) if version else TABLES[name].empty() for name in TABLES}
    former = _joined(delivered, new, old)
    new = {name: under_one_id(name, table, former) for name, table in new.items()}
    old = {name: under_one_id(name, table, former) for name, table in old.items()}
    with in_memory.database() as connection:
        return _Merge(connection, delivered, new, old, version.last_school_day if version else None).run()


def _joined(delivered: Delivered, new: dict[str, pa.Table], old: dict[str, pa.Table]) -> dict[str, str]:
    """The former ids to write as those of now.

    Not while nobody delivered the id of now. And not one that came no more while some of its spans that this delivery
    replaces are not under the id of now: its days would be gone, so it stays a student of its own.
    """
    if not delivered.former:
        return {}
    came = set(new["students"]["student_id"].to_pylist())
    known = came | set(old["students"]["student_id"].to_pylist())
    joined = {before: now for before, now in delivered.former.items() if now in known}
    gone = {before: now for before, now in joined.items() if before not in came and now in came}
    losing = _losing(delivered, gone, new, old)
    return {before: now for before, now in joined.items() if before not in losing}


def _losing(
    delivered: Delivered, gone: Mapping[str, str], new: dict[str, pa.Table], old: dict[str, pa.Table]
) -> set[str]:
    """Of the former ids that came no more, those whose days the delivery replaces and does not bring: a span that
    nothing under the id of now meets, or marks the id of now had not, and has not one of them.
    """
    kept = days_of(old, gone)
    if not kept:
        return set()
    year_of = partial(school_year_of, year_starts=delivered.year_starts)
    calendar = new["calendar_days"].select(["school_id", "date"]).to_pydict()
    covered = {(school, year_of(day)) for school, day in zip(calendar["school_id"], calendar["date"], strict=True)}
    ids = {*gone.values(), *delivered.former}
    brought, had = days_of(new, ids), days_of(old, set(gone.values()))
    losing = set()
    for before, now in gone.items():
        own = [day for key, other in brought.items() if delivered.id_now(key) == now for day in other]
        replaced = [day for day in kept.get(before, []) if (day.school_id, year_of(day.first)) in covered]
        marks = [day for day in replaced if day.is_mark and not any(day.meets(one) for one in had.get(now, []))]
        has_lost_span = any(not any(day.meets(one) for one in own) for day in replaced if not day.is_mark)
        if has_lost_span or (marks and not any(day.meets(one) for day in marks for one in own)):
            losing.add(before)
    return losing


# The first later year a delivery brings for the school of a span: the year's spans are the delivery's, so the old one
# ended before; of a student who is missing, while nothing posted could have seen the student in that year, because
# later such a span says when that was. A school that neither the delivery nor the posted calendar knows in that year is
# one the student left.
_TURNED = """
    CREATE TABLE turned AS SELECT student_id, school_id, entry_date, CAST(min(year) AS INTEGER) AS year FROM (
        SELECT o.student_id, o.school_id, o.entry_date, c.year FROM old_enrollments o JOIN covered c USING (school_id)
        WHERE c.year > {entered}
          AND (o.student_id NOT IN (FROM missing) OR c.year > {seen}
               OR (o.school_id, c.year) NOT IN (SELECT (school_id, year) FROM posted))
        UNION ALL SELECT o.student_id, o.school_id, o.entry_date, c.year
        FROM old_enrollments o JOIN new_enrollments n ON n.student_id = o.student_id
        JOIN covered c ON c.school_id = n.school_id AND c.year = {began}
        WHERE c.year > {entered} AND o.school_id NOT IN (SELECT school_id FROM new_schools)
          AND (o.school_id, c.year) NOT IN (SELECT (school_id, year) FROM posted)
    ) GROUP BY ALL
"""


class _Merge:
    """One merge in a database of its own: ``new_<table>`` over ``old_<table>``."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delivered: Delivered,
        new: dict[str, pa.Table],
        old: dict[str, pa.Table],
        last_school_day: date | None,
    ) -> None:
        self.connection = connection
        self.delivered = delivered
        self.last_school_day = last_school_day
        for name in TABLES:
            connection.register(f"new_{name}", new[name])
            connection.register(f"old_{name}", old[name])
        for side, calendar in (("covered", "new_calendar_days"), ("posted", "old_calendar_days")):
            self._sql(f"CREATE TABLE {side} AS SELECT DISTINCT school_id, {self._year('date')} AS year FROM {calendar}")
        # Every statement below speaks of the students who are missing now.
        self._sql(
            "CREATE TABLE missing AS SELECT student_id FROM old_students"
            " WHERE student_id NOT IN (SELECT student_id FROM new_students)"
        )

    def run(self) -> Merged:
        """All tables."""
        tables = {name: self._by_id(name, key) for name, key in _BY_ID.items()}
        tables |= {name: self._whole(name) for name in _WHOLE}
        tables["calendar_days"] = self._arrow(
            "calendar_days",
            f"FROM old_calendar_days o WHERE (o.school_id, {self._year('o.date')}) NOT IN (FROM covered_pairs)",
            "FROM new_calendar_days",
        )
        tables["enrollments"], missing = self._enrollments()
        tables["attendance"] = self._attendance()
        tables["attendance_taken"] = self._taken()
        return Merged({name: tables[name] for name in TABLES}, missing)

    def _sql(self, sql: str) -> None:
        self.connection.execute(sql).fetchall()

    def _year(self, column: str) -> str:
        return school_year_sql(column, self.delivered.year_starts)

    def _arrow(self, name: str, *parts: str) -> pa.Table:
        """The union of the parts, in the schema of the table. Each part is a FROM clause."""
        listed = ", ".join(f'"{column}"' for column in TABLES[name].columns)
        query = " UNION ALL ".join(f"SELECT {listed} {part}" for part in parts)
        query = query.replace("(FROM covered_pairs)", "(SELECT (school_id, year) FROM covered)")
        return self.connection.sql(query).to_arrow_table().cast(TABLES[name].schema)

    def _by_id(self, name: str, key: str) -> pa.Table:
        kept = f"FROM old_{name} WHERE {key} NOT IN (SELECT {key} FROM new_{name})"
        new = f"FROM new_{name}"
        if self.delivered.is_roster:
            own = ("source_file", "line_no", key)
            filled = [f'coalesce(n."{one}", o."{one}") AS "{one}"' for one in TABLES[name].columns if one not in own]
            joined = f"FROM new_{name} n LEFT JOIN old_{name} o USING ({key})"
            new = f"FROM (SELECT n.source_file, n.line_no, {key}, {', '.join(filled)} {joined})"
        return self._arrow(name, kept, new)

    def _whole(self, name: str) -> pa.Table:
        if self.delivered.is_roster and name == "demographics":
            kind = "split_part({}, ':', 1)"
            spoken = f"SELECT {kind.format('flag')} FROM new_demographics"
            kept = f"FROM old_demographics o WHERE {kind.format('o.flag')} NOT IN ({spoken})"
            return self._arrow(name, kept, "FROM new_demographics")
        return self._arrow(name, f"FROM {'new' if name in self.delivered.came else 'old'}_{name}")

    def _enrollments(self) -> tuple[pa.Table, list[str]]:
        """Spans of covered schools and years are the delivery's; a missing student's open span ends when last seen."""
        seen = f"DATE '{self.last_school_day or self.delivered.today}'"
        covered = f"(o.school_id, {self._year('o.entry_date')}) IN (FROM covered_pairs)"
        again = (
            "EXISTS (SELECT 1 FROM new_enrollments n WHERE n.student_id = o.student_id"
            " AND n.school_id = o.school_id AND n.entry_date = o.entry_date)"
        )
        here = f"o.school_id IN (SELECT school_id FROM covered WHERE year = {self._year(seen)})"
        is_open = f"coalesce(o.last_member_date, DATE '9999-12-31') > {seen} AND o.entry_date <= {seen}"
        if not self.delivered.is_roster:  # a roster ends no span: whom it lacks is only listed
            is_open += f" AND {here}"
        is_missing = "o.student_id IN (SELECT student_id FROM missing)"
        ends = "false" if self.delivered.is_roster else f"{is_missing} AND {is_open}"
        old = self._until_turned(f"CASE WHEN {ends} THEN {seen} ELSE o.last_member_date END", seen)
        table = self._arrow(
            "enrollments",
            f"FROM ({old} WHERE {is_missing} OR NOT ({covered} OR {again}))",
            "FROM new_enrollments",
        )
        rows = self.connection.execute(
            f"SELECT DISTINCT student_id FROM old_enrollments o WHERE {is_missing} AND {is_open} ORDER BY 1"
        ).fetchall()
        return table, [str(row[0]) for row in rows]

    def _until_turned(self, until: str, seen: str) -> str:
        """SQL of the posted spans ``o``, none of them into a later year that the delivery brings for its school."""
        entered, began = self._year("o.entry_date"), self._year("n.entry_date")
        self._sql(_TURNED.format(entered=entered, began=began, seen=self._year(seen)))
        turned = f"make_date(t.year, {self.delivered.year_starts.replace('-', ', ')}) - 1"
        own = "t.student_id = o.student_id AND t.school_id = o.school_id AND t.entry_date = o.entry_date"
        return (
            f"SELECT o.* REPLACE (least({until}, {turned}) AS last_member_date)"
            f" FROM old_enrollments o LEFT JOIN turned t ON {own}"
        )

    def _outside(self, alias: str) -> str:
        """The old rows a delivery leaves alone: other schools and years, or other days when it brings days only."""
        outside = f"({alias}.school_id, {self._year(f'{alias}.date')}) NOT IN (FROM covered_pairs)"
        if self.delivered.days:
            first, last = self.delivered.days
            outside += f" OR {alias}.date NOT BETWEEN DATE '{first}' AND DATE '{last}'"
        return f"({outside})"

    def _attendance(self) -> pa.Table:
        # Marks outside every delivered calendar do not count; those of the last delivery give way to this one's.
        again = f"SELECT (school_id, {self._year('date')}) FROM new_attendance"
        stray = f"(o.counted = 0 AND (o.school_id, {self._year('o.date')}) IN ({again}))"
        return self._arrow(
            "attendance",
            f"FROM old_attendance o WHERE o.student_id IN (SELECT student_id FROM missing)"
            f" OR ({self._outside('o')} AND NOT {stray})",
            "FROM new_attendance",
        )

    def _taken(self) -> pa.Table:
        """Without the rows dated after today: they say nothing yet, and would move the last delivered day.

        Where no such file came, what is posted stays: without it every day that is not reported would be present.
        """
        has_come = "attendance_taken" in self.delivered.came
        return self._arrow(
            "attendance_taken",
            "FROM old_attendance_taken o" + (f" WHERE {self._outside('o')}" if has_come else ""),
            f"FROM new_attendance_taken WHERE date <= DATE '{self.delivered.today}'",
        )
