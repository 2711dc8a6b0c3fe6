"""Our own engine: the measures over the strips of a posted ledger."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.measures import Rules, group_counts, open_facts, standings
from allpresent.measures.engine import LARGE_ROLL
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
        self.is_large = len(self.facts.roll(self.facts.school_year(self.facts.last_school_day))) > LARGE_ROLL

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
        # Of as many students as a state's few answers are kept, so a day is asked for all its groupings in turn.
        asked = [[day] for day in days] if self.is_large else [days]
        bys = GROUPINGS * len(asked)
        made = [
            group_counts(self.facts, together, self.rules, [_BY.get(name, name) for name in by])
            for together in asked
            for by in GROUPINGS
        ]
        rows = [table.num_rows for table in made]
        columns = {
            "as_of": _below(table.column("as_of") for table in made),
            "grouping": pa.array(["+".join(by) for by in bys]).take(np.repeat(np.arange(len(made)), rows)),
            "key": pa.chunked_array(_key(table, by) for table, by in zip(made, bys, strict=True)),
        }
        for name in FIGURES:
            columns[name] = _below(table.column(_FIGURES.get(name, name)) for table in made)
        return pa.table(columns)

    def in_form(self, answers: dict[str, pa.Table]) -> dict[str, pa.Table]:
        """Our column names as the peers', then the form compared."""
        if "standings" in answers:
            table = answers["standings"]
            answers |= {"standings": table.rename_columns([_STANDINGS.get(n, n) for n in table.column_names])}
        return super().in_form(answers)


def _below(columns: Iterable[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Columns one below the other."""
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks])


def _key(made: pa.Table, by: tuple[str, ...]) -> pa.Array:
    """The values grouped by as one text."""
    parts = [made.column(_BY.get(name, name)).combine_chunks() for name in by]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")
