"""The delivered bytes as they are kept: sealed where a key is set, as they came where none is.

A sealed file stands as ``NAME.sealed``. It is opened only into a folder that goes away with the work it is read for.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allpresent.intake.finding_files import delivered_files
from allpresent.intake.rules import IntakeError
from allpresent.sealing import SealError, is_sealed, key_from_environment, open_file, prove, seal_file

SUFFIX = ".sealed"


def seal_raw(raw: Path, key: bytes | None = None) -> int:
    """Seal every file below a folder that lies there as it came, where a key is set. Returns how many.

    Raises IntakeError for a key that is none.
    """
    try:
        key = key or key_from_environment()
    except SealError as error:
        raise IntakeError(str(error)) from error
    if key is None:
        return 0
    plain = plain_files(raw)
    for path in plain:
        target = path.with_name(path.name + SUFFIX)
        target.unlink(missing_ok=True)  # half of one, from a moment the machine was stopped
        seal_file(path, target, key, _name(path, raw))
        target.chmod(0o400)
        path.unlink()
    return len(plain)


def plain_files(raw: Path) -> list[Path]:
    """The files below a folder that lie there as they came."""
    return [path for path in delivered_files(raw) if not _is_kept_sealed(path)] if raw.is_dir() else []


def sealed_files(raw: Path) -> list[Path]:
    """The sealed files below a folder."""
    return [path for path in delivered_files(raw) if _is_kept_sealed(path)] if raw.is_dir() else []


@contextmanager
def opened(raw: Path, into: Path | None = None) -> Iterator[Path]:
    """The folder with the files as they came; a private one, below ``into``, while it is looked at if some are sealed.

    Raises IntakeError for a sealed file that cannot be opened.
    """
    if not sealed_files(raw):
        yield raw
        return
    with open_sealed(raw, into) as folder:
        yield Path(folder)


def open_sealed(raw: Path, into: Path | None = None) -> "tempfile.TemporaryDirectory[str]":
    """A private copy of the files as they came, gone with the object. Raises IntakeError as ``opened`` does."""
    target = tempfile.TemporaryDirectory(prefix=".incoming-", dir=into)
    try:
        key = key_from_environment()
        for path in delivered_files(raw):
            out = Path(target.name) / path.relative_to(raw)
            out.parent.mkdir(parents=True, exist_ok=True)
            if _is_kept_sealed(path):
                out = out.with_name(out.name.removesuffix(SUFFIX))
                open_file(path, out, key, _name(path, raw).removesuffix(SUFFIX))
            else:
                shutil.copyfile(path, out)
    except SealError as error:
        target.cleanup()
        raise IntakeError(str(error)) from error
    except BaseException:
        target.cleanup()
        raise
    return target


def fault_of_sealed(raw: Path) -> str:
    """Why the first sealed file below a folder that would not open would not; blank when all would."""
    for path in sealed_files(raw):
        try:
            prove(path, key_from_environment(), _name(path, raw).removesuffix(SUFFIX))
        except SealError as error:
            return str(error)
        except FileNotFoundError:  # forgotten meanwhile
            continue
        except OSError as error:
            return f"{path} cannot be read ({error.strerror}); restore the home from its backup."
    return ""


def _is_kept_sealed(path: Path) -> bool:
    return path.name.endswith(SUFFIX) and is_sealed(path)


def _name(path: Path, raw: Path) -> str:
    return path.relative_to(raw).as_posix()
