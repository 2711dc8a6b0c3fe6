"""Everything the pages of one visit need, read once, narrowed to what the reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localtime

from allpresent.access.grants import Sight, sight
from allpresent.access.models import Grant, User
from allpresent.access.reasons import relations_of_scope
from allpresent.access.roles import ACTIONS
from allpresent.casework.home_visits import next_number
from allpresent.casework.models import HomeVisit, VisitFieldNote
from allpresent.casework.models.home_visits import VisitOutcome, VisitState
from allpresent.casework.queries import home_visits as queries
from allpresent.casework.queries.homes import homes_of_family
from allpresent.policy import load_causes
from allpresent.roster.models import Contact, Student
from allpresent.web.page import Page
from allpresent.web.presenters import visits as words
from allpresent.web.presenters.people import HomeLine, home_lines
from allpresent.web.presenters.timeline import cause_names
from allpresent.web.presenters.words import grade_room


@dataclass(frozen=True, eq=False)
class VisitFile:
    """A student, and the visit if there is one, as one reader may see them today."""

    page: Page
    student: Student
    seen: Sight
    visit: HomeVisit | None = None

    @property
    def place(self) -> str:
        return grade_room(self.student.grade, self.student.homeroom)

    @property
    def key(self) -> str:
        """Names the draft on the device."""
        return f"{self.page.user.pk}:{self.visit.pk if self.visit else 'new'}:{self.student.pk}"

    @property
    def post_url(self) -> str:
        if self.visit:
            return reverse("web:visit", args=[self.visit.pk])
        return reverse("web:visit_record_new", args=[self.student.pk])

    @property
    def when(self) -> str:
        return words.moment_words(self.visit.starts_at) if self.visit and self.visit.starts_at else ""

    @property
    def is_open(self) -> bool:
        """Proposed or scheduled: it may still be planned anew or taken off the board."""
        return self.visit is not None and self.visit.state in queries.OPEN_STATES

    @property
    def is_follow_up(self) -> bool:
        return self.visit is not None and self.visit.state == VisitState.FOLLOW_UP

    @property
    def reads_notes(self) -> bool:
        """Field notes are a class of their own (D7), narrower than the visit."""
        return self.seen.reads("D7")

    @property
    def reads_reasons(self) -> bool:
        return self.seen.reads("D4")

    def field_note(self) -> VisitFieldNote | None:
        return queries.field_note(self.visit.pk) if self.visit and self.reads_notes else None

    @property
    def family(self) -> list[str]:
        """The adults to name as met; a home visitor reads them from the day before to the day after a visit."""
        return list(dict.fromkeys(contact.full_name for contact in self._contacts))

    @property
    def homes(self) -> tuple[HomeLine, ...]:
        """Where the family lives; to a home visitor on the same days."""
        return home_lines(homes_of_family(self._contacts))

    @cached_property
    def _contacts(self) -> list[Contact]:
        """Nobody on days on which the reader reads none."""
        if not queries.reads_address(self.page.user, self.seen, self.student.pk, self.page.on):
            return []
        return list(Contact.objects.filter(student=self.student).exclude(may_contact=False).order_by("priority"))

    @property
    def cause_words(self) -> list[str]:
        named = cause_names()
        return [named.get(row.cause, row.cause) for row in self.visit.causes.all()] if self.visit else []

    def coming(self, form: Any) -> HomeVisit:
        """The visit with the number it would have if the form were saved now, for the day the form names."""
        named = form.cleaned_data.get("on") if form.is_bound else None
        saved = self.visit.pk if self.visit else None
        year_starts = self.page.district.year_starts
        return HomeVisit(number=next_number(self.student.pk, named or self.page.on, year_starts, but_for=saved))

    def causes(self, form: Any) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The 24 causes in their four families, with those that are chosen."""
        chosen = set(form.data.getlist("causes")) if form.is_bound else set()
        named = cause_names()
        language = words.current_language()
        return [
            (family.label(language), [(cause.key, named[cause.key], cause.key in chosen) for cause in family.causes])
            for family in load_causes()
        ]

    @property
    def languages(self) -> list[tuple[str, str]]:
        return words.language_choices(self.page.district.languages)

    @property
    def outcomes(self) -> list[tuple[str, Any]]:
        return list(VisitOutcome.choices)

    def plan_values(self) -> dict[str, Any]:
        if self.visit is None:
            return {"reason": "designated", "mode": "in_person"}
        starts = localtime(self.visit.starts_at) if self.visit.starts_at else None
        ends = localtime(self.visit.ends_at) if self.visit.ends_at else None
        return self._shared() | {
            "visitor": str(self.visit.visitor_id or ""),
            "day": starts.date() if starts else None,
            "starts": starts.time() if starts else None,
            "ends": ends.time() if ends else None,
        }

    def record_values(self) -> dict[str, Any]:
        """What the form begins with: today, and what was planned."""
        begin: dict[str, Any] = {"on": self.page.on, "reason": "designated", "mode": "in_person"}
        if self.visit is None:
            return begin | {"was_scheduled": "no"}
        is_scheduled = self.visit.state == VisitState.SCHEDULED
        return begin | self._shared() | {"was_scheduled": "yes" if is_scheduled else "no"}

    def _shared(self) -> dict[str, Any]:
        assert self.visit is not None  # noqa: S101 (for the type checker; both callers have looked)
        partner = self.visit.co_visitor_id
        if partner == self.page.user.pk:
            partner = self.visit.visitor_id
        return {
            "reason": self.visit.reason,
            "reason_words": self.visit.reason_words,
            "mode": self.visit.mode,
            "co_visitor": str(partner or ""),
        }


def open_visit_file(page: Page, student_id: str = "", visit_id: int | None = None) -> VisitFile:
    """The student and the visit, or Http404 as if there were none."""
    visit = None
    if visit_id is not None:
        people = HomeVisit.objects.select_related("student__school", "visitor", "co_visitor", "recorded_by")
        visit = get_object_or_404(people.exclude(state=VisitState.WITHDRAWN), pk=visit_id)
        student_id = visit.student_id
    seen = sight(page.user, student_id, page.on)
    if seen is None or not seen.relations & ACTIONS["see_visits"]:
        raise Http404
    student = visit.student if visit else get_object_or_404(Student.objects.select_related("school"), pk=student_id)
    return VisitFile(page, student, seen, visit)


def people_for(student: Student, on: Any) -> list[tuple[str, str]]:
    """Who may be named as a visitor: those who record visits and see this student. One query."""
    acting = ACTIONS["record_visit"]
    reach = (
        Q(object_kind=Grant.Kind.DISTRICT, relation__in=acting & set(relations_of_scope("D")))
        | Q(
            object_kind=Grant.Kind.SCHOOL,
            object_id=student.school_id or "",
            relation__in=acting & set(relations_of_scope("S")),
        )
        | Q(
            object_kind=Grant.Kind.STUDENT,
            object_id=student.pk,
            relation__in=acting & set(relations_of_scope("O")),
        )
    )
    held = Grant.objects.in_force(on).filter(reach)
    people = User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("full_name", "email")
    return [(str(person.pk), str(person)) for person in people]


def adults_of(student_ids: Iterable[str]) -> dict[str, list[Contact]]:
    """The adults of families the reader visits today, in their order: every role that visits reads them, and where
    they live, on that day.
    """
    found: dict[str, list[Contact]] = {}
    rows = Contact.objects.filter(student_id__in=list(student_ids)).exclude(may_contact=False).order_by("priority")
    for row in rows:
        found.setdefault(row.student_id, []).append(row)
    return found


def chosen_person(key: str) -> User | None:
    """The person a form names; the form has checked the key against those who may be named."""
    return User.objects.filter(pk=int(key)).first() if key else None
