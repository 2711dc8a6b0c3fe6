"""Steps left overdue go to the attendance team."""

import pytest

from allpresent.access.models import AuditEntry
from allpresent.casework.escalation import escalate_steps, latest_due
from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import StepState
from tests import cast
from tests.casework.deliveries import day, deliver, night, steps_of


@pytest.fixture
def facts(district, tmp_path):
    """Maya crossed to L2 on the tenth school day; her call was due three school days later."""
    facts = deliver(tmp_path, "0001-a", {"Maya": [4, 10]})
    night(tmp_path, facts, 10)
    return facts


def call():
    return steps_of("Maya")["L2.check_in_call"]


def test_a_step_goes_to_the_team_when_it_is_overdue_by_so_many_school_days(facts):
    assert call().due_on == day(13)
    assert escalate_steps(facts, day(17), cast.NOW, after=5) == 0
    assert escalate_steps(facts, day(18), cast.NOW, after=5) == 1
    step = call()
    assert (step.owner_role, step.promise.owner_role, step.escalated_on) == (
        "school_attendance_team",
        "teacher",
        day(18),
    )
    assert step.due_on == day(13)


def test_it_goes_once(facts):
    escalate_steps(facts, day(18), cast.NOW)
    assert escalate_steps(facts, day(18), cast.NOW) == 0
    assert escalate_steps(facts, day(40), cast.NOW) == 0
    (entry,) = AuditEntry.objects.filter(action="steps.escalated")
    assert entry.detail == {"steps": [call().pk], "to": "school_attendance_team", "as_of": day(18).isoformat()}


def test_what_is_the_teams_already_stays_with_it(facts):
    escalate_steps(facts, day(40), cast.NOW)
    assert steps_of("Maya")["L2.verify_attendance"].escalated_on is None


def test_the_person_it_was_given_to_keeps_it(facts, district):
    CaseStep.objects.filter(pk=call().pk).update(assigned_to=district.users["Bob"])
    escalate_steps(facts, day(40), cast.NOW)
    assert call().assigned_to == district.users["Bob"]


def test_done_steps_stay_where_they_are(facts):
    CaseStep.objects.filter(pk=call().pk).update(state=StepState.DONE, ended_on=day(40))
    assert escalate_steps(facts, day(40), cast.NOW) == 0


@pytest.mark.parametrize(
    ("as_of", "after", "limit"), [(3, 5, None), (5, 5, 1), (18, 5, 14), (18, 1, 18), (18, 0, None)]
)
def test_latest_due_counts_school_days(facts, as_of, after, limit):
    found = latest_due(facts, cast.LINDEN, day(as_of), after)
    assert found == (day(limit) if limit else None)
