"""Finding a student by name or number, among those the person may see."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from allpresent import access
from allpresent.casework.queries.readings import Readings
from allpresent.roster.models import Student
from allpresent.web.calling import student_page_url
from allpresent.web.page import Page, page_of
from allpresent.web.presenters.lines import make_lines
from allpresent.web.presenters.student_line import StudentLine

SHOWN = 30
_LONGEST = 80
_TEXT = "search_text"  # session key: names of students stay out of addresses, histories and logs


@dataclass(frozen=True)
class Found:
    """What a search came to."""

    text: str = ""
    lines: tuple[StudentLine, ...] = ()
    sentence: str = ""
    empty_title: str = ""
    empty_text: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Take the text, then show what it finds: two requests, so that going back shows the list again."""
    page = page_of(request)
    if not page.sees_students:
        raise Http404
    if request.method == "POST":
        request.session[_TEXT] = request.POST.get("text", "").strip()[:_LONGEST]
        return redirect("web:search")
    return render(request, "search/search.html", {"found": _find(page, request.session.get(_TEXT, ""))})


def folded(text: str) -> str:
    """A name for comparing: small letters without accents, so that zoe finds Zoë."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(plain.casefold().replace("’", "'").split())


@lru_cache(maxsize=2)
def _names(delivery_id: str, projected_at: datetime) -> tuple[tuple[str, str], ...]:
    """Every student's id and folded name, enrolled ones first, as one projection of the roster has them."""
    rows = Student.objects.order_by("-is_enrolled", "full_name", "pk").values_list("pk", "full_name")
    return tuple((pk, folded(name)) for pk, name in rows)


def _matching(page: Page, text: str) -> list[str]:
    """Ids of visible students with every word in their name, or the whole text as their number."""
    if page.version is None:
        return []
    visible = set(access.visible_students(page.user, page.on).values_list("pk", flat=True))
    words = folded(text).split()
    names = _names(page.version.delivery_id, page.version.projected_at)
    return [pk for pk, name in names if pk in visible and (pk == text or all(word in name for word in words))]


def _find(page: Page, text: str) -> Found:
    if not text:
        return Found()
    chosen = _matching(page, text)[: SHOWN + 1]
    shown = chosen[:SHOWN]
    with transaction.atomic():
        access.record(page.user, "search", at=page.now, detail={"found": len(shown)})
        rows = Student.objects.filter(pk__in=shown).select_related("school")
        students = access.audited_read(page.user, "search.listed", rows, at=page.now)
    readings = Readings.of(page.user, students, page.on)
    lines = make_lines(page, students, readings.last_contacts(), readings.next_steps(), _url, readings.sights)
    return Found(
        text,
        tuple(lines[pk] for pk in shown if pk in lines),
        _sentence(len(chosen)),
        _("Nobody you see today has this name or number."),
        _("Try a part of the name, with or without accents, or the student number."),
    )


def _sentence(count: int) -> str:
    if count > SHOWN:
        return _("More than %(count)d students; add another part of the name.") % {"count": SHOWN}
    if not count:
        return ""
    return ngettext("%(count)d student", "%(count)d students", count) % {"count": count}


def _url(student_id: str) -> str:
    return student_page_url(student_id) or reverse("web:call_sheet", args=[student_id])
