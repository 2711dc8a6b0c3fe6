"""Which letters the record and the promises call for, to whom each would speak, and what speaks against sending it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import QuerySet

from allpresent.measures import standings
from allpresent.measures.absence import day_sizes
from allpresent.measures.engine import Facts
from allpresent.measures.measured import measure
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import positions, unpack
from allpresent.policy import load_district, load_state_pack
from allpresent.policy.letters import KEYS, language_code
from allpresent.protocol import bounds, load_protocol
from allpresent.roster.models import Contact, Student

from .models import Case, CaseStep, Letter
from .models.letters import IN_HOUSE, LEFT_HOUSE, LetterKind, LetterState
from .models.steps import StepState
from .queries.kept import school_days_before

RECENT = 10  # school days between two letters to one family
STEADY_DAYS, STEADY_MISSED = 20, 1  # a note of improvement: of so many school days at most so many missed
# What stops a letter; everything else is said and left to the person who verifies.
BLOCKING = frozenset({"left", "opted_out"})


@dataclass(frozen=True)
class Ground:
    """The record as one data version shows it, and the lowest levels, which no note of improvement speaks of."""

    home: Path
    facts: Facts
    as_of: date
    rules: Rules
    low_levels: tuple[str, ...]

    @classmethod
    def read(cls, home: Path, facts: Facts, as_of: date) -> "Ground":
        """For the night: everything from the home's own settings."""
        district = load_district(home)
        protocol = load_protocol(district.protocol, as_of, district.due_school_days)
        rules = Rules.from_policy(district, load_state_pack(district.state), bounds(protocol))
        return cls(home, facts, as_of, rules, tuple(level.key for level in protocol.levels[:2]))

    @property
    def school_year(self) -> int:
        return self.facts.school_year(self.as_of)

    @cached_property
    def table(self) -> pa.Table:
        return standings(self.facts, self.as_of, self.rules)

    def rows(self, student_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The standings of some students."""
        wanted = self.table.filter(
            pc.is_in(self.table["student_id"], value_set=pa.array(sorted(student_ids), pa.string()))
        )
        return {row["student_id"]: row for row in wanted.to_pylist()}

    def ids(self, flag: str) -> list[str]:
        """Students whose flag of the standings is set."""
        found: list[str] = self.table.filter(pc.equal(self.table[flag], 1))["student_id"].to_pylist()
        return found

    def days_missed(self, student_ids: Iterable[str], *, only_unexcused: bool = False) -> dict[str, tuple[date, ...]]:
        """The days counted as absent, a part day included where the district counts parts."""
        ids = sorted(student_ids)
        measured = measure(self.facts, self.as_of, self.rules)
        roll, counted = measured.roll, measured.days.counted_days
        counted = counted & roll.bits["unexcused"] if only_unexcused else counted
        sizes = day_sizes(roll, self.rules)
        at = positions(pa.array(ids, pa.string()), roll.student_id)
        missed = unpack((sizes.full & counted)[at], len(roll.dates))
        inside = sizes.is_set(counted)
        place = {row: number for number, row in enumerate(at.tolist())}
        for row, day in zip(sizes.part_row[inside].tolist(), sizes.part_day[inside].tolist(), strict=True):
            if row in place:
                missed[place[row], day] = True
        missed[at < 0] = False
        return {key: tuple(roll.dates[np.flatnonzero(line)].tolist()) for key, line in zip(ids, missed, strict=True)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A letter that is called for: to whom, why, what it would say, and flags that speak against it."""

    student: Student
    kind: str
    step_key: str
    reason: Mapping[str, Any]  # level and crossed_on, or truant_on and meeting_due_on, or missed of the last days
    due_on: date | None
    standing: Mapping[str, Any]
    days: tuple[date, ...]
    family: str
    email: str
    language: str
    spoken: str
    flags: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.student.pk, self.kind

    @property
    def is_plain(self) -> bool:
        """Nothing about it asks for a second look: it may be verified with all others like it."""
        return not set(self.flags) - {"no_address"}

    @property
    def is_blocked(self) -> bool:
        return bool(BLOCKING & set(self.flags))


@dataclass(frozen=True)
class _Call:
    """A reason found, before anybody is looked up."""

    kind: str
    step_key: str
    reason: Mapping[str, Any]
    due_on: date | None


def find_candidates(students: QuerySet[Student], ground: Ground, but_for: Iterable[str] = IN_HOUSE) -> list[Candidate]:
    """The letters called for, the one due first on top. Six queries.

    A kind that a letter in one of the states ``but_for`` already answers is left out.
    """
    letters = _letters(students, ground)
    calls = [*_promised(students), *_from_record(students, ground, letters)]
    states = set(but_for)
    answered = {(row.student_id, row.kind) for row in letters if row.state in states}
    open_calls = [(key, call) for key, call in calls if (key, call.kind) not in answered]
    ids = {key for key, _call in open_calls}
    people = {row.pk: row for row in students.filter(pk__in=ids).select_related("school")}
    make = _Maker(ground, letters, people, Counter(key for key, _call in open_calls))
    found = [make.candidate(people[key], call) for key, call in open_calls if key in people]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.student.full_name, one.student.pk, one.kind))


def _letters(students: QuerySet[Student], ground: Ground) -> list[Letter]:
    rows = Letter.objects.filter(school_year=ground.school_year, student_id__in=students.values("pk"))
    return list(rows.only("student_id", "kind", "state", "mailed_on"))


def _promised(students: QuerySet[Student]) -> list[tuple[str, _Call]]:
    """Open steps that promise a letter."""
    steps = CaseStep.objects.filter(
        state=StepState.OPEN, promise__evidence="letter_mailed", case__student_id__in=students.values("pk")
    ).select_related("promise", "crossing", "case")
    found = []
    for step in steps.order_by("pk"):
        kind = step.step_key.partition(".")[2]
        if kind in KEYS:
            noticed = {"noticed_days": step.crossing.days_absent}
            reason = {"level": step.level, "crossed_on": step.crossing.crossed_on} | noticed
            found.append((step.case.student_id, _Call(kind, step.step_key, reason, step.due_on)))
    return found


def _from_record(students: QuerySet[Student], ground: Ground, letters: list[Letter]) -> list[tuple[str, _Call]]:
    """Truancy meetings the state asks for, and families to thank; each once in a school year."""
    gone = {(row.student_id, row.kind) for row in letters if row.state in LEFT_HOUSE}
    truant = ground.rows(ground.ids("is_truant"))
    steady = _steady(students, ground)
    seen = set(students.values_list("pk", flat=True)) if truant else set()
    found = []
    for key, row in truant.items():
        if key in seen and row["is_enrolled"] and (key, LetterKind.TRUANCY) not in gone:
            reason = {"truant_on": row["truant_on"], "meeting_due_on": row["meeting_due_on"]}
            found.append((key, _Call(LetterKind.TRUANCY, "", reason, row["meeting_due_on"])))
    for key, row in steady.items():
        if (key, LetterKind.IMPROVEMENT) not in gone:
            reason = {"missed": row["last_20_days_absent"], "of": row["last_20_days_enrolled"]}
            found.append((key, _Call(LetterKind.IMPROVEMENT, "", reason, None)))
    return found


def _steady(students: QuerySet[Student], ground: Ground) -> dict[str, dict[str, Any]]:
    """Students with a case above the lowest level who have missed almost nothing of late."""
    cases = Case.objects.filter(closed_on=None, school_year=ground.school_year, student_id__in=students.values("pk"))
    ids = cases.exclude(highest_level__in=ground.low_levels).values_list("student_id", flat=True)
    return {
        key: row
        for key, row in ground.rows(ids).items()
        if row["is_enrolled"]
        and row["last_20_days_enrolled"] >= STEADY_DAYS
        and row["last_20_days_absent"] <= STEADY_MISSED
    }


class _Maker:
    """Looks up all that candidates need at once, and makes each."""

    def __init__(
        self, ground: Ground, letters: list[Letter], people: Mapping[str, Student], called: Mapping[str, int]
    ) -> None:
        self.called = called
        self.as_of = ground.as_of
        self.letters: dict[str, list[Letter]] = {}
        for letter in letters:
            self.letters.setdefault(letter.student_id, []).append(letter)
        self.standings = ground.rows(people)
        self.days = ground.days_missed(people)
        self.unexcused = ground.days_missed(people, only_unexcused=True)
        self.recent_from = school_days_before(ground.facts, ground.as_of, RECENT)
        self.contacts: dict[str, list[Contact]] = {}
        for contact in Contact.objects.filter(student_id__in=list(people)):
            self.contacts.setdefault(contact.student_id, []).append(contact)

    def candidate(self, student: Student, call: _Call) -> Candidate:
        contacts = self.contacts.get(student.pk, [])
        open_to = [one for one in contacts if one.may_contact is not False and one.has_custody is not False]
        family = open_to[0] if open_to else None
        spoken = (family.language if family else "") or student.language
        days = self.unexcused if call.kind == LetterKind.TRUANCY else self.days
        return Candidate(
            student=student,
            kind=str(call.kind),
            step_key=call.step_key,
            reason=call.reason,
            due_on=call.due_on,
            standing=self.standings.get(student.pk, {}),
            days=days.get(student.pk, ()),
            family=family.full_name if family else "",
            email=family.email if family else "",
            language=language_code(spoken) or "en",
            spoken=spoken,
            flags=tuple(self._flags(student, call, contacts, family, spoken)),
        )

    def _flags(
        self, student: Student, call: _Call, contacts: list[Contact], family: Contact | None, spoken: str
    ) -> Iterable[str]:
        row = self.standings.get(student.pk, {})
        if not student.is_enrolled or not row:
            yield "left"
        if contacts and family is None:
            yield "opted_out"
        if not contacts:
            yield "no_contact"
        noticed = call.reason.get("noticed_days")
        if noticed is not None and row and Decimal(row["days_absent"]) < noticed:
            yield "corrected"
        meeting = call.reason.get("meeting_due_on")
        if meeting is not None and meeting <= self.as_of:
            yield "meeting_past"
        if self.called[student.pk] > 1:
            yield "together"
        yield from self._other_letters(student.pk, call.kind)
        if spoken and not language_code(spoken):
            yield "language"
        yield "no_address"  # the information system delivers none

    def _other_letters(self, student_id: str, kind: str) -> Iterable[str]:
        mine = self.letters.get(student_id, [])
        if any(row.mailed_on and self._is_recent(row.mailed_on) for row in mine):
            yield "recent"
        if any(row.state in IN_HOUSE and row.kind != kind for row in mine):
            yield "in_house"
        if any(row.state == LetterState.PULLED_BACK and row.kind == kind for row in mine):
            yield "pulled_back"

    def _is_recent(self, mailed_on: date) -> bool:
        return self.recent_from is None or mailed_on >= self.recent_from
