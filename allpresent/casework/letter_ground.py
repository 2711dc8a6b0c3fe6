"""The record that letters stand on: who stands where, which days were missed, and when the law asks for a meeting."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.measures import standings
from allpresent.measures.absence import day_sizes
from allpresent.measures.engine import Facts
from allpresent.measures.measured import measure
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import positions, unpack
from allpresent.policy import load_district, load_state_pack
from allpresent.protocol import bounds, load_protocol

from .truancies import find_truancies


@dataclass(frozen=True)
class Ground:
    """The record as one data version shows it, and the lowest levels, which no note of improvement speaks of."""

    home: Path
    facts: Facts
    as_of: date
    rules: Rules
    low_levels: tuple[str, ...]

    @classmethod
    def read(cls, home: Path, facts: Facts, as_of: date) -> "Ground":
        """For the night: everything from the home's own settings."""
        district = load_district(home)
        protocol = load_protocol(district.protocol, as_of, district.due_school_days)
        rules = Rules.from_policy(district, load_state_pack(district.state), bounds(protocol))
        return cls(home, facts, as_of, rules, tuple(level.key for level in protocol.levels[:2]))

    @property
    def school_year(self) -> int:
        return self.facts.school_year(self.as_of)

    @cached_property
    def table(self) -> pa.Table:
        return standings(self.facts, self.as_of, self.rules)

    def rows(self, student_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The standings of some students."""
        wanted = self.table.filter(
            pc.is_in(self.table["student_id"], value_set=pa.array(sorted(student_ids), pa.string()))
        )
        return {row["student_id"]: row for row in wanted.to_pylist()}

    def ids(self, flag: str) -> list[str]:
        """Students whose flag of the standings is set."""
        found: list[str] = self.table.filter(pc.equal(self.table[flag], 1))["student_id"].to_pylist()
        return found

    def days_missed(self, student_ids: Iterable[str], *, only_unexcused: bool = False) -> dict[str, tuple[date, ...]]:
        """The days counted as absent, a part day included where the district counts parts."""
        ids = sorted(student_ids)
        parts = self._parts_missed(ids, only_unexcused)
        return {key: tuple(day for day, _part in days) for key, days in zip(ids, parts, strict=True)}

    def truancies(self, student_ids: Iterable[str]) -> dict[str, tuple[date, ...]]:
        """The days on which each student became truant, and became so anew; see truancies.find_truancies."""
        ids = sorted(student_ids)
        parts = self._parts_missed(ids, only_unexcused=True)
        return {key: find_truancies(days, self.rules) for key, days in zip(ids, parts, strict=True)}

    def meeting_due(self, school_id: str | None, truant_on: date) -> date | None:
        """The day by which the school meets with the parent; None where its calendar does not reach so far."""
        days = self.facts.session_days(school_id, self.school_year) if school_id else np.zeros(0, "datetime64[D]")
        after = int(np.searchsorted(days, np.datetime64(truant_on, "D"), side="right"))
        at = after + self.rules.meeting_school_days - 1
        found: date | None = days[at].astype(object) if at < len(days) else None
        return found

    def _parts_missed(self, ids: list[str], only_unexcused: bool) -> list[list[tuple[date, Fraction]]]:
        """For each student the days missed, in order, with the share of the day that counts."""
        measured = measure(self.facts, self.as_of, self.rules)
        roll, counted = measured.roll, measured.days.counted_days
        counted = counted & roll.bits["unexcused"] if only_unexcused else counted
        sizes = day_sizes(roll, self.rules)
        at = positions(pa.array(ids, pa.string()), roll.student_id)
        full = unpack((sizes.full & counted)[at], len(roll.dates))
        full[at < 0] = False
        missed = [dict.fromkeys(np.flatnonzero(line).tolist(), Fraction(1)) for line in full]
        inside = sizes.is_set(counted)
        place = {row: number for number, row in enumerate(at.tolist()) if row >= 0}
        parts = (array[inside].tolist() for array in (sizes.part_row, sizes.part_day, sizes.part_size))
        for row, day, size in zip(*parts, strict=True):
            if row in place:
                missed[place[row]][day] = Fraction(size, sizes.whole)
        return [[(roll.dates[day].astype(object), days[day]) for day in sorted(days)] for days in missed]
