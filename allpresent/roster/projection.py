"""The roster made anew from the ledger's current version: one transaction, the same result however often it is run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import models, transaction

from allpresent.ledger import Ledger, Version
from allpresent.roster.facts import Facts, Row, as_contacts, as_enrollments, as_members, as_students
from allpresent.roster.filling import fill, have_counted
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

BATCH = 2000  # rows a statement


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
    facts = Facts.read(version.table, version.last_school_day or now.date())
    with transaction.atomic():
        progress("writing the roster")
        result = _write(version.delivery_id, facts)
        ProjectedVersion.objects.update_or_create(
            pk=1,
            defaults={
                "delivery_id": version.delivery_id,
                "last_school_day": version.last_school_day,
                "projected_at": now,
            },
        )
    have_counted(School, Student, Staff, Section, Enrollment, SectionStudent, SectionStaff, Contact)
    return result


def _forget() -> None:
    """Show no delivery: the only one was undone. Students and schools stay as names that records point at."""
    with transaction.atomic():
        for model in (SectionStudent, SectionStaff, Enrollment, Contact, Section, Staff):
            _remove(model, model._default_manager.values_list("pk", flat=True))
        Student.objects.filter(is_enrolled=True).update(is_enrolled=False, homeroom="")
        ProjectedVersion.objects.all().delete()


def _write(delivery_id: str, facts: Facts) -> Projection:
    """Make every table what the facts say; rows that are right already are left alone, which most are each night."""
    sections = [row for row in facts.sections if row["school_id"] in facts.school_ids]
    staff = [row | {"school_id": _known(row["school_id"], facts.school_ids)} for row in facts.staff]
    section_ids, staff_ids = {row["section_id"] for row in sections}, {row["staff_id"] for row in staff}
    _upsert(School, facts.schools)
    # They left every file: known still, enrolled nowhere.
    for part in _parts(_upsert(Student, as_students(facts))):
        Student.objects.filter(pk__in=part, is_enrolled=True).update(is_enrolled=False, homeroom="")
    gone_staff, gone_sections = _upsert(Staff, staff), _upsert(Section, sections)
    left_out = {"sections": len(facts.sections) - len(sections)}
    written = {"schools": len(facts.schools), "students": len(facts.students)}
    written |= {"sections": len(sections), "staff": len(staff)}
    seats = as_members(facts.section_students, section_ids, "student_id", facts.student_ids)
    teaching = as_members(facts.section_staff, section_ids, "staff_id", staff_ids)
    for name, model, rows, delivered in (
        ("enrollments", Enrollment, as_enrollments(facts), facts.enrollments),
        ("contacts", Contact, as_contacts(facts), facts.contacts),
        ("section_students", SectionStudent, seats, facts.section_students),
        ("section_staff", SectionStaff, teaching, facts.section_staff),
    ):
        _replace(model, rows)
        written[name], left_out[name] = len(rows), len(delivered) - len(rows)
    _remove(Section, gone_sections)
    _remove(Staff, gone_staff)
    return Projection(delivery_id, written, {name: count for name, count in left_out.items() if count})


def _known(key: str, keys: set[str]) -> str | None:
    return key if key in keys else None


def _upsert(model: type[models.Model], rows: list[Row]) -> list[str]:
    """Insert rows, or overwrite those of the same id that differ. Returns the ids that are there and not in `rows`."""
    fields = [field.attname for field in model._meta.concrete_fields]
    key = model._meta.pk.attname
    kept = {row[0]: row for row in model._default_manager.order_by().values_list(key, *fields)}
    wanted = {row[key]: row for row in rows}
    changed = [row for row in wanted.values() if kept.get(row[key]) != (row[key], *(row[name] for name in fields))]
    model._default_manager.bulk_create(
        [model(**row) for row in changed],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=[key],
        update_fields=[name for name in fields if name != key],
    )
    return sorted(kept.keys() - wanted.keys())


def _replace(model: type[models.Model], rows: list[Row]) -> None:
    """Make the table hold these rows, each once: what is not among them goes, what is not there yet comes."""
    names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    # Each row is taken off again as the table turns out to hold it; what is left is new.
    new = {tuple(row[name] for name in names): row for row in rows}
    surplus = []
    for key, *values in model._default_manager.order_by("pk").values_list("pk", *names):
        if new.pop(tuple(values), None) is None:
            surplus.append(key)
    _remove(model, surplus)
    fill(model, list(new.values()))


def _remove(model: type[models.Model], keys: Iterable[Any]) -> None:
    for part in _parts(list(keys)):
        model._default_manager.filter(pk__in=part).delete()


def _parts(keys: list[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
