"""How schools stand with what they themselves promised: kept, begun, ended, or not recorded."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q

from allpresent.casework.models import SchoolPromise
from allpresent.casework.models.school_promises import PromiseState
from allpresent.protocol.people import People

_HAVE = {"trained": "trained_on", "paid": "paid_from"}


class Kept(StrEnum):
    """Four answers that are never added up: in place, in place but short of people, no longer, nobody said."""

    WHOLE = "whole"
    BEGUN = "begun"
    ENDED = "ended"
    NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class PersonKept:
    """Somebody named, and the days; `signs_in` is False for one who left."""

    user_id: int
    name: str
    trained_on: date | None
    paid_from: date | None
    signs_in: bool

    def as_of(self, on: date) -> "PersonKept":
        """With the days that had come."""
        trained, paid = (day if day and day <= on else None for day in (self.trained_on, self.paid_from))
        return replace(self, trained_on=trained, paid_from=paid)

    def has(self, have: Collection[str]) -> bool:
        """Still here, with everything the promise says each person has."""
        return self.signs_in and all(getattr(self, _HAVE[one]) for one in have)


@dataclass(frozen=True, slots=True)
class PromiseKept:
    """One record of one school's promise."""

    record_id: int
    school_id: str
    step_key: str
    label_en: str
    label_es: str
    state: str
    version: int
    since: date
    reference: str
    recorded_by: str
    recorded_at: datetime
    closed_on: date | None
    closed_why: str
    closed_by: str
    people: tuple[PersonKept, ...] = ()

    def as_of(self, on: date) -> "PromiseKept | None":
        """The record as it stood on an earlier day, as it is known now; None where it had not begun."""
        if self.since > on:
            return None
        ended = self.state == PromiseState.ENDED and self.closed_on is not None and self.closed_on < on
        people = tuple(person.as_of(on) for person in self.people)
        return replace(self, state=PromiseState.ENDED if ended else PromiseState.RECORDED, people=people)

    def stands(self, needed: People | None) -> Kept:
        """How the record stands to what the promise needs."""
        if self.state != PromiseState.RECORDED:
            return Kept.ENDED if self.state == PromiseState.ENDED else Kept.NOT_RECORDED
        ready = sum(one.has(needed.have) for one in self.people) if needed else 0
        return Kept.WHOLE if needed is None or ready >= needed.count else Kept.BEGUN


_RECORD = (
    *("pk", "school_id", "step_key", "promise__label_en", "promise__label_es", "state", "version", "since"),
    *("reference", "recorded_by__full_name", "recorded_by__email", "recorded_at", "closed_on", "closed_why"),
    *("closed_by__full_name", "closed_by__email"),
)
_PERSON = (
    *("people__user_id", "people__user__full_name", "people__user__email", "people__trained_on"),
    *("people__paid_from", "people__user__is_active", "people__taken_off_at"),
)


def promises_kept(school_ids: Collection[str], on: date | None = None) -> dict[tuple[str, str], PromiseKept]:
    """By school and promise the record that holds, or held `on` a day, else the one that ended last. One query."""
    found: dict[tuple[str, str], PromiseKept] = {}
    rows = Q(school_id__in=list(school_ids)) & ~Q(state=PromiseState.WITHDRAWN)
    stood = (row.as_of(on) if on else row for row in _read(rows))
    for one in filter(None, stood):
        key = one.school_id, one.step_key
        if key not in found or found[key].state != PromiseState.RECORDED:
            found[key] = one
    return found


def promise_records(school_id: str, step_key: str) -> list[PromiseKept]:
    """Every record of one promise of one school, the newest first, those withdrawn among them. One query."""
    return _read(Q(school_id=school_id, step_key=step_key))[::-1]


def _read(which: Q) -> list[PromiseKept]:
    """The records in the order they were written, each with whom it names now, by name."""
    rows = SchoolPromise.objects.filter(which).order_by("pk", "people__user__full_name", "people__pk")
    found: dict[int, PromiseKept] = {}
    for row in rows.values(*_RECORD, *_PERSON):
        record = found.setdefault(row["pk"], _record(row))
        if row["people__user_id"] is not None and row["people__taken_off_at"] is None:
            found[row["pk"]] = replace(record, people=(*record.people, _person(row)))
    return list(found.values())


def _record(row: dict[str, Any]) -> PromiseKept:
    return PromiseKept(
        record_id=row["pk"],
        label_en=row["promise__label_en"],
        label_es=row["promise__label_es"],
        recorded_by=row["recorded_by__full_name"] or row["recorded_by__email"],
        closed_by=row["closed_by__full_name"] or row["closed_by__email"] or "",
        **{
            name: row[name]
            for name in (
                *("school_id", "step_key", "state", "version", "since", "reference", "recorded_at"),
                *("closed_on", "closed_why"),
            )
        },
    )


def _person(row: dict[str, Any]) -> PersonKept:
    return PersonKept(
        row["people__user_id"],
        row["people__user__full_name"] or row["people__user__email"],
        row["people__trained_on"],
        row["people__paid_from"],
        row["people__user__is_active"],
    )
