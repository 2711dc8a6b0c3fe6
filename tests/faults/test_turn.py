"""Work that stands open when the school year turns: what real nights end, what they carry, and what comes back."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from allpresent import intake, nightly
from allpresent.access import issue_key
from allpresent.casework.letter_reasons import Ground
from allpresent.casework.models import (
    Case,
    CaseStep,
    HomeVisit,
    Letter,
    LevelCrossing,
    Meeting,
    MeetingDecision,
    NightlyRun,
    PlanReview,
    Referral,
    SuccessPlan,
)
from allpresent.casework.models.letters import LetterKind
from allpresent.casework.models.runs import RunKind
from allpresent.casework.success_plans import start_plan
from allpresent.measures import open_facts
from allpresent.nightly import decisions
from tests import cast
from tests.casework import test_home_visits, test_letters, test_referrals, test_success_plans
from tests.faults.counts import IS_LONG
from tests.nightly.drops import drop, make_home
from tests.spec.drawn import table

# What nights leave of the work of Mateo (and of Zoe: a plan, a visit) that was begun in November and left. The year of
# a night is that of its last delivered school day: over the summer nothing ends, and with the first day of the new
# year what belongs to the old one does. What was agreed with people goes on until people end it. "back": the delivery
# with the new year is taken back.
STANDING = table("""
what                         | begun     | 30 June   | 1 July    | new year             | two days             | back
cases                        | open      | open      | open      | year_ended           | year_ended           | open
steps nobody did             | open      | open      | open      | year_ended           | year_ended           | open
steps that were done         | done      | done      | done      | done                 | done                 | done
levels that were reached     | stand     | stand     | stand     | stand                | stand                | stand
a letter in the house        | verified  | verified  | verified  | withdrawn year_ended | withdrawn year_ended | withdrawn year_ended
a letter that was mailed     | mailed    | mailed    | mailed    | mailed               | mailed               | mailed
a plan that is agreed        | agreed    | agreed    | agreed    | agreed               | agreed               | agreed
reviews nobody held          | to come   | to come   | to come   | to come              | to come              | to come
a plan nobody agreed to yet  | draft     | draft     | draft     | draft                | draft                | draft
a visit with its hour        | scheduled | scheduled | scheduled | scheduled            | scheduled            | scheduled
a visit without one          | proposed  | proposed  | proposed  | proposed             | proposed             | proposed
a meeting that did not end   | open      | open      | open      | open                 | open                 | open
what it decided              | open      | open      | open      | open                 | open                 | open
a referral without an answer | open      | open      | open      | open                 | open                 | open
""")  # noqa: E501 - a drawn table is as wide as it is
MATEO, ZOE = cast.student_id("Mateo"), cast.student_id("Zoe")
NEW_YEAR = [date(2027, 8, 30) + timedelta(days=after) for after in range(5)]
NIGHTS = {"30 June": date(2027, 6, 30), "1 July": date(2027, 7, 1), "new year": NEW_YEAR[1], "two days": NEW_YEAR[2]}
if not IS_LONG:
    NIGHTS = {"two days": NEW_YEAR[2]}
Says = Callable[[int, str], None]


@pytest.fixture
def begun(own_home: Path, db: None) -> cast.District:
    """Everything of ``STANDING``, begun in November."""
    own_home.joinpath("letters.yaml").write_text("phone: 203 555 0100\n", encoding="utf-8")
    people = cast.enter_people(make_home(own_home, is_reporting=False))
    cast.open_cases(own_home)
    ground = Ground.read(own_home, open_facts(own_home), cast.LAST_SCHOOL_DAY)
    test_letters.mailed(people, ground)
    test_letters.verified(people, ground, kind=LetterKind.TRUANCY.value)
    test_success_plans.agree(people, test_success_plans.start(people))
    words = replace(test_success_plans.WORDS, champion=people.users["Dolores"].pk)
    start_plan(people.users["Dolores"], ZOE, words, test_success_plans.STAND, issue_key(), cast.NOW)
    test_referrals.refer(people)
    test_home_visits.schedule(people)
    test_home_visits.propose(people, name="Dolores", student=ZOE)
    return people


def standing() -> dict[str, str]:
    """What is left of each, in the words of the table; of several the states there are."""
    old = CaseStep.objects.filter(case__school_year=2026, case__student_id=MATEO)
    newest = {step.step_key: step for step in old.order_by("pk")}.values()
    case = Case.objects.get(student_id=MATEO, school_year=2026)
    reached = LevelCrossing.objects.filter(case=case)
    letter = Letter.objects.get(kind=LetterKind.TRUANCY.value)
    held = PlanReview.objects.exclude(held_on=None)
    return {
        "cases": "open" if case.closed_on is None else case.closed_because,
        "steps nobody did": every(step.ending or step.state for step in newest if step.state != "done"),
        "steps that were done": every(step.state for step in newest if step.state == "done"),
        "levels that were reached": every("gone" if row.is_withdrawn else "stand" for row in reached),
        "a letter in the house": f"{letter.state} {letter.reason}".strip(),
        "a letter that was mailed": Letter.objects.get(kind=test_letters.L4).state,
        "a plan that is agreed": SuccessPlan.objects.get(student_id=MATEO).state,
        "reviews nobody held": "held" if held or not PlanReview.objects.exists() else "to come",
        "a plan nobody agreed to yet": SuccessPlan.objects.get(student_id=ZOE).state,
        "a visit with its hour": HomeVisit.objects.get(student_id=MATEO).state,
        "a visit without one": HomeVisit.objects.get(student_id=ZOE).state,
        "a meeting that did not end": Meeting.objects.get().state,
        "what it decided": MeetingDecision.objects.get().state,
        "a referral without an answer": Referral.objects.get().state,
    }


def every(states: object) -> str:
    return " ".join(sorted(set(states)))  # type: ignore[call-overload]


def deliver_upto(home: Path, last: date) -> None:
    """The whole of the cast's year, and of the new one the days before a night; Mateo misses all of those."""
    folder, schools = drop(home, {}), (cast.LINDEN, cast.HARBOR)
    later = [day for day in cast.school_days() if day > cast.LAST_SCHOOL_DAY]
    new = [day for day in NEW_YEAR if day < last]
    append(folder / "calendar_days.csv", [(one, day, 1, 1, "", "") for one in schools for day in NEW_YEAR])
    append(folder / "attendance_taken.csv", [(one, day, "", "") for one in schools for day in [*later, *new]])
    known = ("student_id", "school_id", "date", "code", "excused", "disciplinary")
    marks = [tuple(row[name] for name in known) for row in cast.tables()["attendance"].to_pylist()]
    marks += [(MATEO, cast.LINDEN, day, "U", 0, 0) for day in new]
    (folder / "attendance.csv").write_text(",".join((*known, "portion_absent", "category", "mode")) + "\n")
    append(folder / "attendance.csv", [(*mark, 1, "absent", "day") for mark in marks])


def append(path: Path, rows: list[tuple[object, ...]]) -> None:
    with path.open("a", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows)


def test_what_stands_open_when_the_year_turns(begun: cast.District, survived: Says) -> None:
    found, home = {"begun": standing()}, begun.home
    for name, on in NIGHTS.items():
        deliver_upto(home, on)
        done = nightly.run_nightly(home, on, at_night(on))
        assert done.exit_code == 0, (name, done.troubles, [intake.list_deliveries(home)[0].why_held])
        found[name] = standing()
        if IS_LONG:
            again = nightly.run_nightly(home, on, at_night(on) + timedelta(hours=1))
            assert (again.counts["opened"], again.counts["withdrawn"], standing()) == (0, 0, found[name])
    # The new year's case begins with its own count, and nothing of the old one is in it.
    new, told = Case.objects.get(school_year=2027), ("L2", {NEW_YEAR[1]})
    steps = new.steps.filter(state="open")
    assert (new.student_id, new.level, set(steps.values_list("opened_on", flat=True))) == (MATEO, *told)
    while open_facts(home).last_school_day > cast.YEAR_ENDS:
        take_back(home)
    new.refresh_from_db()
    assert (new.closed_because, set(new.steps.values_list("state", flat=True))) == ("taken_back", {"withdrawn"})
    found["back"] = standing()
    for row in STANDING:
        assert {name: found[name][row["what"]] for name in found} == {name: row[name] for name in found}, row["what"]
    survived(
        len(STANDING) * len(found), "states of work that stood open when the year turned: ended or carried by rule"
    )


def at_night(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 9, tzinfo=UTC)


def take_back(home: Path) -> None:
    """A person takes the newest delivery back."""
    on, newest = NEW_YEAR[3], open_facts(home).delivery_id
    run = NightlyRun.objects.create(kind=RunKind.UNDO, on=on, asked_at=at_night(on), subject=newest)
    decisions.undo_delivery(home, run, on, at_night(on), lambda line: None)
