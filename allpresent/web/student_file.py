"""One student's page gathered: what the reader may see of the facts, the roster and the records, each asked once."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Q
from django.http import Http404
from django.urls import reverse

from allpresent import access
from allpresent.access.grants import Sight
from allpresent.access.roles import ACTIONS
from allpresent.casework import queries
from allpresent.casework.households import family_max
from allpresent.casework.owners import owners_among
from allpresent.casework.queries.home_visits import reads_address
from allpresent.casework.queries.homes import homes_of_family
from allpresent.casework.referral_updates import ACTION as FOLLOW
from allpresent.roster.models import Student
from allpresent.web.page import Page
from allpresent.web.presenters import student as heads
from allpresent.web.presenters.days import DayDetail, day_details
from allpresent.web.presenters.grounds import Grounds, grounds_of
from allpresent.web.presenters.history import school_names
from allpresent.web.presenters.ladder import Ladder, LadderReader, May, ladder
from allpresent.web.presenters.levels import level_badge
from allpresent.web.presenters.lines import SchoolClock
from allpresent.web.presenters.people import People, Sibling, home_lines, people_lines
from allpresent.web.presenters.referrals import ReferralCard, referral_cards
from allpresent.web.presenters.strips import Strip, make_strip
from allpresent.web.presenters.timeline import EventLine, Reader, timeline
from allpresent.web.presenters.words import grade_words
from allpresent.web.presenters.year import YearCalendar, year_calendar

# What a role may read of a family's contacts; the address is narrower still.
_CONTACT_LIMITS = ("phone_language", "visit_days")
_MENTOR_DAYS = 10


@dataclass(frozen=True, eq=False)
class StudentFile:
    """A student as one reader may see them today. Each part is read when asked for, and once."""

    page: Page
    student_id: str
    sight: Sight

    @cached_property
    def grounds(self) -> Grounds | None:
        """What the figures stand on; nothing before the first delivery."""
        return grounds_of(self.page) if self.page.facts is not None else None

    @cached_property
    def _seen(self) -> list[Student]:
        """The student, and those of the household the reader may see as well. One query."""
        household = Student.objects.filter(pk=self.student_id).exclude(household_id="").values("household_id")
        same = Q(pk=self.student_id) | Q(household_id__in=household)
        return list(access.visible_students(self.page.user, self.page.on).filter(same).select_related("school"))

    @cached_property
    def student(self) -> Student:
        """The student; showing the page is an audited read."""
        found = next((one for one in self._seen if one.pk == self.student_id), None)
        if found is None:
            raise Http404
        return found

    @property
    def household(self) -> list[Student]:
        """The other students of the household the reader may see; showing them is an audited read of each."""
        return [one for one in self._seen if one.pk != self.student_id]

    @property
    def may(self) -> May:
        """What the relations that open this student allow."""
        allowed = {action for action, roles in ACTIONS.items() if roles & self.sight.relations}
        return May(close="close_step" in allowed, exempt="exempt_step" in allowed, call="log_contact" in allowed)

    @property
    def reads_days(self) -> bool:
        """The whole year in days (D3 in full)."""
        return self.sight.reads("D3")

    @property
    def reads_level(self) -> bool:
        """The level, at least (D3, or a mentor's part of it)."""
        return self.sight.reads("D3", "level_and_10_days")

    @cached_property
    def standing(self) -> dict[str, Any] | None:
        """The student's row of the standings; nothing before the first school day."""
        table = self.page.standings
        if table is None:
            return None
        rows = table.filter(pc.equal(table["student_id"], pa.scalar(self.student.pk))).to_pylist()
        return rows[0] if rows else None

    @property
    def lead(self) -> heads.Lead | None:
        """The opening sentences, for those who read the days."""
        if self.standing is None or self.grounds is None or not self.reads_days:
            return None
        return heads.lead(self.standing, self.grounds)

    @property
    def levels(self) -> heads.Standing | None:
        """The three ways the student stands, for those who read the days."""
        if self.standing is None or self.grounds is None or not self.reads_days:
            return None
        return heads.standing(self.standing, self.grounds)

    @property
    def level(self) -> str | None:
        """The level's key for the badge."""
        return self.standing["level"] if self.standing and self.reads_level else None

    @cached_property
    def year(self) -> YearCalendar | None:
        """The year, for those who read the days and once the student has one."""
        if self.standing is None or not self.reads_days:
            return None
        from allpresent.measures import year_grid

        return year_calendar(year_grid(self._facts, self.student.pk, self._as_of))

    @cached_property
    def last_days(self) -> Strip | None:
        """The last ten school days, for a mentor who reads no more."""
        if self.standing is None or self.reads_days or not self.reads_level:
            return None
        from allpresent.measures import last_20_days

        days = last_20_days(self._facts, self._as_of, [self.student.pk]).get(self.student.pk, [])
        return make_strip(days[-_MENTOR_DAYS:])

    @property
    def _facts(self) -> Any:
        if self.page.facts is None:
            raise ValueError("Nothing is posted, so there are no days.")
        return self.page.facts

    @property
    def _as_of(self) -> date:
        if self.page.as_of is None:
            raise ValueError("Nothing is posted, so there is no day.")
        return self.page.as_of

    def explained(self, on: date | None = None) -> list[DayDetail]:
        """Every day so far with its rule, file and line, newest first; or only one of them."""
        if self.standing is None or not self.reads_days:
            return []
        from allpresent.measures import explain

        days = explain(self._facts, self.student.pk, self._as_of, self.page.rules)
        found = [day for day in days if on is None or day.date == on]
        return day_details(found, school_names(self._facts))

    def ladder(self) -> Ladder | None:
        """What was promised; to a teacher only what is a teacher's, or theirs by name."""
        reads_own = self.sight.reads("D6", "own")
        if self.page.facts is None or not reads_own:
            return None
        own = None if self.sight.reads("D6") else frozenset(owners_among(self.sight.relations))
        reader = LadderReader(
            on=self.page.on,
            clock=SchoolClock(self.page),
            school_id=self.student.school_id,
            protocol=self.page.protocol,
            may=self.may,
            own_owners=own,
            user_id=self.page.user.pk,
        )
        year = self.page.facts.school_year(self._as_of)
        return ladder(queries.ladder(self.student.pk, self.page.protocol, year, self.page.on), reader)

    @cached_property
    def _events(self) -> list[queries.Event]:
        return queries.timeline(self.student.pk)

    def referrals(self) -> tuple[ReferralCard, ...]:
        """To whom the student was referred and what they say of it, for those who read referrals."""
        if not self.sight.reads("D10"):
            return ()
        may_follow = bool(ACTIONS[FOLLOW] & self.sight.relations)
        return referral_cards(self._events, self.page.on, may_follow=may_follow)

    def timeline(self) -> tuple[EventLine, ...]:
        """What happened, as far as the reader's relation goes."""
        reads_own = self.sight.reads("D6", "own")
        if not reads_own and not self.reads_days:
            return ()
        reader = Reader(
            user_id=self.page.user.pk,
            now=self.page.now,
            reads_all=self.sight.reads("D6"),
            reads_own=reads_own,
            reads_reasons=self.sight.reads("D4"),
            reads_mentors=self.sight.reads("D9"),
            reads_referrals=self.sight.reads("D10"),
        )
        return timeline(self._events, reader)

    def people(self) -> People:
        """Whom to call, and the household's other students the reader may see."""
        reads = any(self.sight.reads("D2", limit) for limit in _CONTACT_LIMITS)
        numbers = queries.number_health(self.student.pk) if reads else []
        is_told = reads_address(self.page.user, self.sight, self.student_id, self.page.on)
        return People(
            people_lines(numbers, self.page.on),
            self._siblings(),
            is_hidden=not reads,
            household_url=self._household_url(),
            homes=home_lines(homes_of_family(numbers)) if is_told else (),
        )

    def _household_url(self) -> str:
        """The page with all of them, for those who may call the family."""
        enrolled = sum(one.is_enrolled for one in self.household)
        if not self.may.call or not 0 < enrolled <= family_max():
            return ""
        return reverse("web:household", args=[self.student.pk])

    def _siblings(self) -> tuple[Sibling, ...]:
        levels = self._levels_of([other.pk for other in self.household if self._reads_level_of(other)])
        return tuple(
            Sibling(
                name=other.full_name,
                url=reverse("web:student", args=[other.pk]),
                place=", ".join(
                    part for part in (grade_words(other.grade), other.school.name if other.school else "") if part
                ),
                badge=level_badge(levels.get(other.pk)),
            )
            for other in self.household
        )

    def _reads_level_of(self, other: Student) -> bool:
        """A brother's level goes with the same right: at the same school, or over the district."""
        is_wide = "district_attendance_team" in self.sight.relations
        return self.reads_days and (is_wide or other.school_id == self.student.school_id)

    def _levels_of(self, ids: list[str]) -> dict[str, str]:
        table = self.page.standings
        if table is None or not ids:
            return {}
        rows = table.filter(pc.is_in(table["student_id"], value_set=pa.array(ids, pa.string())))
        return dict(zip(rows["student_id"].to_pylist(), rows["level"].to_pylist(), strict=True))
