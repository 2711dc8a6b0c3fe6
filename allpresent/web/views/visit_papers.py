"""The papers of a day's visits as accessible PDFs: the visitor's sheet, and the card to leave."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import make_aware
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.casework.queries import home_visits as queries
from allpresent.casework.queries import open_work
from allpresent.reports.visit_papers import render_day_sheet, render_leave_behind
from allpresent.roster.models import Student
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import visit_papers as papers
from allpresent.web.presenters import visits as words
from allpresent.web.visiting import adults_of, open_visit_file


def sheets_of(page: Page) -> tuple[words.DaySheet, ...]:
    """Today's visits of this person, with the families' adults; an audit entry a student."""
    students = open_work.students_for(page.user, "see_visits", page.on)
    starts = make_aware(datetime.combine(page.on, time.min))
    rows = queries.day_visits(page.user, students, starts, starts + timedelta(days=1), page.now)
    listed = Student.objects.select_related("school").filter(pk__in=[row.student_id for row in rows])
    detail = {"addresses": True}
    read = access.audited_read(page.user, "visits.day_sheet", listed, at=page.now, detail=detail)
    seen = {one.pk: one for one in read}
    return words.day_sheets(rows, seen, adults_of(seen), page.on)


@require_safe
def day_sheet(request: HttpRequest) -> HttpResponse:
    """Today's visits of this person on paper, in the reader's language."""
    page = page_of(request)
    if not page.may("see_visits"):
        raise Http404
    paper = papers.day_sheet_paper(sheets_of(page), str(page.user), page.district.name, page.on)
    return _pdf(render_day_sheet(paper), f"visits-{page.on.isoformat()}.pdf")


@require_safe
def card(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The card to leave at a door, in the family's language."""
    page = page_of(request)
    file = open_visit_file(page, visit_id=visit_id)
    if file.visit is None or file.visit.visitor is None:
        raise Http404
    with transaction.atomic():
        access.record(page.user, "visit.card_made", student_id=file.student.pk, at=page.now, object_id=str(visit_id))
    made = words.leave_behind(file.student, queries.visit_row(file.visit, page.user, page.now))
    return _pdf(render_leave_behind(papers.leave_behind_paper(made, page.district.name)), f"card-{visit_id}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
