"""My caseload: whom the person carries, whose family was reached longest ago, and handing over."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allpresent import access, casework
from allpresent.access.models import AccessError, User
from allpresent.casework import caseload as acts
from allpresent.casework.errors import NotVisibleError
from allpresent.web.caseload_page import gather
from allpresent.web.page import Page, page_of


def _page(request: HttpRequest) -> Page:
    page = page_of(request)
    if not page.may(acts.ACTION):
        raise Http404
    return page


@require_safe
def caseload(request: HttpRequest) -> HttpResponse:
    """The person's students, never reached first, and what waits to be accepted."""
    page = _page(request)
    with transaction.atomic():
        access.record(page.user, "caseload.seen", at=page.now, object_kind="caseload")
        shown = gather(page)
    return render(request, "caseload/caseload.html", {"load": shown})


def _act(request: HttpRequest, act: Callable[[Page, str], object], said: str) -> HttpResponse:
    """Do one thing and go back to the caseload; what may not be seen is absent."""
    page = _page(request)
    try:
        act(page, request.POST.get("form_key", ""))
    except NotVisibleError as error:
        raise Http404 from error
    except (casework.CaseworkError, AccessError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("web:caseload")


@require_POST
def offer(request: HttpRequest, student_id: str) -> HttpResponse:
    """Offer a student to a colleague."""
    person, reason = request.POST.get("person", ""), request.POST.get("reason", "")
    to = User.objects.filter(pk=int(person), is_active=True).first() if person.isdecimal() else None

    def act(page: Page, key: str) -> object:
        if to is None:
            raise casework.CaseworkError(_("Choose somebody else who works with a caseload."))
        return acts.offer_student(page.user, student_id, to, reason, key, page.now)

    return _act(request, act, _("Offered. The student stays with you until the offer is accepted."))


@require_POST
def accept(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """Take a student on."""
    return _act(
        request,
        lambda page, key: acts.accept_student(page.user, hand_over_id, key, page.now),
        _("Accepted. The student is on your caseload from today."),
    )


@require_POST
def decline(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """Say no with a reason."""
    answer = request.POST.get("answer", "")
    return _act(
        request,
        lambda page, key: acts.decline_student(page.user, hand_over_id, answer, key, page.now),
        _("Declined. The student stays where they were, and your reason is told."),
    )


@require_POST
def withdraw(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """Take an offer back."""
    return _act(
        request,
        lambda page, key: acts.withdraw_offer(page.user, hand_over_id, key, page.now),
        _("Taken back. The student stays with you."),
    )


@require_POST
def limit(request: HttpRequest) -> HttpResponse:
    """Say how many students one can carry."""
    most = request.POST.get("most", "")
    number = int(most) if most.isdecimal() and len(most) < 6 else 0
    return _act(request, lambda page, _key: acts.set_limit(page.user, number, page.now), _("Kept."))
