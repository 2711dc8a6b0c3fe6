"""A publisher's file about its data file: which of the columns there tell a student group, and what they are called."""

from pathlib import Path

from allpresent.intake.published.grids import read_grids
from allpresent.intake.published.layouts import Layout
from allpresent.intake.rules import RefusedFileError

_LABELS = ("col_name", "col_type", "label")

Filters = tuple[tuple[str, str], ...]  # column, in small letters, and what it is called


def is_metadata(path: Path, layouts: dict[str, Layout]) -> bool:
    """Whether a file is named as one about a data file."""
    return any(one.metadata and path.name.casefold().endswith(one.metadata) for one in layouts.values())


def read_filters(path: Path, name: str, layout: Layout) -> Filters:
    """The columns of a data file that tell student groups. Raises RefusedFileError without the file that says so."""
    if not layout.metadata:
        return ()
    beside = path.with_name(path.stem + layout.metadata)
    if not beside.is_file():
        raise RefusedFileError(
            f"{name} is read with {beside.name}, which says which of its columns tell student groups; put that file of "
            "the publisher beside it.",
            "Q01",
        )
    told = (Path(name).parent / beside.name).as_posix()
    grid = next(read_grids(beside, told, frozenset(_LABELS)))
    missing = [label for label in _LABELS if label not in grid.columns]
    if missing:
        raise RefusedFileError(f"{told} line {grid.header_line} has no column {missing[0]}; download it again.", "Q01")
    at = {label: grid.columns.index(label) for label in _LABELS}
    rows = ({label: cells[place].strip() for label, place in at.items()} for _line, cells in grid.rows)
    return tuple(
        (row["col_name"].casefold(), row["label"] or row["col_name"])
        for row in rows
        if row["col_type"].casefold() == "filter"
    )
