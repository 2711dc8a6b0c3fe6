"""Pulling an Ed-Fi ODS API: every row of the resources that attendance needs, within one window of change versions.

Offsets slip while rows change, so rows are asked for up to the newest change version known at the start, and counted
by the API before and after: a row changed on the way leaves the window and the counts differ. A pull after a whole one
asks only for what changed or was deleted since, and asks for all again when a key changed, the counts disagree, or
seven days have passed.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from allpresent.intake.sources.edfi.interface import Interface
from allpresent.intake.sources.edfi.private import without_private
from allpresent.intake.sources.edfi.tables import TABLES
from allpresent.intake.sources.pulling import Access, Landed, Landing, NotThereError, PullError, read_manifest
from allpresent.intake.sources.pulling.landing import Manifest, is_as_pulled
from allpresent.intake.sources.pulling.own import TIMEOUT

PAGE = 500
FULL_EVERY = timedelta(days=7)
PARENTS = ("parents", "studentParentAssociations")  # until data standard 4
CONTACTS = ("contacts", "studentContactAssociations")  # from 5
NEEDED = tuple(table.name for table in TABLES if table.is_required)
OPTIONAL = tuple(table.name for table in TABLES if table.name not in (*NEEDED, *PARENTS, *CONTACTS))

_Window = Mapping[str, str]


def pull(
    target: Path,
    access: Access,
    *,
    today: date,
    year: str = "",
    engine: str = "own",
    page_size: int = PAGE,
    progress: Callable[[str], None] = lambda line: None,
    sleep: Callable[[float], None] = time.sleep,
    timeout: float = TIMEOUT,
) -> Manifest:
    """Bring the folder up to what the API holds; its ``pull.json`` says what came.

    ``engine`` is "own", or "edfi-api-client" for the published package. Raises PullError, and leaves the folder as it
    was, when something needed cannot be had.
    """
    interface = Interface(access, year=year, engine=engine, sleep=sleep, timeout=timeout)
    newest = interface.newest()
    manifest = Manifest("edfi", interface.data, interface.data_model, newest, today.isoformat())
    landing = Landing(target, manifest)
    try:
        _Pull(interface, landing, page_size, progress).run(_before(target, manifest, today))
        return landing.finish()
    finally:
        landing.abandon()
        interface.asker.transport.close()


def _before(target: Path, now: Manifest, today: date) -> Manifest | None:
    """The pull that this one may go on from: whole, of the same API, and not too long ago."""
    try:
        before = read_manifest(target)
    except PullError:
        return None
    if before is None or before.newest is None or now.newest is None or before.why_partial:
        return None
    if (before.source, before.url, before.version) != (now.source, now.url, now.version) or before.newest > now.newest:
        return None
    is_due = today - date.fromisoformat(before.full_on) >= FULL_EVERY
    return before if not is_due and all(is_as_pulled(target, one) for one in before.files) else None


class _Pull:
    """One pull of all resources."""

    def __init__(self, interface: Interface, landing: Landing, page_size: int, progress: Callable[[str], None]) -> None:
        self.interface, self.landing, self.page_size, self.progress = interface, landing, page_size, progress
        self.manifest = landing.manifest

    def run(self, before: Manifest | None) -> None:
        """Every resource, by what changed since ``before`` where that is sure to be enough."""
        named = PARENTS if self.manifest.version[:1] in ("2", "3", "4") else CONTACTS
        resources = (*NEEDED, *OPTIONAL, *named)
        if before is not None and self._has_changed_keys(before):
            before = None
        if before is not None:
            self.manifest.full_on = before.full_on
        for resource in resources:
            try:
                self._resource(resource, before)
            except NotThereError as error:
                if resource in NEEDED:
                    raise
                self.manifest.left_out.append(f"{resource}: {error}")

    def _has_changed_keys(self, before: Manifest) -> bool:
        """Whether a key changed since, or may have: rows of other resources may name the old one."""
        window = self._window(int(before.newest or 0) + 1)
        try:
            return any(self.interface.page(f"{one.asked}/keyChanges", window, 0, 1) for one in before.files)
        except NotThereError:
            return True

    def _resource(self, resource: str, before: Manifest | None) -> None:
        window = self._window(0)
        landed = Landed(f"{resource}.jsonl", resource, before=self.interface.count(resource, window))
        old = next((one for one in before.files if one.asked == resource), None) if before else None
        if old is None or not self._changed(landed, old, int((before and before.newest) or 0)):
            with self.landing.file(landed.file) as out:
                landed.rows = _write(out, self._pages(resource, window))
        landed.after = self.interface.count(resource, window)
        self.progress(f"{resource}: {landed.rows:,} rows of {landed.before:,}")
        self.landing.add(landed)

    def _window(self, least: int) -> _Window:
        if self.manifest.newest is None:
            return {}
        return {"minChangeVersion": str(least), "maxChangeVersion": str(self.manifest.newest)}

    def _pages(self, path: str, window: _Window) -> Iterator[dict[str, Any]]:
        """All rows of a path; a page that is not full is the last."""
        offset = 0
        while True:
            rows = self.interface.page(path, window, offset, self.page_size)
            yield from rows
            if len(rows) < self.page_size:
                return
            offset += self.page_size

    def _changed(self, landed: Landed, old: Landed, newest: int) -> bool:
        """Write the file of before with what changed since; False when that gives another number than counted."""
        window = self._window(newest + 1)
        try:
            gone = {str(row.get("id", "")) for row in self._pages(f"{landed.asked}/deletes", window)}
        except NotThereError:
            return False
        changed = {str(row.get("id", "")): row for row in self._pages(landed.asked, window)}
        if "" in gone or "" in changed:
            return False
        with self.landing.file(landed.file) as out, (self.landing.target / old.file).open("rb") as lines:
            kept = (row for row in map(json.loads, lines) if row["id"] not in gone and row["id"] not in changed)
            landed.rows = _write(out, kept) + _write(out, iter(changed.values()))
        return landed.rows == landed.before


def _write(out: BinaryIO, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        out.write(json.dumps(without_private(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count
