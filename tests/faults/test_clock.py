"""The night runs once for each day of the district: on nights of 23 and 25 hours, and when the clock jumps."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.nightly import worker
from allpresent.policy import District
from tests.faults.counts import share

STARTS = ("01:30", "02:30", "04:30")
# The hour from 1:00 comes twice in New York on the first, that from 2:00 not at all on the second.
NIGHTS = (date(2026, 11, 1), date(2027, 3, 14))
Says = Callable[[int, str], None]


def nights(district: District, moments: Iterator[datetime]) -> Counter[date]:
    """How often each day's night is run by a worker that looks at these moments."""
    NightlyRun.objects.all().delete()
    ran: Counter[date] = Counter()
    for now in moments:
        if worker.is_night_due(district, now):
            on = worker.today_of(district, now)
            ran[on] += 1
            NightlyRun.objects.create(kind=RunKind.NIGHTLY, state=RunState.FINISHED, on=on, asked_at=now)
    return ran


def every(minutes: int, first: datetime, last: datetime) -> Iterator[datetime]:
    while first < last:
        yield first
        first += timedelta(minutes=minutes)


def days_around(day: date) -> tuple[datetime, datetime]:
    """From the noon before to the noon after the next day, in New York."""
    noon = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    return noon - timedelta(days=1), noon + timedelta(days=1)


@pytest.mark.django_db
def test_both_nights_and_three_hours(survived: Says) -> None:
    tried = 0
    for night in NIGHTS:
        for start in STARTS:
            ran = nights(District(nightly_at=start), every(share(1, 30), *days_around(night)))
            assert ran == {night + timedelta(days=after): 1 for after in (-1, 0, 1)}, (night, start)
            tried += 1
    survived(tried, "nights of another length and hour: each day's work done once")


JUMPS = tuple(timedelta(minutes=minutes) for minutes in (60, -60, 1440, -1440, 1, -1))


@pytest.mark.django_db
def test_a_clock_that_jumps(survived: Says) -> None:
    """At twelve instants: before the hour and after it, by an hour, a day, a step of the time service."""
    tried, step = 0, share(5, 30)
    for jump in JUMPS:
        for hour in (9, 10):  # half an hour before 04:30 in New York, and half an hour after
            at = datetime(2026, 11, 4, hour, tzinfo=UTC)
            seen = [*every(step, at - timedelta(hours=30), at), *every(step, at + jump, at + timedelta(hours=60))]
            ran = nights(District(), iter(seen))
            here = [moment.astimezone(ZoneInfo("America/New_York")) for moment in seen]
            # A day the clock jumped over was no day; each that it showed after the hour gets its night.
            assert ran == dict.fromkeys((moment.date() for moment in here if moment.time() >= time(4, 30)), 1)
            tried += 1
    survived(tried, "jumps of the clock: no night twice, none left out")


@pytest.mark.django_db
def test_the_day_32_bits_run_out() -> None:
    first = datetime(2038, 1, 18, 17, tzinfo=UTC)
    assert nights(District(), every(60, first, first + timedelta(days=2))) == {
        date(2038, 1, 18): 1,
        date(2038, 1, 19): 1,
        date(2038, 1, 20): 1,
    }
