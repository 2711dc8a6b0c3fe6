"""The night runs once for each day of the district: on nights of 23 and 25 hours, and when the clock jumps."""

import time as time_of_process
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from django_tasks_db.management.commands import db_worker

from allpresent.access import issue_key, once, sessions
from allpresent.access.models import User
from allpresent.casework.models import CaseStep, NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.nightly import worker
from allpresent.nightly.errors import NightlyError
from allpresent.nightly.lock import only_one
from allpresent.policy import District
from tests.faults.counts import share
from tests.intake.folders import MARKS, write
from tests.spec.drawn import table

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


# The worker itself, with whole nights, by a clock that stands wrong or is put right. Readings are UTC; a look follows
# another, and every reading of the clock is a second after the one before. With `meanwhile` the clock is moved to there
# by the first line of the first night. Nights are the district's days in New York.
INSTANTS = table("""
what                                       | hour  | readings                                                                                | meanwhile           | nights
the hour that comes twice                  | 01:30 | 2026-11-01T05:29:50 2026-11-01T05:30:00 2026-11-01T06:29:59 2026-11-01T06:30:00 2026-11-02T06:30:00 |                     | 2026-11-01 2026-11-02
a day is put back while the night runs     | 04:30 | 2026-11-05T09:30:00 2026-11-05T09:30:30                                                 | 2026-11-04T09:30:10 | 2026-11-05
midnight between two looks                 | 04:30 | 2026-11-05T04:59:59 2026-11-05T05:00:30 2026-11-05T09:30:00                             |                     | 2026-11-04 2026-11-05
the hour that never comes                  | 02:30 | 2027-03-14T06:59:50 2027-03-14T07:00:00 2027-03-14T07:30:00 2027-03-15T06:29:50         |                     | 2027-03-14
the year ends                              | 04:30 | 2027-01-01T04:59:59 2027-01-01T05:00:30 2027-01-01T09:29:50 2027-01-01T09:30:00         |                     | 2026-12-31 2027-01-01
a leap second: 23:59:59 twice              | 18:59 | 2026-12-31T23:58:50 2026-12-31T23:59:59 2026-12-31T23:59:59 2027-01-01T00:00:00         |                     | 2026-12-31
the night before a leap day, and it        | 04:30 | 2028-02-29T04:59:59 2028-02-29T09:30:00 2028-03-01T05:00:00                             |                     | 2028-02-28 2028-02-29
a school year ends                         | 04:30 | 2027-07-01T03:59:59 2027-07-01T04:00:30 2027-07-01T08:29:50 2027-07-01T08:30:00         |                     | 2027-06-30 2027-07-01
32 bits of seconds run out                 | 04:30 | 2038-01-19T03:14:06 2038-01-19T03:14:08 2038-01-19T09:30:00                             |                     | 2038-01-18 2038-01-19
an hour forward, over the night's hour     | 04:30 | 2026-11-04T09:29:00 2026-11-04T10:29:00 2026-11-04T10:30:00                             |                     | 2026-11-04
an hour back, behind the night's hour      | 04:30 | 2026-11-04T09:31:00 2026-11-04T08:31:00 2026-11-04T09:30:00 2026-11-04T09:31:00         |                     | 2026-11-04
a day forward, and put right               | 04:30 | 2026-11-04T09:31:00 2026-11-05T09:31:00 2026-11-04T09:32:00 2026-11-05T09:31:30         |                     | 2026-11-04 2026-11-05
a step of the time service                 | 04:30 | 2026-11-04T09:30:00 2026-11-04T09:29:58 2026-11-04T09:30:00                             |                     | 2026-11-04
an hour is put back while the night runs   | 04:30 | 2026-11-05T09:30:00 2026-11-05T09:30:30                                                 | 2026-11-05T08:30:10 | 2026-11-05
a day is put forward while the night runs  | 04:30 | 2026-11-05T09:30:00 2026-11-06T09:30:30                                                 | 2026-11-06T09:30:10 | 2026-11-05 2026-11-06
""")  # noqa: E501 - a drawn table is as wide as it is


class MovedClock:
    """The clock of the process: it runs a second a reading, and is set to the next reading after each look."""

    def __init__(self, readings: Iterable[datetime]) -> None:
        self.later = iter(readings)
        self.now = next(self.later) - timedelta(seconds=1)  # the worker's lock is dated before its first look

    def __call__(self) -> datetime:
        read, self.now = self.now, self.now + timedelta(seconds=1)
        return read

    def move(self) -> bool:
        """Set it to the next reading; whether there is one."""
        self.now = next(self.later, datetime.max.replace(tzinfo=UTC))
        return self.now.year < 9999


@pytest.mark.django_db
@pytest.mark.parametrize("row", INSTANTS if share(1, 0) else INSTANTS[1:3], ids=lambda row: row["what"])
def test_the_workers_nights_by_a_moved_clock(
    row: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: Says
) -> None:
    readings = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in row["readings"].split()]
    home, clock, sent = drawn_home(tmp_path / "home", row["hour"], readings[0].date()), MovedClock(readings), Sent()
    patches = {(timezone, "now"): clock, (time_of_process, "time"): lambda: clock.now.timestamp()}
    for (owner, name), moved in patches.items():
        monkeypatch.setattr(owner, name, moved)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0)
    for module in (worker, db_worker):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)
    begun: list[str] = []

    def hear(line: str) -> None:
        """The first line of the night: another night is refused, whatever hour it is, and the clock is moved."""
        begun.append(line)
        with pytest.raises(NightlyError, match="has been under way"), only_one(home, "nightly", "It", clock.now):
            raise AssertionError
        if row["meanwhile"] and len(begun) == 1:
            clock.now = datetime.fromisoformat(row["meanwhile"]).replace(tzinfo=UTC)

    def look_done() -> bool:
        sent.again(clock.now)
        return clock.move()

    sent.again(clock.now)
    worker.run_worker(progress=hear, clock=clock, home=home, is_needed=look_done)
    runs = NightlyRun.objects.order_by("pk")
    assert [str(on) for on in runs.values_list("on", flat=True)] == row["nights"].split()
    assert {run.state for run in runs} == {RunState.FINISHED}, [run.message for run in runs]
    assert [run.counts.get("posted", 0) for run in runs] == [1] + [0] * (len(runs) - 1)
    assert runs[0].counts["opened"] == CaseStep.objects.count() > 0
    assert sent.effects == 1
    with only_one(home, "nightly", "It", clock.now), only_one(home, "worker", "It", clock.now):
        pass  # let go of at any hour
    survived(1, "instants of a moved clock in the worker's nights: no night twice, none left out")


class Sent:
    """A form that is sent again and again with its one key."""

    def __init__(self) -> None:
        self.key, self.effects = issue_key(), 0
        self.user = User.objects.create_user("paula@elmharbor.example", full_name="Paula")

    def again(self, now: datetime) -> None:
        """Send it at an hour; nothing but its first sending has an effect."""
        once(self.key, self.user, "clock", self._work, at=now)

    def _work(self) -> str:
        self.effects += 1
        return "/"


def drawn_home(home: Path, nightly_at: str, before: date) -> Path:
    """A home whose drop folder holds one school, open each weekday around a day, and three students who missed many."""
    days = [before + timedelta(days=after) for after in range(-30, 8)]
    days = [day for day in days if day.weekday() < 5]
    past = [day for day in days if day < before - timedelta(days=2)]
    home.mkdir()
    sources = f"nightly_at: '{nightly_at}'\nsources: [{{name: sis, source: csv, folder: drop, quiet_seconds: 0}}]\n"
    (home / "district.yaml").write_text(sources)
    who = {f"{number}": past[:number] for number in (2, 5, 12)}
    write(
        home / "drop",
        {
            "schools.csv": b"school_id,name\n1,Linden\n",
            "calendar_days.csv": lines("school_id,date,in_session", (f"1,{day},1" for day in days)),
            "students.csv": lines("student_id,full_name,grade", (f"{key},Ana Poe,04" for key in who)),
            "enrollments.csv": lines(
                "student_id,school_id,entry_date,last_member_date,grade", (f"{key},1,{days[0]},,04" for key in who)
            ),
            "attendance.csv": lines(
                MARKS.strip(), (f"{key},1,{day},1,A,absent,0,0,,day,," for key, missed in who.items() for day in missed)
            ),
            "attendance_taken.csv": lines("school_id,date", (f"1,{day}" for day in past)),
        },
    )
    return home


def lines(header: str, rows: Iterable[str]) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def test_a_session_ends_by_its_hours_and_not_by_a_clock_put_back(survived: Says) -> None:
    """One that was dated by a clock far ahead is over: nobody knows how long it was idle."""
    now, tried = 1_800_000_000, 0
    living, over = (-29, -1, 0, 1, 29), (-525_600, -1440, -60, -30, 30, 60, 1440, 525_600)
    for minutes in (*living, *over):
        session = SessionStore()
        session[sessions.SIGNED_IN_AT] = session[sessions.SEEN_AT] = now
        assert sessions.is_over(session, now + minutes * 60) is (minutes in over), minutes
        tried += 1
    survived(tried, "jumps of the clock in a session: none lives longer than its hours and the idle time")


@pytest.mark.django_db
def test_the_day_32_bits_run_out() -> None:
    first = datetime(2038, 1, 18, 17, tzinfo=UTC)
    assert nights(District(), every(60, first, first + timedelta(days=2))) == {
        date(2038, 1, 18): 1,
        date(2038, 1, 19): 1,
        date(2038, 1, 20): 1,
    }
