"""Whether a home is sound: settings, the ledger's files against their hashes, and records in step with the facts."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from allpresent.access.startup import faults
from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunState
from allpresent.intake import open_and_sealed
from allpresent.measures import Facts, MeasureError, open_facts
from allpresent.policy import PolicyError, load_causes, load_district, load_state_pack
from allpresent.protocol import ProtocolError, load_protocol
from allpresent.roster.models import ProjectedVersion
from allpresent.sealing import SealError, key_from_environment


def check_home(home: Path) -> list[str]:
    """What is wrong with a home, one sentence each; empty when all is well."""
    return [*_settings(home), *faults(), *_kept_files(home), *_facts_and_records(home)]


def _settings(home: Path) -> Iterator[str]:
    try:
        district = load_district(home)
        load_state_pack(district.state)
        load_protocol(district.protocol, due_school_days=district.due_school_days)
        load_causes()
    except (PolicyError, ProtocolError) as error:
        yield str(error)


def _kept_files(home: Path) -> Iterator[str]:
    """Delivered files that lie open although a key is set, or sealed although none is."""
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


def _facts_and_records(home: Path) -> Iterator[str]:
    try:
        facts = open_facts(home)
    except MeasureError:
        return  # nothing is posted yet, and that is no fault
    yield from _files(facts)
    shown = ProjectedVersion.current()
    if shown is None or shown.delivery_id != facts.delivery_id:
        seen = shown.delivery_id if shown else "nothing"
        yield f"The pages show {seen}, and {facts.delivery_id} is posted; run `allpresent nightly`."
    for run in NightlyRun.objects.filter(state=RunState.FAILED).order_by("-asked_at")[:1]:
        later = NightlyRun.objects.filter(state=RunState.FINISHED, asked_at__gt=run.asked_at, kind=run.kind)
        if not later.exists():
            yield f"The last run of {run.on} stopped: {run.message}"


def _files(facts: Facts) -> Iterator[str]:
    """Every file of the current version against the hash it was posted with."""
    folder = facts.version.folder
    for name, sha in sorted(facts.version.manifest.files.items()):
        path = folder / name
        if not path.exists():
            yield f"{path} is missing; restore the home from its backup."
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha:
            yield f"{path} is not what was posted; restore the home from its backup."
