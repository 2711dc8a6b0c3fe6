"""What one request knows: its person, its day, its data version. Every query it costs is made once."""

from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from allpresent import access
from allpresent.roster.models import ProjectedVersion, School

if TYPE_CHECKING:
    import pyarrow as pa

    from allpresent.measures import Facts, Rules
    from allpresent.protocol import Protocol

# A district posts once or twice a day; two versions cover the minutes in which a new one takes over.
_VERSIONS_KEPT = 2


@lru_cache(maxsize=1)
def district_protocol() -> "Protocol":
    """The protocol the district follows, read once a process."""
    from allpresent.protocol import load_protocol

    return load_protocol(settings.DISTRICT.protocol)


@lru_cache(maxsize=1)
def district_rules() -> "Rules":
    """The thresholds in force, from the district's settings, its state pack and its protocol."""
    from allpresent.measures import Rules
    from allpresent.policy import load_state_pack
    from allpresent.protocol import bounds

    district = settings.DISTRICT
    return Rules.from_policy(district, load_state_pack(district.state), bounds(district_protocol()))


@lru_cache(maxsize=_VERSIONS_KEPT)
def facts_of(home: Path, delivery_id: str) -> "Facts":
    """The facts as known on one delivery; they never change, so a process opens them once."""
    from allpresent.measures import open_facts

    return open_facts(home, known_on=delivery_id)


@lru_cache(maxsize=_VERSIONS_KEPT)
def standings_of(home: Path, delivery_id: str, as_of: date, rules: "Rules") -> "pa.Table":
    """The standings of the whole district on a day, worked out once a process and version."""
    from allpresent.measures import standings

    return standings(facts_of(home, delivery_id), as_of, rules)


class Page:
    """The person, the day and the facts of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user
        self.home: Path = settings.HOME
        self.district = settings.DISTRICT

    @cached_property
    def now(self) -> datetime:
        """The moment of the request; a demonstration keeps the clock but stops the calendar on its own day."""
        now = timezone.localtime()
        if self.district.today is None:
            return now
        return now.replace(year=self.on.year, month=self.on.month, day=self.on.day)

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
        return facts_of(self.home, self.version.delivery_id) if self.version else None

    @property
    def rules(self) -> "Rules":
        return district_rules()

    @property
    def protocol(self) -> "Protocol":
        return district_protocol()

    @cached_property
    def standings(self) -> "pa.Table | None":
        """Where every student of the district stands; narrow it to the visible ones before showing anything."""
        if self.version is None or self.as_of is None:
            return None
        return standings_of(self.home, self.version.delivery_id, self.as_of, self.rules)

    @cached_property
    def relations(self) -> frozenset:
        """The person's relations in force today (relation, kind of object, object)."""
        return frozenset(access.relations(self.user, self.on))

    @cached_property
    def schools(self) -> tuple[School, ...]:
        """The schools the person works at; empty for somebody of the whole district."""
        ids = {relation.object_id for relation in self.relations if relation.object_kind == "school"}
        return tuple(School.objects.filter(school_id__in=ids)) if ids else ()

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

        assert self.facts is not None and self.as_of is not None
        return school_day_number(self.facts, self.as_of, school_id=self.school_id)

    def may(self, action: str) -> bool:
        """Whether the person may do this today, anywhere."""
        if action not in self._answers:
            self._answers[action] = bool(access.can(self.user, action, self.on))
        return self._answers[action]

    @cached_property
    def _answers(self) -> dict[str, bool]:
        return {}


def page_of(request: HttpRequest) -> Page:
    """The page state of a request, made once."""
    page: Page | None = getattr(request, "page", None)
    if page is None:
        page = Page(request)
        request.page = page  # type: ignore[attr-defined]
    return page
