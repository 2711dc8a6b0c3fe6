"""My school: the principal's Monday page, for a school, a grade range or every school."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.access.grants import WHOLE_SCHOOL, schools_for
from allpresent.access.reasons import relations_of_scope
from allpresent.access.roles import ACTIONS
from allpresent.casework import queries
from allpresent.casework.queries.school_promises import promises_kept
from allpresent.protocol.steps import school_steps
from allpresent.roster.models import Section, SectionStaff, Student, in_force
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import history, school_page
from allpresent.web.presenters.grounds import grounds_of
from allpresent.web.presenters.guarded import Guard, guard_of
from allpresent.web.presenters.records import steps_on_time
from allpresent.web.presenters.school_lists import (
    NAMES_SHOWN,
    Chase,
    CrossedStudent,
    Missing,
    Move,
    chase_in_school,
    chase_over_schools,
    crossed,
)
from allpresent.web.presenters.school_promises import school_sentence
from allpresent.web.presenters.school_tables import NO_STEPS, OnTime
from allpresent.web.presenters.scope import Seen, last_report_day, year_began
from allpresent.web.presenters.tallies import ALL_SCHOOLS, GRADE_RANGES
from allpresent.web.presenters.words import grade_room

# A reader who sees only some students of a school is shown the first of them among so many.
NAMES_ASKED = 100


@dataclass(frozen=True)
class Open:
    """The scopes a reader may open: schools by id, and the wider ones where the reader sees the whole district."""

    schools: dict[str, str]
    is_district: bool

    @property
    def scopes(self) -> list[str]:
        """Keys in the order of the chooser."""
        return [*((ALL_SCHOOLS, *GRADE_RANGES) if self.is_district else ()), *self.schools]


def open_scopes(page: Page) -> Open:
    """What the reader may open here, asked of the grants in force today. One query."""
    held = schools_for(page.user, "see_school", page.on)
    schools = dict(held.order_by("name", "school_id").values_list("school_id", "name"))
    return Open(schools, is_district=page.may("see_school") and page.may("see_district"))


@require_safe
def my_school(request: HttpRequest, scope: str = "") -> HttpResponse:
    """The page of one scope; without one, of the reader's first."""
    page = page_of(request)
    if not page.may("see_school"):
        raise Http404
    found = open_scopes(page)
    asked = request.GET.get("scope", "")
    if asked in found.scopes and not scope:
        return HttpResponseRedirect(reverse("web:school", args=[asked]))
    if page.facts is None or page.as_of is None:
        return render(request, "school/none.html")
    chosen = scope or next(iter(_with_students(page, found)), "")
    if chosen not in found.scopes:
        raise Http404
    seen = Seen(page.facts, page.rules, page.district, page.as_of, chosen)
    guard = (
        None
        if _sees_whole(page, chosen)
        else guard_of(seen, last_report_day(seen.district, seen.as_of, year_began(seen)))
    )
    if guard is not None and not guard.is_open:
        return _too_few(request, page, seen, found)
    url = _promises_url(page, chosen)
    context = {"page": _build(page, seen, found, guard), "promises_url": url, "promised": _promised(page, chosen, url)}
    return render(request, "school/school.html", context)


def _with_students(page: Page, found: Open) -> list[str]:
    """The scopes somebody is enrolled in; a school that was delivered without students is not opened first."""
    if page.facts is None or page.as_of is None:
        return found.scopes
    tallies = history.tallies_on(page.facts, page.as_of, page.rules)
    return [scope for scope in found.scopes if scope in tallies] or found.scopes


def _sees_whole(page: Page, scope: str) -> bool:
    """Whether the reader may see every student of the scope; whoever may not reads no small number. One query."""
    school_id = history.school_of(scope)
    if school_id is None:
        return bool(page.roles & set(relations_of_scope("D")) & ACTIONS["see_school"])
    return schools_for(page.user, "see_school", page.on, WHOLE_SCHOOL).filter(pk=school_id).exists()


def _too_few(request: HttpRequest, page: Page, seen: Seen, found: Open) -> HttpResponse:
    """A scope of so few that every figure would tell of single students; the others stay to choose."""
    with transaction.atomic():
        access.record(page.user, "school.seen", at=page.now, object_kind="school", object_id=seen.scope)
    name = school_page.scope_name(seen.scope, page.district.name, found.schools)
    return render(request, "school/few.html", {"name": name, "choices": _choices(page, seen, found)})


def _choices(page: Page, seen: Seen, found: Open) -> tuple[school_page.Choice, ...]:
    """The scopes to choose from, for somebody who may open several."""
    keys = _with_students(page, found)
    made = tuple(school_page.Choice(key, _choice_name(page, found, key), key == seen.scope) for key in keys)
    return made if len(made) > 1 else ()


def _build(page: Page, seen: Seen, found: Open, guard: Guard | None) -> school_page.SchoolPage:
    moves, since = school_page.moves_since_report(seen)
    missing = school_page.missing_attendance(seen, found.schools)
    with transaction.atomic():
        access.record(page.user, "school.seen", at=page.now, object_kind="school", object_id=seen.scope)
        people = crossed(moves, since, _namer(page, moves))
        chase = _chase(page, seen, missing, found)
        on_time = _on_time(seen)
    name = school_page.scope_name(seen.scope, page.district.name, found.schools)
    return school_page.school_page(
        seen,
        grounds_of(page),
        name=name,
        on_time=on_time,
        crossed=people,
        chase=chase,
        choices=_choices(page, seen, found),
        report_url=_report_url(page, seen.scope),
        guard=guard,
    )


def _on_time(seen: Seen) -> OnTime:
    """Promised steps of the scope; they are counted by school, so a grade range has none of its own."""
    if seen.scope in GRADE_RANGES:
        return NO_STEPS
    return steps_on_time(queries.protocol_on_time(seen.facts, seen.as_of, history.school_of(seen.scope)))


def _choice_name(page: Page, found: Open, key: str) -> str:
    return _("All schools") if key == ALL_SCHOOLS else school_page.scope_name(key, page.district.name, found.schools)


def _report_url(page: Page, scope: str) -> str:
    """Where the scope's bi-weekly reports are; a grade range has none of its own."""
    if scope in GRADE_RANGES or not page.may("see_report"):
        return ""
    return f"{reverse('web:reports')}?scope={scope}"


def _promises_url(page: Page, scope: str) -> str:
    """Where it stands how the scope's promises were kept, for those who may read it. One query."""
    school_id = history.school_of(scope)
    if scope in GRADE_RANGES or not access.can(page.user, "see_accountability", page.on, school_id):
        return ""
    return reverse("web:accountability") + ("?" + urlencode({"school": school_id}) if school_id else "")


def _promised(page: Page, scope: str, url: str) -> str:
    """How one school stands with what it promised itself, for those who may read it. One query."""
    school_id = history.school_of(scope)
    if not url or school_id is None:
        return ""
    return school_sentence(school_steps(page.protocol), promises_kept([school_id]), school_id)


def _namer(page: Page, moves: list[Move]) -> Callable[[Move], CrossedStudent | None]:
    """Lines for the first of those students the reader may see; each name shown is an audited read."""
    wanted = [move.student_id for move in moves[:NAMES_ASKED]]
    visible = access.visible_students(page.user, page.on).filter(pk__in=wanted) if page.sees_students else []
    names = {student.student_id: student for student in _first(visible, wanted)}
    access.audited_read(page.user, "student.listed", names.values(), at=page.now, detail={"page": "school"})

    def named(move: Move) -> CrossedStudent | None:
        student = names.get(move.student_id)
        if student is None:
            return None
        url = reverse("web:student", args=[student.student_id])
        room = grade_room(student.grade, student.homeroom)
        return CrossedStudent(student.full_name, url, room, move.before, move.now)

    return named


def _first(visible: Iterable[Student], wanted: list[str]) -> list[Student]:
    """The visible ones among the wanted, in the order wanted, as many as the page shows."""
    place = {student_id: n for n, student_id in enumerate(wanted)}
    return sorted(visible, key=lambda student: place[student.student_id])[:NAMES_SHOWN]


def _chase(page: Page, seen: Seen, missing: list[Missing], found: Open) -> Chase:
    if not seen.is_one_school:
        return chase_over_schools(missing, school_page.CHASE_DAYS, found.schools)
    ids = {one.section_id for one in missing if one.section_id}
    sections = dict(Section.objects.filter(pk__in=ids).values_list("section_id", "name"))
    staff = SectionStaff.objects.filter(in_force(page.on, "start_date", "last_date"), section_id__in=ids)
    teachers: dict[str, str] = {}
    for section_id, name in staff.order_by("pk").values_list("section_id", "staff__full_name"):
        teachers[section_id] = f"{teachers[section_id]}, {name}" if section_id in teachers else name
    return chase_in_school(missing, school_page.CHASE_DAYS, sections, teachers)
