"""B1: one day's standings and every group table from posted strips, against DuckDB's bare grouping of the marks."""

from pathlib import Path

from benchmarks.measuring import Contender, Goal, Result, side_by_side
from benchmarks.storing import days_asked, stored
from benchmarks.suite.peers import FLOOR, OURS, available

TITLE = "One day: all standings and twelve group tables"
MOST_TIMES_THE_FLOOR = 1.5
MOST_MB = 1000
PEERS = ("duckdb_bitmaps:BitmapDuckDB", "polars_lazy:PolarsLazy", "duckdb_tables:SetBasedDuckDB", "spark_sql:SparkSQL")


def run(size: str, below: Path, runs: int) -> Result:
    """Ours against the floor, and the quick peers beside."""
    folder = stored(size, below)
    asked = (days_asked(folder)[0],)
    contenders = [Contender(FLOOR, "one_day", asked, is_judged=False), Contender(OURS, "one_day", asked)]
    contenders += [Contender(path, "one_day", asked) for path in available(PEERS)]
    lines, _ = side_by_side(contenders, folder, runs)
    result = Result("B1", TITLE, size, lines[0].engine, runs, lines)
    ours = lines[1]
    result.goals = [
        Goal(f"at most {MOST_TIMES_THE_FLOOR} times the bare grouping", ours.ratio, MOST_TIMES_THE_FLOOR),
        Goal(f"at most {MOST_MB} MB", ours.peak_mb, MOST_MB),
    ]
    return result
