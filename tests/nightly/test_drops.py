"""What is still being written waits a night; what an interface holds is pulled before the posting."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from allpresent import nightly
from allpresent.casework.models import CaseStep
from allpresent.intake import drops, list_deliveries
from allpresent.intake.drops import look, look_twice
from allpresent.ledger import Ledger
from allpresent.nightly import night
from allpresent.policy import load_district
from tests import cast
from tests.intake.edfi_files import district as edfi_district
from tests.intake.edfi_server import KEY, SECRET, Api, Fault, serving
from tests.nightly.drops import drop, make_home

ABSENT = {"Maya": [4, 17, 30], "Mateo": range(20, 31)}


def settle(home: Path, keys: str, source: str = "csv") -> Path:
    """Settings with these keys of the one source."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "district.yaml").write_text(f"sources:\n  - {{name: sis, source: {source}, folder: drop/sis, {keys}}}\n")
    return home


@pytest.fixture
def home(db, tmp_path, settings):
    settings.HOME = make_home(tmp_path / "home", is_reporting=False)
    drop(settings.HOME, ABSENT)
    return settings.HOME


def run(home):
    return nightly.run_nightly(home, cast.TODAY, cast.NOW)


def test_a_folder_that_is_quiet_is_taken_without_what_bears_an_unfinished_name(home, monkeypatch):
    settle(home, "quiet_seconds: 45")
    for name in ("attendance.csv.filepart", "students.csv.part", "x.tmp", ".attendance.csv.a1b2"):
        (home / "drop" / "sis" / name).write_text("half a file")
    waits = []
    monkeypatch.setattr(drops, "wait", waits.append)
    done = run(home)
    assert (done.troubles, done.counts["posted"], waits) == ((), 1, [45])
    (record,) = list_deliveries(home)
    kept = {path.name for path in (home / "deliveries" / record.id / "raw").iterdir()}
    assert not [name for name in kept if "part" in name or "tmp" in name or name.startswith(".")]


@pytest.mark.parametrize("how", ["grows", "comes", "goes", "is replaced", "keeps its time"])
def test_a_file_that_changes_within_the_quiet_time_is_seen(tmp_path, monkeypatch, how):
    home = settle(tmp_path, "quiet_seconds: 45")
    folder = home / "drop" / "sis"
    folder.mkdir(parents=True)
    path = folder / "attendance.csv"
    path.write_text("a")
    kept = path.stat()

    def meanwhile(_seconds):
        if how == "comes":
            (folder / "zulu.csv").write_text("x")
        elif how == "goes":
            path.unlink()
        elif how == "is replaced":
            (folder / "new").write_text("a")
            os.replace(folder / "new", path)
        else:
            path.write_text("ab")
        if how == "keeps its time":
            os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))

    monkeypatch.setattr(drops, "wait", meanwhile)
    name = "zulu.csv" if how == "comes" else "attendance.csv"
    assert [one.why_not for one in look_twice(home, load_district(home))] == [f"{name} is still being written"]


def test_what_is_still_being_written_waits_for_the_next_night(home, monkeypatch):
    settle(home, "quiet_seconds: 45")
    path = home / "drop" / "sis" / "attendance.csv"
    monkeypatch.setattr(drops, "wait", lambda _seconds: path.write_text(path.read_text() + "\n"))
    assert run(home).troubles == (
        "sis: attendance.csv is still being written, so drop/sis is left for the next night.",
    )
    assert list_deliveries(home) == []
    monkeypatch.setattr(drops, "wait", lambda _seconds: None)
    assert run(home).counts["posted"] == 1


def test_a_slow_writer_is_never_taken_in_the_middle(home):
    settle(home, "quiet_seconds: 1")
    path = home / "drop" / "sis" / "attendance.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0])
    is_over = threading.Event()

    def write() -> None:
        with path.open("a") as out:
            for line in lines[1:]:
                out.write(line)
                out.flush()
                time.sleep(0.1)
        is_over.set()

    writer = threading.Thread(target=write)
    writer.start()
    drops_seen = look_twice(home, load_district(home))
    assert not is_over.is_set()
    assert drops_seen[0].why_not == "attendance.csv is still being written"
    writer.join()
    assert look_twice(home, load_district(home))[0].why_not == ""


def test_a_file_that_grows_while_it_is_copied_is_not_posted(home, monkeypatch):
    path = home / "drop" / "sis" / "attendance.csv"
    real = drops.Drop.is_unchanged

    def grow_first(self):
        path.write_text(path.read_text() + "\n")
        return real(self)

    monkeypatch.setattr(drops.Drop, "is_unchanged", grow_first)
    done = run(home)
    assert done.troubles == ("sis: A file was written to while it was copied, so nothing was posted; try again later.",)
    assert list_deliveries(home) == []
    assert [path.name for path in (home / "deliveries").iterdir()] in (
        [".lock"],
        [".incoming", ".lock"],
        [".lock", ".incoming"],
    )


def test_nothing_is_taken_before_the_file_that_says_so(tmp_path):
    home = settle(tmp_path, 'quiet_seconds: 0, done: "*.done"')
    folder = home / "drop" / "sis"
    folder.mkdir(parents=True)
    (folder / "attendance.csv").write_text("a")

    def why_not():
        time.sleep(0.02)  # the clock of the disk ticks slower than ours
        return look_twice(home, load_district(home))[0].why_not

    assert why_not() == "no file *.done says that all is there"
    (folder / "night.done").write_text("")
    assert why_not() == ""
    (folder / "attendance.csv").write_text("b")
    os.utime(folder / "attendance.csv", (0, 0))  # an upload that keeps the times of its files
    assert why_not() == "attendance.csv was written after the file *.done"
    (folder / "night.done").write_text("again")
    assert why_not() == ""


def add_first(home: Path, keys: str) -> None:
    """A source before the one that is sound, with a file of its own."""
    settings = (home / "district.yaml").read_text()
    line = f"  - {{name: extra, {keys}, quiet_seconds: 0}}\n"
    (home / "district.yaml").write_text(settings.replace("sources:\n", f"sources:\n{line}"))
    (home / "drop" / "extra").mkdir(parents=True)
    (home / "drop" / "extra" / "schools.csv").write_text("school_id,name\n")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("source: csv, mapping: nothere.yaml", "There is no mapping file"),
        ("source: powerschol", "The source 'powerschol' is not known"),
    ],
)
def test_a_source_that_is_set_up_wrong_keeps_no_other_from_its_night(home, keys, sentence):
    settle(home, "quiet_seconds: 0")
    add_first(home, keys)
    assert any(sentence in said for said in nightly.check_home(home))
    done = run(home)
    assert done.counts["posted"] == 1
    assert done.counts["opened"] > 0
    assert [sentence in said for said in done.troubles] == [True]


def test_a_fault_of_the_program_over_one_source_keeps_no_other_from_its_night(home, monkeypatch):
    settle(home, "quiet_seconds: 0")
    add_first(home, "source: csv")
    working = night.post_drop

    def fails(folder, drop, *rest):
        if drop.source.name == "extra":
            raise OverflowError("too large")
        return working(folder, drop, *rest)

    monkeypatch.setattr(night, "post_drop", fails)
    done = run(home)
    assert (done.counts["posted"], len(done.troubles)) == (1, 1)
    assert "extra: the program failed over these files (OverflowError)" in done.troubles[0]


def test_a_folder_is_looked_at_below_too(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.csv").write_text("12")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert {name: size for name, (size, *_) in look(tmp_path).items()} == {"a/b/c.csv": 2}
    assert look(tmp_path / "none") == {}


@pytest.fixture
def ods(db, tmp_path, settings, monkeypatch):
    """A home whose source is an Ed-Fi API, and the API."""
    api = Api()
    for resource, rows in edfi_district().items():
        api.put(resource, *rows)
    with serving(api):
        settings.HOME = settle(tmp_path / "home", f"pull: {{url: '{api.url}'}}", "edfi")
        monkeypatch.setenv("ALLPRESENT_PULL_KEY_SIS", KEY)
        monkeypatch.setenv("ALLPRESENT_PULL_SECRET_SIS", SECRET)
        yield settings.HOME, api


def test_a_night_pulls_and_posts_and_one_that_is_refused_stays_whole(ods):
    home, api = ods
    done = run(home)
    assert (done.troubles, done.held, done.counts["posted"]) == ((), (), 1)
    row = api.resources["studentSchoolAttendanceEvents"][0]
    api.put("studentSchoolAttendanceEvents", row | {"attendanceEventReason": "Dentist"})
    assert run(home).counts["posted"] == 1
    written = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".sqlite3"]
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]
    api.faults += [("availableChangeVersions", Fault(403)), ("/schools", Fault(401)), ("/schools", Fault(401))]
    done = run(home)
    assert "refuses the key, with a fresh token too" in done.troubles[0]
    assert done.counts["unchanged"] == 1


def test_a_partial_pull_is_held(ods):
    home, api = ods

    def change(served, path):
        if path.endswith("studentSchoolAttendanceEvents") and not served.deleted:
            served.delete("studentSchoolAttendanceEvents", 0)

    api.before_page = change
    done = run(home)
    (record,) = list_deliveries(home)
    assert (done.held, record.outcome) == ((record.id,), "held")
    assert "and 4 were counted before the pull and 3 after it" in record.why_held[0]


def test_facts_that_are_not_what_was_posted_open_and_end_nothing(home):
    settle(home, "quiet_seconds: 0")
    run(home)
    opened = CaseStep.objects.filter(state="open").count()
    ledger = Ledger(home)
    path = next(ledger.current().folder.glob("strips-*.parquet"))
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\0")
    done = run(home)
    told = f"{path} is not what was posted; restore the home from its backup."
    assert (done.exit_code, done.troubles) == (2, (told,))
    path.write_bytes(content)
    for lost in (ledger.pointer, ledger.folder):
        lost.rename(home / "apart")
        done = run(home)
        assert (done.exit_code, "is missing though deliveries were posted" in done.troubles[-1]) == (2, True)
        assert CaseStep.objects.filter(state="open").count() == opened > 0
        if ledger.folder.exists():
            shutil.rmtree(lost, ignore_errors=True)
        (home / "apart").rename(lost)
        assert run(home).exit_code == 0
    assert [one.outcome for one in list_deliveries(home)] == ["posted"]


@pytest.mark.parametrize(
    ("torn", "told"),
    [
        ("ledger/CURRENT", "CURRENT does not name a delivery; restore the home from its backup."),
        ("deliveries/{}/record.json", "record.json cannot be read ("),
    ],
)
def test_a_night_over_a_torn_file_tells_of_it_and_ends(home, torn, told):
    settle(home, "quiet_seconds: 0")
    run(home)
    opened = CaseStep.objects.filter(state="open").count()
    (home / torn.format(list_deliveries(home)[0].id)).write_bytes(b"\xff\xfe")
    done = run(home)
    assert (done.exit_code, any(told in one for one in done.troubles)) == (2, True)
    assert CaseStep.objects.filter(state="open").count() == opened > 0


def test_a_drop_folder_that_is_not_there_is_no_empty_one(home):
    settle(home, "quiet_seconds: 0")
    add_first(home, "source: csv")
    for path in (home / "drop" / "extra").iterdir():
        path.unlink()
    assert run(home).exit_code == 0
    (home / "drop" / "extra").rmdir()
    told = (
        "extra: there is no such folder (make it, or correct district.yaml), so drop/extra is left for the next night."
    )
    assert run(home).troubles == (told,)
