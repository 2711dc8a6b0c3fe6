"""My calls, and the call sheet on which a call is made and logged."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allpresent import access, casework
from allpresent.access.grants import Sight, sight
from allpresent.access.models import AccessError
from allpresent.access.roles import ACTIONS
from allpresent.casework.contacts import ContactForm as ContactFacts
from allpresent.casework.contacts import Logged
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.models import ContactAttempt
from allpresent.casework.queries import open_work
from allpresent.casework.queries.readings import Readings
from allpresent.roster.models import Student
from allpresent.web.calling import Queue, chosen_number, make_sheet, values_of
from allpresent.web.forms.contact import ContactForm
from allpresent.web.page import Page, page_for
from allpresent.web.presenters.calls import MyCalls, calls_lead
from allpresent.web.presenters.family import family_lines
from allpresent.web.presenters.grounds import grounds_of
from allpresent.web.presenters.lines import make_lines
from allpresent.web.presenters.routes import route_words
from allpresent.web.presenters.strips import day_words

_SAVED = "saved_call"  # session key: whose draft the next page clears on the device
_TAKEN_BACK = "taken_back_call"  # session key: the entry whose sheet opens again with what it held
_ERRORS_422 = 422
_LISTED = 30


@require_safe
def my_calls(request: HttpRequest) -> HttpResponse:
    """The families this person is to call, the most urgent first; brothers and sisters are one call."""
    page = page_for(request, "see_my_calls")
    calls = {call.student_id: call for call in open_work.open_calls(page.user, page.on)}
    families = Queue.of(calls.values(), "").families
    listed = [pk for family in families[:_LISTED] for pk in family]
    students = access.audited_read(
        page.user, "calls.listed", Student.objects.filter(pk__in=listed).select_related("school"), at=page.now
    )
    readings = Readings.of(page.user, students, page.on)
    contacts, routes = readings.last_contacts(), readings.routes()
    made = make_lines(page, students, contacts, calls, _sheet_url, readings.sights)
    lines = {pk: line.with_route(route_words(routes[pk])) for pk, line in made.items()}
    late = sum(any(_is_late(calls[pk], page) for pk in family) for family in families)
    shown = MyCalls(
        lead=calls_lead(len(families), late, grounds_of(page) if page.version else None, students=len(calls)),
        families=family_lines(families[:_LISTED], lines),
        under_lead=_("The %(count)d that are due first are listed; the others follow them.") % {"count": _LISTED}
        if len(families) > _LISTED
        else "",
        start_url=reverse("web:call_sheet", args=[listed[0]]) if listed else "",
        empty_title=_("Nobody waits for your call today."),
        empty_text=_("A family comes onto this list when a student of yours crosses a level, each morning anew."),
        saved_key=request.session.pop(_SAVED, ""),
    )
    return render(request, "calls/my_calls.html", {"list": shown})


def _sheet_url(student_id: str) -> str:
    return reverse("web:call_sheet", args=[student_id])


def _is_late(call: open_work.OpenCall, page: Page) -> bool:
    return call.due_on is not None and call.due_on < page.on


@require_http_methods(["GET", "HEAD", "POST"])
def call_sheet(request: HttpRequest, student_id: str) -> HttpResponse:
    """One family's sheet: whom to call, what to say, and what came of it."""
    page = page_for(request, "log_contact")
    seen = sight(page.user, student_id, page.on)
    if seen is None or not seen.relations & ACTIONS["log_contact"]:
        raise Http404
    student = get_object_or_404(Student.objects.select_related("school"), pk=student_id)
    values = _taken_back(request, page, student) if request.method != "POST" else {}
    form = ContactForm(request.POST or None, initial=values)
    if request.method == "POST" and form.is_valid():
        response = _save(request, page, student, form)
        if response is not None:
            return response
    return _show(request, page, student, seen, form)


def _taken_back(request: HttpRequest, page: Page, student: Student) -> dict[str, Any]:
    """What the entry held that this person took back a moment ago, said once."""
    attempt_id = request.session.pop(_TAKEN_BACK, None)
    if attempt_id is None:
        return {}
    own = ContactAttempt.objects.filter(pk=attempt_id, by=page.user, student=student).exclude(undone_at=None)
    attempt = own.first()
    return values_of(attempt) if attempt else {}


def _show(request: HttpRequest, page: Page, student: Student, seen: Sight, form: ContactForm) -> HttpResponse:
    queue = Queue.of(open_work.open_calls(page.user, page.on), student.pk)
    with transaction.atomic():
        access.record(page.user, "call_sheet.seen", student_id=student.pk, at=page.now)
        sheet = make_sheet(page, student, seen, queue, _sent(form) or form.initial)
    context = {"sheet": sheet, "form": form, "saved_key": request.session.pop(_SAVED, "")}
    return render(request, "calls/call_sheet.html", context, status=_ERRORS_422 if form.errors else 200)


def _sent(form: ContactForm) -> dict[str, Any]:
    """What the form was sent with, good or bad, so that nothing has to be typed again."""
    if not form.is_bound:
        return {}
    values: dict[str, Any] = {name: form.data.get(name, "") for name in form.fields}
    sent = form.data if isinstance(form.data, QueryDict) else QueryDict()
    return values | {name: sent.getlist(name) for name in ("causes", "also")}


def _save(request: HttpRequest, page: Page, student: Student, form: ContactForm) -> HttpResponse | None:
    """Write the attempt down and go on to the next family; nothing if the room refused it with a sentence."""
    queue = Queue.of(open_work.open_calls(page.user, page.on), student.pk)
    sent = form.cleaned_data
    try:
        facts = _facts(student.pk, sent)
        logged = casework.log_contact(
            page.user, student.pk, facts, sent["form_key"], page.now, sent["also"], is_same_reason=sent["same_reason"]
        )
    except NotVisibleError as error:
        raise Http404 from error
    except (casework.CaseworkError, AccessError) as error:
        form.add_error(None, str(error))
        return None
    names = ", ".join([student.given_name, *(row.student.given_name for row in logged.also)])
    said = {"name": names, "result": logged.attempt.get_result_display()}
    _say(request, logged, " ".join([_("Saved for %(name)s: %(result)s.") % said, *_set_going(logged)]))
    request.session[_SAVED] = f"{page.user.pk}:{student.pk}"
    return redirect(reverse("web:call_sheet", args=[queue.next_id]) if queue.next_id else reverse("web:calls"))


def _set_going(logged: Logged) -> list[str]:
    """What the call set going by itself, for one that reached nobody once more."""
    told = []
    if logged.is_passed_on:
        told.append(_("Three calls in a row reached nobody: the call is with the school's attendance team now."))
    if logged.is_visit_proposed:
        told.append(_("Four calls in a row reached nobody: a visit is proposed."))
    return told


def _say(request: HttpRequest, logged: Logged, words: str) -> None:
    """What was saved, with the way to take all of it back."""
    undo_url = reverse("web:undo_contact", args=[logged.attempt.pk])
    messages.success(request, words, extra_tags=f"undo:{undo_url}")


def _facts(student_id: str, sent: dict[str, Any]) -> ContactFacts:
    """What the form said, as the records take it; CaseworkError says what to change."""
    number = chosen_number(student_id, sent["contact"])
    return ContactFacts(
        mode="phone",
        result=sent["result"],
        contact_id=number.contact_id if number else "",
        contact_name=number.full_name if number else "",
        phone=number.phone if number else "",
        language=sent["language"],
        need=sent["need"],
        next_act=sent["next_act"],
        next_on=sent["next_on"],
        note=sent["note"],
        causes=tuple(sent["causes"]),
    )


@require_POST
def share(request: HttpRequest, student_id: str, attempt_id: int) -> HttpResponse:
    """Let a contact made about a brother or sister answer for this student too."""
    page = page_for(request, "log_contact")
    try:
        key = request.POST.get("form_key", "")
        logged = casework.share_contact(page.user, attempt_id, student_id, key, page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except (casework.CaseworkError, AccessError) as error:
        messages.error(request, str(error))
        return redirect("web:calls")
    said = {"name": logged.attempt.student.given_name, "day": day_words(logged.attempt.on)}
    _say(request, logged, _("The contact of %(day)s now answers for %(name)s too.") % said)
    return redirect("web:calls")


@require_POST
def undo(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Take back what was just saved, and open the sheet again with what it held."""
    page = page_for(request, "log_contact")
    try:
        attempt = casework.undo_contact(page.user, attempt_id, page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except casework.CaseworkError as error:
        messages.error(request, str(error))
        return redirect("web:calls")
    request.session[_TAKEN_BACK] = attempt.pk
    messages.success(request, _("Taken back. Nothing of it counts until you save the sheet below again."))
    return redirect("web:call_sheet", student_id=attempt.student_id)
