"""Reports: the frozen bi-weekly reports, and one made fresh from what is posted now."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.access.grants import schools_for
from allpresent.measures import MeasureError, school_days
from allpresent.nightly import NightlyError, biweekly_file
from allpresent.reports import FORMATS, ReportError, frozen_reports, read_frozen
from allpresent.reports import render as render_report
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import reports as told
from allpresent.web.presenters.strips import long_day_words
from allpresent.web.presenters.tallies import ALL_SCHOOLS

ACTION = "see_report"
LEAP = ("pdf", "csv")  # the forms of the month's report on home visits


@dataclass(frozen=True)
class Readable:
    """The scopes whose reports the reader may open, by report key: what each is called, and its school if it is one."""

    names: dict[str, str]
    schools: dict[str, str | None]


def _readable(page: Page) -> Readable:
    """The reader's schools, and the district's own report for those who see the district."""
    if not page.may(ACTION):
        raise Http404
    rows = schools_for(page.user, ACTION, page.on).order_by("name", "school_id").values_list("school_id", "name")
    names = {told.scope_key(school): name for school, name in rows}
    schools: dict[str, str | None] = {told.scope_key(school): school for school, _name in rows}
    if page.may("see_district"):
        district = told.scope_key(ALL_SCHOOLS)
        names = {district: page.district.name} | names
        schools = {district: None, **schools}
    return Readable(names, schools)


def _frozen_urls(as_of: str, delivery_id: str, key: str) -> dict[str, str]:
    return {form: reverse("web:report_frozen", args=[as_of, delivery_id, key, form]) for form in FORMATS}


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """The archive, and the links to a report made now; ``?scope=`` narrows to one school or the district."""
    page = page_of(request)
    readable = _readable(page)
    asked = told.scope_key(request.GET["scope"]) if request.GET.get("scope") else ""
    names = {asked: readable.names[asked]} if asked in readable.names else readable.names
    frozen = frozen_reports(page.home)
    urls = {
        (one.as_of, one.delivery_id, one.scope_key): _frozen_urls(one.as_of, one.delivery_id, one.scope_key)
        for one in frozen
        if one.scope_key in names
    }
    with transaction.atomic():
        access.record(page.user, "reports.seen", at=page.now, object_kind="reports", object_id=asked)
    context = {
        "days": told.archive(frozen, names, urls),
        "fresh": _fresh(page, names),
        "fresh_day": long_day_words(page.as_of) if page.as_of else "",
        "months": _months(page),
        "narrowed": names[asked] if asked in names and len(readable.names) > 1 else "",
        "several": len(names) > 1,
    }
    return render(request, "reports/reports.html", context)


def _fresh(page: Page, names: dict[str, str]) -> tuple[told.ReportLine, ...]:
    if page.as_of is None:
        return ()
    day = long_day_words(page.as_of)
    lines = []
    for key, name in names.items():
        urls = {form: reverse("web:report_fresh", args=[key, form]) for form in FORMATS}
        lines.append(told.ReportLine(name, told.forms(urls, name, day)))
    return tuple(lines)


def _months(page: Page) -> tuple[told.ReportLine, ...]:
    """The reports on home visits, of the months of this school year."""
    if page.facts is None or page.as_of is None:
        return ()
    keys = told.months(school_days(page.facts, page.as_of)[0], page.on)
    return told.leap_lines({key: {form: reverse("web:visit_leap", args=[key, form]) for form in LEAP} for key in keys})


def _check(page: Page, key: str, form: str) -> str | None:
    """The school of the report, None for the district; Http404 for a report the reader may not open."""
    readable = _readable(page)
    if form not in FORMATS or key not in readable.names:
        raise Http404
    return readable.schools[key]


def _answer(content: bytes, form: str, name: str) -> HttpResponse:
    """The file, always to download: a report carries its own styles, which no page of this site may."""
    response = HttpResponse(content, content_type=told.CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@require_safe
def frozen(request: HttpRequest, as_of: str, delivery_id: str, key: str, form: str) -> HttpResponse:
    """A frozen report in one form, byte for byte what it was."""
    page = page_of(request)
    _check(page, key, form)
    try:
        report = read_frozen(page.home, as_of, delivery_id, key)
    except ReportError as error:
        raise Http404 from error
    name = f"{key}_{as_of}_{delivery_id}"
    _record(page, name, form)
    return _answer(render_report(report, form), form, name)


@require_safe
def fresh(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """A report of the last delivered school day, made now and kept nowhere."""
    page = page_of(request)
    school = _check(page, key, form)
    if page.as_of is None:
        raise Http404
    try:
        content = biweekly_file(page.home, page.as_of, school, form, page.now)
    except (MeasureError, NightlyError) as error:
        raise Http404 from error
    name = f"{key}_{date.isoformat(page.as_of)}_today"
    _record(page, name, form)
    return _answer(content, form, name)


def _record(page: Page, name: str, form: str) -> None:
    """One audit entry a file that leaves."""
    with transaction.atomic():
        detail = {"report": name, "form": form}
        access.record(page.user, "report.downloaded", at=page.now, object_kind="report", detail=detail)
