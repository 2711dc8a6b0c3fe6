"""The Java that Spark needs: found as Spark finds it, installed where it is missing, or asked for in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def java(folder: Path, version: str) -> Path:
    return program(folder, "java", f"echo 'openjdk version \"{version}\" 2025-04-15' >&2")


def ensure(path: Path, **environment: str) -> tuple[int, str]:
    """Exit code and complaint, with only these programs on the path."""
    path.mkdir(exist_ok=True)
    known = {key: value for key, value in os.environ.items() if key != "JAVA_HOME"}
    command = [sys.executable, str(ROOT / "tools" / "ensure_java.py")]
    done = subprocess.run(
        command, env=known | {"PATH": str(path)} | environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("version", ["17.0.15", "21.0.2"])
def test_a_java_that_is_there_will_do(tmp_path: Path, version: str) -> None:
    java(tmp_path / "bin", version)
    assert ensure(tmp_path / "bin") == (0, "")


def test_what_is_missing_is_installed(tmp_path: Path) -> None:
    ready = java(tmp_path / "ready", "21.0.2")
    only_21 = f'case "$*" in *install*openjdk-21*) /bin/cp {ready} {tmp_path}/bin/java;; esac'
    program(tmp_path / "bin", "apt-get", only_21)
    program(tmp_path / "bin", "sudo", 'shift; exec "$@"')
    assert ensure(tmp_path / "bin") == (0, "")


@pytest.mark.parametrize(
    ("version", "chosen", "sentence"),
    [
        (None, False, "Spark needs Java 17 or newer, and here is none: install "),
        ("11.0.2", False, "Spark needs Java 17 or newer, and here is Java 11: install "),
        ("11.0.2", True, "/bin) is Java 11: install "),
        (None, True, "/bin) is none: install "),
    ],
)
def test_without_it_one_sentence_says_what_to_do(
    tmp_path: Path, version: str | None, chosen: bool, sentence: str
) -> None:
    folder = tmp_path / "bin" / "bin" if chosen else tmp_path / "bin"
    if version:
        java(folder, version)
    code, told = ensure(tmp_path / "bin", **({"JAVA_HOME": str(tmp_path / "bin")} if chosen else {}))
    assert (code, told.count("\n")) == (1, 1)
    assert sentence in told
    assert told.endswith("point JAVA_HOME at it, then run again.\n" if chosen else "headless, then run again.\n")
