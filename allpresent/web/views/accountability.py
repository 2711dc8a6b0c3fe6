"""Accountability: the year's proof of the review-team duty."""

import csv
import io

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.casework import meetings as acts
from allpresent.web.cells import safe_cell
from allpresent.web.meeting_proof import proof_of
from allpresent.web.page import Page, page_of


def _team_page(request: HttpRequest) -> Page:
    page = page_of(request)
    if not page.may(acts.ACTION):
        raise Http404
    return page


@require_safe
def proof(request: HttpRequest) -> HttpResponse:
    """The year's proof of the review-team duty, of the person's teams."""
    page = _team_page(request)
    if page.facts is None:
        return render(request, "school/none.html")
    with transaction.atomic():
        access.record(page.user, "meeting_proof.seen", at=page.now, object_kind="meetings")
        shown = proof_of(page)
    return render(request, "meetings/proof.html", {"proof": shown})


@require_safe
def proof_csv(request: HttpRequest) -> HttpResponse:
    """The same as one flat file, a line a team and month; no student is in it."""
    page = _team_page(request)
    if page.facts is None:
        raise Http404
    with transaction.atomic():
        access.record(page.user, "meeting_proof.exported", at=page.now, object_kind="meetings")
        shown = proof_of(page)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["team", "is_duty", "month", "meetings", "days"])
    for row in shown.rows:
        for cell, (year, month) in zip(row.cells, shown.months, strict=True):
            line = [row.team, int(row.is_duty), f"{year}-{month:02d}", cell.count, cell.days]
            writer.writerow([safe_cell(value) for value in line])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="review-team-{shown.year}.csv"'
    return response
