"""Today: the desk of an attendance team, its list on paper and as a file, and handing steps to people."""

import csv
import io
from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from allpresent import access, casework
from allpresent.access.models import AccessError, User
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.models.contacts import Result
from allpresent.casework.queries import open_work
from allpresent.web.call_lists import ways_to
from allpresent.web.calling import numbers_of
from allpresent.web.cells import safe_cell
from allpresent.web.desk import ACTION, LOOKED, Scope, entries_of, families_of, lines_of, silent_room_rows
from allpresent.web.page import page_of
from allpresent.web.presenters import today as desk
from allpresent.web.presenters import today_lists as lists
from allpresent.web.presenters.calls import LeadPart
from allpresent.web.presenters.grounds import grounds_of
from allpresent.web.presenters.lines import SchoolClock, step_words
from allpresent.web.presenters.strips import long_day_words
from allpresent.web.presenters.student_line import StudentLine
from allpresent.web.presenters.today_choice import BOARDS, CALL_VIEWS, Choice

_PAPER_ROWS = 100
EXPORT = "export_students"


def _scope(request: HttpRequest, action: str = ACTION) -> Scope:
    """The desk of somebody who has one, of the students they do this for; for anybody else there is no such page."""
    page = page_of(request)
    if not page.may(ACTION) or not page.may(action):
        raise Http404
    return Scope(page, Choice.read(request.GET), action)


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The counters, and the one list that was chosen."""
    scope = _scope(request)
    choice = scope.choice
    unreported = silent_room_rows(scope)
    values = {
        "crossed": len(scope.crossed),
        "overdue": len({step.student_id for step in scope.overdue}),
        "silent": len(scope.silent),
        "unreported": len(unreported),
    }
    shown = desk.Desk(
        lead=_lead(scope),
        counters=desk.make_counters(choice, scope.counts),
        views=desk.make_views(choice, values),
        schools=_schools(scope),
        title=desk.list_title(choice.view),
        subtitle="",
        here=choice.query(),
    )
    if choice.view == "unreported":
        with transaction.atomic():
            access.record(scope.page.user, LOOKED, at=scope.page.now, detail={"view": choice.view})
        words = _("the last five school days; nobody can say where these students stood")
        empty = _("Every homeroom has reported the last five school days.")
        shown = replace(shown, unreported=unreported, subtitle=words, empty_title=empty)
    else:
        shown = _with_board(scope, _with_list(scope, shown))
    return render(request, "today/today.html", {"desk": shown})


def _lead(scope: Scope) -> tuple[LeadPart, ...]:
    page = scope.page
    news = desk.News(
        since=scope.since_words,
        crossed=len(scope.crossed),
        withdrawn=scope.withdrawn,
        silent_rooms=scope.silent_rooms,
        last_day=page.as_of,
        depending=scope.depending,
    )
    return desk.make_lead(news, grounds_of(page) if page.version else None)


def _schools(scope: Scope) -> tuple[tuple[str, str, bool], ...]:
    """The schools to choose from, for somebody who works at several."""
    if len(scope.schools) < 2:
        return ()
    return tuple((school.pk, school.name, school.pk == scope.school_id) for school in scope.schools)


def _with_list(scope: Scope, shown: desk.Desk) -> desk.Desk:
    page, entries = scope.page, families_of(scope)
    choice = scope.choice.within(len(entries))
    on_page = lists.page_of_entries(entries, choice.number)
    due = [one.due_on for entry in entries for one in entry.members]
    late = sum(day is not None and day < page.on for day in due)
    with transaction.atomic():
        access.record(page.user, LOOKED, at=page.now, detail={"view": choice.view})
        lines = lines_of(scope, on_page, "today.listed")
    title, text = _nothing(scope)
    return replace(
        shown,
        subtitle=_subtitle(entries, late, choice) if entries else "",
        heads=lists.make_heads(choice),
        rows=_rows(scope, on_page, lines),
        pages=lists.make_pages(choice, len(entries)),
        people=_people(scope),
        assign_url=reverse("web:assign_steps"),
        export_url=reverse("web:today_export") + choice.query(page=1) if page.may(EXPORT) else "",
        print_url=reverse("web:call_list") + choice.query(page=1) if choice.view in CALL_VIEWS else "",
        call_systems=ways_to(page, scope.choice.school_id) if choice.view == "call" else (),
        empty_title=title,
        empty_text=text,
    )


def _subtitle(entries: list[lists.Entry], late: int, choice: Choice) -> str:
    """How many, how many late, in which order; of letters also why their board counts more of them."""
    words = lists.subtitle(entries, late, choice.sort)
    if choice.view != "letter":
        return words
    return f"{words} · {_('letters a level promised; Letters also holds the notices the law asks for')}"


def _with_board(scope: Scope, shown: desk.Desk) -> desk.Desk:
    """The way to the board of the chosen counter, for those who may open it."""
    address, action, name = BOARDS.get(scope.choice.view, ("", "", ""))
    if not address or not scope.page.may(action):
        return shown
    return replace(shown, board_url=reverse(address), board_name=str(name))


def _people(scope: Scope) -> tuple[desk.Assignee, ...]:
    """Who may be given the steps of the list: people of the one school looked at."""
    page = scope.page
    if scope.school_id is None or scope.choice.view in ("crossed", "silent") or not page.may("assign_step"):
        return ()
    return tuple(desk.Assignee(key, name) for key, name in open_work.people_for(scope.school_id, page.on))


def _rows(scope: Scope, entries: list[lists.Entry], lines: dict[str, StudentLine]) -> tuple[lists.Row, ...]:
    """The rows of the page: each entry's own step, or the next one of the student."""
    clock = SchoolClock(scope.page)
    shown = [one for entry in entries for one in entry.members]
    own = open_work.steps_shown(one.steps[0].step_id for one in shown if one.steps)
    upcoming = open_work.next_steps(one.student_id for one in shown if not one.steps)

    def row_of(entry: lists.Entry) -> lists.Row:
        step = own.get(entry.steps[0].step_id) if entry.steps else upcoming.get(entry.student_id)
        line = lines[entry.student_id].with_step(step_words(step, clock))
        others = tuple(row_of(one) for one in entry.others if one.student_id in lines)
        return lists.Row(line, " ".join(str(one.step_id) for one in entry.steps), lists.more_words(entry), others)

    return tuple(row_of(entry) for entry in entries if entry.student_id in lines)


def _nothing(scope: Scope) -> tuple[str, str]:
    """What an empty list says: that nothing waits, and whether missing attendance may change it."""
    since = scope.since_words
    title = {
        "crossed": _("No student here crossed a level %(since)s.") % {"since": since},
        "overdue": _("Nothing is overdue."),
        "silent": _("Somebody was reached in every case of the last ten school days."),
    }.get(scope.choice.view, _("Nothing of this kind waits today."))
    rooms = scope.silent_rooms
    text = ngettext(
        "%(count)d homeroom has not reported, so this may change.",
        "%(count)d homerooms have not reported, so this may change.",
        rooms,
    ) % {"count": rooms}
    return title, text if rooms else ""


@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    """The list on paper: whom to call, the numbers, and boxes for what came of it."""
    scope = _scope(request)
    if scope.choice.view == "unreported":
        raise Http404
    page, choice = scope.page, scope.choice
    entries = families_of(scope)
    chosen = entries[:_PAPER_ROWS]
    students = sum(len(entry.members) for entry in chosen)
    with transaction.atomic():
        access.record(page.user, "call_list.printed", at=page.now, detail={"students": students})
        lines = lines_of(scope, chosen, "call_list.listed")
        numbers = numbers_of(lines, page.on)
    counted = ngettext("%(count)d student, %(day)s", "%(count)d students, %(day)s", students)
    shown = lists.PaperList(
        title=_("%(list)s: %(place)s") % {"list": desk.list_title(choice.view), "place": page.scope_name},
        lead=counted % {"count": students, "day": long_day_words(page.on)},
        rows=lists.paper_rows(chosen, lines, numbers),
        results=tuple(str(label) for _key, label in Result.choices),
        back_url=reverse("web:today") + choice.query(),
        note=lists.paper_note(students, sum(len(entry.members) for entry in entries)),
        empty_title=_nothing(scope)[0],
    )
    return render(request, "today/call_list.html", {"list": shown})


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list as CSV, for those who may take students out of the house; one entry a student is written."""
    scope = _scope(request, EXPORT)
    if scope.choice.view == "unreported":
        raise Http404
    page = scope.page
    entries = lists.sort_entries(entries_of(scope), scope.choice, scope.places)
    with transaction.atomic():
        detail = {"view": scope.choice.view, "rows": len(entries)}
        access.record(page.user, "today.exported", at=page.now, detail=detail)
        rows = _rows(scope, entries, lines_of(scope, entries, "today.exported_student"))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_EXPORT_HEAD)
    for row in rows:
        writer.writerow([safe_cell(value) for value in _export_row(row)])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    day = page.as_of.isoformat() if page.as_of else page.on.isoformat()
    response["Content-Disposition"] = f'attachment; filename="today-{scope.choice.view}-{day}.csv"'
    return response


_EXPORT_HEAD = (
    "student_id",
    "name",
    "grade_and_room",
    "school",
    "level",
    "days_absent",
    "days_reported",
    "absence_rate_pct",
    "is_chronically_absent",
    "last_contact",
    "next_step",
    "due",
    "late",
)


def _export_row(row: lists.Row) -> tuple[object, ...]:
    line = row.line
    return (
        line.student_id,
        line.name,
        line.grade_room,
        line.school,
        line.level or "",
        line.days_absent,
        line.days_reported,
        line.rate.rstrip("%"),
        int(line.is_chronic),
        line.last_contact,
        line.next_step,
        line.due,
        line.late,
    )


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Hand the chosen steps to one person: all of them or none."""
    page = page_of(request)
    if not page.may("assign_step"):
        raise Http404
    back = reverse("web:today") + _safe_query(request)
    ids = [int(value) for row in request.POST.getlist("step") for value in row.split() if value.isdecimal()]
    person = request.POST.get("person", "")
    to = User.objects.filter(pk=int(person), is_active=True).first() if person.isdecimal() else None
    if not ids or to is None:
        messages.error(request, _("Choose at least one student and one person, then assign."))
        return redirect(back)
    try:
        changed = casework.reassign_steps(page.user, ids, to, request.POST.get("form_key", ""), page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except (casework.CaseworkError, AccessError) as error:
        messages.error(request, str(error))
        return redirect(back)
    text = ngettext("%(count)d step is now with %(name)s.", "%(count)d steps are now with %(name)s.", changed)
    messages.success(request, text % {"count": changed, "name": to.get_full_name()})
    return redirect(back)


def _safe_query(request: HttpRequest) -> str:
    """The list the person came from; only the query of our own page is taken over."""
    back = request.POST.get("back", "")
    is_ours = back.startswith("?") and url_has_allowed_host_and_scheme(back, set())
    return back if is_ours else ""
