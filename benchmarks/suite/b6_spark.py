"""B6: the same homes measured by Spark with two executors and with one; run in the environment that has Spark.

``python -m benchmarks.suite.b6_spark`` makes its homes, asks every home for thirteen days by twelve groupings, and
holds the answers against those of this process.
"""

import os
import shutil
import sys
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa

from allpresent.ledger import Ledger
from allpresent.measures import Facts, Rules, groups, measure_many
from benchmarks.measuring import Goal, Result, Seconds, UnequalAnswersError, line, peak_mb, timed
from benchmarks.storing import days_asked, stored
from benchmarks.telling import told

TITLE = "Spark: eight districts, thirteen days each"
HOMES = 8
LEAST_GAIN = 1.6
_LOOPBACK = "127.0.0.1"
_BY = (["school"], ["grade"], ["level"], ["school", "grade"], ["school", "level"], ["grade", "level"])


def run(size: str, below: Path, runs: int) -> Result:
    """In this process, then by one executor, then by two, each application warmed by one ask."""
    folder = stored(size, below)
    homes = _homes(folder / "home", below / "spark", HOMES)
    ask = partial(_ask, days_asked(folder)[1])
    here: list[Seconds] = []
    for _ in range(runs):
        taken, expected = timed(lambda: measure_many(homes, ask))
        here.append(taken)
    lines = [line("in this process", here, here, peak_mb(), expected.num_rows)]
    for executors in (1, 2):
        times = _by_spark(executors, homes, ask, expected, runs)
        lines.append(line(f"Spark, {executors} executor{'s' * (executors > 1)}", times, here, None, expected.num_rows))
    shutil.rmtree(below / "spark")
    result = Result("B6", TITLE, size, "in this process", runs, lines)
    gain = lines[1].median / lines[2].median
    result.goals = [Goal(f"two executors at least {LEAST_GAIN} times one", gain, LEAST_GAIN, is_least=True)]
    return result


def _by_spark(
    executors: int, homes: dict[str, Path], ask: partial[pa.Table], expected: pa.Table, runs: int
) -> list[Seconds]:
    """Times of an application of its own. Raises UnequalAnswersError unless every bit is as expected."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local-cluster[{executors},1,800]").appName("benchmark B6")
    settings = {
        "spark.driver.host": _LOOPBACK,
        "spark.driver.bindAddress": _LOOPBACK,
        "spark.executor.memory": "800m",
        "spark.executorEnv.PYTHONPATH": os.getcwd(),
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.network.timeout": "600s",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        answer = measure_many(homes, ask, engine="spark")
        if not answer.combine_chunks().equals(expected.combine_chunks()):
            raise UnequalAnswersError("Spark and this process differ")
        return [timed(lambda: measure_many(homes, ask, engine="spark"))[0] for _ in range(runs)]
    finally:
        session.stop()


def _ask(days: list[date], home: Path) -> pa.Table:
    """Every day by every grouping, from a home read anew; the first column of each as ``key``."""
    version = Ledger(home).current()
    assert version is not None  # noqa: S101
    facts = Facts(version)
    parts = []
    for day in days:
        for by in _BY:
            made = groups(facts, day, Rules(), by)
            key = made[by[0]]
            parts.append(pa.table({"key": key, "students": made["students"], "days_absent": made["days_absent"]}))
    return pa.concat_tables(parts).combine_chunks()


def _homes(home: Path, below: Path, count: int) -> dict[str, Path]:
    """Homes with the same files under names of their own."""
    shutil.rmtree(below, ignore_errors=True)
    for number in range(count):
        shutil.copytree(home, below / f"district-{number}", copy_function=os.link)
    return {path.name: path.resolve() for path in sorted(below.iterdir())}


if __name__ == "__main__":
    from benchmarks.__main__ import keep

    os.environ["SPARK_LOCAL_IP"] = _LOOPBACK
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    done = run(sys.argv[1] if len(sys.argv) > 1 else "district", Path("var/bench"), 5)
    sys.stdout.write(told(done) + "\n")
    keep(done, Path("var/bench/results"))
