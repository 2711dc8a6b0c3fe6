"""What a page asks for: written down at once, done by the worker, undone with what it opened."""

import csv
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from allpresent import nightly
from allpresent.access import issue_key
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.casework import log_contact
from allpresent.casework.contacts import ContactForm
from allpresent.casework.models import CaseStep, Meeting, MeetingDecision, MeetingItem, NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.casework.models.steps import StepState
from allpresent.intake import delivery_record, post_delivery
from allpresent.nightly import decisions, worker
from allpresent.nightly.lock import only_one
from allpresent.policy import District
from allpresent.roster.models import ProjectedVersion
from tests import cast
from tests.casework.deliveries import books, states_of, steps_of
from tests.keeping import once_with_home
from tests.nightly.drops import drop, make_home

ABSENT = {"Maya": [4, 17, 30], "Mateo": range(20, 31), "Zoe": range(10, 29)}
MORE = ABSENT | {"Iris": range(1, 8), "Maya": range(1, 8)}
WORDS = "The two schools moved to another system this week."


@pytest.fixture(scope="module")
def posted(tmp_path_factory):
    """A home with one delivery posted, and no night after it."""
    home = make_home(tmp_path_factory.mktemp("asked") / "home", is_reporting=False)
    post_delivery(home, "csv", drop(home, ABSENT), today=cast.TODAY, now=cast.NOW)
    return home


@pytest.fixture
def home(db, posted, tmp_path, tmp_path_factory, settings):
    """A home after its first night."""

    def make(path):
        settings.HOME = shutil.copytree(posted, path)
        nightly.run_nightly(path, cast.TODAY, cast.NOW)

    settings.HOME = once_with_home("asked: a home after its first night", make, tmp_path / "home", tmp_path_factory)
    return settings.HOME


@pytest.fixture(autouse=True)
def connections_stay(monkeypatch):
    """A worker drops stale connections between tasks; the test's own transaction lives in this one."""
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)


@pytest.fixture
def stella(db):
    return User.objects.create_user("stella@elmharbor.example", full_name="Stella Lane")


def newest():
    return ProjectedVersion.current().delivery_id


def ask(kind, user, subject="", reason=""):
    return nightly.ask(kind, user, cast.NOW, cast.TODAY, subject=subject, reason=reason)


def work(home):
    nightly.run_worker(once=True, clock=lambda: cast.NOW, home=home)


def hold(home):
    """A delivery that lost most of its students."""
    drop(home, ABSENT, students=["Maya", "Mateo"])
    return nightly.run_nightly(home, cast.TODAY, cast.NOW).held[0]


def test_a_held_delivery_is_accepted_by_the_worker_on_a_persons_word(home, stella):
    held = hold(home)
    run = ask(RunKind.ACCEPT, stella, held, WORDS)
    assert (run.state, newest() == held) == (RunState.WAITING, False)
    work(home)
    run.refresh_from_db()
    assert (run.state, run.delivery_id, newest()) == (RunState.FINISHED, held, held)
    record = delivery_record(home, held)
    assert (record.outcome, record.reason, record.by) == ("posted", WORDS, "Stella Lane")
    (entry,) = AuditEntry.objects.filter(action="delivery.accept")
    assert (entry.user, entry.object_id, entry.detail["reason"]) == (stella, held, WORDS)
    assert run.lines


def test_taking_a_delivery_back_withdraws_what_it_opened_and_keeps_what_people_wrote(home, stella):
    before = books()
    drop(home, MORE)
    nightly.run_nightly(home, cast.TODAY, cast.NOW)
    assert steps_of("Iris")["L3.success_plan"].state == StepState.OPEN
    Grant.objects.create(
        user=stella, relation="district_attendance_team", object_kind="district", starts_on=cast.FIRST_DAY
    )
    form = ContactForm("phone", "reached", phone="+1 203 555 0101")
    log_contact(stella, cast.student_id("Maya"), form, issue_key(), cast.NOW)
    run = ask(RunKind.UNDO, stella, newest())
    work(home)
    run.refresh_from_db()
    assert run.state == RunState.FINISHED
    iris = steps_of("Iris")
    assert {step.state for step in iris.values()} == {StepState.WITHDRAWN}
    assert iris["L3.success_plan"].why == "the delivery was taken back"
    assert states_of("Maya")["L3.phone_call"] == StepState.DONE
    left = [row for row in books() if row[1] != cast.student_id("Iris") and row[1] != cast.student_id("Maya")]
    assert left == [row for row in before if row[1] != cast.student_id("Maya")]


def decided_for_mateo(owner):
    """What a meeting of the school decided for Mateo, given to somebody."""
    meeting = Meeting.objects.create(
        school_id=cast.LINDEN, school_year=2026, on=cast.TODAY, started_at=cast.NOW, started_by=owner
    )
    student = {"student_id": cast.student_id("Mateo")}
    item = MeetingItem.objects.create(meeting=meeting, place=1, level="L4", reasons="crossed", **student)
    said = {"kind": "mentor", "owner": owner, "decided_on": cast.TODAY, "decided_at": cast.NOW, "decided_by": owner}
    return MeetingDecision.objects.create(item=item, **student, **said)


def leave(home, student_id, on):
    """The same delivery with a last day for a student."""
    file = drop(home, ABSENT) / "enrollments.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        found = list(csv.DictReader(rows))
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, found[0])
        writer.writeheader()
        writer.writerows(row | ({"last_member_date": on} if row["student_id"] == student_id else {}) for row in found)


def test_what_was_decided_for_a_leaver_is_withdrawn_and_stands_again_once_the_record_is_corrected(home, stella):
    made = decided_for_mateo(stella)
    leave(home, made.student_id, "2026-10-30")
    held = nightly.run_nightly(home, cast.TODAY, cast.NOW).held[0]
    made.refresh_from_db()
    assert (made.state, made.owner, made.handed_from) == ("open", None, stella)  # she sees no student
    accepted = ask(RunKind.ACCEPT, stella, held, WORDS)
    work(home)
    made.refresh_from_db()
    assert (made.state, made.ended_on) == ("withdrawn", cast.TODAY)
    undone = ask(RunKind.UNDO, stella, newest())
    work(home)
    made.refresh_from_db()
    assert (made.state, made.ended_on) == ("open", None)
    accepted.refresh_from_db()
    undone.refresh_from_db()
    assert (accepted.counts["decisions_withdrawn"], undone.counts["decisions_opened_again"]) == (1, 1)


def test_with_the_only_delivery_taken_back_nothing_stays_open(home, stella):
    ask(RunKind.UNDO, stella, newest())
    work(home)
    assert ProjectedVersion.current() is None
    assert not CaseStep.objects.filter(state=StepState.OPEN).exists()


@pytest.mark.parametrize("kind", [RunKind.ACCEPT, RunKind.UNDO])
def test_a_worker_killed_in_the_middle_is_followed_by_one_that_ends_the_work(home, stella, monkeypatch, kind):
    subject = hold(home) if kind == RunKind.ACCEPT else newest()
    run = ask(kind, stella, subject, WORDS)

    def killed(*arguments, **more):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(decisions, "catch_up", killed)
        work(home)
    # A real kill writes no last line: neither the task's nor the run's.
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    work(home)
    run.refresh_from_db()
    assert run.state == RunState.FINISHED
    assert delivery_record(home, subject).outcome == ("posted" if kind == RunKind.ACCEPT else "undone")


def test_asked_twice_it_is_done_once(home, stella):
    held = hold(home)
    ask(RunKind.ACCEPT, stella, held, WORDS)
    with pytest.raises(nightly.NightlyError, match="being done already"):
        ask(RunKind.ACCEPT, stella, held, WORDS)
    assert NightlyRun.objects.filter(kind=RunKind.ACCEPT).count() == DBTaskResult.objects.count() == 1


def test_what_cannot_be_done_is_said_before_anybody_waits(home, stella):
    held = hold(home)
    for kind, subject, reason, sentence in [
        (RunKind.ACCEPT, held, "ok", "in a few words"),
        (RunKind.ACCEPT, "0099-nothing", WORDS, "no delivery 0099-nothing"),
        (RunKind.ACCEPT, newest(), WORDS, "not held any more"),
        (RunKind.UNDO, "0099-nothing", "", "no delivery 0099-nothing"),
        (RunKind.ACCEPT, held, "x" * 1001, "Shorten"),
    ]:
        with pytest.raises(nightly.NightlyError, match=sentence):
            ask(kind, stella, subject, reason)
    assert not DBTaskResult.objects.exists()


def test_a_delivery_that_is_not_the_newest_cannot_be_taken_back(home, stella):
    first = newest()
    drop(home, MORE)
    nightly.run_nightly(home, cast.TODAY, cast.NOW)
    before = books()
    run = ask(RunKind.UNDO, stella, first)
    work(home)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "Only the newest delivery can be undone" in run.message
    assert books() == before


def test_working_out_again_changes_nothing_that_is_right(home, stella):
    before = books()
    run = ask(RunKind.RECOMPUTE, stella)
    work(home)
    run.refresh_from_db()
    assert run.state == RunState.FINISHED
    assert books() == before


def test_reports_are_frozen_when_asked_for(home, stella):
    run = ask(RunKind.REPORT, stella, "2026-10-20")
    work(home)
    run.refresh_from_db()
    assert (run.state, run.counts) == (RunState.FINISHED, {"frozen": 3})


def test_two_workers_do_not_work_one_home(home):
    with only_one(home, "worker", "The worker", cast.NOW), pytest.raises(nightly.NightlyError, match="under way"):
        work(home)


# 04:30 in New York; the hour from 1:00 comes twice on 1 November 2026, that from 2:00 not at all on 14 March 2027.
@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        (datetime(2026, 11, 6, 9, 29, tzinfo=UTC), False),
        (datetime(2026, 11, 6, 9, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 7, 4, 0, tzinfo=UTC), True),  # late in the evening of the same day
        (datetime(2026, 11, 7, 5, 30, tzinfo=UTC), False),  # after midnight
    ],
)
def test_the_night_is_due_after_its_hour_until_it_was_run(home, now, is_due):
    district = District()
    NightlyRun.objects.all().delete()
    assert worker.is_night_due(district, now) == is_due


@pytest.mark.parametrize(
    ("hour", "moments"),
    [
        ("01:30", [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)]),
        ("02:30", [datetime(2027, 3, 14, 6, 59, tzinfo=UTC), datetime(2027, 3, 14, 7, 0, tzinfo=UTC)]),
    ],
)
def test_a_clock_set_back_or_forward_gives_one_night(home, hour, moments):
    district = District(nightly_at=hour)
    NightlyRun.objects.all().delete()
    nights = 0
    for start in moments:
        for minutes in range(0, 90, 5):
            now = start + timedelta(minutes=minutes)
            if worker.is_night_due(district, now):
                nights += 1
                NightlyRun.objects.create(
                    kind=RunKind.NIGHTLY, state=RunState.FINISHED, on=worker.today_of(district, now), asked_at=now
                )
    assert nights == 1


def test_a_night_run_by_hand_before_its_hour_is_not_the_night(home):
    district = District(nightly_at="22:00")
    NightlyRun.objects.all().delete()
    at_noon, late = datetime(2026, 11, 6, 17, 0, tzinfo=UTC), datetime(2026, 11, 7, 3, 5, tzinfo=UTC)
    for moment, is_due in ((at_noon, True), (late, False)):
        NightlyRun.objects.create(
            kind=RunKind.NIGHTLY, state=RunState.FINISHED, on=worker.today_of(district, moment), asked_at=moment
        )
        assert worker.is_night_due(district, late) == is_due


def test_a_night_that_fails_is_tried_three_times_and_no_more(home):
    district = District()
    NightlyRun.objects.all().delete()
    now, tries = datetime(2026, 11, 6, 10, 0, tzinfo=UTC), 0
    for minutes in range(0, 600, 5):
        moment = now + timedelta(minutes=minutes)
        if worker.is_night_due(district, moment):
            tries += 1
            NightlyRun.objects.create(kind=RunKind.NIGHTLY, state=RunState.FAILED, on=moment.date(), asked_at=moment)
    assert tries == 3


def test_the_worker_runs_the_night_itself(home):
    drop(home, MORE)
    NightlyRun.objects.all().delete()
    work(home)
    assert NightlyRun.objects.get(kind=RunKind.NIGHTLY).state == RunState.FINISHED
    assert states_of("Iris")["L3.success_plan"] == StepState.OPEN
