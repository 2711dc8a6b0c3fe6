"""A team's meetings gathered for the pages: its list, its agenda, one child, its people, its minutes."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent import access
from allpresent.access.grants import schools_for, sight
from allpresent.casework import meetings as acts
from allpresent.casework import queries
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.models import CaseStep, Meeting, MeetingDecision, MeetingItem
from allpresent.casework.models.steps import StepState
from allpresent.casework.queries import meetings as asked
from allpresent.casework.queries import open_work
from allpresent.reports.minutes import Minutes, MinutesCase, render_minutes
from allpresent.roster.models import School, Student
from allpresent.web.page import Page
from allpresent.web.presenters import meetings as told
from allpresent.web.presenters.levels import level_badge
from allpresent.web.presenters.lines import SchoolClock, make_lines, step_words
from allpresent.web.presenters.timeline import Reader, timeline

DISTRICT = "district"
_EVENTS, _EARLIER = 8, 6


class Room:
    """One team, as a person of it sees it; Http404 for a team the person does not hold meetings of."""

    def __init__(self, page: Page, key: str) -> None:
        self.page = page
        keys = [team.key for team in self.teams]
        self.key = key or (keys[0] if keys else "")
        if self.key not in keys:
            raise Http404

    @cached_property
    def schools(self) -> list[School]:
        """The schools whose meetings the person holds."""
        return list(schools_for(self.page.user, acts.ACTION, self.page.on).order_by("name", "school_id"))

    @cached_property
    def has_district(self) -> bool:
        """Whether the person holds the district's own."""
        return acts.may_run(self.page.user, None, self.page.on)

    @cached_property
    def teams(self) -> list[told.Team]:
        """The teams to choose from: the schools', and for the district's people their own first."""
        schools = [told.Team(school.pk, school.name) for school in self.schools]
        return [*([told.Team(DISTRICT, told.team_name(None))] if self.has_district else []), *schools]

    @property
    def school_id(self) -> str | None:
        """The team's school; None for the district's."""
        return None if self.key == DISTRICT else self.key

    @property
    def name(self) -> str:
        """What the team is called."""
        return next(team.name for team in self.teams if team.key == self.key)

    @cached_property
    def last_at(self) -> datetime | None:
        """When the team's last meeting began."""
        return asked.last_meeting_at(self.school_id)

    @cached_property
    def agenda(self) -> list[asked.AgendaLine]:
        """Everybody the team should speak of, most pressing first."""
        from allpresent.measures import school_days

        page = self.page
        if page.facts is None or page.as_of is None:
            return []
        days = school_days(page.facts, page.as_of, self.school_id)[-10:]
        silent_since = days[0] if days else page.on
        return asked.make_agenda(page.user, page.on, self.school_id, self.last_at, silent_since)

    def start(self, key: str) -> Meeting:
        """Begin the meeting with the list as it stands, as long as one sitting can hold."""
        lines, page = self.agenda, self.page
        if page.facts is None or page.as_of is None:
            raise Http404
        year, most = page.facts.school_year(page.on), asked.AGENDA_MAX
        left_out = max(0, len(lines) - most)
        return acts.start_meeting(page.user, self.school_id, lines[:most], left_out, year, key, page.now)

    def preview(self, lines: list[asked.AgendaLine], *, is_hidden: bool) -> list[told.AgendaRow]:
        """The list before the meeting; it and what waits are written down as read, a row a student."""
        page, shown = self.page, lines[: asked.AGENDA_MAX]
        ids = {line.student_id for line in shown} | {row.student_id for row in self.due}
        access.audited_read(page.user, "meeting.listed", Student.objects.filter(pk__in=ids), at=page.now)
        return [
            told.AgendaRow(
                0,
                told.shown_name(line.full_name, is_hidden),
                line.level,
                told.reasons_words(line.reasons),
                is_discussed=False,
                url="" if is_hidden else reverse("web:student", args=[line.student_id]),
            )
            for line in shown
        ]

    @cached_property
    def held(self) -> list[Meeting]:
        """The team's meetings of this school year, newest first."""
        year = self.page.facts.school_year(self.page.on) if self.page.facts else 0
        ids = [self.school_id] if self.school_id else []
        return asked.meetings_of(ids, with_district=self.school_id is None, year=year)

    @cached_property
    def open(self) -> Meeting | None:
        """The meeting that is going on."""
        return next((row for row in self.held if row.ended_at is None), None)

    @cached_property
    def due(self) -> list[asked.Due]:
        """What was agreed and waits, of everybody, about the students of the team."""
        rows = asked.decisions_due(self.page.user, self.page.on, everybody=True)
        if self.school_id is None:
            return rows
        own = set(Student.objects.filter(school_id=self.school_id).values_list("pk", flat=True)) if rows else set()
        return [row for row in rows if row.student_id in own]

    def rows(self, meeting: Meeting, *, is_hidden: bool) -> list[told.AgendaRow]:
        """The agenda in its order with what was decided; each student read is written down."""
        page = self.page
        items = asked.items_of(meeting, page.user, page.on)
        access.audited_read(page.user, "meeting.listed", [item.student for item in items], at=page.now)
        rows = []
        for item in items:
            lines = [
                told.decision_line(row, page.on, can_take_back=acts.can_take_back(page.user, row, page.now))
                for row in item.decisions.all()
            ]
            rows.append(told.agenda_row(item, lines, is_hidden))
        return rows

    def members(self) -> list[tuple[int, str]]:
        """People of the team with a sign-in, offered as present."""
        found = open_work.people_for(self.school_id, self.page.on) if self.school_id else []
        own = (self.page.user.pk, self.page.user.get_full_name())
        return found if own in found else [own, *found]


def room_of(page: Page, meeting_id: int) -> tuple[Room, Meeting]:
    """A meeting and its team; Http404 for a person who is not of it."""
    try:
        meeting = acts.find_meeting(page.user, meeting_id, page.on)
    except NotVisibleError as error:
        raise Http404 from error
    return Room(page, meeting.school_id or DISTRICT), meeting


def find_item(page: Page, item_id: int) -> MeetingItem:
    """A student on an agenda; Http404 for anybody but the team, and for a student not visible."""
    item = MeetingItem.objects.select_related("meeting", "student__school").filter(pk=item_id).first()
    if item is None or not acts.may_run(page.user, item.meeting.school_id, page.on):
        raise Http404
    return item


@dataclass(eq=False)
class Child:
    """One student of the agenda as the meeting sees them."""

    page: Page
    item: MeetingItem
    is_hidden: bool

    def __post_init__(self) -> None:
        seen = sight(self.page.user, self.item.student_id, self.page.on)
        if seen is None:
            raise Http404
        self.seen = seen

    @property
    def student(self) -> Student:
        return self.item.student

    @property
    def name(self) -> str:
        """The name, or its initials on a projector."""
        return told.shown_name(self.student.full_name, self.is_hidden)

    def context(self) -> dict[str, Any]:
        """All the page shows of the child."""
        page, item = self.page, self.item
        agenda = list(asked.order_of(item.meeting, page.user, page.on))
        happened = queries.timeline(self.student.pk)
        decisions = asked.decisions_of(happened)
        place = next((n for n, one in enumerate(agenda) if one.pk == item.pk), 0)
        return {
            "item": item,
            "meeting": item.meeting,
            "is_open": item.meeting.ended_at is None,
            "elapsed": told.seconds_since(item.meeting.started_at, page.now),
            "is_hidden": self.is_hidden,
            "name": self.name,
            "level": item.level,
            "reasons": told.reasons_words(item.reasons.split()),
            "line": self._line(),
            "events": self._events(happened),
            "steps": self._steps(),
            "made": self._made(decisions),
            "earlier": [told.decision_line(row, page.on) for row in decisions if row.item_id != item.pk][:_EARLIER],
            "place": place + 1,
            "count": len(agenda),
            "previous": self._url(agenda, place - 1),
            "next": self._url(agenda, place + 1),
            "owners": self._owners(),
            "due_on": (page.on + told.DEFAULT_DUE).isoformat(),
        }

    def _url(self, agenda: list[MeetingItem], place: int) -> str:
        return reverse("web:meeting_item", args=[agenda[place].pk]) if 0 <= place < len(agenda) else ""

    def _line(self) -> Any:
        page, pk = self.page, self.student.pk
        contacts = open_work.last_contacts([pk]) if self.seen.reads("D6") else {}
        lines = make_lines(page, [self.student], contacts, {}, lambda key: reverse("web:student", args=[key]))
        return told.hidden_line(lines[pk], self.is_hidden)

    def _events(self, happened: list[queries.Event]) -> tuple[Any, ...]:
        reader = Reader(
            user_id=self.page.user.pk,
            now=self.page.now,
            reads_all=self.seen.reads("D6"),
            reads_own=self.seen.reads("D6", "own"),
            reads_reasons=self.seen.reads("D4"),
            reads_mentors=self.seen.reads("D9"),
            reads_referrals=self.seen.reads("D10"),
        )
        lines = timeline(happened, reader)
        return told.hidden_events(lines[:_EVENTS], self.is_hidden)

    def _steps(self) -> list[Any]:
        """What is promised and open, with its day."""
        rows = CaseStep.objects.filter(case__student_id=self.student.pk, state=StepState.OPEN).order_by("due_on", "pk")
        clock = SchoolClock(self.page)
        shown = [open_work.StepShown(row.label_en, row.label_es, row.due_on, self.student.school_id) for row in rows]
        return [step_words(one, clock) for one in shown]

    def _made(self, decisions: list[MeetingDecision]) -> list[told.DecisionLine]:
        """What this meeting decided for the child, in its order."""
        page, own = self.page, [row for row in reversed(decisions) if row.item_id == self.item.pk]
        return [
            told.decision_line(row, page.on, can_take_back=acts.can_take_back(page.user, row, page.now)) for row in own
        ]

    def _owners(self) -> list[tuple[int, str]]:
        """Who may be given the work: whoever leads the meeting, and the school's people."""
        people = open_work.people_for(self.student.school_id, self.page.on) if self.student.school_id else []
        own = (self.page.user.pk, self.page.user.get_full_name())
        return [own, *(one for one in people if one != own)]


def minutes_of(room: Room, meeting: Meeting, rows: list[told.AgendaRow]) -> bytes:
    """The minutes as PDF, in the reader's language."""
    spoken = [row for row in rows if row.is_discussed]
    cases = tuple(MinutesCase(_head(row), row.reasons, tuple(_words(one) for one in row.decisions)) for row in spoken)
    return render_minutes(
        Minutes(
            title=_("Minutes: %(team)s, %(day)s") % {"team": room.name, "day": date_format(meeting.on, _("j F Y"))},
            district=room.page.district.name,
            lead=_("From %(start)s to %(end)s.")
            % {"start": told.clock_words(meeting.started_at), "end": told.clock_words(meeting.ended_at)}
            + " "
            + ngettext("%(spoken)d student was spoken of.", "%(spoken)d students were spoken of.", len(spoken))
            % {"spoken": len(spoken)},
            present_head=_("Present"),
            present=tuple(f"{one.name} · {one.get_part_display()}" for one in meeting.members.order_by("pk")),
            cases_head=_("Students and decisions"),
            cases=cases,
            none=_("No student was spoken of."),
            note=_("These minutes name students and are part of their education records."),
            language="es" if told.is_spanish() else "en",
        )
    )


def _head(row: told.AgendaRow) -> str:
    badge = level_badge(row.level)
    return f"{row.name} · {badge.key} {badge.word}" if badge else row.name


def _words(line: told.DecisionLine) -> str:
    due = line.due_day and _("by %(day)s") % {"day": line.due_day}
    parts = (line.label, line.words, line.owner, due, line.outcome)
    return " · ".join(part for part in parts if part)
