"""Kill a piece of work at a random moment and look at what is left.

The work runs in a process of its own that says "ready" when everything is imported, so that the kill lands in the
work itself. The moments come from a seed that is printed.
"""

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pyarrow as pa

from allpresent import measures
from allpresent.measures import Rules

ROOT = Path(__file__).parents[2]
# `make test` carries a share of the campaign, `make test-long` the whole of it.
KILLS = int(os.environ.get("ALLPRESENT_KILLS", "3"))
# The campaign kills postings of the demonstration's size, the gate those of a small district.
STUDENTS = 18_000 if "ALLPRESENT_KILLS" in os.environ else 200
KILLS_A_HOME = max(1, KILLS // 20)  # on one home, before the work may end
PATIENCE = 900  # seconds; a busy machine takes far longer than a free one
SEED = int(os.environ.get("ALLPRESENT_KILL_SEED", "20261104"))


def start(script: str, home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start ``tests/functional/<script>`` on a home and wait until it says it is ready to begin."""
    environment = os.environ | {"ALLPRESENT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(Path(__file__).with_name(script)), str(home), *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True, cwd=ROOT)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def run_whole(script: str, home: Path, *arguments: str) -> float:
    """Let the work end by itself; how many seconds it took after it was ready."""
    process = start(script, home, *arguments)
    began = time.monotonic()
    assert process.wait(timeout=PATIENCE) == 0
    return time.monotonic() - began


def run_night(home: Path, today: str) -> None:
    """Run a night by its command."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ALLPRESENT_HOME": str(home)}
    command = [sys.executable, "-m", "allpresent", "nightly", "--today", today]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)


def kill_during(script: str, home: Path, delay: float, *arguments: str) -> bool:
    """Kill the work ``delay`` seconds after it began; whether it was still at it."""
    process = start(script, home, *arguments)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=delay)
    was_running = process.poll() is None
    if was_running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    return was_running


def copy_home(template: Path, home: Path) -> Path:
    """A home of one's own. What is written once and never changed is the same file under a second name."""

    def link_or_copy(source: str, target: str) -> str:
        if {"versions", "raw"} & set(Path(source).relative_to(template).parts):
            os.link(source, target)
            return target
        return str(shutil.copy2(source, target))

    return Path(shutil.copytree(template, home, copy_function=link_or_copy))


def moments(whole: float, count: int = KILLS) -> Iterator[float]:
    """Random moments over the length of the work, a little past its end included."""
    print(f"\n{count} kills over {whole:.2f} s, seed {SEED}", flush=True)
    for share in shares(count):
        yield share * whole


def shares(count: int = KILLS) -> Iterator[float]:
    """Random moments as shares of the length of the work."""
    chosen = random.Random(SEED)
    for _ in range(count):
        yield chosen.uniform(0, 1.05)


# What is left


def facts_of(home: Path) -> str:
    """All a reader can see of the facts, as one hash: the delivery, every standing, every file of the version."""
    facts = measures.open_facts(home)
    manifest = facts.version.manifest
    for name, expected in manifest.files.items():
        found = hashlib.sha256((facts.version.folder / name).read_bytes()).hexdigest()
        assert found == expected, f"{name} of {manifest.delivery_id} is torn"
    rows = measures.standings(facts, facts.last_school_day, Rules()).combine_chunks()
    with pa.BufferOutputStream() as out, pa.ipc.new_stream(out, rows.schema) as stream:
        stream.write_table(rows)
    return hashlib.sha256(manifest.delivery_id.encode() + memoryview(out.getvalue())).hexdigest()


ROSTER = "SELECT student_id, full_name, grade, school_id, is_enrolled FROM roster_student ORDER BY student_id"
STEPS = """
SELECT c.student_id, s.step_key, s.level, s.state, s.opened_on, s.due_on, s.ending
FROM casework_casestep s JOIN casework_case c ON c.id = s.case_id
ORDER BY c.student_id, s.step_key, s.state, s.opened_on
"""
SHOWN = "SELECT delivery_id FROM roster_projectedversion"


def records_of(home: Path) -> dict[str, str]:
    """What a page can see of roster and steps, each as one hash; the database as a reader after the kill finds it.

    The connection is closed at once, or its files would go while the home is copied.
    """
    with closing(sqlite3.connect(home / "records.sqlite3")) as connection:
        rows = {name: connection.execute(text).fetchall() for name, text in (("roster", ROSTER), ("steps", STEPS))}
        shown = connection.execute(SHOWN).fetchone()[0]
    return {name: hashlib.sha256(repr(found).encode()).hexdigest() for name, found in rows.items()} | {"shown": shown}


def reports_of(home: Path) -> dict[str, str]:
    """Every frozen report by its hash."""
    folder = home / "reports"
    found = folder.rglob("[!.]*.json")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
