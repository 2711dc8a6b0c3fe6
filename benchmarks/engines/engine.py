"""What an engine is: it loads the facts untimed, and answers two questions timed."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.questions import as_groups, as_standings

FORMS = {"standings": as_standings, "groups": as_groups, "floor": lambda table: table}
EPOCH = date(1970, 1, 1)


class Engine:
    """One way to answer. A subclass loads in ``__init__``; only ``one_day`` and ``thirteen`` are timed."""

    name = ""
    is_served = False  # another process does the work

    def __init__(self, folder: Path) -> None:
        """Load the facts of a folder, as ``benchmarks.storing`` wrote them."""
        self.folder = folder

    def forget(self) -> None:
        """Forget what was answered before, so that the next answer is worked out again."""

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """``standings`` and ``groups`` of one day."""
        raise NotImplementedError

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """``groups`` of thirteen days."""
        raise NotImplementedError

    def in_form(self, answers: dict[str, pa.Table]) -> dict[str, pa.Table]:
        """The answers in the form compared; not timed."""
        return {name: FORMS[name](table) for name, table in answers.items()}

    def close(self) -> None:
        """Give back what was opened."""

    def table(self, name: str) -> pa.Table:
        """One table of the facts."""
        return pq.read_table(self.folder / "facts" / f"{name}.parquet")


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def ymd(day: date) -> int:
    """20270430 for 30 April 2027, so that a difference divided by 10000 is an age."""
    return day.year * 10000 + day.month * 100 + day.day


def named_days(table: pa.Table, days: list[date]) -> pa.Table:
    """Groups of day 1, 2, … (``k``, ``grouping_name``) with the days themselves."""
    as_of = pa.array(days, pa.date32()).take(pa.array([int(k) - 1 for k in table["k"].to_pylist()], pa.int64()))
    return table.append_column("as_of", as_of).append_column("grouping", table["grouping_name"])
