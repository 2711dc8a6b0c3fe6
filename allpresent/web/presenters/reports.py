"""Reports: the archive of frozen bi-weekly reports, and one made fresh for today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allpresent.reports import Scope
from allpresent.web.presenters.strips import long_day_words
from allpresent.web.presenters.tallies import ALL_SCHOOLS

if TYPE_CHECKING:
    from allpresent.reports import FrozenReport

FORM_WORDS = {
    "pdf": gettext_lazy("PDF"),
    "html": gettext_lazy("Web page"),
    "xlsx": gettext_lazy("Excel"),
    "csv": gettext_lazy("CSV"),
}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class FormLink:
    """One form of a report to download; ``said`` is the whole name for those who do not see the line."""

    words: str
    url: str
    said: str


@dataclass(frozen=True)
class ReportLine:
    """A report of one scope with its forms."""

    name: str
    forms: tuple[FormLink, ...]


@dataclass(frozen=True)
class ReportDay:
    """All reports frozen for one day from one delivery."""

    title: str
    delivery: str
    lines: tuple[ReportLine, ...]


def months(first: date, last: date) -> tuple[str, ...]:
    """The months from one day to another as 2026-10, the newest first."""
    found, day = [], last.replace(day=1)
    while day >= first.replace(day=1):
        found.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return tuple(found)


def leap_lines(urls: Mapping[str, Mapping[str, str]]) -> tuple[ReportLine, ...]:
    """One line a month (2026-10) with its forms."""
    named = {month: date_format(date.fromisoformat(f"{month}-01"), "F Y") for month in urls}
    about = _("Home visits, for LEAP")
    return tuple(ReportLine(named[month], forms(found, about, named[month])) for month, found in urls.items())


def scope_key(scope: str) -> str:
    """The report's key of a page's scope: ``all`` is the district."""
    return Scope("", None if scope == ALL_SCHOOLS else scope).key


def forms(urls: Mapping[str, str], name: str, day: str) -> tuple[FormLink, ...]:
    """The links of one report, in the order of ``urls``."""
    return tuple(
        FormLink(str(FORM_WORDS[form]), url, f"{name}, {day}, {FORM_WORDS[form]}") for form, url in urls.items()
    )


def archive(
    frozen: "Iterable[FrozenReport]", names: Mapping[str, str], urls: Mapping[tuple[str, str, str], Mapping[str, str]]
) -> tuple[ReportDay, ...]:
    """Frozen reports the reader may open, by day and delivery, newest first; the district before its schools.

    ``names`` holds the scopes the reader may open by key; ``urls`` the forms by (as_of, delivery_id, scope_key).
    """
    days: dict[tuple[str, str], list[FrozenReport]] = {}
    for one in frozen:
        if one.scope_key in names:
            days.setdefault((one.as_of, one.delivery_id), []).append(one)
    return tuple(_day(key, found, names, urls) for key, found in days.items())


def _day(
    key: tuple[str, str],
    found: "Sequence[FrozenReport]",
    names: Mapping[str, str],
    urls: Mapping[tuple[str, str, str], Mapping[str, str]],
) -> ReportDay:
    title = long_day_words(date.fromisoformat(key[0]))
    ordered = sorted(found, key=lambda one: (one.scope_key != scope_key(ALL_SCHOOLS), names[one.scope_key]))
    lines = tuple(
        ReportLine(names[one.scope_key], forms(urls[(*key, one.scope_key)], names[one.scope_key], title))
        for one in ordered
    )
    return ReportDay(title, key[1], lines)
