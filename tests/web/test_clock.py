"""The clock of a demonstration: whenever somebody looks at it, a school day is going on."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory
from django.utils import timezone

from allpresent.access.models import User
from allpresent.web.page import Page, school_hour

HERE = ZoneInfo("America/New_York")
DAY, MACHINES = date(2026, 11, 16), date(2027, 3, 1)


@pytest.mark.parametrize(
    ("machine", "shown"),
    [
        ("08:00", "08:00"),
        ("11:20", "11:20"),
        ("15:59", "15:59"),
        ("16:00", "08:00"),
        ("21:30", "13:30"),
        ("03:05", "11:05"),
    ],
)
def test_by_day_it_is_the_machines_clock_and_in_the_evening_still_a_school_day(machine: str, shown: str) -> None:
    now = datetime.combine(MACHINES, time.fromisoformat(machine), tzinfo=HERE)
    found = school_hour(DAY, now)
    assert (found.date(), found.strftime("%H:%M"), found.tzinfo) == (DAY, shown, HERE)
    assert school_hour(DAY, now + timedelta(seconds=40)) - found == timedelta(seconds=40)


@pytest.mark.parametrize("today", [None, DAY])
def test_a_districts_own_clock_is_left_alone(settings: object, today: date | None) -> None:
    settings.DISTRICT = replace(settings.DISTRICT, is_demo=True, today=today)  # type: ignore[attr-defined]
    request = RequestFactory().get("/")
    request.user = User()
    now = Page(request).now
    if today is None:
        assert abs(timezone.now() - now) < timedelta(minutes=1)
    else:
        assert now.date() == DAY
        assert time(8) <= now.time() < time(16)
