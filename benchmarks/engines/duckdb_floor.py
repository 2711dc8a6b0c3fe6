"""The floor: DuckDB groups the marks by student and does nothing else."""

from datetime import date
from pathlib import Path

import pyarrow as pa

from benchmarks.engines.duckdb_tables import load
from benchmarks.engines.engine import Engine


class BareGrouping(Engine):
    """Counts the marks of each student; students are numbers and marks sorted by student, as suits it best."""

    name = "DuckDB, bare grouping"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.connection = load(folder)
        self.connection.execute(
            "CREATE TABLE numbered AS SELECT dense_rank() OVER (ORDER BY student_id)::INTEGER AS student, day,"
            " portion_num FROM marks ORDER BY student"
        ).fetchall()
        self.connection.execute("DROP TABLE marks").fetchall()

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def one_day(self, _as_of: date) -> dict[str, pa.Table]:
        """Marks and their sum by student: no answer to the question, only its least cost."""
        query = "SELECT student, count(*) AS marks, sum(portion_num) AS parts FROM numbered GROUP BY student"
        return {"floor": self.connection.sql(query).to_arrow_table()}
