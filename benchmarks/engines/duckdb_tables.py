"""The facts as tables of an in-memory DuckDB, and DuckDB answering by the shared set-based SQL."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.engines import set_based
from benchmarks.engines.engine import Engine, day_number, named_days, ymd

# Days as numbers, birth dates as 20190214.
LOADED = {
    "students": "SELECT student_id, grade, sex, race, frl,"
    " year(birth_date) * 10000 + month(birth_date) * 100 + day(birth_date) AS birth FROM facts ORDER BY student_id",
    "spans": "SELECT student_id, school_id, entry_date - DATE '1970-01-01' AS entry,"
    " last_member_date - DATE '1970-01-01' AS last FROM facts ORDER BY student_id",
    "marks": "SELECT student_id, school_id, date - DATE '1970-01-01' AS day, portion_num, portion_den, category,"
    " excused, disciplinary FROM facts ORDER BY student_id, day",
    "open_days": "SELECT school_id, date - DATE '1970-01-01' AS day FROM facts ORDER BY ALL",
    "taken_days": "SELECT school_id, date - DATE '1970-01-01' AS day FROM facts ORDER BY ALL",
}
FILES = {"open_days": "calendar", "taken_days": "taken"}
ALL_DAYS = "CREATE TABLE all_days AS SELECT unnest(range(min(day) - 1, max(day) + 1)) AS day FROM open_days"


def load(folder: Path) -> duckdb.DuckDBPyConnection:
    """All facts in memory, marks sorted by student."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute("SET enable_progress_bar = false").fetchall()
    for name, query in LOADED.items():
        path = folder / "facts" / f"{FILES.get(name, name)}.parquet"
        connection.execute(
            f"CREATE TABLE {name} AS {query.replace('facts', f'read_parquet({str(path)!r})')}"
        ).fetchall()
    connection.execute(ALL_DAYS).fetchall()
    return connection


class SetBasedDuckDB(Engine):
    """DuckDB by the SQL that SQLite and PostgreSQL are given."""

    name = "DuckDB, shared SQL"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.connection = load(folder)

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def _ask(self, days: list[date]) -> None:
        rows = ", ".join(f"({k}, {day_number(day)}, {ymd(day)})" for k, day in enumerate(days, start=1))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE asked AS FROM (VALUES {rows}) t(k, as_of, ymd)"
        ).fetchall()

    def _stand(self, days: list[date]) -> None:
        self._ask(days)
        for statement in set_based.statements(day_number(day) for day in days):
            self.connection.execute(statement.replace("/ 10000", "// 10000")).fetchall()

    def _groups(self, days: list[date]) -> pa.Table:
        return named_days(self.connection.sql(set_based.sets_of_groups()).to_arrow_table(), days)

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """Standings and groups."""
        self._stand([as_of])
        standings = self.connection.sql("FROM standing").to_arrow_table()
        return {"standings": standings, "groups": self._groups([as_of])}

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """Groups."""
        self._stand(days)
        return {"groups": self._groups(days)}
