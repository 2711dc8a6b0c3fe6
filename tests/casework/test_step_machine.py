"""Promised steps as a machine: closed, checked, reached by a call, taken back, exempted, taken up, corrected, overdue.

The model is plain dicts: by step its state and who closed it, written by the obvious rules.
"""

from datetime import date, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import (
    close_step,
    exempt_step,
    open_steps,
    reassign_steps,
    take_up_step,
    verify_attendance,
)
from allpresent.casework.contacts import ContactForm, log_contact, undo_contact
from allpresent.casework.escalation import escalate_steps
from allpresent.casework.evidence import CONTACT, NEEDS_REFERENCE, VERIFICATION, Evidence
from allpresent.casework.models import CaseStep, ContactAttempt, LevelCrossing
from allpresent.measures import open_facts
from allpresent.protocol.document import EVIDENCE
from tests import cast
from tests.casework.deliveries import deliver
from tests.casework.machines import Machine, events_of, moves_of, run

MATEO, TODAY = cast.student_id("Mateo"), cast.TODAY
PEOPLE = st.sampled_from(["Dolores", "Paula"])
NUMBERS = st.integers(0, 30)
KINDS = st.sampled_from(sorted(EVIDENCE))
DAYS = st.sampled_from([date(2026, 9, 1), date(2026, 11, 2), TODAY, TODAY + timedelta(days=1)])
LADDER = {0: (), 3: ("L2",), 8: ("L2", "L3"), 11: ("L2", "L3", "L4")}
IF_NEEDED = "L2.additional_supports"
MOVES = moves_of("step")


def machine_for(district: cast.District, tmp_path: Any) -> type[Machine]:
    users = district.users
    missed = next(numbers for name, _school, _code, numbers in cast.ABSENCES if name == "Mateo")
    records = {11: open_facts(district.home)}
    for count in (0, 3, 8):
        records[count] = deliver(tmp_path / str(count), f"000{count}-c0de", {"Mateo": missed[:count]})

    class Steps(Machine):
        """What people and nights try with one student's steps; the rows are compared with the model after each act."""

        seen: ClassVar[set[str]] = set()

        def __init__(self) -> None:
            super().__init__()
            self.known = {step.pk: "open" for step in self.steps()}
            self.before = dict(self.known)
            self.calls: dict[int, list[int]] = {}  # by contact that stands the steps it closed
            self.logged: dict[int, Any] = {}
            self.levels = LADDER[11]
            self.verbs: list[str] = []

        def steps(self) -> list[CaseStep]:
            return list(CaseStep.objects.filter(case__student_id=MATEO).select_related("crossing").order_by("pk"))

        def pick(self, number: int) -> CaseStep:
            rows = self.steps()
            return rows[number % len(rows)]

        @rule(who=PEOPLE, number=NUMBERS, kind=KINDS, is_right=st.booleans(), on=DAYS, told=st.sampled_from(["", "x"]))
        def close(self, who: str, number: int, kind: str, is_right: bool, on: date, told: str) -> None:
            step = self.pick(number)
            asked = step.promise.evidence
            given = asked if is_right else kind
            proof = Evidence(given, on, told)
            refused = self.attempt(lambda: close_step(users[who], step.pk, proof, issue_key(), self.now))
            is_possible = self.known[step.pk] == "open" and given == asked and asked not in (CONTACT, VERIFICATION)
            is_dated = step.crossing.crossed_on <= on <= TODAY
            is_told = bool(told) or asked not in NEEDS_REFERENCE
            assert (refused is None) == (is_possible and is_dated and is_told)
            if refused is None:
                self.known[step.pk] = "done"
                self.verbs.append("step.done")

        @rule(who=PEOPLE)
        def verify(self, who: str) -> None:
            mine = [step.pk for step in self.steps() if step.promise.evidence == VERIFICATION]
            open_ones = [key for key in mine if self.known[key] == "open"]
            refused = self.attempt(lambda: verify_attendance(users[who], MATEO, "0001", issue_key(), self.now))
            assert (refused is None) == bool(open_ones)
            if refused is None:
                self.known |= dict.fromkeys(open_ones, "done")
                self.verbs.append("step.verified")

        @rule(who=PEOPLE, result=st.sampled_from(["reached", "no_answer"]))
        def call(self, who: str, result: str) -> None:
            wanted = [step.pk for step in self.steps() if step.promise.evidence == CONTACT]
            closes = [key for key in wanted if self.known[key] == "open"] if result == "reached" else []
            form = ContactForm("phone", result)
            assert self.attempt(lambda: log_contact(users[who], MATEO, form, issue_key(), self.now)) is None
            made = ContactAttempt.objects.latest("pk").pk
            self.calls[made], self.logged[made] = closes, (who, self.now)
            self.known |= dict.fromkeys(closes, "done")
            self.verbs.append("contact.logged")

        @rule(who=PEOPLE, number=NUMBERS)
        def take_call_back(self, who: str, number: int) -> None:
            if not self.logged:
                return
            made = sorted(self.logged)[number % len(self.logged)]
            by, at = self.logged[made]
            refused = self.attempt(lambda: undo_contact(users[who], made, self.now))
            is_soon = self.now - at <= timedelta(minutes=10)
            assert (refused is None) == (who == by and is_soon and made in self.calls)
            if refused is None:
                self.known |= dict.fromkeys(self.calls.pop(made), "open")
                self.verbs.append("contact.undone")

        @rule(who=PEOPLE, number=NUMBERS, why=st.sampled_from(["no", "The family asked for none."]))
        def exempt(self, who: str, number: int, why: str) -> None:
            step = self.pick(number)
            refused = self.attempt(lambda: exempt_step(users[who], step.pk, why, issue_key(), self.now))
            assert (refused is None) == (self.known[step.pk] == "open" and len(why) >= 10)
            if refused is None:
                self.known[step.pk] = "exempt"
                self.verbs.append("step.exempt")

        @rule(
            who=PEOPLE, numbers=st.sets(NUMBERS, min_size=1, max_size=3), to=st.sampled_from(["Paula", "Charlie", ""])
        )
        def hand_over(self, who: str, numbers: set[int], to: str) -> None:
            ids = {self.pick(number).pk for number in numbers}
            refused = self.attempt(lambda: reassign_steps(users[who], ids, users.get(to), issue_key(), self.now))
            assert (refused is None) == (to != "Charlie" and {self.known[key] for key in ids} == {"open"})
            if refused is None:
                self.verbs.append("step.assigned")

        @rule(who=PEOPLE)
        def take_up(self, who: str) -> None:
            stands = any(self.known[step.pk] != "withdrawn" for step in self.steps() if step.step_key == IF_NEEDED)
            facts = records[11]
            refused = self.attempt(
                lambda: take_up_step(district.home, facts, users[who], MATEO, IF_NEEDED, issue_key(), self.now)
            )
            assert (refused is None) == ("L2" in self.levels and not stands)
            if refused is None:
                self.known[CaseStep.objects.latest("pk").pk] = "open"
                self.verbs.append("step.taken_up")

        @rule(count=st.sampled_from(sorted(LADDER)))
        def night(self, count: int) -> None:
            """The record is corrected: what it no longer shows is withdrawn, what was done stays, the rest opens."""
            self.now += timedelta(minutes=3)
            before = AuditEntry.objects.count()
            open_steps(district.home, records[count], cast.LAST_SCHOOL_DAY, TODAY, self.now)
            added = AuditEntry.objects.count() - before
            self.levels = LADDER[count]
            changed = False
            for step in self.steps():
                new = self.known.get(step.pk, "open")
                if new == "open" and step.level not in self.levels:
                    new = "withdrawn"
                changed |= self.known.get(step.pk) != new
                self.known[step.pk] = new
            assert added in ((1,) if changed else (0, 1))
            self.verbs += ["steps.night"] * added
            assert {step.level for step in self.steps() if step.state == "open"} <= set(self.levels)
            assert open_steps(district.home, records[count], cast.LAST_SCHOOL_DAY, TODAY, self.now) == dict.fromkeys(
                ("crossings", "opened", "crossings_withdrawn", "withdrawn"), 0
            )

        @rule(day=st.sampled_from([TODAY, date(2026, 12, 18)]))
        def hand_to_the_team(self, day: date) -> None:
            self.now += timedelta(minutes=3)
            before = AuditEntry.objects.count()
            escalate_steps(records[11], day, self.now)
            assert escalate_steps(records[11], day, self.now) == 0
            self.verbs += ["steps.escalated"] * (AuditEntry.objects.count() - before)

        @invariant()
        def the_rows_are_the_model(self) -> None:
            rows = {step.pk: step.state for step in self.steps()}
            assert rows == self.known
            for key, state in rows.items():
                before = self.before.get(key, "")
                assert before == state or (before, state) in MOVES, (before, state)
            self.before = rows
            self.seen.update(rows.values())

        @invariant()
        def a_step_that_is_done_has_its_evidence(self) -> None:
            for step in self.steps():
                if step.state == "done":
                    assert step.ended_on
                    assert step.done_by_id
                    assert step.evidence_reference or step.promise.evidence not in {
                        *NEEDS_REFERENCE,
                        CONTACT,
                        VERIFICATION,
                    }
                elif step.state == "open":
                    assert (step.ended_on, step.done_by_id, step.evidence_reference) == (None, None, "")

        @invariant()
        def one_promise_stands_once(self) -> None:
            standing = [step.step_key for step in self.steps() if step.state != "withdrawn"]
            assert len(standing) == len(set(standing))
            live = LevelCrossing.objects.filter(case__student_id=MATEO, is_withdrawn=False)
            assert set(live.values_list("level", flat=True)) == set(self.levels)

        @invariant()
        def each_act_is_written_down_once(self) -> None:
            found = AuditEntry.objects.filter(action__in=events_of("step", "contact"), at__gt=cast.NOW).order_by("pk")
            assert list(found.values_list("action", flat=True)) == self.verbs

    return Steps


def test_steps_keep_to_their_states_in_any_order(open_cases, tmp_path, request) -> None:
    run(machine_for(open_cases, tmp_path), "steps", request, {"open", "done", "withdrawn", "exempt"})
