"""Deliveries of single days laid in the order of their days, whenever they came.

A file of Tuesday that comes after Wednesday's goes below it: the state before both is taken up again, and the later
ones are laid anew, from their kept bytes. So an older file never overwrites a newer correction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from allpresent.intake.merging import Delivered, Merged, Posted, merge
from allpresent.intake.records import DeliveryRecord
from allpresent.intake.rules import IntakeError
from allpresent.ledger import Ledger, LedgerError, Version, last_school_day


@dataclass(frozen=True)
class State:
    """The full state between two deliveries, as a merge reads it; it is no version and nobody sees it."""

    tables: dict[str, pa.Table]

    def table(self, name: str) -> pa.Table:
        """One canonical table, whole."""
        return self.tables[name]

    @property
    def last_school_day(self) -> date | None:
        """The last delivered school day."""
        return last_school_day(self.tables)


Again = Callable[[DeliveryRecord], Delivered]


def merge_in_order(
    delivered: Delivered, record: DeliveryRecord, ledger: Ledger, posted: list[DeliveryRecord], again: Again
) -> Merged:
    """The state with a delivery at its place among those of its source; ``posted`` oldest first, as they were posted.

    ``again`` reads a posted delivery once more. Raises IntakeError when one of them is not kept any more.
    """
    run = _run(posted, record.source)
    at = place_of(record, run)
    ordered = in_order(run)
    if record.as_of is None or at == len(ordered):
        return merge(delivered, ledger.current())
    known = _known_prefix(run, ordered, at)
    state: Posted | None = _base(ledger, run, known)
    own: Merged | None = None
    for one in [*ordered[known:at], record, *ordered[at:]]:
        merged = merge(delivered if one is record else again(one), state)
        own = merged if one is record else own
        state = State(merged.tables)
    return Merged(merged.tables, own.missing_students if own else [])


def place_of(record: DeliveryRecord, run: list[DeliveryRecord]) -> int:
    """How many of the run come before a delivery: those of the same day too, for they came before."""
    return sum(1 for one in run if (one.as_of or "") <= (record.as_of or ""))


def in_order(run: list[DeliveryRecord]) -> list[DeliveryRecord]:
    """The run by its days; of one day in the order they came."""
    return sorted(run, key=lambda one: one.as_of or "")


def _run(posted: list[DeliveryRecord], source: str) -> list[DeliveryRecord]:
    """The newest deliveries of days of one source with nothing else between them."""
    run: list[DeliveryRecord] = []
    for one in reversed(posted):
        if one.source != source or one.as_of is None:
            break
        run.append(one)
    return run[::-1]


def _known_prefix(run: list[DeliveryRecord], ordered: list[DeliveryRecord], at: int) -> int:
    """How many of the first deliveries, in order, some version already holds and nothing else."""
    ids = [one.id for one in run]
    wanted = [one.id for one in ordered]
    return max(size for size in range(at + 1) if set(ids[:size]) == set(wanted[:size]))


def _base(ledger: Ledger, run: list[DeliveryRecord], known: int) -> Version | None:
    """The version with the first ``known`` of the run, or the one before the run."""
    try:
        if known:
            return ledger.version(run[known - 1].id)
        parent = ledger.version(run[0].id).manifest.parent
        return ledger.version(parent) if parent else None
    except (LedgerError, OSError) as error:
        raise IntakeError(
            f"The delivery belongs before {run[0].id}, and the version before that is not kept any more; "
            "deliver the later files again after it."
        ) from error
