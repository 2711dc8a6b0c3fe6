"""What is remembered of each delivery: who brought what, what was found, and what became of it.

``home/deliveries/<id>/`` holds ``record.json``, ``findings.csv`` and the delivered bytes, read only, below ``raw/``.
Whether a delivery is posted is the ledger's word; the record only says what was meant to happen.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from allpresent.disk import write_whole
from allpresent.intake.delivery import Checked
from allpresent.intake.export import findings_text
from allpresent.intake.rules import IntakeError
from allpresent.intake.sources import PUBLISHED
from allpresent.ledger import Ledger

POSTED, HELD, UNDONE, UNCHANGED, POSTING = "posted", "held", "undone", "unchanged", "posting"
_STOPPED = "Posting stopped before it was done; post the same files again, or accept the delivery."


@dataclass(frozen=True)
class DeliveryRecord:
    """One delivery as the Deliveries page tells it.

    ``outcome`` is posted, held or undone. ``rows`` has one entry a file: file, table, rows_read, canonical, errors,
    duplicates, left_out, merged. ``findings`` has one entry a rule, severity, file and field: with count,
    first_lines and message. ``differences`` has one entry a school: students and absences before and after.
    """

    id: str
    source: str
    folder: str
    mapping: str | None
    content_sha: str
    received_at: str  # ISO time
    outcome: str
    is_unreadable: bool
    by: str | None = None  # who accepted or undid it
    reason: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    why_held: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    unmapped: list[dict[str, Any]] = field(default_factory=list)
    silent_schools: list[dict[str, Any]] = field(default_factory=list)
    silent_sections: list[dict[str, Any]] = field(default_factory=list)
    missing_students: list[str] = field(default_factory=list)  # enrolled before, not in this delivery
    as_of: str | None = None  # newest day of a source that delivers days; orders what came out of order
    read_on: str | None = None  # the day it was read as of

    @property
    def rows_read(self) -> int:
        """Rows of all files."""
        return sum(int(row["rows_read"]) for row in self.rows)

    @property
    def rows_refused(self) -> int:
        """Error rows of all files."""
        return sum(int(row["errors"]) for row in self.rows)

    @property
    def can_be_accepted(self) -> bool:
        """Whether a person may post it with a reason."""
        return self.outcome == HELD and not self.is_unreadable


def record_of(checked: Checked, delivery_id: str, folder: str, mapping: Path | None, now: datetime) -> DeliveryRecord:
    """The record of a checked delivery, held until somebody says otherwise."""
    silence = checked.silence.as_dict()
    return DeliveryRecord(
        id=delivery_id,
        source=checked.source,
        folder=folder,
        mapping=str(mapping) if mapping else None,
        content_sha=checked.content_sha,
        received_at=now.isoformat(),
        outcome=HELD,
        is_unreadable=checked.is_unreadable,
        rows=[count.as_dict() for count in checked.counts],
        findings=[asdict(count) | {"first_lines": list(count.first_lines)} for count in checked.findings.by_rule()],
        why_held=checked.why_held,
        decided=checked.decided,
        differences=[asdict(difference) for difference in checked.differences],
        unmapped=[asdict(code) for code in checked.unmapped],
        silent_schools=[dict(school) for school in silence["schools"]],
        silent_sections=[dict(section) for section in silence["sections"]],
        as_of=checked.days[1].isoformat() if checked.delivers == "days" and checked.days else None,
        read_on=checked.today.isoformat(),
    )


class Records:
    """The deliveries folder of a home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "deliveries"

    def all(self) -> list[DeliveryRecord]:
        """Every record, newest first, with the outcome the ledger confirms."""
        posted = {manifest.delivery_id for manifest in Ledger(self.home).history()}
        return [_confirmed(record, posted) for record in self._written()]

    def have_posted(self) -> bool:
        """Whether any facts were posted, as the records tell it without asking the ledger."""
        return any(record.outcome == POSTED and record.source != PUBLISHED for record in self._written())

    def _written(self) -> Iterator[DeliveryRecord]:
        return map(_read, sorted(self.folder.glob("[0-9]*/record.json"), reverse=True))

    def get(self, delivery_id: str) -> DeliveryRecord:
        """One record. Raises IntakeError for an unknown id."""
        for record in self.all():
            if record.id == delivery_id:
                return record
        raise IntakeError(f"There is no delivery {delivery_id}; `allpresent intake list` shows them.")

    def next_id(self, content_sha: str) -> str:
        """The id of a new delivery: its number in the home, and the start of its hash."""
        numbers = [int(path.name.split("-")[0]) for path in self.folder.glob("[0-9]*-*")]
        return f"{max(numbers, default=0) + 1:04d}-{content_sha[:8]}"

    def raw(self, delivery_id: str) -> Path:
        """The delivered files as they came."""
        return self.folder / delivery_id / "raw"

    def forget_raw(self, before: datetime) -> int:
        """Delete the bytes of deliveries received before a moment; a held one keeps its own. Returns how many.

        The record, its findings and the hash of the bytes stay, so the same files are still known when they come again.
        """
        old = [one for one in self.all() if one.outcome != HELD and datetime.fromisoformat(one.received_at) < before]
        kept = [self.raw(one.id) for one in old if self.raw(one.id).exists()]
        for folder in kept:
            shutil.rmtree(folder)
        return len(kept)

    def save(self, record: DeliveryRecord) -> None:
        """Write a record in place of the one before, by one rename."""
        write_whole(self.folder / record.id / "record.json", _json(record))

    def change(self, record: DeliveryRecord, **changes: Any) -> DeliveryRecord:
        """Save a record with some fields changed."""
        changed = replace(record, **changes)
        self.save(changed)
        return changed


def write_record(folder: Path, record: DeliveryRecord, checked: Checked) -> None:
    """The record and its findings into a delivery's folder."""
    write_whole(folder / "findings.csv", findings_text(checked.findings))
    write_whole(folder / "record.json", _json(record))


def _json(record: DeliveryRecord) -> str:
    return json.dumps(asdict(record), indent=1, ensure_ascii=False)


def _read(path: Path) -> DeliveryRecord:
    try:
        plain: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return DeliveryRecord(**plain)
    except (OSError, ValueError, TypeError) as error:
        raise IntakeError(f"{path} cannot be read ({error}); restore the home from its backup.") from error


def _confirmed(record: DeliveryRecord, posted: set[str]) -> DeliveryRecord:
    """The record with the outcome that is true: a kill may have come between the ledger's word and the record's."""
    if record.source == PUBLISHED:  # the ledger knows no published figures: their record is written after them
        return record if record.outcome != POSTING else _stopped(record)
    if record.id in posted:
        return replace(record, outcome=POSTED)
    if record.outcome == POSTED:
        return replace(record, outcome=UNDONE)
    return record if record.outcome != POSTING else _stopped(record)


def _stopped(record: DeliveryRecord) -> DeliveryRecord:
    return replace(record, outcome=HELD, why_held=[*record.why_held, _STOPPED])
