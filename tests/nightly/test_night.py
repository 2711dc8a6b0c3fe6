"""The whole night from files in a folder, twice, stopped anywhere, and beside another."""

import base64
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from allpresent import nightly
from allpresent.access.models import FormKey, User
from allpresent.casework import opening
from allpresent.casework.models import CaseStep, ContactAttempt, Letter, NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.intake import list_deliveries, post_delivery
from allpresent.nightly import night, publish
from allpresent.nightly.checking import check_home
from allpresent.nightly.lock import only_one
from allpresent.nightly.worker import AGAIN_SECONDS, _one_look
from allpresent.reports import frozen_reports
from allpresent.roster.models import ProjectedVersion, Student
from tests import cast
from tests.casework.deliveries import books, states_of
from tests.nightly.drops import drop, make_home

ABSENT = {"Maya": [4, 17, 30], "Mateo": range(20, 31), "Zoe": range(10, 29), "Dante": [2, 6]}
CORRECTED = ABSENT | {"Mateo": range(20, 30), "Dante": [2, 6, 40, 41, 42, 43]}


@pytest.fixture
def home(db, tmp_path, settings):
    """A home with a first delivery in its drop folder."""
    settings.HOME = make_home(tmp_path / "home", is_reporting=False)
    drop(settings.HOME, ABSENT)
    return settings.HOME


@pytest.fixture
def reporting(home):
    """The same home, with reports every second Monday from 12 October."""
    return make_home(home)


def run(home, today=cast.TODAY, now=cast.NOW):
    return nightly.run_nightly(home, today, now)


def test_files_in_the_folder_become_open_steps_by_the_morning(home):
    lines = []
    done = nightly.run_nightly(home, cast.TODAY, cast.NOW, lines.append)
    assert (done.exit_code, done.as_of, done.held, done.troubles) == (0, cast.LAST_SCHOOL_DAY, (), ())
    assert ProjectedVersion.current().delivery_id == done.delivery_id
    assert Student.objects.count() == len(cast.STUDENTS)
    assert states_of("Mateo")["L4.phone_call"] == "open"
    assert lines[-1].startswith("As of 2026-11-04: ")
    assert f"{CaseStep.objects.count()} steps opened" in lines[-1]
    kept = NightlyRun.objects.get(pk=done.run_id)
    assert (kept.state, kept.kind, kept.on, kept.as_of) == ("finished", "nightly", cast.TODAY, cast.LAST_SCHOOL_DAY)
    assert kept.counts["opened"] == CaseStep.objects.count()
    assert kept.finished_at > kept.started_at


def test_a_second_run_changes_nothing(home):
    run(home)
    before = books()
    again = run(home, now=cast.NOW + timedelta(hours=1))
    assert (again.counts["unchanged"], again.counts["opened"], again.counts["withdrawn"]) == (1, 0, 0)
    assert books() == before
    assert len(list_deliveries(home)) == 1


def test_an_empty_home_has_a_quiet_night(db, tmp_path):
    home = make_home(tmp_path / "empty")
    (home / "drop" / "sis").mkdir(parents=True, exist_ok=True)
    lines = []
    assert nightly.run_nightly(home, cast.TODAY, cast.NOW, lines.append).exit_code == 0
    assert lines[:2] == ["sis: no files in drop/sis.", "Nothing is posted yet."]


def test_a_held_delivery_leaves_the_cases_of_yesterday(home):
    run(home)
    before = books()
    drop(home, ABSENT, students=["Maya", "Mateo"])
    done = run(home)
    assert done.exit_code == 1
    assert len(done.held) == 1
    assert books() == before


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_goes_on(home):
    run(home)
    before = books()
    for path in (home / "drop" / "sis").iterdir():
        path.write_bytes(b"\x00\x01")
    done = run(home)
    assert done.exit_code != 0
    assert books() == before


def test_a_broken_staff_file_does_not_keep_steps_from_opening(home):
    (home / "staff.csv").write_text("this is no staff file\n1,2\n")
    done = run(home)
    assert done.exit_code == 2
    assert "staff.csv" in done.troubles[0]
    assert done.counts["opened"] > 0


# Each part of the night, and what posts in it: a delivery that is posted already comes back unchanged.
PLACES = [
    (night, "post_drop"),
    (night, "sync_staff"),
    (night, "project_roster"),
    (night, "open_steps"),
    (opening, "apply_batch"),
    (opening, "record"),
    (night, "escalate_steps"),
    (publish, "freeze"),
    (night, "tidy_up"),
]


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Two homes: after a first delivery, with a second in the folder; and with that one posted, and no more."""
    first = make_home(tmp_path_factory.mktemp("nights") / "first")
    drop(first, ABSENT)
    post_delivery(first, "csv", first / "drop" / "sis", today=cast.TODAY, now=cast.NOW)
    drop(first, CORRECTED)
    second = first.parent / "second"
    shutil.copytree(first, second)
    post_delivery(second, "csv", second / "drop" / "sis", today=cast.TODAY, now=cast.NOW)
    return first, second


def test_killed_at_any_part_the_next_run_ends_where_an_unbroken_one_does(db, nights, tmp_path, monkeypatch):
    before, posted = nights
    start = shutil.copytree(before, tmp_path / "start")
    shutil.rmtree(start / "drop")
    run(start)
    NightlyRun.objects.filter(kind=RunKind.REPORT).delete()  # so that every second night freezes reports
    with rolled_back():
        run(shutil.copytree(before, tmp_path / "unbroken"))
        unbroken = books()
    assert unbroken != books()
    for number, (module, name) in enumerate(PLACES):
        home = before if name == "post_drop" else posted
        for is_after in (False, True):
            with rolled_back():
                copy = shutil.copytree(home, tmp_path / f"{number}-{is_after}")
                kill_a_night(copy, monkeypatch, module, name, is_after)
                assert NightlyRun.objects.filter(state=RunState.RUNNING).count() == 1
                run(copy)
                assert not NightlyRun.objects.filter(state=RunState.RUNNING).exists()
                assert books() == unbroken, (name, is_after)
                assert len(frozen_reports(copy)) == 3


@contextmanager
def rolled_back():
    """Leave the database as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def kill_a_night(home, monkeypatch, module, name, is_after):
    real = getattr(module, name)

    def killed(*arguments, **more):
        if is_after:
            real(*arguments, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, name, killed)
        with pytest.raises(KeyboardInterrupt):
            run(home)


def test_two_nights_do_not_run_at_once(home):
    refused = pytest.raises(nightly.NightlyError, match="has been under way since 2026-11-05")
    with only_one(home, "nightly", "The night's work", cast.NOW), refused:
        run(home)
    assert not NightlyRun.objects.exists(), "what only had to wait is no run that stopped"
    assert run(home).exit_code == 0


def test_a_worker_beside_another_night_asks_again_after_a_while(home, monkeypatch):
    lines, waits, now = [], [], cast.NOW.replace(hour=23)
    monkeypatch.setattr(time, "sleep", waits.append)
    with only_one(home, "nightly", "The night's work", cast.NOW):
        _one_look(home, SimpleNamespace(run=lambda: None), lambda: now, lines.append)
    assert (len(lines), waits) == (1, [AGAIN_SECONDS])
    assert "has been under way since 2026-11-05" in lines[0]
    _one_look(home, SimpleNamespace(run=lambda: None), lambda: now, lines.append)
    assert NightlyRun.objects.get().state == "finished"


def test_a_night_that_cannot_take_its_lock_is_written_down_as_stopped(home, monkeypatch):
    (home / "nightly.lock").mkdir()
    with pytest.raises(IsADirectoryError):
        run(home)
    (stopped,) = NightlyRun.objects.all()
    assert stopped.state == "failed"
    assert "Is a directory" in stopped.message


def test_the_lock_of_a_killed_process_is_free(home):
    code = (
        "import sys, time; from pathlib import Path; from datetime import datetime\n"
        "from allpresent.nightly.lock import only_one\n"
        "with only_one(Path(sys.argv[1]), 'nightly', 'A night', datetime(2026, 11, 5)):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": os.getcwd()}
    code = "import django; django.setup()\n" + code
    holder = subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, env=environment)
    assert holder.stdout.readline().strip() == b"held"
    with (
        pytest.raises(nightly.NightlyError, match="A night has been under way"),
        only_one(home, "nightly", "x", cast.NOW),
    ):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with only_one(home, "nightly", "x", cast.NOW):
        pass


def test_reports_are_frozen_once_on_their_day(reporting):
    done = run(
        reporting, today=date(2026, 11, 5)
    )  # the report day of 26 October has passed, that of 9 November has not
    frozen = frozen_reports(reporting)
    assert done.counts["reports_frozen"] == 3 == len(frozen)
    assert {one.as_of for one in frozen} == {"2026-10-26"}
    drop(reporting, CORRECTED)
    assert "reports_frozen" not in run(reporting, today=date(2026, 11, 6)).counts
    assert run(reporting, today=date(2026, 11, 9)).counts["reports_frozen"] == 3
    assert {one.as_of for one in frozen_reports(reporting)} == {"2026-10-26", "2026-11-04"}


def test_a_report_that_was_frozen_is_given_as_it_was_frozen(reporting):
    run(reporting)
    before = nightly.biweekly_file(reporting, date(2026, 10, 26), cast.LINDEN, "csv", cast.NOW)
    CaseStep.objects.update(due_on=date(2026, 9, 1))
    assert nightly.biweekly_file(reporting, date(2026, 10, 26), cast.LINDEN, "csv", cast.NOW) == before
    assert nightly.biweekly_file(reporting, date(2026, 10, 27), None, "csv", cast.NOW)
    with pytest.raises(nightly.NightlyError, match="No school has the id 99"):
        nightly.biweekly_file(reporting, date(2026, 10, 27), "99", "csv", cast.NOW)


def test_old_form_keys_are_forgotten_and_new_ones_kept(home):
    user = User.objects.create_user("ada@elmharbor.example")
    for number, age in enumerate((1, 3)):
        FormKey.objects.create(key=f"k{number}" * 10, user=user, purpose="x", used_at=cast.NOW - timedelta(days=age))
    run(home)
    assert FormKey.objects.count() == 1


def test_what_people_wrote_is_never_touched_by_a_night(home):
    run(home)
    user = User.objects.create_user("ada@elmharbor.example")
    ContactAttempt.objects.create(
        student_id=cast.student_id("Mateo"),
        by=user,
        at=cast.NOW,
        on=cast.TODAY,
        logged_at=cast.NOW,
        mode="phone",
        result="reached",
    )
    drop(home, {"Zoe": range(10, 29)})
    run(home)
    assert ContactAttempt.objects.count() == 1


def test_a_sound_home_has_no_troubles_and_a_damaged_one_says_where(home, monkeypatch):
    monkeypatch.setattr("allpresent.nightly.checking.faults", list)
    run(home)
    assert check_home(home) == []
    version = home / "ledger" / "versions" / ProjectedVersion.current().delivery_id
    path = version / "attendance.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    (version / "schools.parquet").unlink()
    (home / "call_systems").mkdir()
    (home / "call_systems" / "parentlink.yaml").write_text("key: parentlink\n", "utf-8")
    sentences = check_home(home)
    assert any("parentlink.yaml, line 1: name is missing" in sentence for sentence in sentences)
    assert any("attendance.parquet is not what was posted" in sentence for sentence in sentences)
    assert any("schools.parquet is missing" in sentence for sentence in sentences)


def test_records_that_the_facts_do_not_know_are_named(reporting, monkeypatch):
    monkeypatch.setattr("allpresent.nightly.checking.faults", list)
    delivery_id = run(reporting).delivery_id
    assert check_home(reporting) == []
    letter("0007-g")
    Student.objects.create(student_id="9999", full_name="Nobody")
    report = frozen_reports(reporting)[0]
    (reporting / "reports" / f"{report.as_of}_{delivery_id}").rename(reporting / "reports" / "2026-10-12_0009-f")
    path = reporting / "reports" / "2026-10-12_0009-f" / f"{report.scope_key}.json"
    path.write_text("{")
    assert check_home(reporting) == [
        "1 students of the records are in no version of the facts (9999); restore the home.",
        "1 deliveries that records were made from are not in the home (0007-g); restore the home.",
        "The reports of 2026-10-12 name delivery 0009-f, whose facts are not kept; restore the home.",
        f"{path} cannot be read; restore the home from its backup.",
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ledger/versions/{}/manifest.json", "manifest.json cannot be read; restore the home from its backup."),
        ("deliveries/{}/record.json", "record.json cannot be read ("),
    ],
)
def test_what_cannot_be_read_at_all_is_a_sentence_too(home, monkeypatch, name, told):
    monkeypatch.setattr("allpresent.nightly.checking.faults", list)
    delivery_id = run(home).delivery_id
    path = home / name.format(delivery_id)
    path.chmod(0o600)
    path.write_text("{")
    assert told in check_home(home)[0]


def test_files_at_rest_are_sealed_by_the_night_and_told_by_the_check(home, monkeypatch):
    monkeypatch.setattr("allpresent.nightly.checking.faults", list)
    delivery_id = run(home).delivery_id
    monkeypatch.setenv("ALLPRESENT_KEY", base64.b64encode(bytes(32)).decode())
    assert check_home(home) == [f"Files of {delivery_id} lie unsealed although a key is set; run `allpresent nightly`."]
    assert run(home, now=cast.NOW + timedelta(hours=1)).counts["deliveries_sealed"] == 1
    assert check_home(home) == []
    monkeypatch.setenv("ALLPRESENT_KEY", base64.b64encode(bytes(range(32))).decode())
    (told,) = check_home(home)
    assert told.startswith(f"Delivery {delivery_id}: ")
    assert told.endswith("was sealed with another key; set ALLPRESENT_KEY to that one.")
    monkeypatch.delenv("ALLPRESENT_KEY")
    assert check_home(home) == [
        f"Files of {delivery_id} are sealed and no key is set; set ALLPRESENT_KEY to the key they need."
    ]


def test_the_preview_of_the_protocol_in_force_changes_nothing(home):
    run(home)
    text = nightly.preview_protocol(home, "new_haven", cast.LAST_SCHOOL_DAY)
    assert text == "As of 2026-11-04, this protocol opens 0 steps, closes 0; 0 students change level."
    assert "students go from" in nightly.preview_protocol(home, "attendance_works", cast.LAST_SCHOOL_DAY)


def letter(delivery_id, mailed_on=None):
    """A letter that was written from a delivery."""
    student = Student.objects.get(full_name=cast.STUDENTS["Zoe"][1])
    by = User.objects.create_user(f"{delivery_id}@x.example", full_name="Kim")
    words = {"kind": "truancy", "state": "mailed" if mailed_on else "pulled_back", "language": "en", "family": "Zoe"}
    seen = {"verified_by": by, "verified_at": cast.NOW, "as_of": cast.TODAY, "school_year": 2026}
    return Letter.objects.create(
        student=student, school=student.school, delivery_id=delivery_id, mailed_on=mailed_on, **words, **seen
    )


def test_facts_past_their_keeping_are_cleared_and_those_of_reports_and_mailed_letters_stay(reporting):
    (reporting / "district.yaml").write_text((reporting / "district.yaml").read_text() + "keep_versions_days: 2\n")
    made = []
    for number in range(4):
        drop(reporting, ABSENT | {"Dante": [2, 6, *range(30, 30 + number)]})
        made.append(run(reporting, now=cast.NOW + timedelta(days=number)).delivery_id)
    assert {report.delivery_id for report in frozen_reports(reporting)} == {made[0]}
    letter(made[1], mailed_on=cast.TODAY)
    letter(made[2])
    drop(reporting, ABSENT | {"Dante": [2, 6, 30, 31, 32, 33]})
    last = run(reporting, now=cast.NOW + timedelta(days=9))
    assert last.counts["versions_cleared"] == 1
    kept = reporting / "ledger" / "versions"
    assert [(kept / one / "students.parquet").exists() for one in made] == [True, True, False, True]
    assert not [sentence for sentence in check_home(reporting) if "version" in sentence or "missing" in sentence]
