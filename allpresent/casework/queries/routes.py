"""Routes, not repeats: what to try instead of calling once more."""

from collections.abc import Iterable
from dataclasses import dataclass

from allpresent.access.models import User
from allpresent.casework.models import ContactAttempt
from allpresent.casework.models.contacts import Mode, Result

OTHER_WAY_FROM = 2  # calls in a row that nobody answered
TEAM_FROM = 3
VISIT_FROM = 4


@dataclass(frozen=True, slots=True)
class Route:
    """What comes next after calls in a row that reached nobody."""

    unanswered: int

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


def count_unanswered(results: Iterable[str]) -> int:
    """Results of calls, newest first: how many in a row nobody could talk in."""
    count = 0
    for result in results:
        if result == Result.REACHED:
            break
        count += 1
    return count


def route_for(student_id: str, only_by: User | None = None) -> Route:
    """The route for a student's family, from every caller's calls, or those of one who reads no others. One query."""
    calls = ContactAttempt.objects.filter(student_id=student_id, undone_at=None)
    calls = calls.filter(by=only_by) if only_by is not None else calls
    newest = calls.order_by("-at", "-pk").values_list("mode", "result")[:20]
    return Route(count_unanswered(result for mode, result in newest if mode == Mode.PHONE or result == Result.REACHED))
