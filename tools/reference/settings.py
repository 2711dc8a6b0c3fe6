"""Writes docs/reference/settings.md: the keys of district.yaml, the environment and the files of a home."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import allpresent
from allpresent.policy import District
from allpresent.policy.district import POLICY, Goal, Pull, Source
from tools.reference.markdown import code, page, table

PACKAGE = Path(allpresent.__file__).parent
# Where a setting stands in the file under another name than in the code.
IN_FILE = {"report_first_on": "reporting.first_report", "report_every_days": "reporting.every_days"}
MEANINGS = {
    "name": "the district's name, as it stands on pages and reports",
    "state": "the state pack",
    "protocol": "a shipped protocol by name, or the path of the district's own, from the home",
    "year_starts": "month and day a school year begins with",
    "minimum_days": "reported days before a student is judged chronically absent on pages and in reports",
    "day_rule": "`state`: a day counts whole or not at all; `fractional`: the share of the day missed",
    "truancy_month": "`rolling`: 30 days in a row; `calendar`: a month of the calendar",
    "unreported_limit_pct": "a school with a larger share of unreported student-days is not safe to publish",
    "drop_students_pct": "C01: loss of students of the district that holds a delivery, in percent",
    "drop_group_pct": "C01: loss of students of a school or grade, change of a school's days in session, rows of "
    "attendance taken in classes nobody sits in, in percent ...",
    "drop_group_count": "C01: ... and more than so many",
    "drop_absences_pct": "C01: loss of absences already counted, change of the same students' days of enrollment, "
    "absences that count nowhere, in percent ...",
    "drop_absences_count": "C01: ... and more than so many",
    "drop_day_pct": "C01: loss of the absences of one past school day, in percent, in the district or at a school that "
    "had more than `drop_group_count` then and has so many on a usual day",
    "changed_values_pct": "C01: values of a column that are others than before for the same rows, in percent",
    "most_absent_pct": "C01: students of a school absent on one new day, in percent",
    "q02_error_pct": "Q02: share of refused rows of a table that holds a delivery, in percent",
    "report_first_on": "the first day of a bi-weekly report; without it none is frozen",
    "report_every_days": "days from one report to the next",
    "sources": "where deliveries come from, see below",
    "languages": "languages of the pages",
    "goals": "points of the goal line, see below",
    "excluded_schools": "ids of schools left out of reports of their own and of state rates",
    "due_school_days": "step key and school days until it is due, over the protocol's own",
    "nightly_at": "the hour of the night's work, by the worker's clock",
    "time_zone": "the district's time zone",
    "keep_files_days": "days the delivered files are kept as they came; a held delivery keeps its own until decided",
    "keep_versions_days": "days the facts of a delivery can be asked for as known then (`--known-on`); the newest two "
    "and those a report on file or a mailed letter names stay",
    "family_children_max": "brothers and sisters under one household id; with more, calls are not gathered",
    "escalate_after_school_days": "school days after its due day until an overdue step goes to the attendance team",
    "today": "only for a demonstration: the day it believes in",
    "is_demo": "only for a demonstration: one-click sign-in, this machine alone",
}
SOURCE = {
    "name": "what the source is called in messages",
    "source": "the format: powerschool, oneroster, csv and others; [Sources](sources.md)",
    "folder": "where its files are put, from the home",
    "mapping": "the district's own mapping file, from the home",
    "delivers": "`year`: each delivery brings the whole year to date; `days`: only the days between its first and "
    "last mark; without it, as the mapping says, which is `year` where it says nothing",
    "quiet_seconds": "files are taken once they have not changed for so many seconds; until then they wait a night",
    "done": "a pattern of names: nothing is taken before such a file is there, written after the others",
    "pull": "the interface its files are brought from, see below",
}
PULL = {
    "url": "the address; https, but for this machine itself",
    "year": "what stands in the addresses of an Ed-Fi API that serves several years: 2027, or 255901/2027",
    "queries": "for PowerSchool: a table and the PowerQuery that brings it, instead of the schema's table",
    "engine": "`own`, or for Ed-Fi `edfi-api-client`: the published client, installed with the extra `edfi`",
}
GOAL = {
    "label": "what it is called",
    "school_year": "written 2021-22",
    "kind": "`was`: a rate the district had; `goal`: a rate it means to go below",
    "rate_pct": "percent chronically absent",
    "note": "a word about it",
}
ENVIRONMENT = {
    "ALLPRESENT_ENGINE": "where the work of `--homes` is done: `local`, in the command itself (the default), or "
    "`spark`, a task a home on the cluster of the Spark application it runs in",
    "ALLPRESENT_HOME": "the home; `./var` when it is not set",
    "ALLPRESENT_HOSTS": "the names people type for this server, with commas. A real district needs it",
    "ALLPRESENT_INSECURE_LOOPBACK": "1: answer plain http, to this machine alone",
    "ALLPRESENT_WORKER_OF": "set by the demonstration: the process whose end ends the worker",
    "ALLPRESENT_KEY": "the key delivered files and backups are sealed with: 32 bytes in base64, as "
    "`openssl rand -base64 32` prints. A real district needs it; without a copy elsewhere a backup cannot be opened",
    "ALLPRESENT_LOOK_SECONDS": "how long a page that is opened waits for the records, behind a lock or for a slow "
    "answer, before it says that they cannot be reached: 0.1 to 60 seconds, 1.5 when it is not set. Drawing a PDF does "
    "not count. What somebody sends waits 20 seconds behind a lock",
    "ALLPRESENT_MAIL_FROM": "the sender of mail to staff",
    "ALLPRESENT_PROXIES": "how many trusted proxies stand in front",
    "ALLPRESENT_PULL_KEY_": "followed by the name of a source in capitals (`ALLPRESENT_PULL_KEY_ODS`): the key, or "
    "client id, of the interface it is brought from",
    "ALLPRESENT_PULL_SECRET_": "followed likewise: the secret to that key",
    "ALLPRESENT_REVOKED": "the list of what was taken from people, on a path of its own; without it `revoked.jsonl` in "
    "the home",
    "ALLPRESENT_SECRET_KEY": "the key sessions are signed with; without it one is made and kept in the home",
    "ALLPRESENT_SMTP": "mail server, as `smtp://user:password@host:port` or `smtps://`; without it mail is written "
    "to files in the home",
    "DATABASE_URL": "PostgreSQL, as `postgresql://user:password@host:5432/name`; without it SQLite in the home",
}
HOME = (
    ("district.yaml", "the settings on this page; a person writes it"),
    ("call_systems/", "the district's own layouts of lists for calling systems; a person writes them"),
    ("staff.csv", "who works here and what each is granted ([roles](roles.md)); a person or the district's own system"),
    ("former_ids.csv", "ids that were given up ([how](../how-to/join-two-ids.md)); a person writes it"),
    ("drop/NAME/", "where the files of a source are put for the night"),
    ("deliveries/ID/", "what came: the bytes as received (sealed where `ALLPRESENT_KEY` is set), findings, decisions"),
    ("ledger/", "the facts, one version a delivery, and the pointer to the current one"),
    ("records.sqlite3", "people, cases, contacts and audit entries, unless `DATABASE_URL` names a server"),
    ("reports/", "frozen bi-weekly reports"),
    ("revoked.jsonl", "what was taken from people: a restored backup does not give it back"),
    ("secret-key", "the signing key, unless the environment gives one"),
)


def settings() -> str:
    """The page."""
    return page(
        "Settings",
        "One folder holds one district: its home. What the district decides stands in `district.yaml` there. A key "
        "that is left out has its default; a key that is wrong or unknown is refused with file, line and key when a "
        "command starts. `allpresent check` reads it all.",
        "## district.yaml",
        table(("key", "default", "meaning"), [_row(field) for field in fields(District)]),
        "### A source",
        table(("key", "default", "meaning"), [_part(field, SOURCE) for field in fields(Source)]),
        "### A pull",
        table(("key", "default", "meaning"), [_part(field, PULL) for field in fields(Pull)]),
        "### A goal",
        table(("key", "default", "meaning"), [_part(field, GOAL) for field in fields(Goal)]),
        "### The whole file with its comments",
        f"```yaml\n{(POLICY / 'district.yaml').read_text('utf-8').strip()}\n```",
        "## The environment",
        "Secrets come from the environment and stand in no file of the program.",
        table(("name", "meaning"), [(code(name), ENVIRONMENT[name]) for name in environment_names()]),
        "## What lies in a home",
        table(("name", "what it is"), [(code(name), what) for name, what in HOME]),
    )


def environment_names() -> list[str]:
    """Every name the program reads from the environment, found in its sources."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        found.update(re.findall(r"\b(ALLPRESENT_[A-Z_]+|DATABASE_URL)\b", path.read_text("utf-8")))
    return sorted(found)


def key_in_file(name: str) -> str:
    """The key of district.yaml for a setting."""
    return IN_FILE.get(name, name)


def _row(field) -> tuple[str, str, str]:  # type: ignore[no-untyped-def]
    default = getattr(District(), field.name)
    return code(key_in_file(field.name)), _told(default), MEANINGS[field.name]


def _part(field, meanings: dict[str, str]) -> tuple[str, str, str]:  # type: ignore[no-untyped-def]
    if field.name == "folder":
        return code("folder"), code("drop/NAME"), meanings["folder"]
    return code(field.name), "needed" if field.default is MISSING else _told(field.default), meanings[field.name]


def _told(default: object) -> str:
    if default is None or default == "":
        return ""
    if isinstance(default, tuple):
        return code("[" + ", ".join(map(str, default)) + "]")
    if isinstance(default, bool):
        return code(str(default).lower())
    return code("{}" if default == {} else default)
