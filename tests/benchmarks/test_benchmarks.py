"""Every benchmark at a tiny size: the engines give equal answers and the tables print. Times are never asserted.

Engines whose libraries the development environment does not have (pandas, Polars) are left out here; `make bench` has
them. PostgreSQL is left to `make bench` too: its start would cost more than all the rest.
"""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import measuring
from benchmarks.engines.engine import Engine
from benchmarks.engines.sqlite_sql import SQLite
from benchmarks.measuring import Contender, Goal, UnequalAnswersError
from benchmarks.storing import days_asked, stored
from benchmarks.suite import b1_one_day, b2_thirteen_dates, b6_spark, peers
from benchmarks.telling import told


class InProcess:
    """A contender asked in this process: a process of its own for each would take longer than the answers."""

    def __init__(self, _context: object, contender: Contender, folder: Path) -> None:
        module, name = contender.path.split(":")
        self.engine = getattr(measuring.importlib.import_module(module), name)(folder)
        self.name, self.contender = contender.name or self.engine.name, contender

    def answer(self) -> measuring.Answers:
        self.engine.forget()
        answers = getattr(self.engine, self.contender.method)(*self.contender.arguments)
        return self.engine.in_form(answers)

    def time(self) -> measuring.Seconds:
        self.engine.forget()
        return measuring.timed(lambda: getattr(self.engine, self.contender.method)(*self.contender.arguments))[0]

    def peak_mb(self) -> int:
        return measuring.peak_mb()

    def stop(self) -> None:
        self.engine.close()


def available_here(paths: Iterable[str]) -> list[str]:
    """The peers of the development environment, without PostgreSQL."""
    return peers.available(path for path in paths if not path.startswith("postgres_sql"))


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.mark.parametrize("name", list(program.BENCHMARKS))
def test_a_benchmark_runs_and_tells(
    below: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(measuring, "_Asked", InProcess)
    monkeypatch.setattr(b1_one_day, "available", available_here)
    monkeypatch.setattr(b2_thirteen_dates, "available", available_here)
    assert program.main(["--size", "tiny", "--runs", "1", "--only", name, "--below", str(below)]) == 0
    assert "All Present" in capsys.readouterr().out or name in ("B4", "B5", "B7")
    kept = json.loads((below / "results" / f"{name}-tiny.json").read_text(encoding="utf-8"))
    assert kept["lines"]
    assert {"cores", "memory_gb"} == set(kept["machine"])
    assert all(line["rows"] for line in kept["lines"])


def test_what_spark_is_asked_can_be_asked(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark itself is in an environment of its own; here its part is taken by this process."""

    def in_process(_executors: int, homes: dict[str, Path], days: list[date]) -> tuple[measuring.Seconds, bytes]:
        return b6_spark._here(homes, days)

    monkeypatch.setattr(b6_spark, "_by_spark", in_process)
    monkeypatch.setattr(b6_spark, "HOMES", 2)
    monkeypatch.setattr(b6_spark, "_school_days", lambda folder: days_asked(folder)[1][:2])
    result = b6_spark.run("tiny", below, 1)
    assert [line.engine for line in result.lines][1:] == ["Spark, 1 executor", "Spark, 2 executors"]
    assert result.lines[0].rows


def test_unequal_answers_tell_no_time(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_its_first(engine: SQLite, answers: measuring.Answers) -> measuring.Answers:
        return {name: table.slice(1) for name, table in Engine.in_form(engine, answers).items()}

    folder = stored("tiny", below)
    asked = (days_asked(folder)[0],)
    monkeypatch.setattr(measuring, "_Asked", InProcess)
    monkeypatch.setattr(SQLite, "in_form", without_its_first)
    contenders = [Contender(path, "one_day", asked) for path in (peers.OURS, "benchmarks.engines.sqlite_sql:SQLite")]
    with pytest.raises(UnequalAnswersError, match="rows against"):
        measuring.side_by_side(contenders, folder, 1)


@pytest.mark.parametrize(
    ("goal", "is_met"),
    [
        (Goal("", 1.5, 1.5), True),
        (Goal("", 1.6, 1.5), False),
        (Goal("", 30, 30, is_least=True), True),
        (Goal("", 29, 30, is_least=True), False),
        (Goal("", None, 30), None),
    ],
)
def test_a_goal_is_met_or_not_or_was_not_measured(goal: Goal, is_met: bool | None) -> None:
    assert goal.is_met is is_met
    said = told(measuring.Result("B0", "", "tiny", "", 1, goals=[goal]))
    assert {True: ", met.", False: "not met", None: "not measured"}[is_met] in said
