"""All that a night needs to know of the record, the protocol and the calendars, read once; and whose books differ."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path

from django.db.models import Case as Choice
from django.db.models import IntegerField, QuerySet, Sum, When

from allpresent.measures.engine import Facts
from allpresent.measures.parameters import Rules
from allpresent.policy import load_district, load_state_pack
from allpresent.protocol import Protocol, bounds, load_protocol

from .models import Case, CaseStep, LevelCrossing
from .models.steps import Ending, StepState
from .plan import Promises, Tonight
from .promises import keep_wordings, promises_from, session_days
from .tonight import read_tonight

# Level, highest level ever, closed on, closed because.
CaseState = tuple[str, str, date | None, str]


@dataclass(frozen=True)
class Night:
    """All that a batch needs to know: the record tonight, the protocol's promises, and how to sign what it writes."""

    protocol: Protocol
    delivery_id: str
    school_year: int
    as_of: date
    on: date
    now: datetime
    because: Ending
    rows: dict[str, Tonight]
    promises: Callable[[str], Promises]
    wordings: dict[str, int]

    @cached_property
    def ladder(self) -> tuple[str, ...]:
        """Every level key, lowest first."""
        return tuple(level.key for level in self.protocol.levels)

    def rank(self, level: str) -> int:
        """Place of a level on the ladder; a level of an older protocol stands below all."""
        return self.ladder.index(level) if level in self.ladder else -1

    def row(self, student_id: str) -> Tonight:
        """A student the record does not know any more has reached nothing."""
        return self.rows.get(student_id) or Tonight(student_id, "", True, 0, self.ladder[0], ())

    def ending(self, student_id: str) -> Ending:
        """Why something ends tonight for a student."""
        return self.because if self.row(student_id).is_enrolled else Ending.LEFT

    def state(self, student_id: str, known: CaseState) -> CaseState:
        """What a student's case has to say tonight, given what it says."""
        row = self.row(student_id)
        _, highest, closed_on, because = known
        highest = max(highest, row.level, key=self.rank)
        if row.levels:
            return row.level, highest, None, ""
        return row.level, highest, closed_on or self.on, because or self.ending(student_id).value


def read_night(home: Path, facts: Facts, as_of: date, on: date, now: datetime, because: Ending) -> Night:
    """Read the record, the protocol and the calendars once for all batches."""
    district = load_district(home)
    protocol = load_protocol(district.protocol, as_of, district.due_school_days)
    rules = Rules.from_policy(district, load_state_pack(district.state), bounds(protocol))
    return Night(
        protocol=protocol,
        delivery_id=facts.delivery_id,
        school_year=facts.school_year(as_of),
        as_of=as_of,
        on=on,
        now=now,
        because=because,
        rows=read_tonight(facts, as_of, rules, protocol),
        promises=cache(lambda school: promises_from(protocol, session_days(facts, school, as_of), as_of)),
        wordings=keep_wordings(protocol),
    )


def students_behind(night: Night) -> list[str]:
    """The students whose books are not what the record says tonight, in the order of their ids. Three queries.

    Those are who reached other levels than their live crossings say, whose open steps are of a level not reached, or
    whose case says something else. For all others a plan would be empty, so their books need not be read.
    """
    cases = Case.objects.filter(school_year=night.school_year)
    known = {
        row[0]: row[1:]
        for row in cases.values_list("student_id", "level", "highest_level", "closed_on", "closed_because")
    }
    crossed = _levels(night, LevelCrossing.objects.filter(is_withdrawn=False))
    to_do = _levels(night, CaseStep.objects.filter(state=StepState.OPEN))
    behind = [key for key, row in night.rows.items() if key not in known and row.levels]
    bit = {level: 1 << rank for rank, level in enumerate(night.ladder)}
    for key, state in known.items():
        reached = sum(bit[level] for level in night.row(key).levels)
        is_right = (
            crossed.get(key, 0) == reached and not to_do.get(key, 0) & ~reached and night.state(key, state) == state
        )
        if not is_right:
            behind.append(key)
    return sorted(behind)


def _levels(night: Night, rows: "QuerySet[LevelCrossing] | QuerySet[CaseStep]") -> dict[str, int]:
    """Student -> the levels of some rows as bits, the lowest level the lowest bit; one more bit for any other level."""
    bits = [When(level=level, then=1 << rank) for rank, level in enumerate(night.ladder)]
    bit = Choice(*bits, default=1 << len(bits), output_field=IntegerField())
    own = rows.filter(case__school_year=night.school_year).order_by()
    return dict(
        own.values("case__student_id")
        .annotate(levels=Sum(bit, distinct=True))
        .values_list("case__student_id", "levels")
    )
