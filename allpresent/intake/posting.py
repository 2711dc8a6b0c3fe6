"""Deliveries into the ledger: post, accept, undo.

The bytes are copied first and read from the copy, the record is renamed into place before the ledger is written, and
the ledger swaps one pointer: a kill at any moment leaves what was posted before or after, and the same call again
finishes the work.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from allpresent.disk import sync
from allpresent.intake.delivery import CLEAN, HELD, UNREADABLE, Checked, check_delivery, content_sha, refuse_no_delivery
from allpresent.intake.finding_files import delivered_files
from allpresent.intake.former_ids import read_former_ids
from allpresent.intake.keeping import faults_of_current, only_posting
from allpresent.intake.kept import opened, seal_raw
from allpresent.intake.mapping import mapping_file
from allpresent.intake.merging import Delivered
from allpresent.intake.ordering import merge_in_order
from allpresent.intake.published import write_published
from allpresent.intake.records import HELD as HELD_OUTCOME
from allpresent.intake.records import (
    POSTED,
    POSTING,
    UNCHANGED,
    UNDONE,
    DeliveryRecord,
    Records,
    record_of,
    write_record,
)
from allpresent.intake.remembered import known_record, refuse_overtaken, taken_back
from allpresent.intake.room import said_plainly
from allpresent.intake.rules import IntakeError
from allpresent.intake.sources import PUBLISHED
from allpresent.intake.workspace import say_nothing
from allpresent.ledger import Ledger, LedgerError
from allpresent.policy import load_district


@dataclass(frozen=True)
class Posted:
    """What became of a delivery: ``posted``, ``unchanged`` or ``held``."""

    delivery_id: str
    outcome: str
    record: DeliveryRecord

    @property
    def exit_code(self) -> int:
        """0 posted or unchanged, 1 held, 2 unreadable."""
        if self.outcome != HELD_OUTCOME:
            return CLEAN
        return UNREADABLE if self.record.is_unreadable else HELD


def post_delivery(
    home: Path,
    source: str,
    folder: Path,
    *,
    mapping: Path | None = None,
    accept: str | None = None,
    accepted_by: str | None = None,
    today: date,
    now: datetime,
    is_unattended: bool = False,
    is_unchanged: Callable[[], bool] = lambda: True,
    progress: Callable[[str], None] = say_nothing,
) -> Posted:
    """Check the files of a folder and post them as one delivery, unless something holds them.

    ``accept`` is a person's reason to post what would be held. The same bytes (and mapping) twice change nothing.
    ``is_unattended``: nobody is there to ask, so files that a person took back stay held. ``is_unchanged`` is asked
    once the files are copied; when one was written to meanwhile, nothing is posted.
    Raises IntakeError as ``check_delivery`` does, and when another posting is under way.
    """
    refuse_no_delivery(folder)
    _refuse_no_reason(accept)
    mapping = mapping_file(mapping)
    records = Records(home)
    with said_plainly(home), only_posting(home):
        sha = content_sha(folder, mapping)
        known = known_record(records, source, sha)
        if known is not None and known.outcome == POSTED:
            return Posted(known.id, UNCHANGED, known)
        _refuse_damaged(home, source)
        incoming = _receive(records, folder, mapping)
        if content_sha(incoming / "raw", mapping) != sha or not is_unchanged():
            raise IntakeError("A file was written to while it was copied, so nothing was posted; try again later.")
        desk = _Desk(home, records, source, folder, mapping, today, now, progress)
        checked = desk.check(incoming / "raw")
        if is_unattended and not checked.is_unreadable:
            checked.why_held += taken_back(records, source, checked.content_sha)
        return desk.decide(desk.file(incoming, checked, known), checked, accept, accepted_by)


def accept_held(
    home: Path,
    record_id: str,
    reason: str,
    by: str,
    today: date,
    now: datetime,
    progress: Callable[[str], None] = say_nothing,
) -> Posted:
    """Post a held delivery on a person's word. Raises IntakeError when it is not held, or cannot be read."""
    _refuse_no_reason(reason)
    records = Records(home)
    with said_plainly(home), only_posting(home):
        record = records.get(record_id)
        if record.outcome != HELD_OUTCOME:
            raise IntakeError(f"Delivery {record_id} is {record.outcome}; only a held delivery can be accepted.")
        if record.is_unreadable:
            raise IntakeError(f"Delivery {record_id} cannot be read, so it cannot be accepted; deliver it again.")
        refuse_overtaken(records, record)
        _refuse_damaged(home, record.source)
        mapping = _kept_mapping(records, record)
        desk = _Desk(home, records, record.source, Path(record.folder), mapping, today, now, progress)
        with opened(records.raw(record_id), records.folder) as raw:
            checked = desk.check(raw, record)
        if checked.content_sha != record.content_sha:
            raise IntakeError(f"The files kept of delivery {record_id} are not those that came; deliver them again.")
        return desk.decide(record, checked, reason, by)


def undo_delivery(home: Path, delivery_id: str, by: str = "", now: datetime | None = None) -> DeliveryRecord:
    """Take the newest posted delivery back; what was posted before it is current again. Raises IntakeError."""
    records = Records(home)
    with said_plainly(home), only_posting(home):
        record = records.get(delivery_id)
        try:
            if record.source != PUBLISHED:
                Ledger(home).undo(delivery_id)
            elif record.outcome != POSTED:
                raise IntakeError(f"Delivery {delivery_id} is {record.outcome}; only a posted one can be taken back.")
        except LedgerError as error:
            raise IntakeError(str(error)) from error
        told = f"undone{f' by {by}' if by else ''}{f' at {now.isoformat()}' if now else ''}"
        return records.change(record, outcome=UNDONE, decided=[*record.decided, told])


def list_deliveries(home: Path) -> list[DeliveryRecord]:
    """Every delivery of the home, newest first."""
    return Records(home).all()


def delivery_record(home: Path, delivery_id: str) -> DeliveryRecord:
    """One delivery. Raises IntakeError for an unknown id."""
    return Records(home).get(delivery_id)


class _Desk:
    """One delivery on its way into the ledger."""

    def __init__(
        self,
        home: Path,
        records: Records,
        source: str,
        folder: Path,
        mapping: Path | None,
        today: date,
        now: datetime,
        progress: Callable[[str], None],
    ) -> None:
        self.home, self.records, self.source, self.folder = home, records, source, folder
        self.mapping, self.today, self.now, self.progress = mapping, today, now, progress
        self.delivers = _delivers(home, source, folder)
        self.former = read_former_ids(home)

    def check(self, raw: Path, known: DeliveryRecord | None = None) -> Checked:
        """Read the copy of the files; of a known delivery as it was read before, also where its folder is another now.

        A home that was moved or restored elsewhere has its folders under other names.
        """
        delivers = "days" if known and known.as_of else self.delivers
        return check_delivery(
            self.home,
            self.source,
            raw,
            mapping=self.mapping,
            today=self.today,
            progress=self.progress,
            delivers=delivers,
        )

    def file(self, incoming: Path, checked: Checked, known: DeliveryRecord | None) -> DeliveryRecord:
        """Keep the checked delivery, in place of its record when the same bytes came before."""
        delivery_id = known.id if known else self.records.next_id(checked.content_sha)
        record = record_of(checked, delivery_id, str(self.folder), self.mapping, self.now)
        write_record(incoming, record, checked)
        seal_raw(incoming / "raw")
        target = self.records.folder / delivery_id
        if target.exists():
            shutil.rmtree(target)
        os.replace(incoming, target)
        sync(self.records.folder)
        return record

    def decide(self, record: DeliveryRecord, checked: Checked, accept: str | None, by: str | None) -> Posted:
        """Post what is clean or accepted; leave the rest held."""
        if checked.is_unreadable or (checked.is_held and accept is None):
            return Posted(record.id, HELD_OUTCOME, record)
        reason = accept if record.why_held else None
        record = self.records.change(record, outcome=POSTING, reason=reason, by=by if reason else None)
        return self._post(record, checked)

    def _post(self, record: DeliveryRecord, checked: Checked) -> Posted:
        if record.source == PUBLISHED:
            write_published(self.records.folder / record.id, checked.tables)
            return Posted(record.id, POSTED, self.records.change(record, outcome=POSTED))
        ledger, year_starts = Ledger(self.home), load_district(self.home).year_starts
        self.progress("laying the delivery over what is posted")
        line = {manifest.delivery_id: at for at, manifest in enumerate(reversed(ledger.history()))}
        posted = sorted((one for one in self.records.all() if one.id in line), key=lambda one: line[one.id])
        merged = merge_in_order(self._delivered(checked, record.id), record, ledger, posted, self._read_again)
        self.progress("packing the school year and writing the ledger")
        try:
            ledger.write(
                merged.tables,
                delivery_id=record.id,
                source=record.source,
                content_sha=record.content_sha,
                posted_at=self.now,
                accepted_reason=record.reason,
                accepted_by=record.by,
                counts={row["file"]: row for row in record.rows},
                year_starts=year_starts,
            )
        except LedgerError as error:
            raise IntakeError(str(error)) from error
        record = self.records.change(record, outcome=POSTED, missing_students=merged.missing_students)
        return Posted(record.id, POSTED, record)

    def _delivered(self, checked: Checked, record_id: str) -> Delivered:
        starts, days = load_district(self.home).year_starts, checked.days if checked.delivers == "days" else None
        came, roster = checked.came, checked.is_roster
        return Delivered(checked.tables, record_id, checked.today, starts, came, days, roster, self.former)

    def _read_again(self, record: DeliveryRecord) -> Delivered:
        """A posted delivery, from the bytes that were kept, as of the day it was read."""
        mapping = _kept_mapping(self.records, record)
        read_on = date.fromisoformat(record.read_on or self.today.isoformat())
        desk = _Desk(
            self.home, self.records, record.source, Path(record.folder), mapping, read_on, self.now, self.progress
        )
        with opened(self.records.raw(record.id), self.records.folder) as raw:
            return desk._delivered(desk.check(raw, record), record.id)


def _delivers(home: Path, source: str, folder: Path) -> str | None:
    """Whether the settings say that this source brings a whole year or only days; None leaves it to the mapping."""
    for named in load_district(home).sources:
        if named.source == source and (home / named.folder).resolve() == folder.resolve():
            return named.delivers
    return None


def _refuse_no_reason(reason: str | None) -> None:
    if reason is not None and not reason.strip():
        raise IntakeError("Accepting a held delivery takes a reason; write one sentence.")


def _refuse_damaged(home: Path, source: str) -> None:
    """A delivery laid over facts that are damaged would make them look sound; published figures are laid over none."""
    for fault in faults_of_current(home) if source != PUBLISHED else ():
        raise IntakeError(fault)


def _receive(records: Records, folder: Path, mapping: Path | None) -> Path:
    """Copy the delivered bytes, so that what is checked, kept and posted is the same even if the folder changes."""
    incoming = records.folder / ".incoming"
    (incoming / "raw").mkdir(parents=True, mode=0o700)
    base = folder if folder.is_dir() else folder.parent
    for path in delivered_files(folder):
        target = incoming / "raw" / path.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o400)
    if mapping is not None:
        shutil.copyfile(mapping, incoming / "mapping.yaml")
    return incoming


def _kept_mapping(records: Records, record: DeliveryRecord) -> Path | None:
    return records.folder / record.id / "mapping.yaml" if record.mapping else None
