"""The few forms a reference page is written in."""

from collections.abc import Iterable, Sequence

MADE = "This page is written from the code by `python tools/write_reference.py`; a test fails when they differ."


def page(title: str, *parts: str) -> str:
    """A page: title, where it comes from, and its parts parted by blank lines."""
    return "\n\n".join([f"# {title}", MADE, *(part.strip("\n") for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; a bar inside a cell is escaped, a line break becomes a blank."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join(lines)


def cell(value: object) -> str:
    """One cell."""
    text = "" if value is None else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """Text as code."""
    return f"`{text}`"
