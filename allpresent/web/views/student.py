"""A student's page: where they stand, their year, what was promised and done, and the acts that belong to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allpresent import access, casework
from allpresent.access.grants import sight
from allpresent.access.models import AccessError
from allpresent.access.sharing import who_else_can
from allpresent.casework.errors import AlreadyChangedError, LevelNotReachedError, NotVisibleError
from allpresent.casework.evidence import Evidence
from allpresent.casework.models import CaseStep
from allpresent.roster.models import Student
from allpresent.web.page import Page, page_of
from allpresent.web.presenters.words import grade_room, language_name
from allpresent.web.student_file import StudentFile

_REFUSED = 422


@dataclass(frozen=True)
class Refusal:
    """A form that was sent back: which one, why, and what was written in it."""

    form: str
    sentence: str
    values: dict[str, str]


def _file(page: Page, student_id: str) -> StudentFile:
    """The student as the reader may see them; Http404 for one they may not, and one there is not."""
    seen = sight(page.user, student_id, page.on)
    if seen is None:
        raise Http404
    return StudentFile(page, student_id, seen)


def _asked_day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


@require_safe
def student(request: HttpRequest, student_id: str) -> HttpResponse:
    """The page itself; ``?day=`` opens one day of the year."""
    page = page_of(request)
    return _show(request, _file(page, student_id))


def _show(request: HttpRequest, file: StudentFile, refused: Refusal | None = None) -> HttpResponse:
    page, day = file.page, _asked_day(request)
    context: dict[str, Any] = {"refused": refused}
    detail: dict[str, Any] = {"page_of": file.student_id}

    def read() -> Iterator[Student]:
        """All the page shows, read in the transaction of its audit entries: no entry, no page."""
        context.update(_context(file, day))
        detail["address"] = bool(context["people"].homes)
        yield from (file.student, *file.household)

    access.audited_read(page.user, "student.seen", read(), at=page.now, detail=detail)
    return render(request, "student/student.html", context, status=_REFUSED if refused else 200)


def _context(file: StudentFile, day: date | None) -> dict[str, Any]:
    one = file.student
    spoken = language_name(one.language) if one.language and file.sight.reads("D2", "phone_language") else ""
    place = [grade_room(one.grade, one.homeroom), one.school.name if one.school else ""]
    place.append(_("speaks %(language)s at home") % {"language": spoken} if spoken else "")
    return {
        "file": file,
        "student": one,
        "place": " · ".join(part for part in place if part),
        "why": file.sight.why,
        "lead": file.lead,
        "standing": file.levels,
        "level": file.level,
        "year": file.year,
        "last_days": file.last_days,
        "day": next(iter(file.explained(day)), None) if day else None,
        "ladder": file.ladder(),
        "events": file.timeline(),
        "referrals": file.referrals(),
        "people": file.people(),
        "may": file.may,
        "today": file.page.on.isoformat(),
        "delivery": file.page.version.delivery_id if file.page.version else "",
    }


@require_safe
def student_days(request: HttpRequest, student_id: str) -> HttpResponse:
    """Every day so far: what it counts as, by which rule, from which file and line."""
    page = page_of(request)
    file = _file(page, student_id)
    if not file.reads_days:
        raise Http404
    with transaction.atomic():
        access.record(page.user, "student.days_seen", student_id=student_id, at=page.now)
        days = file.explained()
    back = reverse("web:student", args=[student_id])
    return render(request, "student/days.html", {"name": file.student.full_name, "days": days, "back": back})


@require_safe
def student_who(request: HttpRequest, student_id: str) -> HttpResponse:
    """Who else may open this student's page, and why."""
    page = page_of(request)
    file = _file(page, student_id)
    with transaction.atomic():
        access.record(page.user, "student.sharers_seen", student_id=student_id, at=page.now)
        sharers = who_else_can(student_id, page.on)
    context = {"name": file.student.full_name, "why": file.sight.why, "sharers": sharers}
    return render(request, "student/who.html", context | {"back": reverse("web:student", args=[student_id])})


def _act(request: HttpRequest, student_id: str, form: str, act: Callable[[Page], object], saved: str) -> HttpResponse:
    """Do one thing for a student and go back to the page; refused, the page comes back with what was written.

    Where somebody was first, the form is no longer there: the page says so at its top.
    """
    page = page_of(request)
    file = _file(page, student_id)
    try:
        act(page)
    except NotVisibleError as error:
        raise Http404 from error
    except AlreadyChangedError as error:
        messages.error(request, str(error))
        return redirect("web:student", student_id=student_id)
    except (casework.CaseworkError, AccessError) as error:
        values = {name: request.POST.get(name, "") for name in ("text", "reason", "on", "reference")}
        return _show(request, file, Refusal(form, str(error), values))
    messages.success(request, saved)
    return redirect("web:student", student_id=student_id)


@require_POST
def add_note(request: HttpRequest, student_id: str) -> HttpResponse:
    """Keep a note; it closes nothing."""
    text, key = request.POST.get("text", ""), request.POST.get("form_key", "")
    return _act(
        request,
        student_id,
        "note",
        lambda page: casework.add_note(page.user, student_id, text, key, page.now),
        _("The note is kept. It closes no step."),
    )


@require_POST
def verify(request: HttpRequest, student_id: str) -> HttpResponse:
    """Say that the days absent are right as shown."""
    key, delivery = request.POST.get("form_key", ""), request.POST.get("delivery", "")

    def act(page: Page) -> object:
        if page.version is None or page.version.delivery_id != delivery:
            raise AlreadyChangedError(_("Newer attendance came while you looked. Look at the days again, then verify."))
        return casework.verify_attendance(page.user, student_id, delivery, key, page.now)

    return _act(request, student_id, "verify", act, _("Verified: the days absent are right as shown."))


@require_POST
def take_up(request: HttpRequest, student_id: str) -> HttpResponse:
    """Open a step that is promised only if needed: a person found that it is."""
    key, step = request.POST.get("form_key", ""), request.POST.get("step", "")

    def act(page: Page) -> object:
        if page.facts is None:
            raise NotVisibleError(_("There is no such step."))
        try:
            return casework.take_up_step(page.home, page.facts, page.user, student_id, step, key, page.now)
        except LevelNotReachedError as error:
            raise AlreadyChangedError(str(error)) from None

    return _act(request, student_id, "take_up", act, _("Taken up: the step is open, with its day."))


def _student_of(step_id: int) -> str:
    """The student a step belongs to; who may open it is asked next."""
    found = CaseStep.objects.filter(pk=step_id).values_list("case__student_id", flat=True).first()
    if found is None:
        raise Http404
    return found


@require_POST
def close_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Close a promised step with the day of its evidence, and with whom or where."""
    student_id, sent = _student_of(step_id), request.POST

    def close(page: Page) -> object:
        try:
            on = date.fromisoformat(sent.get("on", ""))
        except ValueError:
            raise casework.CaseworkError(_("Give the day it was done.")) from None
        evidence = Evidence(sent.get("evidence", ""), on, sent.get("reference", ""))
        return casework.close_step(page.user, step_id, evidence, sent.get("form_key", ""), page.now)

    return _act(request, student_id, f"close-{step_id}", close, _("Done: the step is closed with its evidence."))


@require_POST
def exempt_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Take a promised step off the list for a reason in words."""
    student_id, reason, key = _student_of(step_id), request.POST.get("reason", ""), request.POST.get("form_key", "")
    return _act(
        request,
        student_id,
        f"exempt-{step_id}",
        lambda page: casework.exempt_step(page.user, step_id, reason, key, page.now),
        _("The step does not apply any more. It counts neither as done nor as missed."),
    )
