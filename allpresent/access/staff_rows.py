"""Reading `staff.csv`: every row becomes a checked StaffRow or a sentence that says what is wrong with it."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from allpresent.access.giving import check_grant
from allpresent.access.models import AccessError, Grant
from allpresent.roster.models import School, Section, Student

COLUMNS = ["email", "full_name", "staff_id", "relation", "object_kind", "object_id", "starts_on", "ends_on"]
LONGEST_FIELD = 200


@dataclass(frozen=True)
class StaffRow:
    email: str
    full_name: str
    staff_id: str
    relation: str
    object_kind: str
    object_id: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class StaffFile:
    """The rows that hold, each grant once; a sentence for each row that does not; every address the file names."""

    rows: list[StaffRow]
    sentences: list[str]
    named: set[str]


def read_staff_file(path: Path) -> StaffFile:
    """Read and check the whole file.

    Raises AccessError where the file cannot be read as this table at all: not UTF-8, other columns, broken quotes, or
    no row that holds.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if sorted(name.strip() for name in reader.fieldnames or []) != sorted(COLUMNS):
                raise AccessError(
                    _("staff.csv, line 1: the columns have to be %(columns)s.") % {"columns": ", ".join(COLUMNS)}
                )
            reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
            lines = [(reader.line_num, record) for record in reader]
    except UnicodeDecodeError:
        raise AccessError(_("staff.csv is not UTF-8 text: save it as CSV UTF-8.")) from None
    except csv.Error:
        raise AccessError(
            _("staff.csv: a quotation mark is not closed, or stands in the middle of a field; mend it.")
        ) from None
    return _sort_out(lines)


def _sort_out(lines: list[tuple[int, dict[str | None, str]]]) -> StaffFile:
    known = {
        Grant.Kind.SCHOOL: set(School.objects.values_list("pk", flat=True)),
        Grant.Kind.SECTION: set(Section.objects.values_list("pk", flat=True)),
        Grant.Kind.STUDENT: set(Student.objects.values_list("pk", flat=True)),
    }
    rows: dict[tuple[str, ...], StaffRow] = {}
    sentences = []
    for line, record in lines:
        try:
            row = _row(record, known)
            rows.setdefault((row.email, row.relation, row.object_kind, row.object_id), row)
        except AccessError as fault:
            sentences.append(_("staff.csv, line %(line)s: %(fault)s") % {"line": line, "fault": fault})
    if not rows:
        raise AccessError(" ".join([_("staff.csv holds no row that can be used, so nothing was changed."), *sentences]))
    named = {(record.get("email") or "").strip().lower() for _line, record in lines}
    return StaffFile(list(rows.values()), sentences, named)


def _row(record: dict[str | None, str], known: dict[Grant.Kind, set[str]]) -> StaffRow:
    """One checked row; raises AccessError with the rest of a sentence."""
    if None in record or None in record.values():
        raise AccessError(_("the row does not have %(count)s fields.") % {"count": len(COLUMNS)})
    values = {name: (record[name] or "").strip() for name in COLUMNS}
    if any(len(value) > LONGEST_FIELD or "\0" in value for value in values.values()):
        raise AccessError(_("a field is longer than %(count)s characters or not text.") % {"count": LONGEST_FIELD})
    try:
        validate_email(values["email"])
    except ValidationError:
        raise AccessError(_("email: “%(value)s” is no e-mail address.") % {"value": values["email"]}) from None
    check_grant(values["relation"], values["object_kind"], values["object_id"])
    _check_known(values["object_kind"], values["object_id"], known)
    starts_on, ends_on = (_date(name, values.pop(name)) for name in ("starts_on", "ends_on"))
    if starts_on and ends_on and ends_on < starts_on:
        raise AccessError(_("ends_on is before starts_on."))
    values["email"] = values["email"].lower()
    return StaffRow(**values, starts_on=starts_on, ends_on=ends_on)


def _check_known(kind: str, object_id: str, known: dict[Grant.Kind, set[str]]) -> None:
    if kind != Grant.Kind.DISTRICT and object_id not in known[Grant.Kind(kind)]:
        raise AccessError(
            _("object_id: no %(kind)s “%(value)s” has been delivered.") % {"kind": kind, "value": object_id}
        )


def _date(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise AccessError(
            _("%(name)s: “%(value)s” is no date; write it as 2026-08-31.") % {"name": name, "value": text}
        ) from None
