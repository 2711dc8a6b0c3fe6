"""The one door to the facts: a version of the ledger, the rolls read from it and the answers it has given lately.

And many homes side by side, one after the other in this process or each in a task of a Spark cluster (``engines``): the
same functions, so the same answers.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from allpresent.engines import in_each_home
from allpresent.ledger import Ledger, LedgerError, Version, school_year_of
from allpresent.measures.roll import Coded, Days, Roll, Words, coded, pack, read_roll, unpack

T = TypeVar("T")
# A district's standings of one day take about 4 MB; a bi-weekly report asks for some thirteen days.
ANSWERS_KEPT = 24
# Of half a million students a day takes 100 MB.
LARGE_ROLL = 50_000
LARGE_ANSWERS_KEPT = 4
VERSIONS_KEPT = 3


class MeasureError(ValueError):
    """What was asked cannot be measured; the text is one sentence to the person who asked."""


class Facts:
    """All facts as known at one delivery. Versions never change, so what was read or answered once is kept."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._rolls: dict[tuple[int, bool], Roll] = {}
        self._lock = RLock()

    @property
    def delivery_id(self) -> str:
        """The delivery these facts came with."""
        return self.version.delivery_id

    @property
    def last_school_day(self) -> date:
        """The last delivered school day. Raises MeasureError while there is none."""
        day = self.version.last_school_day
        if day is None:
            raise MeasureError(f"Delivery {self.delivery_id} has no attendance on a school day yet; post one that has.")
        return day

    def school_year(self, day: date) -> int:
        """Start year of the school year holding the day, as this district counts them."""
        return school_year_of(day, self.version.manifest.year_starts)

    def check_day(self, as_of: date) -> None:
        """Raises MeasureError for a day after the last delivered school day, or in a year nobody delivered."""
        if as_of > self.last_school_day:
            raise MeasureError(
                f"{as_of.isoformat()} is after {self.last_school_day.isoformat()}, the last school day of delivery "
                f"{self.delivery_id}; ask for that day or an earlier one."
            )
        year = self.school_year(as_of)
        if year not in self.version.school_years:
            held = ", ".join(f"{start}-{start + 1}" for start in self.version.school_years)
            raise MeasureError(
                f"{as_of.isoformat()} lies in {year}-{year + 1}, and delivery {self.delivery_id} has school days "
                f"of {held} only; ask for a day in one of those years."
            )

    def check_school(self, school_id: str) -> None:
        """Raises MeasureError for a school nobody delivered."""
        if school_id not in self.schools():
            raise MeasureError(f"No school has the id {school_id} in delivery {self.delivery_id}; check the id.")

    def schools(self) -> list[str]:
        """Ids of the delivered schools, as sorted text."""

        def read() -> list[str]:
            return sorted(set(self.version.table("schools", columns=["school_id"])["school_id"].to_pylist()))

        return self.keep(("schools",), read)

    def roll(self, school_year: int, is_per_school: bool = False) -> Roll:
        """The roll of a school year: one row a student, or one row a student and school."""
        with self._lock:
            key = (school_year, is_per_school)
            if key not in self._rolls:
                self._rolls[key] = read_roll(self.version, school_year, is_per_school)
            return self._rolls[key]

    def session_days(self, school_id: str, school_year: int) -> Days:
        """Days the school is in session in the year, on any track, days to come included."""
        return self.keep(
            ("session", school_id, school_year), lambda: self.version.session_dates(school_id, school_year), kind="plan"
        )

    def session_words(self, school_id: str, school_year: int) -> Words:
        """``session_days`` as one row of bits over the district's school days."""

        def make() -> Words:
            strips = self.roll(school_year).strips
            is_open = np.isin(strips.dates, self.session_days(school_id, school_year))
            words: Words = pack(is_open[None, :], strips.words)[0]
            return words

        return self.keep(("session words", school_id, school_year), make, kind="plan")

    def recent_days(self, school_id: pa.Array, as_of: date, count: int) -> Words:
        """For each given school the last ``count`` days in session up to ``as_of``, as one row of bits."""
        return self.recent_words(coded(school_id), as_of, count)

    def recent_words(self, school: Coded, as_of: date, count: int) -> Words:
        """``recent_days`` of a column of schools that is numbers already."""
        year = self.school_year(as_of)
        roll = self.roll(year)
        used, place = np.unique(school.code, return_inverse=True)
        if not len(used):
            return np.zeros((0, roll.strips.words), dtype=np.uint64)
        sessions = np.stack([self.session_words(school.labels[code], year) for code in used.tolist()])
        flags = unpack(sessions & roll.strips.mask(None, as_of), len(roll.dates))
        from_end = np.cumsum(flags[:, ::-1], axis=1)[:, ::-1]
        found: Words = pack(flags & (from_end <= count), roll.strips.words)[place]
        return found

    def keep(self, key: Hashable, make: Callable[[], T], kind: str = "answer") -> T:
        """``make()``, remembered by its key; of the answers only the latest asked for are kept."""
        full = (kind, key)
        with self._lock:
            if full in self._kept:
                self._kept.move_to_end(full)
                kept: T = self._kept[full]
                return kept
        made = make()
        with self._lock:
            self._kept[full] = made
            most = LARGE_ANSWERS_KEPT if any(len(roll) > LARGE_ROLL for roll in self._rolls.values()) else ANSWERS_KEPT
            if kind == "answer" and len(self._kept) > most:
                answers = [name for name in self._kept if isinstance(name, tuple) and name[0] == "answer"]
                for name in answers[: max(0, len(answers) - most)]:
                    del self._kept[name]
        return made

    def is_kept(self, key: Hashable, kind: str = "answer") -> bool:
        """Whether ``keep`` would answer at once."""
        with self._lock:
            return (kind, key) in self._kept

    def forget_answers(self) -> None:
        """Drop every answer kept; the rolls and calendars read from the version stay."""
        with self._lock:
            for name in [name for name in self._kept if isinstance(name, tuple) and name[0] == "answer"]:
                del self._kept[name]


_OPEN: OrderedDict[tuple[str, str, str, str], Facts] = OrderedDict()
_OPEN_LOCK = RLock()


def open_facts(home: Path, known_on: str | None = None) -> Facts:
    """The facts of a home as known now, or as known at the delivery ``known_on``.

    Raises MeasureError when nothing is posted yet, or when no posted delivery has that id.
    """
    ledger = Ledger(Path(home))
    version = ledger.current()
    if version is None:
        raise MeasureError("Nothing has been posted yet; post a delivery with `allpresent intake post` first.")
    if known_on is not None and known_on != version.delivery_id:
        try:
            version = ledger.version(known_on)
        except LedgerError as error:
            raise MeasureError(str(error)) from error
    # An undone delivery may come back under its own id with other content: the hashes tell them apart.
    manifest = version.manifest
    key = (str(Path(home).resolve()), manifest.delivery_id, manifest.posted_at, repr(sorted(manifest.files.items())))
    with _OPEN_LOCK:
        if key not in _OPEN:
            _OPEN[key] = Facts(version)
            while len(_OPEN) > VERSIONS_KEPT:
                # Its answers point back at it: without them it goes at once and not when memory is looked through.
                _OPEN.popitem(last=False)[1].forget_answers()
        _OPEN.move_to_end(key)
        return _OPEN[key]


def measure_many(homes: Mapping[str, Path], ask: Callable[[Path], pa.Table], engine: str = "local") -> pa.Table:
    """``ask`` put to the home of every district: the answers one below the other, the first column ``district``.

    ``local`` asks one home after the other here; ``spark`` asks each in a task of the running Spark application, or of
    one it starts, and then ``ask`` has to be importable and every home readable where the tasks run. Raises
    EngineError for an engine there is not, and MeasureError for the first home that cannot be measured.
    """
    if not homes:
        raise MeasureError("There is no home to measure; name at least one.")
    parts = []
    for worked in in_each_home(homes, partial(_answer, ask), engine):
        if worked.lost or worked.answer[:1] != _MEASURED:
            raise MeasureError(f"{worked.district}: {worked.lost or worked.answer[1:].decode()}")
        table = pa.ipc.open_stream(worked.answer[1:]).read_all()
        parts.append(table.add_column(0, "district", pa.repeat(worked.district, table.num_rows)))
    return pa.concat_tables(parts)


_MEASURED, _REFUSED = b"+", b"-"


def _answer(ask: Callable[[Path], pa.Table], home: Path) -> bytes:
    """One home's answer, or the sentence that says why there is none; in this process and in a task."""
    try:
        table = ask(home)
    except (MeasureError, LedgerError) as error:
        return _REFUSED + str(error).encode()
    sink = pa.BufferOutputStream()
    sink.write(_MEASURED)
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue().to_pybytes())
