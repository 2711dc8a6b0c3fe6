"""A program: the sheets of the workbook named on its command line, one line of JSON each sheet and each row that says
something.

It runs apart from the server, with bounds on memory and time: one cell far out in a workbook makes its reader ask for
the memory of all the cells before it, and what a reader cannot get ends the whole process. It imports nothing of ours.
"""

import json
import resource
import sys
from datetime import date, datetime

import python_calamine

MEMORY = 2_000_000_000  # bytes
SECONDS = 120  # of work


def write_rows(path: str) -> None:
    """Write ``["name of a sheet"]``, then ``[line, [text, ...]]`` for its rows, sheet after sheet."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        sys.stdout.write(json.dumps([name]) + "\n")
        for line, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
            cells = [shown(value) for value in row]
            if any(cells):
                sys.stdout.write(json.dumps([line, cells]) + "\n")


def shown(value: object) -> str:
    """A workbook's value as a text: whole numbers without a point, dates year first."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    write_rows(sys.argv[1])
