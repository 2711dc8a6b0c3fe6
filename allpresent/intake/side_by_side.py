"""The drop folders of many homes posted by one command: one home, one task, in this process or on a cluster.

A task that a cluster begins anew finds what the one before it left and finishes it: the same files under the same
moment make the same version, and what is told of them is the same.
"""

import csv
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date, datetime
from functools import partial
from pathlib import Path

from allpresent.engines import Worked, in_each_home, refuse_unknown
from allpresent.intake.delivery import CLEAN, HELD, UNREADABLE
from allpresent.intake.drops import Drop, look_at_all, post_drop
from allpresent.intake.export import disarmed
from allpresent.intake.posting import Posted
from allpresent.intake.records import HELD as HELD_OUTCOME
from allpresent.intake.records import POSTED, UNCHANGED
from allpresent.intake.rules import BusyError, IntakeError
from allpresent.intake.workspace import say_nothing
from allpresent.ledger import LedgerError
from allpresent.policy import District, PolicyError, load_district

NOTHING, LEFT, REFUSED, FAILED = "nothing", "left", "unreadable", "failed"
EXIT_CODES = {POSTED: CLEAN, UNCHANGED: CLEAN, NOTHING: CLEAN, HELD_OUTCOME: HELD}  # every other one UNREADABLE
PATIENCE = 600  # seconds a home is waited for in which another posting is at work, as of a task taken for lost
_POLL = 0.5
_SAID = (IntakeError, PolicyError, LedgerError, OSError)


@dataclass(frozen=True)
class Told:
    """What became of one source of one district: posted, unchanged, held, unreadable, left for later, failed or
    nothing there; and why, in sentences."""

    district: str
    source: str
    delivery_id: str
    outcome: str
    why: str

    @property
    def exit_code(self) -> int:
        """0 posted, unchanged or nothing there; 1 held; 2 not done."""
        return EXIT_CODES.get(self.outcome, UNREADABLE)


def post_homes(
    homes: Mapping[str, Path],
    *,
    today: date,
    now: datetime,
    engine: str = "local",
    patience: float = PATIENCE,
    progress: Callable[[str], None] = say_nothing,
) -> list[Told]:
    """Post what lies in the drop folders of every home, each by its own settings and with nobody there to ask.

    No home keeps another from being posted. Raises IntakeError without a home, EngineError for an engine there is not.
    """
    if not homes:
        raise IntakeError("There is no home to post; name a folder with at least one home that has a district.yaml.")
    refuse_unknown(engine)
    told, districts = _settings(homes)
    seen = look_at_all({homes[name]: district for name, district in districts.items()}, progress)
    told += [line for name in districts for line in _not_to_post(name, seen[homes[name]])]
    tasks = {name: _Task(name, homes[name], _to_post(seen[homes[name]]), today, now, patience) for name in districts}
    for worked in in_each_home({name: task for name, task in tasks.items() if task.drops}, _work, engine):
        lines = _lines(worked, tasks[worked.district])
        for line in lines:
            progress(f"{line.district}, {line.source}: {line.outcome} {line.delivery_id}".rstrip())
        told += lines
    return sorted(told, key=lambda line: (line.district, line.source))


def told_csv(told: Sequence[Told]) -> str:
    """What became of every source of every district, as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(Told))
    writer.writerows([disarmed(cell) for cell in astuple(line)] for line in told)
    return out.getvalue()


@dataclass(frozen=True)
class _Task:
    """What is handed out for one home."""

    district: str
    home: Path
    drops: list[Drop]
    today: date
    now: datetime
    patience: float


def _settings(homes: Mapping[str, Path]) -> tuple[list[Told], dict[str, District]]:
    """What is told of homes that cannot even be looked at, and the settings of the others."""
    told, districts = [], {}
    for name, home in homes.items():
        if not (home / "district.yaml").is_file():
            told.append(Told(name, "", "", FAILED, f"There is no district.yaml in {home}; write its settings there."))
            continue
        try:
            districts[name] = load_district(home)
        except (PolicyError, OSError) as error:
            told.append(Told(name, "", "", FAILED, str(error)))
            continue
        if not districts[name].sources:
            told.append(Told(name, "", "", NOTHING, "Its district.yaml names no source."))
    return told, districts


def _to_post(drops: list[Drop]) -> list[Drop]:
    return [drop for drop in drops if drop.seen and not drop.why_not]


def _not_to_post(district: str, drops: list[Drop]) -> list[Told]:
    told = []
    for drop in drops:
        if drop.why_not:
            why = f"{drop.why_not}, so {drop.source.folder} is left for later."
            told.append(Told(district, drop.source.name, "", LEFT, why))
        elif not drop.seen:
            told.append(Told(district, drop.source.name, "", NOTHING, f"No files in {drop.source.folder}."))
    return told


def _work(task: _Task) -> bytes:
    """All sources of one home, one after the other; here or in a task of a cluster."""
    return json.dumps([asdict(_posted(task, drop)) for drop in task.drops]).encode()


def _lines(worked: Worked, task: _Task) -> list[Told]:
    if worked.lost:
        return [Told(worked.district, drop.source.name, "", FAILED, worked.lost) for drop in task.drops]
    return [Told(**line) for line in json.loads(worked.answer)]


def _posted(task: _Task, drop: Drop) -> Told:
    told = partial(Told, task.district, drop.source.name)
    try:
        posted = _in_its_turn(task, drop)
    except _SAID as error:
        return told("", FAILED, str(error))
    except Exception as error:  # a fault of the program in one home must not keep the other districts from their facts
        why = f"{type(error).__name__}: {error}; post this home alone to see where"
        return told("", FAILED, f"It could not be posted ({why}).")
    if posted.outcome == HELD_OUTCOME:
        outcome = REFUSED if posted.record.is_unreadable else HELD_OUTCOME
        return told(posted.delivery_id, outcome, " ".join(posted.record.why_held))
    # Posted by this very command, in a task that was lost before it could say so.
    is_own = posted.record.received_at == task.now.isoformat()
    return told(posted.delivery_id, POSTED if is_own else UNCHANGED, "")


def _in_its_turn(task: _Task, drop: Drop) -> Posted:
    until = time.monotonic() + task.patience
    while True:
        try:
            return post_drop(task.home, drop, task.today, task.now)
        except BusyError:
            if time.monotonic() >= until:
                raise
            time.sleep(_POLL)
