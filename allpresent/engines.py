"""Work on many homes: one after the other in this process, or each in a task of a Spark cluster. It knows no room.

``measures`` asks every home by it and ``intake`` posts every home by it; the work is the same functions either way.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
ENGINES = ("local", "spark")


class EngineError(ValueError):
    """Why no work can be handed out; one sentence to the person who set the engine."""


@dataclass(frozen=True)
class Worked:
    """What the work on one home gave; ``lost`` says in a sentence why it gave nothing."""

    district: str
    answer: bytes = b""
    lost: str = ""


def refuse_unknown(engine: str) -> None:
    """Raises EngineError for an engine there is not."""
    if engine not in ENGINES:
        raise EngineError(f"There is no engine '{engine}'; use one of {', '.join(ENGINES)}.")


def in_each_home(tasks: Mapping[str, T], work: Callable[[T], bytes], engine: str = "local") -> Iterator[Worked]:
    """The work done on the task of every district, in the order of their names.

    ``local`` does one after the other here. ``spark`` hands each to the running Spark application, or to one it starts:
    then ``work`` has to be importable where the tasks run, every path in a task has to mean the same files there, and
    the work has to bear being done twice, for a cluster begins a task anew whose executor it lost. Raises EngineError.
    """
    refuse_unknown(engine)
    named = sorted(tasks.items())
    if engine == "spark":
        return _on_spark(_context(), named, work)
    return (Worked(district, work(task)) for district, task in named)


def _on_spark(context: Any, named: list[tuple[str, T]], work: Callable[[T], bytes]) -> Iterator[Worked]:
    """A job of one task for each: what no executor survives ends its own job and no other's."""

    def one(district_and_task: tuple[str, T]) -> Worked:
        district, task = district_and_task
        context.setJobDescription(district)
        try:
            (answer,) = context.parallelize([task], 1).map(work).collect()
        except Exception as error:  # whatever the cluster calls it
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            return Worked(district, lost=f"The cluster gave no answer ({why}); look at its log, then run this again.")
        return Worked(district, bytes(answer))

    with ThreadPoolExecutor(2 * int(context.defaultParallelism)) as hands:
        yield from hands.map(one, named)


def _context() -> Any:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError("The engine spark needs pyspark; install requirements-spark.lock.") from error
    try:
        return SparkSession.builder.getOrCreate().sparkContext
    except PySparkException as error:
        raise EngineError("Spark did not start; it needs Java 17 or 21, on the path or in JAVA_HOME.") from error
