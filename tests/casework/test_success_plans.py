"""Success plans: written by several people without loss, agreed with proof, reviewed on their days, ended with why."""

import base64
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import PlanReview, PlanVersion, SuccessPlan
from allpresent.casework.models.steps import StepState
from allpresent.casework.plan_agreements import review_days
from allpresent.casework.plan_contents import Contents, merge
from allpresent.casework.plan_papers import keep_paper, signature_bytes
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

MATEO = cast.student_id("Mateo")
STAND = Stand("11", "46", cast.LAST_SCHOOL_DAY, cast.DELIVERY)
PNG = b"\x89PNG\r\n\x1a\n" + b"drawn"
PHONE = Agreement("phone", "Lucía Delgado", "Nadia Petrov")
WORDS = Contents(goal="Mateo takes the early bus with Iris.", strategies=("walk_together",), causes=("transportation",))


def contents(district, **more):
    return replace(WORDS, champion=district.users["Paula"].pk, **more)


def start(district, name="Paula", key=None, **more):
    return start_plan(district.users[name], MATEO, contents(district, **more), STAND, key or issue_key(), cast.NOW)


def save(district, plan, what, version, name="Paula", key=None):
    return save_plan(district.users[name], plan.pk, what, version, key or issue_key(), cast.NOW)


def agree(district, plan, agreement=PHONE, version=1, home=None, key=None):
    days, user = cast.school_days(), district.users["Paula"]
    return agree_plan(user, plan.pk, agreement, version, days, home or Path("/nowhere"), key or issue_key(), cast.NOW)


def test_a_plan_begins_as_a_draft_with_the_days_of_its_morning(open_cases):
    plan = start(open_cases)
    kept = (plan.state, plan.days_absent, plan.days_reported, plan.as_of, plan.delivery_id, plan.version)
    assert kept == ("draft", "11", "46", cast.LAST_SCHOOL_DAY, cast.DELIVERY, 1)
    assert Contents.of(plan.contents) == contents(open_cases)
    (entry,) = AuditEntry.objects.filter(action="plan.started")
    assert (entry.student_id, entry.object_id) == (MATEO, str(plan.pk))


def test_a_student_has_one_plan_at_a_time_and_a_key_begins_one(open_cases):
    key = issue_key()
    assert start(open_cases, key=key) == start(open_cases, key=key)
    with pytest.raises(AlreadyChangedError, match="begun for this student"):
        start(open_cases)
    assert SuccessPlan.objects.count() == PlanVersion.objects.count() == 1


@pytest.mark.parametrize("name", ["Charlie", "Ivan", "Erin", "Olga", "Carmen", "Pat", "Rita"])
def test_to_who_may_not_see_the_student_there_is_neither_student_nor_plan(open_cases, name):
    with pytest.raises(NotVisibleError):
        start(open_cases, name=name)
    plan = start(open_cases)
    with pytest.raises(NotVisibleError):
        save(open_cases, plan, contents(open_cases), 1, name=name)


@pytest.mark.parametrize("name", ["Bob", "Nadia", "Grace"])
def test_a_teacher_and_a_visitor_see_the_student_but_write_no_plan(open_cases, name):
    with pytest.raises(CaseworkError, match="attendance team") as told:
        start(open_cases, name=name)
    assert not isinstance(told.value, NotVisibleError)


def test_a_champion_has_to_see_the_student(open_cases):
    with pytest.raises(CaseworkError, match="does not see Mateo"):
        start_plan(
            open_cases.users["Paula"],
            MATEO,
            replace(WORDS, champion=open_cases.users["Charlie"].pk),
            STAND,
            issue_key(),
            cast.NOW,
        )


def test_two_people_saving_lose_nothing(open_cases):
    plan = start(open_cases)
    base = contents(open_cases)
    save(open_cases, plan, replace(base, backup="Aunt drives."), 1, name="Dolores")
    mine = replace(base, own_words="I like the early bus.")
    with pytest.raises(PlanChangedError, match="Dolores") as told:
        save(open_cases, plan, mine, 1)
    theirs = Contents.of(told.value.version.contents)
    both = merge(base, theirs, mine)
    assert (both.conflicts, both.together.backup, both.together.own_words) == (
        (),
        "Aunt drives.",
        "I like the early bus.",
    )
    saved = save(open_cases, plan, both.together, 2)
    assert (saved.version, Contents.of(saved.contents)) == (3, both.together)
    assert [row.number for row in saved.versions.order_by("number")] == [1, 2, 3]


TEXTS = st.sampled_from(["", "a", "b", "c"])
SOME = st.builds(Contents, goal=TEXTS, backup=TEXTS, own_words=TEXTS, goal_days=st.integers(0, 3))


@given(base=SOME, theirs=SOME, mine=SOME)
def test_a_merge_keeps_every_change_or_names_the_field(base, theirs, mine):
    both = merge(base, theirs, mine)
    for name in ("goal", "backup", "own_words", "goal_days"):
        before, saved, own, kept = (getattr(one, name) for one in (base, theirs, mine, both.together))
        changed_by_both = own not in (before, saved) and saved != before
        assert (name in both.conflicts) == changed_by_both
        if own == before:
            assert kept == saved
        elif not changed_by_both:
            assert kept == own


def test_agreed_by_phone_closes_the_promised_plan_and_sets_the_reviews(open_cases):
    plan = agree(open_cases, start(open_cases))
    promised = steps_of("Mateo")["L3.success_plan"]
    assert (plan.state, plan.agreed_on, plan.runs_to) == ("agreed", cast.TODAY, date(2026, 12, 16))
    assert (promised.state, promised.evidence_reference, promised.done_on) == (
        StepState.DONE,
        f"plan:{plan.pk}",
        cast.TODAY,
    )
    assert [review.due_on for review in plan.reviews.all()] == [
        date(2026, 11, 20),
        date(2026, 12, 8),
        date(2026, 12, 16),
    ]
    (entry,) = AuditEntry.objects.filter(action="plan.agreed")
    assert entry.detail == {"how": "phone", "version": 1, "closed_steps": [promised.pk]}


def test_a_signature_is_kept_below_the_home(open_cases, tmp_path):
    plan = agree(open_cases, start(open_cases), Agreement("signature", "Lucía Delgado", paper=PNG), home=tmp_path)
    assert plan.paper.startswith(f"plans/{plan.pk}/")
    assert (tmp_path / plan.paper).read_bytes() == PNG


def test_agreed_twice_with_one_key_is_one_agreement(open_cases):
    plan, key = start(open_cases), issue_key()
    agree(open_cases, plan, key=key)
    agree(open_cases, plan, key=key)
    assert AuditEntry.objects.filter(action="plan.agreed").count() == 1
    with pytest.raises(AlreadyChangedError, match="nothing was changed since"):
        agree(open_cases, plan)


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [({"goal": " "}, "goal in plain words"), ({"strategies": ()}, "at least one thing")],
)
def test_nobody_agrees_to_half_a_plan(open_cases, lacking, sentence):
    plan = start(open_cases, **lacking)
    with pytest.raises(CaseworkError, match=sentence):
        agree(open_cases, plan)
    assert steps_of("Mateo")["L3.success_plan"].state == StepState.OPEN


def test_an_agreement_is_to_the_words_that_were_shown(open_cases):
    plan = start(open_cases)
    save(open_cases, plan, contents(open_cases, backup="Changed."), 1, name="Dolores")
    with pytest.raises(PlanChangedError):
        agree(open_cases, plan, version=1)


@pytest.mark.parametrize(
    ("how", "more", "sentence"),
    [
        ("shouted", {}, "how the family agreed"),
        ("phone", {}, "needs a witness"),
        ("paper", {}, "the scan"),
        ("signature", {}, "the signature"),
    ],
)
def test_an_agreement_without_its_proof_is_refused(how, more, sentence):
    with pytest.raises(CaseworkError, match=sentence):
        Agreement(how, "Lucía Delgado", **more)


@pytest.mark.parametrize("drawn", ["", "data:image/png;base64,????", "data:image/png;base64,QUJD", "javascript:1"])
def test_a_drawing_that_is_none_is_refused(drawn):
    with pytest.raises(CaseworkError, match="signature"):
        signature_bytes(drawn)


def test_a_drawing_arrives_as_it_was_drawn():
    assert signature_bytes("data:image/png;base64," + base64.b64encode(PNG).decode()) == PNG


@pytest.mark.parametrize("content", [b"<html>", b"GIF89a", b"%PDF-" + b"x" * 8_000_001])
def test_a_scan_is_known_by_its_first_bytes_and_its_size(tmp_path, content):
    with pytest.raises(CaseworkError, match="PDF, PNG or JPEG"):
        keep_paper(tmp_path, 1, content)
    assert not list(tmp_path.iterdir())


def test_a_review_is_held_once_and_the_plan_goes_on(open_cases):
    plan = agree(open_cases, start(open_cases))
    first = plan.reviews.first()
    user, later = open_cases.users["Paula"], cast.NOW + timedelta(days=15)
    held = review_plan(user, first.pk, "The bus works, mornings are calmer.", issue_key(), later)
    assert held.state == "under_review"
    assert PlanReview.objects.get(pk=first.pk).held_on == date(2026, 11, 20)
    with pytest.raises(AlreadyChangedError):
        review_plan(user, first.pk, "Once more the same.", issue_key(), later)
    assert AuditEntry.objects.filter(action="plan.reviewed").count() == 1


@pytest.mark.parametrize("outcome", ["met", "partly", "not_met", "stopped"])
def test_a_plan_ends_with_what_came_of_it_and_another_may_begin(open_cases, outcome):
    plan = agree(open_cases, start(open_cases))
    user = open_cases.users["Paula"]
    ended = end_plan(user, plan.pk, outcome, "The family moved to a new route.", issue_key(), cast.NOW)
    assert (ended.state, ended.outcome, ended.ended_by) == ("ended", outcome, user)
    with pytest.raises(AlreadyChangedError, match="ended this plan"):
        end_plan(user, plan.pk, "met", "Once more, for good.", issue_key(), cast.NOW)
    assert start(open_cases).pk != plan.pk
    assert steps_of("Mateo")["L3.success_plan"].state == StepState.DONE


def test_a_draft_can_only_be_stopped(open_cases):
    plan, user = start(open_cases), open_cases.users["Paula"]
    with pytest.raises(CaseworkError, match="only be stopped"):
        end_plan(user, plan.pk, "met", "It went well anyway.", issue_key(), cast.NOW)
    end_plan(user, plan.pk, "stopped", "The family prefers to wait.", issue_key(), cast.NOW)
    assert AuditEntry.objects.filter(action="plan.discarded").count() == 1


@pytest.mark.parametrize("why", ["", "short", "x" * 2001])
def test_why_a_plan_ended_is_said_in_a_few_words(open_cases, why):
    plan = start(open_cases)
    with pytest.raises(CaseworkError):
        end_plan(open_cases.users["Paula"], plan.pk, "stopped", why, issue_key(), cast.NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"goal_days": 61},
        {"weeks": 0},
        {"review_every": 2},
        {"causes": ("laziness",)},
        {"strategies": ("punish",)},
        {"language": "fr"},
        {"goal": "x" * 2001},
    ],
)
def test_contents_that_cannot_be_are_refused(wrong):
    with pytest.raises(CaseworkError):
        replace(WORDS, **wrong)


@given(offsets=st.sets(st.integers(-20, 80), max_size=60), every=st.integers(5, 30), weeks=st.integers(1, 8))
def test_reviews_fall_on_school_days_within_the_horizon_and_one_ends_it(offsets, every, weeks):
    first = date(2026, 11, 5)
    last = first + timedelta(days=weeks * 7 - 1)
    days = [first + timedelta(days=offset) for offset in offsets]
    due = review_days(first, last, every, days)
    within = [day for day in days if first < day <= last]
    assert due == sorted(set(due))
    assert due[-1] == (max(within) if within else last)
    assert set(due) <= set(within) or not within
    assert len(due) == -(-len(within) // every) if within else len(due) == 1
