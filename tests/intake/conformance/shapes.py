"""What a format's writer is: the district's facts into files of the format's own shape, and what the format can say.

To add a format: a module beside this one with ``SHAPE = Shape(...)``, named in ``SHAPES`` of ``every.py``.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tests.intake.conformance.facts import Row

Facts = Mapping[str, list[Row]]


@dataclass(frozen=True)
class Sheet:
    """One delimited file: a header, rows of text, and how it is written."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","

    def text(self, end: str = "\n") -> str:
        """The file, each line with this end."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=end)
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return out.getvalue()

    def more(self, *rows: list[str]) -> "Sheet":
        """The sheet with rows behind it."""
        return replace(self, rows=[*self.rows, *rows])

    def like(self, at: int, **cells: str) -> list[str]:
        """A copy of one row with some cells changed, by their label; dots of a label are written as __."""
        named = dict(zip(self.header, self.rows[at], strict=True)) | {
            label.replace("__", "."): text for label, text in cells.items()
        }
        return [named[label] for label in self.header]


@dataclass(frozen=True)
class Place:
    """A column of a file that dirt is put into."""

    file: str
    label: str


@dataclass(frozen=True)
class Shape:
    """A format as the suite needs it. ``says`` names for each canonical table the columns the format can say."""

    source: str
    write: Callable[[Facts], dict[str, Sheet]]
    says: Mapping[str, tuple[str, ...]]
    person: Place  # the id of a student
    day: Place  # a date that a row cannot be without
    code: Place | None  # what says the meaning of a mark; None for a roster
    unknown_code: str = "ZZ"
    mapping: str | None = None  # text of a mapping file
    shipped: str | None = None  # or the name of a mapping that comes with the program
    is_roster: bool = False  # people and classes alone, read over posted days
    facts: Callable[[Facts], Facts] = field(default=lambda facts: facts)  # what of the district the format can hold


def cells(row: Row, *names: str) -> list[str]:
    """Some values of a fact as texts: dates year first, blank for unknown."""
    return ["" if row.get(name) is None else str(row[name]) for name in names]
