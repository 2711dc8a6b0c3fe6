"""Writes docs/reference/command-line.md: every verb with its arguments and exit codes, and the columns of its files.

The parser says which arguments there are; here stands what each means. An argument without a meaning stops the writer.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, fields

from allpresent.cli import build_parser
from allpresent.intake.side_by_side import Told
from allpresent.measures.grouping import GROUP_FIGURES
from allpresent.measures.standings import STANDINGS_COLUMNS
from allpresent.measures.writers import EXPLANATION_COLUMNS
from allpresent.protocol.steps import DueRow
from tools.reference.markdown import code, page, table

MEANINGS = {
    "out": "where to write; without it the result goes to standard output",
    "OUT": "the folder to write to; of a backup also the file",
    "backup": "the file a backup was written to",
    "into": "the home to make; without it that of `ALLPRESENT_HOME`. It has to be empty",
    "revoked": "`revoked.jsonl` of the home as it was last: what was taken from people since; may be repeated",
    "students": "how many students the district has on school day 45",
    "seed": "the seed the district is drawn from; equal seeds give equal files",
    "port": "the port to listen on",
    "morning": "a later morning to bring the demonstration to, by one night with the files of the school days since; "
    "without it, it stays at the morning where it stands, first 2026-11-06",
    "host": "the address to listen on",
    "workers": "how many processes answer",
    "once": "end when nothing is waiting",
    "source": "the format of the files",
    "name": "the name of a source in `district.yaml` that has a `pull`",
    "folder": "the folder that holds the files of one delivery",
    "mapping": "the district's own mapping file",
    "today": "the day to take for today; without it the district's",
    "export_canonical": "also write the canonical files of what was read",
    "accept": "post what would be held, with this reason on record",
    "delivery": "the id of the newest delivery",
    "school": "the id of one school",
    "district": "the whole district",
    "format": "the form of the file",
    "by": "what to group by, with commas: school, grade, grade_range, level, attendance_works_band, student_group:NAME",
    "everyone": "count also those who left",
    "public": "hide small counts, and the cells that would give them away",
    "student": "the student's id",
    "as_of": "the school day the figures are about; a day without school counts up to the one before",
    "homes": "a folder of homes, one a district: the work is done for every one of them, and a first column "
    "`district` names the home; `ALLPRESENT_ENGINE` says where",
    "known_on": "the delivery they were known by; without it the newest",
    "file": "the protocol file, or a folder of its dated versions",
}
# Exit codes that mean more than "done" and "not done".
_INTAKE = "0 clean, or warnings only; 1 held; 2 unreadable, or not there"
EXIT_CODES = {
    "intake check": _INTAKE,
    "intake post": f"{_INTAKE}. The last line of standard output is the delivery's id alone. With `--homes` in "
    "place of a source and a folder, a line of CSV tells what became of each source of each district; 0 all posted, "
    "unchanged or nothing there; 1 one is held; 2 one could not be read or posted, or is left for later",
    "intake pull": "0 all of it; 1 other rows came than the interface counts, so that posting will hold them",
    "protocol check": "0 the protocol can be used; 1 it cannot, and each line says why",
    "nightly": "0 all done; 1 a delivery is held; 2 a part could not be done",
    "restore": "that of the check it ends with: 0 sound; 1 not, or not restored",
    "check": "0 sound; 1 not, and each line says why",
}
STANDINGS = {
    "student_id": "the student, as text",
    "school_id": "school of the span with the latest entry date up to the day",
    "grade": "PK, K, 01 to 12, of the same span",
    "is_enrolled": "whether that span holds the day, 1 or 0",
    "days_enrolled": "school days of the student's spans in the school year up to the day; a date counts once",
    "days_absent": "reported school days that count as absent under the day rule",
    "days_excused": "those of them that are excused",
    "days_unexcused": "those that are unexcused; an absence of unknown kind counts here",
    "days_disciplinary": "those that are disciplinary",
    "days_unreported": "school days without attendance reported: neither present nor absent",
    "absence_rate": "days_absent over days reported (days_enrolled less days_unreported), six decimals half up; "
    "blank when no day is reported",
    "level": "L1 to L6, by days_absent",
    "attendance_works_band": "satisfactory, at_risk, moderate_chronic or severe_chronic, by share; blank when no day "
    "is reported",
    "is_chronically_absent": "1 when enough days are reported and 10 x days_absent reaches days reported",
    "is_truant": "1 by the state's count of unexcused days in a month or a year, in its ages",
    "unexcused_in_worst_month": "most unexcused days in any month as the state counts months",
    "days_until_chronic": "how many more days can be missed and the year still end under a tenth; below zero: certain",
    "last_20_days_enrolled": "days enrolled among the school's last 20 school days",
    "last_20_days_absent": "days absent among them",
}
TOLD = {
    "district": "the name of the home's folder",
    "source": "the source's name in its district.yaml; blank when no source could be looked at",
    "delivery_id": "the delivery, where there is one",
    "outcome": "`posted`; `unchanged`: delivered before; `nothing`: no files; `held`; `unreadable`; `left`: still "
    "being written; `failed`",
    "why": "in sentences, for the last five",
}
GROUPS = {
    "students": "students enrolled on the day (with --everyone also those who left)",
    "chronically_absent": "those of them who are chronically absent",
    "chronic_rate": "chronically_absent over students",
    "chronic_rate_low": "the same if every unreported day was present",
    "chronic_rate_high": "the same if every unreported day was absent",
    "truant": "students who are truant",
    "days_enrolled": "school days enrolled, of all students of the group",
    "days_unreported": "those without attendance reported",
    "days_absent": "those missed",
    "absence_rate": "days_absent over days reported",
}
EXPLANATION = {
    "date": "the school day",
    "school_id": "the school the day belongs to",
    "state": "present, half, tardy, excused, unexcused, disciplinary, not_reported, no_school ...",
    "portion_absent": "the share of the day missed; blank when nobody knows",
    "rule": "the rule that decided",
    "explanation": "the same in a sentence",
    "source_file": "the delivered file the deciding mark stood in",
    "line_no": "its line there, the header being line 1",
    "delivery_id": "the delivery that brought it",
    "marks": "every mark read for the day, with code, file and line",
}
DUE = {
    "student_id": "the student",
    "school_id": "the school the student is counted at",
    "level": "the level that promised the step",
    "step": "the step's key in the protocol",
    "owner_role": "who does it",
    "crossed_on": "the day the level was reached",
    "due_on": "the day it is due, so many school days later; blank when the calendar ends before",
    "is_overdue": "1 when that day is past",
}


@dataclass(frozen=True)
class Verb:
    """One thing the program can be told to do."""

    name: str
    parser: argparse.ArgumentParser

    @property
    def arguments(self) -> list[argparse.Action]:
        """What may be said with it, in the parser's order."""
        left_out = (argparse._HelpAction, argparse._SubParsersAction)
        return [action for action in self.parser._actions if not isinstance(action, left_out)]


def verbs(parser: argparse.ArgumentParser | None = None, name: str = "") -> Iterator[Verb]:
    """Every verb that runs, in the order of the help."""
    parser = parser or build_parser()
    if parser.get_default("run"):
        yield Verb(name, parser)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                yield from verbs(below, f"{name} {word}".strip())


def command_line() -> str:
    """The page."""
    return page(
        "The command line",
        "`python -m allpresent VERB ...`, in a checkout `.venv/bin/python -m allpresent VERB ...`; installed, the "
        "program is also called `allpresent`. Everything is kept in one folder, the home: `ALLPRESENT_HOME`, `./var` "
        "when it is not set.\n\n"
        "Results go to standard output, or to the file of `--out`; progress and complaints go to standard error. What "
        "cannot be done is said in one sentence. Exit code 0 means done, 1 that it could not be done, 2 that the "
        "command was not understood, where the verb names no other.",
        *(_verb(verb) for verb in verbs()),
        "## Columns",
        _columns("intake post --homes", [field.name for field in fields(Told)], TOLD),
        _columns("measure standings", STANDINGS_COLUMNS, STANDINGS),
        "One row a student with at least one school day enrolled by the day, pooled over the district, by student id. "
        "Flags are 0 or 1.",
        _columns("measure groups", GROUP_FIGURES, GROUPS, "after the columns named in `--by`"),
        "One row a group with at least one student. With `--public` a hidden figure is `*`.",
        _columns("measure explain", EXPLANATION_COLUMNS, EXPLANATION),
        _columns("protocol due", [field.name for field in fields(DueRow)], DUE),
    )


def _verb(verb: Verb) -> str:
    lines = [f"## allpresent {verb.name}", "", str(verb.parser.description or ""), "", f"    {usage(verb)}"]
    if verb.arguments:
        rows = [(code(_name(action)), meaning(action), _default(action)) for action in verb.arguments]
        lines += ["", table(("argument", "meaning", "values"), rows)]
    if verb.name in EXIT_CODES:
        lines += ["", f"Exit code: {EXIT_CODES[verb.name]}."]
    return "\n".join(lines)


def usage(verb: Verb) -> str:
    """The verb as it is typed, whatever the width of the terminal."""
    grouped = [group._group_actions for group in verb.parser._mutually_exclusive_groups if group.required]
    words, told = [], set()
    for action in verb.arguments:
        group = next((members for members in grouped if action in members), [action])
        if action in told:
            continue
        told.update(group)
        text = " | ".join(map(_typed, group))
        is_needed = len(group) > 1 or action.required
        words.append(f"({text})" if len(group) > 1 else text if is_needed else f"[{text}]")
    return " ".join(["allpresent", verb.name, *words])


def meaning(action: argparse.Action) -> str:
    """What an argument means. Raises KeyError for one that nobody has said anything about."""
    if isinstance(action.metavar, str) and action.metavar in MEANINGS and not action.option_strings:
        return MEANINGS[action.metavar]
    return MEANINGS[action.dest]


def _typed(action: argparse.Action) -> str:
    if not action.option_strings:
        return str(action.metavar or action.dest)
    name = action.option_strings[-1]
    return name if action.nargs == 0 else f"{name} {_value(action)}"


def _value(action: argparse.Action) -> str:
    if action.choices:
        return "|".join(map(str, action.choices))
    return "COLUMNS" if action.dest == "by" else str(action.metavar or action.dest.upper())


def _name(action: argparse.Action) -> str:
    return action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)


def _default(action: argparse.Action) -> str:
    """What may stand there, and what stands there when it is left out; a date is the machine's and no text."""
    told = " or ".join(map(str, action.choices)) if action.choices else ""
    if action.option_strings and not action.required and isinstance(action.default, int | str):
        told += f" (else {action.default})" if action.nargs != 0 else ""
    return told.strip()


def _columns(verb: str, names: tuple[str, ...] | list[str], meanings: dict[str, str], place: str = "in order") -> str:
    rows = [(code(name), meanings[name]) for name in names]
    return f"### {code(verb)}, {place}\n\n" + table(("column", "meaning"), rows)
