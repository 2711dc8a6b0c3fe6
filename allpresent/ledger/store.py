"""Versions of the ledger on disk: one immutable folder a delivery, and one pointer to the current one.

Posting writes a new folder, syncs it and swaps the pointer by one rename; a kill at any moment leaves the old
version or the new one.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from allpresent.disk import sync, write_whole
from allpresent.ledger.calendar import Days, last_school_day, school_years, session_dates, year_bounds
from allpresent.ledger.packing import YearPacker
from allpresent.ledger.reading import PART_ROWS, TableFile
from allpresent.ledger.retention import Pruned, prune, pruned_of
from allpresent.ledger.schema import TABLES
from allpresent.ledger.sorting import in_order
from allpresent.ledger.strips import Strips, read_strips, write_strips


class LedgerError(Exception):
    """A sentence about the ledger that a person can act on."""


@dataclass(frozen=True)
class Manifest:
    """What a version is: which delivery made it, on top of which version, who accepted it, and what its files hash to
    and hold.

    ``posted_at`` is an ISO time, ``last_school_day`` the latest in-session date on or before the newest attendance
    or attendance-taken date. ``school_years`` are start years.
    """

    delivery_id: str
    parent: str | None
    source: str
    content_sha: str
    posted_at: str
    accepted_reason: str | None
    accepted_by: str | None
    year_starts: str
    school_years: list[int]
    last_school_day: date | None
    counts: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)  # of each table, for a version posted since they are counted

    def to_json(self) -> str:
        """The manifest as stored beside the version's files."""
        plain = asdict(self) | {"last_school_day": self.last_school_day and self.last_school_day.isoformat()}
        return json.dumps(plain, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read what ``to_json`` wrote."""
        plain = json.loads(text)
        last = plain["last_school_day"]
        return cls(**{**plain, "last_school_day": date.fromisoformat(last) if last else None})


_NO_CALENDAR = pa.schema([("date", pa.date32()), ("in_session", pa.int8())]).empty_table()


class Version:
    """One version of all facts, read only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = Manifest.from_json((folder / "manifest.json").read_text(encoding="utf-8"))
        self._files: dict[str, TableFile] = {}  # those that were asked for one id

    @property
    def delivery_id(self) -> str:
        """The delivery that made this version."""
        return self.manifest.delivery_id

    @property
    def school_years(self) -> list[int]:
        """Start years of the school years held, oldest first."""
        return self.manifest.school_years

    @property
    def last_school_day(self) -> date | None:
        """The last delivered school day; None while no school day has been delivered."""
        return self.manifest.last_school_day

    def table(
        self,
        name: str,
        columns: list[str] | None = None,
        student_id: str | None = None,
        school_id: str | None = None,
    ) -> pa.Table:
        """The rows of one canonical table, of one student or school when asked.

        A column that is younger than the version is blank in it.
        """
        path, schema = self.folder / f"{name}.parquet", TABLES[name].schema
        asked = {key: one for key, one in (("student_id", student_id), ("school_id", school_id)) if one is not None}
        if not asked:
            return pq.read_table(path, columns=columns, schema=schema)
        if name not in self._files:
            self._files[name] = TableFile(path)
        wanted = schema if columns is None else pa.schema([schema.field(column) for column in columns])
        return self._files[name].rows(asked, wanted)

    def strips(self, school_year: int, rows: str = "all") -> Strips:
        """The strips of a school year: ``all``, those ``pooled`` over a student's schools, or each ``school``'s own.

        Raises LedgerError when the version has no day in session in that year.
        """
        if school_year not in self.school_years:
            raise LedgerError(f"No school day of {school_year}-{school_year + 1} has been delivered.")
        partial = pq.read_table(self.folder / f"partial-{school_year}.parquet")
        return read_strips(self.folder / f"strips-{school_year}.parquet", partial, rows)

    @cached_property
    def _calendars(self) -> dict[str, pa.Table]:
        """The calendar of each school, all of them read at once: a state has a thousand schools."""
        rows = self.table("calendar_days", columns=["school_id", "date", "in_session"]).sort_by("school_id")
        names = rows["school_id"].to_pylist()
        begins = [at for at, name in enumerate(names) if not at or name != names[at - 1]]
        ends = [*begins[1:], len(names)]
        return {names[first]: rows.slice(first, end - first) for first, end in zip(begins, ends, strict=True)}

    def session_dates(self, school_id: str, school_year: int) -> Days:
        """Days the school is in session in the year, on any track, days to come included."""
        of_school = self._calendars.get(school_id, _NO_CALENDAR)
        return session_dates(of_school, *year_bounds(school_year, self.manifest.year_starts))


class Ledger:
    """The versions under one home, and the pointer to the current one."""

    def __init__(self, home: Path) -> None:
        self.folder = Path(home) / "ledger"
        self.versions = self.folder / "versions"
        self.pointer = self.folder / "CURRENT"

    def current(self) -> Version | None:
        """The version the pointer names; None before the first delivery is posted."""
        if not self.pointer.exists():
            return None
        name = self.pointer.read_text(encoding="utf-8").strip()
        return Version(self.versions / name) if name else None

    def history(self) -> list[Manifest]:
        """The manifests along the current line, newest first. An undone delivery is not among them."""
        line: list[Manifest] = []
        version = self.current()
        while version is not None:
            line.append(version.manifest)
            parent = version.manifest.parent
            version = Version(self.versions / parent) if parent else None
        return line

    def version(self, delivery_id: str) -> Version:
        """The version a delivery made. Raises LedgerError for a delivery that is unknown or was undone."""
        if not any(manifest.delivery_id == delivery_id for manifest in self.history()):
            raise LedgerError(f"No posted delivery is called {delivery_id}; `allpresent intake list` shows them.")
        self._refuse_pruned(delivery_id)
        return Version(self.versions / delivery_id)

    def write(
        self,
        tables: dict[str, pa.Table],
        *,
        delivery_id: str,
        source: str,
        content_sha: str,
        posted_at: datetime,
        accepted_reason: str | None = None,
        accepted_by: str | None = None,
        counts: dict[str, Any] | None = None,
        year_starts: str = "07-01",
    ) -> Version:
        """Post the full state after a delivery as a new version on top of the current one, and make it current.

        ``tables`` holds every canonical table, already merged, with the columns of the schema.
        """
        with self._only_writer():
            current = self.current()
            manifest = Manifest(
                delivery_id=delivery_id,
                parent=current.delivery_id if current else None,
                source=source,
                content_sha=content_sha,
                posted_at=posted_at.isoformat(),
                accepted_reason=accepted_reason,
                accepted_by=accepted_by,
                year_starts=year_starts,
                school_years=school_years(tables["calendar_days"], year_starts),
                last_school_day=last_school_day(tables),
                counts=counts or {},
            )
            self._make_room(delivery_id)
            try:
                folder = self._write_folder(tables, manifest)
            except BaseException:  # half a version would keep a full disk full
                shutil.rmtree(self.versions / f".{delivery_id}", ignore_errors=True)
                raise
            os.replace(folder, self.versions / delivery_id)
            sync(self.versions)
            self._point_to(delivery_id)
        return Version(self.versions / delivery_id)

    def undo(self, delivery_id: str) -> Version | None:
        """Point back to the version before the newest delivery. Raises LedgerError for any other delivery."""
        with self._only_writer():
            current = self.current()
            if current is None or current.delivery_id != delivery_id:
                newest = current.delivery_id if current else "none"
                raise LedgerError(f"Only the newest delivery can be undone; the newest is {newest}.")
            if current.manifest.parent:
                self._refuse_pruned(current.manifest.parent)
            self._point_to(current.manifest.parent or "")
        return self.current()

    def prune(self, before: datetime, kept: Collection[str], said: Pruned) -> list[str]:
        """Clear the facts of versions posted before a moment; their manifests stay. Returns of which deliveries.

        The current version, the one before it (an undo goes back to it) and those of the ids ``kept`` are left whole.
        """
        with self._only_writer():
            current = self.current()
            if current is None:
                return []
            whole = {current.delivery_id, current.manifest.parent or "", *kept}
            students = set(current.table("students", columns=["student_id"])["student_id"].to_pylist())
            return prune(self.folders(), whole, before, said, students)

    def folders(self) -> list[Path]:
        """The folder of every version, undone and pruned ones too."""
        return [path for path in sorted(self.versions.glob("[!.]*")) if (path / "manifest.json").exists()]

    def _refuse_pruned(self, delivery_id: str) -> None:
        said = pruned_of(self.versions / delivery_id)
        if said is not None:
            raise LedgerError(said.sentence(delivery_id, Version(self.versions / delivery_id).manifest.posted_at))

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        self.versions.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_room(self, delivery_id: str) -> None:
        """Clear what a killed posting left, and an undone version of the same name."""
        for left in self.versions.glob(".*"):
            shutil.rmtree(left)
        if (self.versions / delivery_id).exists():
            if any(manifest.delivery_id == delivery_id for manifest in self.history()):
                raise LedgerError(f"Delivery {delivery_id} is posted already.")
            shutil.rmtree(self.versions / delivery_id)

    def _write_folder(self, tables: dict[str, pa.Table], manifest: Manifest) -> Path:
        folder = self.versions / f".{manifest.delivery_id}"
        folder.mkdir()
        for name, table in TABLES.items():
            manifest.rows[name] = tables[name].num_rows
            _write_parquet(
                in_order(tables[name].select(table.schema.names).cast(table.schema)), folder / f"{name}.parquet"
            )
        for school_year in manifest.school_years:
            try:
                strips = YearPacker(tables, school_year, manifest.year_starts).pack()
            except ValueError as error:
                raise LedgerError(str(error)) from error
            write_strips(strips, folder / f"strips-{school_year}.parquet")
            _write_parquet(strips.partial, folder / f"partial-{school_year}.parquet")
        for path in sorted(folder.iterdir()):
            manifest.files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
            sync(path)
        (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
        sync(folder / "manifest.json")
        sync(folder)
        return folder

    def _point_to(self, delivery_id: str) -> None:
        write_whole(self.pointer, f"{delivery_id}\n")
        sync(self.folder)


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, row_group_size=PART_ROWS)
