"""Letters as the desk and a student's timeline show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from allpresent.casework.models import Letter
from allpresent.casework.models.letters import LetterState
from allpresent.casework.permissions import local_day
from allpresent.roster.models import Contact, Student

from .student import Event


def letter_counts(students: QuerySet[Student]) -> dict[str, int]:
    """Letters by state. One query."""
    rows = Letter.objects.filter(student__in=students.values("pk")).values("state").order_by("state")
    return {row["state"]: row["n"] for row in rows.annotate(n=Count("pk"))}


def letters_in(students: QuerySet[Student], states: Iterable[str]) -> QuerySet[Letter]:
    """The letters in some states with all a page shows, in the order they are handed out: school, room, name."""
    people = ("student", "school", "verified_by", "approved_by", "mailed_by", "ended_by", "batch")
    rows = Letter.objects.filter(state__in=list(states), student__in=students.values("pk")).select_related(*people)
    return rows.order_by("school__name", "student__homeroom", "student__full_name", "pk")


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A print file with letters still to mail."""

    batch_id: int
    language: str
    made_on: date
    letters: int


def batches_to_mail(students: QuerySet[Student]) -> list[BatchLine]:
    """The print files whose letters have not all left, newest first. One query."""
    waiting = Letter.objects.filter(state=LetterState.PRODUCED, student__in=students.values("pk"))
    rows = waiting.values("batch_id", "batch__language", "batch__made_on").order_by("-batch_id")
    counted = rows.annotate(n=Count("pk"))
    return [BatchLine(row["batch_id"], row["batch__language"], row["batch__made_on"], row["n"]) for row in counted]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a letter goes: the address, one line of it a line, or that it is protected, or neither."""

    address: str = ""
    is_protected: bool = False


def homes_of(letters: Iterable[Letter]) -> dict[int, Home]:
    """Where each letter goes by what is delivered today. One query; it is for those who read addresses (D2)."""
    held = list(letters)
    rows = Contact.objects.filter(student_id__in={row.student_id for row in held})
    homes: dict[tuple[str, str], Home] = {}
    for row in rows.filter(contact_id__in={row.contact_id for row in held} - {""}).order_by("pk"):
        if row.address or row.address_protected:
            homes.setdefault((row.student_id, row.contact_id), Home(row.address, row.address_protected))
    return {row.pk: homes.get((row.student_id, row.contact_id), Home()) for row in held}


def delivers_addresses() -> bool:
    """Whether the information system delivers any address. One query."""
    return Contact.objects.exclude(address="").exists()


def letter_events(student_id: str) -> list[Event]:
    """What happened to the student's letters: verified or held, mailed, come back, stopped. One query."""
    people = ("verified_by", "mailed_by", "ended_by")
    rows = Letter.objects.filter(student_id=student_id).select_related(*people).order_by("pk")
    return [event for row in rows for event in _events(row)]


def _events(row: Letter) -> Iterable[Event]:
    detail: dict[str, Any] = {"letter_id": row.pk, "letter": row.kind, "channel": row.channel}
    first = "held" if row.state == LetterState.HELD else "verified"
    on, by = local_day(row.verified_at), str(row.verified_by)
    yield Event(on, "letter", row.verified_at, by, detail=detail | {"act": first}, by_id=row.verified_by_id)
    if row.mailed_on:
        by, told = str(row.mailed_by), detail | {"act": "mailed"}
        yield Event(row.mailed_on, "letter", row.mailed_at, by, detail=told, by_id=row.mailed_by_id)
    if row.ended_on:
        by, told = str(row.ended_by) if row.ended_by else "", detail | {"act": row.state}
        yield Event(row.ended_on, "letter", row.ended_at, by, text=row.reason, detail=told, by_id=row.ended_by_id)
