"""The command line as people and scripts meet it: help for each verb, one sentence for bad input, no traceback."""

import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError

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
        (["check"], "There is no district.yaml in"),
        (["nightly"], "There is no district.yaml in"),
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


def test_what_is_not_there_is_said_and_no_second_district_begins(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ALLPRESENT_HOME", str(tmp_path / "mistyped"))
    for verb, code in ((["nightly"], 2), (["check"], 1), (["serve"], 1), (["worker", "--once"], 1)):
        with pytest.raises(SystemExit) as left:
            cli.main(verb)
        assert left.value.code == code
        assert "set ALLPRESENT_HOME to the folder that holds the district" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        cli.main(["intake", "post", "csv", str(tmp_path)])
    assert left.value.code == 2
    assert f"There is no folder {tmp_path / 'mistyped'}; make it" in capsys.readouterr().err
    assert not (tmp_path / "mistyped").exists()
    with pytest.raises(SystemExit) as left:
        cli.main(["intake", "list"])
    assert (left.value.code, capsys.readouterr().out) == (0, "")


def test_an_empty_home_variable_means_none(monkeypatch):
    monkeypatch.setenv("ALLPRESENT_HOME", "")
    assert cli.home() == Path(cli.DEFAULT_HOME).resolve()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "out/x.csv"), "out/x.csv cannot be reached"),
        (PermissionError(13, "Permission denied", "x.csv"), "x.csv may not be read or written by this account"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused."),
        (ImproperlyConfigured("Name a host."), "Name a host."),
        (OperationalError("connection refused\n\tmore"), "The records cannot be opened (connection refused); see that"),
        (OperationalError("database or disk is full"), "There is no room left for the records"),
        (OperationalError("attempt to write a readonly database"), "The records in "),
        (ProgrammingError("no such column"), ""),
        (KeyError("key"), ""),
    ],
)
def test_what_the_machine_or_the_database_refuses_is_a_sentence_and_our_own_fault_is_not(error, words):
    said = cli._sentence(error)
    assert said.startswith(words)
    assert bool(said) == bool(words)
    assert "\n" not in said
    assert "Errno" not in said


def test_half_a_report_is_not_left_behind_and_one_that_may_not_be_opened_stays(tmp_path, monkeypatch):
    out, link = tmp_path / "x.pdf", tmp_path / "newest.pdf"
    link.symlink_to(out)
    for asked in (out, link):
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large") as refused:
                cli.write(b"%PDF" * 1000, asked)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert (refused.value.filename, out.exists(), link.is_symlink()) == (str(asked), False, True)
    cli.write(b"yesterday's", out)

    def refuse(path, *_how):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError):
        cli.write(b"today's", out)
    monkeypatch.undo()
    assert out.read_bytes() == b"yesterday's"


@pytest.mark.parametrize("verb", [["intake", "check", "csv", "/nowhere"], ["intake", "post", "csv", "/nowhere"]])
def test_files_that_are_not_there_are_no_held_delivery(tmp_path, monkeypatch, capsys, verb):
    monkeypatch.setenv("ALLPRESENT_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        cli.main(verb)
    assert left.value.code == 2


def test_today_is_the_districts_day_and_not_the_machines(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLPRESENT_HOME", str(tmp_path))
    days = []
    for settings in ("time_zone: Etc/GMT+12", "time_zone: Pacific/Kiritimati", "today: 2026-11-05\nis_demo: true"):
        (tmp_path / "district.yaml").write_text(settings + "\n")
        days.append(cli.today_here())
    assert days[0] < days[1], "26 hours lie between the two"
    assert days[2] == date(2026, 11, 5)


@pytest.mark.parametrize("arguments", [["nightly"], ["intake", "check", "csv", "files"], ["intake", "pull", "sis"]])
def test_the_day_is_looked_up_when_none_is_given(tmp_path, monkeypatch, arguments):
    monkeypatch.setattr(cli, "today_here", lambda: date(2026, 11, 5))
    seen = []
    for verb in ("nightly_run", "intake_check", "intake_pull"):
        monkeypatch.setattr(cli, verb, lambda given: seen.append(given.today) or 0)
    with pytest.raises(SystemExit):
        cli.main(arguments)
    assert seen == [date(2026, 11, 5)]


@pytest.mark.parametrize(
    "arguments", [["serve", "--port", "99999"], ["serve", "--workers", "0"], ["demo", "--students", "-4"]]
)
def test_numbers_out_of_range_are_told_with_the_range(capsys, arguments):
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    assert f"'{arguments[-1]}' is not a whole number from 1 to " in capsys.readouterr().err


def test_a_student_group_nobody_is_in_is_named():
    rows = pa.table({"school": ["1", "1"], "student_group:el": ["0", "1"], "student_group:unicorn": ["0", "0"]})
    assert cli.empty_groups(rows) == ["unicorn"]
    assert cli.empty_groups(rows.slice(0, 0)) == []


def test_the_command_line_names_the_sources_that_are_read() -> None:
    assert set(cli.SOURCES) == {*SOURCES, PUBLISHED}


def test_a_check_says_what_each_file_was_read_as(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALLPRESENT_HOME", str(tmp_path))
    (tmp_path / "days.csv").write_text("date,school_id,attendance_pct\n2026-09-08,11,91.2\n")
    with pytest.raises(SystemExit) as ended:
        cli.main(["intake", "check", "aggregates", str(tmp_path)])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (0, "rule,severity,file,line,field,value,message\n")
    assert told.err == "days.csv: canonical school day totals (canonical_days), utf-8, 1 rows\n"
