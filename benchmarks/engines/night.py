"""Two nights of a new home in a process of its own, database included: a first one, and one after a few corrections."""

import multiprocessing
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from benchmarks.measuring import Seconds, peak_mb, timed
from benchmarks.storing import NOW

POSTING, ROSTER, RECOMPUTE = "posting of facts", "roster", "recompute and worklist"
TODAY = date(2027, 5, 1)
Night = dict[str, Seconds]


def two_nights(home: Path, deliveries: tuple[Path, Path]) -> tuple[Night, Night, dict[str, int], int]:
    """What the parts of each night took, what the second changed in the records, and the most memory held (MB)."""
    with multiprocessing.get_context("spawn").Pool(1) as one:
        return one.apply(_two_nights, (home, deliveries))


def _two_nights(home: Path, deliveries: tuple[Path, Path]) -> tuple[Night, Night, dict[str, int], int]:
    _start(home)
    first, _ = _night(home, deliveries[0], TODAY)
    second, changed = _night(home, deliveries[1], TODAY + timedelta(days=1))
    return first, second, changed, peak_mb()


def _start(home: Path) -> None:
    """The records of a new home, as `allpresent nightly` starts them."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "allpresent.config.settings", "ALLPRESENT_HOME": str(home)}
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _night(home: Path, files: Path, today: date) -> tuple[Night, dict[str, int]]:
    """The parts that depend on what was delivered; pulling, letting people in and tidying up do not."""
    from allpresent.casework.models.runs import RunKind
    from allpresent.intake import post_delivery
    from allpresent.nightly.night import catch_up
    from allpresent.nightly.running import new_run, running
    from allpresent.roster import project_roster

    now = datetime(today.year, today.month, today.day, 4, tzinfo=NOW.tzinfo)
    times: Night = {}

    def part(name: str, work: Callable[[], object]) -> None:
        times[name], _ = timed(work)

    with running(home, new_run(RunKind.NIGHTLY, today, now), now, lambda line: None) as log:
        part(POSTING, lambda: post_delivery(home, "csv", files, accept="a benchmark", today=today, now=now))
        part(ROSTER, lambda: project_roster(home, now))
        part(RECOMPUTE, lambda: catch_up(home, today, now, log))
    return times, log.counts
