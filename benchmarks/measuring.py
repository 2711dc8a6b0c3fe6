"""Measuring side by side: each engine in a process of its own, asked in turn, answers compared before times."""

import importlib
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.questions import first_difference

_PATIENCE = 1800  # seconds an engine may take for one answer


class UnequalAnswersError(AssertionError):
    """Two engines gave different answers, so no time may be told."""


@dataclass(frozen=True)
class Line:
    """One engine's row of a result: seconds by the clock and by the processor, ratio to the baseline, memory, rows."""

    engine: str
    median: float
    fastest: float
    slowest: float
    cpu: float | None  # median seconds of processor time of its own process; None where a server does the work
    ratio: float | None  # median of the ratios of the rounds: this engine to the baseline
    peak_mb: int | None
    rows: int


@dataclass(frozen=True)
class Goal:
    """A goal as data: which ratio is judged, and the most (or least) it may be."""

    text: str
    value: float | None
    limit: float
    is_least: bool = False  # the value has to reach the limit instead of staying below it

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where it was not measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.is_least else self.value <= self.limit


@dataclass
class Result:
    """What one benchmark measured at one size."""

    benchmark: str
    title: str
    size: str
    baseline: str
    runs: int
    lines: list[Line] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        goals = [asdict(goal) | {"is_met": goal.is_met} for goal in self.goals]
        return asdict(self) | {"goals": goals}

    def ratio(self, engine: str) -> float | None:
        """The ratio of one engine to the baseline; None when it did not run."""
        return next((line.ratio for line in self.lines if line.engine == engine), None)


@dataclass(frozen=True)
class Contender:
    """An engine by ``module:Class``, the method asked, and its arguments."""

    path: str
    method: str
    arguments: tuple[Any, ...] = ()
    name: str = ""
    is_judged: bool = True  # whether its answer has to equal the others'


Answers = dict[str, pa.Table]


def side_by_side(contenders: list[Contender], folder: Path, runs: int) -> tuple[list[Line], dict[str, Answers]]:
    """Ask every contender once unmeasured, compare, then ask in turn ``runs`` times. The first is the baseline.

    Raises UnequalAnswersError when answers differ.
    """
    context = multiprocessing.get_context("spawn")
    asked: list[_Asked] = []
    try:
        asked.extend(_Asked(context, contender, folder) for contender in contenders)
        answers = {one.name: one.answer() for one in asked}
        judged = [one.name for one, contender in zip(asked, contenders, strict=True) if contender.is_judged]
        _refuse_unequal({name: answers[name] for name in judged})
        times: dict[str, list[Seconds]] = {one.name: [] for one in asked}
        for _ in range(runs):
            for one in asked:
                times[one.name].append(one.time())
        base = times[asked[0].name]
        rows = {name: sum(table.num_rows for table in answer.values()) for name, answer in answers.items()}
        return [line(one.name, times[one.name], base, one.peak_mb(), rows[one.name]) for one in asked], answers
    finally:
        for one in asked:
            one.stop()


@dataclass(frozen=True)
class Seconds:
    """What one run took by the clock, and of the processor."""

    clock: float
    cpu: float | None


def timed(run: Callable[[], Any]) -> tuple[Seconds, Any]:
    """What one call takes, and what it gives."""
    started, used = time.perf_counter(), time.process_time()
    answer = run()
    return Seconds(time.perf_counter() - started, time.process_time() - used), answer


def line(name: str, times: list[Seconds], base: list[Seconds], peak: int | None, rows: int) -> Line:
    """The row of one engine; its ratio is the median of the rounds', each against the baseline of its round."""
    clock = [one.clock for one in times]
    cpu = None if times[0].cpu is None else statistics.median(float(one.cpu or 0) for one in times)
    ratio = statistics.median(own.clock / other.clock for own, other in zip(times, base, strict=True))
    return Line(name, statistics.median(clock), min(clock), max(clock), cpu, ratio, peak, rows)


def peak_mb() -> int:
    """The most memory this process has held, in MB."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(text.split()[1]) for text in status if text.startswith("VmHWM")) // 1024


def _refuse_unequal(answers: dict[str, Answers]) -> None:
    names = list(answers)
    for name in names[1:]:
        for part in answers[names[0]].keys() & answers[name].keys():
            difference = first_difference(part, answers[names[0]][part], answers[name][part])
            if difference is not None:
                raise UnequalAnswersError(f"{names[0]} and {name} differ in {difference}")


def forget_peak() -> None:
    """Count the most memory from here on: bringing an answer into the form compared is no engine's cost."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
        refs.write("5")


class _Asked:
    """A contender's process and the line to it."""

    def __init__(self, context: Any, contender: Contender, folder: Path) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, contender, folder), daemon=True)
        self.process.start()
        self.name = contender.name or str(self._receive())
        if contender.name:
            self._receive()

    def answer(self) -> dict[str, pa.Table]:
        """The answer in the form compared."""
        found: dict[str, pa.Table] = self._ask("answer")
        return found

    def time(self) -> Seconds:
        """What one answer takes."""
        found: Seconds = self._ask("time")
        return found

    def peak_mb(self) -> int:
        """The most memory its process has held."""
        return int(self._ask("peak"))

    def stop(self) -> None:
        """End the process, its engine closed."""
        if self.process.is_alive():
            self.pipe.send("stop")
            self.process.join(60)
        if self.process.is_alive():
            self.process.terminate()

    def _ask(self, what: str) -> Any:
        self.pipe.send(what)
        return self._receive()

    def _receive(self) -> Any:
        if not self.pipe.poll(_PATIENCE):
            raise TimeoutError(f"No answer in {_PATIENCE} seconds")
        kind, value = self.pipe.recv()
        if kind == "error":
            raise RuntimeError(value)
        return value


def _serve(pipe: Connection, contender: Contender, folder: Path) -> None:
    """The loop of a contender's process."""
    module, name = contender.path.split(":")
    engine = None
    try:
        engine = getattr(importlib.import_module(module), name)(folder)
        pipe.send(("ready", engine.name))
        ask = getattr(engine, contender.method)
        while (what := pipe.recv()) != "stop":
            engine.forget()
            if what == "answer":
                pipe.send(("answer", engine.in_form(ask(*contender.arguments))))
                forget_peak()
            elif what == "time":
                taken = timed(lambda: ask(*contender.arguments))[0]
                pipe.send(("time", Seconds(taken.clock, None) if engine.is_served else taken))
            else:
                pipe.send(("peak", peak_mb()))
    except Exception as error:
        pipe.send(("error", f"{contender.path}: {type(error).__name__}: {error}"))
        raise
    finally:
        if engine is not None:
            engine.close()
        sys.stdout.flush()
