"""The command line: arguments only, one function a verb.

Verbs appear here when they work. Bad input ends in one sentence on standard error and an exit code that is not 0.
Only the verbs that need the records (cases, steps, users) start Django.
"""

import argparse
import errno
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

DEFAULT_HOME = "./var"
DEMO_HOME = "./var/demo"


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence, and says where to look next."""

    def error(self, message: str) -> NoReturn:
        """Exit code 2 with the sentence."""
        self.exit(2, f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.\n")


class MisunderstoodError(ValueError):
    """Arguments that do not go together; one sentence."""

    exit_code = 2


class NoHomeError(ValueError):
    """The folder named as the home holds no district; one sentence."""


def a_date(text: str) -> date:
    """A date written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date; write it as 2026-11-04") from None


def a_number(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two others, both included."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from {least:,} to {most:,}")
        return int(text)

    return read


def home() -> Path:
    """The one folder that holds this district's ledger, records and files."""
    return Path(os.environ.get("ALLPRESENT_HOME") or DEFAULT_HOME).resolve()


def settled_home() -> Path:
    """The home of a district that has its settings: a mistyped folder must not become a second, empty district."""
    if not (home() / "district.yaml").is_file():
        raise NoHomeError(
            f"There is no district.yaml in {home()}; set ALLPRESENT_HOME to the folder that holds the district, or "
            "write its settings there."
        )
    return home()


def standing_home() -> Path:
    """A home that may be without settings yet, but is there: nobody finds what is posted into a mistyped one."""
    if not home().is_dir():
        raise NoHomeError(f"There is no folder {home()}; make it, or set ALLPRESENT_HOME to the one that is the home.")
    return home()


def today_here() -> date:
    """The district's day: the machine may keep the hours of another place."""
    from allpresent.policy import load_district

    district = load_district(home())
    return district.today or datetime.now(ZoneInfo(district.time_zone)).date()


def say(line: str) -> None:
    """One progress line for a person, on standard error: standard output is for results."""
    print(line, file=sys.stderr, flush=True)


def write(content: bytes, out: Path | None) -> None:
    """To the file, or to standard output without one."""
    if out is None:
        sys.stdout.buffer.write(content)
        return
    file = out.open("wb")  # where that is refused, what lies there stays
    try:
        with file:
            file.write(content)
    except OSError as error:
        if out.is_file():
            out.resolve().unlink()  # half a report looks like a whole one; where a link leads, too
        raise OSError(error.errno, error.strerror, str(out)) from error


def start_django(folder: Path) -> None:
    """Start Django on a home."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "allpresent.config.settings"
    os.environ["ALLPRESENT_HOME"] = str(folder)
    import django

    django.setup()


def start_records() -> None:
    """Start Django for a verb that needs the records, with the database brought up to date."""
    start_django(home())
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


# Verbs


def demo(arguments: argparse.Namespace) -> int:
    """Make the synthetic district, load it through the intake a district uses, and serve it."""
    os.environ.setdefault("ALLPRESENT_HOME", DEMO_HOME)
    from allpresent.demo import DEMO_TODAY, demo_home
    from allpresent.policy import load_district

    held = load_district(home()) if (home() / "district.yaml").exists() else None
    if held is not None and not held.is_demo:
        say(f"{home()} holds a real district; set ALLPRESENT_HOME to an empty folder for the demonstration.")
        return 1
    # The calendar only goes on: a morning that is past already changes nothing.
    asked = (DEMO_TODAY, arguments.morning, held.today if held is not None else None)
    today = max(morning for morning in asked if morning is not None)
    people = demo_home(home(), arguments.students, seed=arguments.seed, today=today)
    start_records()
    from allpresent.nightly.demonstration import load_demonstration

    load_demonstration(home(), arguments.students, arguments.seed, progress=say, today=today)
    print(f"\nAll Present is at http://127.0.0.1:{arguments.port}/\n\nSign in with one click as any of:")
    for person in people:
        print(f"  {person.email:<34} {person.full_name}, {person.does}")
    print("\nCtrl-C ends it; the next start takes seconds.", flush=True)
    # What pages ask for (accept a delivery, take one back) is done by a worker beside the server, ended with it.
    beside = os.environ | {"ALLPRESENT_WORKER_OF": str(os.getpid())}
    subprocess.Popen([sys.executable, "-m", "allpresent", "worker"], env=beside)
    arguments.host, arguments.workers = "127.0.0.1", 2
    return serve(arguments)


def demo_files(arguments: argparse.Namespace) -> int:
    """Only write the synthetic district's SIS files."""
    from allpresent.demo import write_files

    summary = write_files(arguments.out, students=arguments.students, seed=arguments.seed, progress=say)
    print(summary)
    return 0


def intake_check(arguments: argparse.Namespace) -> int:
    """Read and check a folder of files; change nothing."""
    from allpresent import intake

    checked = intake.check_delivery(
        home(), arguments.source, arguments.folder, mapping=arguments.mapping, today=arguments.today
    )
    if arguments.export_canonical:
        intake.export_canonical(checked, arguments.export_canonical)
    sys.stdout.write(intake.findings_csv(checked))
    for sentence in (*checked.decided, *checked.why_held):
        say(sentence)
    return checked.exit_code


def intake_post(arguments: argparse.Namespace) -> int:
    """Check a folder of files, then post it as one delivery; or what lies in the drop folders of many homes."""
    from allpresent import intake

    if arguments.homes is not None:
        return _post_homes(arguments)
    if arguments.folder is None:
        raise MisunderstoodError("Posting takes a SOURCE and a DIR, or --homes; see `allpresent intake post --help`.")
    posted = intake.post_delivery(
        standing_home(),
        arguments.source,
        arguments.folder,
        mapping=arguments.mapping,
        accept=arguments.accept,
        accepted_by=os.environ.get("USER") if arguments.accept else None,
        today=arguments.today,
        now=datetime.now(UTC),
        progress=say,
    )
    if posted.outcome == "held":
        for sentence in posted.record.why_held:
            say(sentence)
    elif posted.outcome == "unchanged":
        say(f"These files were delivered before, as {posted.delivery_id}; nothing changed.")
    print(posted.delivery_id)
    return posted.exit_code


def _post_homes(arguments: argparse.Namespace) -> int:
    from allpresent.intake import side_by_side

    if any((arguments.source, arguments.mapping, arguments.accept)):
        raise MisunderstoodError(
            "With --homes every home is posted by its own district.yaml; leave out SOURCE, DIR, --mapping and --accept."
        )
    told = side_by_side.post_homes(
        _homes_below(arguments.homes),
        today=arguments.today,
        now=datetime.now(UTC),
        engine=_engine(),
        progress=say,
    )
    sys.stdout.write(side_by_side.told_csv(told))
    return max(line.exit_code for line in told)


def intake_pull(arguments: argparse.Namespace) -> int:
    """Bring a source's files from its interface into its folder; post nothing."""
    from allpresent import intake, policy

    district = policy.load_district(home())
    manifest = intake.pull_source(home(), district, arguments.name, os.environ, today=arguments.today, progress=say)
    for sentence in (*manifest.left_out, *manifest.why_partial):
        say(sentence)
    return 1 if manifest.why_partial else 0


def intake_list(arguments: argparse.Namespace) -> int:
    """The deliveries, newest first."""
    from allpresent import intake

    records = intake.list_deliveries(home())
    if not records:
        say(f"Nothing has been delivered to {home()} yet.")
    for record in records:
        print(f"{record.id}\t{record.outcome}\t{record.source}\t{record.received_at}\t{record.folder}")
    return 0


def intake_undo(arguments: argparse.Namespace) -> int:
    """Take the newest delivery back."""
    from allpresent import intake

    intake.undo_delivery(home(), arguments.delivery, by=os.environ.get("USER", ""), now=datetime.now(UTC))
    print(arguments.delivery)
    return 0


def measure_standings(arguments: argparse.Namespace) -> int:
    """Where every student stands on a day."""
    from allpresent import measures

    rows = _measured(arguments, partial(_standings_of, arguments.as_of, arguments.known_on, arguments.school))
    measures.write_standings(rows, arguments.format, arguments.out or sys.stdout.buffer)
    return 0


def _standings_of(as_of: date, known_on: str | None, school: str | None, of: Path) -> Any:
    from allpresent import measures

    return measures.standings(measures.open_facts(of, known_on), as_of, _rules(as_of, of), school_id=school)


def measure_groups(arguments: argparse.Namespace) -> int:
    """Counts and rates by school, grade, level or student group."""
    from allpresent import measures

    how = {"by": arguments.by.split(","), "everyone": arguments.everyone, "public": arguments.public}
    rows = _measured(arguments, partial(_groups_of, arguments.as_of, arguments.known_on, how))
    measures.write_groups(rows, arguments.out or sys.stdout.buffer)
    for name in empty_groups(rows):
        say(f"Nobody is in the student group {name}; look whether it is delivered under that name.")
    return 0


def empty_groups(rows: Any) -> list[str]:
    """The student groups of a table of groups that nobody is in: most likely a mistyped name."""
    named = [column for column in rows.column_names if column.startswith("student_group:")]
    return [column.partition(":")[2] for column in named if set(rows[column].to_pylist()) == {"0"}]


def _groups_of(as_of: date, known_on: str | None, how: dict[str, Any], of: Path) -> Any:
    from allpresent import measures

    return measures.groups(measures.open_facts(of, known_on), as_of, _rules(as_of, of), **how)


def _measured(arguments: argparse.Namespace, ask: Callable[[Path], Any]) -> Any:
    """The answer of the home, or of every home below ``--homes`` with its district, by the engine that is set."""
    if arguments.homes is None:
        return ask(home())
    from allpresent import measures

    if arguments.known_on is not None:
        raise measures.MeasureError("--known-on names a delivery of one home; leave it out with --homes.")
    return measures.measure_many(_homes_below(arguments.homes), ask, _engine())


def _homes_below(folder: Path) -> dict[str, Path]:
    """The homes in a folder, by the name of their district: those with settings, or with facts."""
    held = sorted(folder.iterdir()) if folder.is_dir() else []
    return {
        path.name: path.resolve() for path in held if (path / "district.yaml").exists() or (path / "ledger").exists()
    }


def _engine() -> str:
    return os.environ.get("ALLPRESENT_ENGINE", "local")


def measure_explain(arguments: argparse.Namespace) -> int:
    """Every day that counted for a student, why, and from which file and line."""
    from allpresent import measures

    facts = measures.open_facts(home(), arguments.known_on)
    days = measures.explain(facts, arguments.student, arguments.as_of, _rules(arguments.as_of))
    measures.write_explanation(days, arguments.out or sys.stdout.buffer)
    return 0


def _rules(as_of: date, of: Path | None = None) -> Any:
    """The rules in force on a day: the district's settings, its state pack and its protocol's level bounds."""
    from allpresent import policy, protocol
    from allpresent.measures import Rules

    district = policy.load_district(of or home())
    document = protocol.load_protocol(district.protocol)
    return Rules.from_policy(district, policy.load_state_pack(district.state), protocol.bounds(document), on=as_of)


def protocol_check(arguments: argparse.Namespace) -> int:
    """Say what is wrong with a protocol file, in sentences a principal understands."""
    from allpresent import protocol

    sentences = protocol.check_protocol(arguments.file)
    for sentence in sentences:
        print(sentence)
    if not sentences:
        print("The protocol can be used.")
    return 1 if sentences else 0


def protocol_preview(arguments: argparse.Namespace) -> int:
    """What a changed protocol would open and close on today's facts."""
    start_records()
    from allpresent import nightly

    print(nightly.preview_protocol(home(), arguments.file, arguments.as_of))
    return 0


def protocol_due(arguments: argparse.Namespace) -> int:
    """The steps the protocol promises as of a day and nobody has done, as CSV."""
    start_records()
    from allpresent.nightly.due import due_csv

    write(due_csv(home(), arguments.as_of).encode(), arguments.out)
    return 0


def report_biweekly(arguments: argparse.Namespace) -> int:
    """The report principals and executives get every two weeks."""
    start_records()
    from allpresent import nightly

    content = nightly.biweekly_file(home(), arguments.as_of, arguments.school, arguments.format, now=datetime.now(UTC))
    write(content, arguments.out)
    return 0


def nightly_run(arguments: argparse.Namespace) -> int:
    """Post what is in the drop folders, recompute, open steps, freeze reports. Safe to run twice."""
    folder = settled_home()
    start_records()
    from allpresent import nightly

    return nightly.run_nightly(folder, arguments.today, datetime.now(UTC), progress=say).exit_code


def serve(arguments: argparse.Namespace) -> int:
    """Serve the pages."""
    settled_home()
    start_records()
    from allpresent.access.startup import check_startup

    check_startup()
    command = [
        *(sys.executable, "-m", "gunicorn", "allpresent.config.wsgi"),
        *("--bind", f"{arguments.host}:{arguments.port}", "--workers", str(arguments.workers), "--threads", "4"),
        *(
            "--worker-class",
            "gthread",
            "--no-control-socket",
            "--access-logfile",
            "/dev/null",
            "--log-level",
            "warning",
        ),
    ]
    os.execv(sys.executable, command)  # noqa: S606 - the server takes this process over, no shell is involved


def worker(arguments: argparse.Namespace) -> int:
    """Do the long work that pages ask for, and the nightly at the district's hour."""
    settled_home()
    start_records()
    from allpresent import nightly

    server = os.environ.get("ALLPRESENT_WORKER_OF")
    nightly.run_worker(
        once=arguments.once, progress=say, is_needed=lambda: server is None or os.getppid() == int(server)
    )
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Check settings, ledger and records; exit code 0 when all is well."""
    folder = settled_home()
    start_records()
    from allpresent import nightly

    troubles = nightly.check_home(folder)
    for sentence in troubles:
        print(sentence)
    if not troubles:
        print("Settings, ledger and records are sound.")
    return 1 if troubles else 0


def backup(arguments: argparse.Namespace) -> int:
    """Save ledger, deliveries, settings, reports and records as one file."""
    from allpresent.sealing import key_from_environment

    is_sealed = key_from_environment() is not None
    folder = settled_home()
    start_records()
    from allpresent.safekeeping.backup import make_backup

    print(make_backup(folder, arguments.out, datetime.now(UTC), progress=say))
    if not is_sealed:
        say("No key is set (ALLPRESENT_KEY), so the backup is not sealed: whoever has the file can read it.")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of an empty home, and check it."""
    from allpresent.safekeeping.unpacking import make_ready

    into = (arguments.into or home()).resolve()
    ready = make_ready(arguments.backup, into, arguments.revoked, say)
    start_django(ready.home)
    from allpresent.safekeeping.restore import finish_restore

    finish_restore(ready, arguments.revoked, datetime.now(UTC), progress=say)
    print(
        f"The home is at {into}, as of {ready.head.made_at} with delivery {ready.head.delivery_id or 'none'}.",
        flush=True,
    )
    command = [sys.executable, "-m", "allpresent", "check"]
    return subprocess.run(command, env=os.environ | {"ALLPRESENT_HOME": str(into)}, check=False).returncode


# Arguments


def _verb(
    parsers: Any, name: str, run: Callable[[argparse.Namespace], int], *, text: str | None = None, not_done: int = 1
) -> argparse.ArgumentParser:
    text = text or (run.__doc__ or "").split("\n")[0]
    parser: argparse.ArgumentParser = parsers.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run, not_done=not_done)
    return parser


def _group(parsers: Any, name: str, text: str) -> Any:
    parser = parsers.add_parser(name, help=text, description=text)
    return parser.add_subparsers(dest=f"{name}_verb", metavar="VERB", required=True)


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(prog="allpresent", description="The system school districts run to bring chronic absence down.")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _add_demo(verbs)
    _add_intake(_group(verbs, "intake", "Deliveries from the student information system"))
    _add_measure(_group(verbs, "measure", "What attendance amounts to"))
    _add_protocol(_group(verbs, "protocol", "What the district has promised to do"))
    reports = _group(verbs, "report", "What is told to principals and executives")
    biweekly = _verb(reports, "biweekly", report_biweekly)
    scope = biweekly.add_mutually_exclusive_group(required=True)
    scope.add_argument("--school", metavar="ID")
    scope.add_argument("--district", action="store_true")
    biweekly.add_argument("--as-of", type=a_date, required=True, metavar="DATE")
    biweekly.add_argument("--format", choices=["pdf", "html", "xlsx", "csv"], required=True)
    biweekly.add_argument("--out", type=Path, metavar="FILE")
    nightly = _verb(verbs, "nightly", nightly_run, not_done=2)  # 1 says that a delivery is held
    nightly.add_argument("--today", type=a_date, metavar="DATE")
    _add_serving(verbs)
    return parser


def _add_demo(verbs: Any) -> None:
    parser = _verb(verbs, "demo", demo)
    files = parser.add_subparsers(dest="demo_verb", metavar="files OUT")
    only = _verb(files, "files", demo_files)
    only.add_argument("out", type=Path, metavar="OUT")
    for each in (parser, only):
        each.add_argument("--students", type=a_number(1, 1_000_000), default=17_679, metavar="N")
        each.add_argument("--seed", type=a_number(0, 2**31 - 1), default=2026, metavar="S")
    parser.add_argument("--port", type=a_number(1, 65_535), default=8765)
    parser.add_argument("--morning", type=a_date, metavar="DATE")


# Named here because the room that reads them takes a second to load; a test holds the two lists together.
SOURCES = ("powerschool", "edfi", "csv", "oneroster", "sds", "aggregates")


def _add_intake(verbs: Any) -> None:
    for name, run in (("check", intake_check), ("post", intake_post)):
        parser = _verb(verbs, name, run, not_done=2)  # 1 says that a delivery is held
        # Many homes have their own sources, so with --homes none is named.
        count = None if name == "check" else "?"
        parser.add_argument("source", choices=SOURCES, nargs=count, metavar="SOURCE", help=", ".join(SOURCES))
        parser.add_argument("folder", type=Path, nargs=count, metavar="DIR")
        parser.add_argument("--mapping", type=Path, metavar="FILE")
        parser.add_argument("--today", type=a_date, metavar="DATE")
        if name == "check":
            parser.add_argument("--export-canonical", type=Path, metavar="DIR")
        else:
            parser.add_argument("--accept", metavar="REASON")
            parser.add_argument("--homes", type=Path, metavar="FOLDER", help="the drop folders of every home below it")
    pull = _verb(verbs, "pull", intake_pull)
    pull.add_argument("name", metavar="NAME")
    pull.add_argument("--today", type=a_date, metavar="DATE")
    _verb(verbs, "list", intake_list)
    _verb(verbs, "undo", intake_undo).add_argument("delivery", metavar="DELIVERY")


def _add_measure(verbs: Any) -> None:
    standings = _verb(verbs, "standings", measure_standings)
    standings.add_argument("--school", metavar="ID")
    standings.add_argument("--format", choices=["csv", "parquet"], default="csv")
    groups = _verb(verbs, "groups", measure_groups)
    groups.add_argument("--by", required=True, metavar="school,grade,student_group:NAME,level")
    groups.add_argument("--everyone", action="store_true", help="also those who left")
    groups.add_argument("--public", action="store_true", help="with disclosure control")
    groups.add_argument("--format", choices=["csv"], default="csv")
    for parser in (standings, groups):
        parser.add_argument("--homes", type=Path, metavar="FOLDER", help="every home below the folder")
    explain = _verb(verbs, "explain", measure_explain)
    explain.add_argument("student", metavar="STUDENT")
    for parser in (standings, groups, explain):
        parser.add_argument("--as-of", type=a_date, required=True, metavar="DATE")
        parser.add_argument("--known-on", metavar="DELIVERY")
        parser.add_argument("--out", type=Path, metavar="FILE")


def _add_protocol(verbs: Any) -> None:
    _verb(verbs, "check", protocol_check).add_argument("file", type=Path, metavar="FILE")
    preview = _verb(verbs, "preview", protocol_preview)
    preview.add_argument("file", type=Path, metavar="FILE")
    preview.add_argument("--as-of", type=a_date, required=True, metavar="DATE")
    due = _verb(verbs, "due", protocol_due)
    due.add_argument("--as-of", type=a_date, required=True, metavar="DATE")
    due.add_argument("--out", type=Path, metavar="FILE")


def _add_serving(verbs: Any) -> None:
    parser = _verb(verbs, "serve", serve)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=a_number(1, 65_535), default=8765)
    parser.add_argument("--workers", type=a_number(1, 64), default=2)
    _verb(verbs, "worker", worker).add_argument("--once", action="store_true", help="end when nothing is waiting")
    _verb(verbs, "check", check)
    _verb(verbs, "backup", backup).add_argument("out", type=Path, metavar="OUT")
    parser = _verb(verbs, "restore", restore)
    parser.add_argument("backup", type=Path, metavar="BACKUP")
    parser.add_argument("--into", type=Path, metavar="HOME")
    parser.add_argument("--revoked", type=Path, action="append", default=[], metavar="FILE")


def main(argv: Sequence[str] | None = None) -> None:
    """Run one verb and leave with its exit code; a known trouble is one sentence, not a traceback."""
    arguments = build_parser().parse_args(argv)
    try:
        if "today" in arguments and arguments.today is None:
            arguments.today = today_here()
        code = arguments.run(arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        sentence = _sentence(error)
        if not sentence:
            raise
        say(sentence)
        code = getattr(error, "exit_code", arguments.not_done)
    sys.exit(code)


def _sentence(error: Exception) -> str:
    """What a person reads: a room's own words, or what the machine or the database refused; blank for our own fault."""
    kind = type(error)
    if kind.__module__.startswith("allpresent.") or kind.__name__ == "ImproperlyConfigured":
        return str(error)
    if isinstance(error, OSError):
        return _refused_by_machine(error)
    if kind.__module__ == "django.db.utils" and kind.__name__ in _UNREACHABLE:
        if "disk is full" in str(error):
            return f"There is no room left for the records ({home()}); make room, then run the same again."
        if "readonly database" in str(error):
            return f"The records in {home()} can only be read; make its disk and files writable, then try again."
        first = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "no cause given"
        return (
            f"The records cannot be opened ({first}); see that the database of DATABASE_URL runs and lets this account "
            f"in, or, where none is set, that records.sqlite3 in {home()} is whole and may be written."
        )
    return ""


# Errors of the database that say it is not there or no database; any other one is a fault of the program.
_UNREACHABLE = {"OperationalError", "InterfaceError", "DatabaseError"}
# What the machine refuses: what is wrong with the path, and what to do.
_REFUSALS = {
    errno.ENOENT: "cannot be reached: there is no such file or folder; check the path",
    errno.ENOTDIR: "leads through a file; name a folder",
    errno.EISDIR: "is a folder; name a file",
    errno.EEXIST: "is there already and is no folder; name another",
    errno.EACCES: "may not be read or written by this account; give it the right, or name another",
    errno.EPERM: "may not be changed by this account; give it the right, or name another",
    errno.EROFS: "is on a disk that cannot be written; name another",
    errno.ENOSPC: "does not fit: there is no room left; make room, then run the same again",
}


def _refused_by_machine(error: OSError) -> str:
    """One sentence for a file, folder or port the machine refused."""
    if error.errno in _REFUSALS and error.filename is not None:
        return f"{error.filename} {_REFUSALS[error.errno]}."
    told = (error.strerror or str(error) or type(error).__name__).rstrip(".")
    return f"{error.filename}: {told.lower()}." if error.filename is not None else f"{told}."
