"""Our own engine: the measures over the strips of a posted ledger."""

from datetime import date
from pathlib import Path

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
_FIGURES = {"chronically_absent": "chronic"}


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
        parts = []
        for day in days:
            for by in GROUPINGS:
                columns = [_BY.get(name, name) for name in by]
                made = groups(self.facts, day, self.rules, columns)
                parts.append(_as_peers(made, day, by, columns))
        return pa.concat_tables(parts)

    def in_form(self, answers: dict[str, pa.Table]) -> dict[str, pa.Table]:
        """Our column names as the peers', then the form compared."""
        if "standings" in answers:
            table = answers["standings"]
            answers |= {"standings": table.rename_columns([_STANDINGS.get(n, n) for n in table.column_names])}
        return super().in_form(answers)


def _as_peers(made: pa.Table, day: date, by: tuple[str, ...], columns: list[str]) -> pa.Table:
    made = made.rename_columns([_FIGURES.get(name, name) for name in made.column_names])
    rows = made.num_rows
    key = made[columns[0]] if len(by) == 1 else pc.binary_join_element_wise(*[made[name] for name in columns], "|")
    return pa.table(
        {
            "as_of": pa.repeat(pa.scalar(day, pa.date32()), rows),
            "grouping": pa.repeat("+".join(by), rows),
            "key": key,
            **{name: made[name] for name in FIGURES},
        }
    )
