"""B6: the same homes measured by Spark with two executors and with one; run in the environment that has Spark.

``python -m benchmarks.suite.b6_spark`` makes its homes, asks every home for every school day so far by six groupings,
each executor on one core of its own, and holds the answers against those of this process. The clock tells what a person
waits; the processor seconds of the busiest executor tell what the work is worth where other programs use the cores too.
"""

import json
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from allpresent.engines import in_each_home
from allpresent.ledger import Ledger
from allpresent.measures import Facts, Rules, groups
from benchmarks.measuring import Goal, Result, Seconds, UnequalAnswersError, line, peak_mb, timed
from benchmarks.storing import days_asked, stored
from benchmarks.telling import told

TITLE = "Spark: eight districts, every school day by six groupings"
HOMES = 8
LEAST_GAIN = 1.6
_LOOPBACK = "127.0.0.1"
_BY = (["school"], ["grade"], ["level"], ["school", "grade"], ["school", "level"], ["grade", "level"])


def run(size: str, below: Path, runs: int) -> Result:
    """Round by round: in this process, by one executor, by two; each application warmed before it is measured."""
    folder = stored(size, below)
    homes = _homes(folder / "home", below / "spark", HOMES)
    days = _school_days(folder)
    times: dict[int, list[Seconds]] = {0: [], 1: [], 2: []}
    loads, expected = [], b""
    for _ in range(runs):
        for executors, taken in times.items():
            loads.append(os.getloadavg()[0])
            seconds, answer = _by_spark(executors, homes, days) if executors else _here(homes, days)
            taken.append(seconds)
            expected = expected or answer
            if answer != expected:
                raise UnequalAnswersError("Spark and this process differ")
    shutil.rmtree(below / "spark")
    return _result(size, runs, times, loads, _rows(expected))


def _result(size: str, runs: int, times: dict[int, list[Seconds]], loads: list[float], rows: int) -> Result:
    names = {0: "in this process, on one core", 1: "Spark, 1 executor", 2: "Spark, 2 executors"}
    lines = [line(names[number], own, times[0], None if number else peak_mb(), rows) for number, own in times.items()]
    result = Result("B6", TITLE, size, names[0], runs, lines)
    rounds = list(zip(times[1], times[2], strict=True))
    by_clock = statistics.median(one.clock / two.clock for one, two in rounds)
    by_processor = statistics.median(float(one.cpu or 0) / float(two.cpu or 1) for one, two in rounds)
    result.goals = [
        Goal(f"two executors at least {LEAST_GAIN} times one, by the clock", by_clock, LEAST_GAIN, is_least=True),
        Goal("the same by the busiest executor's processor seconds", by_processor, LEAST_GAIN, is_least=True),
    ]
    result.notes = [
        "CPU s of Spark are those of the busiest executor.",
        f"Load of the machine before each measurement: {min(loads):.1f} to {max(loads):.1f}.",
    ]
    return result


def _here(homes: Mapping[str, Path], days: list[date]) -> tuple[Seconds, bytes]:
    return _asked(homes, days, "local")


def _by_spark(executors: int, homes: Mapping[str, Path], days: list[date]) -> tuple[Seconds, bytes]:
    """What one ask takes in an application of its own, and the answers."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local-cluster[{executors},1,800]").appName("benchmark B6")
    settings = {
        "spark.driver.host": _LOOPBACK,
        "spark.driver.bindAddress": _LOOPBACK,
        "spark.executor.memory": "800m",
        "spark.executorEnv.PYTHONPATH": os.getcwd(),
        "spark.executorEnv.OMP_NUM_THREADS": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.network.timeout": "600s",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        _asked(homes, days[:1], "spark")
        return _asked(homes, days, "spark")
    finally:
        session.stop()


def _asked(homes: Mapping[str, Path], days: list[date], engine: str) -> tuple[Seconds, bytes]:
    """Seconds by the clock and of the busiest executor's processor; the answers of all homes, one after another."""
    seconds, done = timed(lambda: list(in_each_home(homes, partial(_work, days), engine)))
    used: dict[str, float] = {}
    answers = b""
    for worked in done:
        if worked.lost:
            raise RuntimeError(f"{worked.district}: {worked.lost}")
        head, answer = worked.answer.split(b"\n", 1)
        executor, cpu = json.loads(head)
        used[executor] = used.get(executor, 0) + cpu
        answers += len(answer).to_bytes(8, "big") + answer
    return Seconds(seconds.clock, max(used.values())), answers


def _work(days: list[date], home: Path) -> bytes:
    """One home's answer, after a line with the executor it was made by and its processor seconds."""
    with _one_core():
        seconds, table = timed(lambda: _ask(days, home))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return json.dumps([Path.cwd().name, seconds.cpu]).encode() + b"\n" + bytes(sink.getvalue().to_pybytes())


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep to one core: of two executors each to its own, which its folder, named by its number, tells."""
    allowed = os.sched_getaffinity(0)
    name = Path.cwd().name
    os.sched_setaffinity(0, {sorted(allowed)[int(name) % len(allowed) if name.isdigit() else 0]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


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


def _rows(answers: bytes) -> int:
    """How many rows the answers hold."""
    rows = 0
    while answers:
        end = 8 + int.from_bytes(answers[:8], "big")
        rows += pa.ipc.open_stream(answers[8:end]).read_all().num_rows
        answers = answers[end:]
    return rows


def _school_days(folder: Path) -> list[date]:
    """Every school day up to the last delivered."""
    dates = sorted(set(pq.read_table(folder / "facts" / "calendar.parquet")["date"].to_pylist()))
    return dates[: dates.index(days_asked(folder)[0]) + 1]


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
