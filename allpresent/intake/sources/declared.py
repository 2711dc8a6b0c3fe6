"""What a source says of itself: its tables, what is read from each, and what is left aside on purpose.

Reading, the reference page and the conformance suite take it from here; the file patterns and the labels of the
columns stand in the source's mapping (``policy/mappings``), where a district may change them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from allpresent.intake.columns import Column
from allpresent.intake.mapping import Mapping as MappingFile
from allpresent.intake.mapping import TableOptions


def asks_nothing(_mapping: MappingFile) -> dict[str, str]:
    """A table whose columns are the same in every district."""
    return {}


def tells_nothing(_path: Path) -> str | None:
    """A source whose files are known by name alone."""
    return None


@dataclass(frozen=True)
class DeclaredTable:
    """One table of a source, under the source's own name for it."""

    name: str
    meaning: str  # what one row is, in words that follow "one row"
    columns: tuple[Column, ...]
    makes: tuple[str, ...] = ()  # the canonical tables its rows become; none of a look-up table
    also_needed: tuple[str, ...] = ()  # columns a file has to have although a row may leave them blank
    ignored: tuple[str, ...] = ()  # the standard's columns that nothing here needs
    is_required: bool = False
    is_lookup: bool = False  # read only to understand others: a good row is accounted for by being read
    is_strict: bool = False  # a wrong row changes what every mark means (rule Q02)
    has_people: bool = False  # a column may be a person's secret (rule S01)
    also_typed: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)  # the same rows, refused apart
    asked_for: Callable[[MappingFile], dict[str, str]] = asks_nothing  # ours: theirs, as the mapping wants them

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The columns a file has to have."""
        return (*(column.name for column in self.columns if column.is_needed), *self.also_needed)


@dataclass(frozen=True)
class Declaration:
    """A source: what its files are, what is read, which rules mean more here than elsewhere, what is ignored."""

    name: str
    title: str
    meaning: str
    tables: tuple[DeclaredTable, ...]
    ignored: Mapping[str, str] = field(default_factory=dict)  # file, table or column: why
    rules: Mapping[str, str] = field(default_factory=dict)  # rule id: what it finds in this source
    table_of: Callable[[Path], str | None] = tells_nothing  # the table of a file whose name says nothing
    defaults: Mapping[str, TableOptions] = field(default_factory=dict)  # of tables the mapping says nothing of

    @cached_property
    def named(self) -> dict[str, DeclaredTable]:
        """The tables by name."""
        return {table.name: table for table in self.tables}

    @cached_property
    def strict(self) -> frozenset[str]:
        """The tables in which every row has to be right."""
        return frozenset(table.name for table in self.tables if table.is_strict)

    def completed(self, mapping: MappingFile) -> MappingFile:
        """The mapping with the tables it says nothing of, as this source has them."""
        return mapping.model_copy(update={"tables": {**self.defaults, **mapping.tables}})
