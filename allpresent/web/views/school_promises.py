"""What a school itself promised: its principal or the district's team records, corrects, ends and takes back."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from allpresent import access
from allpresent.access.models import AccessError
from allpresent.casework import CaseworkError
from allpresent.casework import school_promises as acts
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import SchoolPromise
from allpresent.casework.queries.school_promises import PromiseKept, promise_records
from allpresent.casework.school_staff import staff_of
from allpresent.roster.models import School
from allpresent.web.forms.school_promise import RecordForm
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import school_promises as told

_REFUSED = 422


def _page(request: HttpRequest, school_id: str) -> tuple[Page, School]:
    """The page of a person who records for that school; Http404 for any other."""
    page = page_of(request)
    school = School.objects.filter(pk=school_id).first()
    if school is None or not access.can(page.user, acts.ACTION, page.on, school_id):
        raise Http404
    return page, school


@require_http_methods(["GET", "HEAD", "POST"])
def promise(request: HttpRequest, school_id: str, step_key: str) -> HttpResponse:
    """One promise of one school: the form to record or correct it, how it ends, and its records so far."""
    page, school = _page(request, school_id)
    try:
        step = acts.find_promise(page.protocol, step_key)
    except NotVisibleError as error:
        raise Http404 from error
    records = promise_records(school_id, step_key)
    held = next((one for one in records if one.state == "recorded"), None)
    form = RecordForm(request.POST or None, needed=step.people, staff=staff_of(school_id, page.on), held=held)
    if request.method == "POST" and form.is_valid() and _save(request, page, (school_id, step_key), held, form):
        return redirect(_place(school_id))
    with transaction.atomic():
        about = f"{school_id} {step_key}"
        access.record(page.user, "promise.seen", at=page.now, object_kind="school_promise", object_id=about)
    context = {
        "school": school,
        "label": told.label_of(step),
        "says": step.says,
        "source": step.source,
        "needed": told.needed_words(step.people) if step.people else "",
        "card": told.make_card(told.label_of(step), held, step.people, ""),
        "held": held,
        "form": form,
        "records": told.record_lines(records),
        "today": page.on.isoformat(),
        "back": _place(school_id),
    }
    return render(request, "accountability/promise.html", context, status=_REFUSED if form.errors else 200)


def _save(
    request: HttpRequest, page: Page, which: tuple[str, str], held: PromiseKept | None, form: RecordForm
) -> SchoolPromise | None:
    """Record or correct; None with the refusal at the top of the form."""
    (school_id, step_key), sent = which, form.cleaned_data
    needed = acts.find_promise(page.protocol, step_key).people
    user, key, now, version = page.user, sent["form_key"], page.now, sent["version"]
    try:
        if version is None:
            made = acts.record_promise(user, school_id, page.protocol, step_key, form.wish(), key, now)
            _say(request, _("Recorded."), made.pk)
        elif held is None:
            raise AlreadyChangedError(_("This was ended or taken back meanwhile."))
        else:
            made = acts.correct_promise(user, held.record_id, needed, form.wish(), version, key, now)
            messages.success(request, _("Saved. What stood before stays in the audit."))
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        form.add_error(None, str(error))
        return None
    return made


def _place(school_id: str) -> str:
    return f"{reverse('web:accountability')}?{urlencode({'school': school_id})}#promised"


def _say(request: HttpRequest, words: str, record_id: int) -> None:
    messages.success(request, words, extra_tags=f"undo:{reverse('web:promise_undo', args=[record_id])}")


def _act(
    request: HttpRequest, record_id: int, act: Callable[[Page], SchoolPromise], said: str, *, can_undo: bool
) -> HttpResponse:
    """Do one thing to a record and go back to its school, with the refusal said at the top."""
    page = page_of(request)
    school_id = SchoolPromise.objects.filter(pk=record_id).values_list("school_id", flat=True).first()
    if not page.may(acts.ACTION) or school_id is None:
        raise Http404
    try:
        act(page)
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        messages.error(request, str(error))
    else:
        _say(request, said, record_id) if can_undo else messages.success(request, said)
    return redirect(_place(school_id))


@require_POST
def end(request: HttpRequest, record_id: int) -> HttpResponse:
    """It no longer holds: the last day, and why."""
    why, key, last = (request.POST.get(name, "") for name in ("why", "form_key", "on"))

    def act(page: Page) -> SchoolPromise:
        return acts.end_promise(page.user, record_id, _day(last), why, key, page.now)

    return _act(request, record_id, act, _("Ended. Its record stays."), can_undo=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CaseworkError(_("Write the day as year-month-day, like 2026-11-05.")) from None


@require_POST
def withdraw(request: HttpRequest, record_id: int) -> HttpResponse:
    """It was a mistake."""
    why, key = request.POST.get("why", ""), request.POST.get("form_key", "")

    def act(page: Page) -> SchoolPromise:
        return acts.withdraw_promise(page.user, record_id, why, key, page.now)

    return _act(request, record_id, act, _("Withdrawn as a mistake. Its record stays."), can_undo=True)


@require_POST
def undo(request: HttpRequest, record_id: int) -> HttpResponse:
    """Take back what was just written."""
    key = request.POST.get("form_key", "")

    def act(page: Page) -> SchoolPromise:
        return acts.undo_promise(page.user, record_id, key, page.now)

    return _act(request, record_id, act, _("Taken back. Nothing of it counts."), can_undo=False)
