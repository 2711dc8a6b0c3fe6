"""Deliveries that were posted before, and whose files are still kept: what a delta is laid over."""

import json
from dataclasses import dataclass
from pathlib import Path

from allpresent.ledger import Ledger


@dataclass(frozen=True)
class EarlierDelivery:
    """A posted delivery: its id, and the folder of its files as they came; it is gone once they are forgotten."""

    id: str
    raw: Path


def posted_before(home: Path, source: str) -> list[EarlierDelivery]:
    """The posted deliveries of a source that nobody took back, newest first."""
    found = []
    for delivery_id in {manifest.delivery_id for manifest in Ledger(home).history()}:
        folder = home / "deliveries" / delivery_id
        record = folder / "record.json"
        if record.is_file() and json.loads(record.read_text(encoding="utf-8"))["source"] == source:
            found.append(EarlierDelivery(delivery_id, folder / "raw"))
    return sorted(found, key=lambda one: int(one.id.split("-")[0]), reverse=True)
