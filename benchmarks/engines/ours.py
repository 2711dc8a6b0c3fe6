"""Our own engine: the measures over the strips of a posted ledger."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.measures import Rules, groups, open_facts, standings
from benchmarks.engines.engine import Engine
from benchmarks.questions import FIGURES, GROUPINGS

# Their names for our columns.
_STANDINGS = {"attendance_works_band": "band", "is_chronically_absent": "is_chronic"}
_BY = {
    "school_id": "school",
    "band": "attendance_works_band",
    "race": "student_group:race",
    "sex": "student_group:sex",
    "frl": "student_group:frl",
}
_FIGURES = {"chronic": "chronically_absent"}


class Strips(Engine):
    """The program's own measures, asked as its pages and reports ask them."""

    name = "All Present (strips)"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.rules = Rules()
        self.facts = open_facts(folder / "home")
        self.facts.roll(self.facts.school_year(self.facts.last_school_day))

    def forget(self) -> None:
        """Drop the kept answers; what was read from disk stays, as the others keep their tables."""
        self.facts.forget_answers()

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """Standings and groups."""
        return {"standings": standings(self.facts, as_of, self.rules), "groups": self._groups([as_of])}

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """Groups."""
        return {"groups": self._groups(days)}

    def _groups(self, days: list[date]) -> pa.Table:
        asked = [(day, by) for day in days for by in GROUPINGS]
        made = [groups(self.facts, day, self.rules, [_BY.get(name, name) for name in by]) for day, by in asked]
        rows = [table.num_rows for table in made]
        columns = {
            "as_of": pa.array(np.repeat(np.array(days, "datetime64[D]"), len(GROUPINGS)).repeat(rows)),
            "grouping": pa.array(["+".join(by) for by in GROUPINGS]).take(_which(rows)),
            "key": pa.chunked_array(_key(table, len(by)) for table, (_, by) in zip(made, asked, strict=True)),
        }
        for name in FIGURES:
            ours = _FIGURES.get(name, name)
            columns[name] = pa.chunked_array(table.column(ours).chunk(0) for table in made)
        return pa.table(columns)

    def in_form(self, answers: dict[str, pa.Table]) -> dict[str, pa.Table]:
        """Our column names as the peers', then the form compared."""
        if "standings" in answers:
            table = answers["standings"]
            answers |= {"standings": table.rename_columns([_STANDINGS.get(n, n) for n in table.column_names])}
        return super().in_form(answers)


def _which(rows: list[int]) -> pa.Array:
    """The place among the groupings of every row of many tables."""
    return pa.array(np.repeat(np.arange(len(rows)) % len(GROUPINGS), rows))


def _key(made: pa.Table, count: int) -> pa.Array:
    """The values of the columns grouped by, which stand first, as one text."""
    parts = [made.column(number).chunk(0) for number in range(count)]
    return parts[0] if count == 1 else pc.binary_join_element_wise(*parts, "|")
