"""Home visits: from the proposal to what was promised, what a completed one closes, and who reads the field notes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from allpresent.access import issue_key, visible_students
from allpresent.access.grants import sight
from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError, home_visits, queries
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import HomeVisit, VisitFieldNote
from allpresent.casework.models.steps import StepState
from allpresent.casework.queries import home_visits as read
from allpresent.casework.visit_forms import VisitForm, VisitPlan
from tests import cast
from tests.casework.deliveries import steps_of

MATEO, MAYA = cast.student_id("Mateo"), cast.student_id("Maya")
NOTE = "Canary: the landlord is at the door."


def plan(district, **more):
    users = district.users
    times = {"starts_at": cast.NOW + timedelta(hours=6), "ends_at": cast.NOW + timedelta(hours=7)}
    return VisitPlan(**({"visitor": users["Grace"], "co_visitor": users["Paula"]} | times | more))


def propose(district, name="Paula", student=MATEO, key=None, **more):
    return home_visits.propose_visit(district.users[name], student, VisitPlan(**more), key or issue_key(), cast.NOW)


def schedule(district, visit=None, name="Paula", **more):
    visit = visit or propose(district)
    return home_visits.schedule_visit(district.users[name], visit.pk, plan(district, **more), issue_key(), cast.NOW)


def form(outcome="completed", **more):
    values = {"on": cast.TODAY, "was_scheduled": True, "met": "Lucía Delgado", "field_note": NOTE}
    return VisitForm(**(values | {"outcome": outcome} | more))


def record(district, outcome="completed", name="Grace", student=MATEO, key=None, visit=None, now=cast.NOW, **more):
    return home_visits.record_visit(
        district.users[name],
        student,
        form(outcome, **more),
        key or issue_key(),
        now,
        visit_id=visit.pk if visit else None,
    )


def seen_by(district, name="Paula"):
    return visible_students(district.users[name], cast.TODAY)


def board_of(district, name):
    return read.visit_board(district.users[name], seen_by(district, name), cast.TODAY, cast.NOW)


def test_visit_goes_from_proposed_over_scheduled_to_done(open_cases):
    visit = propose(open_cases)
    assert visit.state == "proposed"
    assert schedule(open_cases, visit).state == "scheduled"
    done = record(open_cases, visit=visit, causes=("illness",), language="es")
    assert (done.pk, done.state, done.number, done.form_type) == (visit.pk, "done", 1, 1)
    assert (done.visitor, done.on, done.was_scheduled, done.language) == (
        open_cases.users["Grace"],
        cast.TODAY,
        True,
        "es",
    )
    assert [entry.action for entry in AuditEntry.objects.filter(object_kind="visit").order_by("pk")] == [
        "visit.proposed",
        "visit.scheduled",
        "visit.recorded",
    ]


def test_completed_visit_closes_the_promised_visit_and_nothing_else(open_cases):
    before = {key for key, step in steps_of("Mateo").items() if step.state == StepState.OPEN}
    visit = record(open_cases)
    after = {key for key, step in steps_of("Mateo").items() if step.state == StepState.OPEN}
    assert before - after == {"L3.home_visit"}
    step = steps_of("Mateo")["L3.home_visit"]
    assert (step.done_on, step.evidence_reference) == (cast.TODAY, f"visit:{visit.pk}")


@pytest.mark.parametrize(("outcome", "state"), [("attempted", "not_found"), ("declined", "declined")])
def test_visit_tried_or_declined_closes_nothing(open_cases, outcome, state):
    assert record(open_cases, outcome, met="").state == state
    assert steps_of("Mateo")["L3.home_visit"].state == StepState.OPEN


def test_promise_made_at_the_visit_stays_to_be_kept(open_cases):
    visit = record(open_cases, promised="A bus pass", promised_on=cast.TODAY + timedelta(days=2))
    assert visit.state == "follow_up"
    assert home_visits.keep_promise(open_cases.users["Paula"], visit.pk, cast.NOW).state == "done"
    with pytest.raises(AlreadyChangedError, match="Done"):
        home_visits.keep_promise(open_cases.users["Paula"], visit.pk, cast.NOW)


def test_fourth_visit_is_sent_as_the_third_and_keeps_its_number(open_cases):
    visits = [record(open_cases) for _ in range(4)]
    assert [(visit.number, visit.form_type) for visit in visits] == [(1, 1), (2, 2), (3, 3), (4, 3)]


def test_numbers_begin_again_with_the_school_year(open_cases):
    record(open_cases, on=cast.TODAY.replace(year=2025))
    record(open_cases, on=cast.TODAY.replace(month=6, day=30))
    assert record(open_cases).number == 1


def test_undo_opens_the_step_again_and_leaves_no_note(open_cases):
    visit = schedule(open_cases)
    record(open_cases, visit=visit)
    undone = home_visits.undo_visit(open_cases.users["Grace"], visit.pk, cast.NOW + timedelta(minutes=9))
    assert (undone.state, undone.on, undone.number) == ("scheduled", None, None)
    assert steps_of("Mateo")["L3.home_visit"].state == StepState.OPEN
    assert not VisitFieldNote.objects.exists()
    assert not [event for event in queries.timeline(MATEO) if event.kind == "visit"]


def test_undo_brings_back_who_goes_and_why_and_that_they_came_out(open_cases):
    visit = schedule(open_cases)
    planned = (visit.visitor, visit.co_visitor, visit.reason, visit.reason_words, visit.mode)
    HomeVisit.objects.filter(pk=visit.pk).update(checked_out_at=cast.NOW)
    record(open_cases, visit=visit, name="Paula", reason="other", reason_words="a mistake")
    undone = home_visits.undo_visit(open_cases.users["Paula"], visit.pk, cast.NOW + timedelta(minutes=2))
    undone.refresh_from_db()
    assert (undone.visitor, undone.co_visitor, undone.reason, undone.reason_words, undone.mode) == planned
    assert undone.visitor == open_cases.users["Grace"]
    assert (undone.checked_out_at, undone.plan_before) == (cast.NOW, {})


@pytest.mark.parametrize(
    ("name", "minutes", "sentence"), [("Paula", 1, "Only the person"), ("Grace", 11, "ten minutes")]
)
def test_undo_is_its_authors_for_ten_minutes(open_cases, name, minutes, sentence):
    visit = record(open_cases)
    with pytest.raises(CaseworkError, match=sentence):
        home_visits.undo_visit(open_cases.users[name], visit.pk, cast.NOW + timedelta(minutes=minutes))


def test_visit_nobody_proposed_is_taken_back_whole(open_cases):
    visit = record(open_cases)
    assert home_visits.undo_visit(open_cases.users["Grace"], visit.pk, cast.NOW).state == "withdrawn"


def test_sent_twice_it_is_written_once(open_cases):
    key = issue_key()
    assert record(open_cases, key=key) == record(open_cases, key=key)
    assert HomeVisit.objects.count() == 1
    assert AuditEntry.objects.filter(action="visit.recorded").count() == 1


def test_second_proposal_for_a_family_is_refused(open_cases):
    propose(open_cases)
    with pytest.raises(AlreadyChangedError, match="already proposed"):
        propose(open_cases)


def test_second_form_for_a_visit_is_refused(open_cases):
    visit = schedule(open_cases)
    record(open_cases, visit=visit)
    with pytest.raises(AlreadyChangedError, match="Done"):
        record(open_cases, visit=visit)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"co_visitor": None}, "in pairs"),
        ({"visitor": None}, "who visits"),
        ({"ends_at": None}, "expected to end"),
        ({"ends_at": cast.NOW}, "correct the times"),
    ],
)
def test_schedule_needs_a_pair_and_an_expected_end(open_cases, wrong, sentence):
    with pytest.raises(CaseworkError, match=sentence):
        schedule(open_cases, **wrong)


def test_video_visit_may_be_made_alone(open_cases):
    assert schedule(open_cases, co_visitor=None, mode="virtual").state == "scheduled"


def test_nobody_is_sent_to_a_family_they_may_not_see(open_cases):
    with pytest.raises(CaseworkError, match="does not see"):
        schedule(open_cases, co_visitor=open_cases.users["Quinn"])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"reason": "other"}, "Explain"),
        ({"reason": "boredom"}, "why the family"),
        ({"outcome": "great"}, "what came of"),
        ({"met": " "}, "who was met"),
        ({"causes": ("laziness",)}, "from the list"),
        ({"promised_on": cast.TODAY}, "promised for that day"),
        ({"field_note": "x" * 8001}, "shorten"),
    ],
)
def test_form_that_cannot_be_is_refused_with_what_to_do(wrong, sentence):
    with pytest.raises(CaseworkError, match=sentence):
        form(**wrong)


def test_visit_in_the_future_is_refused(open_cases):
    with pytest.raises(CaseworkError, match="future"):
        record(open_cases, on=cast.TODAY + timedelta(days=1))


@pytest.mark.parametrize("name", ["Alice", "Quinn", "Charlie", "Erin", "Pat", "Rita", "Hugo"])
def test_those_who_do_not_see_the_student_find_no_visit(open_cases, name):
    visit = propose(open_cases)
    with pytest.raises(NotVisibleError):
        record(open_cases, name=name, visit=visit)


def test_teacher_sees_the_student_and_records_no_visit(open_cases):
    with pytest.raises(CaseworkError, match="Your role"):
        record(open_cases, name="Bob")


def test_teacher_sees_no_field_notes_anywhere(open_cases):
    record(open_cases)
    assert not sight(open_cases.users["Bob"], MATEO, cast.TODAY).reads("D7")
    assert NOTE not in repr(queries.timeline(MATEO))
    assert NOTE not in repr(board_of(open_cases, "Paula"))
    assert NOTE not in repr(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_visitor_and_team_read_field_notes(open_cases):
    visit = record(open_cases)
    assert sight(open_cases.users["Grace"], MATEO, cast.TODAY).reads("D7")
    assert sight(open_cases.users["Paula"], MATEO, cast.TODAY).reads("D7")
    assert read.field_note(visit.pk).text == NOTE


def test_missed_check_out_is_told_until_somebody_is_out(open_cases):
    visit = schedule(open_cases)
    paula, later = open_cases.users["Paula"], cast.NOW + timedelta(hours=8)
    assert read.missed_check_outs(paula, seen_by(open_cases), cast.NOW) == []
    (row,) = read.missed_check_outs(paula, seen_by(open_cases), later)
    assert (row.visit_id, row.is_out_late) == (visit.pk, True)
    home_visits.check_out(open_cases.users["Grace"], visit.pk, later)
    home_visits.check_out(open_cases.users["Grace"], visit.pk, later)
    assert read.missed_check_outs(paula, seen_by(open_cases), later) == []
    assert AuditEntry.objects.filter(action="visit.checked_out").count() == 1


def test_promised_visits_leave_the_list_when_one_is_proposed(open_cases, django_assert_num_queries):
    paula = open_cases.users["Paula"]
    with django_assert_num_queries(1):
        (row,) = read.promised_visits(seen_by(open_cases))
    assert row.student_id == MATEO
    visit = propose(open_cases)
    assert read.promised_visits(seen_by(open_cases)) == []
    home_visits.withdraw_visit(paula, visit.pk, cast.NOW)
    assert len(read.promised_visits(seen_by(open_cases))) == 1


def test_board_shows_only_students_the_person_sees(open_cases, django_assert_num_queries):
    propose(open_cases)
    with django_assert_num_queries(1):
        assert len(board_of(open_cases, "Paula")) == 1
    assert board_of(open_cases, "Quinn") == []


def test_visit_stands_on_the_timeline(open_cases):
    record(open_cases, causes=("illness",), promised="A bus pass")
    (event,) = [event for event in queries.timeline(MATEO) if event.kind == "visit"]
    assert event.by == "Grace Lane"
    assert (event.detail["number"], event.detail["causes"], event.detail["promised"]) == (1, ["illness"], "A bus pass")


def at_once(hands, work):
    """What each of several hands got from the same work, begun at one moment; a refusal is told as its sentence."""
    together = Barrier(hands)

    def hand(_number):
        try:
            together.wait()
            return work()
        except CaseworkError as error:
            return str(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(hand, range(hands)))


@pytest.mark.django_db(transaction=True)
def test_visits_written_down_at_one_moment_are_numbered_one_after_the_other(open_cases):
    visits = at_once(8, lambda: record(open_cases))
    assert sorted(visit.number for visit in visits) == list(range(1, 9))


@pytest.mark.django_db(transaction=True)
def test_of_many_proposals_at_one_moment_one_stands(open_cases):
    told = at_once(8, lambda: propose(open_cases))
    assert len([one for one in told if isinstance(one, HomeVisit)]) == 1
    assert HomeVisit.objects.filter(state="proposed").count() == 1
