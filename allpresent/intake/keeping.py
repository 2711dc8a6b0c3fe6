"""What is done to the deliveries of a home as a whole: one posting at a time, files sealed, files forgotten."""

import fcntl
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from allpresent.intake.kept import fault_of_sealed, plain_files, seal_raw, sealed_files
from allpresent.intake.records import Records
from allpresent.intake.rules import BusyError, IntakeError
from allpresent.ledger import (
    Ledger,
    Pruned,
    faults_of_ledger,
    known_students,
    known_versions,
)
from allpresent.ledger import faults_of_current as faults_of_files

__all__ = [
    "faults_of_current",
    "faults_of_facts",
    "faults_of_sealed",
    "forget_files",
    "known_students",
    "known_versions",
    "only_posting",
    "open_and_sealed",
    "prune_versions",
    "seal_kept_files",
]


@contextmanager
def only_posting(home: Path) -> Iterator[None]:
    """One posting at a time in a home; clears what a killed one left. Raises BusyError beside another one."""
    folder = home / "deliveries"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("Another delivery is being posted; try again when it is done.") from error
        _clear(folder)
        try:
            yield
        finally:
            _clear(folder)


def _clear(folder: Path) -> None:
    """What a posting that did not end left behind: it would keep a full disk full."""
    for left in folder.glob(".incoming*"):
        shutil.rmtree(left)


def forget_files(home: Path, before: datetime) -> int:
    """Delete the bytes of deliveries received before a moment, held ones apart. Returns of how many."""
    return Records(home).forget_raw(before)


def prune_versions(home: Path, keep_days: int, kept: Collection[str], today: date, now: datetime) -> list[str]:
    """Clear the facts of versions posted more than so many days ago, those of the ids ``kept`` apart. Returns whose.

    The current version and the one before it stay whatever their age; so does every manifest.
    """
    with only_posting(home):
        said = Pruned(today, f"keep_versions_days: {keep_days}")
        return Ledger(home).prune(now - timedelta(days=keep_days), kept, said)


def seal_kept_files(home: Path) -> int:
    """Seal the kept files that lie as they came, where a key is set. Returns of how many deliveries."""
    records = Records(home)
    with only_posting(home):
        return sum(seal_raw(records.raw(record.id)) > 0 for record in records.all())


def open_and_sealed(home: Path) -> tuple[list[str], list[str]]:
    """The deliveries of which some kept file lies as it came, and those of which some lies sealed."""
    folders = sorted((home / "deliveries").glob("[0-9]*-*"))
    in_the_open = [folder.name for folder in folders if plain_files(folder / "raw")]
    return in_the_open, [folder.name for folder in folders if sealed_files(folder / "raw")]


def faults_of_sealed(home: Path) -> Iterator[tuple[str, str]]:
    """The deliveries of which a sealed file would not open, each with why; every sealed byte is read."""
    for folder in sorted((home / "deliveries").glob("[0-9]*-*")):
        if why := fault_of_sealed(folder / "raw"):
            yield folder.name, why


def faults_of_current(home: Path) -> Iterator[str]:
    """What is wrong with the facts that count now: nothing is to be laid over them or done from them."""
    yield from _faults_of_pointer(home)
    yield from faults_of_files(home)


def _faults_of_pointer(home: Path) -> Iterator[str]:
    """That the ledger names no version though a delivery was posted; a first posting that was killed named none yet."""
    pointer = Ledger(home).pointer
    try:
        if not pointer.exists() and Records(home).have_posted():
            yield f"{pointer} is missing though deliveries were posted; restore the home from its backup."
    except IntakeError as error:
        yield str(error)


def faults_of_facts(home: Path) -> Iterator[str]:
    """What is wrong with the facts on disk, and where the record of a delivery tells other counts than its version."""
    found = [*_faults_of_pointer(home), *faults_of_ledger(home)]
    yield from found
    if found:
        return
    try:
        records = {record.id: record for record in Records(home).all()}
    except IntakeError as error:
        yield str(error)
        return
    for manifest in Ledger(home).history():
        record = records.get(manifest.delivery_id)
        if record is None:
            yield f"Delivery {manifest.delivery_id} is posted and has no record; restore the home from its backup."
        elif {row["file"]: row for row in record.rows} != manifest.counts:
            yield f"The record of delivery {manifest.delivery_id} counts other rows than its version; restore the home."
