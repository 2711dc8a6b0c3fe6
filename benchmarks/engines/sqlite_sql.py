"""SQLite by the shared set-based SQL, tables indexed and analysed, in memory."""

import sqlite3
from datetime import date
from pathlib import Path

import pyarrow as pa

from benchmarks.engines import duckdb_tables, set_based
from benchmarks.engines.engine import Engine, day_number, named_days, ymd

_INDEXED = {
    "students": "student_id",
    "spans": "student_id",
    "marks": "student_id, day",
    "open_days": "school_id, day",
    "taken_days": "school_id, day",
}


class SQLite(Engine):
    """SQLite."""

    name = "SQLite, set-based SQL"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("PRAGMA temp_store = MEMORY")
        loaded = duckdb_tables.load(folder)
        for name, columns in set_based.TABLES.items():
            self.connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * (columns.count(",") + 1))
            rows = loaded.execute(f"SELECT {columns} FROM {name}")
            while part := rows.fetchmany(50_000):
                self.connection.executemany(f"INSERT INTO {name} VALUES ({marks})", part)
            if name in _INDEXED:
                self.connection.execute(f"CREATE INDEX {name}_by ON {name} ({_INDEXED[name]})")
        loaded.close()
        self.connection.execute("ANALYZE")

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def _stand(self, days: list[date]) -> None:
        self.connection.execute("DROP TABLE IF EXISTS asked")
        self.connection.execute("CREATE TEMP TABLE asked (k, as_of, ymd)")
        rows = [(k, day_number(day), ymd(day)) for k, day in enumerate(days, start=1)]
        self.connection.executemany("INSERT INTO asked VALUES (?, ?, ?)", rows)
        for statement in set_based.statements(day_number(day) for day in days):
            self.connection.execute(statement)
            if "TABLE sums" in statement:
                self.connection.execute("CREATE INDEX sums_by ON sums (school_id, day)")
            if "TABLE missed" in statement:
                self.connection.execute("CREATE INDEX missed_by ON missed (student_id, k)")
            if "TABLE truants" in statement:
                self.connection.execute("CREATE INDEX truants_by ON truants (student_id)")

    def _fetch(self, sql: str) -> pa.Table:
        rows = self.connection.execute(sql)
        names = [column[0] for column in rows.description]
        columns = list(zip(*rows.fetchall(), strict=True))
        return pa.table(dict(zip(names, columns, strict=True)))

    def _groups(self, days: list[date]) -> pa.Table:
        return named_days(self._fetch(set_based.union_of_groups()), days)

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """Standings and groups."""
        self._stand([as_of])
        return {"standings": self._fetch("SELECT * FROM standing"), "groups": self._groups([as_of])}

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """Groups."""
        self._stand(days)
        return {"groups": self._groups(days)}
