"""Steps named for people who are gone, and mentors of students who left: nothing stays where nobody can do it."""

from datetime import timedelta

import pytest

from allpresent.access import visible_students
from allpresent.access.models import AuditEntry, Grant
from allpresent.casework import unseen
from allpresent.casework.models import CaseStep, Mentor, MentorMatch
from allpresent.casework.queries.open_work import open_calls
from allpresent.casework.unseen import end_matches_of_leavers, hand_steps_back
from allpresent.roster.models import Student
from tests.cast import HARBOR, LINDEN, NOW, TODAY, student_id

MAYA, MATEO = student_id("Maya"), student_id("Mateo")


def calls_of(district, name):
    return {call.student_id for call in open_calls(district.users[name], TODAY)}


def test_a_step_of_somebody_who_left_is_on_the_list_of_its_role_again(open_cases, django_assert_num_queries):
    alice, quinn = open_cases.users["Alice"], open_cases.users["Quinn"]
    assert MAYA in calls_of(open_cases, "Alice")
    steps = CaseStep.objects.filter(case__student_id=MAYA, state="open")
    steps.update(assigned_to=quinn)  # of another school: sees nothing of Maya
    assert MAYA not in calls_of(open_cases, "Alice")
    kept = CaseStep.objects.filter(case__student_id=MATEO, state="open")
    kept.update(assigned_to=open_cases.users["Paula"])
    number = steps.count()
    assert hand_steps_back(TODAY, NOW) == number > 0
    assert MAYA in calls_of(open_cases, "Alice")
    assert kept.filter(assigned_to=open_cases.users["Paula"]).count() == kept.count()
    told = AuditEntry.objects.filter(action="step.handed_back")
    assert [one.student_id for one in told] == [MAYA]
    (entry,) = told
    assert entry.detail == {"steps": sorted(steps.values_list("pk", flat=True)), "handed_from": quinn.pk}
    steps.update(assigned_to=alice)
    alice.is_active = False
    alice.save()
    assert hand_steps_back(TODAY, NOW) == number
    with django_assert_num_queries(5):  # the people, two for the one left, and the marks of the transaction
        assert hand_steps_back(TODAY, NOW) == 0


def test_what_was_taken_off_one_person_does_not_wait_for_the_next(open_cases, monkeypatch):
    """Each person's steps are a transaction of their own, so that nobody waits for a whole district to be looked at."""
    quinn, hugo = sorted((open_cases.users["Quinn"], open_cases.users["Hugo"]), key=lambda user: user.pk)
    CaseStep.objects.filter(case__student_id=MAYA, state="open").update(assigned_to=quinn)
    CaseStep.objects.filter(case__student_id=MATEO, state="open").update(assigned_to=hugo)

    def look(person, on):
        if person == hugo:
            raise RuntimeError("stopped at the second")
        return Student.objects.none()

    monkeypatch.setattr(unseen, "visible_students", look)
    with pytest.raises(RuntimeError):
        hand_steps_back(TODAY, NOW)
    assert not CaseStep.objects.filter(assigned_to=quinn).exists()
    assert CaseStep.objects.filter(assigned_to=hugo, state="open").exists()


@pytest.fixture
def match(open_cases):
    hugo = open_cases.users["Hugo"]
    grant = Grant.objects.get(user=hugo, relation="success_mentor", object_id=MAYA)
    mentor = Mentor.objects.create(user=hugo, school_id=LINDEN, kind="adult", load_limit=15)
    return MentorMatch.objects.create(mentor=mentor, student_id=MAYA, grant=grant, starts_on=TODAY)


@pytest.mark.parametrize("change", [{"school_id": HARBOR}, {"is_enrolled": False}])
def test_a_mentor_keeps_no_student_who_left_the_school(open_cases, match, change):
    hugo = open_cases.users["Hugo"]
    assert end_matches_of_leavers(NOW) == 0
    Student.objects.filter(pk=MAYA).update(**change)
    assert end_matches_of_leavers(NOW) == 1
    match.refresh_from_db()
    assert (match.ended_on, match.ending) == (TODAY, "moved")
    assert not visible_students(hugo, TODAY + timedelta(days=1)).filter(pk=MAYA).exists()
    (told,) = AuditEntry.objects.filter(action="mentor.match_ended")
    assert (told.user, told.student_id) == (None, MAYA)
    assert end_matches_of_leavers(NOW) == 0
