"""The command line as people and scripts meet it: help for each verb, one sentence for bad input, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from allpresent import cli
from allpresent.intake.sources import PUBLISHED, SOURCES

ROOT = Path(__file__).parents[2]
VERBS = [
    *("demo", "demo files", "intake check", "intake post", "intake pull", "intake list", "intake undo"),
    *("measure standings", "measure groups", "measure explain"),
    *("protocol check", "protocol preview", "protocol due", "report biweekly"),
    *("nightly", "serve", "worker", "check", "backup", "restore"),
]


def allpresent(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person would, with its data under ``home``."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ALLPRESENT_HOME": str(home)}
    command = [sys.executable, "-m", "allpresent", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_answers_help(tmp_path, verb):
    answer = allpresent(tmp_path, *verb.split(), "--help")
    assert answer.returncode == 0
    assert f"usage: allpresent {verb}" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["measure", "standings", "--as-of", "4 Nov"], "'4 Nov' is not a date; write it as 2026-11-04"),
        (["measure", "standings", "--as-of", "2026-11-04"], "Nothing has been posted yet"),
        (["intake", "check", "powerscool", "."], "powerscool"),
        (["intake", "post", "csv", "/nowhere"], "/nowhere"),
        (["intake", "undo", "0009-x"], "0009-x"),
        (["protocol", "check", "/nowhere.yaml"], "/nowhere.yaml"),
        (["report", "biweekly", "--as-of", "2026-11-04", "--format", "pdf"], "--school"),
        (["report", "biweekly", "--as-of", "2026-11-04", "--format", "pdf", "--district"], "Nothing has been posted"),
        (["restore", "/nowhere.backup"], "There is no backup /nowhere.backup; check the path."),
        (["fly"], "fly"),
    ],
)
def test_bad_input_is_one_sentence_and_not_a_traceback(tmp_path, arguments, sentence):
    answer = allpresent(tmp_path, *arguments)
    assert answer.returncode != 0
    said = answer.stderr + (answer.stdout if arguments[0] == "protocol" else "")
    assert sentence in said
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) <= 1


def test_the_command_line_names_the_sources_that_are_read() -> None:
    assert set(cli.SOURCES) == {*SOURCES, PUBLISHED}
