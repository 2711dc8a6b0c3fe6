"""B4: the night after one in which a fiftieth of the students changed, against a first night of the same facts."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa

from allpresent.ledger import Ledger
from allpresent.measures import Rules, movers, open_facts, standings
from benchmarks.facts import SIZES, make_facts
from benchmarks.measuring import Goal, Line, Result, Seconds, line, peak_mb, timed
from benchmarks.storing import canonical, post

TITLE = "A night: facts written, standings, who crossed a level"
CHANGED_SHARE = 50  # one in so many
MOST_OF_A_FULL_ONE = 0.25


def run(size: str, below: Path, runs: int) -> Result:
    """Both nights in this process, in turn."""
    size = "tenth" if size == "state" else size
    facts = make_facts(SIZES[size])
    before = canonical(facts)
    after = before | {"attendance": _changed(before["attendance"])}
    times: tuple[list[Seconds], list[Seconds]] = ([], [])
    for _ in range(runs):
        home = Path(tempfile.mkdtemp(dir=below))
        full, _ = timed(lambda home=home: _night(home, before, "0001-full"))
        again, moved = timed(lambda home=home: _night(home, after, "0002-changed"))
        times[0].append(full)
        times[1].append(again)
        shutil.rmtree(home)
    students = SIZES[size].students
    lines: list[Line] = [
        line("a first night", times[0], times[0], peak_mb(), students),
        line("a night with 2 % changed", times[1], times[0], peak_mb(), moved),
    ]
    result = Result("B4", f"{TITLE}, {students:,} students", size, "a first night", runs, lines)
    result.goals = [Goal(f"at most {MOST_OF_A_FULL_ONE} of a first night", lines[1].ratio, MOST_OF_A_FULL_ONE)]
    return result


def _night(home: Path, tables: dict[str, pa.Table], delivery_id: str) -> int:
    """Write, measure, and compare with the day before and with what was known before; how many crossed a level."""
    known = Ledger(home).current()
    facts_before = open_facts(home) if known else None
    post(home, tables, delivery_id)
    facts = open_facts(home)
    standings(facts, facts.last_school_day, Rules())
    moved = movers(facts, facts.last_school_day, facts.last_school_day, Rules(), facts_since=facts_before)
    return int(moved.num_rows)


def _changed(marks: pa.Table) -> pa.Table:
    """The marks, those of one student in fifty now excused."""
    ids = marks["student_id"].combine_chunks().dictionary_encode()
    chosen = np.asarray(ids.indices) % CHANGED_SHARE == 0
    excused = pa.array(np.where(chosen, 1, np.asarray(marks["excused"])).astype(np.int8))
    tardy = pa.array(np.where(chosen, 0, np.asarray(marks["portion_num"])))
    marks = marks.set_column(marks.schema.get_field_index("excused"), "excused", excused)
    return marks.set_column(marks.schema.get_field_index("portion_num"), "portion_num", tardy)
