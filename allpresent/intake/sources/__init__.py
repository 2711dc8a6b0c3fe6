"""The formats intake reads, one module a format."""

from collections.abc import Callable

from allpresent.intake.mapping import SHIPPED, Mapping, load_mapping
from allpresent.intake.rules import IntakeError
from allpresent.intake.sources import csv_template, powerschool
from allpresent.intake.workspace import Workspace

SOURCES: dict[str, Callable[[Workspace], frozenset[str]]] = {
    "csv": csv_template.read,
    "powerschool": powerschool.read,
}


def reader_of(source: str) -> Callable[[Workspace], frozenset[str]]:
    """The reader of a source; it fills the canonical tables and names the tables in which every row has to be right.

    Raises IntakeError for a source that nobody reads.
    """
    if source not in SOURCES:
        raise IntakeError(f"The source {source!r} is not known; use one of {', '.join(sorted(SOURCES))}.")
    return SOURCES[source]


def default_mapping(source: str) -> Mapping:
    """The mapping a source has when the district names none. Raises IntakeError for a source that nobody reads."""
    if source == "csv":
        return csv_template.canonical_mapping()
    return load_mapping(SHIPPED / f"{source}.yaml")
