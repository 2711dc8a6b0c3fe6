"""One district as one file and back: the drill, what is refused, what stays revoked, and a stop anywhere."""

import base64
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from allpresent import nightly
from allpresent.access.giving import end_grant, give_grant
from allpresent.access.models import User
from allpresent.casework.models import CaseStep, NightlyRun
from allpresent.safekeeping import archive
from allpresent.safekeeping.archive import BackupError, read_head, unpack
from allpresent.safekeeping.backup import kept_files, make_backup
from allpresent.safekeeping.database import save_sqlite
from allpresent.safekeeping.unpacking import make_ready
from tests import cast
from tests.functional.killing import ROOT
from tests.keeping import once_with_home
from tests.nightly.drops import drop, make_home
from tests.nightly.record_rows import hashes

KEY = base64.b64encode(bytes(range(32))).decode()
ABSENT = {"Maya": [4, 17, 30], "Mateo": range(20, 31), "Zoe": range(10, 29)}
LATER = cast.NOW + timedelta(hours=3)


@pytest.fixture
def home(transactional_db, tmp_path, tmp_path_factory, settings, monkeypatch):
    """A district after its first night, with people, reports, a key, and a session."""
    monkeypatch.setenv("ALLPRESENT_KEY", KEY)

    def make(path):
        settings.HOME = make_home(path)
        drop(path, ABSENT)
        nightly.run_nightly(path, cast.TODAY, cast.NOW)
        for name in ("kim", "lee"):
            User.objects.create_user(f"{name}@x.example", full_name=name.title())
        Session.objects.create(session_key="s1", session_data="x", expire_date=LATER)

    settings.HOME = once_with_home(
        "backup: a district after its first night", make, tmp_path / "home", tmp_path_factory
    )
    return settings.HOME


@pytest.fixture
def database(home, tmp_path):
    """The environment of a restore: on PostgreSQL with an empty database of its own, gone at the end."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ALLPRESENT_INSECURE_LOOPBACK": "1", "ALLPRESENT_KEY": KEY, "PYTHONPATH": str(ROOT)}
    if connection.vendor != "postgresql":
        yield environment
        return
    name = f"restored_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    parts = connection.settings_dict
    query = f"host={parts['HOST']}" if parts["HOST"].startswith("/") else ""
    host = "" if query else f"{parts['HOST']}:{parts['PORT']}"
    url = f"postgresql://{parts['USER']}:{parts['PASSWORD']}@{host}/{name}?{query}"
    yield environment | {"DATABASE_URL": url}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restore(backup: Path, into: Path, environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "allpresent", "restore", str(backup), "--into", str(into), *more]
    return subprocess.run(
        command, cwd=ROOT, env=environment | {"ALLPRESENT_HOME": str(into)}, capture_output=True, text=True, timeout=300
    )


ASKED = """
import json, django; django.setup()
from allpresent.access.models import Grant
from django.contrib.sessions.models import Session
from allpresent.casework.models import NightlyRun
from tests.nightly.record_rows import hashes
told = {"rows": hashes()}
told["grants"] = sorted([g.user.email, str(g.ends_on)] for g in Grant.objects.all())
told["sessions"] = Session.objects.count()
told["runs"] = list(NightlyRun.objects.order_by("pk").values_list("state", flat=True))
print(json.dumps(told))
"""


def records(into: Path, environment: dict[str, str]) -> dict[str, object]:
    """What the restored database holds."""
    environment = environment | {"ALLPRESENT_HOME": str(into), "DJANGO_SETTINGS_MODULE": "allpresent.config.settings"}
    command = [sys.executable, "-c", ASKED]
    asked = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept_files(folder)}


def test_the_drill(home, database, tmp_path):
    """Back up, lose the machine, restore, and find all of it; what was revoked meanwhile stays revoked."""
    kim, lee = (User.objects.get(email=f"{name}@x.example") for name in ("kim", "lee"))
    given = {"starts_on": cast.TODAY, "source": "casework", "at": cast.NOW}
    grant = give_grant(kim, "principal", "school", cast.LINDEN, **given)
    give_grant(lee, "principal", "school", cast.LINDEN, **given)
    NightlyRun.objects.create(kind="undo", on=cast.TODAY, state="waiting", asked_at=cast.NOW)
    (home / "staff.csv").write_text("email,full_name,staff_id,relation,object_kind,object_id,starts_on,ends_on\n")
    rows = hashes()
    out = make_backup(home, tmp_path / "a.backup", cast.NOW, lambda line: None)
    assert out.stat().st_mode & 0o777 == 0o600
    assert b"Mateo" not in out.read_bytes()
    saved = bytes_of(home)
    end_grant(grant, on=cast.TODAY, at=LATER)  # after the backup

    done = restore(out, tmp_path / "new", database, "--revoked", str(home / "revoked.jsonl"))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Settings, ledger and records are sound."), done
    assert "1 grants ended and 0 people shut out again" in done.stderr
    found = bytes_of(tmp_path / "new")
    assert "not read; put today's in the home" in done.stderr  # it would let people in again
    found["staff.csv"] = found.pop("staff.csv.restored")
    assert found.pop("revoked.jsonl") == (home / "revoked.jsonl").read_bytes().strip() + b"\n"
    assert found == saved
    held = records(tmp_path / "new", database)
    assert held["rows"] == rows
    assert CaseStep.objects.exists()
    yesterday = cast.TODAY - timedelta(days=1)
    assert held["grants"] == [["kim@x.example", str(yesterday)], ["lee@x.example", "None"]]
    assert held["sessions"] == 0
    assert held["runs"][-1] == "failed"  # asked for before the backup, and not done unasked after it
    assert sorted(path.name for path in tmp_path.iterdir() if "new" in path.name) == ["new"]

    again = restore(out, tmp_path / "new", database)
    assert again.returncode == 1
    assert "is not empty" in again.stderr
    if connection.vendor == "postgresql":
        full = restore(out, tmp_path / "other", database)
        assert "The database is not empty (it has rows in " in full.stderr
        assert not (tmp_path / "other").exists()


STOPPED_BEFORE_THE_SWAP = """
import os, sys
from allpresent import cli
start = cli.start_django
def start_and_stop(folder):
    start(folder)
    from allpresent.safekeeping import restore
    restore.reapply = lambda *told: os._exit(9)
cli.start_django = start_and_stop
cli.main(sys.argv[1:])
"""


def test_a_restore_that_was_stopped_is_done_again_by_the_same_command(home, database, tmp_path):
    kim = User.objects.get(email="kim@x.example")
    given = {"starts_on": cast.TODAY, "source": "casework", "at": cast.NOW}
    end_grant(give_grant(kim, "principal", "school", cast.LINDEN, **given), on=cast.TODAY, at=LATER)
    out = make_backup(home, tmp_path, cast.NOW, lambda line: None)
    assert out.name == f"allpresent-{cast.NOW:%Y%m%dT%H%M%SZ}.backup"
    into = tmp_path / "new"
    into.mkdir()
    (home / "revoked.jsonl").rename(into / "revoked.jsonl")  # all that was saved of the old home
    command = [sys.executable, "-c", STOPPED_BEFORE_THE_SWAP, "restore", str(out), "--into", str(into)]
    killed = subprocess.run(command, cwd=ROOT, env=database, capture_output=True, check=False, timeout=300)
    assert killed.returncode == 9, killed
    assert [path.name for path in into.iterdir()] == ["revoked.jsonl"]
    done = restore(out, into, database)
    assert done.returncode == 0, done
    assert "No list of revocations newer" not in done.stderr
    assert (into / "ledger" / "CURRENT").exists()


def test_what_a_home_holds_is_saved_and_what_passes_is_not(home):
    (home / "mapping.yaml").write_text("source: csv\n")
    (home / "static").mkdir(exist_ok=True)
    (home / "static" / "x.css").write_text("")
    (home / "secret-key").write_text("k")
    (home / "nightly.lock").write_text("")
    (home / "deliveries" / ".incoming").mkdir()
    (home / "deliveries" / ".incoming" / "x.csv").write_text("")
    names = {path.relative_to(home).as_posix() for path in kept_files(home)}
    assert {"mapping.yaml", "district.yaml", "ledger/CURRENT"} <= names
    assert {name.split("/")[0] for name in names} == {
        "district.yaml",
        "mapping.yaml",
        "ledger",
        "deliveries",
        "reports",
    }
    assert not [name for name in names if "/." in name or name.startswith(".") or name.endswith(".lock")]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("home/a.backup", "lies in the home it is to save"),
        ("nowhere/a.backup", "There is no folder"),
        ("backups", "There is no folder .*backups; make it, or give the file a name that ends in .backup"),
        ("there.backup", "exists already; name another file"),
    ],
)
def test_a_place_that_cannot_be_is_refused(tmp_path, name, told):
    make_home(tmp_path / "home")
    (tmp_path / "there.backup").write_text("kept")
    with pytest.raises(BackupError, match=told):
        make_backup(tmp_path / "home", tmp_path / name, cast.NOW, lambda line: None)
    assert (tmp_path / "there.backup").read_text() == "kept"


def test_a_backup_that_is_stopped_anywhere_leaves_none(home, tmp_path, monkeypatch):
    out = tmp_path / "a.backup"
    whole = [0]
    add = archive.Writer.add

    def count(writer, name, path):
        whole[0] += 1
        add(writer, name, path)

    with monkeypatch.context() as patch:
        patch.setattr(archive.Writer, "add", count)
        make_backup(home, out, cast.NOW, lambda line: None)
    out.unlink()
    for stop in (1, whole[0] // 2, whole[0]):
        at = [0]

        def stopping(writer, name, path, stop=stop, at=at):
            at[0] += 1
            if at[0] == stop:
                raise KeyboardInterrupt
            add(writer, name, path)

        with monkeypatch.context() as patch:
            patch.setattr(archive.Writer, "add", stopping)
            with pytest.raises(KeyboardInterrupt):
                make_backup(home, out, cast.NOW, lambda line: None)
        assert [path for path in tmp_path.iterdir() if "backup" in path.name] == []
        assert not (home / ".backup").exists()
    assert make_backup(home, out, cast.NOW, lambda line: None) == out


# The file


def small(folder: Path, key: str | None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of two files."""
    if key:
        monkeypatch.setenv("ALLPRESENT_KEY", key)
    else:
        monkeypatch.delenv("ALLPRESENT_KEY", raising=False)
    head = archive.Head("2026-11-05T05:00:00+00:00", "0.1.0", "sqlite", "0001-a", [["access", "0001_initial"]])
    (folder / "b").write_bytes(b"facts" * 1000)
    with archive.written(folder / "a.backup", head, folder) as writer:
        writer.put("home/a", b"one")
        writer.add("home/deep/b", folder / "b")
    return folder / "a.backup"


@pytest.mark.parametrize("key", [None, KEY])
def test_what_was_put_comes_out(tmp_path, monkeypatch, key):
    backup = small(tmp_path, key, monkeypatch)
    assert unpack(backup, tmp_path / "out") == read_head(backup)
    assert (tmp_path / "out" / "home" / "a").read_bytes() == b"one"
    assert (tmp_path / "out" / "home" / "deep" / "b").read_bytes() == b"facts" * 1000
    assert (b"facts" in backup.read_bytes()) == (key is None)


@pytest.mark.parametrize("key", [None, KEY])
def test_a_backup_cut_anywhere_is_refused_and_leaves_nothing(tmp_path, monkeypatch, key):
    content = small(tmp_path, key, monkeypatch).read_bytes()
    # The end of a plain tar is padding; what is cut there is no file.
    last = len(content) if key else content.rindex(b'"size"')
    for at in [*range(0, last, 997), last - 1]:
        (tmp_path / "cut").write_bytes(content[:at])
        with pytest.raises(BackupError):
            make_ready(tmp_path / "cut", tmp_path / "home")
        assert not list(tmp_path.glob(".home*"))
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("key", [None, KEY])
def test_a_changed_byte_is_refused(tmp_path, monkeypatch, key):
    content = bytearray(small(tmp_path, key, monkeypatch).read_bytes())
    at = len(content) // 2 if key else content.index(b"factsfacts")
    content[at] ^= 1
    (tmp_path / "changed").write_bytes(content)
    with pytest.raises(BackupError, match="changed"):
        make_ready(tmp_path / "changed", tmp_path / "home")


def test_the_key_is_needed_and_it_has_to_be_the_one(tmp_path, monkeypatch):
    backup = small(tmp_path, KEY, monkeypatch)
    monkeypatch.delenv("ALLPRESENT_KEY")
    with pytest.raises(BackupError, match="the backup is sealed and no key is set"):
        read_head(backup)
    monkeypatch.setenv("ALLPRESENT_KEY", base64.b64encode(bytes(32)).decode())
    with pytest.raises(BackupError, match="the backup was sealed with another key"):
        read_head(backup)


def tar_of(path: Path, *entries: tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, BytesIO(content))
    return path


HEAD = b'{"made_at": "", "program": "", "database": "sqlite", "delivery_id": "", "migrations": [], "format": 1}'


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([("other", b"x")], "is no backup of All Present"),
        ([("backup.json", HEAD.replace(b'"format": 1', b'"format": 2'))], "was made by a newer program"),
        ([("backup.json", HEAD), ("home/../../x", b"")], "leads out of the backup"),
        ([("backup.json", HEAD), ("/etc/x", b"")], "leads out of the backup"),
        ([("backup.json", HEAD), ("elsewhere/x", b"")], "leads out of the backup"),
        ([("backup.json", HEAD), ("home/x", b"")], "ends before its list of files"),
        ([("backup.json", HEAD), ("home/x", b""), ("manifest.json", b"{}")], "home/x is not what was saved"),
        ([("backup.json", HEAD), ("manifest.json", b"{}"), ("home/x", b"")], "home/x does not belong in a backup"),
    ],
)
def test_what_is_no_backup_is_refused_in_a_sentence(tmp_path, entries, told):
    with pytest.raises(BackupError, match=told):
        make_ready(tar_of(tmp_path / "a.backup", *entries), tmp_path / "home")
    assert not list(tmp_path.glob(".home*"))


def test_a_home_with_anything_in_it_is_left_alone(tmp_path, monkeypatch):
    backup = small(tmp_path, None, monkeypatch)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "district.yaml").write_text("name: Elm\n")
    with pytest.raises(BackupError, match=r"is not empty \(it holds district.yaml\)"):
        make_ready(backup, tmp_path / "home")
    with pytest.raises(BackupError, match="is a file; name a folder"):
        make_ready(backup, tmp_path / "b")
    with pytest.raises(BackupError, match="There is no list of revocations"):
        make_ready(backup, tmp_path / "new", [tmp_path / "nowhere.jsonl"])
    assert not (tmp_path / "new").exists()


def test_records_that_find_no_room_are_a_sentence(tmp_path, monkeypatch):
    whole = sqlite3.connect
    with contextlib.closing(whole(tmp_path / "records.sqlite3")) as records:
        records.execute("CREATE TABLE notes AS SELECT randomblob(100000) AS text")
        records.commit()

    def small_disk(name):
        made = whole(name)
        made.execute(f"PRAGMA max_page_count = {5 if Path(name).name == 'copy.sqlite3' else 1000}")
        return made

    monkeypatch.setattr(sqlite3, "connect", small_disk)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "records.sqlite3"))
    with pytest.raises(BackupError, match=r"The records cannot be copied to .* \(.*full.*\); make room there"):
        save_sqlite(tmp_path / "copy.sqlite3")
