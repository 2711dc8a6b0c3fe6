"""Kill a piece of work at a random moment and look at what is left.

The work runs in a process of its own that says "ready" when everything is imported, so that the kill lands in the
work itself. The moments come from a seed that is printed.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# `make test` carries a share of the campaign, `make test-long` the whole of it.
KILLS = int(os.environ.get("ALLPRESENT_KILLS", "3"))
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
    assert process.wait(timeout=120) == 0
    return time.monotonic() - began


def kill_during(script: str, home: Path, delay: float, *arguments: str) -> bool:
    """Kill the work ``delay`` seconds after it began; whether it was still at it."""
    process = start(script, home, *arguments)
    time.sleep(delay)
    was_running = process.poll() is None
    if was_running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    return was_running


def moments(whole: float, count: int = KILLS) -> Iterator[float]:
    """Random moments over the length of the work, a little past its end included."""
    chosen = random.Random(SEED)
    print(f"\n{count} kills over {whole:.2f} s, seed {SEED}")
    for _ in range(count):
        yield chosen.uniform(0, whole * 1.05)
