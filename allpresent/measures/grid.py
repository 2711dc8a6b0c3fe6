"""A year, or the last twenty school days, as one state a day: the strip that people see."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.ledger import whole_day_absences
from allpresent.measures.engine import Facts, MeasureError
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import Index, Roll, Words, positions, unpack

# In the order in which they are set: a later one overrides an earlier one.
STATES = ("no_school", "present", "tardy", "half", "excused", "unexcused", "disciplinary", "unreported", "future")
_CODE = {state: code for code, state in enumerate(STATES)}
LAST_DAYS = 20
PLAIN = Rules()


def year_grid(facts: Facts, student_id: str, as_of: date, rules: Rules = PLAIN) -> list[tuple[date, str]]:
    """Every district school day of the year with the student's state on it, days to come included.

    States: present, unexcused, excused, disciplinary (absent under the half-day rule), half (exactly half missed),
    tardy (late, or less than half missed), unreported, no_school (not in session or not enrolled), future. Raises
    MeasureError for a student without a day in that year.
    """
    facts.check_day(as_of)
    roll = facts.roll(facts.school_year(as_of))
    row = positions_of(roll, [student_id])
    if row[0] < 0:
        raise MeasureError(
            f"No student with the id {student_id} was enrolled in {facts.school_year(as_of)}-"
            f"{facts.school_year(as_of) + 1} in delivery {facts.delivery_id}; check the id."
        )
    states = day_states(roll, row, as_of, rules)[0]
    days: list[date] = roll.dates.astype(object).tolist()
    return [(day, STATES[state]) for day, state in zip(days, states.tolist(), strict=True)]


def last_20_days(
    facts: Facts, as_of: date, student_ids: Iterable[str] | None = None, rules: Rules = PLAIN
) -> dict[str, list[tuple[date, str]]]:
    """By student the states of the last 20 school days of the student's school up to ``as_of``, oldest first.

    All students with a day enrolled so far, or those asked for; a student without one is left out.
    """
    facts.check_day(as_of)
    roll = facts.roll(facts.school_year(as_of))
    enrolled = np.asarray((roll.bits["enrolled"] & roll.strips.mask(None, as_of)).any(axis=1))
    asked = np.arange(len(roll)) if student_ids is None else positions_of(roll, list(student_ids))
    rows = asked[(asked >= 0) & enrolled[asked]]
    states = day_states(roll, rows, as_of, rules)
    school_id = roll.spans.school_of(roll.spans.latest(as_of)).take(pa.array(rows))
    recent = facts.recent_days(school_id, as_of, LAST_DAYS)
    chosen = unpack(recent, len(roll.dates))
    days: list[date] = roll.dates.astype(object).tolist()
    ids = roll.student_id.take(pa.array(rows)).to_pylist()
    return {
        ids[number]: [(days[at], STATES[states[number, at]]) for at in np.flatnonzero(chosen[number]).tolist()]
        for number in range(len(rows))
    }


def positions_of(roll: Roll, student_ids: list[str]) -> Index:
    """The row of each student; -1 for one who is not on the roll."""
    if len(student_ids) == 1:  # one look along the roll is far cheaper than a table of all its ids
        return np.array([pc.index(roll.student_id, student_ids[0]).as_py()], dtype=np.int64)
    return positions(pa.array(student_ids, pa.string()), roll.student_id)


def day_states(roll: Roll, rows: Index, as_of: date, rules: Rules) -> npt.NDArray[np.uint8]:
    """Codes into ``STATES``, one row a student and one column a district school day."""
    bits = {name: words[rows] for name, words in roll.bits.items()}
    upto = roll.strips.mask(None, as_of)
    counted = bits["enrolled"] & bits["reported"]
    missed = whole_day_absences(bits, rules.is_half_absent)
    layers: dict[str, Words] = {
        "present": bits["enrolled"],
        "tardy": counted & (bits["tardy"] | bits["partly_absent"]),
        "half": counted & bits["half_absent"],
        "excused": counted & missed & bits["excused"],
        "unexcused": counted & missed & bits["unexcused"],
        "disciplinary": counted & missed & bits["disciplinary"],
        "unreported": bits["enrolled"] & ~bits["reported"],
        "future": np.broadcast_to(~upto, bits["enrolled"].shape),
    }
    states = np.zeros((len(rows), len(roll.dates)), dtype=np.uint8)
    for state, words in layers.items():
        states[unpack(words, len(roll.dates))] = _CODE[state]
    return states
