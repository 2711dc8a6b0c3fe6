"""What lies in the drop folders, and whether all of it is there: nothing that is still being written is taken.

Times of files are only ever compared with each other, and the quiet time is waited for: neither a wrong clock nor an
upload that keeps the times of its files looks finished.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from allpresent.policy import District
from allpresent.policy.district import Source

wait: Callable[[float], None] = time.sleep
Seen = dict[str, tuple[int, int, int, int]]  # path below the folder: size, modified, changed (ns), number on the disk


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


def look(folder: Path) -> Seen:
    """Every plain file below a folder, partial and hidden ones too."""
    seen: Seen = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        try:
            found = path.lstat()
        except FileNotFoundError:  # renamed while we look: the next look tells
            seen[path.as_posix()] = (-1, 0, 0, 0)
            continue
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(folder).as_posix()
            seen[name] = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    return seen


def look_twice(home: Path, district: District, progress: Callable[[str], None] = lambda line: None) -> list[Drop]:
    """What lies in each source's folder, after the longest of their quiet times."""
    first = {source.name: look(home / source.folder) for source in district.sources}
    # What was pulled lies there whole or not at all.
    quiet = [one.quiet_seconds for one in district.sources if first[one.name] and one.pull is None]
    if any(quiet):
        progress(f"Waiting {max(quiet)} seconds to see whether files are still being written.")
        wait(max(quiet))
    return [_drop(source, home / source.folder, first[source.name]) for source in district.sources]


def _drop(source: Source, folder: Path, before: Seen) -> Drop:
    seen = look(folder)
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
