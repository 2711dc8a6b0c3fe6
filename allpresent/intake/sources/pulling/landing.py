"""Where pulled rows land: files in a folder that appears whole or not at all, with a manifest of what they hold."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from allpresent.disk import sync
from allpresent.intake.finding_files import PULLED
from allpresent.intake.sources.pulling.asking import PullError

MANIFEST, CONTROL = PULLED, "control.csv"


@dataclass
class Landed:
    """One file of pulled rows. ``before`` and ``after`` are what the other side counted around the pull."""

    file: str
    asked: str  # what was asked for
    rows: int = 0
    before: int | None = None
    after: int | None = None
    sha256: str = ""
    is_counted: bool = True  # False: the other side has no count to offer, so nobody confirms that all rows came

    @property
    def is_whole(self) -> bool:
        """Whether the rows are as many as counted, both times, or nobody counts them."""
        return not self.is_counted or self.rows == self.before == self.after


@dataclass
class Manifest:
    """What a pull brought. It holds no time of day and no secret: equal data give equal bytes."""

    source: str
    url: str
    version: str = ""  # of the interface, or of its data model
    newest: int | None = None  # the change version up to which rows were asked for
    full_on: str = ""  # the day of the last whole pull
    files: list[Landed] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # sentences: what was not offered

    @property
    def why_partial(self) -> list[str]:
        """A sentence for each file that is not whole."""
        return [
            f"{one.file} holds {one.rows:,} rows of {one.asked}, and {_said(one.before)} were counted before the pull "
            f"and {_said(one.after)} after it; pull again when nobody is loading."
            for one in self.files
            if not one.is_whole
        ]


def _said(count: int | None) -> str:
    return "none" if count is None else f"{count:,}"


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a pulled folder; None where the folder was not pulled. Raises PullError when it is damaged."""
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        files = [Landed(**one) for one in told.pop("files")]
        del told["why_partial"]  # it follows from the counts
        return Manifest(**told, files=files)
    except (ValueError, TypeError, KeyError) as error:
        raise PullError(f"{path.name} is damaged; pull again.") from error


def is_as_pulled(folder: Path, landed: Landed) -> bool:
    """Whether the file of a pull is there and holds what came."""
    path = folder / landed.file
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == landed.sha256


class Landing:
    """A folder being filled beside its target, and put in the target's place at the end."""

    def __init__(self, target: Path, manifest: Manifest) -> None:
        self.target, self.manifest = target, manifest
        self.work = target.parent / f".{target.name}.pulling"
        self.old = target.parent / f".{target.name}.before"
        target.parent.mkdir(parents=True, exist_ok=True)
        self._lock = (target.parent / f".{target.name}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise PullError(f"Another pull into {target} is under way; try again when it is done.") from error
        try:
            self._begin()
        except BaseException:
            self._lock.close()
            raise

    def _begin(self) -> None:
        target = self.target
        _mend(target, self.old)
        if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).is_file():
            raise PullError(f"{target} holds files that were not pulled; name an empty folder, so that none is lost.")
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(mode=0o700)

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A new file; it has its name only once all of it is on the disk."""
        partial = self.work / f".{name}.part"
        with partial.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(partial, self.work / name)

    def add(self, landed: Landed) -> None:
        """Note a finished file."""
        with (self.work / landed.file).open("rb") as file:
            landed.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self.manifest.files.append(landed)

    def finish(self) -> Manifest:
        """Write the manifest and the control totals, and put the folder into place of the one before."""
        with self.file(CONTROL) as out:
            out.write(b"file,rows,sha256\n")
            for one in self.manifest.files:
                counted = "" if one.after is None else one.after
                out.write(f"{one.file},{counted},{one.sha256}\n".encode())
        with self.file(MANIFEST) as out:
            told = asdict(self.manifest) | {"why_partial": self.manifest.why_partial}
            out.write(json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n")
        sync(self.work)
        if self.target.exists():
            os.replace(self.target, self.old)
        os.replace(self.work, self.target)
        sync(self.target.parent)
        shutil.rmtree(self.old, ignore_errors=True)
        return self.manifest

    def abandon(self) -> None:
        """Leave no part of it; the target stays as it was."""
        shutil.rmtree(self.work, ignore_errors=True)
        self._lock.close()


def _mend(target: Path, old: Path) -> None:
    """What a kill between the two renames left: the folder of before comes back."""
    if old.exists() and not target.exists():
        os.replace(old, target)
    shutil.rmtree(old, ignore_errors=True)
