"""Success plans as a machine: two people read, write, agree, look again and end in any order, and nothing is lost.

The model is plain dicts: what each person has before them, every version that was saved, and what was agreed.
"""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework.models import PlanReview, PlanVersion, SuccessPlan
from allpresent.casework.plan_contents import FIELDS, Contents, merge
from allpresent.casework.success_plans import (
    Agreement,
    PlanChangedError,
    Stand,
    agree_plan,
    end_plan,
    review_plan,
    save_plan,
    start_plan,
)
from tests import cast
from tests.casework.deliveries import steps_of
from tests.casework.machines import Machine, events_of, moves_of, run

MATEO = cast.student_id("Mateo")
STAND = Stand("11", "46", cast.LAST_SCHOOL_DAY, cast.DELIVERY)
PEOPLE = st.sampled_from(["Paula", "Dolores"])
WORDS = st.sampled_from(["", "a", "b", "c"])
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "goal": WORDS,
        "backup": WORDS,
        "own_words": WORDS,
        "goal_days": st.integers(0, 3),
        "strategies": st.sampled_from([(), ("walk_together",)]),
    },
)
Plain = dict[str, Any]


def together(base: Plain, theirs: Plain, mine: Plain) -> Plain:
    """The obvious merge: what I changed is mine, all else is theirs."""
    return {name: mine[name] if mine[name] != base[name] else theirs[name] for name in base}


def plain(contents: Contents) -> Plain:
    return {name: getattr(contents, name) for name in FIELDS}


def machine_for(district: cast.District) -> type[Machine]:
    users = district.users
    first = plain(Contents(goal="a", strategies=("walk_together",), champion=users["Paula"].pk))

    class Plans(Machine):
        """What two people try; the rows are compared with the model after each act."""

        seen: ClassVar[set[str]] = set()

        def __init__(self) -> None:
            super().__init__()
            self.saved: dict[int, dict[int, Plain]] = {}  # by plan every version ever saved
            self.hands: dict[str, tuple[int, int, Plain, Plain]] = {}  # plan, version read, as read, as edited
            self.live: int | None = None
            self.agreed: dict[int, list[int]] = {}  # by plan the versions agreed to, in their order
            self.kept: int | None = None  # the plan whose agreement kept the promise
            self.verbs: list[str] = []

        @property
        def newest(self) -> int:
            return max(self.saved[self.live]) if self.live else 0

        def did(self, verb: str) -> None:
            self.verbs.append(f"plan.{verb}")

        @initialize()
        def begin_with_one(self) -> None:
            self.begin("Paula", {})
            self.read("Dolores")

        @rule(who=PEOPLE, edits=EDITS)
        def begin(self, who: str, edits: Plain) -> None:
            said = first | edits
            refused = self.attempt(
                lambda: start_plan(users[who], MATEO, Contents(**said), STAND, issue_key(), self.now)
            )
            assert (refused is None) == (self.live is None)
            if refused is None:
                self.live = SuccessPlan.objects.exclude(state="ended").get().pk
                self.saved[self.live] = {1: said}
                self.did("started")
                self.read(who)

        def read(self, who: str) -> None:
            """Open the form: the newest version is now before this person."""
            if self.live:
                newest = self.saved[self.live][self.newest]
                self.hands[who] = (self.live, self.newest, newest, newest)

        @rule(who=PEOPLE)
        def open_form(self, who: str) -> None:
            self.read(who)

        @rule(who=PEOPLE, edits=EDITS)
        def edit(self, who: str, edits: Plain) -> None:
            if who in self.hands:
                plan, version, base, mine = self.hands[who]
                self.hands[who] = (plan, version, base, mine | edits)

        @rule(who=PEOPLE)
        def save(self, who: str) -> None:
            """Send the form; if somebody was first, both are brought together and stand in the form."""
            if who not in self.hands:
                return
            plan, version, base, mine = self.hands[who]
            state = self.known[plan]
            refused = self.attempt(
                lambda: save_plan(users[who], plan, Contents(**mine), version, issue_key(), self.now)
            )
            assert (refused is None) == (state != "ended" and version == max(self.saved[plan]))
            if refused is None:
                self.saved[plan][version + 1] = mine
                self.hands[who] = (plan, version + 1, mine, mine)
                self.did("saved" if state == "draft" else "changed")
            elif state != "ended":
                assert isinstance(refused, PlanChangedError)
                theirs = Contents.of(refused.version.contents)
                assert plain(theirs) == self.saved[plan][self.newest]
                both = merge(Contents(**base), theirs, Contents(**mine))
                assert plain(both.together) == together(base, plain(theirs), mine)
                self.hands[who] = (plan, refused.version.number, plain(theirs), plain(both.together))

        @rule(who=PEOPLE)
        def agree(self, who: str) -> None:
            """Say yes to the words this person has before them."""
            if who not in self.hands:
                return
            plan, version, _base, _mine = self.hands[who]
            yes, days = Agreement("phone", "Lucía Delgado", "Nadia Petrov"), cast.school_days()
            refused = self.attempt(
                lambda: agree_plan(users[who], plan, yes, version, days, district.home, issue_key(), self.now)
            )
            words, before = self.saved[plan][version], self.agreed.get(plan, [])
            is_ready = bool(words["goal"] and words["strategies"])
            is_new = not before or words != self.saved[plan][before[-1]]
            is_newest = version == max(self.saved[plan])
            assert (refused is None) == (self.known[plan] != "ended" and is_newest and is_ready and is_new)
            if refused is None:
                self.kept = self.kept or plan
                self.did("agreed_again" if before else "agreed")
                self.agreed[plan] = [*before, version]

        @rule(who=PEOPLE, number=st.integers(0, 4))
        def look_again(self, who: str, number: int) -> None:
            due = list(PlanReview.objects.order_by("pk"))
            if not due:
                return
            one = due[number % len(due)]
            runs = self.known[one.plan_id] in ("agreed", "under_review")
            refused = self.attempt(lambda: review_plan(users[who], one.pk, "It goes well.", issue_key(), self.now))
            assert (refused is None) == (runs and one.held_on is None)
            if refused is None:
                self.did("reviewed")

        @rule(who=PEOPLE, edits=EDITS, is_agreed=st.booleans())
        def go_on(self, who: str, edits: Plain, is_agreed: bool) -> None:
            """The usual way; chance alone would seldom bring a plan to its agreement."""
            if self.live is None:
                self.begin(who, {})
                self.moves_are_those_of_the_table()
            self.open_form(who)
            self.edit(who, {"goal": "c"} | edits)
            self.save(who)
            if is_agreed:
                self.agree(who)

        @rule(who=PEOPLE, outcome=st.sampled_from(["met", "stopped"]))
        def end(self, who: str, outcome: str) -> None:
            for plan, state in list(self.known.items())[-1:]:
                is_over = state == "ended" or (state == "draft" and outcome != "stopped")
                refused = self.attempt(
                    lambda plan=plan: end_plan(users[who], plan, outcome, "They moved away.", issue_key(), self.now)
                )
                assert (refused is not None) == is_over
                if refused is None:
                    self.live = None
                    self.did("discarded" if state == "draft" else "ended")

        @invariant()
        def moves_are_those_of_the_table(self) -> None:
            self.hold_moves(dict(SuccessPlan.objects.values_list("pk", "state")), MOVES)

        @invariant()
        def every_version_stays_as_it_was_saved(self) -> None:
            kept: dict[int, dict[int, Plain]] = {}
            for row in PlanVersion.objects.all():
                kept.setdefault(row.plan_id, {})[row.number] = plain(Contents.of(row.contents))
            assert kept == self.saved

        @invariant()
        def what_was_agreed_stays_until_the_family_agrees_again(self) -> None:
            for plan in SuccessPlan.objects.all():
                versions, agreed = self.saved[plan.pk], self.agreed.get(plan.pk, [])
                assert plan.version == max(versions)
                assert plan.agreed_version == (agreed[-1] if agreed else None)
                assert [row.version for row in plan.past_agreements.all()] == agreed[:-1]
                holds = versions[agreed[-1] if agreed else plan.version]
                assert plain(Contents.of(plan.contents)) == holds
                waits = versions[plan.version] if versions[plan.version] != holds else None
                assert (plain(Contents.of(plan.change)) if plan.change else None) == waits

        @invariant()
        def an_agreement_keeps_the_promise_and_nothing_else_does(self) -> None:
            step = steps_of("Mateo")["L3.success_plan"]
            wanted = ("done", f"plan:{self.kept}") if self.kept else ("open", "")
            assert (step.state, step.evidence_reference) == wanted

        @invariant()
        def each_act_is_written_down_once(self) -> None:
            found = AuditEntry.objects.filter(action__in=events_of("plan")).order_by("pk")
            assert list(found.values_list("action", flat=True)) == self.verbs

        @invariant()
        def an_agreed_plan_is_looked_at_again(self) -> None:
            for plan in SuccessPlan.objects.exclude(agreed_on=None):
                assert plan.reviews.exists()
                assert all(plan.agreed_on < one.due_on <= plan.runs_to for one in plan.reviews.filter(held_on=None))

    return Plans


MOVES = {(before.replace(" ", "_"), after.replace(" ", "_")) for before, after in moves_of("plan")}


def test_plans_lose_nothing_in_any_order(open_cases, request) -> None:
    run(machine_for(open_cases), "plans", request, {"draft", "agreed", "under_review", "ended"}, steps=20)
