"""What calls for a letter: an open promise, a truancy the law asks a meeting about, a family to thank."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from allpresent.policy.letters import KEYS
from allpresent.roster.models import Student

from .letter_ground import Ground
from .models import Case, CaseStep, Letter
from .models.letters import LEFT_HOUSE, LetterKind
from .models.steps import StepState

STEADY_DAYS, STEADY_MISSED = 20, 1  # a note of improvement: of so many school days at most so many missed


@dataclass(frozen=True)
class Call:
    """A reason found, before anybody is looked up. `reason_key` tells one occasion of a kind from the next."""

    kind: str
    step_key: str
    reason: Mapping[str, Any]
    due_on: date | None
    reason_key: str = ""


def find_calls(
    students: QuerySet[Student], ground: Ground, letters: list[Letter], *, is_written: bool
) -> list[tuple[str, Call]]:
    """The reasons for letters by student, at most one of a kind. With `is_written` those of letters already written.

    One of several letters to a family may have left before the others: it does not end their reason.
    """
    gone = [] if is_written else [row for row in letters if row.state in LEFT_HOUSE]
    thanked = {row.student_id for row in gone if row.kind == LetterKind.IMPROVEMENT}
    calls = [*_promised(students, is_written), *_truancies(students, ground, gone)]
    return calls + [(key, call) for key, call in _thanks(students, ground) if key not in thanked]


def _promised(students: QuerySet[Student], is_written: bool) -> Iterable[tuple[str, Call]]:
    """Open steps that promise a letter; or those a letter has kept."""
    which = Q(state=StepState.OPEN)
    if is_written:
        which |= Q(state=StepState.DONE, evidence_reference__startswith="letter:")
    steps = CaseStep.objects.filter(
        which, promise__evidence="letter_mailed", case__student_id__in=students.values("pk")
    ).select_related("promise", "crossing", "case")
    for step in steps.order_by("pk"):
        kind = step.step_key.partition(".")[2]
        if kind in KEYS:
            noticed = {"noticed_days": step.crossing.days_absent}
            reason = {"level": step.level, "crossed_on": step.crossing.crossed_on} | noticed
            yield step.case.student_id, Call(kind, step.step_key, reason, step.due_on)


def _truancies(students: QuerySet[Student], ground: Ground, gone: list[Letter]) -> Iterable[tuple[str, Call]]:
    """The first truancy of the year that no letter which left has spoken of: those letters knew their record's days."""
    rows = ground.rows(ground.ids("is_truant"))
    seen = dict(students.filter(pk__in=list(rows)).values_list("pk", "school_id")) if rows else {}
    told: dict[str, date] = {}
    for letter in gone:
        if letter.kind == LetterKind.TRUANCY:
            told[letter.student_id] = max(letter.as_of, told.get(letter.student_id, letter.as_of))
    later = ground.truancies(key for key in told if key in seen) if told else {}
    for key, school_id in seen.items():
        row = rows[key]
        if not row["is_enrolled"]:
            continue
        on, due, again = row["truant_on"], row["meeting_due_on"], False
        if key in told:
            new = [day for day in later[key] if day > told[key]]
            if not new:
                continue
            on, due, again = new[0], ground.meeting_due(school_id, new[0]), True
        reason = {"truant_on": on, "meeting_due_on": due, "is_again": again}
        yield key, Call(LetterKind.TRUANCY, "", reason, due, f"truant:{on.isoformat()}")


def _thanks(students: QuerySet[Student], ground: Ground) -> Iterable[tuple[str, Call]]:
    """Families of students with a case above the lowest level who have missed almost nothing of late."""
    cases = Case.objects.filter(closed_on=None, school_year=ground.school_year, student_id__in=students.values("pk"))
    ids = cases.exclude(highest_level__in=ground.low_levels).values_list("student_id", flat=True)
    for key, row in ground.rows(ids).items():
        missed, of = row["last_20_days_absent"], row["last_20_days_enrolled"]
        if row["is_enrolled"] and of >= STEADY_DAYS and missed <= STEADY_MISSED:
            yield key, Call(LetterKind.IMPROVEMENT, "", {"missed": missed, "of": of}, None)
