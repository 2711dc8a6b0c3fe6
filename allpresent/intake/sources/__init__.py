"""The formats intake reads, one module or package a format, each with what it declares of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from allpresent.intake.mapping import SHIPPED, Mapping, load_mapping
from allpresent.intake.rules import IntakeError
from allpresent.intake.sources import csv_template, edfi, oneroster, powerschool, sds
from allpresent.intake.sources.declared import Declaration
from allpresent.intake.workspace import Workspace


@dataclass(frozen=True)
class Source:
    """A format: ``read`` fills the canonical tables ``c_<table>`` of a workspace with what it declares."""

    read: Callable[[Workspace], None]
    declaration: Declaration


SOURCES: dict[str, Source] = {
    "csv": Source(csv_template.read, csv_template.DECLARATION),
    "edfi": Source(edfi.read, edfi.DECLARATION),
    "oneroster": Source(oneroster.read, oneroster.DECLARATION),
    "powerschool": Source(powerschool.read, powerschool.DECLARATION),
    "sds": Source(sds.read, sds.DECLARATION),
}


PUBLISHED = "aggregates"  # figures others publish: no marks, so it has a reader of its own, and no place in the ledger


def source_named(name: str) -> Source:
    """A source. Raises IntakeError for one that nobody reads."""
    if name not in SOURCES:
        raise IntakeError(f"The source {name!r} is not known; use one of {', '.join(sorted([*SOURCES, PUBLISHED]))}.")
    return SOURCES[name]


@cache
def default_mapping(source: str) -> Mapping:
    """The mapping a source has when the district names none, with the tables the source looks for by itself."""
    if source == "csv":
        return csv_template.canonical_mapping()
    return SOURCES[source].declaration.completed(load_mapping(SHIPPED / f"{source}.yaml"))
