"""What of the open work a reader may be told of each student of a list, by the relations that open that student.

A person may see one student as a teacher and the next as a team member: what the one relation reads says nothing of the
other's students.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from allpresent.access.grants import Sight, sights
from allpresent.access.models import User
from allpresent.casework.owners import owners_among
from allpresent.roster.models import Student

from . import open_work, routes


@dataclass(frozen=True)
class Readings:
    """One reader, and what of each student of a list is theirs to read; a student not seen is not among them."""

    user: User
    sights: dict[str, Sight]

    @classmethod
    def of(cls, user: User, students: Iterable[Student], on: date) -> "Readings":
        """The reader of these students on a day. At most four queries."""
        return cls(user, sights(user, students, on))

    @cached_property
    def whole(self) -> frozenset[str]:
        """The students of whom everybody's entries and steps are read."""
        return frozenset(pk for pk, seen in self.sights.items() if seen.reads("D6"))

    @cached_property
    def own(self) -> frozenset[str]:
        """Those of whom only the reader's own are."""
        return frozenset(pk for pk, seen in self.sights.items() if seen.reads("D6", "own")) - self.whole

    def last_contacts(self) -> dict[str, open_work.LastContact]:
        """The last attempt the reader may know of, by student. One query."""
        return open_work.last_contacts(self.whole | self.own, self.user, self.whole)

    def next_steps(self) -> dict[str, open_work.StepShown]:
        """The step that is due first among those the reader may know of, by student. One query."""
        return open_work.next_steps(self.whole | self.own, self._knows)

    def routes(self) -> dict[str, routes.Route]:
        """What to try instead of one more call, from the calls the reader may know of, by student. One query."""
        return routes.routes_for(self.whole | self.own, self.user, self.whole)

    def _knows(self, step: open_work.StepKey) -> bool:
        """Whether a step is told: any of a student read whole, else one the reader does, by role or by name."""
        if step.student_id in self.whole or step.assigned_to == self.user.pk:
            return True
        return step.owner_role in owners_among(self.sights[step.student_id].relations)
