"""B5: cost grows with the number of students and no faster, up to ten states side by side on one machine."""

import os
import shutil
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa

from allpresent.ledger import Ledger
from allpresent.measures import Facts, Rules, groups, measure_many, standings
from benchmarks.measuring import Goal, Line, Result, Seconds, line, peak_mb, timed
from benchmarks.storing import days_asked, stored

TITLE = "Growth: one day, read from disk and measured"
STATES = 10
MOST_FOR_TEN_TIMES = 11
MOST_FOR_TEN_STATES = 12


def run(size: str, below: Path, runs: int) -> Result:
    """A tenth, the whole, and ten of it as homes of their own, each read from disk, in turn."""
    large = "state" if size == "state" else "tiny"
    small = stored("tenth" if size == "state" else "tiny", below)
    folder = stored(large, below)
    as_of = days_asked(folder)[0]
    many = _ten_homes(folder / "home", below / "ten")
    asks = {
        "a tenth of a state": partial(_one, small / "home", as_of),
        "a state": partial(_one, folder / "home", as_of),
        "ten states": lambda: measure_many(many, partial(_by_school, as_of)).num_rows,
    }
    times: dict[str, list[Seconds]] = {name: [] for name in asks}
    rows: dict[str, int] = {}
    for _ in range(runs):
        for name, ask in asks.items():
            taken, rows[name] = timed(ask)
            times[name].append(taken)
    shutil.rmtree(below / "ten")
    lines: list[Line] = [line(name, times[name], times["a state"], peak_mb(), rows[name]) for name in asks]
    result = Result("B5", TITLE, size, "a state", runs, lines)
    tenth, ten = lines[0].ratio, lines[2].ratio
    result.goals = [
        Goal(f"ten times the students at most {MOST_FOR_TEN_TIMES} times", tenth and 1 / tenth, MOST_FOR_TEN_TIMES),
        Goal(f"ten states at most {MOST_FOR_TEN_STATES} times one", ten, MOST_FOR_TEN_STATES),
    ]
    return result


def _one(home: Path, as_of: date) -> int:
    return int(_by_school(as_of, home).num_rows)


def _by_school(as_of: date, home: Path) -> pa.Table:
    """The standings of a day, and of them the table by school and level, from a home that was not read before."""
    version = Ledger(home).current()
    assert version is not None  # noqa: S101
    facts = Facts(version)
    standings(facts, as_of, Rules())
    made = groups(facts, as_of, Rules(), ["school", "level"])
    facts.forget_answers()  # they point back at the facts, which would stay in memory with them
    return made


def _ten_homes(home: Path, below: Path) -> dict[str, Path]:
    """Ten homes with the same files under names of their own."""
    shutil.rmtree(below, ignore_errors=True)
    for number in range(STATES):
        shutil.copytree(home, below / f"state-{number}", copy_function=os.link)
    return {path.name: path for path in sorted(below.iterdir())}
