"""The roster made anew from the ledger's current version: one transaction, the same result however often it is run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from allpresent.ledger import Ledger, Version
from allpresent.roster.facts import Facts, as_contacts, as_enrollments, as_members, as_students
from allpresent.roster.models import (
    Contact,
    Enrollment,
    ProjectedVersion,
    School,
    Section,
    SectionStaff,
    SectionStudent,
    Staff,
    Student,
)

Progress = Callable[[str], None]

BATCH = 2000  # rows an upsert statement
# Replaced whole, in the order in which they may be emptied: no record points at them.
MEMBERSHIPS: tuple[type[models.Model], ...] = (SectionStudent, SectionStaff, Enrollment, Contact, Section, Staff)


@dataclass(frozen=True)
class Projection:
    """What was projected: rows by table, and rows left out because they name an id the delivery does not have."""

    delivery_id: str
    rows: dict[str, int]
    left_out: dict[str, int]


def project_roster(home: Path, now: datetime, progress: Progress = lambda stage: None) -> Projection | None:
    """Rebuild the roster from what the ledger's pointer names; None, and an empty roster, while nothing is posted."""
    version = Ledger(home).current()
    if version is not None:
        return project_version(version, now, progress)
    _forget()
    return None


def project_version(version: Version, now: datetime, progress: Progress = lambda stage: None) -> Projection:
    """Rebuild the roster from one version. The old roster stays in view until the last statement succeeds."""
    progress("reading the roster")
    # Before the year's first mark there is no last school day: who is enrolled is told as of now.
    facts = Facts.read(version.table, version.last_school_day or now.date())
    with transaction.atomic():
        progress("writing schools, students and staff")
        _upsert(School, facts.schools)
        _upsert(Student, as_students(facts))
        # They left every file: known still, enrolled nowhere.
        gone = set(Student.objects.filter(is_enrolled=True).values_list("pk", flat=True)) - facts.student_ids
        for part in _parts(sorted(gone)):
            Student.objects.filter(pk__in=part).update(is_enrolled=False, homeroom="")
        progress("writing sections and contacts")
        rows, left_out = _replace_memberships(facts)
        ProjectedVersion.objects.update_or_create(
            pk=1,
            defaults={
                "delivery_id": version.delivery_id,
                "last_school_day": version.last_school_day,
                "projected_at": now,
            },
        )
    rows |= {"schools": len(facts.schools), "students": len(facts.student_ids)}
    return Projection(version.delivery_id, rows, left_out)


def _forget() -> None:
    """Show no delivery: the only one was undone. Students and schools stay as names that records point at."""
    with transaction.atomic():
        for model in MEMBERSHIPS:
            _empty(model)
        Student.objects.filter(is_enrolled=True).update(is_enrolled=False, homeroom="")
        ProjectedVersion.objects.all().delete()


def _replace_memberships(facts: Facts) -> tuple[dict[str, int], dict[str, int]]:
    """Empty and fill the tables no record points at; count what was written and what was left out."""
    sections = [row for row in facts.sections if row["school_id"] in facts.school_ids]
    staff = [row | {"school_id": _known(row["school_id"], facts.school_ids)} for row in facts.staff]
    section_ids, staff_ids = {row["section_id"] for row in sections}, {row["staff_id"] for row in staff}
    for model in MEMBERSHIPS:
        _empty(model)
    _fill(Staff, staff)
    _fill(Section, sections)
    seats = as_members(facts.section_students, section_ids, "student_id", facts.student_ids)
    teaching = as_members(facts.section_staff, section_ids, "staff_id", staff_ids)
    left_out = {"sections": len(facts.sections) - len(sections)}
    written = {"sections": len(sections), "staff": len(staff)}
    for name, model, rows, delivered in (
        ("enrollments", Enrollment, as_enrollments(facts), facts.enrollments),
        ("contacts", Contact, as_contacts(facts), facts.contacts),
        ("section_students", SectionStudent, seats, facts.section_students),
        ("section_staff", SectionStaff, teaching, facts.section_staff),
    ):
        _fill(model, rows)
        written[name], left_out[name] = len(rows), len(delivered) - len(rows)
    return written, {name: count for name, count in left_out.items() if count}


def _known(key: str, keys: set[str]) -> str | None:
    return key if key in keys else None


def _upsert(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    """Insert rows, or overwrite those of the same id."""
    if rows:
        key = model._meta.pk.attname
        model._default_manager.bulk_create(
            [model(**row) for row in rows],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=[key],
            update_fields=[name for name in rows[0] if name != key],
        )


def _empty(model: type[models.Model]) -> None:
    """Remove every row, without Django's collecting of what hangs on them: the caller empties that first."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")


def _fill(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    """Insert many rows the quickest way the database has: a district has some 120,000 section memberships."""
    if not rows:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(name) for name in rows[0])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(tuple(row.values()))
        else:
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [_as_kept(row) for row in rows])


def _as_kept(row: dict[str, Any]) -> tuple[Any, ...]:
    """The values as SQLite keeps them: it knows no dates, only their text."""
    return tuple(value.isoformat() if isinstance(value, date) else value for value in row.values())


def _parts(keys: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
