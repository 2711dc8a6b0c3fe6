"""Routes, not repeats: what to try instead of calling once more."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from allpresent.access.models import User
from allpresent.casework.models import Case, ContactAttempt
from allpresent.casework.models.contacts import Mode, Result

OTHER_WAY_FROM = 2  # calls in a row that nobody answered
TEAM_FROM = 3
VISIT_FROM = 4


@dataclass(frozen=True, slots=True)
class Try:
    """One call that reached nobody: when, and the digits called (blank where nobody said)."""

    at: datetime
    phone_key: str


@dataclass(frozen=True, slots=True)
class Route:
    """What comes next after calls in a row that reached nobody; ``tries`` are those calls, newest first."""

    tries: tuple[Try, ...] = ()

    @property
    def unanswered(self) -> int:
        """How many calls in a row reached nobody."""
        return len(self.tries)

    @property
    def asks_another_way(self) -> bool:
        """Another contact, or another time of day."""
        return self.unanswered == OTHER_WAY_FROM

    @property
    def asks_the_team(self) -> bool:
        """The school's attendance team should speak of it."""
        return self.unanswered == TEAM_FROM

    @property
    def asks_a_visit(self) -> bool:
        """Calling once more is no plan any longer."""
        return self.unanswered >= VISIT_FROM


def route_for(student_id: str, only_by: User | None = None) -> Route:
    """The route for one student's family. One query."""
    return routes_for([student_id], only_by)[student_id]


def routes_for(
    student_ids: Collection[str], only_by: User | None = None, whole: Collection[str] = ()
) -> dict[str, Route]:
    """The route of each student, from every caller's calls, or those of one who reads no others. One query.

    Of the students in ``whole`` that person reads everybody's all the same.
    Only calls since the case was opened count: last year's silence is no reason to visit this year.
    """
    case = Case.objects.filter(student_id=OuterRef("student_id"), closed_on=None).order_by("-school_year")
    calls = ContactAttempt.objects.filter(student_id__in=student_ids, undone_at=None)
    calls = calls.filter(on__gte=Subquery(case.values("opened_on")[:1]))
    calls = calls.filter(Q(by=only_by) | Q(student_id__in=whole)) if only_by is not None else calls
    rows = calls.order_by("-at", "-pk").values_list("student_id", "mode", "result", "at", "phone_key")
    by_student: dict[str, list[_Row]] = {pk: [] for pk in student_ids}
    for pk, mode, result, at, key in rows:
        by_student[pk].append(_Row(mode, result, at, key))
    return {pk: Route(tuple(_unanswered(own))) for pk, own in by_student.items()}


class _Row(NamedTuple):
    mode: str
    result: str
    at: datetime
    phone_key: str


def _unanswered(rows: Iterable[_Row]) -> Iterator[Try]:
    """Calls, newest first, until somebody was reached in any way; a message or a meeting is no call."""
    for row in rows:
        if row.result == Result.REACHED:
            return
        if row.mode == Mode.PHONE:
            yield Try(row.at, row.phone_key)
