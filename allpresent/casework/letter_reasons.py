"""Which letters are called for, to whom each would speak, and what speaks against sending it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from allpresent.policy.letters import language_code
from allpresent.roster.models import Contact, Student

from .letter_calls import Call, find_calls
from .letter_ground import Ground
from .letter_recipients import Recipient, recipients_of
from .models import Letter
from .models.letters import IN_HOUSE, LetterKind, LetterState
from .queries.kept import school_days_before

__all__ = ["Candidate", "Ground", "find_candidates"]

RECENT = 10  # school days between two letters to one family
# What stops a letter; everything else is said and left to the person who verifies.
BLOCKING = frozenset({"left", "opted_out"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A letter that is called for: to whom, why, what it would say, and flags that speak against it."""

    student: Student
    kind: str
    step_key: str
    reason: Mapping[str, Any]  # level and crossed_on, or truant_on and meeting_due_on, or missed of the last days
    due_on: date | None
    standing: Mapping[str, Any]
    days: tuple[date, ...]
    recipients: tuple[Recipient, ...]  # those who have no such letter yet
    reason_key: str
    flags: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.student.pk, self.kind

    @property
    def is_plain(self) -> bool:
        """Nothing about it asks for a second look: it may be verified with all others like it."""
        return not set(self.flags) - {"no_address"}

    @property
    def is_blocked(self) -> bool:
        return bool(BLOCKING & set(self.flags))


def find_candidates(
    students: QuerySet[Student], ground: Ground, but_for: Iterable[str] = IN_HOUSE, *, is_written: bool = False
) -> list[Candidate]:
    """The letters called for, the one due first on top. Six queries; one more where a letter asks for its meeting.

    A recipient whose letter of the kind is in one of the states ``but_for`` is left out, and so is a letter nobody is
    left to get. With ``is_written`` the reasons of letters already written are found, whoever they went to.
    """
    letters = _letters(students, ground)
    calls = find_calls(students, ground, letters, is_written=is_written)
    states = () if is_written else set(but_for)
    answered = {(row.student_id, row.kind, row.contact_id) for row in letters if row.state in states}
    ids = {key for key, _call in calls}
    people = {row.pk: row for row in students.filter(pk__in=ids).select_related("school")}
    make = _Maker(ground, letters, people)
    to_make = []
    for key, call in calls:
        if key not in people:
            continue
        all_of_them = make.recipients(people[key])
        # A letter to the family as such answers for whoever was delivered since.
        told = {contact for student, kind, contact in answered if (student, kind) == (key, call.kind)}
        left = () if "" in told else tuple(one for one in all_of_them if not told & one.contact_ids)
        if left or not (told or all_of_them):
            to_make.append((key, call, left))
    make.called = Counter(key for key, _call, _left in to_make)
    found = [make.candidate(people[key], call, left) for key, call, left in to_make]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.student.full_name, one.student.pk, one.kind))


def _letters(students: QuerySet[Student], ground: Ground) -> list[Letter]:
    rows = Letter.objects.filter(school_year=ground.school_year, student_id__in=students.values("pk"))
    return list(rows.only("student_id", "kind", "state", "mailed_on", "contact_id", "as_of"))


class _Maker:
    """Looks up all that candidates need at once, and makes each."""

    def __init__(self, ground: Ground, letters: list[Letter], people: Mapping[str, Student]) -> None:
        self.called: Mapping[str, int] = {}
        self.as_of = ground.as_of
        self.letters: dict[str, list[Letter]] = {}
        for letter in letters:
            self.letters.setdefault(letter.student_id, []).append(letter)
        self.standings = ground.rows(people)
        self.days = ground.days_missed(people)
        self.unexcused = ground.days_missed(people, only_unexcused=True)
        self.recent_from = school_days_before(ground.facts, ground.as_of, RECENT)
        self.contacts: dict[str, list[Contact]] = {}
        for contact in Contact.objects.filter(student_id__in=list(people)):
            self.contacts.setdefault(contact.student_id, []).append(contact)

    def candidate(self, student: Student, call: Call, recipients: tuple[Recipient, ...]) -> Candidate:
        days = self.unexcused if call.kind == LetterKind.TRUANCY else self.days
        return Candidate(
            student=student,
            kind=str(call.kind),
            step_key=call.step_key,
            reason=call.reason,
            due_on=call.due_on,
            standing=self.standings.get(student.pk, {}),
            days=days.get(student.pk, ()),
            recipients=recipients,
            reason_key=call.reason_key,
            flags=tuple(self._flags(student, call, recipients)),
        )

    def recipients(self, student: Student) -> tuple[Recipient, ...]:
        return recipients_of(self.contacts.get(student.pk, ()), student.language)

    def _flags(self, student: Student, call: Call, recipients: tuple[Recipient, ...]) -> Iterable[str]:
        row = self.standings.get(student.pk, {})
        if not student.is_enrolled or not row:
            yield "left"
        if not recipients:
            yield "opted_out"
        if not self.contacts.get(student.pk):
            yield "no_contact"
        noticed = call.reason.get("noticed_days")
        if noticed is not None and row and Decimal(row["days_absent"]) < noticed:
            yield "corrected"
        meeting = call.reason.get("meeting_due_on")
        if meeting is not None and meeting <= self.as_of:
            yield "meeting_past"
        if self.called[student.pk] > 1:
            yield "together"
        yield from self._other_letters(student.pk, call.kind)
        people = [one for to in recipients for one in to.people]
        if any(one.spoken and not language_code(one.spoken) for one in people):
            yield "language"
        if any(one.is_protected for one in people):
            yield "protected"
        if any(not one.address and not one.is_protected for one in people):
            yield "no_address"

    def _other_letters(self, student_id: str, kind: str) -> Iterable[str]:
        mine = self.letters.get(student_id, [])
        if any(row.mailed_on and self._is_recent(row.mailed_on) for row in mine):
            yield "recent"
        if any(row.state in IN_HOUSE and row.kind != kind for row in mine):
            yield "in_house"
        if any(row.state == LetterState.PULLED_BACK and row.kind == kind for row in mine):
            yield "pulled_back"

    def _is_recent(self, mailed_on: date) -> bool:
        return self.recent_from is None or mailed_on >= self.recent_from
