"""The desk of an attendance team: what is gathered for Today, and who it may be about."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from allpresent import access
from allpresent.access.grants import schools_for
from allpresent.casework.queries import open_work
from allpresent.casework.queries.routes import routes_for
from allpresent.roster.models import School, Section, Student
from allpresent.web.page import Page
from allpresent.web.presenters import today as desk
from allpresent.web.presenters import today_lists as lists
from allpresent.web.presenters.lines import make_lines
from allpresent.web.presenters.routes import route_words
from allpresent.web.presenters.shares import days as exact_days
from allpresent.web.presenters.strips import day_list
from allpresent.web.presenters.student_line import StudentLine
from allpresent.web.presenters.today_choice import KINDS, Choice

ACTION = "see_today"
LOOKED = "today.looked"
SILENT_SCHOOL_DAYS = 10
_LOOK_GAP = timedelta(hours=4)  # opening the page again in the same morning is the same look


class Scope:
    """The students one person's desk is about, today, and what is known of them."""

    def __init__(self, page: Page, choice: Choice, action: str = ACTION) -> None:
        self.page = page
        self.choice = choice
        self.action = action  # what the person does at the desk: it may be for fewer students than are seen there

    @cached_property
    def schools(self) -> list[School]:
        """The schools at which the person works at the desk."""
        return list(schools_for(self.page.user, self.action, self.page.on))

    @cached_property
    def school_id(self) -> str | None:
        """The one school looked at, or nothing for all of the person's."""
        if len(self.schools) == 1:
            return self.schools[0].pk
        chosen = self.choice.school_id
        return chosen if any(school.pk == chosen for school in self.schools) else None

    @cached_property
    def _students(self) -> list[tuple[str, str, str]]:
        """Id, name and household of the desk's students: who they are is asked once, all else is held against it."""
        chosen = self.school_id if len(self.schools) > 1 else None
        students = open_work.students_for(self.page.user, self.action, self.page.on, chosen)
        return list(students.order_by().values_list("pk", "full_name", "household_id"))

    @cached_property
    def names(self) -> dict[str, str]:
        """The students of the desk by id, with their names."""
        return {pk: name for pk, name, _household in self._students}

    @cached_property
    def households(self) -> dict[str, str]:
        """The household of each student of the desk; blank where none was delivered."""
        return {pk: household for pk, _name, household in self._students}

    @cached_property
    def cases(self) -> list[open_work.CaseOf]:
        """Every case of theirs, asked once for the steps and for the silent."""
        return open_work.cases_of(self.names.keys())

    @cached_property
    def steps(self) -> list[open_work.OpenStep]:
        """Every open step of theirs, the most urgent first."""
        return open_work.open_steps(self.cases)

    @cached_property
    def reached(self) -> dict[str, date]:
        """The day each family was last reached."""
        return open_work.reached_days(self.names.keys())

    @cached_property
    def standings(self) -> pa.Table | None:
        """The standings of the scope's students alone."""
        table = self.page.standings
        if table is None:
            return None
        return table.filter(pc.is_in(table["student_id"], value_set=pa.array(list(self.names), pa.string())))

    @cached_property
    def places(self) -> dict[str, tuple[str, Fraction]]:
        """Level and days absent by student, for sorting by either; nothing for another order."""
        if self.standings is None or self.choice.sort not in ("level", "absent"):
            return {}
        columns = (self.standings[name].to_pylist() for name in ("student_id", "level", "days_absent"))
        return {pk: (level, exact_days(days)) for pk, level, days in zip(*columns, strict=True)}

    @cached_property
    def silent_since(self) -> date:
        """The first of the last ten school days."""
        from allpresent.measures import school_days

        if self.page.facts is None or self.page.as_of is None:
            return self.page.on
        days = school_days(self.page.facts, self.page.as_of, self.school_id)
        return days[-SILENT_SCHOOL_DAYS:][0] if days else self.page.on

    @cached_property
    def look(self) -> datetime | None:
        """When the person last looked, on an earlier occasion."""
        return open_work.last_look(self.page.user, LOOKED, self.page.now - _LOOK_GAP)

    @property
    def since_words(self) -> str:
        """Since Fri 30 Oct, 08:10; on a first look, the last school day."""
        if self.look is not None:
            return _("since you looked on %(moment)s") % {
                "moment": date_format(timezone.localtime(self.look), _("D j M, H:i"))
            }
        return _("on the last school day")

    @cached_property
    def crossed(self) -> dict[str, str]:
        """The highest level each student crossed since the last look."""
        return open_work.crossed_since(self.names.keys(), self.look, self.page.as_of)

    @cached_property
    def withdrawn(self) -> int:
        """Steps withdrawn by a correction since the last look."""
        return open_work.withdrawn_since(self.names.keys(), self.look, self.page.as_of)

    @cached_property
    def counts(self) -> dict[str, tuple[int, int]]:
        """By counter, of how many students something is open, and of how many of them overdue."""
        counted = {}
        for key, steps in self.steps_by_counter.items():
            late = {step.student_id for step in steps if self.is_late(step)}
            counted[key] = (len({step.student_id for step in steps}), len(late))
        return counted

    @cached_property
    def steps_by_counter(self) -> dict[str, list[open_work.OpenStep]]:
        """The open steps under the counter that shows their kind."""
        sorted_in: dict[str, list[open_work.OpenStep]] = {key: [] for key in KINDS}
        counter_of = {kind: key for key, kinds in KINDS.items() for kind in kinds}
        for step in self.steps:
            if step.kind in counter_of:
                sorted_in[counter_of[step.kind]].append(step)
        return sorted_in

    def is_late(self, step: open_work.OpenStep) -> bool:
        """Whether the step's day is over."""
        return step.due_on is not None and step.due_on < self.page.on

    @cached_property
    def overdue(self) -> list[open_work.OpenStep]:
        """The overdue steps of every kind."""
        return [step for step in self.steps if self.is_late(step)]

    @cached_property
    def silent(self) -> list[str]:
        """Students with an old case and steps still open, and nobody reached in the last ten school days."""
        since = self.silent_since
        old = {case.student_id for case in self.cases if case.closed_on is None and case.opened_on <= since}
        waiting = {step.student_id for step in self.steps}
        return [pk for pk in old & waiting if self.reached.get(pk, date.min) < self.silent_since]

    @cached_property
    def unreported(self) -> pa.Table | None:
        """Homerooms, sections and schools without attendance in the last days, of the person's schools."""
        from allpresent.measures import unreported_by_section

        if self.page.facts is None or self.page.as_of is None:
            return None
        facts, as_of = self.page.facts, self.page.as_of
        key = ("desk: not reported", as_of)
        table = facts.keep(key, lambda: unreported_by_section(facts, as_of))
        wanted = [self.school_id] if self.school_id else [school.pk for school in self.schools]
        return table.filter(pc.is_in(table["school_id"], value_set=pa.array(wanted, pa.string())))

    @property
    def silent_rooms(self) -> int:
        """How many of them are silent on the last school day."""
        if self.unreported is None:
            return 0
        return int(pc.sum(pc.equal(self.unreported["date"], pa.scalar(self.page.as_of))).as_py() or 0)

    @cached_property
    def depending(self) -> int:
        """Students whose level would be higher if the days not reported had been missed."""
        if self.standings is None:
            return 0
        unsure = self.standings.filter(pc.greater(self.standings["days_unreported"], 0))
        bounds, found = np.array(self.page.rules.level_bounds), 0
        for days, unreported in zip(
            unsure["days_absent"].to_pylist(), unsure["days_unreported"].to_pylist(), strict=True
        ):
            low = exact_days(days)
            found += int((bounds <= int(low + unreported)).sum()) > int((bounds <= int(low)).sum())
        return found


def entries_of(scope: Scope) -> list[lists.Entry]:
    """The entries of the chosen list, unsorted."""
    view = scope.choice.view
    if view in KINDS:
        return lists.entries_of_steps(scope.steps_by_counter[view], scope.names, scope.reached)
    if view == "overdue":
        return lists.entries_of_steps(scope.overdue, scope.names, scope.reached)
    ids = list(scope.crossed) if view == "crossed" else scope.silent
    return [lists.Entry(pk, scope.names[pk], (), scope.reached.get(pk)) for pk in ids]


def families_of(scope: Scope) -> list[lists.Entry]:
    """The entries of the chosen list in their order, brothers and sisters on one line where one act serves them."""
    entries = lists.sort_entries(entries_of(scope), scope.choice, scope.places)
    return lists.gather_families(entries, scope.choice.view, scope.households)


def lines_of(scope: Scope, entries: list[lists.Entry], action: str) -> dict[str, StudentLine]:
    """The lines of the entries shown, each student's reading written down with it."""
    page = scope.page
    ids = list(dict.fromkeys(one.student_id for entry in entries for one in entry.members))
    students = access.audited_read(
        page.user, action, Student.objects.filter(pk__in=ids).select_related("school"), at=page.now
    )
    lines = make_lines(page, students, open_work.last_contacts(ids), {}, _student_url)
    routes = routes_for(ids)
    return {pk: line.with_route(route_words(routes[pk])) for pk, line in lines.items()}


def _student_url(student_id: str) -> str:
    from allpresent.web.calling import student_page_url

    return student_page_url(student_id) or reverse("web:call_sheet", args=[student_id])


def silent_room_rows(scope: Scope) -> tuple[desk.SilentRoom, ...]:
    """The chase list in words: which room, whose, which days, how many students."""
    if scope.unreported is None:
        return ()
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in scope.unreported.to_pylist():
        grouped.setdefault((row["school_id"], row["section_id"]), []).append(row)
    schools = {school.pk: school.name for school in scope.schools}
    wanted = {section for _school, section in grouped if section}
    sections = {section.pk: section for section in Section.objects.filter(pk__in=wanted)}
    teachers = open_work.teachers_of(wanted, scope.page.on)
    rooms = [
        desk.SilentRoom(
            schools.get(school, school),
            (sections[section].name if section in sections else section) or _("the whole school"),
            ", ".join(teachers.get(section, ())),
            day_list(row["date"] for row in rows),
            max(row["students"] for row in rows),
        )
        for (school, section), rows in grouped.items()
    ]
    return tuple(sorted(rooms, key=lambda room: (room.school, -room.students, room.section)))
