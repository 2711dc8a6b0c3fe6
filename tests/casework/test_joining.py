"""What people wrote under an id that was given up goes to the id of now; nothing is lost, and nothing stands twice."""

from types import SimpleNamespace

import pyarrow as pa
import pytest

from allpresent.access import issue_key, why_can_view
from allpresent.access.models import AuditEntry, Grant
from allpresent.casework import add_note, exempt_step
from allpresent.casework.joining import join_students
from allpresent.casework.models import Case, CaseStep, Mentor, MentorMatch, Note
from allpresent.casework.models.mentors import MentorKind
from allpresent.casework.models.steps import StepState
from allpresent.roster.models import Student
from tests import cast, factories
from tests.casework.deliveries import steps_of

MATEO, DANTE = cast.student_id("Mateo"), cast.student_id("Dante")


def known(*ids: str) -> SimpleNamespace:
    """Facts that know these students."""
    return SimpleNamespace(version=SimpleNamespace(table=lambda name, columns: pa.table({"student_id": list(ids)})))


def join(former: str, current: str, *also_known: str) -> tuple[int, list[str]]:
    return join_students({former: current}, known(current, *also_known), cast.TODAY, cast.NOW)


@pytest.fixture
def renumbered(open_cases):
    """Mateo comes under another number tonight."""
    mateo = Student.objects.get(pk=MATEO)
    return factories.make_student(mateo.school, "Mateo", student_id="2002").pk


def test_a_new_number_takes_everything_along(open_cases, renumbered):
    dolores, grace = open_cases.users["Dolores"], open_cases.users["Grace"]
    add_note(dolores, MATEO, "His mother called.", issue_key(), cast.NOW)
    steps = set(CaseStep.objects.filter(case__student_id=MATEO).values_list("pk", flat=True))
    assert steps
    assert join(MATEO, renumbered) == (1, [])
    assert set(CaseStep.objects.filter(case__student_id=renumbered).values_list("pk", flat=True)) == steps
    assert Note.objects.get().student_id == renumbered
    assert why_can_view(grace, renumbered, cast.TODAY)
    assert not Student.objects.filter(pk=MATEO).exists()
    entry = AuditEntry.objects.get(action="student.joined")
    assert (entry.student_id, entry.detail["former_id"], entry.detail["cases"]) == (renumbered, MATEO, 1)
    assert join(MATEO, renumbered) == (0, [])


def test_a_former_id_that_the_facts_still_know_waits(open_cases, renumbered):
    assert join(MATEO, renumbered, MATEO) == (
        0,
        ["1002 stays a student of its own until a delivery brings its days under 2002."],
    )
    assert Case.objects.filter(student_id=MATEO).exists()


def test_grants_of_the_staff_file_stay_as_the_file_says(open_cases, renumbered):
    Grant.objects.filter(object_id=MATEO).update(source="staff.csv")
    join(MATEO, renumbered)
    assert not Grant.objects.filter(object_id=renumbered).exists()


def test_of_two_cases_one_is_made_and_what_was_done_stands(open_cases):
    """Both had the same step: done under the former id, it is not asked for again under the other."""
    desk, both = open_cases.users["Dolores"], sorted(set(steps_of("Mateo")) & set(steps_of("Dante")))
    key = both[0]
    done = exempt_step(desk, steps_of("Mateo")[key].pk, "Agreed with the family.", issue_key(), cast.NOW)
    open_before = {step.step_key for step in steps_of("Mateo").values()} | set(steps_of("Dante"))
    assert join(MATEO, DANTE) == (1, [])
    case = Case.objects.get(student_id=DANTE)
    assert not Case.objects.filter(student_id=MATEO).exists()
    standing = case.steps.exclude(state=StepState.WITHDRAWN)
    assert sorted(standing.values_list("step_key", flat=True)) == sorted(open_before)
    assert standing.get(step_key=key) == done
    levels = list(case.crossings.filter(is_withdrawn=False).values_list("level", flat=True))
    assert sorted(levels) == ["L2", "L3", "L4"]


def test_what_was_done_under_both_ids_stays_with_each(open_cases):
    desk, key = open_cases.users["Dolores"], sorted(set(steps_of("Mateo")) & set(steps_of("Dante")))[0]
    for name in ("Mateo", "Dante"):
        exempt_step(desk, steps_of(name)[key].pk, "Agreed with the family.", issue_key(), cast.NOW)
    assert join(MATEO, DANTE) == (1, [])
    assert CaseStep.objects.filter(state=StepState.EXEMPT).count() == 2
    left = Case.objects.get(student_id=MATEO)
    assert [step.step_key for step in left.steps.all()] == [key]
    assert not left.crossings.filter(is_withdrawn=False).exists()


def test_two_mentors_are_left_to_a_person(open_cases):
    for key in (MATEO, DANTE):
        user = factories.make_user()
        mentor = Mentor.objects.create(user=user, school_id=cast.LINDEN, kind=MentorKind.ADULT, load_limit=3)
        grant = factories.give(user, "success_mentor", "student", key)
        MentorMatch.objects.create(mentor=mentor, student_id=key, grant=grant, starts_on=cast.TODAY)
    _, (sentence,) = join(MATEO, DANTE)
    assert sentence.startswith("1002 became 1004, and both have 1 mentor match")
    assert Student.objects.filter(pk=MATEO).exists()
    MentorMatch.objects.filter(student_id=DANTE).update(ended_on=cast.TODAY)
    assert join(MATEO, DANTE) == (1, [])


def test_an_id_of_now_that_nobody_has_is_told(open_cases):
    moved, (sentence,) = join(MATEO, "20020")
    assert moved == 0
    assert sentence.startswith(f"Nobody came under the id 20020, which {MATEO} is said to have now; correct it")
