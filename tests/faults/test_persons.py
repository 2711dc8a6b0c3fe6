"""Students who move, leave and come back, twins, and ids that are joined or parted: one history for each person.

The model is the information system (``sis``). Every evening what it delivers is laid over what is posted and written as
a version, the roster is projected, and steps open and close, all for real; then the counts, who may see whom, and what
people wrote are what the model says.
"""

import os
import shutil
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from allpresent.access import issue_key, visible_students, why_can_view
from allpresent.access.giving import give_grant
from allpresent.access.models import User
from allpresent.casework import add_note, exempt_step
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.models import Case, CaseStep, Note
from allpresent.casework.models.runs import RunKind
from allpresent.casework.models.steps import StepState
from allpresent.intake.former_ids import COLUMNS, FILE, read_former_ids
from allpresent.intake.merging import Delivered, merge
from allpresent.ledger import TABLES, Ledger
from allpresent.measures import Rules, open_facts, standings
from allpresent.nightly.night import catch_up
from allpresent.nightly.running import Log, new_run
from allpresent.policy import load_district, load_state_pack
from allpresent.protocol import bounds, load_protocol
from tests import factories
from tests.faults.counts import IS_LONG, share
from tests.faults.sis import DAYS, SCHOOLS, Held, Sis

RUNS, STEPS = share(int(os.environ.get("ALLPRESENT_EXAMPLES", "0")) // 4, 4), share(50, 8)
NAMES = ("Ruiz, Ana", "Peña, Zoë", "Diaz, Ben")
KINDS = 15  # of things that happen
schools, names, numbers = st.sampled_from(SCHOOLS), st.sampled_from(NAMES), st.integers(0, 10_000)


def people() -> dict[str, User]:
    """The staff of three schools, two mentors, and the district's steward."""
    users = {"steward": factories.make_user()}
    factories.give(users["steward"], "data_steward")
    for school in SCHOOLS:
        users[f"principal {school}"] = factories.make_user()
        factories.give(users[f"principal {school}"], "principal", "school", school)
        users[f"teacher {school}"] = factories.make_user(staff_id=f"T{school}")
        factories.give(users[f"teacher {school}"], "teacher", "school", school)
    return users | {f"mentor {number}": factories.make_user() for number in (1, 2)}


class Persons(RuleBasedStateMachine):
    """One run: a home of its own and, in one transaction that is taken back, the records."""

    users: ClassVar[dict[str, User]]
    seen: ClassVar[dict[str, int]]

    @initialize(each=st.lists(st.tuples(names, schools), min_size=3, max_size=6))
    def begin(self, each: list[tuple[str, str]]) -> None:
        self.books = transaction.atomic()
        self.books.__enter__()
        self.shown: dict[str, Held] = {}
        self.home = Path(tempfile.mkdtemp(prefix="persons-"))
        self.sis = Sis()
        self.notes: dict[str, int] = {}  # by the id they were written under
        self.ended: dict[int, str] = {}  # steps a person ended, and the id then
        self.mentored: dict[str, set[str]] = {"mentor 1": set(), "mentor 2": set()}
        for name, school in each:
            self.sis.enter(name, school)
        self.evening()

    def teardown(self) -> None:
        if hasattr(self, "books"):
            transaction.set_rollback(True)
            self.books.__exit__(None, None, None)
            shutil.rmtree(self.home)
            self.count("runs")
            if self.seen["runs"] % 25 == 0:
                print(f"{self.seen['runs']} of {RUNS} runs, {self.seen['evenings']:,} evenings", flush=True)

    # What happens in a school year

    @rule(name=names, school=schools)
    def enter(self, name: str, school: str) -> None:
        self.sis.enter(name, school)
        self.count("entered")

    @rule(number=numbers, school=schools)
    def enter_a_twin(self, number: int, school: str) -> None:
        """The same name, birthday, household and grade, and often the same school."""
        one = self.chosen(number, self.sis.rows)
        held = self.sis.rows[one]
        self.sis.enter(held.name, (held.at(self.sis.today) or [school])[0])
        self.count("twins")

    @precondition(lambda self: self.enrolled())
    @rule(number=numbers, school=schools)
    def move(self, number: int, school: str) -> None:
        self.sis.move(self.chosen(number, self.enrolled()), school)
        self.count("moves")

    @precondition(lambda self: self.enrolled())
    @rule(number=numbers)
    def leave(self, number: int) -> None:
        self.sis.leave(self.chosen(number, self.enrolled()))
        self.count("leaves")

    @precondition(lambda self: self.left())
    @rule(number=numbers, school=schools, is_anew=st.booleans())
    def come_back(self, number: int, school: str, is_anew: bool) -> None:
        """Under the old id, or by a mistake of the office under a new one."""
        key = self.chosen(number, self.left())
        held = self.sis.rows[key]
        if is_anew:
            self.sis.same[self.sis.enter(held.name, school)] = self.sis.now(key)
        else:
            held.spans.append(self.sis.opened(school))
            held.is_listed = True
        self.count("returns under a new id" if is_anew else "returns")

    @precondition(lambda self: self.free(self.left()))
    @rule(number=numbers)
    def is_in_no_file_any_more(self, number: int) -> None:
        key = self.chosen(number, self.free(self.left()))
        self.evening()  # what is known of them was delivered before
        self.sis.rows[key].is_listed = False
        self.count("students left out of the files")

    @precondition(lambda self: self.enrolled())
    @rule(number=numbers)
    def is_entered_twice(self, number: int) -> None:
        key = self.chosen(number, self.enrolled())
        held, span = self.sis.rows[key], self.sis.rows[key].open_span
        assert span
        self.sis.same[self.sis.enter(held.name, span.school)] = self.sis.now(key)
        self.count("students entered twice")

    @rule(number=numbers, day=numbers)
    def miss_or_correct(self, number: int, day: int) -> None:
        key = self.chosen(number, self.sis.rows)
        held = self.sis.rows[key]
        days = [day for day in range(self.sis.next + 1) if held.at(day)]
        if days and held.is_listed:
            chosen = days[day % len(days)]
            if held.missed.pop(chosen, None) is None:
                held.missed[chosen] = held.at(chosen)[0]
        self.count("marks written or taken back")

    @precondition(lambda self: self.enrolled())
    @rule(number=numbers, count=st.integers(2, 8))
    def miss_many(self, number: int, count: int) -> None:
        held = self.sis.rows[self.chosen(number, self.enrolled())]
        days = [day for day in range(self.sis.next + 1) if held.at(day)]
        held.missed |= {day: held.at(day)[0] for day in days[-count:]}

    # Ids

    @precondition(lambda self: self.sis.same)
    @rule(number=numbers, is_new_kept=st.booleans())
    def join(self, number: int, is_new_kept: bool) -> None:
        """The system puts two ids together, and somebody says which is which."""
        new = self.chosen(number, self.sis.same)
        pair = (self.sis.same[new], new)
        former, current = pair if is_new_kept else pair[::-1]
        self.evening()
        self.sis.give_up(former, current)
        self.evening()
        self.count("ids joined")

    @precondition(lambda self: self.sis.listed_pairs())
    @rule(number=numbers)
    def say_same(self, number: int) -> None:
        """Somebody says it; the system goes on with both."""
        new = self.chosen(number, self.sis.listed_pairs())
        self.sis.say_same(self.sis.same[new], new)
        self.count("ids said to be one")

    @rule(number=numbers)
    def renumber(self, number: int) -> None:
        key = self.chosen(number, self.sis.rows.keys() - self.sis.former.keys())
        self.evening()
        self.sis.renumber(key)
        self.evening()
        self.count("ids changed")

    @precondition(lambda self: any(held.missed for held in self.sis.rows.values()))
    @rule(number=numbers, share=st.integers(1, 4))
    def part(self, number: int, share: int) -> None:
        """Two children were under one id: the second one's days go to an id of their own."""
        marked = [key for key, held in self.sis.rows.items() if held.missed and held.is_listed]
        if marked:
            self.sis.part(self.chosen(number, marked), share)
            self.count("ids parted")

    # What people write

    @rule(number=numbers)
    def write_a_note(self, number: int) -> None:
        """The principal of the student's school may; the one of any other is told that there is no such student."""
        key = self.chosen(number, self.shown)
        at = self.shown[key].at(self.sis.today)
        for school in SCHOOLS:
            user = self.users[f"principal {school}"]
            if school in at:
                add_note(user, key, "A talk.", issue_key(), self.moment)
                self.notes[key] = self.notes.get(key, 0) + 1
            else:
                with pytest.raises(NotVisibleError):
                    add_note(user, key, "A talk.", issue_key(), self.moment)

    @rule(number=numbers)
    def end_a_step(self, number: int) -> None:
        steps = list(CaseStep.objects.filter(state=StepState.OPEN).order_by("pk").select_related("case"))
        if steps:
            step = steps[number % len(steps)]
            school = self.shown[step.case.student_id].at(self.sis.today)[0]
            user = self.users[f"principal {school}"]
            exempt_step(user, step.pk, "Agreed with the family.", issue_key(), self.moment)
            self.ended[step.pk] = step.case.student_id
            self.count("steps ended")

    @rule(number=numbers, mentor=st.sampled_from(["mentor 1", "mentor 2"]))
    def give_a_mentor(self, number: int, mentor: str) -> None:
        key = self.chosen(number, self.shown)
        if key not in {self.sis.now(one) for one in self.mentored[mentor]}:
            kind, on = ("success_mentor", "student"), self.morning
            give_grant(self.users[mentor], *kind, key, starts_on=on, source="casework", at=self.moment)
            self.mentored[mentor].add(key)

    @rule()
    def evening(self) -> None:
        """The files are delivered, posted and worked with; the next morning all is as it should be."""
        before = self.standing_work()
        self.sis.today += 1
        told = "".join(f"{one},{now}\n" for one, now in self.sis.former.items())
        (self.home / FILE).write_text(",".join(COLUMNS) + "\n" + told, encoding="utf-8")
        name, ledger = f"{self.sis.today:04}-evening", Ledger(self.home)
        came, former = frozenset(TABLES), read_former_ids(self.home)
        delivered = Delivered(self.sis.tables(), name, self.morning, "07-01", came, former=former)
        laid = merge(delivered, ledger.current())
        ledger.write(laid.tables, delivery_id=name, source="csv", content_sha=name, posted_at=self.moment)
        log = Log(new_run(RunKind.NIGHTLY, self.morning, self.moment), lambda line: None, time.monotonic())
        catch_up(self.home, self.morning, self.moment, log)
        assert all("both have" in sentence for sentence in log.troubles), log.troubles
        self.shown = self.sis.persons()
        self.count("evenings")
        self.hold_counts()
        self.hold_sight()
        self.hold_records(before)

    # What is looked at

    @property
    def morning(self) -> date:
        """The day after the last school day."""
        return DAYS[self.sis.today] + timedelta(days=1)

    @property
    def moment(self) -> datetime:
        return datetime.combine(self.morning, datetime.min.time(), UTC) + timedelta(hours=14)

    def count(self, what: str) -> None:
        self.seen[what] = self.seen.get(what, 0) + 1

    @staticmethod
    def chosen(number: int, keys: Any) -> str:
        known = sorted(keys)
        return known[number % len(known)]

    def enrolled(self) -> list[str]:
        return [key for key, held in self.sis.rows.items() if held.open_span and held.is_listed]

    def left(self) -> list[str]:
        return [key for key, held in self.sis.rows.items() if held.spans and not held.open_span]

    def free(self, keys: list[str]) -> list[str]:
        """Without the ids that somebody said are another's: for those the files speak as long as they bring them."""
        told = {*self.sis.former, *self.sis.former.values()}
        return [key for key in keys if key not in told and self.sis.rows[key].is_listed]

    def standing_work(self) -> dict[str, tuple[Held, set[int]]]:
        """Of those enrolled: what they stood on, and the steps that were open."""
        steps: dict[str, set[int]] = {}
        for key, student in CaseStep.objects.filter(state=StepState.OPEN).values_list("pk", "case__student_id"):
            steps.setdefault(student, set()).add(key)
        return {key: (held, steps.get(key, set())) for key, held in self.shown.items() if held.at(self.sis.today)}

    def hold_counts(self) -> None:
        """One row a person: days enrolled and missed are those of all schools together, and nobody else's."""
        district = load_district(self.home)
        protocol = load_protocol(district.protocol, self.morning, district.due_school_days)
        facts = open_facts(self.home)
        table = standings(
            facts, DAYS[self.sis.today], Rules.from_policy(district, load_state_pack(district.state), bounds(protocol))
        )
        self.levels = {row["student_id"]: row for row in table.to_pylist()}
        wanted = {
            key: (
                sum(bool(held.at(day)) for day in range(self.sis.next)),
                len(held.missed),
                bool(held.at(self.sis.today)),
            )
            for key, held in self.shown.items()
            if any(held.at(day) for day in range(self.sis.next))
        }
        found = {
            key: (row["days_enrolled"], row["days_absent"], row["is_enrolled"]) for key, row in self.levels.items()
        }
        assert {key: row for key, row in found.items() if row[0]} == wanted

    def hold_sight(self) -> None:
        """From the day of the move on the new school sees the student and the old one does not."""
        for school in SCHOOLS:
            wanted = {key for key, held in self.shown.items() if school in held.at(self.sis.today)}
            assert self.listed(f"teacher {school}") == wanted, school
            if school == SCHOOLS[self.sis.today % len(SCHOOLS)]:  # each principal every third morning
                assert self.listed(f"principal {school}") == wanted, school
        moved = [key for key, held in self.shown.items() if len({span.school for span in held.spans}) > 1][:2]
        for key in moved:
            for school in SCHOOLS:
                sees = why_can_view(self.users[f"teacher {school}"], key, self.morning) is not None
                assert sees == (school in self.shown[key].at(self.sis.today))
        for mentor, keys in self.mentored.items():
            assert self.listed(mentor) == {self.sis.now(key) for key in keys}

    def listed(self, who: str) -> set[str]:
        return set(visible_students(self.users[who], self.morning).values_list("pk", flat=True))

    def hold_records(self, before: dict[str, tuple[Held, set[int]]]) -> None:
        """Nothing written is lost or at another's door; open work goes with the student, and ends when they leave."""
        wanted: dict[str, int] = {}
        for key, number in self.notes.items():
            wanted[self.sis.now(key)] = wanted.get(self.sis.now(key), 0) + number
        found: dict[str, int] = {}
        for key in Note.objects.values_list("student_id", flat=True):
            found[key] = found.get(key, 0) + 1
        assert found == wanted
        ended = dict(CaseStep.objects.filter(state=StepState.EXEMPT).values_list("pk", "case__student_id"))
        assert ended.keys() == self.ended.keys()
        assert {pk: self.sis.now(key) for pk, key in ended.items()} == {
            pk: self.sis.now(key) for pk, key in self.ended.items()
        }
        now = self.standing_work()
        enrolled = {key for key, row in self.levels.items() if row["is_enrolled"]}
        assert now.keys() >= enrolled
        levels = {key: row["level"] for key, row in self.levels.items() if key in enrolled and row["level"] > "L1"}
        assert dict(Case.objects.filter(closed_on=None).values_list("student_id", "level")) == levels
        for key, (held, steps) in before.items():
            if key in enrolled and self.shown[key].missed == held.missed:
                assert now[key][1] >= steps - self.ended.keys(), key
        open_for = set(CaseStep.objects.filter(state=StepState.OPEN).values_list("case__student_id", flat=True))
        assert open_for <= enrolled


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """Everybody who works here; each run begins with their books."""
    return people()


def test_one_person_has_one_history(staff: dict[str, User], survived: Any) -> None:
    Persons.users, Persons.seen = staff, {}
    run_state_machine_as_test(
        Persons,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not IS_LONG,
            phases=[Phase.generate],  # looking for the shortest run that fails would take hours
            suppress_health_check=list(HealthCheck),
        ),
    )
    runs = Persons.seen.pop("runs")
    told = ", ".join(f"{number:,} {what}" for what, number in sorted(Persons.seen.items()))
    survived(runs, f"runs of {STEPS} steps with students who move and ids that change: {told}")
    assert RUNS < 100 or (len(Persons.seen) == KINDS and min(Persons.seen.values()) > RUNS // 20)
