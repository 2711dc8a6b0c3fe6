"""What was agreed in meetings and waits for a person, and the page of one referral with what is said of it since."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allpresent import access
from allpresent.access.audit import record_each
from allpresent.access.models import AccessError
from allpresent.casework import CaseworkError
from allpresent.casework import referral_updates as acts
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.models import Referral, ReferralUpdate
from allpresent.casework.queries.meetings import decisions_due
from allpresent.casework.queries.referrals import awaited, updates_of
from allpresent.casework.slips import is_slip
from allpresent.web.forms.referral_update import UpdateForm
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import meetings as told
from allpresent.web.presenters import referrals as partners

_REFUSED = 422


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """What was agreed in meetings and waits for this person, and the partners whose updates the person asks for."""
    page = page_of(request)
    if not page.may("close_step"):
        raise Http404
    with transaction.atomic():
        rows = decisions_due(page.user, page.on)
        under_way = awaited(page.user, page.on) if page.may(acts.ACTION) else []
        ids = sorted({row.student_id for row in rows} | {row.student_id for row in under_way})
        access.record(page.user, "decisions.seen", at=page.now, detail={"students": len(ids)})
        record_each(page.user, "decisions.listed", {pk: {} for pk in ids}, at=page.now)
    lines = partners.awaited_lines(under_way, page.on)
    context = {
        "due": told.due_lines(rows, page.on),
        "under_way": lines,
        "late": sum(bool(line.late) for line in lines),
        "today": page.on.isoformat(),
    }
    return render(request, "meetings/decisions.html", context)


def _referral(page: Page, referral_id: int) -> Referral:
    """The referral with its student; Http404 for who does not follow it up, and where there is none."""
    try:
        found = acts.find_referral(page.user, referral_id, page.on)
    except NotVisibleError as error:
        raise Http404 from error
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def referral(request: HttpRequest, referral_id: int) -> HttpResponse:
    """One referral: what was answered, what was said since, and the form for the next word."""
    page = page_of(request)
    found = _referral(page, referral_id)
    form = UpdateForm(request.POST or None, initial={"on": page.on})
    if request.method == "POST" and form.is_valid() and (made := _write(page, found, form)):
        undo = reverse("web:referral_update_undo", args=[made.pk])
        said = _("Written down. The referral has ended.") if made.is_end else _("Written down.")
        messages.success(request, said, extra_tags=f"undo:{undo}")
        return redirect("web:referral", referral_id)
    with transaction.atomic():
        access.record(
            page.user,
            "referral.seen",
            at=page.now,
            student_id=found.student_id,
            object_kind="referral",
            object_id=str(found.pk),
        )
        context = _context(page, found) | {"form": form}
    return render(request, "meetings/referral.html", context, status=_REFUSED if form.errors else 200)


def _context(page: Page, found: Referral) -> dict[str, Any]:
    updates = updates_of(found.pk)
    slips = [one.update_id for one in updates if is_slip(page.user, one.by_id, one.at, page.now)]
    return {
        "referral": found,
        "student": found.student,
        "asked": partners.asked_words(found),
        "card": partners.referral_card(found, updates, page.on, may_follow=False),
        "updates": partners.update_lines(updates, slips),
        "today": page.on.isoformat(),
        "since": found.answered_on.isoformat() if found.answered_on else "",
    }


def _write(page: Page, found: Referral, form: UpdateForm) -> ReferralUpdate | None:
    """Write it down; None with the refusal at the top of the form."""
    try:
        return acts.write_update(page.user, found.pk, form.wish(), form.cleaned_data["form_key"], page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        form.add_error(None, str(error))
        return None


@require_POST
def update_undo(request: HttpRequest, update_id: int) -> HttpResponse:
    """Take back an update just written."""
    page = page_of(request)
    referral_id = ReferralUpdate.objects.filter(pk=update_id).values_list("referral_id", flat=True).first()
    found = _referral(page, referral_id or 0)
    try:
        acts.take_back_update(page.user, update_id, page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except CaseworkError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back. Nothing of it counts."))
    return redirect("web:referral", found.pk)
