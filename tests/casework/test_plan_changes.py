"""A plan that was agreed is changed: two people write without loss, the family agrees anew, what was agreed stays."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError
from allpresent.casework.errors import AlreadyChangedError
from allpresent.casework.models import PastAgreement, PlanVersion, SuccessPlan
from allpresent.casework.plan_contents import Contents, merge
from allpresent.casework.queries.success_plans import live_goals, live_plans
from allpresent.casework.success_plans import PlanChangedError, agree_plan, end_plan, review_plan
from tests import cast
from tests.casework.machines import EXAMPLES
from tests.casework.test_success_plans import MATEO, PHONE, agree, contents, save, start

LATER = cast.NOW + timedelta(days=20)  # after the first review's day


def changed(district, plan, version=1, name="Paula", **more):
    return save(district, plan, contents(district, **more), version, name=name)


def agree_later(district, plan, version, agreement=PHONE):
    user, days = district.users["Paula"], cast.school_days()
    return agree_plan(user, plan.pk, agreement, version, days, Path("/nowhere"), issue_key(), LATER)


def test_a_change_waits_and_what_was_agreed_holds(open_cases):
    plan = agree(open_cases, start(open_cases))
    after = changed(open_cases, plan, goal="Mateo walks with Iris.", goal_days=1)
    assert (after.state, after.version, after.agreed_version, after.agreed_on) == ("agreed", 2, 1, cast.TODAY)
    assert Contents.of(after.contents) == contents(open_cases)
    assert after.change["goal"] == "Mateo walks with Iris."
    assert live_goals([MATEO]) == {MATEO: "Mateo takes the early bus with Iris."}
    (row,) = live_plans(open_cases.users["Paula"], cast.TODAY)
    assert (row.goal, row.has_change) == ("Mateo takes the early bus with Iris.", True)
    (entry,) = AuditEntry.objects.filter(action="plan.changed")
    assert (entry.student_id, entry.detail) == (MATEO, {"version": 2})


def test_agreed_again_the_change_holds_and_the_first_agreement_is_kept(open_cases):
    plan = agree(open_cases, start(open_cases))
    changed(open_cases, plan, weeks=8, goal_days=1)
    again = agree_later(open_cases, plan, 2)
    assert (again.agreed_version, again.agreed_on, again.change) == (2, date(2026, 11, 25), None)
    assert (again.contents["goal_days"], again.runs_to) == (1, date(2027, 1, 19))
    (past,) = PastAgreement.objects.all()
    told = (past.version, past.agreed_on, past.runs_to, past.agreed_with, past.witness, past.replaced_on)
    assert told == (1, cast.TODAY, date(2026, 12, 16), "Lucía Delgado", "Nadia Petrov", date(2026, 11, 25))
    assert past.review_days == ["2026-11-20", "2026-12-08", "2026-12-16"]
    assert Contents.of(plan.versions.get(number=1).contents).goal_days == 2
    assert AuditEntry.objects.filter(action="plan.agreed_again").count() == 1


def test_reviews_to_come_are_set_anew_and_those_due_or_held_stay(open_cases):
    plan = agree(open_cases, start(open_cases))
    first, second, _last = plan.reviews.all()
    review_plan(open_cases.users["Paula"], second.pk, "Held early, it goes well.", issue_key(), LATER)
    changed(open_cases, plan, review_every=5)
    agree_later(open_cases, plan, 2)
    rows = {row.due_on: row.held_on for row in plan.reviews.all()}
    assert rows[first.due_on] is None  # overdue, and still to be held
    assert rows[second.due_on] == date(2026, 11, 25)
    to_come = [day for day, held in rows.items() if day > date(2026, 11, 25) and held is None]
    assert to_come == [
        *(date(2026, 12, day) for day in (4, 11, 18, 25)),
        date(2027, 1, 1),
        date(2027, 1, 5),
    ]


def test_the_family_agrees_to_the_words_of_the_change_it_saw(open_cases):
    plan = agree(open_cases, start(open_cases))
    changed(open_cases, plan, backup="A taxi.")
    changed(open_cases, plan, 2, name="Dolores", backup="A bicycle.")
    with pytest.raises(PlanChangedError, match="Dolores"):
        agree_later(open_cases, plan, 2)
    assert SuccessPlan.objects.get().agreed_version == 1


def test_a_change_taken_back_leaves_nothing_to_agree_to(open_cases):
    plan = agree(open_cases, start(open_cases))
    changed(open_cases, plan, backup="A taxi.")
    back = save(open_cases, plan, contents(open_cases), 2)
    assert (back.version, back.change) == (3, None)
    with pytest.raises(AlreadyChangedError, match="nothing was changed since"):
        agree_later(open_cases, plan, 3)
    assert [row.contents["backup"] for row in plan.versions.order_by("number")] == ["", "A taxi.", ""]


def test_half_a_change_is_not_agreed_to_and_an_ended_plan_not_changed(open_cases):
    plan = agree(open_cases, start(open_cases))
    changed(open_cases, plan, strategies=())
    with pytest.raises(CaseworkError, match="at least one thing"):
        agree_later(open_cases, plan, 2)
    end_plan(open_cases.users["Paula"], plan.pk, "met", "It went well for weeks.", issue_key(), LATER)
    with pytest.raises(AlreadyChangedError, match="ended this plan"):
        changed(open_cases, plan, 2, backup="A taxi.")


# Any interleaving of two people's work


FIELDS = ("goal", "backup", "own_words", "help_family")
WRITERS = ("Paula", "Dolores")
WORK = st.tuples(
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(WRITERS), st.sampled_from(FIELDS), st.booleans()), min_size=4, max_size=14),
)
_run = {"done": 0}


class _UndoError(Exception):
    """Puts the books back between two interleavings."""


def write_in_turns(district, is_agreed, turns):
    """Each turn one person writes a word of their own into a field, and then may send the form."""
    plan = start(district)
    if is_agreed:
        agree(district, plan)
    first = contents(district)
    forms = {name: [1, first, first] for name in WRITERS}
    typed: dict[str, list[str]] = {}
    for number, (name, field, sends) in enumerate(turns):
        form, word = forms[name], f"{name} {number}"
        form[2] = replace(form[2], **{field: word})
        typed.setdefault(field, []).append(word)
        if sends:
            send(district, plan, name, form)
    for name in WRITERS:
        send(district, plan, name, forms[name])
    return plan, typed


def send(district, plan, name, form):
    """Save what is in the form; where somebody was first, bring both together and save that."""
    if form[1] == form[2]:
        return
    try:
        save(district, plan, form[2], form[0], name=name)
    except PlanChangedError as error:
        theirs = Contents.of(error.version.contents)
        form[:] = [error.version.number, theirs, merge(form[1], theirs, form[2]).together]
        save(district, plan, form[2], form[0], name=name)
    form[:] = [form[0] + 1, form[2], form[2]]


@settings(
    max_examples=min(EXAMPLES, 500),
    deadline=None,
    database=None,
    derandomize=EXAMPLES <= 6,
    suppress_health_check=list(HealthCheck),
)
@given(work=WORK)
def interleave(district, work):
    with suppress(_UndoError), transaction.atomic():
        plan, typed = write_in_turns(district, *work)
        plan.refresh_from_db()
        rows = list(PlanVersion.objects.order_by("number"))
        assert [row.number for row in rows] == list(range(1, plan.version + 1))
        newest = rows[-1].contents
        for field, words in typed.items():
            # A word is in the newest version, or a later one of the same field took its place before their eyes.
            assert newest[field] in words
            by = {name: [word for word in words if word.startswith(name)] for name in WRITERS}
            saved = {row.contents[field] for row in rows}
            assert {mine[-1] for mine in by.values() if mine} <= saved
        _run["done"] += 1
        raise _UndoError


def test_whatever_the_order_of_two_writing_nothing_is_lost(open_cases, request):
    interleave(open_cases)
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nplan: {_run['done']} interleavings of two people writing, nothing lost", flush=True)
    assert min(EXAMPLES, 500) <= _run["done"]
