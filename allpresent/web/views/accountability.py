"""Accountability: how promises were kept, by school, level and step; the year's proof of the review-team duty."""

import csv
import io
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.access.grants import schools_for
from allpresent.casework import meetings as acts
from allpresent.casework import queries
from allpresent.casework.queries.accountability import Promised, promised_by_step
from allpresent.casework.queries.kept import OnTime
from allpresent.casework.queries.referrals import came_to
from allpresent.casework.queries.school_promises import promises_kept
from allpresent.casework.school_promises import ACTION as RECORD
from allpresent.policy.services import load_services
from allpresent.protocol.steps import school_steps
from allpresent.web.cells import safe_cell
from allpresent.web.meeting_proof import proof_of
from allpresent.web.page import Page, page_of
from allpresent.web.presenters import accountability as told
from allpresent.web.presenters import referral_counts as counted
from allpresent.web.presenters import school_promises as promised

ACTION = "see_accountability"


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


class _Promises:
    """The promises of the person's schools, or of the one asked for with ``?school=``; Http404 for anybody else."""

    def __init__(self, request: HttpRequest) -> None:
        self.page = page_of(request)
        if not self.page.may(ACTION):
            raise Http404
        rows = schools_for(self.page.user, ACTION, self.page.on).order_by("name", "school_id")
        self.schools = dict(rows.values_list("school_id", "name"))
        self.asked = request.GET.get("school", "")
        if self.asked and self.asked not in self.schools:
            raise Http404
        self.names = {self.asked: self.schools[self.asked]} if self.asked else self.schools
        # Whoever reads no student reads no small number either.
        self.hide_to = 0 if self.page.sees_students else self.page.rules.hidden_count_max

    def lines(self) -> list[Promised]:
        """Every step, in the order of school, level and step."""
        return promised_by_step(self.page.on, self.names.keys())

    def kept(self) -> tuple[OnTime, dict[str, OnTime]]:
        """The scope as a whole, and each school."""
        if self.page.facts is None:
            return OnTime(), {}
        if len(self.names) == 1:
            (school,) = self.names
            one = queries.protocol_on_time(self.page.facts, self.page.on, school)
            return one, {school: one}
        return queries.protocol_on_time_everywhere(self.page.facts, self.page.on)


def _own_promises(asked: _Promises) -> dict[str, object]:
    """What the schools themselves promised: of one school each with its people, of several where help is needed."""
    page, steps = asked.page, school_steps(asked.page.protocol)
    found = promises_kept(asked.names.keys())
    recording = set(schools_for(page.user, RECORD, page.on).values_list("pk", flat=True))
    if len(asked.names) == 1:
        (school,) = asked.names

        def url_of(step_key: str) -> str:
            return reverse("web:school_promise", args=[school, step_key]) if school in recording else ""

        return {"promises": promised.school_cards(steps, found, school, url_of)}
    places = {key: f"{reverse('web:accountability')}?{urlencode({'school': key})}#promised" for key in asked.names}
    return {"tallies": promised.tallies(steps, found, asked.names, places)}


@require_safe
def accountability(request: HttpRequest) -> HttpResponse:
    """Promised, on time, late, overdue, withdrawn, exempt; how soon families were reached; where help is needed."""
    asked = _Promises(request)
    page = asked.page
    if page.facts is None:
        return render(request, "school/none.html")
    with transaction.atomic():
        access.record(page.user, "accountability.seen", at=page.now, object_kind="school", object_id=asked.asked)
        whole, by_school = asked.kept()
        lines = told.step_lines(asked.lines(), asked.names, hide_to=asked.hide_to)
        own = _own_promises(asked)
        came = came_to(page.on, asked.names.keys())
    urls = {key: f"{reverse('web:accountability')}?school={key}" for key in asked.names}
    context = own | {
        "names": asked.names,
        "chosen": asked.names[asked.asked] if asked.asked else "",
        "lead": told.lead_words(whole, hide_to=asked.hide_to),
        "schools": told.school_lines(by_school, asked.names, urls, hide_to=asked.hide_to),
        "lines": lines if len(asked.names) == 1 else (),
        "help": told.help_needed(lines, urls),
        "referrals": counted.came_lines(came, asked.names, urls, hide_to=asked.hide_to),
        "came_heads": counted.came_heads(),
        "rhythm": load_services(page.protocol.key)[0].rhythm,
        "csv": reverse("web:accountability_csv") + (f"?school={asked.asked}" if asked.asked else ""),
        "several": len(asked.schools) > 1,
    }
    return render(request, "accountability/accountability.html", context)


@require_safe
def accountability_csv(request: HttpRequest) -> HttpResponse:
    """Every line as a file, with small numbers hidden: a file goes further than a page."""
    asked = _Promises(request)
    page = asked.page
    with transaction.atomic():
        detail = {"schools": len(asked.names)}
        access.record(page.user, "accountability.exported", at=page.now, object_id=asked.asked, detail=detail)
        lines = told.step_lines(asked.lines(), asked.names, hide_to=page.rules.hidden_count_max)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    heads = ("on_time", "late", "overdue", "not_yet_due", "withdrawn", "exempt")
    writer.writerow(["school_id", "school", "level", "step", "promised", *heads])
    for line in lines:
        row = [line.school_id, line.school, line.level, line.step, line.promised, *line.cells]
        writer.writerow([safe_cell(value) for value in row])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="promises-{page.on.isoformat()}.csv"'
    return response
