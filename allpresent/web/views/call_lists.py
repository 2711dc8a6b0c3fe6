"""Handing the families with an open call to a calling system: looked at, taken once, and fetched as a file."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allpresent import access
from allpresent.access.models import AccessError
from allpresent.casework.call_lists import ACTION, hold_families, take_list
from allpresent.casework.errors import CaseworkError, NotVisibleError
from allpresent.casework.permissions import local_day
from allpresent.casework.queries.call_lists import Taken, people_in, taken_by, taken_since
from allpresent.policy.call_systems import CallSystem, load_call_systems
from allpresent.reports.call_file import write_call_list
from allpresent.roster.models import Student
from allpresent.web.call_lists import Asked, OutgoingList, midnight
from allpresent.web.page import Page, page_for
from allpresent.web.presenters import call_lists as words
from allpresent.web.presenters.today_choice import Choice


def _system(page: Page, key: str) -> CallSystem:
    """The calling system; there is no page of one nobody knows."""
    found = load_call_systems(page.home).systems.get(key)
    if found is None:
        raise Http404
    return found


@require_safe
def look(request: HttpRequest, key: str) -> HttpResponse:
    """How many the list holds, and who is left out and why; nothing leaves the house by looking."""
    page = page_for(request, ACTION)
    loaded = load_call_systems(page.home)
    if key in loaded.problems:
        return render(request, "today/call_system.html", {"name": key, "problem": loaded.problems[key]})
    system = _system(page, key)
    asked = Asked.read(request.GET, system)
    outgoing = OutgoingList(page, system, asked)
    made = outgoing.made
    with transaction.atomic():
        detail = {"system": key, "lines": len(made.lines), "students": len(made.students)}
        access.record(page.user, "call_list.looked", at=page.now, object_kind="call_list", object_id=key, detail=detail)
        shown = Student.objects.filter(pk__in=words.named(made.left_out))
        named = access.audited_read(page.user, "call_list.listed_out", shown, at=page.now, detail={"system": key})
    context = _choices(outgoing) | {
        "name": system.name,
        "system": system,
        "lead": words.lead_words(made, system.name),
        "holds": bool(made.lines),
        "left": words.left_rows(made.left_out, {one.pk: one.full_name for one in named}, _ways(asked)),
        "letters": _letters(outgoing),
        "taken": _of_today(outgoing),
        "take_url": reverse("web:call_system_take", args=[key]),
        "fields": asked.fields,
    }
    return render(request, "today/call_system.html", context)


def _choices(outgoing: OutgoingList) -> dict[str, Any]:
    """What can be chosen: levels, a school where there are several, and those already in a list of today."""
    asked, scope = outgoing.asked, outgoing.scope
    schools = scope.schools if len(scope.schools) > 1 else ()
    return {
        "levels": words.level_boxes(outgoing.by_level, asked.levels),
        "schools": [(school.pk, school.name, school.pk == scope.school_id) for school in schools],
        "is_again": asked.is_again,
        "offers_again": asked.is_again or any(one.reason == "already_today" for one in outgoing.made.left_out),
    }


def _ways(asked: Asked) -> dict[str, tuple[str, str]]:
    query = Choice("verify", school_id=asked.school_id).query()
    return {"to_verify": (reverse("web:today") + query, _("Verify them on Today"))}


def _letters(outgoing: OutgoingList) -> list[str]:
    system = outgoing.system
    written = write_call_list(system, outgoing.made.lines, outgoing.page.on)
    return words.letters_words(len(written.unmarked), len(written.nameless), system.nameless)


def _of_today(outgoing: OutgoingList) -> list[tuple[str, str]]:
    """The lists taken today for the schools the person does this for, the person's own with the way to its file."""
    mine = {school.pk for school in outgoing.scope.schools}
    found = taken_since(midnight(outgoing.page), outgoing.system.key)
    told = [one for one in found if set(one.choice["schools"]) & mine]
    own, key = outgoing.page.user.pk, outgoing.system.key
    ways = [reverse("web:call_system_taken", args=[key, one.entry_id]) if one.by_id == own else "" for one in told]
    return list(zip(map(words.taken_words, told), ways, strict=True))


@require_POST
def take(request: HttpRequest, key: str) -> HttpResponse:
    """Take the list: it is written down for every student, and can be fetched as a file until the day is over."""
    page = page_for(request, ACTION)
    system = _system(page, key)
    asked = Asked.read(request.POST, system)

    def work() -> str:
        outgoing = OutgoingList(page, system, asked)
        hold_families(outgoing.student_ids)
        return reverse("web:call_system_taken", args=[key, take_list(page.user, outgoing.taking(), page.now)])

    try:
        there = access.once(request.POST.get("form_key", ""), page.user, f"call_list.{key}", work, at=page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        messages.error(request, str(error))
        return redirect(reverse("web:call_system", args=[key]) + asked.query())
    return redirect(there)


def _taken(page: Page, key: str, entry_id: int) -> Taken:
    found = taken_by(page.user, entry_id, key)
    if found is None:
        raise Http404
    return found


def _can_fetch(page: Page, taken: Taken) -> bool:
    """Until the day is over, and while the roster is the one the list was made from."""
    version = page.version
    return local_day(taken.at) == page.on and version is not None and version.delivery_id == taken.delivery_id


@require_safe
def taken(request: HttpRequest, key: str, entry_id: int) -> HttpResponse:
    """A list the person took: what was written down, and the way to its file."""
    page = page_for(request, ACTION)
    found = _taken(page, key, entry_id)
    context = {
        "name": found.name,
        "lead": _("Written down: %(numbers)s, of the families of %(students)s, went to %(system)s.")
        % {
            "numbers": words.numbers_words(found.lines),
            "students": words.students_words(found.students),
            "system": found.name,
        },
        "file_url": reverse("web:call_system_file", args=[key, entry_id]) if _can_fetch(page, found) else "",
        "look_url": reverse("web:call_system", args=[key]),
    }
    return render(request, "today/call_system_taken.html", context)


@require_safe
def file(request: HttpRequest, key: str, entry_id: int) -> HttpResponse:
    """The file of a list that was taken: at most the people written down, fewer where somebody asked out since."""
    page = page_for(request, ACTION)
    system, found = _system(page, key), _taken(page, key, entry_id)
    if not _can_fetch(page, found):
        raise Http404
    outgoing = OutgoingList(page, system, Asked.of(found))
    lines = outgoing.made.only(people_in(page.user, found)).lines
    with transaction.atomic():
        detail = {"list": entry_id, "lines": len(lines)}
        access.record(
            page.user, "call_list.fetched", at=page.now, object_kind="call_list", object_id=key, detail=detail
        )
    content = write_call_list(system, lines, page.on).content
    response = HttpResponse(content, content_type=f"text/csv; charset={system.encoding}")
    response["Content-Disposition"] = f'attachment; filename="{key}-{page.on.isoformat()}.csv"'
    return response
