"""What was promised and what became of it, by school, level and step; and where help is needed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import Outcome
from allpresent.casework.queries.outcomes import ORDER, counted_by_outcome


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
    steps = CaseStep.objects.filter(opened_on__lte=as_of, school_id__in=list(school_ids))
    keys = ("school_id", "level", "step_key", "promise__label_en", "promise__label_es")
    rows = steps.order_by().values_list(*keys).annotate(**counted_by_outcome(as_of))
    found: dict[tuple[str, str, str], tuple[str, str, tuple[int, ...]]] = {}
    for row in rows:
        values: tuple[Any, ...] = tuple(row)
        key, counts = (values[0], values[1], values[2]), values[5:]
        english, spanish, before = found.get(key, (values[3], values[4], (0,) * len(ORDER)))
        found[key] = english, spanish, tuple(a + b for a, b in zip(before, counts, strict=True))
    return [Promised(*key, *found[key]) for key in sorted(found)]
