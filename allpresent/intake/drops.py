"""What lies in the drop folders, and whether all of it is there: nothing that is still being written is taken.

Times of files are only ever compared with each other, and the quiet time is waited for: neither a wrong clock nor an
upload that keeps the times of its files looks finished.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from allpresent.intake.delivery import mapping_of
from allpresent.intake.finding_files import files_below
from allpresent.intake.mapping import mapping_file
from allpresent.intake.posting import Posted, post_delivery
from allpresent.intake.rules import IntakeError
from allpresent.intake.sources import PUBLISHED, source_named
from allpresent.intake.workspace import say_nothing
from allpresent.policy import District
from allpresent.policy.district import Source

wait: Callable[[float], None] = time.sleep
Seen = dict[str, tuple[int, int, int, int]]  # path below the folder: size, modified, changed (ns), number on the disk

CLOSED = (-2, 0, 0, 0)  # what this account may not read


@dataclass(frozen=True)
class Drop:
    """The files of a source, and why they are not to be taken tonight."""

    source: Source
    folder: Path
    seen: Seen
    why_not: str = ""

    def is_unchanged(self) -> bool:
        """Whether the folder still is as it was when looked at."""
        return look(self.folder) == self.seen


def faults_of_sources(home: Path, district: District) -> list[str]:
    """Sources nobody reads, and mappings that are missing or wrong, one sentence each."""
    found = []
    for source in district.sources:
        try:
            if source.source != PUBLISHED:
                source_named(source.source)
                mapping_of(source.source, mapping_file(home / source.mapping if source.mapping else None))
        except IntakeError as error:
            found.append(f"{source.name}: {error}")
    return found


def look(folder: Path) -> Seen:
    """Every plain file below a folder, partial and hidden ones too, and what may not be opened."""
    seen: Seen = {}
    for path in sorted(files_below(folder, lambda error: seen.update({_below(folder, Path(error.filename)): CLOSED}))):
        try:
            found = path.lstat()
        except FileNotFoundError:  # renamed while we look: the next look tells
            seen[path.as_posix()] = (-1, 0, 0, 0)
            continue
        if path.is_file() and not path.is_symlink():
            is_open = os.access(path, os.R_OK)
            told = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
            seen[_below(folder, path)] = told if is_open else CLOSED
    return seen


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def look_twice(home: Path, district: District, progress: Callable[[str], None] = say_nothing) -> list[Drop]:
    """What lies in each source's folder, after the longest of their quiet times."""
    return look_at_all({home: district}, progress)[home]


def look_at_all(
    districts: Mapping[Path, District], progress: Callable[[str], None] = say_nothing
) -> dict[Path, list[Drop]]:
    """``look_twice`` at many homes, waiting once for all of them."""
    folders = {(home, one.name): home / one.folder for home, district in districts.items() for one in district.sources}
    first = {key: look(folder) for key, folder in folders.items()}
    # What was pulled lies there whole or not at all.
    quiet = [
        one.quiet_seconds
        for home, district in districts.items()
        for one in district.sources
        if first[home, one.name] and one.pull is None
    ]
    if any(quiet):
        progress(f"Waiting {max(quiet)} seconds to see whether files are still being written.")
        wait(max(quiet))
    return {
        home: [_drop(one, folders[home, one.name], first[home, one.name]) for one in district.sources]
        for home, district in districts.items()
    }


def post_drop(
    home: Path, drop: Drop, today: date, now: datetime, progress: Callable[[str], None] = say_nothing
) -> Posted:
    """Post what lies in a source's folder, with nobody there to ask. Raises IntakeError as ``post_delivery`` does."""
    source = drop.source
    return post_delivery(
        home,
        source.source,
        drop.folder,
        mapping=home / source.mapping if source.mapping else None,
        today=today,
        now=now,
        is_unattended=True,
        is_unchanged=drop.is_unchanged,
        progress=progress,
    )


def _drop(source: Source, folder: Path, before: Seen) -> Drop:
    seen = look(folder)
    if not folder.is_dir():
        return Drop(source, folder, seen, "there is no such folder (make it, or correct district.yaml)")
    closed = sorted(name for name, found in seen.items() if found == CLOSED)
    if closed:
        what = "it" if closed[0] == "." else closed[0]
        return Drop(source, folder, seen, f"{what} may not be read by this account (give it the right)")
    changed = sorted(name for name in before.keys() | seen.keys() if before.get(name) != seen.get(name))
    if changed and source.pull is None:
        return Drop(source, folder, seen, f"{changed[0]} is still being written")
    return Drop(source, folder, seen, _why_not_done(source, seen))


def _why_not_done(source: Source, seen: Seen) -> str:
    """The file that says that all is there has to be the last one written."""
    if source.done is None or not seen:
        return ""
    marks = [name for name in seen if fnmatchcase(Path(name).name.casefold(), source.done.casefold())]
    if not marks:
        return f"no file {source.done} says that all is there"
    last = max(seen[name][2] for name in marks)
    later = sorted(name for name, found in seen.items() if found[2] > last)
    return f"{later[0]} was written after the file {source.done}" if later else ""
