"""What was promised and what became of it, by school, level and step; and where help is needed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q

from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import Outcome, StepState

ORDER = (Outcome.ON_TIME, Outcome.LATE, Outcome.OVERDUE, Outcome.RUNNING, Outcome.WITHDRAWN, Outcome.EXEMPT)


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise of one school: how many were made by a day, and what became of them."""

    school_id: str
    level: str
    step_key: str
    label_en: str
    label_es: str
    outcomes: tuple[int, ...]  # in ORDER; together they are all that was promised

    @property
    def promised(self) -> int:
        """All of them."""
        return sum(self.outcomes)

    def count(self, outcome: Outcome) -> int:
        """How many ended that way."""
        return self.outcomes[ORDER.index(outcome)]


def promised_by_step(as_of: date, school_ids: Collection[str]) -> list[Promised]:
    """The steps opened by a day at some schools, one line a school, level and step. One query.

    The school is the one whose promise it was; later wordings of a step count with the first.
    """
    done = Q(state=StepState.DONE, ended_on__lte=as_of)
    on_time = Q(due_on=None) | Q(ended_on__lte=F("due_on"))
    running = Q(state=StepState.OPEN) | Q(state=StepState.DONE, ended_on__gt=as_of)
    which = {
        Outcome.ON_TIME: done & on_time,
        Outcome.LATE: done & ~on_time,
        Outcome.OVERDUE: running & Q(due_on__lt=as_of),
        Outcome.RUNNING: running & (Q(due_on=None) | Q(due_on__gte=as_of)),
        Outcome.WITHDRAWN: Q(state=StepState.WITHDRAWN),
        Outcome.EXEMPT: Q(state=StepState.EXEMPT),
    }
    steps = CaseStep.objects.filter(opened_on__lte=as_of, school_id__in=list(school_ids))
    keys = ("school_id", "level", "step_key", "promise__label_en", "promise__label_es")
    rows = (
        steps.order_by()
        .values_list(*keys)
        .annotate(**{f"n_{outcome.value}": Count("pk", filter=which[outcome]) for outcome in ORDER})
    )
    found: dict[tuple[str, str, str], tuple[str, str, tuple[int, ...]]] = {}
    for row in rows:
        values: tuple[Any, ...] = tuple(row)
        key, counts = (values[0], values[1], values[2]), values[5:]
        english, spanish, before = found.get(key, (values[3], values[4], (0,) * len(ORDER)))
        found[key] = english, spanish, tuple(a + b for a, b in zip(before, counts, strict=True))
    return [Promised(*key, *found[key]) for key in sorted(found)]
