"""What a format's writer is: the district's facts into files of the format's own shape, and what the format can say.

To add a format: a module beside this one with ``SHAPE = Shape(...)``, named in ``SHAPES`` of ``every.py``.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from tests.intake.conformance.facts import Row

Facts = Mapping[str, list[Row]]


class File(Protocol):
    """A file of a delivery as the suite writes and spoils it."""

    @property
    def rows(self) -> Sequence[object]:
        """Its rows."""

    @property
    def first_line(self) -> int:
        """The line of the first row."""

    @property
    def says_secrets(self) -> bool:
        """Whether a secret in it is reported, rather than never looked at."""

    def text(self, end: str = "\n") -> str:
        """The file, each line with this end."""

    def dressed(self, label: str = "") -> bytes:
        """The same as a spreadsheet or an old program writes it; the values under a label kept from rounding."""

    def more(self, row: object) -> "File":
        """The file with a row behind it."""

    def changed(self, at: int, label: str, text: str) -> object:
        """A copy of one row with another value under a label."""

    def broken(self) -> object:
        """A row that is none."""

    def with_secret(self, text: str) -> "File":
        """The file with a secret in every row."""


@dataclass(frozen=True)
class Sheet:
    """A delimited file: a header, rows of text, and how it is written."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    escape: str | None = None  # before a quotation mark, which is doubled without one
    first_line = 2
    says_secrets = True

    def text(self, end: str = "\n") -> str:
        out = io.StringIO()
        doubled = self.escape is None
        writer = csv.writer(
            out, delimiter=self.delimiter, lineterminator=end, escapechar=self.escape, doublequote=doubled
        )
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return out.getvalue()

    def dressed(self, label: str = "") -> bytes:
        """Lone CRs; Windows-1252 with ``="001"`` where a label is given, a byte order mark elsewhere."""
        if not label:
            return self.text("\r").encode("utf-8-sig")
        column = self.header.index(label)
        kept = [[f'="{cell}"' if at == column and cell else cell for at, cell in enumerate(row)] for row in self.rows]
        return replace(self, rows=kept).text("\r").encode("cp1252")

    def more(self, row: object) -> "Sheet":
        assert isinstance(row, list)
        return replace(self, rows=[*self.rows, row])

    def changed(self, at: int, label: str, text: str) -> list[str]:
        named = dict(zip(self.header, self.rows[at], strict=True)) | {label: text}
        return [named[name] for name in self.header]

    def broken(self) -> list[str]:
        return [*self.rows[0], "one too many"]

    def with_secret(self, text: str) -> "Sheet":
        label = f"{'U.' if '.' in self.header[0] else ''}web_password"
        return replace(self, header=[*self.header, label], rows=[[*row, text] for row in self.rows])


@dataclass(frozen=True)
class Place:
    """A column of a file that dirt is put into."""

    file: str
    label: str


@dataclass(frozen=True)
class Shape:
    """A format as the suite needs it. ``says`` names for each canonical table the columns the format can say."""

    source: str
    write: Callable[[Facts], Mapping[str, File]]
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
