"""What one district has decided: the settings of a home, read from its `district.yaml`."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allpresent.policy.load import read_policy, stamp_of
from allpresent.policy.section import PolicyError, Section

POLICY = Path(__file__).parent
LANGUAGES = ("en", "es")
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Pull:
    """An interface that a source's files are brought from. Its key and secret are in the environment alone.

    `year` stands in the addresses of an Ed-Fi API that serves several years; `engine` is "own" or "edfi-api-client".
    `queries` gives the PowerQuery that brings a PowerSchool table.
    """

    url: str
    year: str = ""
    engine: str = "own"
    queries: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Source:
    """A place deliveries come from.

    `source` is the format (powerschool, csv, ...), `folder` where its files are dropped, `mapping` the file that
    explains the district's own codes. `delivers` is "year" (each delivery brings the whole year to date),
    "days" (only the days between its first and its last mark), or None: as the mapping says. Files are taken once
    they have not changed for `quiet_seconds`, and, where `done` names a file by a pattern, once that one is there and
    newer than the others.
    """

    name: str
    source: str
    folder: str
    mapping: str | None = None
    delivers: str | None = None
    quiet_seconds: int = 60
    done: str | None = None
    pull: Pull | None = None


@dataclass(frozen=True)
class Goal:
    """A point of the goal line: a chronic rate the district had (`kind` "was") or means to fall below ("goal").

    `rate_pct` is in percent as printed; `school_year` is written 2021-22.
    """

    label: str
    school_year: str
    kind: str
    rate_pct: Decimal
    note: str = ""

    def __post_init__(self) -> None:
        if not is_school_year(self.school_year):
            raise PolicyError(f"school_year {self.school_year!r} has to be two years in a row, written 2021-22.")
        if not 0 <= self.rate_pct <= 100:
            raise PolicyError(f"rate_pct {self.rate_pct} has to be a percentage from 0 to 100.")


@dataclass(frozen=True)
class District:
    """The settings of a district; the defaults are those of `starter/district.yaml`, explained there."""

    name: str = "Your district"
    state: str = "ct"
    protocol: str = "new_haven"  # a protocol that is shipped, or the path of the district's own
    year_starts: str = "07-01"  # month-day; a school year holds the days from it to the day before the next
    minimum_days: int = 10  # reported days before a student is judged chronically absent
    day_rule: str = "state"  # "state": whole days; "fractional": the share of the day missed
    truancy_month: str = "rolling"  # "rolling": any 30 days in a row; "calendar": a month of the calendar
    unreported_limit_pct: int = 5  # a school above it is marked "not safe to publish"
    drop_students_pct: int = 5  # check C01: a delivery that loses more than this is held
    drop_group_pct: int = 10
    drop_group_count: int = 5
    drop_absences_pct: int = 20
    drop_absences_count: int = 20
    drop_day_pct: int = 80  # of the absences of one past day, where there were more than drop_group_count
    changed_values_pct: int = 20  # of the values of a column that the last delivery has for the same rows
    most_absent_pct: int = 75  # of a school's students on one day
    q02_error_pct: int = 1  # check Q02: a share of refused rows above it holds the delivery
    report_first_on: date | None = None  # the day of the first bi-weekly report
    report_every_days: int = 14
    sources: tuple[Source, ...] = ()
    languages: tuple[str, ...] = LANGUAGES
    goals: tuple[Goal, ...] = ()
    excluded_schools: tuple[str, ...] = ()
    # Step key -> school days until it is due, over the protocol's own (keys as `protocol check` lists them).
    due_school_days: dict[str, int] = field(default_factory=dict, hash=False)
    family_children_max: int = 12  # brothers and sisters of a student; more under one household id are no one family
    escalate_after_school_days: int = 5  # school days a step is overdue before it goes to the attendance team
    keep_files_days: int = 400  # days the delivered files are kept as they came; what was read of them stays
    keep_versions_days: int = 400  # days the facts of a delivery can be asked for as known then; reported ones stay
    nightly_at: str = "04:30"  # hour and minute in the district's time zone at which the worker runs the night
    time_zone: str = "America/New_York"
    today: date | None = None  # only a demonstration may stop the clock
    is_demo: bool = False

    def __post_init__(self) -> None:
        if not is_month_day(self.year_starts):
            raise PolicyError(f"year_starts {self.year_starts!r} has to be a month and a day, as in 07-01.")
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.nightly_at):
            raise PolicyError(f"nightly_at {self.nightly_at!r} has to be an hour and a minute, as in 04:30.")
        if not is_time_zone(self.time_zone):
            raise PolicyError(f"time_zone {self.time_zone!r} is no time zone; write it as in America/New_York.")
        if self.today is not None and not self.is_demo:
            raise PolicyError("today is set, and only a demonstration (is_demo: true) may stop the clock; remove it.")

    @property
    def is_folder_named_once(self) -> bool:
        """Whether no two sources read the same folder."""
        folders = [source.folder for source in self.sources]
        return len(folders) == len(set(folders))

    def report_days(self, first: date, last: date) -> list[date]:
        """The days from first to last, both included, on which a bi-weekly report is due."""
        if self.report_first_on is None:
            return []
        every = timedelta(days=self.report_every_days)
        due = self.report_first_on
        if due < first:
            due += every * -(-(first - due) // every)
        days = []
        while due <= last:
            days.append(due)
            due += every
        return days


def is_month_day(text: str) -> bool:
    """Whether the text is a month and a day that come every year, as in 07-01."""
    if not re.fullmatch(r"\d\d-\d\d", text):
        return False
    month, day = int(text[:2]), int(text[3:])
    return 1 <= month <= 12 and 1 <= day <= _DAYS_IN_MONTH[month - 1] and text != "02-29"


def is_time_zone(text: str) -> bool:
    """Whether the text names a time zone, as America/New_York does."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_school_year(text: str) -> bool:
    """Whether the text is two years in a row, written 2021-22."""
    return bool(re.fullmatch(r"\d{4}-\d\d", text)) and (int(text[:4]) + 1) % 100 == int(text[5:])


def load_district(home: Path) -> District:
    """The district of a home; a home without `district.yaml` has the defaults. Raises PolicyError."""
    path = home / "district.yaml"
    return _read_once(path, stamp_of(path)) if path.exists() else District()


@lru_cache(maxsize=8)
def _read_once(path: Path, _stamp: tuple[int, int]) -> District:
    """The settings, read once for each state of the file: every page asks for them."""
    return read_district(path)


def read_district(path: Path) -> District:
    """The district that the file describes. Raises PolicyError with the file, the line and the key."""
    section = read_policy(path)
    section.only(*_KEYS)
    district = section.build_checked(District, **_values(section))
    if len({source.name for source in district.sources}) < len(district.sources):
        section.note("sources", "gives a name twice; each source needs a name of its own")
        section.check()
    if not district.is_folder_named_once:
        section.note("sources", "names a folder twice; give each source a folder of its own")
        section.check()
    return district


_PERCENTS = (
    *("unreported_limit_pct", "drop_students_pct", "drop_group_pct", "drop_absences_pct", "q02_error_pct"),
    *("drop_day_pct", "changed_values_pct", "most_absent_pct"),
)
_TEXTS = ("name", "year_starts", "nightly_at", "time_zone")
_COUNTS = ("drop_group_count", "drop_absences_count", "family_children_max")
_KEYS = (
    *("name", "state", "protocol", "year_starts", "minimum_days", "day_rule", "truancy_month", "reporting", "sources"),
    *("languages", "goals", "excluded_schools", "due_school_days", "today", "is_demo"),
    *("escalate_after_school_days", "keep_files_days", "keep_versions_days", "nightly_at", "time_zone"),
    *_PERCENTS,
    *_COUNTS,
)


def _values(section: Section) -> dict[str, Any]:
    plain = District()
    reporting = section.section("reporting")
    reporting.only("first_report", "every_days")
    values = {key: section.whole(key, getattr(plain, key), high=100) for key in _PERCENTS}
    values |= {key: section.whole(key, getattr(plain, key)) for key in _COUNTS}
    values |= {key: section.text(key, getattr(plain, key)) for key in _TEXTS}
    return values | {
        "state": section.one_of("state", _shipped("states"), plain.state),
        "protocol": _protocol(section, plain.protocol),
        "minimum_days": section.whole("minimum_days", plain.minimum_days, low=1, high=366),
        "escalate_after_school_days": section.whole("escalate_after_school_days", plain.escalate_after_school_days),
        "keep_files_days": section.whole("keep_files_days", plain.keep_files_days, low=1),
        "keep_versions_days": section.whole("keep_versions_days", plain.keep_versions_days, low=1),
        "day_rule": section.one_of("day_rule", ("state", "fractional"), plain.day_rule),
        "truancy_month": section.one_of("truancy_month", ("rolling", "calendar"), plain.truancy_month),
        "report_first_on": reporting.day("first_report", None),
        "report_every_days": reporting.whole("every_days", plain.report_every_days, low=1, high=366),
        "sources": tuple(filter(None, map(_source, section.sections("sources")))),
        "languages": _languages(section),
        "goals": tuple(filter(None, map(_goal, section.sections("goals")))),
        "excluded_schools": section.texts("excluded_schools", ()),
        "due_school_days": _due_days(section.section("due_school_days")),
        "today": section.day("today", None),
        "is_demo": section.flag("is_demo", False),
    }


def _shipped(folder: str) -> tuple[str, ...]:
    """The state packs or protocols that come with the program (`us` is the ground the others stand on)."""
    names = (path.name.removesuffix(".yaml") for path in (POLICY / folder).iterdir())
    return tuple(sorted(name for name in names if "." not in name and not name.startswith("_") and name != "us"))


def _protocol(section: Section, default: str) -> str:
    """A shipped name as it is; a path of the district's own made whole from the folder of its settings."""
    named: str = section.text("protocol", default)
    if named in _shipped("protocols"):
        return named
    path = section.path.parent / named
    if not path.exists():
        shipped = ", ".join(_shipped("protocols"))
        section.note("protocol", f"is `{named}`; it has to be one of {shipped}, or a file that exists in the home")
    return str(path.resolve())


def _source(section: Section) -> Source | None:
    section.only("name", "source", "folder", "mapping", "delivers", "quiet_seconds", "done", "pull")
    name = section.text("name")
    return section.build(
        Source,
        name=name,
        source=section.text("source"),
        folder=section.text("folder", f"drop/{name}"),
        mapping=section.text("mapping", None),
        delivers=section.one_of("delivers", ("year", "days"), None),
        quiet_seconds=section.whole("quiet_seconds", 60, high=3600),
        done=section.text("done", None),
        pull=_pull(section.section("pull")) if "pull" in section else None,
    )


def _pull(section: Section) -> Pull | None:
    section.only("url", "year", "engine", "queries")
    year = section.get("year", "")
    queries = section.section("queries")
    return section.build(
        Pull,
        url=section.text("url"),
        year=str(year) if isinstance(year, int) else section.text("year", ""),
        engine=section.one_of("engine", ("own", "edfi-api-client"), "own"),
        queries={key: queries.text(key) for key in queries},
    )


def _goal(section: Section) -> Goal | None:
    section.only("label", "school_year", "kind", "rate_pct", "note")
    rate = section.get("rate_pct")
    if not isinstance(rate, (int, Decimal)) or isinstance(rate, bool):
        section.note("rate_pct", "has to be a percentage as printed, as in 58 or 42.5")
        rate = 0
    return section.build(
        Goal,
        label=section.text("label"),
        school_year=section.text("school_year"),
        kind=section.one_of("kind", ("was", "goal")),
        rate_pct=Decimal(rate),
        note=section.text("note", ""),
    )


def _languages(section: Section) -> tuple[str, ...]:
    languages: tuple[str, ...] = section.texts("languages", LANGUAGES)
    for language in languages:
        if language not in LANGUAGES:
            section.note("languages", f"names `{language}`; the program speaks {' and '.join(LANGUAGES)} so far")
    if "en" not in languages:
        section.note("languages", "has to name `en`, the language every text falls back to")
    return languages


def _due_days(section: Section) -> dict[str, int]:
    return {key: section.whole(key, low=1, high=180) for key in section}
