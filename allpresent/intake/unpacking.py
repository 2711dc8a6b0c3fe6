"""A delivery in one zip file: unpacked when it is simple, refused with rule X02 when it is not."""

import io
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from allpresent.intake.room import is_full
from allpresent.intake.rules import RefusedFileError

MOST_ENTRIES = 200
MOST_BYTES = 4_000_000_000
MOST_TIMES = 100  # how much larger than its packed size an entry, and the whole, may be
TRUSTED = 10_000_000  # bytes that may come out before what really comes out is held against what went in
_NESTED = (".zip", ".gz", ".7z", ".rar", ".tar", ".bz2", ".xz")
_CHUNK = 1 << 16  # little, for as much is read ahead of what comes out
_ENCRYPTED = 0x1
_LONGEST_END = 22 + (1 << 16)  # bytes of the record at the end, with its comment


def is_zip(files: list[Path]) -> bool:
    """Whether the delivery is one zip file and nothing beside it."""
    return len(files) == 1 and files[0].suffix.casefold() == ".zip"


def unpack(path: Path) -> "tempfile.TemporaryDirectory[str]":
    """The files of a zip in a folder that goes away with the object returned. Raises RefusedFileError (X02)."""
    try:
        with _CountedFile(path) as file, zipfile.ZipFile(file) as packed:
            if len(packed.infolist()) != _count_of(path):
                raise _refused(path, "its directory does not name as many files as it says")
            entries = [entry for entry in packed.infolist() if not entry.is_dir() or entry.file_size]
            _check(path, entries)
            target = tempfile.TemporaryDirectory(prefix="allpresent-")
            try:
                for entry in entries:
                    _extract(path, packed, entry, Path(target.name), file)
            except BaseException:
                target.cleanup()
                raise
            return target
    except RefusedFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, IndexError, OSError) as error:
        if is_full(error):
            raise
        raise _refused(path, "it is damaged or cut short") from error


def _count_of(path: Path) -> int:
    """How many entries the end of a zip says there are: one changed length in its directory may hide the rest."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_END))
        tail = file.read()
    count: int = struct.unpack_from("<H", tail, tail.rfind(b"PK\x05\x06") + 10)[0]
    return count


def _check(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """What the directory of the zip says, before anything is written."""
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES:
        raise _refused(path, f"it holds more than {MOST_ENTRIES} files")
    if len({name.casefold() for name in names}) < len(names):
        raise _refused(path, "it holds two files of one name")
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            raise _refused(path, f"the name {entry.filename} leads out of the folder")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refused(path, f"{entry.filename} is a link")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise _refused(path, f"{entry.filename} is no plain file")
        if entry.is_dir():
            raise _refused(path, f"{entry.filename} is named as a folder and has bytes")
        if entry.filename.casefold().endswith(_NESTED):
            raise _refused(path, f"it holds another archive, {entry.filename}")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(path, f"{entry.filename} is packed in a way that is not read")
        if entry.flag_bits & _ENCRYPTED:
            raise _refused(path, f"{entry.filename} is locked with a password")
        if entry.file_size > MOST_TIMES * max(entry.compress_size, 1):
            raise _refused(path, f"{entry.filename} grows more than {MOST_TIMES} times when unpacked")
    grown = sum(entry.file_size for entry in entries)
    if grown > max(TRUSTED, MOST_TIMES * path.stat().st_size):
        raise _refused(path, f"it grows more than {MOST_TIMES} times when unpacked")
    if grown > MOST_BYTES:
        raise _refused(path, f"it grows to more than {MOST_BYTES:,} bytes")


class _CountedFile(io.FileIO):
    """A file that knows how many of its bytes were read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self.count += len(data)
        return data


def _extract(path: Path, packed: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, file: _CountedFile) -> None:
    """One file, counting what really comes out: the directory of a zip may lie."""
    target = folder / entry.filename.replace("\\", "/")
    target.parent.mkdir(parents=True, exist_ok=True)
    left, before, out_of_it = entry.file_size, file.count, 0
    with packed.open(entry) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise _refused(path, f"{entry.filename} is larger than it says")
            out_of_it += len(chunk)
            if out_of_it > max(TRUSTED, MOST_TIMES * (file.count - before)):
                raise _refused(path, f"{entry.filename} grows more than {MOST_TIMES} times when unpacked")
            out.write(chunk)


def _refused(path: Path, why: str) -> RefusedFileError:
    return RefusedFileError(f"{path.name} cannot be unpacked: {why}; deliver the files in a plain folder.", "X02")
