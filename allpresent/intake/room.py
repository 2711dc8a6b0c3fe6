"""A disk or a memory without room: said in one sentence, wherever the work was that failed."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from allpresent.intake.rules import IntakeError

# No space, over the quota, file too large for the file system, read only.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def is_full(error: BaseException) -> bool:
    """Whether an error says that nothing more can be written."""
    if isinstance(error, duckdb.Error):
        return "No space left" in str(error)
    return isinstance(error, OSError) and error.errno in _NO_ROOM


@contextmanager
def said_plainly(home: Path) -> Iterator[None]:
    """Turn work that found no room into an IntakeError. What was posted stays, for it is only ever added to."""
    try:
        yield
    except (MemoryError, duckdb.OutOfMemoryException) as error:
        raise IntakeError(
            "Reading these files takes more memory than there is; nothing that was posted has changed. Leave out files "
            "and columns that are not read, or give the machine more memory, then run the same again."
        ) from error
    except (OSError, duckdb.Error) as error:
        if not is_full(error):
            raise
        if isinstance(error, OSError) and error.errno == errno.EROFS:
            raise IntakeError(
                f"Nothing can be written ({home} or the folder for temporary files is on a disk mounted read-only), so "
                "nothing has changed. Mount it writable, then run the same again."
            ) from error
        raise IntakeError(
            f"There is no room left to write ({home} or the folder for temporary files); nothing that was posted has "
            "changed. Make room, then run the same again."
        ) from error
