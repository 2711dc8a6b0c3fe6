"""Deliveries: what came from the student information system, what was found, and what a person decides about it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allpresent import access
from allpresent.access.models import AccessError
from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.intake import IntakeError, delivery_record, list_deliveries
from allpresent.intake.records import DeliveryRecord
from allpresent.measures import MeasureError, open_facts
from allpresent.nightly import NightlyError, ask
from allpresent.roster.models import School, Section, SectionStaff, Student, in_force
from allpresent.web.page import Page, page_for
from allpresent.web.presenters import deliveries as told
from allpresent.web.presenters import runs

_SHOWN = 30
_RUNS_SHOWN = 6
_MISSING_SHOWN = 30
_REFUSED = 422


def _current(page: Page) -> str:
    """The delivery the ledger stands on; blank before the first one."""
    try:
        return open_facts(page.home).delivery_id
    except MeasureError:
        return ""


def _school_names() -> dict[str, str]:
    return dict(School.objects.values_list("school_id", "name"))


def _teachers(page: Page, section_ids: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names of sections, and of who teaches them today. Two queries."""
    sections = dict(Section.objects.filter(pk__in=section_ids).values_list("section_id", "name"))
    rows = SectionStaff.objects.filter(in_force(page.on, "start_date", "last_date"), section_id__in=section_ids)
    teachers: dict[str, str] = {}
    for section_id, name in rows.order_by("pk").values_list("section_id", "staff__full_name"):
        teachers[section_id] = f"{teachers[section_id]}, {name}" if section_id in teachers else name
    return sections, teachers


def _under_way() -> dict[str, NightlyRun]:
    """Decisions the worker has not done yet, by their delivery."""
    asked = NightlyRun.objects.filter(kind__in=[RunKind.ACCEPT, RunKind.UNDO])
    return {run.subject: run for run in asked.filter(state__in=[RunState.WAITING, RunState.RUNNING])}


def _runs(limit: int) -> tuple[runs.RunLine, ...]:
    newest = list(NightlyRun.objects.select_related("asked_by").order_by("-asked_at", "-pk")[:limit])
    return runs.run_lines(newest, {one.pk: reverse("web:delivery_run", args=[one.pk]) for one in newest})


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """The list of deliveries, the runs, who is silent, and where files are to be put."""
    page = page_for(request, "see_deliveries")
    current, asked = _current(page), _under_way()
    # The same files brought again keep their number, and came last all the same.
    records = sorted(list_deliveries(page.home), key=lambda one: one.received_at, reverse=True)
    outcomes = [told.outcome_of(one, records, asked.get(one.id)) for one in records]
    shown = len(records) if request.GET.get("all") else _SHOWN
    lines = [
        told.delivery_line(one, reverse("web:delivery", args=[one.id]), current, outcome)
        for one, outcome in zip(records[:shown], outcomes[:shown], strict=True)
    ]
    newest = next((record for record in records if record.id == current), None)
    with transaction.atomic():
        access.record(page.user, "deliveries.seen", at=page.now, object_kind="deliveries")
        context = {
            "lead": told.lead(records, current, outcomes),
            "lines": lines,
            "older": len(records) - len(lines),
            "runs": _runs(_RUNS_SHOWN),
            "sources": [(one.name, one.source, page.home / one.folder) for one in page.district.sources],
            "may_decide": page.may("accept_delivery"),
        }
        context |= _silence(page, newest) if newest else {}
    return render(request, "deliveries/deliveries.html", context)


def _silence(page: Page, record: DeliveryRecord, *, is_whole: bool = False) -> dict[str, Any]:
    """Silent schools and homerooms, and unmapped codes, of one delivery."""
    schools = _school_names()
    first = record.silent_sections if is_whole else told.first_sections(record)
    sections, teachers = _teachers(page, [one["section_id"] for one in first])
    lines = told.silent_sections(record, schools, sections, teachers)
    codes = told.code_lines(record, schools)
    return {
        "silence_told": told.tells_silence(record),
        "silent_schools": told.silent_schools(record, schools),
        "silent_sections": lines if is_whole else lines[: len(first)],
        "silent_more": len(lines) - len(first),
        "codes": codes,
        "code_draft": told.code_draft(codes),
        "newest_url": reverse("web:delivery", args=[record.id]),
    }


def _record(page: Page, delivery_id: str) -> DeliveryRecord:
    try:
        return delivery_record(page.home, delivery_id)
    except IntakeError as error:
        raise Http404 from error


@require_safe
def delivery(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """One delivery: its rows, its findings, why it is held, and what may be decided."""
    page = page_for(request, "see_deliveries")
    return _show(request, page, _record(page, delivery_id))


def _show(
    request: HttpRequest, page: Page, record: DeliveryRecord, *, refused: str = "", reason: str = ""
) -> HttpResponse:
    current = _current(page)
    with transaction.atomic():
        access.record(page.user, "delivery.seen", at=page.now, object_kind="delivery", object_id=record.id)
        context = _details(page, record, current) | {"refused": refused, "reason": reason}
    return render(request, "deliveries/delivery.html", context, status=_REFUSED if refused else 200)


def _details(page: Page, record: DeliveryRecord, current: str) -> dict[str, Any]:
    may_decide = page.may("accept_delivery")
    district = page.district
    bounds = {"group_pct": district.drop_group_pct, "group_count": district.drop_group_count}
    context = _silence(page, record, is_whole=True)
    asked, records = _under_way().get(record.id), list_deliveries(page.home)
    outcome = told.outcome_of(record, records, asked)
    return context | {
        "line": told.delivery_line(record, reverse("web:delivery", args=[record.id]), current, outcome),
        "asked_url": reverse("web:delivery_run", args=[asked.pk]) if asked else "",
        "overtaken_by": told.overtaken_by(record, records),
        "why_held": record.why_held,
        "decided": record.decided,
        "files": told.file_lines(record),
        "rules": told.rule_lines(record),
        "differences": told.differences(record, _school_names(), **bounds),
        "missing": _missing(page, record) if may_decide else [],
        "missing_count": len(record.missing_students),
        "may_decide": may_decide,
        "can_accept": may_decide and outcome == told.HELD,
        "can_undo": page.may("undo_delivery") and record.id == current and asked is None,
    }


def _missing(page: Page, record: DeliveryRecord) -> list[tuple[str, str]]:
    """The first students enrolled before and not in this delivery, by name; each name shown is an audited read."""
    wanted = record.missing_students[:_MISSING_SHOWN]
    found = access.audited_read(
        page.user,
        "student.listed",
        access.visible_students(page.user, page.on).filter(pk__in=wanted) if wanted else Student.objects.none(),
        at=page.now,
        detail={"page": "delivery"},
    )
    return [(student.full_name, reverse("web:student", args=[student.pk])) for student in found]


@require_POST
def accept(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """Post a held delivery on the steward's word and reason; the worker does it, and a page shows how far it is."""
    page = page_for(request, "accept_delivery")
    record, reason = _record(page, delivery_id), request.POST.get("reason", "")
    if told.overtaken_by(record, list_deliveries(page.home)):
        return _show(request, page, record, refused=_("A later delivery is posted since, so this one waits no more."))
    if not request.POST.get("compared"):
        sentence = _("Compare the figures with the student information system first, then say that you did.")
        return _show(request, page, record, refused=sentence, reason=reason)

    def asked() -> str:
        run = ask(RunKind.ACCEPT, page.user, page.now, page.on, subject=delivery_id, reason=reason)
        return reverse("web:delivery_run", args=[run.pk])

    return _ask(request, page, record, "accept", asked, reason)


def _ask(
    request: HttpRequest, page: Page, record: DeliveryRecord, verb: str, asked: Callable[[], str], reason: str = ""
) -> HttpResponse:
    try:
        url = access.once(request.POST.get("form_key", ""), page.user, f"{verb}:{record.id}", asked, at=page.now)
    except (NightlyError, AccessError) as error:
        return _show(request, page, record, refused=str(error), reason=reason)
    return redirect(url)


@require_safe
def confirm_undo(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """What taking the newest delivery back means, before it is done."""
    page = page_for(request, "undo_delivery")
    record = _record(page, delivery_id)
    if record.id != _current(page):
        raise Http404
    with transaction.atomic():
        access.record(page.user, "delivery.seen", at=page.now, object_kind="delivery", object_id=record.id)
    line = told.delivery_line(record, reverse("web:delivery", args=[record.id]), record.id, record.outcome)
    return render(request, "deliveries/undo.html", {"line": line})


@require_POST
def undo(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """Take the newest delivery back; what people wrote and did stays."""
    page = page_for(request, "undo_delivery")
    record = _record(page, delivery_id)

    def asked() -> str:
        run = ask(RunKind.UNDO, page.user, page.now, page.on, subject=delivery_id)
        return reverse("web:delivery_run", args=[run.pk])

    return _ask(request, page, record, "undo", asked)


def _run(run_id: int) -> NightlyRun:
    run = NightlyRun.objects.select_related("asked_by").filter(pk=run_id).first()
    if run is None:
        raise Http404
    return run


@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far a run is. As JSON it is what the page asks for again and again until it is over."""
    page = page_for(request, "see_deliveries")
    found = _run(run_id)
    line = runs.run_line(found, reverse("web:delivery_run", args=[run_id]))
    if request.GET.get("form") == "json":
        stage = line.stage or line.state_words
        return JsonResponse({"state": line.state, "stage": stage, "lines": found.lines, "is_over": line.is_over})
    with transaction.atomic():
        access.record(page.user, "run.seen", at=page.now, object_kind="run", object_id=str(run_id))
    is_delivery = found.kind in (RunKind.ACCEPT, RunKind.UNDO)
    about_url = reverse("web:delivery", args=[found.subject]) if is_delivery else ""
    context = {"run": line, "lines": found.lines, "subject": found.subject, "about_url": about_url}
    return render(request, "deliveries/run.html", context)


@require_safe
def quarantine(request: HttpRequest, delivery_id: str) -> FileResponse:
    """Every finding of a delivery as a file: rule, file, line, field, value, and what to do."""
    page = page_for(request, "accept_delivery")
    record = _record(page, delivery_id)
    path = Path(page.home) / "deliveries" / record.id / "findings.csv"
    if not path.exists():
        raise Http404
    with transaction.atomic():
        access.record(page.user, "delivery.downloaded", at=page.now, object_kind="delivery", object_id=record.id)
    name = f"quarantine_{record.id}.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
