"""Which delivered file holds which table: by name patterns, the longest that fits."""

import os
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from allpresent.intake.rules import IntakeError, RefusedFileError

PULLED = "pull.json"  # what a pull from an interface says of itself
SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".tab", ".text", ".dat", ".export"})


# How programs call a file while they write it, and the file that says that all are there.
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".done")


def delivered_files(folder: Path) -> list[Path]:
    """Every visible plain file below the folder, by path; a file instead of a folder is the only one.

    A file under a name of one still being written is none. Raises IntakeError for a folder that may not be opened.
    """
    if folder.is_file():
        return [folder]
    files = [path for path in files_below(folder, _refuse_closed) if path.is_file() and not path.is_symlink()]
    files = [path for path in files if not path.name.casefold().endswith(_UNFINISHED)]
    _refuse_odd_names(files)
    return sorted(path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def files_below(folder: Path, closed: Callable[[OSError], None]) -> list[Path]:
    """Everything below the folder that is no folder. A folder that cannot be opened is told, not passed over."""

    def hear(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # moved away meanwhile
            closed(error)

    return [Path(at) / name for at, _, names in os.walk(folder, onerror=hear) for name in names]


def _refuse_closed(error: OSError) -> None:
    why = (error.strerror or "unknown cause").lower()
    raise IntakeError(f"The folder {error.filename} cannot be read ({why}); give this account the right.") from error


def _refuse_odd_names(files: list[Path]) -> None:
    """Raises IntakeError for a name that is no text: it could be stored and shown nowhere."""
    for path in files:
        try:
            str(path).encode()
        except UnicodeEncodeError as error:
            shown = path.name.encode(errors="replace").decode()
            raise IntakeError(f"The name of the file {shown} is no text; rename it and deliver again.") from error


def is_control(path: Path, pattern: str) -> bool:
    """Whether a file says what was sent and is no file of the source itself."""
    name = path.name.casefold()
    return _fits(path, pattern) or name.endswith(".sha256") or name in ("sha256sums", PULLED)


def sort_files(files: list[Path], patterns: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, list[Path]], list[Path]]:
    """The files of each table, and the files no pattern fits.

    A file belongs to the tables that name the longest pattern it fits: to several when they name the same one.
    Raises RefusedFileError when two patterns fit equally.
    """
    tables: dict[str, list[Path]] = {}
    unread = []
    for path in files:
        fits = {pattern for some in patterns.values() for pattern in some if _fits(path, pattern)}
        longest = max(map(_weight, fits), default=0)
        best = sorted(pattern for pattern in fits if _weight(pattern) == longest)
        if len(best) > 1:
            raise RefusedFileError(
                f"{path.name} fits the patterns {best[0]} and {best[1]} equally; make one longer in the mapping."
            )
        if not best:
            unread.append(path)
        for table, some in patterns.items():
            if best and best[0] in some:
                tables.setdefault(table, []).append(path)
    return tables, unread


def _weight(pattern: str) -> int:
    """Letters of a pattern before its last dot, stars aside."""
    return len(pattern.rsplit(".", 1)[0].replace("*", ""))


def _fits(path: Path, pattern: str) -> bool:
    """A pattern with a dot is held against the whole name, one without against the name before the last dot."""
    name, pattern = path.name.casefold(), pattern.casefold()
    if "." in pattern:
        return fnmatchcase(name, pattern)
    suffix = path.suffix.casefold()
    return suffix in (SUFFIXES | {""}) and fnmatchcase(name.removesuffix(suffix), pattern)
