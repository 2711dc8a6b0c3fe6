"""Bringing a source's files from its interface, before they are posted like any delivery."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from allpresent.intake.sources.pulling import Access, PullError
from allpresent.intake.sources.pulling.landing import Manifest
from allpresent.intake.workspace import say_nothing
from allpresent.ledger import school_year_of
from allpresent.policy import District
from allpresent.policy.district import Pull, Source

_PULLED = ("edfi", "powerschool")


def pull_source(
    home: Path,
    district: District,
    name: str,
    environment: Mapping[str, str],
    *,
    today: date,
    progress: Callable[[str], None] = say_nothing,
    sleep: Callable[[float], None] = time.sleep,
) -> Manifest:
    """Bring the folder of a source up to what its interface holds. Raises IntakeError, leaving the folder as it was.

    What the manifest calls partial is held when it is posted.
    """
    source = next((one for one in district.sources if one.name == name), None)
    if source is None:
        raise PullError(f"No source is called {name}; name one under sources in district.yaml.")
    way, access = _way(source, environment)
    # The HTTP client takes as long to load as all of reading, so only who pulls waits for it.
    pull: Callable[..., Manifest]
    if source.source == "edfi":
        from allpresent.intake.sources.edfi.api import pull

        own: dict[str, Any] = {"year": way.year, "engine": way.engine}
    else:
        from allpresent.intake.sources.powerschool_api import pull

        own = {"school_year": _school_year(today, district.year_starts), "queries": way.queries}
    return pull(home / source.folder, access, today=today, progress=progress, sleep=sleep, **own)


def faults_of_pulls(district: District, environment: Mapping[str, str]) -> list[str]:
    """Why a source could not even begin to be pulled, one sentence each; nothing is asked over the network."""
    found = []
    for source in (source for source in district.sources if source.pull is not None):
        try:
            _way(source, environment)
        except PullError as error:
            found.append(f"{source.name}: {error}")
    return found


def _school_year(today: date, year_starts: str) -> tuple[date, date]:
    """First and last day of the school year that holds today."""
    start = school_year_of(today, year_starts)
    first = date.fromisoformat(f"{start}-{year_starts}")
    return first, date.fromisoformat(f"{start + 1}-{year_starts}") - timedelta(days=1)


def _way(source: Source, environment: Mapping[str, str]) -> tuple[Pull, Access]:
    """How a source is pulled, and the address with the key and the secret of the environment. Raises PullError."""
    if source.pull is None:
        raise PullError(f"The source {source.name} has no pull in district.yaml; give it the url of its interface.")
    if source.source not in _PULLED:
        raise PullError(f"{source.source} is not pulled; {' and '.join(_PULLED)} are.")
    ending = re.sub(r"\W", "_", source.name).upper()
    found = []
    for name in ("ALLPRESENT_PULL_KEY_" + ending, "ALLPRESENT_PULL_SECRET_" + ending):
        if not environment.get(name):
            raise PullError(f"{name} is not set; put it where the server's other secrets are.")
        found.append(environment[name])
    return source.pull, Access(source.pull.url, *found)
