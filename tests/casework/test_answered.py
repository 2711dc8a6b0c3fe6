"""A level crossed by a student who has a mentor, or a plan: what it promises of that kind is done the same night."""

from datetime import timedelta

import pytest

from allpresent.access.models import AuditEntry
from allpresent.casework.answered import close_answered
from allpresent.casework.mentors import end_match
from allpresent.casework.models import CaseStep, SuccessPlan
from allpresent.casework.models.steps import StepState
from tests import cast
from tests.casework.deliveries import steps_of
from tests.casework.test_mentors import add, issue_key, match
from tests.casework.test_success_plans import agree, start

TOMORROW = cast.NOW + timedelta(days=1)


def open_again(*keys):
    """As if the level had been crossed only now, after the act that would have closed the step."""
    kept = CaseStep.objects.filter(pk__in=[steps_of("Mateo")[key].pk for key in keys])
    kept.update(state=StepState.OPEN, ended_on=None, ended_at=None, done_by=None, evidence_reference="")


def test_a_mentor_who_was_there_before_answers_the_promise(open_cases):
    made = match(open_cases, add(open_cases))
    open_again("L3.success_mentor")
    assert close_answered(cast.LAST_SCHOOL_DAY, TOMORROW) == 1
    step = steps_of("Mateo")["L3.success_mentor"]
    assert (step.state, step.evidence_reference) == (StepState.DONE, f"match:{made.pk}")
    assert (step.ended_on, step.done_by) == (cast.LAST_SCHOOL_DAY, open_cases.users["Paula"])
    told = AuditEntry.objects.get(action="step.answered")
    assert (told.student_id, told.user) == (cast.student_id("Mateo"), None)
    assert told.detail == {"closed_steps": [step.pk], "because": f"match:{made.pk}"}
    assert close_answered(cast.LAST_SCHOOL_DAY, TOMORROW) == 0


def test_a_mentor_who_left_answers_nothing(open_cases):
    made = match(open_cases, add(open_cases))
    end_match(open_cases.users["Paula"], made.pk, "mentor_left", "", issue_key(), cast.NOW)
    open_again("L3.success_mentor")
    assert close_answered(cast.LAST_SCHOOL_DAY, TOMORROW) == 0


@pytest.mark.parametrize(("state", "closed"), [("agreed", 1), ("under_review", 1), ("draft", 0), ("ended", 0)])
def test_a_plan_answers_while_it_is_agreed(open_cases, state, closed):
    plan = agree(open_cases, start(open_cases))
    open_again("L3.success_plan")
    SuccessPlan.objects.filter(pk=plan.pk).update(state=state)
    assert close_answered(cast.LAST_SCHOOL_DAY, TOMORROW) == closed
    assert (steps_of("Mateo")["L3.success_plan"].state == StepState.DONE) is bool(closed)


def test_a_night_with_nothing_to_answer_asks_twice(open_cases, django_assert_num_queries):
    with django_assert_num_queries(4):  # two, and the marks of the transaction
        assert close_answered(cast.LAST_SCHOOL_DAY, TOMORROW) == 0
