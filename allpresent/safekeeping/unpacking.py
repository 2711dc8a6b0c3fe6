"""A backup made ready beside the home it is to become, every byte proved, before anything else begins."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from allpresent.disk import sync

from .archive import DATABASE, HOME, BackupError, Head, unpack

LIST = "revoked.jsonl"


@dataclass(frozen=True)
class Ready:
    """An unpacked backup: ``home`` is to become ``into``, ``database`` holds the records."""

    head: Head
    into: Path
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / HOME

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @property
    def before(self) -> Path:
        """Where a home that held nothing but its list of revocations stands while the new one takes its place."""
        return self.into.with_name(f".{self.into.name}.before")

    def lists(self) -> list[Path]:
        """The lists of revocations that lie in the backup and where the home was."""
        return [folder / LIST for folder in (self.home, self.into, self.before)]

    def swap(self) -> None:
        """Put the new home in its place: whole, or not at all."""
        if self.into.exists():
            os.rename(self.into, self.before)
        os.rename(self.home, self.into)
        sync(self.into.parent)
        shutil.rmtree(self.before, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def make_ready(
    backup: Path, into: Path, lists: Sequence[Path] = (), progress: Callable[[str], None] = lambda line: None
) -> Ready:
    """Unpack a backup beside a home that is empty but for its list of revocations. Raises BackupError.

    ``lists`` are the lists of revocations that will be asked for: one that is not there is refused before anything.
    """
    for what, path in (("backup", backup), *(("list of revocations", one) for one in lists)):
        if not path.is_file():
            raise BackupError(f"There is no {what} {path}; check the path.")
    if into.is_file():
        raise BackupError(f"{into} is a file; name a folder.")
    held = sorted(path.name for path in into.iterdir() if path.name != LIST) if into.exists() else []
    if held:
        raise BackupError(f"{into} is not empty (it holds {held[0]}); name an empty folder, or move it aside first.")
    progress("proving every byte of the backup")
    folder = into.with_name(f".{into.name}.restoring")
    shutil.rmtree(folder, ignore_errors=True)  # of one that was stopped
    folder.mkdir(mode=0o700, parents=True)
    try:
        head = unpack(backup, folder)
        (folder / HOME).mkdir(mode=0o700, exist_ok=True)
        return Ready(head, into, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
