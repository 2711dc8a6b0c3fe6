"""Whether a home is sound: settings, files at rest, facts as they were posted, and records in step with them."""

import os
from collections.abc import Iterator
from pathlib import Path

from allpresent.access.startup import faults
from allpresent.casework.models import Letter, LevelCrossing, NightlyRun, SuccessPlan
from allpresent.casework.models.runs import RunState
from allpresent.intake import (
    faults_of_facts,
    faults_of_pulls,
    known_students,
    known_versions,
    list_deliveries,
    open_and_sealed,
)
from allpresent.intake.drops import faults_of_sources
from allpresent.intake.keeping import faults_of_sealed
from allpresent.measures import MeasureError, open_facts
from allpresent.policy import PolicyError, load_causes, load_district, load_state_pack
from allpresent.policy.call_systems import load_call_systems
from allpresent.protocol import ProtocolError, load_protocol
from allpresent.reports import ReportError, frozen_reports, read_frozen
from allpresent.roster.models import ProjectedVersion, Student
from allpresent.sealing import SealError, key_from_environment

from .running import RESTORED

SHOWN = 5  # ids that a sentence names


def check_home(home: Path) -> list[str]:
    """What is wrong with a home, one sentence each; empty when all is well."""
    return [*_settings(home), *faults(), *_kept_files(home), *_facts_and_records(home)]


def _settings(home: Path) -> Iterator[str]:
    try:
        district = load_district(home)
        load_state_pack(district.state)
        load_protocol(district.protocol, due_school_days=district.due_school_days)
        load_causes()
        yield from load_call_systems(home).problems.values()
        yield from faults_of_sources(home, district)
        yield from faults_of_pulls(district, os.environ)
    except (PolicyError, ProtocolError) as error:
        yield str(error)


def _kept_files(home: Path) -> Iterator[str]:
    """Delivered files that lie open although a key is set, or are sealed and would not open."""
    try:
        has_key = key_from_environment() is not None
    except SealError as error:
        yield str(error)
        return
    in_the_open, sealed = open_and_sealed(home)
    if has_key and in_the_open:
        yield f"Files of {', '.join(in_the_open)} lie unsealed although a key is set; run `allpresent nightly`."
    if not has_key and sealed:
        yield f"Files of {', '.join(sealed)} are sealed and no key is set; set ALLPRESENT_KEY to the key they need."
        return
    unopened = list(faults_of_sealed(home))
    yield from (f"Delivery {delivery_id}: {why}" for delivery_id, why in unopened[:SHOWN])
    if len(unopened) > SHOWN:
        yield f"Sealed files of {len(unopened) - SHOWN} further deliveries would not open either."


def _facts_and_records(home: Path) -> Iterator[str]:
    found = list(faults_of_facts(home))
    yield from found
    try:
        facts = open_facts(home)
    except (MeasureError, OSError, ValueError):
        return  # nothing is posted yet, and that is no fault; what cannot be opened is told above
    if not found:
        yield from _records(home)
    shown = ProjectedVersion.current()
    if shown is None or shown.delivery_id != facts.delivery_id:
        seen = shown.delivery_id if shown else "nothing"
        yield f"The pages show {seen}, and {facts.delivery_id} is posted; run `allpresent nightly`."
    for run in NightlyRun.objects.filter(state=RunState.FAILED).exclude(message=RESTORED).order_by("-asked_at")[:1]:
        later = NightlyRun.objects.filter(state=RunState.FINISHED, asked_at__gt=run.asked_at, kind=run.kind)
        if not later.exists():
            yield f"The last run of {run.on} stopped: {run.message}"


# The deliveries that records name as what was known when they were made, or withdrawn.
_NAMING = (
    (Letter, "delivery_id"),
    (SuccessPlan, "delivery_id"),
    (LevelCrossing, "noticed_delivery"),
    (LevelCrossing, "withdrawn_delivery"),
)


def _records(home: Path) -> Iterator[str]:
    """Students and deliveries of the records and versions of reports that the facts do not know."""
    strange = set(Student.objects.values_list("pk", flat=True)) - known_students(home)
    if strange:
        shown = ", ".join(sorted(strange)[:SHOWN])
        yield f"{len(strange)} students of the records are in no version of the facts ({shown}); restore the home."
    named = {name for model, field in _NAMING for name in model.objects.values_list(field, flat=True).distinct()}
    unknown = named - {"", *(record.id for record in list_deliveries(home))}
    if unknown:
        shown = ", ".join(sorted(unknown)[:SHOWN])
        yield f"{len(unknown)} deliveries that records were made from are not in the home ({shown}); restore the home."
    versions = known_versions(home)
    reports = frozen_reports(home)
    for as_of, delivery_id in sorted({(one.as_of, one.delivery_id) for one in reports}):
        if delivery_id not in versions:
            yield f"The reports of {as_of} name delivery {delivery_id}, whose facts are not kept; restore the home."
    for report in reports:
        try:
            read_frozen(home, report.as_of, report.delivery_id, report.scope_key)
        except (ReportError, ValueError, KeyError, TypeError):
            yield f"{report.path} cannot be read; restore the home from its backup."
