"""Letters as a machine: any order of verifying, approving, producing, mailing, taking back, returning, correcting."""

from datetime import date
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from allpresent.access import issue_key
from allpresent.casework.letter_post import mail_letters, return_letter, undo_mailing
from allpresent.casework.letter_reasons import Ground
from allpresent.casework.letters import (
    approve_letters,
    produce_letters,
    pull_back_letters,
    verify_letters,
    withdraw_unfounded,
)
from allpresent.casework.models import CaseStep, Letter
from allpresent.casework.models.letters import IN_HOUSE, LetterState
from allpresent.measures import open_facts
from tests.casework.machines import Machine, moves_of, run
from tests.cast import LAST_SCHOOL_DAY, TODAY, enter_people, open_cases, student_id

MATEO, ZOE = student_id("Mateo"), student_id("Zoe")
WANTED = [(MATEO, "superintendent_letter"), (MATEO, "truancy_meeting_notice"), (ZOE, "attendance_letter")]
PEOPLE = ("Dolores", "Second")
MOVES = moves_of("letter")


@pytest.fixture
def office(own_home, db):
    from tests.factories import give, make_user

    (own_home / "letters.yaml").write_text("phone: 203 555 0100\n", encoding="utf-8")
    cast = enter_people(own_home)
    second = make_user(full_name="Second")
    give(second, "district_attendance_team")
    cast.users["Second"] = second
    open_cases(own_home)
    return cast


def machine_for(office) -> type[Machine]:
    facts = open_facts(office.home)
    ground = Ground.read(office.home, facts, LAST_SCHOOL_DAY)

    class Letters(Machine):
        """What people try, allowed or not; the rows are compared with the table of states after each act."""

        seen: ClassVar[set[str]] = set()

        def __init__(self) -> None:
            super().__init__()

        def pick(self, number: int) -> int:
            ids = sorted(Letter.objects.values_list("pk", flat=True))
            return ids[number % len(ids)] if ids else 0

        @rule(who=st.sampled_from(PEOPLE), wanted=st.sampled_from(WANTED))
        def verify(self, who, wanted) -> None:
            self.attempt(lambda: verify_letters(office.users[who], ground, [wanted], issue_key(), self.now))

        @initialize()
        def begin(self) -> None:
            user, students = office.users["Dolores"], len({student for student, _kind in WANTED})
            self.attempt(lambda: verify_letters(user, ground, WANTED, issue_key(), self.now), students)

        @rule(number=st.integers(0, 2), steps=st.integers(1, 3))
        def go_on(self, number, steps) -> None:
            """The way a letter usually goes; without it chance alone would hardly bring one to the post."""
            for _ in range(steps):
                self.next_act(Letter.objects.filter(pk=self.pick(number)).first())
                self.moves_are_those_of_the_table()

        def next_act(self, letter: Letter | None) -> None:
            ids, second, user = [letter.pk] if letter else [], office.users["Second"], office.users["Dolores"]
            acts = {
                "verified": lambda: approve_letters(second, ground, ids, issue_key(), self.now),
                "approved": lambda: produce_letters(user, ids, issue_key(), self.now),
                "produced": lambda: mail_letters(user, ids, TODAY, "mail", issue_key(), self.now),
            }
            if letter and letter.state in acts:
                self.attempt(acts[letter.state])

        @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 5))
        def approve(self, who, number) -> None:
            self.attempt(lambda: approve_letters(office.users[who], ground, [self.pick(number)], issue_key(), self.now))

        @rule(number=st.integers(0, 5))
        def produce(self, number) -> None:
            self.attempt(lambda: produce_letters(office.users["Dolores"], [self.pick(number)], issue_key(), self.now))

        @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 5), day=st.sampled_from([TODAY, date(2026, 11, 9)]))
        def mail(self, who, number, day) -> None:
            user = office.users[who]
            self.attempt(lambda: mail_letters(user, [self.pick(number)], day, "hand", issue_key(), self.now))

        @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 5))
        def unmail(self, who, number) -> None:
            self.attempt(lambda: undo_mailing(office.users[who], [self.pick(number)], issue_key(), self.now))

        @rule(number=st.integers(0, 5))
        def come_back(self, number) -> None:
            user = office.users["Dolores"]
            self.attempt(lambda: return_letter(user, self.pick(number), TODAY, "No such door", issue_key(), self.now))

        @rule(number=st.integers(0, 5))
        def pull_back(self, number) -> None:
            user = office.users["Dolores"]
            self.attempt(lambda: pull_back_letters(user, [self.pick(number)], "Not needed", issue_key(), self.now))

        @rule(number=st.integers(0, 5))
        def correct(self, number) -> None:
            """A day the letter names is found not to be one; the night looks at all letters."""
            letter = Letter.objects.filter(pk=self.pick(number), state__in=IN_HOUSE).first()
            if letter is not None:
                Letter.objects.filter(pk=letter.pk).update(days=["2026-09-01"])
                withdraw_unfounded(office.home, facts, LAST_SCHOOL_DAY, self.now)
                assert Letter.objects.get(pk=letter.pk).state == LetterState.WITHDRAWN

        @invariant()
        def moves_are_those_of_the_table(self) -> None:
            self.hold_moves(dict(Letter.objects.values_list("pk", "state")), MOVES)

        @invariant()
        def two_people_stand_behind_what_goes_out(self) -> None:
            for row in Letter.objects.filter(state__in=["approved", "produced", "mailed", "returned"]):
                assert row.approved_by_id not in (None, row.verified_by_id)
                assert row.paragraphs
            for state in ("held", "verified"):
                assert not Letter.objects.filter(state=state).exclude(approved_by=None).exists()

        @invariant()
        def a_promise_is_kept_exactly_by_a_letter_that_left(self) -> None:
            kept = set(
                CaseStep.objects.filter(state="done", evidence_reference__startswith="letter:").values_list(
                    "evidence_reference", flat=True
                )
            )
            left: dict[tuple[str, str], set[str]] = {}
            for row in Letter.objects.filter(state__in=["mailed", "returned"]).exclude(step_key=""):
                left.setdefault((row.student_id, row.step_key), set()).add(row.reference)
            assert len(kept) == len(left)
            assert all(len(kept & letters) == 1 for letters in left.values())

        @invariant()
        def one_letter_of_a_kind_and_person_is_in_the_house(self) -> None:
            rows = list(Letter.objects.filter(state__in=IN_HOUSE).values_list("student_id", "kind", "contact_id"))
            assert len(rows) == len(set(rows))

    return Letters


def test_letters_keep_to_their_states_in_any_order(office, request) -> None:
    wanted = {"verified", "approved", "produced", "mailed", "pulled_back", "withdrawn"}
    run(machine_for(office), "letters", request, wanted)
