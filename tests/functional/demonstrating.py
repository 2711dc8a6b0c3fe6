"""`allpresent demo`, started as a newcomer starts it, and ended by its own process group."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STUDENTS = 300  # as few as leave twenty children of a school with something open
WAIT_SECONDS = 240


@dataclass(frozen=True)
class Made:
    """The demonstration's home, never written to by a test, and what the first start said."""

    home: Path
    said: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demonstration(home: Path, log: Path, *arguments: str) -> Iterator[str]:
    """``allpresent demo`` with a small district, until it answers. Yields its address."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ALLPRESENT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "allpresent", "demo", "--students", str(STUDENTS), "--port", str(port), *arguments]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the demonstration did not come up")
