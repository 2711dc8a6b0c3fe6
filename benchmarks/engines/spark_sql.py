"""Spark by the shared set-based SQL: one process with a worker for each core, its tables and what stands in memory."""

import os
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa

from benchmarks.engines import duckdb_tables, set_based
from benchmarks.engines.engine import Engine, day_number, named_days, ymd

_LOOPBACK = "127.0.0.1"
# A handful of partitions for a handful of cores: the usual two hundred would be nothing but their own cost.
_TUNED = {
    "spark.driver.host": _LOOPBACK,
    "spark.driver.bindAddress": _LOOPBACK,
    "spark.driver.memory": "8g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class SparkSQL(Engine):
    """Spark on this machine, started and stopped by the benchmark."""

    name = "Spark, shared SQL"
    is_served = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from pyspark.sql import SparkSession

        os.environ |= {"SPARK_LOCAL_IP": _LOOPBACK, "PYSPARK_PYTHON": sys.executable}
        builder = SparkSession.builder.master("local[*]").appName("benchmark")
        for name, value in _TUNED.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")
        loaded = duckdb_tables.load(folder)
        for name, columns in set_based.TABLES.items():
            table = loaded.sql(f"SELECT {columns} FROM {name}").to_arrow_table()
            frame = self.session.createDataFrame(table).cache()
            frame.count()
            frame.createOrReplaceTempView(name)
        loaded.close()

    def close(self) -> None:
        """Stop Spark."""
        self.session.stop()

    def _stand(self, days: list[date]) -> None:
        rows = [(k, day_number(day), ymd(day)) for k, day in enumerate(days, start=1)]
        self.session.createDataFrame(rows, "k int, as_of int, ymd int").createOrReplaceTempView("asked")
        for statement in set_based.statements(day_number(day) for day in days):
            if statement.lstrip().startswith("CREATE TEMP TABLE"):
                head, query = statement.split(" AS\n", 1)
                self._make(head.split()[-1], query.replace("/ 10000", "DIV 10000"))

    def _make(self, name: str, query: str) -> None:
        """A table in memory, in place of the one of that name: everything after it asks it more than once."""
        if self.session.catalog.tableExists(name):
            self.session.catalog.uncacheTable(name)
        self.session.sql(query).cache().createOrReplaceTempView(name)

    def _groups(self, days: list[date]) -> pa.Table:
        sql = set_based.sets_of_groups()
        # Spark's GROUPING() takes one column; the mask of all has a name of its own there.
        inner = sql.index("GROUPING(")
        sql = sql[:inner] + "GROUPING_ID()" + sql[sql.index(")", inner) + 1 :]
        return named_days(self.session.sql(sql).toArrow(), days)

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """Standings and groups."""
        self._stand([as_of])
        return {"standings": self.session.table("standing").toArrow(), "groups": self._groups([as_of])}

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """Groups."""
        self._stand(days)
        return {"groups": self._groups(days)}
