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
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.queries import open_work
from allpresent.roster.models import Student
from allpresent.web.calling import Queue, chosen_number, make_sheet
from allpresent.web.forms.contact import ContactForm
from allpresent.web.page import Page, page_of
from allpresent.web.presenters.calls import MyCalls, calls_lead
from allpresent.web.presenters.grounds import grounds_of
from allpresent.web.presenters.lines import make_lines

_SAVED = "saved_call"  # session key: whose draft the next page clears on the device
_ERRORS_422 = 422
_LISTED = 30


def _page_for(request: HttpRequest, action: str) -> Page:
    """The page state of somebody who may do this; for anybody else there is no such page."""
    page = page_of(request)
    if not page.may(action):
        raise Http404
    return page


@require_safe
def my_calls(request: HttpRequest) -> HttpResponse:
    """The families this person is to call, the most urgent first."""
    page = _page_for(request, "see_my_calls")
    steps = open_work.open_calls(page.user, page.on)
    ids = [step.student_id for step in steps[:_LISTED]]
    only_by = None if open_work.reads_whole_log(page.roles) else page.user
    contacts = open_work.last_contacts(ids, only_by)
    students = access.audited_read(
        page.user, "calls.listed", Student.objects.filter(pk__in=ids).select_related("school"), at=page.now
    )
    due = {step.student_id: step for step in steps}
    lines = make_lines(page, students, contacts, due, lambda pk: reverse("web:call_sheet", args=[pk]))
    late = sum(step.due_on is not None and step.due_on < page.on for step in steps)
    shown = MyCalls(
        lead=calls_lead(len(steps), late, grounds_of(page) if page.version else None),
        lines=tuple(lines[pk] for pk in ids if pk in lines),
        under_lead=_("The %(count)d that are due first are listed; the others follow them.") % {"count": _LISTED}
        if len(steps) > _LISTED
        else "",
        start_url=reverse("web:call_sheet", args=[ids[0]]) if ids else "",
        empty_title=_("Nobody waits for your call today."),
        empty_text=_("A family comes onto this list when a student of yours crosses a level, each morning anew."),
        saved_key=request.session.pop(_SAVED, ""),
    )
    return render(request, "calls/my_calls.html", {"list": shown})


@require_http_methods(["GET", "HEAD", "POST"])
def call_sheet(request: HttpRequest, student_id: str) -> HttpResponse:
    """One family's sheet: whom to call, what to say, and what came of it."""
    page = _page_for(request, "log_contact")
    seen = sight(page.user, student_id, page.on)
    if seen is None or not seen.relations & ACTIONS["log_contact"]:
        raise Http404
    student = get_object_or_404(Student.objects.select_related("school"), pk=student_id)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = _save(request, page, student, form)
        if response is not None:
            return response
    return _show(request, page, student, seen, form)


def _show(request: HttpRequest, page: Page, student: Student, seen: Sight, form: ContactForm) -> HttpResponse:
    queue = Queue(tuple(step.student_id for step in open_work.open_calls(page.user, page.on)), student.pk)
    with transaction.atomic():
        access.record(page.user, "call_sheet.seen", student_id=student.pk, at=page.now)
        sheet = make_sheet(page, student, seen, queue, _sent(form))
    context = {"sheet": sheet, "form": form, "saved_key": request.session.pop(_SAVED, "")}
    return render(request, "calls/call_sheet.html", context, status=_ERRORS_422 if form.errors else 200)


def _sent(form: ContactForm) -> dict[str, Any]:
    """What the form was sent with, good or bad, so that nothing has to be typed again."""
    if not form.is_bound:
        return {}
    values: dict[str, Any] = {name: form.data.get(name, "") for name in form.fields}
    sent = form.data
    return values | {"causes": sent.getlist("causes") if isinstance(sent, QueryDict) else []}


def _save(request: HttpRequest, page: Page, student: Student, form: ContactForm) -> HttpResponse | None:
    """Write the attempt down and go on to the next family; nothing if the room refused it with a sentence."""
    before = [step.student_id for step in open_work.open_calls(page.user, page.on)]
    try:
        facts = _facts(student.pk, form.cleaned_data)
        logged = casework.log_contact(page.user, student.pk, facts, form.cleaned_data["form_key"], page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except (casework.CaseworkError, AccessError) as error:
        form.add_error(None, str(error))
        return None
    words = {"name": student.given_name, "result": logged.attempt.get_result_display()}
    undo = reverse("web:undo_contact", args=[logged.attempt.pk])
    messages.success(request, _("Saved for %(name)s: %(result)s.") % words, extra_tags=f"undo:{undo}")
    request.session[_SAVED] = f"{page.user.pk}:{student.pk}"
    follower = Queue(tuple(before), student.pk).next_id
    return redirect(reverse("web:call_sheet", args=[follower]) if follower else reverse("web:calls"))


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
def undo(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Take back what was just saved, and open the sheet again."""
    page = _page_for(request, "log_contact")
    try:
        attempt = casework.undo_contact(page.user, attempt_id, page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except casework.CaseworkError as error:
        messages.error(request, str(error))
        return redirect("web:calls")
    messages.success(request, _("Taken back. Nothing of it counts."))
    return redirect("web:call_sheet", student_id=attempt.student_id)
