"""Tables in memory alone: a database that writes to no disk and loads nothing. It knows no room."""

import duckdb

# Without a folder to write to, what does not fit is refused: a kill would leave students lying in it, open to all.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "temp_directory": "",
}


def database() -> duckdb.DuckDBPyConnection:
    """An empty one. What does not fit into four fifths of the machine's memory raises duckdb.OutOfMemoryException."""
    return duckdb.connect(config=SETTINGS)
