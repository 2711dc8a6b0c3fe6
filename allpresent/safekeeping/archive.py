"""The file of a backup: a tar of plain files that begins with what it is and ends with the hash of each file.

It is sealed whole when a key is set. Reading proves every byte: a file is taken for right only when the list at the end
was reached and agrees.
"""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from allpresent.disk import sync
from allpresent.sealing import MARK, SealedReader, SealedWriter, SealError, key_from_environment

FORMAT = 1
HEAD, LIST = "backup.json", "manifest.json"
HOME, DATABASE = "home", "database"  # the folders of the archive
_SEALED_AS = "an All Present backup"
_CHUNK = 1 << 20


class BackupError(ValueError):
    """Why a backup cannot be made or restored, in one sentence for the person who runs the server."""


@dataclass(frozen=True)
class Head:
    """What a backup is. ``migrations`` are those the records had, as app and name."""

    made_at: str
    program: str
    database: str  # sqlite or postgresql
    delivery_id: str
    migrations: list[list[str]]
    tables: dict[str, list[str]] = field(default_factory=dict)  # of a PostgreSQL database: columns by table
    format: int = FORMAT


@contextmanager
def written(out: Path, head: Head, home: Path) -> Iterator["Writer"]:
    """A backup that stands at ``out`` when all of it is on the disk, and not at all before. Raises BackupError.

    What is not whole yet has one hidden name a home, so the next backup takes the place of one that was killed.
    """
    part = out.with_name(f".allpresent-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]}.part")
    part.unlink(missing_ok=True)  # perhaps the second name of a whole one, when the kill came at the very end
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            key = key_from_environment()
            sealed = SealedWriter(file, key, _SEALED_AS) if key else None
            with tarfile.open(fileobj=cast("IO[bytes]", sealed or file), mode="w|", format=tarfile.PAX_FORMAT) as tar:
                writer = Writer(tar)
                writer.put(HEAD, json.dumps(asdict(head)).encode())
                yield writer
                writer.put(LIST, json.dumps(writer.files).encode())
            if sealed:
                sealed.finish()
            file.flush()
            os.fsync(file.fileno())
        _link(part, out)
    finally:
        part.unlink(missing_ok=True)


def _link(part: Path, out: Path) -> None:
    """Give the whole file its name, and never in the place of another."""
    try:
        os.link(part, out)
    except FileExistsError as error:
        raise BackupError(f"{out} exists already; name another file.") from error
    sync(out.parent)


class Writer:
    """Files into the archive, each with its hash."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, dict[str, Any]] = {}

    def put(self, name: str, content: bytes) -> None:
        """A file of these bytes."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))
        self.files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}

    def add(self, name: str, path: Path) -> None:
        """A file of the disk. Raises BackupError when it changes while it is read."""
        entry = tarfile.TarInfo(name)
        found = path.stat()
        entry.size, entry.mode, entry.mtime = found.st_size, found.st_mode & 0o777, found.st_mtime
        with path.open("rb") as file:
            counted = _Counted(file)
            try:
                self._tar.addfile(entry, cast("IO[bytes]", counted))
            except OSError as error:
                raise BackupError(f"{path} changed while it was read ({error}); try again.") from error
        self.files[name] = {"sha256": counted.whole.hexdigest(), "size": entry.size}


class _Counted:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.whole = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.whole.update(piece)
        return piece


def read_head(backup: Path) -> Head:
    """What a backup is, from its beginning. Raises BackupError."""
    with _opened(backup) as tar:
        return _head(backup, tar)


def unpack(backup: Path, folder: Path) -> Head:
    """The files of a backup in a folder, every one proved. Raises BackupError, and then nothing there may be used."""
    with _opened(backup) as tar:
        head = _head(backup, tar)
        found: dict[str, dict[str, Any]] = {}
        said: dict[str, dict[str, Any]] | None = None
        while (entry := tar.next()) is not None:
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None or said is not None:
                raise BackupError(f"{backup}: {entry.name} does not belong in a backup; use another one.")
            if entry.name == LIST:
                said = json.loads(content.read())
            else:
                found[entry.name] = _extract(entry, content, _target(backup, entry.name, folder))
    if said is None:
        raise BackupError(f"{backup} ends before its list of files; it was cut short. Use another one.")
    _compare(backup, found, {name: one for name, one in said.items() if name != HEAD})
    return head


def _head(backup: Path, tar: tarfile.TarFile) -> Head:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == HEAD else None
    if content is None:
        raise BackupError(f"{backup} is no backup of All Present.")
    said = json.loads(content.read())
    if said.get("format") != FORMAT:
        raise BackupError(f"{backup} was made by a newer program; install that one.")
    return Head(**said)


@contextmanager
def _opened(backup: Path) -> Iterator[tarfile.TarFile]:
    try:
        with backup.open("rb") as file:
            is_sealed = file.read(len(MARK)) == MARK
            file.seek(0)
            plain = SealedReader(file, key_from_environment(), _SEALED_AS) if is_sealed else file
            with tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|") as tar:
                yield tar
            while plain.read(_CHUNK):  # the end of a sealed file proves that nothing is missing
                pass
    except SealError as error:
        raise BackupError(f"{backup}: {str(error).replace(_SEALED_AS, 'the backup')}") from error
    except (tarfile.TarError, EOFError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BackupError(
            f"{backup} cannot be read ({error}); it was cut short or changed. Use another one."
        ) from error


def _target(backup: Path, name: str, folder: Path) -> Path:
    path = PurePosixPath(name)
    is_plain = not path.is_absolute() and ".." not in path.parts and not re.search(r"[\0\\]", name)
    if not is_plain or path.parts[:1] not in ((HOME,), (DATABASE,)):
        raise BackupError(f"{backup}: the name {name!r} leads out of the backup; use another one.")
    return folder / path


def _extract(entry: tarfile.TarInfo, content: IO[bytes], target: Path) -> dict[str, Any]:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    counted = _Counted(content)
    with target.open("xb") as out:
        shutil.copyfileobj(cast("IO[bytes]", counted), out, _CHUNK)
        out.flush()
        os.fsync(out.fileno())
    target.chmod(entry.mode & 0o700)
    return {"sha256": counted.whole.hexdigest(), "size": target.stat().st_size}


def _compare(backup: Path, found: dict[str, dict[str, Any]], said: dict[str, dict[str, Any]]) -> None:
    for name in sorted(found.keys() | said.keys()):
        if found.get(name) != said.get(name):
            raise BackupError(f"{backup}: {name} is not what was saved; the backup was changed. Use another one.")
