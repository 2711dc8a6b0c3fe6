"""Where and when an act of the invented fall takes place: which teams, which days, which hour, which one-time key."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from itertools import count
from pathlib import Path
from random import Random

from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from allpresent.access import visible_students
from allpresent.access.models import Grant, User
from allpresent.casework.letter_reasons import Ground
from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import StepState
from allpresent.measures import Facts
from allpresent.roster.models import Contact, Student


@dataclass(frozen=True)
class Team:
    """One school's people: who leads the desk there, who approves as the second, and who goes along."""

    school_id: str
    lead: User
    second: User


@dataclass(frozen=True)
class Staff:
    """The demonstration's people by the first part of their address."""

    people: dict[str, User]

    @classmethod
    def read(cls) -> "Staff":
        """Everybody who was let in."""
        return cls({user.email.split("@")[0]: user for user in User.objects.filter(is_active=True)})

    def get(self, name: str) -> User | None:
        """The person, or None in a district too small to have one."""
        return self.people.get(name)

    def schools(self, name: str) -> list[str]:
        """The schools the person is named for."""
        user = self.people.get(name)
        held = Grant.objects.filter(user=user, object_kind=Grant.Kind.SCHOOL).order_by("pk") if user else []
        return [grant.object_id for grant in held]

    @cached_property
    def teams(self) -> list[Team]:
        """The teams that live the fall: of the K-8 school, the high school, and a second K-8 school."""
        district = self.people["district.team"]
        pairs = (("team", "principal"), ("high.team", "high.principal"), ("second.team", "district.team"))
        found = [
            Team(school_id, self.people[lead], self.people.get(second, district))
            for lead, second in pairs
            for school_id in self.schools(lead)
        ]
        return list({team.school_id: team for team in reversed(found)}.values())[::-1]


@dataclass
class Setting:
    """The weeks between two nights: the school days after `since` up to `until`, and chance, the same every time."""

    home: Path
    facts: Facts
    days: list[date]
    chance: Random
    staff: Staff
    name: str
    _numbers: Iterator[int] = field(default_factory=count)
    _seen: dict[str, list[str]] = field(default_factory=dict)

    def key(self) -> str:
        """A one-time key as a form would bring it."""
        return f"demonstration-{self.name}-{next(self._numbers):05d}"

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment of the district's day."""
        return datetime.combine(day, time(hour, minute), tzinfo=get_default_timezone())

    def day(self, place: int) -> date:
        """A school day of these weeks by its place; the last one where they are shorter."""
        return self.days[min(place, len(self.days) - 1)]

    def does(self, percent: int) -> bool:
        """Whether it comes to that."""
        return self.chance.randrange(100) < percent

    @cached_property
    def ground(self) -> Ground:
        """The record as it stood on the eve of these weeks."""
        return Ground.read(self.home, self.facts, self.days[0])

    def seen_by(self, team: Team) -> QuerySet[Student]:
        """The students of the school all through these weeks; who comes or goes in them is another's work."""
        if team.school_id not in self._seen:
            first, last = (visible_students(team.lead, day).values("pk") for day in (self.days[0], self.days[-1]))
            here = Student.objects.filter(pk__in=first, school_id=team.school_id, is_enrolled=True)
            self._seen[team.school_id] = list(here.filter(pk__in=last).values_list("pk", flat=True))
        return Student.objects.filter(pk__in=self._seen[team.school_id])

    def promised(self, team: Team, evidence: str, most: int) -> list[Student]:
        """Students of a school with an open promise of this kind, in an order that says nothing of them."""
        steps = CaseStep.objects.filter(
            school_id=team.school_id,
            state=StepState.OPEN,
            promise__evidence=evidence,
            crossing__crossed_on__lte=self.days[0],
        )
        students = self.seen_by(team).filter(pk__in=steps.values("case__student_id"))
        found = sorted(students.order_by("pk"), key=lambda student: self.chance.random())
        return found[:most]

    def family_of(self, student_ids: Iterable[str]) -> dict[str, Contact]:
        """The first contact of each student."""
        found: dict[str, Contact] = {}
        for contact in Contact.objects.filter(student_id__in=list(student_ids)).order_by("student_id", "priority"):
            found.setdefault(contact.student_id, contact)
        return found
