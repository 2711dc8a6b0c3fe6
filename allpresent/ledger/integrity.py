"""Whether the versions on disk are what was posted: hashes, counts, and strips packed again from the events."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allpresent.ledger.packing import YearPacker
from allpresent.ledger.retention import pruned_of
from allpresent.ledger.schema import STRIPS, TABLES
from allpresent.ledger.store import Ledger, Version
from allpresent.ledger.strips import Strips

_RESTORE = "restore the home from its backup."


def faults_of_ledger(home: Path) -> Iterator[str]:
    """What is wrong with the facts on disk, one sentence each: every version kept, and the current one in depth."""
    ledger = Ledger(home)
    if fault := _named(ledger.pointer)[1]:
        yield fault
    broken = set()
    for folder in ledger.folders():
        found = list(_faults_of(folder))
        broken |= {folder.name} if found else set()
        yield from found
    try:
        line = ledger.history()
        current = ledger.current()
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"The line of versions in {ledger.versions} cannot be followed ({error}); {_RESTORE}"
        return
    for manifest in line[:2]:
        if pruned_of(ledger.versions / manifest.delivery_id) is not None:
            yield f"The facts of {manifest.delivery_id} are cleared, and it is among the newest two; {_RESTORE}"
    if current is not None and current.delivery_id not in broken:
        yield from _faults_of_strips(current)


def faults_of_current(home: Path) -> Iterator[str]:
    """What is wrong with the files of the current version, by their hashes; of a district a twentieth of a second.

    A file beside them that nobody posted changes nothing in them: ``faults_of_ledger`` tells of it.
    """
    ledger = Ledger(home)
    name, fault = _named(ledger.pointer)
    if fault:
        yield fault
    elif name:
        yield from _damage_of(ledger.versions / name)


def _named(pointer: Path) -> tuple[str, str]:
    """The version a pointer names, blank where nothing is current; and what is wrong with the pointer."""
    try:
        text = pointer.read_text(encoding="utf-8") if pointer.exists() else "\n"
    except (OSError, ValueError):
        text = ""
    # One line is written whole, so that one without an end was cut.
    return text.strip(), "" if text.endswith("\n") else f"{pointer} does not name a delivery; {_RESTORE}"


def _faults_of(folder: Path) -> Iterator[str]:
    """One version: its damage, files nobody posted, and whether every row it read is accounted for."""
    yield from _damage_of(folder)
    version = _opened(folder)
    if version is None or pruned_of(folder) is not None:
        return
    for path in sorted(folder.iterdir()):
        if path.name not in {"manifest.json", *version.manifest.files}:
            yield f"{path} was not posted; move it out of the ledger."
    for name, count in sorted(version.manifest.counts.items()):
        went = sum(count[kind] for kind in ("canonical", "errors", "duplicates", "left_out", "merged"))
        if went != count["rows_read"]:
            yield f"{folder.name}: of {count['rows_read']:,} rows of {name} {went:,} are accounted for; {_RESTORE}"


def _damage_of(folder: Path) -> Iterator[str]:
    """The manifest of one version, and the hash and the rows of each of its files."""
    version = _opened(folder)
    if version is None:
        yield f"{folder / 'manifest.json'} cannot be read; {_RESTORE}"
        return
    if version.delivery_id != folder.name:
        yield f"{folder} holds the manifest of {version.delivery_id}; {_RESTORE}"
    if pruned_of(folder) is not None:
        return
    manifest = version.manifest
    for name, sha in sorted(manifest.files.items()):
        path = folder / name
        if not path.exists():
            yield f"{path} is missing; {_RESTORE}"
        elif _sha256(path) != sha:
            yield f"{path} is not what was posted; {_RESTORE}"
        elif path.stem in manifest.rows and pq.read_metadata(path).num_rows != manifest.rows[path.stem]:
            yield f"{path} has not the {manifest.rows[path.stem]:,} rows its manifest says; {_RESTORE}"


def _opened(folder: Path) -> Version | None:
    try:
        return Version(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _faults_of_strips(version: Version) -> Iterator[str]:
    """The events are the record and the strips are made from them: made again, they have to be the same bit for bit."""
    tables = {name: version.table(name) for name in TABLES}
    for school_year in version.school_years:
        packed = YearPacker(tables, school_year, version.manifest.year_starts).pack()
        different = _different(packed, version.strips(school_year))
        if different:
            yield (
                f"strips-{school_year}.parquet of {version.delivery_id} is not what its events give ({different}); "
                "restore the home from its backup."
            )


def _different(packed: Strips, kept: Strips) -> str:
    """Where two strips of a year differ, in words; blank when nowhere."""
    same_rows = packed.student.equals(kept.student) and packed.school.equals(kept.school)
    if not same_rows or not np.array_equal(packed.dates, kept.dates):
        return "other students, schools or days"
    if not np.array_equal(packed.is_pooled, kept.is_pooled) or packed.has_taken != kept.has_taken:
        return "other rows that speak for a student"
    for name in STRIPS:
        days = int(Strips.count(packed.bits[name] ^ kept.bits[name]).sum())
        if days:
            return f"{name}: {days:,} student-days"
    return "" if _plain(packed.partial) == _plain(kept.partial) else "portions of days"


def _plain(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata(None).combine_chunks()


def known_students(home: Path) -> set[str]:
    """Every student id that some version holds, or held when its facts were cleared."""
    found: set[str] = set()
    for folder in Ledger(home).folders():
        said = pruned_of(folder)
        if said is not None:
            found.update(said.students)
        else:
            found.update(pq.read_table(folder / "students.parquet", columns=["student_id"])["student_id"].to_pylist())
    return found


def known_versions(home: Path) -> set[str]:
    """The deliveries that have a version with facts, undone ones too."""
    return {folder.name for folder in Ledger(home).folders() if pruned_of(folder) is None}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
