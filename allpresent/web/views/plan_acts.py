"""What is done with a success plan: agreed to, its change dropped, looked at again, ended."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allpresent.access.models import AccessError
from allpresent.casework import CaseworkError
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.models import PlanReview, SuccessPlan
from allpresent.casework.models.success_plans import Agreed
from allpresent.casework.plan_contents import Contents
from allpresent.casework.plan_papers import SCAN_MOST, signature_bytes
from allpresent.casework.success_plans import (
    Agreement,
    PlanChangedError,
    agree_plan,
    end_plan,
    review_plan,
    save_plan,
)
from allpresent.web import plan_page as pages
from allpresent.web.page import Page, page_of
from allpresent.web.views.plans import plan_seen, show_plan


def _act(request: HttpRequest, plan_id: int, form: str, act: Callable[[Page], object], saved: str) -> HttpResponse:
    """Do one thing with a plan and show it; refused, the page comes back with what was written."""
    page = page_of(request)
    found, student, seen = plan_seen(page, plan_id)
    try:
        act(page)
    except NotVisibleError as error:
        raise Http404 from error
    except PlanChangedError:
        messages.error(request, _("The plan was changed meanwhile. Read it together once more, then record the yes."))
        return redirect("web:plan", plan_id=plan_id)
    except (CaseworkError, AccessError) as error:
        names = ("with_whom", "witness", "how", "outcome", "why", "words")
        values = {name: request.POST.get(name, "") for name in names}
        return show_plan(request, page, found, student, seen, {"form": form, "sentence": str(error)} | values)
    messages.success(request, saved)
    return redirect("web:plan", plan_id=plan_id)


@require_POST
def agree(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Record that the family agreed."""
    sent = request.POST

    def work(page: Page) -> object:
        found = SuccessPlan.objects.select_related("student").filter(pk=plan_id).first()
        if found is None:
            raise Http404
        agreement = Agreement(sent.get("how", ""), sent.get("with_whom", ""), sent.get("witness", ""), _proof(request))
        # Reviews fall on days of the school the student goes to, wherever the plan was begun.
        days = pages.session_days(page, found.student.school_id or found.school_id)
        key = sent.get("form_key", "")
        return agree_plan(page.user, plan_id, agreement, _version(request), days, page.home, key, page.now)

    return _act(request, plan_id, "agree", work, _("Agreed. The reviews stand in the plan, and the step is closed."))


def _version(request: HttpRequest) -> int:
    """The version the person had before them; 0 for none."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdecimal() else 0


@require_POST
def drop_change(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Go back to what was agreed; the words of the change stay among the versions."""

    def work(page: Page) -> object:
        found = SuccessPlan.objects.filter(pk=plan_id, change__isnull=False).first()
        if found is None:
            raise CaseworkError(_("No change waits for the family's yes."))
        contents, key = Contents.of(found.contents), request.POST.get("form_key", "")
        return save_plan(page.user, plan_id, contents, _version(request), key, page.now)

    return _act(request, plan_id, "drop", work, _("The change is dropped. What was agreed goes on."))


def _proof(request: HttpRequest) -> bytes:
    """The signature drawn, or the scan; nothing by phone."""
    how = request.POST.get("how", "")
    if how == Agreed.SIGNATURE:
        return signature_bytes(request.POST.get("signature", ""))
    scan = request.FILES.get("scan")
    if how != Agreed.PAPER or scan is None:
        return b""
    if scan.size is None or scan.size > SCAN_MOST:
        raise CaseworkError(_("The scan has to be a PDF, PNG or JPEG file of at most 8 MB."))
    return bytes(scan.read())


@require_POST
def review(request: HttpRequest, review_id: int) -> HttpResponse:
    """Write down what a review came to."""
    plan_id = PlanReview.objects.filter(pk=review_id).values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise Http404
    words, key = request.POST.get("words", ""), request.POST.get("form_key", "")
    saved = _("The review is kept. The plan goes on.")
    return _act(request, plan_id, "review", lambda page: review_plan(page.user, review_id, words, key, page.now), saved)


@require_POST
def end(request: HttpRequest, plan_id: int) -> HttpResponse:
    """End the plan and say what came of it."""
    sent = request.POST
    outcome, why, key = sent.get("outcome", ""), sent.get("why", ""), sent.get("form_key", "")
    saved = _("The plan is ended. Another may begin.")
    return _act(request, plan_id, "end", lambda page: end_plan(page.user, plan_id, outcome, why, key, page.now), saved)
