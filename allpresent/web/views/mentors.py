"""Success mentors: a mentor's own students with one tap each, and the roster of those who coordinate them."""

from collections.abc import Callable, Sequence
from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allpresent import access
from allpresent.access.grants import schools_for
from allpresent.access.models import AccessError
from allpresent.casework import CaseworkError, mentor_roster, mentors
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.mentor_acts import ACTION
from allpresent.casework.models import CheckIn, MentorMatch
from allpresent.casework.models.mentors import Greeting, MatchEnding, MentorKind
from allpresent.casework.queries import mentors as lists
from allpresent.casework.queries.success_plans import live_goals
from allpresent.measures import last_20_days
from allpresent.roster.models import Student
from allpresent.web.forms.mentor import read_fit
from allpresent.web.page import Page, page_for
from allpresent.web.plan_page import session_days
from allpresent.web.presenters import mentors as told
from allpresent.web.presenters.lines import SchoolClock
from allpresent.web.presenters.standing import standing_rows
from allpresent.web.presenters.strips import day_words


@require_safe
def mentees(request: HttpRequest) -> HttpResponse:
    """The mentor's own students; a peer reads first names and prompts, and nothing else is sent."""
    page = page_for(request, "see_mentees")
    rows = lists.my_mentees(page.user, page.on)
    found = Student.objects.filter(pk__in=[row.student_id for row in rows])
    students = {one.pk: one for one in access.audited_read(page.user, "mentees.listed", found, at=page.now)}
    known = _known(page, [row.student_id for row in rows if row.kind == MentorKind.ADULT])
    cards = [told.mentee_card(row, students[row.student_id], known.get(row.student_id), page.on) for row in rows]
    context = {"lead": told.mentees_lead(cards), "cards": cards, "greetings": Greeting.choices}
    return render(request, "mentors/mentees.html", context)


def _known(page: Page, ids: list[str]) -> dict[str, told.Known]:
    """What adult mentors read of their students; asked for nobody else."""
    if not ids:
        return {}
    levels = {pk: row.level for pk, row in standing_rows(page.standings, ids).items()}
    days = last_20_days(page.facts, page.as_of, ids) if page.facts and page.as_of else {}
    goals = live_goals(ids)
    return {
        pk: told.Known(levels.get(pk), days.get(pk, ()), goals.get(pk, ""), reverse("web:student", args=[pk]))
        for pk in ids
    }


def _act(
    request: HttpRequest, action: str, place: str, act: Callable[[Page], object], saved: str, form_on: str = ""
) -> HttpResponse:
    """Do one thing and go back to the list; refused, to the page of the form, with the refusal said at its top."""
    page = page_for(request, action)
    try:
        made = act(page)
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        messages.error(request, str(error))
        is_there = form_on and not isinstance(error, AlreadyChangedError)
        return redirect(form_on if is_there else place)
    undo = reverse("web:undo_check_in", args=[made.pk]) if isinstance(made, CheckIn) else ""
    messages.success(request, saved, extra_tags=f"undo:{undo}" if undo else "")
    return redirect(place)


@require_POST
def check_in(request: HttpRequest, match_id: int) -> HttpResponse:
    """Log a greeting with one tap."""
    how, key = request.POST.get("how", ""), request.POST.get("form_key", "")
    return _act(
        request,
        "see_mentees",
        "web:mentees",
        lambda page: mentors.check_in(page.user, match_id, how, key, page.now),
        _("Logged. Thank you for being there."),
    )


@require_POST
def undo_check_in(request: HttpRequest, check_in_id: int) -> HttpResponse:
    """Take the greeting back."""
    return _act(
        request,
        "see_mentees",
        "web:mentees",
        lambda page: mentors.undo_check_in(page.user, check_in_id, page.now),
        _("Taken back. Nothing of it counts."),
    )


@require_POST
def worry(request: HttpRequest, match_id: int) -> HttpResponse:
    """Tell the school's attendance team what worries the mentor."""
    text, key = request.POST.get("text", ""), request.POST.get("form_key", "")
    return _act(
        request,
        "see_mentees",
        "web:mentees",
        lambda page: mentors.send_worry(page.user, match_id, text, key, page.now, _school_days(page, match_id)),
        _("Sent to the school's attendance team, and to nobody else."),
    )


def _school_days(page: Page, match_id: int) -> Sequence[date]:
    """The days of the school whose team answers."""
    school = MentorMatch.objects.filter(pk=match_id).values_list("mentor__school_id", flat=True).first()
    return session_days(page, school)


@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """The school's mentors with their loads, who is silent, who waits, and what worries them."""
    page = page_for(request, ACTION)
    rows = lists.roster(page.user, page.on)
    matches, waiting = lists.live_matches(page.user, page.on), lists.waiting_students(page.user, page.on)
    worries = lists.open_worries(page.user, page.on)
    named = (*(match.student for match in matches), *(one.match.student for one in worries))
    seen = {one.pk: one for one in (*waiting, *named)}
    with transaction.atomic():
        access.audited_read(page.user, "mentors.listed", seen.values(), at=page.now)
    clock = SchoolClock(page)
    late = [clock.late(one.due_on, one.match.mentor.school_id) for one in worries]
    context = {
        "lead": told.coordinator_lead(rows, len(waiting), len(worries), page.on),
        "rows": [told.roster_line(row, page.on) for row in rows],
        "free": [told.roster_line(row, page.on) for row in rows if row.load < row.load_limit],
        "matches": [(one, day_words(one.starts_on)) for one in matches],
        "waiting": [told.waiting_line(student) for student in waiting],
        "worries": [told.worry_line(one, page.user, page.on, how) for one, how in zip(worries, late, strict=True)],
        "endings": MatchEnding.choices,
        "kinds": MentorKind.choices,
        "schools": list(schools_for(page.user, ACTION, page.on)),
    }
    return render(request, "mentors/mentors.html", context)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a person on the roster."""
    sent = request.POST

    def work(page: Page) -> object:
        form = mentor_roster.MentorForm(sent.get("email", ""), sent.get("kind", ""), *read_fit(sent))
        return mentor_roster.add_mentor(page.user, sent.get("school", ""), form, sent.get("form_key", ""), page.now)

    return _act(request, ACTION, "web:mentors", work, _("On the roster. They see nobody until matched."))


@require_safe
def mentor(request: HttpRequest, mentor_id: int) -> HttpResponse:
    """One mentor of the roster: whom they fit, whom they greet, and how they leave."""
    page = page_for(request, ACTION)
    row = next((one for one in lists.roster(page.user, page.on) if one.mentor_id == mentor_id), None)
    if row is None:
        raise Http404
    matches = lists.live_matches(page.user, page.on, mentor_id)
    with transaction.atomic():
        access.audited_read(page.user, "mentors.listed", [one.student for one in matches], at=page.now)
    context = {
        "row": told.roster_line(row, page.on),
        "matches": [(one, day_words(one.starts_on)) for one in matches],
    }
    return render(request, "mentors/mentor.html", context)


@require_POST
def edit(request: HttpRequest, mentor_id: int) -> HttpResponse:
    """Change whom a mentor fits."""
    sent = request.POST

    def work(page: Page) -> object:
        fit, key = mentor_roster.Fit(*read_fit(sent)), sent.get("form_key", "")
        return mentor_roster.edit_mentor(page.user, mentor_id, fit, key, page.now)

    own = reverse("web:mentor", args=[mentor_id])
    return _act(request, ACTION, "web:mentors", work, _("Kept. The students they greet now stay theirs."), own)


@require_POST
def remove(request: HttpRequest, mentor_id: int) -> HttpResponse:
    """Take a mentor off the roster."""
    why, key = request.POST.get("why", ""), request.POST.get("form_key", "")
    return _act(
        request,
        ACTION,
        "web:mentors",
        lambda page: mentor_roster.remove_mentor(page.user, mentor_id, why, key, page.now),
        _("Off the roster. Their students wait for another mentor."),
        reverse("web:mentor", args=[mentor_id]),
    )


@require_POST
def match(request: HttpRequest) -> HttpResponse:
    """Match a mentor with a student who waits for one."""
    sent = request.POST

    def work(page: Page) -> MentorMatch:
        if not sent.get("mentor", "").isdecimal() or not sent.get("student"):
            raise CaseworkError(_("Choose a student and a mentor."))
        key = sent.get("form_key", "")
        return mentors.match_mentor(page.user, int(sent["mentor"]), sent["student"], key, page.now)

    return _act(request, ACTION, "web:mentors", work, _("Matched. The promised step is closed."))


@require_POST
def end(request: HttpRequest, match_id: int) -> HttpResponse:
    """End a match for a reason."""
    ending, why, key = (request.POST.get(name, "") for name in ("ending", "why", "form_key"))
    return _act(
        request,
        ACTION,
        "web:mentors",
        lambda page: mentors.end_match(page.user, match_id, ending, why, key, page.now),
        _("Ended. The mentor no longer sees the student."),
    )


@require_POST
def take_worry(request: HttpRequest, worry_id: int) -> HttpResponse:
    """Write down what is done about a worry."""
    answer, key = request.POST.get("answer", ""), request.POST.get("form_key", "")
    return _act(
        request,
        ACTION,
        "web:mentors",
        lambda page: mentors.take_worry(page.user, worry_id, answer, key, page.now),
        _("Kept. The worry is off the list."),
    )
