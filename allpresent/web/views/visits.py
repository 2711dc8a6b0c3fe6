"""Home visits: the board, planning one, the toolkit's form on a phone, and the day sheet to print."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allpresent import access
from allpresent.access.models import AccessError
from allpresent.casework import home_visits
from allpresent.casework.errors import CaseworkError, NotVisibleError
from allpresent.casework.queries import home_visits as queries
from allpresent.casework.queries import open_work
from allpresent.casework.visit_forms import VisitForm, VisitPlan
from allpresent.measures import MeasureError
from allpresent.reports import ReportError
from allpresent.roster.models import Student
from allpresent.web.forms.visits import PlanForm, RecordForm
from allpresent.web.leap_month import leap_file
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import visits as words
from allpresent.web.presenters.visit_papers import foot_words
from allpresent.web.views.visit_papers import sheets_of
from allpresent.web.visiting import VisitFile, chosen_person, open_visit_file, people_for

_QUEUED = "X-Visit-Queue"  # set by visits.js: answer with data, not with a page
_REFUSED = 422
_ANOTHERS = 409
_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


def _page_for(request: HttpRequest) -> Page:
    page = page_of(request)
    if not page.may("see_visits"):
        raise Http404
    return page


@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """The board: what is promised, proposed, scheduled, to be followed up, and what came of the last visits."""
    page = _page_for(request)
    students = open_work.students_for(page.user, "see_visits", page.on)
    rows = queries.visit_board(page.user, students, page.on, page.now)
    promised = queries.promised_visits(students)
    listed = {row.student_id for row in rows} | {row.student_id for row in promised}
    access.audited_read(page.user, "visits.listed", Student.objects.filter(pk__in=listed).only("pk"), at=page.now)
    columns = words.board(rows, page.on)
    context = {
        "lead": words.board_lead(columns, len(promised)),
        "columns": columns,
        "promised": words.promised_cards(promised, page.on),
        "missed": [card for column in columns for card in column.cards if column.key == "scheduled" and card.late],
        "queue_of": page.user.pk,
        "months": words.leap_months(page.on) if page.may("see_report") and page.version else (),
    }
    return render(request, "visits/visits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, student_id: str) -> HttpResponse:
    """Propose that a family be visited, or schedule the visit at once."""
    page = _page_for(request)
    file = open_visit_file(page, student_id)
    return _plan(request, page, file)


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Agree a time for a proposed visit, or another one."""
    page = _page_for(request)
    file = open_visit_file(page, visit_id=visit_id)
    if file.visit is None or file.visit.outcome:
        raise Http404
    return _plan(request, page, file)


def _plan(request: HttpRequest, page: Page, file: VisitFile) -> HttpResponse:
    people = people_for(file.student, page.on)
    form = PlanForm(request.POST or None, people=people, initial=file.plan_values())
    if request.method == "POST" and form.is_valid():
        response = _save_plan(request, page, file, form)
        if response is not None:
            return response
    with transaction.atomic():
        access.record(page.user, "visit_plan.seen", student_id=file.student.pk, at=page.now)
    context = {"file": file, "form": form, "queue_of": page.user.pk}
    return render(request, "visits/plan.html", context, status=_REFUSED if form.errors else 200)


def _save_plan(request: HttpRequest, page: Page, file: VisitFile, form: PlanForm) -> HttpResponse | None:
    sent = form.cleaned_data
    try:
        wish = VisitPlan(
            reason=sent["reason"],
            reason_words=sent["reason_words"],
            mode=sent["mode"],
            visitor=chosen_person(sent["visitor"]),
            co_visitor=chosen_person(sent["co_visitor"]),
            starts_at=form.moment("starts"),
            ends_at=form.moment("ends"),
        )
        if file.visit is None:
            saved = home_visits.propose_visit(page.user, file.student.pk, wish, sent["form_key"], page.now)
        else:
            saved = home_visits.schedule_visit(page.user, file.visit.pk, wish, sent["form_key"], page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        form.add_error(None, str(error))
        return None
    said = {"name": file.student.given_name, "state": saved.get_state_display()}
    messages.success(request, _("Visit to %(name)s: %(state)s.") % said)
    return redirect("web:visits")


@require_http_methods(["GET", "HEAD", "POST"])
def record_new(request: HttpRequest, student_id: str) -> HttpResponse:
    """The toolkit's form for a visit nobody had proposed."""
    page = _page_for(request)
    return _record(request, page, open_visit_file(page, student_id))


@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, visit_id: int) -> HttpResponse:
    """A visit: the form while it is open, what was written down afterwards."""
    page = _page_for(request)
    file = open_visit_file(page, visit_id=visit_id)
    if request.method == "POST" or (file.visit and not file.visit.outcome):
        return _record(request, page, file)
    with transaction.atomic():
        note = file.field_note()
        access.record(
            page.user,
            "visit.seen",
            student_id=file.student.pk,
            object_kind="visit",
            object_id=str(visit_id),
            detail={"field_note": note is not None, "address": bool(file.homes)},
            at=page.now,
        )
    return render(request, "visits/visit.html", {"file": file, "note": note, "queue_of": page.user.pk})


def _record(request: HttpRequest, page: Page, file: VisitFile) -> HttpResponse:
    people = [choice for choice in people_for(file.student, page.on) if choice[0] != str(page.user.pk)]
    form = RecordForm(request.POST or None, people=people, initial=file.record_values())
    if request.method == "POST" and form.is_valid():
        response = _save(request, page, file, form)
        if response is not None:
            return response
    if form.errors and request.headers.get(_QUEUED):
        said = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"errors": said}, status=_REFUSED)
    with transaction.atomic():
        detail = {"address": bool(file.homes)}
        access.record(page.user, "visit_form.seen", student_id=file.student.pk, at=page.now, detail=detail)
    context = {"file": file, "form": form, "causes": file.causes(form), "queue_of": page.user.pk}
    context["coming"] = file.coming(form)
    return render(request, "visits/record.html", context, status=_REFUSED if form.errors else 200)


def _save(request: HttpRequest, page: Page, file: VisitFile, form: RecordForm) -> HttpResponse | None:
    sent: dict[str, Any] = form.cleaned_data
    if sent["by"] not in ("", str(page.user.pk)):
        form.add_error(None, _("This form was opened by somebody else. Sign in as that person to send it."))
        return JsonResponse({}, status=_ANOTHERS) if request.headers.get(_QUEUED) else None
    try:
        facts = VisitForm(
            **{name: sent[name] for name in ("on", "outcome", "was_scheduled", "reason", "reason_words", "mode")},
            **{name: sent[name] for name in ("met", "language", "promised", "promised_on", "field_note")},
            co_visitor=chosen_person(sent["co_visitor"]),
            causes=tuple(sent["causes"]),
        )
        saved = home_visits.record_visit(
            page.user,
            file.student.pk,
            facts,
            sent["form_key"],
            page.now,
            visit_id=file.visit.pk if file.visit else None,
            year_starts=page.district.year_starts,
        )
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        form.add_error(None, str(error))
        return None
    said = {"name": file.student.given_name, "outcome": saved.get_outcome_display()}
    undo_url = reverse("web:visit_undo", args=[saved.pk])
    messages.success(request, _("Visit to %(name)s saved: %(outcome)s.") % said, extra_tags=f"undo:{undo_url}")
    address = reverse("web:visit", args=[saved.pk])
    return JsonResponse({"url": address}) if request.headers.get(_QUEUED) else redirect(address)


@require_POST
def undo(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Take back what was just written down."""
    return _act(request, home_visits.undo_visit, visit_id, _("Taken back. Nothing of it counts."))


@require_POST
def withdraw(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The visit will not be made."""
    return _act(request, home_visits.withdraw_visit, visit_id, _("The visit is taken off the board."))


@require_POST
def keep(request: HttpRequest, visit_id: int) -> HttpResponse:
    """What was promised was done."""
    return _act(request, home_visits.keep_promise, visit_id, _("The promise is kept."))


@require_POST
def check_out(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The visitors are out of the house."""
    return _act(request, home_visits.check_out, visit_id, _("You are checked out. Now write down the visit."))


def _act(request: HttpRequest, verb: Any, visit_id: int, said: str) -> HttpResponse:
    page = _page_for(request)
    try:
        verb(page.user, visit_id, page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except CaseworkError as error:
        messages.error(request, str(error))
        return redirect("web:visits")
    messages.success(request, said)
    return redirect("web:visits")


@require_safe
def day_sheet(request: HttpRequest) -> HttpResponse:
    """Today's visits of this person to print, each with a card to leave in the family's language."""
    page = _page_for(request)
    context = {"sheets": sheets_of(page), "on": page.on, "foot": foot_words()}
    return render(request, "visits/day_sheet.html", context)


@require_safe
def leap(request: HttpRequest, month: str, form: str) -> HttpResponse:
    """The month's report for LEAP, of the schools whose reports the reader may open."""
    page = page_of(request)
    first = _first_of(month)
    if not page.may("see_report") or first is None or form not in _TYPES or page.facts is None:
        raise Http404
    try:
        content = leap_file(page, first, form)
    except (MeasureError, ReportError) as error:
        messages.error(request, str(error))
        return redirect("web:home")
    with transaction.atomic():
        access.record(page.user, "leap.read", at=page.now, object_kind="report", object_id=f"leap {month}.{form}")
    response = HttpResponse(content, content_type=_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="leap-{month}.{form}"'
    return response


def _first_of(month: str) -> date | None:
    """The first day of a month written as 2026-11, or nothing for anything else."""
    try:
        return datetime.strptime(month, "%Y-%m").date() if len(month) == len("2026-11") else None  # noqa: DTZ007
    except ValueError:
        return None
