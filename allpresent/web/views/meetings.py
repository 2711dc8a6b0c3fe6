"""Meetings of an attendance team: before, during and after, and the year's proof that they were held."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allpresent import access, casework
from allpresent.access.models import AccessError
from allpresent.casework import meetings as acts
from allpresent.casework.decision_form import DecisionForm
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.models.meetings import DecisionKind, MeetingState
from allpresent.casework.referrals import Answer, answer_referral
from allpresent.policy.services import load_services
from allpresent.reports import ReportError
from allpresent.web.meeting_room import Child, Room, find_item, minutes_of, room_of
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import meetings as told
from allpresent.web.presenters.referrals import service_choices

HIDDEN = "names_hidden"  # session key: a projector shows initials
_REFUSED = 422


def _page(request: HttpRequest) -> Page:
    page = page_of(request)
    if not page.may(acts.ACTION):
        raise Http404
    return page


def _hides(request: HttpRequest) -> bool:
    return bool(request.session.get(HIDDEN))


def _try(request: HttpRequest, act: Callable[[], object], said: str = "", undo: str = "") -> bool:
    """Do it and say so; refused, say why. What may not be seen is absent."""
    try:
        act()
    except NotVisibleError as error:
        raise Http404 from error
    except (casework.CaseworkError, AccessError) as error:
        messages.error(request, str(error))
        return False
    if said:
        messages.success(request, said, extra_tags=f"undo:{undo}" if undo else "")
    return True


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """The next meeting's list, the meetings held, and what was agreed and waits. ``?team=`` chooses the team."""
    page = _page(request)
    room = Room(page, request.GET.get("team", ""))
    if page.facts is None:
        return render(request, "school/none.html")
    agenda = room.agenda
    with transaction.atomic():
        access.record(page.user, "meetings.seen", at=page.now, object_kind="meetings", object_id=room.key)
        due = room.due
    context = {
        "room": room,
        "is_hidden": _hides(request),
        "rows": room.preview(agenda, is_hidden=_hides(request)),
        "words": told.agenda_words(agenda),
        "past": [told.meeting_row(row) for row in room.held],
        "due": told.due_lines(due, page.on),
        "today": page.on.isoformat(),
    }
    return render(request, "meetings/meetings.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin the meeting of a team with the list as it stands now."""
    page = _page(request)
    room = Room(page, request.POST.get("team", ""))
    if page.facts is None:
        raise Http404
    made: list[Any] = []
    key = request.POST.get("form_key", "")
    if not _try(request, lambda: made.append(room.start(key))):
        return redirect(f"{reverse('web:meetings')}?team={room.key}")
    return redirect("web:meeting", made[0].pk)


@require_safe
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The agenda of an open meeting; an ended one leads to its recap."""
    page = _page(request)
    room, found = room_of(page, meeting_id)
    if found.state != MeetingState.OPEN:
        return redirect("web:meeting_recap", found.pk)
    with transaction.atomic():
        access.record(page.user, "meeting.seen", at=page.now, object_kind="meeting", object_id=str(found.pk))
        rows = room.rows(found, is_hidden=_hides(request))
    spoken = sum(row.is_discussed for row in rows)
    lead = ngettext(
        "%(spoken)d of %(count)d student spoken of.", "%(spoken)d of %(count)d students spoken of.", len(rows)
    ) % {"spoken": spoken, "count": len(rows)}
    context = {
        "room": room,
        "meeting": found,
        "rows": rows,
        "lead": lead,
        "elapsed": told.seconds_since(found.started_at, page.now),
        "is_hidden": _hides(request),
        "people": room.members(),
        "parts": told.part_choices(),
        "started": told.clock_words(found.started_at),
    }
    return render(request, "meetings/meeting.html", context)


@require_POST
def order(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Put the agenda in the order of the ids sent, as dragging leaves it."""
    page = _page(request)
    ids = [int(one) for one in request.POST.get("order", "").split(",") if one.isdecimal()]
    _try(request, lambda: acts.order_agenda(page.user, meeting_id, ids, page.now))
    return redirect("web:meeting", meeting_id)


@require_POST
def move(request: HttpRequest, item_id: int) -> HttpResponse:
    """Move one student up or down the agenda."""
    page = _page(request)
    item = find_item(page, item_id)
    steps = 1 if request.POST.get("to") == "down" else -1
    _try(request, lambda: acts.move_item(page.user, item_id, steps, page.now))
    return redirect(f"{reverse('web:meeting', args=[item.meeting_id])}#item-{item_id}")


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One child at a time: where they stand, what happened last, and what is decided."""
    page = _page(request)
    child = Child(page, find_item(page, item_id), is_hidden=_hides(request))
    refused = ""
    if request.method == "POST":
        try:
            made = acts.decide(page.user, item_id, _form(page, request), request.POST.get("form_key", ""), page.now)
        except NotVisibleError as error:
            raise Http404 from error
        except (casework.CaseworkError, AccessError) as error:
            refused = str(error)
        else:
            undo = reverse("web:decision_undo", args=[made.pk])
            said = _("Decided for %(name)s: %(what)s.") % {"name": child.name, "what": made.get_kind_display()}
            messages.success(request, said, extra_tags=f"undo:{undo}")
            return redirect("web:meeting_item", item_id)
    with transaction.atomic():
        access.record(page.user, "meeting.student_seen", student_id=child.student.pk, at=page.now)
        context = child.context() | {"refused": refused, "sent": request.POST, "today": page.on.isoformat()}
    context["services"] = service_choices(load_services(page.protocol.key))
    context["kinds"] = [(str(key), str(label)) for key, label in DecisionKind.choices]
    return render(request, "meetings/item.html", context, status=_REFUSED if refused else 200)


def _form(page: Page, request: HttpRequest) -> DecisionForm:
    sent = request.POST
    owner = sent.get("owner", "")
    return DecisionForm(
        sent.get("kind", ""),
        int(owner) if owner.isdecimal() else None,
        _day(sent.get("due_on")),
        sent.get("words", ""),
        next((one for one in load_services(page.protocol.key) if one.key == sent.get("service")), None),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


@require_POST
def end(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """End the meeting with the people who were there."""
    page = _page(request)
    room, found = room_of(page, meeting_id)
    sent = request.POST
    members = [(name, sent.get(f"part-{n}", "other")) for n, name in room.members() if sent.get(f"here-{n}")]
    members += list(zip(sent.getlist("name"), sent.getlist("part"), strict=False))
    key = sent.get("form_key", "")
    if not _try(request, lambda: acts.end_meeting(page.user, found.pk, members, key, page.now)):
        return redirect("web:meeting", meeting_id)
    return redirect("web:meeting_recap", meeting_id)


@require_safe
def recap(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """What was decided, by whom it is done and by when: to read out, and to print."""
    page = _page(request)
    room, found = room_of(page, meeting_id)
    with transaction.atomic():
        access.record(page.user, "meeting.recap_seen", at=page.now, object_kind="meeting", object_id=str(found.pk))
        rows = room.rows(found, is_hidden=_hides(request))
    context = {
        "room": room,
        "meeting": found,
        "rows": [row for row in rows if row.is_discussed],
        "others": [row for row in rows if not row.is_discussed],
        "members": [(one.name, one.get_part_display()) for one in found.members.order_by("pk")],
        "is_hidden": _hides(request),
        "started": told.clock_words(found.started_at),
        "ended": told.clock_words(found.ended_at),
        "today": page.on.isoformat(),
    }
    return render(request, "meetings/recap.html", context)


@require_safe
def minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The minutes as an accessible PDF; with names hidden they carry initials."""
    page = _page(request)
    room, found = room_of(page, meeting_id)
    if found.state != MeetingState.ENDED:
        raise Http404
    with transaction.atomic():
        detail = {"names": not _hides(request)}
        access.record(
            page.user, "meeting.minutes", at=page.now, object_kind="meeting", object_id=str(found.pk), detail=detail
        )
        rows = room.rows(found, is_hidden=_hides(request))
    try:
        content = minutes_of(room, found, rows)
    except ReportError as error:
        messages.error(request, str(error))
        return redirect("web:meeting_recap", meeting_id)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="minutes-{found.on.isoformat()}-{found.pk}.pdf"'
    return response


@require_POST
def names(request: HttpRequest) -> HttpResponse:
    """Show initials instead of names, or names again; the projector is this session's."""
    _page(request)
    request.session[HIDDEN] = not _hides(request)
    sent = request.POST.get("item", ""), request.POST.get("meeting", "")
    if sent[0].isdecimal():
        return redirect("web:meeting_item", int(sent[0]))
    return redirect("web:meeting", int(sent[1])) if sent[1].isdecimal() else redirect("web:meetings")


@require_POST
def decision_undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Take back a decision just written."""
    page = _page(request)
    found: list[Any] = []
    act = lambda: found.append(acts.take_back_decision(page.user, decision_id, page.now))  # noqa: E731
    if _try(request, act, _("Taken back. Nothing of it counts.")):
        return redirect("web:meeting_item", found[0].item_id)
    return redirect("web:meetings")


@require_POST
def decision_done(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Say that what was decided is done, from any page that lists it."""
    page = page_of(request)
    sent = request.POST
    on = _day(sent.get("on"))
    if on is None:
        messages.error(request, _("Give the day it was done."))
        return redirect("web:decisions")
    key, outcome = sent.get("form_key", ""), sent.get("outcome", "")
    if "answer" in sent:
        act = lambda: answer_referral(  # noqa: E731
            page.user, decision_id, Answer(sent["answer"], sent.get("who", ""), on, outcome), key, page.now
        )
        _try(request, act, _("The answer is written down."))
    else:
        done = lambda: acts.finish_decision(page.user, decision_id, on, outcome, key, page.now)  # noqa: E731
        _try(request, done, _("Done: the decision is closed."))
    return redirect("web:decisions")
