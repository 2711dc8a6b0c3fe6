"""Everything a call sheet needs, read once and turned into words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.access.grants import Sight
from allpresent.casework import queries
from allpresent.casework.models import CaseStep, ContactAttempt, ContactCause
from allpresent.casework.models.contacts import Need, NextAct, Result
from allpresent.casework.numbers import NumberHealth, health_of, phone_key
from allpresent.casework.queries import open_work
from allpresent.casework.queries.call_lists import call_list_events
from allpresent.casework.queries.households import group_families
from allpresent.casework.queries.routes import route_for
from allpresent.casework.queries.student import Number
from allpresent.roster.models import Contact, Student
from allpresent.web.forms.contact import NEEDS
from allpresent.web.household import household_of
from allpresent.web.page import Page
from allpresent.web.presenters import call_sheet as sheets
from allpresent.web.presenters.call_lists import in_list_words
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.grounds import Grounds, grounds_of
from allpresent.web.presenters.levels import level_badge
from allpresent.web.presenters.lines import SchoolClock, step_words
from allpresent.web.presenters.shares import days as exact_days
from allpresent.web.presenters.shares import days_words
from allpresent.web.presenters.standing import StandingRow, standing_rows
from allpresent.web.presenters.strips import ABSENT_STATES, day_words, make_strip
from allpresent.web.routing import next_number, route_of
from allpresent.web.spoken import family_language, script_cards, script_key, spoken_days

_HISTORY_SHOWN = 8


@dataclass(frozen=True)
class Queue:
    """Where the sheet stands among the families the caller is to call; ``place`` is 0 for one not among them."""

    families: tuple[tuple[str, ...], ...]
    student_id: str

    @classmethod
    def of(cls, calls: Iterable[open_work.OpenCall], student_id: str) -> "Queue":
        """The queue of a caller's open calls, brothers and sisters together."""
        households = {call.student_id: call.household_id for call in calls}
        return cls(tuple(group_families(households, households)), student_id)

    @property
    def place(self) -> int:
        """1 for the first of the queue, 0 for a student not in it."""
        return next((place for place, ids in enumerate(self.families, start=1) if self.student_id in ids), 0)

    @property
    def next_id(self) -> str | None:
        """The first child of the next family to call after this one; from the end back to the first."""
        others = [ids for ids in self.families if self.student_id not in ids]
        if not others:
            return None
        return others[(self.place - 1) % len(others)][0] if self.place else others[0][0]

    @property
    def words(self) -> str:
        """2 of 6; blank for a student not in the queue."""
        if not self.place:
            return ""
        return _("%(place)d of %(total)d") % {"place": self.place, "total": len(self.families)}


def _history(page: Page, student_id: str, seen: Sight) -> tuple[sheets.Attempt, ...]:
    rows = ContactAttempt.objects.filter(student_id=student_id, undone_at=None)
    if not seen.reads("D6"):  # own entries alone
        rows = rows.filter(by=page.user)
    rows = rows.select_related("by").order_by("-at", "-pk")[:_HISTORY_SHOWN]
    return tuple(
        sheets.Attempt(
            day_words(row.on),
            " · ".join(part for part in (row.get_result_display(), row.contact_name, str(row.by)) if part),
        )
        for row in rows
    )


def _figures(row: StandingRow | None, grounds: Grounds | None) -> tuple[Figure | str, Figure | str]:
    """5 of 44 days, and chronic today (11.4%)."""
    if row is None or grounds is None:
        return _("no school day reported yet"), ""
    words = {"absent": days_words(row.days_absent), "days": row.days_reported}
    days = grounds.figure(
        _("%(absent)s of %(days)d days") % words,
        _("Days absent"),
        _("All days absent, excused and unexcused, of the school days on which attendance was reported."),
        of_protocol=True,
        counted=_("this student"),
        excluded=row.unreported_words,
    )
    if not row.is_chronic:
        return days, ""
    chronic = grounds.figure(
        _("chronic today (%(rate)s)") % {"rate": row.rate},
        _("Chronically absent so far"),
        _("Absent on at least one tenth of the days reported, and at least %(days)d days reported.")
        % {"days": grounds.minimum_days},
        counted=_("%(absent)s of %(days)d days") % words,
    )
    return days, chronic


def _options(pairs: Sequence[tuple[str, Any]], chosen: str) -> tuple[sheets.Option, ...]:
    return tuple(sheets.Option(key, str(label), key == chosen) for key, label in pairs)


def student_page_url(student_id: str) -> str:
    """The student's page, while there is one."""
    try:
        return reverse("web:student", args=[student_id])
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class Attendance:
    """What the record says of the student: the standing, the year so far, and the last twenty school days."""

    row: StandingRow | None
    year: tuple[tuple[date, str], ...] = ()
    recent: tuple[tuple[date, str], ...] = ()

    @property
    def absent(self) -> list[date]:
        """The days absent this year."""
        return [on for on, state in self.year if state in ABSENT_STATES]


def read_attendance(page: Page, student_id: str) -> Attendance:
    """The student's attendance of the year; nothing before the first school day."""
    from allpresent.measures import last_20_days, year_grid

    row = standing_rows(page.standings, [student_id]).get(student_id)
    if row is None or page.facts is None or page.as_of is None:
        return Attendance(row)
    year = year_grid(page.facts, student_id, page.as_of)
    recent = last_20_days(page.facts, page.as_of, [student_id]).get(student_id, [])
    return Attendance(row, tuple(day for day in year if day[1] != "future"), tuple(recent))


def make_sheet(page: Page, student: Student, seen: Sight, queue: Queue, values: Mapping[str, Any]) -> sheets.CallSheet:
    """The call sheet of a visible student. ``values`` are what the form was sent with, empty the first time, or what
    the entry just taken back held.
    """
    attendance = read_attendance(page, student.pk)
    step = open_work.open_call(student.pk)
    numbers = queries.number_health(student.pk)
    route = route_for(student.pk, None if seen.reads("D6") else page.user)
    suggested = next_number(route, numbers)
    return sheets.CallSheet(
        student_id=student.pk,
        name=student.full_name,
        given_name=student.given_name,
        why=seen.why,
        household=household_of(page, student, step, values),
        route=route_of(page, student, seen, route, step, suggested),
        numbers=sheets.number_cards(
            numbers, page.on, values.get("contact") or "", suggested=phone_key(suggested.phone) if suggested else ""
        ),
        **_about(page, attendance, step),
        **_tried(page, student.pk, seen),
        **_said(page, student, attendance, step, values.get("language") or family_language(student, numbers)),
        **_asked(student, values),
        **_ways(page, student.pk, queue),
    )


def _about(page: Page, attendance: Attendance, step: CaseStep | None) -> dict[str, Any]:
    """Where the student stands, and what was promised."""
    days, chronic = _figures(attendance.row, grounds_of(page) if page.version else None)
    words = step_words(step, SchoolClock(page))
    return {
        "level": attendance.row.level if attendance.row else None,
        "days": days,
        "chronic": chronic,
        "strip": make_strip(attendance.recent),
        "absent_words": sheets.absent_words(attendance.absent),
        "step_words": words.next_step,
        "due": words.due,
        "late": words.late,
    }


def _tried(page: Page, student_id: str, seen: Sight) -> dict[str, Any]:
    history = _history(page, student_id, seen)
    words = ngettext("%(count)d earlier try", "%(count)d earlier tries", len(history))
    listed = in_list_words(call_list_events(student_id), page.on) if seen.reads("D6") else ""
    return {"history": history, "history_words": words % {"count": len(history)}, "listed_words": listed}


def _said(page: Page, student: Student, attendance: Attendance, step: CaseStep | None, language: str) -> dict[str, Any]:
    """What to say, in every language there is, the family's first."""
    row = attendance.row
    badge = level_badge(step.level if step else row.level if row else None)
    spoken = spoken_days(attendance.year, open_work.reached_on(student.pk))
    missed = int(exact_days(row.days_absent)) if row else 0
    key = script_key(page, step, row.level if row else None)
    return {
        "script_level": badge.number if badge else 2,
        "scripts": script_cards(page, key, student.given_name, spoken, missed, language),
        "no_script": _("The protocol has no script for this call. Ask how things are, and what would help."),
    }


def _asked(student: Student, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked about the call, with what was chosen before."""
    top, families, is_more = sheets.cause_options(values.get("causes") or ())
    return {
        "results": _options(Result.choices, values.get("result") or ""),
        "why_out": _("Why was %(name)s out?") % {"name": student.given_name},
        "top_causes": top,
        "cause_families": families,
        "more_open": is_more,
        "is_same_reason": bool(values.get("same_reason")),
        "needs": _options([(key, Need(key).label) for key in NEEDS], values.get("need") or ""),
        "next_acts": _options([pair for pair in NextAct.choices if pair[0]], values.get("next_act") or ""),
        "note_open": any(values.get(name) for name in ("note", "next_act", "next_on")),
    }


def _ways(page: Page, student_id: str, queue: Queue) -> dict[str, Any]:
    """Where to go from here."""
    return {
        "position": queue.words,
        "has_next": queue.next_id is not None,
        "back_url": reverse("web:calls"),
        "post_url": reverse("web:call_sheet", args=[student_id]),
        "skip_url": reverse("web:call_sheet", args=[queue.next_id]) if queue.next_id else "",
        "student_url": student_page_url(student_id),
        "draft_key": f"{page.user.pk}:{student_id}",
    }


def values_of(attempt: ContactAttempt) -> dict[str, Any]:
    """What a form was sent with, from the entry it made: taken back, it is to be corrected, not typed again."""
    also = ContactAttempt.objects.filter(lead=attempt, by_id=attempt.by_id, undone_at=attempt.undone_at)
    causes = list(attempt.causes.values_list("cause", flat=True))
    return {
        "contact": f"{attempt.contact_id}:{attempt.phone_key}" if attempt.phone_key else "",
        "language": attempt.language,
        "result": attempt.result,
        "need": attempt.need,
        "next_act": attempt.next_act,
        "next_on": attempt.next_on,
        "note": attempt.note,
        "causes": causes,
        "also": list(also.values_list("student_id", flat=True)),
        "same_reason": bool(causes) and ContactCause.objects.filter(attempt__in=also).exists(),
    }


def chosen_number(student_id: str, mark: str) -> Number | None:
    """The person and number of a mark the sheet gave out; nothing for a mark that is not this student's."""
    return next((one for one in queries.number_health(student_id) if mark and sheets.number_mark(one) == mark), None)


def numbers_of(student_ids: Iterable[str], on: date) -> dict[str, tuple[sheets.NumberCard, ...]]:
    """The numbers of many families, two queries for all of them."""
    contacts = list(Contact.objects.filter(student_id__in=list(student_ids)).exclude(may_contact=False))
    health = health_of(contact.phone for contact in contacts)
    by_student: dict[str, list[Number]] = {pk: [] for pk in student_ids}
    for one in contacts:
        known = health.get(phone_key(one.phone), NumberHealth())
        number = Number(one.contact_id, one.full_name, one.relationship, one.language, one.phone, known)
        by_student[one.student_id].append(number)
    return {pk: sheets.number_cards(numbers, on) for pk, numbers in by_student.items()}
