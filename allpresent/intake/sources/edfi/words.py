"""Lists of descriptors told apart in SQL, and what the mapping says each word means."""

from collections.abc import Mapping

import pyarrow as pa

from allpresent.intake.keep import literal
from allpresent.intake.sources.edfi.paths import BETWEEN
from allpresent.intake.workspace import Workspace


def put_words(workspace: Workspace, name: str, meanings: Mapping[str, str]) -> None:
    """Store a look-up table (word in small letters, meaning); a meaning stands for itself too."""
    words = {word.casefold(): meaning for word, meaning in meanings.items()}
    words |= {meaning.casefold(): meaning for meaning in meanings.values()}
    workspace.put(
        name,
        pa.table({"word": pa.array(list(words), pa.string()), "meaning": pa.array(list(words.values()), pa.string())}),
    )


def parts_of(column: str) -> str:
    """SQL of the list of texts in a column; an empty list for a blank."""
    return f"coalesce(string_split({column}, {literal(BETWEEN)}), [])"
