"""Which columns of a data file tell a student group: its metadata says so, or else what stands in them."""

from collections.abc import Iterator
from pathlib import Path

from allpresent.intake.published.cells import NotAFigureError, known_marks, read_cell
from allpresent.intake.published.grids import Grid, read_grids
from allpresent.intake.published.layouts import Layout
from allpresent.intake.rules import RefusedFileError

_LABELS = ("col_name", "col_type", "label")
_LOOKED_AT = 1_000  # rows

Filters = tuple[tuple[str, str], ...]  # column, in small letters, and what it is called


def is_metadata(path: Path, layouts: dict[str, Layout]) -> bool:
    """Whether a file is named as one about a data file."""
    return any(one.metadata and path.name.casefold().endswith(one.metadata) for one in layouts.values())


def read_filters(path: Path, name: str, layout: Layout, grid: Grid) -> tuple[Filters, str]:
    """The columns of a data file that tell student groups, and a sentence on how that is known.

    Raises RefusedFileError for metadata that cannot be read.
    """
    if not layout.metadata:
        return (), ""
    wanted = (path.stem + layout.metadata).casefold()
    beside = next((one for one in sorted(path.parent.iterdir()) if one.name.casefold() == wanted), None)
    if beside is None:
        found = tuple((column, column.replace("_", " ")) for column in _columns_of_words(grid, layout))
        names = ", ".join(column for column, _label in found) or "none"
        return found, f"{name} came without {path.stem}{layout.metadata}: columns of words tell the groups ({names})."
    told = (Path(name).parent / beside.name).as_posix()
    return _filters_of(beside, told), f"{told} says which columns of {name} tell the groups."


def _filters_of(path: Path, name: str) -> Filters:
    grid = next(read_grids(path, name, frozenset(_LABELS)))
    missing = [label for label in _LABELS if label not in grid.columns]
    if missing:
        raise RefusedFileError(f"{name} line {grid.header_line} has no column {missing[0]}; download it again.", "Q01")
    at = {label: grid.columns.index(label) for label in _LABELS}
    rows = ({label: cells[place].strip() for label, place in at.items()} for _line, cells in grid.rows)
    return tuple(
        (row["col_name"].casefold(), row["label"] or row["col_name"])
        for row in rows
        if row["col_type"].casefold() == "filter"
    )


def _columns_of_words(grid: Grid, layout: Layout) -> Iterator[str]:
    """Columns that hold words and are no time, place or figure."""
    known, marks = _named(layout), known_marks(layout)
    rows = [cells for _line, cells in grid.rows[:_LOOKED_AT]]
    for place, column in enumerate(grid.columns):
        if column and column not in known and any(_is_word(cells[place], marks, layout.ranges) for cells in rows):
            yield column


def _named(layout: Layout) -> set[str]:
    """Every column the layout speaks of."""
    told = [*layout.columns.values(), *layout.keep, *(name for one in layout.places for name in (one.id, one.name))]
    told += [column for one in layout.places for column in one.when]
    return {name for names in told for name in names.casefold().split("|")}


def _is_word(text: str, marks: frozenset[str], ranges: str) -> bool:
    try:
        read_cell(text, "decimal", marks, ranges)
    except NotAFigureError:
        return True
    return False
