"""The work that is killed or finds the disk full, as a program that the tests hold by a pipe."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.counts import IS_LONG
from tests.functional.killing import KILLS, ROOT

Fault = Callable[[str, int], tuple[int, str]]


@contextmanager
def worker(work: str, home: Path, folder: Path, database: str = "") -> Iterator[Fault]:
    """A program that does the work in one process after another; each call stops one at its n-th statement.

    The records are those of ``database``, by its address, or without one in the home.
    """
    command = [sys.executable, str(Path(__file__).with_name("killed_at.py")), work, str(home), str(folder)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd=ROOT,
        env=settings_of(home, database),
    )
    assert process.stdin
    assert process.stdout
    answers = process.stdout
    assert answers.readline() == "ready\n"

    def fault(kind: str, number: int) -> tuple[int, str]:
        assert process.stdin
        process.stdin.write(f"{kind} {number}\n")
        statements, _, said = answers.readline().strip().partition(" ")
        return int(statements), said

    try:
        yield fault
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        answers.close()


def settings_of(home: Path, database: str = "") -> dict[str, str]:
    """The environment of a program at work on a home whose records are in a database, or in the home."""
    others = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    own = {"PYTHONPATH": str(ROOT), "ALLPRESENT_HOME": str(home)}
    return others | own | ({"DATABASE_URL": database} if database else {})


def places(whole: int) -> list[int]:
    """Every statement in the long campaign, a few spread over the work in the gate."""
    if IS_LONG:
        return list(range(1, whole + 1))
    count = KILLS if "ALLPRESENT_KILLS" in os.environ else 1
    return sorted({(1 + 2 * at) * whole // (2 * count) for at in range(count)})


def statements_of(fault: Fault, template: Path, home: Path) -> int:
    """Let the work end by itself on a copy of the template; how many statements it took."""
    put_back(template, home)
    whole, said = fault("kill", 0)
    assert said == ""
    return whole


def put_back(template: Path, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)
