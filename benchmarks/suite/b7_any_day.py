"""B7: in one process, a past day nobody asked for before: one student, one student explained, one school's page."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa

from allpresent.measures import Facts, Rules, explain, open_facts, standings
from benchmarks.measuring import Goal, Result, Seconds, line, peak_mb, timed
from benchmarks.storing import days_asked, stored

TITLE = "Any past day: a student, a student explained, a school"
MOST_MS = {"a student's standing": 10, "a student's explanation": 50, "a school's page": 30}


def run(size: str, below: Path, runs: int) -> Result:
    """Answers kept from before are dropped before each run; what was read from disk stays, as in a server."""
    folder = stored(size, below)
    facts = open_facts(folder / "home")
    student = standings(facts, facts.last_school_day, Rules())["student_id"][0].as_py()
    days = days_asked(folder)[1]
    asks: dict[str, Callable[[date], object]] = {
        "a student's standing": lambda day: _standing(facts, student, day),
        "a student's explanation": lambda day: explain(facts, student, day, Rules()),
        "a school's page": lambda day: _school(facts, "0001", day),
    }
    times: dict[str, list[Seconds]] = {name: [] for name in asks}
    rows = dict.fromkeys(asks, 0)
    for number in range(runs + 1):
        for name, ask in asks.items():
            facts.forget_answers()
            taken, answer = timed(lambda ask=ask, number=number: ask(days[number % 13]))
            rows[name] = answer.num_rows if isinstance(answer, pa.Table) else len(answer)  # type: ignore[arg-type]
            if number:
                times[name].append(taken)
    lines = [line(name, times[name], times["a student's standing"], peak_mb(), rows[name]) for name in asks]
    result = Result("B7", TITLE, size, "a student's standing", runs, lines)
    result.goals = [
        Goal(f"{one.engine} in at most {MOST_MS[one.engine]} ms", one.median * 1000, MOST_MS[one.engine])
        for one in lines
    ]
    return result


def _standing(facts: Facts, student: str, day: date) -> pa.Table:
    return standings(facts, day, Rules(), student_id=student)


def _school(facts: Facts, school: str, day: date) -> pa.Table:
    return standings(facts, day, Rules(), school_id=school)
