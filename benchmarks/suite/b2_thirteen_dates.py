"""B2: thirteen bi-weekly dates times twelve groupings, against what others would run."""

from pathlib import Path

from benchmarks.measuring import Contender, Goal, Result, side_by_side
from benchmarks.storing import days_asked, stored
from benchmarks.suite.peers import OURS, available

TITLE = "Thirteen dates, twelve groupings each"
PEERS = {
    "small": (
        "pandas_script:PandasScript",
        "sqlite_sql:SQLite",
        "postgres_sql:PostgreSQL",
        "duckdb_tables:SetBasedDuckDB",
        "polars_lazy:PolarsLazy",
        "duckdb_bitmaps:BitmapDuckDB",
        "spark_sql:SparkSQL",
    ),
    "state": (
        "postgres_sql:PostgreSQL",
        "duckdb_tables:SetBasedDuckDB",
        "polars_lazy:PolarsLazy",
        "duckdb_bitmaps:BitmapDuckDB",
        "spark_sql:SparkSQL",
    ),
}
# By size: the peer by its name, and how many times faster than it we mean to be.
GOALS = {
    "district": (("pandas, an analyst's script", 100),),
    "state": (("PostgreSQL, tuned set-based SQL", 30), ("DuckDB, best SQL (bitmaps)", 2.5)),
}


def run(size: str, below: Path, runs: int) -> Result:
    """Ours is the baseline: a ratio says how many times as long the peer took."""
    folder = stored(size, below)
    asked = (days_asked(folder)[1],)
    paths = [OURS, *available(PEERS.get(size, PEERS["small"]))]
    lines, _ = side_by_side([Contender(path, "thirteen", asked) for path in paths], folder, runs)
    result = Result("B2", TITLE, size, lines[0].engine, runs, lines)
    result.goals = [
        Goal(f"at least {times} times faster than {name}", result.ratio(name), times, is_least=True)
        for name, times in GOALS.get(size, ())
    ]
    return result
