"""What one request knows: its person, its day, its data version. Every query it costs is made once."""

from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone

from allpresent import access
from allpresent.access.models import Grant, User
from allpresent.access.roles import ACTIONS, ROLES
from allpresent.roster.models import ProjectedVersion, School

if TYPE_CHECKING:
    import pyarrow as pa

    from allpresent.measures import Facts, Rules
    from allpresent.policy import StatePack
    from allpresent.protocol import Protocol


@lru_cache(maxsize=4)
def protocol_named(name: str) -> "Protocol":
    """A protocol by its name or path, read once a process."""
    from allpresent.protocol import load_protocol

    return load_protocol(name)


@lru_cache(maxsize=4)
def _state_pack(state: str) -> "StatePack":
    from allpresent.policy import load_state_pack

    return load_state_pack(state)


def school_hour(day: date, now: datetime) -> datetime:
    """An hour of that day between eight and four, moving on with the machine: by day its own, else eight hours off.

    A demonstration looked at in the evening would else tell of visits nobody came back from.
    """
    since_midnight = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    return datetime.combine(day, time(8), tzinfo=now.tzinfo) + since_midnight % timedelta(hours=8)


class Page:
    """The person, the day and the facts of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.user = cast(User, request.user)
        self.home: Path = settings.HOME
        self.district = settings.DISTRICT

    @cached_property
    def now(self) -> datetime:
        """The moment of the request; in a demonstration, which stops the calendar, an hour of its own school day."""
        now = timezone.localtime()
        return now if self.district.today is None else school_hour(self.district.today, now)

    @cached_property
    def on(self) -> date:
        """Today, in the district's time zone."""
        return self.district.today or timezone.localdate()

    @cached_property
    def version(self) -> ProjectedVersion | None:
        """The data version the roster shows; nothing while nothing is posted."""
        return ProjectedVersion.current()

    @cached_property
    def as_of(self) -> date | None:
        """The last delivered school day."""
        return self.version.last_school_day if self.version else None

    @cached_property
    def facts(self) -> "Facts | None":
        """The facts of the version shown."""
        from allpresent.measures import open_facts

        return open_facts(self.home, known_on=self.version.delivery_id) if self.version else None

    @cached_property
    def rules(self) -> "Rules":
        """The thresholds in force, from the district's settings, its state pack and its protocol."""
        from allpresent.measures import Rules
        from allpresent.protocol import bounds

        return Rules.from_policy(self.district, _state_pack(self.district.state), bounds(self.protocol))

    @cached_property
    def protocol(self) -> "Protocol":
        """The protocol the district follows."""
        return protocol_named(self.district.protocol)

    @cached_property
    def standings(self) -> "pa.Table | None":
        """Where every student of the district stands; narrow it to the visible ones before showing anything."""
        from allpresent.measures import standings

        if self.facts is None or self.as_of is None:
            return None
        return standings(self.facts, self.as_of, self.rules)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The person's roles in force today."""
        return frozenset(access.relations(self.user, self.on))

    @cached_property
    def schools(self) -> tuple[School, ...]:
        """The schools the person is named for; empty for somebody of the whole district."""
        held = Grant.objects.in_force(self.on).filter(user_id=self.user.pk, object_kind=Grant.Kind.SCHOOL)
        return tuple(School.objects.filter(school_id__in=held.values("object_id")))

    @cached_property
    def school_id(self) -> str | None:
        """The one school of the person, or nothing when there are several or none."""
        return self.schools[0].school_id if len(self.schools) == 1 else None

    @property
    def scope_name(self) -> str:
        """The school or the district the header names."""
        return self.schools[0].name if len(self.schools) == 1 else self.district.name

    @cached_property
    def school_day_number(self) -> int:
        """Which school day of the year the last delivered one is."""
        from allpresent.measures import school_day_number

        if self.facts is None or self.as_of is None:
            return 0
        return school_day_number(self.facts, self.as_of, school_id=self.school_id)

    def may(self, action: str) -> bool:
        """Whether a role of the person allows the action today; of a student ``why_can_view`` is asked as well."""
        return bool(ACTIONS[action] & self.roles)

    @property
    def sees_students(self) -> bool:
        """Whether any student page opens for the person at all."""
        return any(ROLES[role].sees_students for role in self.roles)


def page_of(request: HttpRequest) -> Page:
    """The page state of a request, made once."""
    page: Page | None = getattr(request, "page", None)
    if page is None:
        page = Page(request)
        request.page = page  # type: ignore[attr-defined]
    return page


def page_for(request: HttpRequest, action: str) -> Page:
    """The page state of somebody who may do this. Raises Http404 for anybody else: there is no such page."""
    page = page_of(request)
    if not page.may(action):
        raise Http404
    return page
