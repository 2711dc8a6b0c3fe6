"""Older and misspelt names of a standard's columns: read as the exact name, and never silently."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from allpresent.intake.sniff import Header


def exact_names(
    header: Header, near_names: Mapping[str, str] | None, wanted: Collection[str]
) -> tuple[Header, dict[str, str]]:
    """The header with exact names, and which of its names were other ones.

    A name counts as an exact one that is missing when the table says so, or when they differ in blanks, bars and dots
    alone. With no table at all names are taken as they stand.
    """
    if near_names is None:
        return header, {}
    missing = {_squeezed(name): name for name in wanted if name not in header.columns}
    near: dict[str, str] = {}
    for column in header.columns:
        exact = missing.get(_squeezed(near_names.get(column, column)))
        if column and column not in wanted and exact is not None and exact not in near.values():
            near[column] = exact
    return replace(header, columns=tuple(near.get(column, column) for column in header.columns)), near


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_.\-]", "", name)
