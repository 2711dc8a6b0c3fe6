"""Deliveries: what came, what became of it, and what a person has to look at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.casework.models.runs import RunKind
from allpresent.web.presenters.rule_words import RULE_WORDS
from allpresent.web.presenters.runs import when
from allpresent.web.presenters.shares import MINUS, NOTHING, count

if TYPE_CHECKING:
    from allpresent.casework.models import NightlyRun
    from allpresent.intake.records import DeliveryRecord

POSTED, HELD, UNDONE, UNREADABLE, OVERTAKEN = "posted", "held", "undone", "unreadable", "overtaken"
BEING_POSTED, BEING_TAKEN_BACK = "being-posted", "being-taken-back"
OUTCOMES = {
    POSTED: gettext_lazy("Posted"),
    HELD: gettext_lazy("Held"),
    UNDONE: gettext_lazy("Taken back"),
    UNREADABLE: gettext_lazy("Cannot be read"),
    OVERTAKEN: gettext_lazy("Overtaken"),
    BEING_POSTED: gettext_lazy("Being posted"),
    BEING_TAKEN_BACK: gettext_lazy("Being taken back"),
}
_UNDER_WAY = {RunKind.ACCEPT.value: BEING_POSTED, RunKind.UNDO.value: BEING_TAKEN_BACK}
_SILENT_SHOWN = 15
NO_CODE = "–"


@dataclass(frozen=True)
class DeliveryLine:
    """One delivery in the list. ``is_current``: the pages show it."""

    id: str
    url: str
    received: str
    source: str
    outcome: str
    outcome_words: str
    read: str
    refused: str
    findings: str
    who: str
    is_current: bool


@dataclass(frozen=True)
class RuleLine:
    """What one rule found in one field of one file. ``message`` is the finding's own sentence, in English."""

    rule: str
    title: str
    what_to_do: str
    is_error: bool
    file: str
    field: str
    count: str
    lines: str
    message: str


@dataclass(frozen=True)
class FileLine:
    """Where the rows of one file went."""

    file: str
    table: str
    read: str
    canonical: str
    refused: str
    duplicates: str
    left_out: str
    merged: str


@dataclass(frozen=True)
class SchoolDifference:
    """One school before and after, with the change as signed counts."""

    school: str
    students_before: str
    students_after: str
    students_change: str
    absences_before: str
    absences_after: str
    absences_change: str
    is_large: bool


@dataclass(frozen=True)
class SilentLine:
    """A school or homeroom without attendance taken on some days."""

    name: str
    teacher: str
    days: str


@dataclass(frozen=True)
class CodeLine:
    """A code nobody gave a meaning, at a school."""

    code: str
    school: str
    marks: str


def moment(text: str) -> str:
    """A recorded time as people read it: Thu 5 Nov, 04:10."""
    return when(datetime.fromisoformat(text))


def overtaken_by(record: "DeliveryRecord", records: Sequence["DeliveryRecord"]) -> str:
    """The later delivery of its source that is posted, so that a held one cannot be accepted any more; or blank.

    ``records`` are all of them, newest first.
    """
    if record.outcome != HELD:
        return ""
    later = (one for one in records if one.source == record.source and one.received_at > record.received_at)
    return next((one.id for one in later if one.outcome == POSTED), "")


def outcome_of(record: "DeliveryRecord", records: Sequence["DeliveryRecord"], run: "NightlyRun | None" = None) -> str:
    """What became of a delivery, with what is being done about it just now. ``run``: the decision under way."""
    if run is not None:
        return _UNDER_WAY[run.kind]
    if record.outcome != HELD:
        return record.outcome
    if record.is_unreadable:
        return UNREADABLE
    return OVERTAKEN if overtaken_by(record, records) else HELD


def tells_silence(record: "DeliveryRecord") -> bool:
    """Whether the delivery says where attendance was taken, so that nobody silent is a finding and not a gap."""
    is_told = any("taken" in row["table"].casefold() and row["canonical"] for row in record.rows)
    return is_told or bool(record.silent_schools or record.silent_sections)


def _findings(record: "DeliveryRecord") -> str:
    errors = sum(found["count"] for found in record.findings if found["severity"] == "error")
    warnings = sum(found["count"] for found in record.findings) - errors
    parts = []
    if errors:
        parts.append(ngettext("%(n)s error", "%(n)s errors", errors) % {"n": count(errors)})
    if warnings:
        parts.append(ngettext("%(n)s warning", "%(n)s warnings", warnings) % {"n": count(warnings)})
    return ", ".join(parts) or _("nothing")


def _who(record: "DeliveryRecord") -> str:
    if not record.by:
        return ""
    return _("Accepted by %(who)s: %(why)s") % {"who": record.by, "why": record.reason or ""}


def delivery_line(record: "DeliveryRecord", url: str, current: str, outcome: str) -> DeliveryLine:
    """One line of the list."""
    return DeliveryLine(
        id=record.id,
        url=url,
        received=moment(record.received_at),
        source=record.source,
        outcome=outcome,
        outcome_words=str(OUTCOMES.get(outcome, outcome)),
        read=NOTHING if outcome == UNREADABLE else count(record.rows_read),
        refused=NOTHING if outcome == UNREADABLE else count(record.rows_refused),
        findings=_findings(record),
        who=_who(record),
        is_current=record.id == current,
    )


def rule_lines(record: "DeliveryRecord") -> tuple[RuleLine, ...]:
    """What was found by rule, errors first, the most frequent first."""
    found = sorted(record.findings, key=lambda one: (one["severity"] != "error", -one["count"], one["rule"]))
    return tuple(_rule_line(one) for one in found)


def _rule_line(one: Mapping[str, Any]) -> RuleLine:
    title, what_to_do = RULE_WORDS.get(one["rule"], (one["rule"], ""))
    return RuleLine(
        rule=one["rule"],
        title=str(title),
        what_to_do=str(what_to_do),
        is_error=one["severity"] == "error",
        file=one["file"],
        field=one["field"],
        count=count(one["count"]),
        lines=", ".join(count(line) for line in one["first_lines"]),
        message=one["message"],
    )


def file_lines(record: "DeliveryRecord") -> tuple[FileLine, ...]:
    """Where every row of every file went; the parts of a line add up to the rows read."""
    return tuple(
        FileLine(
            file=row["file"],
            table=row["table"],
            read=count(row["rows_read"]),
            canonical=count(row["canonical"]),
            refused=count(row["errors"]),
            duplicates=count(row["duplicates"]),
            left_out=count(row["left_out"]),
            merged=count(row["merged"]),
        )
        for row in record.rows
    )


def _signed(number: int) -> str:
    if not number:
        return "0"
    return f"+{number:,}" if number > 0 else f"{MINUS}{-number:,}"


def differences(
    record: "DeliveryRecord", schools: Mapping[str, str], *, group_pct: int, group_count: int
) -> tuple[SchoolDifference, ...]:
    """Each school before and after, the greatest loss of students first.

    ``is_large``: more than ``group_pct`` percent and ``group_count`` students less than before.
    """
    lines = []
    for one in sorted(record.differences, key=lambda d: (d["students_after"] - d["students_before"], d["school_id"])):
        lost = one["students_before"] - one["students_after"]
        lines.append(
            SchoolDifference(
                school=schools.get(one["school_id"], one["school_id"]),
                students_before=count(one["students_before"]),
                students_after=count(one["students_after"]),
                students_change=_signed(-lost),
                absences_before=count(one["absences_before"]),
                absences_after=count(one["absences_after"]),
                absences_change=_signed(one["absences_after"] - one["absences_before"]),
                is_large=lost > group_count and 100 * lost > group_pct * one["students_before"],
            )
        )
    return tuple(lines)


def silent_schools(record: "DeliveryRecord", schools: Mapping[str, str]) -> tuple[SilentLine, ...]:
    """Schools with days on which nobody took attendance, the longest silence first."""
    ordered = sorted(record.silent_schools, key=lambda one: (-one["silent_days"], one["school_id"]))
    return tuple(
        SilentLine(
            name=schools.get(one["school_id"], one["school_id"]),
            teacher="",
            days=_("%(silent)s of %(all)s school days") % {"silent": one["silent_days"], "all": one["school_days"]},
        )
        for one in ordered
    )


def silent_sections(
    record: "DeliveryRecord", schools: Mapping[str, str], sections: Mapping[str, str], teachers: Mapping[str, str]
) -> tuple[SilentLine, ...]:
    """Homerooms without attendance on some of the last days, the longest silence first."""
    lines = []
    for one in sorted(record.silent_sections, key=lambda one: (-one["silent_days"], one["section_id"])):
        name = sections.get(one["section_id"], one["section_id"])
        days = ngettext("%(days)s day", "%(days)s days", one["silent_days"]) % {"days": one["silent_days"]}
        where = f"{name}, {schools.get(one['school_id'], one['school_id'])}"
        lines.append(SilentLine(where, teachers.get(one["section_id"], ""), days))
    return tuple(lines)


def first_sections(record: "DeliveryRecord") -> list[dict[str, Any]]:
    """The silent sections the list page shows; the rest stand on the delivery's own page."""
    return sorted(record.silent_sections, key=lambda one: (-one["silent_days"], one["section_id"]))[:_SILENT_SHOWN]


def code_lines(record: "DeliveryRecord", schools: Mapping[str, str]) -> tuple[CodeLine, ...]:
    """Unmapped codes, the most frequent first."""
    ordered = sorted(record.unmapped, key=lambda one: (-one["marks"], one["code"], one["school_id"]))
    return tuple(
        CodeLine(one["code"] or NO_CODE, schools.get(one["school_id"], one["school_id"]), count(one["marks"]))
        for one in ordered
    )


def code_draft(codes: Sequence[CodeLine]) -> str:
    """The lines of a mapping that give the codes a meaning, with the meaning left for a person to fill in."""
    named = dict.fromkeys(line.code for line in codes if line.code != NO_CODE)
    lines = [f"    - {{code: {json.dumps(code, ensure_ascii=False)}, category: …, excused: …}}" for code in named]
    return "\n".join(["codes:", "  table:", *lines]) if lines else ""


def lead(records: Sequence["DeliveryRecord"], current: str, outcomes: Sequence[str]) -> tuple[str, ...]:
    """What is true of the deliveries now, in sentences. ``outcomes``: ``outcome_of`` each."""
    sentences = []
    newest = next((record for record in records if record.id == current), None)
    if newest is None:
        sentences.append(_("Nothing is posted yet."))
    else:
        words = {
            "id": newest.id,
            "at": moment(newest.received_at),
            "read": count(newest.rows_read),
            "refused": count(newest.rows_refused),
        }
        sentences.append(
            _("The pages show delivery %(id)s, received %(at)s: %(read)s rows read, %(refused)s refused.") % words
        )
    held = outcomes.count(HELD)
    if held:
        sentences.append(
            ngettext(
                "%(held)s delivery is held and waits for you; nothing of it is in any figure.",
                "%(held)s deliveries are held and wait for you; nothing of them is in any figure.",
                held,
            )
            % {"held": held}
        )
    unread = sum(
        one == UNREADABLE and not overtaken_by(record, records) for record, one in zip(records, outcomes, strict=True)
    )
    if unread:
        sentences.append(
            ngettext(
                "%(unread)s delivery cannot be read; have it exported and delivered again.",
                "%(unread)s deliveries cannot be read; have them exported and delivered again.",
                unread,
            )
            % {"unread": unread}
        )
    return tuple(sentences)
