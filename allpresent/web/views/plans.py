"""Success plans: the list, writing one or a change to it, the plan to read, and each of its versions."""

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from allpresent import access
from allpresent.access.grants import Sight, sight
from allpresent.access.models import AccessError, User
from allpresent.access.roles import ACTIONS
from allpresent.casework import CaseworkError
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import PlanVersion, SuccessPlan
from allpresent.casework.models.success_plans import Agreed, PlanOutcome, PlanState
from allpresent.casework.plan_agreements import find_edition
from allpresent.casework.plan_contents import Contents, merge
from allpresent.casework.queries import open_work
from allpresent.casework.queries.success_plans import live_plans
from allpresent.casework.success_plans import ACTION, PlanChangedError, save_plan, start_plan
from allpresent.roster.models import Student
from allpresent.web import plan_page as pages
from allpresent.web.forms.plan import LABELS, PlanForm
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import plans as told
from allpresent.web.presenters.lines import SchoolClock
from allpresent.web.presenters.words import grade_room, language_code

REFUSED = 422


def _seen(page: Page, student_id: str) -> tuple[Student, Sight]:
    """The student, for whoever reads plans of them; for anybody else there is no such page."""
    seen = sight(page.user, student_id, page.on)
    if seen is None or not seen.reads("D8"):
        raise Http404
    return Student.objects.select_related("school").get(pk=student_id), seen


def plan_seen(page: Page, plan_id: int) -> tuple[SuccessPlan, Student, Sight]:
    found = SuccessPlan.objects.select_related("agreed_by", "ended_by").filter(pk=plan_id).first()
    if found is None:
        raise Http404
    return found, *_seen(page, found.student_id)


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """The plans that run, the review due first on top."""
    page = page_of(request)
    if not page.may(ACTION):
        raise Http404
    rows = live_plans(page.user, page.on)
    ids = {row.student_id for row in rows}
    seen = Student.objects.filter(pk__in=ids).select_related("school")
    students = {one.pk: one for one in access.audited_read(page.user, "plans.listed", seen, at=page.now)}
    champions = {row.champion for row in rows if row.champion}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=champions)} if champions else {}
    clock = SchoolClock(page)
    drafts = sum(row.state == PlanState.DRAFT for row in rows)
    due = sum(row.review_on is not None and row.review_on <= page.on for row in rows)
    lines = [
        pages.list_line(page, row, students[row.student_id], names, clock) for row in rows if row.student_id in students
    ]
    return render(request, "plans/plans.html", {"lead": told.list_lead(len(rows), drafts, due), "rows": lines})


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, student_id: str) -> HttpResponse:
    """Begin a plan, write on in its draft, or write a change to what was agreed."""
    page = page_of(request)
    student, seen = _seen(page, student_id)
    plan = SuccessPlan.objects.filter(student_id=student_id).exclude(state=PlanState.ENDED).first()
    may_write = bool(seen.relations & ACTIONS[ACTION])
    if plan is not None and request.method != "POST" and not may_write:
        return redirect("web:plan", plan_id=plan.pk)
    if not may_write:
        raise Http404
    contents = (
        Contents.of(plan.change or plan.contents)
        if plan
        else Contents(language=language_code(student.language) or "en")
    )
    people = open_work.people_for(student.school_id or "", page.on)
    form = PlanForm(request.POST or None, people, contents)
    if request.method == "POST" and form.is_valid():
        done = _save(request, page, student, plan, form, people)
        if done is not None:
            return done
    return _form(request, page, student, plan, form, people, {})


def _save(
    request: HttpRequest,
    page: Page,
    student: Student,
    plan: SuccessPlan | None,
    form: PlanForm,
    people: list[tuple[int, str]],
) -> HttpResponse | None:
    """Keep what was written; a screen with both savings if somebody was first; nothing if it was refused."""
    key, version = form.cleaned_data["form_key"], form.cleaned_data["version"] or 0
    before = PlanVersion.objects.filter(plan=plan, number=version).first() if plan else None
    mine = None
    try:
        base = Contents.of(before.contents) if before else Contents()
        mine = form.contents(base)
        written = form.cleaned_data["plan"]
        if written and (plan is None or plan.pk != written):
            raise AlreadyChangedError(_("The plan was ended meanwhile; nothing is saved, what you wrote stands here."))
        if plan is None or before is None:
            plan = _begin(page, student, mine, key)
        else:
            plan = save_plan(page.user, plan.pk, mine, version, key, page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except PlanChangedError as error:
        return _merge_screen(request, page, student, error.version.plan, (base, mine or base), error, people)
    except (CaseworkError, AccessError) as error:
        form.add_error(None, str(error))
        return None
    waits = plan.change is not None
    messages.success(
        request, _("The change is saved. It waits for the family's yes.") if waits else _("The plan is saved.")
    )
    return redirect("web:plan", plan_id=plan.pk)


def _begin(page: Page, student: Student, mine: Contents, key: str) -> SuccessPlan:
    """Begin a plan; the same form sent twice begins it once. What two people began at once is brought together."""
    try:
        return start_plan(page.user, student.pk, mine, pages.stand(page, student.pk), key, page.now)
    except AlreadyChangedError:
        live = PlanVersion.objects.filter(plan__student=student).exclude(plan__state=PlanState.ENDED)
        newest = live.select_related("by", "plan").order_by("-number").first()
        if newest is None:
            raise
        raise PlanChangedError(newest) from None


def _merge_screen(
    request: HttpRequest,
    page: Page,
    student: Student,
    plan: SuccessPlan,
    ours: tuple[Contents, Contents],
    changed: PlanChangedError,
    people: list[tuple[int, str]],
) -> HttpResponse:
    """Both savings: what only one changed is brought together, what both changed stands side by side."""
    base, mine = ours
    theirs = Contents.of(changed.version.contents)
    both, names = merge(base, theirs, mine), dict(people)
    conflicts = {
        name: told.Conflict(
            name, str(LABELS[name]), told.field_words(name, theirs, names), told.field_words(name, mine, names)
        )
        for name in both.conflicts
    }
    form = PlanForm(None, people, both.together)
    form.initial["version"] = changed.version.number
    return _form(request, page, student, plan, form, people, {"changed": str(changed), "conflicts": conflicts})


def _form(
    request: HttpRequest,
    page: Page,
    student: Student,
    plan: SuccessPlan | None,
    form: PlanForm,
    people: list[tuple[int, str]],
    more: dict[str, Any],
) -> HttpResponse:
    with transaction.atomic():
        access.record(page.user, "plan.form_seen", student_id=student.pk, at=page.now)
    if not form.is_bound:
        form.initial["plan"] = plan.pk if plan else None
        form.initial.setdefault("version", plan.version if plan else None)
    causes, strategies = form["causes"].value() or (), form["strategies"].value() or ()
    row = pages.standing(page, student.pk, page.as_of) if plan is None and page.as_of else None
    stand = told.stand_words(plan) if plan else ""
    if row:
        reported = Fraction(row["days_enrolled"]) - Fraction(row["days_unreported"])
        stand = _("%(absent)s of %(reported)s school days missed so far.") % {
            "absent": row["days_absent"],
            "reported": reported,
        }
    context = {
        "form": form,
        "student": student,
        "stand": stand,
        "agreed": told.agreed_words(plan) if plan else "",
        "families": told.cause_families(tuple(causes)),
        "strategies": told.strategy_choices(tuple(strategies)),
        "back": reverse("web:plan", args=[plan.pk]) if plan else reverse("web:student", args=[student.pk]),
    }
    refused = bool(form.errors) or "changed" in more
    return render(request, "plans/write.html", context | more, status=REFUSED if refused else 200)


@require_safe
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan to read, how it goes, and what may be done with it."""
    page = page_of(request)
    return show_plan(request, page, *plan_seen(page, plan_id))


def show_plan(
    request: HttpRequest,
    page: Page,
    found: SuccessPlan,
    student: Student,
    seen: Sight,
    refused: dict[str, str] | None = None,
) -> HttpResponse:
    with transaction.atomic():
        access.record(page.user, "plan.seen", student_id=student.pk, at=page.now, object_id=str(found.pk))
    contents = Contents.of(found.contents)
    may = bool(seen.relations & ACTIONS[ACTION])
    is_running = found.state in (PlanState.AGREED, PlanState.UNDER_REVIEW)
    reviews = [pages.review_line(page, found, one) for one in found.reviews.select_related("by")]
    context = {
        "plan": found,
        "student": student,
        "place": grade_room(student.grade, student.homeroom),
        "goal": contents.goal,
        "goal_words": told.goal_words(contents),
        "stand": told.stand_words(found),
        "agreed": told.agreed_words(found),
        "edition": told.edition_words(found),
        "ended": told.ended_words(found),
        "lines": told.plan_lines(contents, pages.champion_name(contents)),
        "chart": pages.chart(page, found, contents),
        "reviews": reviews,
        "next_review": next((one["id"] for one in reviews if not one["held"]), None) if may and is_running else None,
        "change": told.changed_lines(found, pages.champion_name),
        "versions": pages.version_lines(found),
        "may_write": may and found.state != PlanState.ENDED,
        "may_agree": may and found.state != PlanState.ENDED and (found.state == PlanState.DRAFT or found.change),
        "may_end": may and found.state != PlanState.ENDED,
        "ways": Agreed.choices,
        "outcomes": [one for one in PlanOutcome.choices if is_running or one[0] == PlanOutcome.STOPPED],
        "languages": pages.copy_languages(contents),
        "refused": refused,
    }
    return render(request, "plans/plan.html", context, status=REFUSED if refused else 200)


@require_safe
def version(request: HttpRequest, plan_id: int, number: int) -> HttpResponse:
    """One version of the plan to read, as it was saved."""
    page = page_of(request)
    found, student, _sight = plan_seen(page, plan_id)
    edition = find_edition(found, number)
    if edition is None:
        raise Http404
    with transaction.atomic():
        detail = {"version": number}
        access.record(
            page.user, "plan.seen", student_id=student.pk, at=page.now, object_id=str(found.pk), detail=detail
        )
    context = {
        "plan": found,
        "student": student,
        "edition": edition,
        "state": told.edition_state(found, edition),
        "goal_words": told.goal_words(edition.contents),
        "agreed": told.agreed_words(edition.agreement) if edition.agreement else "",
        "lines": told.plan_lines(edition.contents, pages.champion_name(edition.contents)),
        "is_printed": edition.agreement is not None or number == found.version,
        "languages": pages.copy_languages(edition.contents),
    }
    return render(request, "plans/version.html", context)
