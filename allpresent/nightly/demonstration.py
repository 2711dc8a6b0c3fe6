"""The demonstration: the synthetic district posted through the same nights a district has, with a fall's work in it.

Two deliveries go through the drop folder and the nightly job. Before the second, the promises of September and
October are opened as the nights of those days would have opened them, and an invented staff keeps most of them. The
people one can sign in as did theirs one by one, through the verbs of casework (the room ``fall``). A later morning
is one night more, with the files of the school days since then and nothing done in between.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

from django.db import transaction

from allpresent.access import record, sync_staff
from allpresent.access.models import User
from allpresent.casework.contacts import cause_families
from allpresent.casework.evidence import CONTACT, VERIFICATION
from allpresent.casework.models import CaseStep, ContactAttempt, ContactCause
from allpresent.casework.models.contacts import Mode, Need, NextAct, Result
from allpresent.casework.models.steps import StepState
from allpresent.casework.numbers import phone_key
from allpresent.casework.opening import open_steps
from allpresent.demo import DEMO_TODAY, STORM_DAY, last_school_day, write_files, write_later_files
from allpresent.intake import post_delivery
from allpresent.measures import Facts, open_facts, school_days
from allpresent.roster import project_roster
from allpresent.roster.models import Contact

from .fall import Living, students_in_hand
from .night import run_nightly
from .running import Progress

MARK = "demonstration.json"
# School days whose night opened the promises of the days before it.
NIGHTS = (14, 30, 40, 44)
IN_A_QUERY = 5000
FEW_DAYS = 6  # what came up lately is still being called, so that there is something left to do
MORNING = time(9, 30)  # half past four in the district, when the night is run
AFTERNOON = time(15, 30)
# What else was done, by the evidence the protocol asks for, and what the invented staff wrote beside the day.
KEPT = {
    "dated_visit": "visit at home",
    "letter_mailed": "by post",
    "plan_agreed": "agreed with the family",
    "mentor_match": "a teacher of the school",
    "accepted_referral": "accepted by the partner",
    "meeting": "school attendance team",
    "document": "student's folder",
}
NEEDS = (Need.NOTHING, Need.NOTHING, Need.TEAM, Need.TWO_ONE_ONE)


def stands_at(home: Path, students: int, seed: int) -> date | None:
    """The morning at which the demonstration of this size and seed stands; None while it is not loaded."""
    mark = home / MARK
    held = json.loads(mark.read_text("utf-8")) if mark.exists() else {}
    if (held.get("students"), held.get("seed")) != (students, seed):
        return None
    return date.fromisoformat(held.get("today", DEMO_TODAY.isoformat()))


def load_demonstration(home: Path, students: int, seed: int, progress: Progress, today: date = DEMO_TODAY) -> None:
    """Bring a home to the demonstration's morning, or on to a later one; at once when it stands there already.

    Raises DemoError for a morning that brings no new school day.
    """
    stands = stands_at(home, students, seed)
    files, drop = home / "demonstration-files", home / "drop" / "powerschool"
    if stands is None:
        write_files(files, students=students, seed=seed, progress=progress)
        _drop(files / "delivery-1", drop)
        _first_weeks(home, drop, seed, progress)
        _drop(files / "delivery-2", drop)
        _last_night(home, students, seed, DEMO_TODAY, progress)
    elif stands >= today:
        progress("The demonstration is loaded already.")
        return
    if today > DEMO_TODAY:
        later = files / "later"
        write_later_files(later, files / "delivery-2", last_school_day(today), students=students, seed=seed)
        _drop(later, drop)
        _last_night(home, students, seed, today, progress)


def _last_night(home: Path, students: int, seed: int, today: date, progress: Progress) -> None:
    run_nightly(home, today, _morning(today), progress)
    mark = {"students": students, "seed": seed, "today": today.isoformat()}
    (home / MARK).write_text(json.dumps(mark), "utf-8")


def _drop(files: Path, drop: Path) -> None:
    if drop.exists():
        shutil.rmtree(drop)
    shutil.copytree(files, drop)


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=UTC)


def _first_weeks(home: Path, drop: Path, seed: int, progress: Progress) -> None:
    """The first delivery, then night after night what it would have opened, and the work done in between."""
    today = DEMO_TODAY - timedelta(days=1)
    now = _morning(today)
    post_delivery(home, "powerschool", drop, today=today, now=now, progress=progress)
    project_roster(home, now, progress)
    sync_staff(home, today, now, is_demo=True)
    facts = open_facts(home)
    days = school_days(facts, facts.last_school_day)
    lived_to = days[0]
    for number in NIGHTS:
        day = days[min(number, len(days)) - 1]
        progress(f"The night after school day {number}: opening promised steps")
        open_steps(home, facts, day, day, _morning(day + timedelta(days=1)))
        until = days[min(number + 12, len(days)) - 1]
        work = Work(home, facts, day, until, Random(seed + number))  # noqa: S311 - an invented fall, the same each time
        work.verify_and_call()
        living = Living(home, facts, (max(day, lived_to), until), seed, STORM_DAY)
        progress(f"The weeks after it, at the schools one can sign in to: {living.live(number, DEMO_TODAY)}")
        work.keep_the_rest()
        lived_to = max(until, lived_to)
    run_nightly(home, today, now, progress)


@dataclass
class Work:
    """What the invented staff did between two nights: attendance verified, families called, some reached."""

    home: Path
    facts: Facts
    since: date
    until: date
    chance: Random

    def verify_and_call(self) -> None:
        """The first of it: attendance checked and families called, in one transaction with one audit entry."""
        if not self._days:
            return
        steps = self._open_steps()
        people = Callers()
        with transaction.atomic():
            verified = [step for step in steps if step.evidence_needed == VERIFICATION and self._does(step, 82)]
            ends = {step.pk: self._day(3) for step in verified}
            _end(verified, people, ends, reference=self.facts.delivery_id)
            reached = self._call([step for step in steps if step.evidence_needed == CONTACT], self._days, people)
            self._tell(people, verified=len(verified), reached=len(reached))

    def keep_the_rest(self) -> None:
        """What else was promised and nobody has in hand by a record of its own, in the same way."""
        if not self._days:
            return
        people, in_hand = Callers(), students_in_hand()
        others = [
            step
            for step in self._open_steps()
            if step.evidence_needed in KEPT
            and step.case.student_id not in in_hand.get(step.evidence_needed, ())
            and self._does(step, 74)
        ]
        with transaction.atomic():
            for kind, reference in KEPT.items():
                kept = [step for step in others if step.evidence_needed == kind]
                _end(kept, people, {step.pk: self._day(7) for step in kept}, reference=reference)
            self._tell(people, kept=len(others))

    @cached_property
    def _days(self) -> list[date]:
        return [day for day in school_days(self.facts, self.until) if day > self.since]

    def _open_steps(self) -> list[CaseStep]:
        return list(CaseStep.objects.filter(state=StepState.OPEN).select_related("case").order_by("pk"))

    def _tell(self, people: "Callers", **done: int) -> None:
        detail = done | {"until": self.until.isoformat()}
        record(people.district, "demonstration_work", at=_morning(self.until), detail=detail)

    def _does(self, step: CaseStep, percent: int) -> bool:
        """Schools keep their promises to different degrees; each keeps to its own."""
        school = Random(f"{step.school_id}").randint(-25, 14)  # noqa: S311 - invented
        return self.chance.randrange(100) < percent + school

    def _day(self, within: int) -> date:
        return self._days[min(self.chance.randrange(within), len(self._days) - 1)]

    def _call(self, steps: list[CaseStep], days: list[date], people: "Callers") -> list[CaseStep]:
        students = {step.case.student_id for step in steps}
        numbers = _numbers(students)
        attempts: list[ContactAttempt] = []
        ended: dict[int, ContactAttempt] = {}
        for step in steps:
            if self._does(step, 85 if len(days) > FEW_DAYS else 55):
                made = list(self._attempts(step, numbers.get(step.case.student_id), days, people))
                attempts += made
                if made and made[-1].result == Result.REACHED:
                    ended[step.pk] = made[-1]
        ContactAttempt.objects.bulk_create(attempts, batch_size=500)
        ContactCause.objects.bulk_create(self._causes(attempts), batch_size=500)
        closed = [step for step in steps if step.pk in ended]
        for step in closed:
            step.evidence_reference = f"contact:{ended[step.pk].pk}"
        _end(closed, people, {pk: attempt.on for pk, attempt in ended.items()})
        return closed

    def _attempts(
        self, step: CaseStep, contact: Contact | None, days: list[date], people: "Callers"
    ) -> Iterator[ContactAttempt]:
        at = self.chance.randrange(min(3, len(days)))
        while at < len(days):
            moment = datetime.combine(days[at], AFTERNOON, tzinfo=UTC) + timedelta(minutes=self.chance.randrange(150))
            result = self.chance.choices(
                [Result.REACHED, Result.NO_ANSWER, Result.LEFT_MESSAGE, Result.WRONG_NUMBER], [62, 22, 13, 3]
            )[0]
            is_reached = result == Result.REACHED
            yield ContactAttempt(
                student_id=step.case.student_id,
                by=people.of(step.school_id),
                at=moment,
                on=days[at],
                logged_at=moment,
                mode=Mode.PHONE,
                contact_id=contact.contact_id if contact else "",
                contact_name=contact.full_name if contact else "",
                phone=contact.phone if contact else "",
                phone_key=phone_key(contact.phone) if contact else "",
                result=result,
                language=contact.language if contact else "",
                need=self.chance.choice(NEEDS) if is_reached else Need.UNKNOWN,
                next_act=NextAct.NONE if is_reached else NextAct.CALL_AGAIN,
            )
            if is_reached:
                return
            at += 1 + self.chance.randrange(3)

    def _causes(self, attempts: Iterable[ContactAttempt]) -> Iterator[ContactCause]:
        families = cause_families()
        causes = list(families)
        # Illness and the way to school are told most; the rest share what is left.
        weights = [max(1, 12 - 2 * place) for place in range(len(causes))]
        for attempt in attempts:
            if attempt.result == Result.REACHED and self.chance.randrange(100) < 80:
                told = {self.chance.choices(causes, weights)[0] for _ in range(1 + self.chance.randrange(2))}
                for cause in sorted(told):
                    yield ContactCause(attempt=attempt, cause=cause, family=families[cause])


class Callers:
    """Who wrote it down: the demonstration's person at that school, or the district's team."""

    def __init__(self) -> None:
        users = {user.email.split("@")[0]: user for user in User.objects.all()}
        self.district = users["district.team"]
        self._by_school: dict[str, User] = {}
        for name in ("team", "high.team", "principal", "teacher"):
            for grant in users[name].grants.filter(object_kind="school"):
                self._by_school.setdefault(grant.object_id, users[name])

    def of(self, school_id: str | None) -> User:
        """Who calls for a school."""
        return self._by_school.get(school_id or "", self.district)


def _numbers(students: set[str]) -> dict[str, Contact]:
    """The first number of each student that may be called."""
    found: dict[str, Contact] = {}
    for contact in Contact.objects.exclude(phone="").order_by("student_id", "priority"):
        if contact.student_id in students:
            found.setdefault(contact.student_id, contact)
    return found


def _end(steps: list[CaseStep], people: Callers, on: dict[int, date], reference: str = "") -> None:
    """Write the steps as done: many in one update a day and person, as the days are few."""
    groups: dict[tuple[date, User], list[int]] = {}
    for step in steps:
        groups.setdefault((on[step.pk], people.of(step.school_id)), []).append(step.pk)
    for (day, user), pks in groups.items():
        ended_at = datetime.combine(day, AFTERNOON, tzinfo=UTC)
        for start in range(0, len(pks), IN_A_QUERY):
            CaseStep.objects.filter(pk__in=pks[start : start + IN_A_QUERY]).update(
                state=StepState.DONE, ended_on=day, ended_at=ended_at, done_by=user, evidence_reference=reference
            )
    if not reference:
        CaseStep.objects.bulk_update(steps, ["evidence_reference"], batch_size=400)
