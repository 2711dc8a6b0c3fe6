"""District: the executive's page with one line a school."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.access.reasons import relations_of_scope
from allpresent.casework import queries
from allpresent.roster.models import School
from allpresent.web.page import page_of
from allpresent.web.presenters import school_page
from allpresent.web.presenters.district import DEFAULT_SORT
from allpresent.web.presenters.grounds import grounds_of
from allpresent.web.presenters.guarded import guard_of
from allpresent.web.presenters.records import steps_on_time, steps_on_time_by_school
from allpresent.web.presenters.scope import Seen
from allpresent.web.presenters.tallies import ALL_SCHOOLS


@require_safe
def district(request: HttpRequest) -> HttpResponse:
    """The whole district, its goals, and its schools in the order asked for."""
    page = page_of(request)
    if not page.may("see_district"):
        raise Http404
    if page.facts is None or page.as_of is None:
        return render(request, "school/none.html")
    seen = Seen(page.facts, page.rules, page.district, page.as_of, ALL_SCHOOLS)
    guard = None if page.roles & set(relations_of_scope("D")) else guard_of(seen, None)
    if guard is not None and not guard.is_open:
        access.record(page.user, "district.seen", at=page.now, object_kind="district")
        return render(request, "school/few.html", {"name": page.district.name})
    with transaction.atomic():
        access.record(page.user, "district.seen", at=page.now, object_kind="district")
        schools = list(School.objects.order_by("name", "school_id"))
        on_time = steps_on_time(queries.protocol_on_time(page.facts, page.as_of))
        by_school = steps_on_time_by_school(queries.protocol_on_time_by_school(page.facts, page.as_of))
    urls = {one.school_id: reverse("web:school", args=[one.school_id]) for one in schools}
    context = school_page.district_page(
        seen,
        grounds_of(page),
        on_time=on_time,
        schools=school_page.school_counts(seen, schools, urls if page.may("see_school") else {}, by_school),
        sort=request.GET.get("sort", DEFAULT_SORT),
        guard=guard,
        report_url=f"{reverse('web:reports')}?scope=all" if page.may("see_report") else "",
    )
    promises_url = reverse("web:accountability") if page.may("see_accountability") else ""
    return render(request, "district/district.html", {"page": context, "promises_url": promises_url})
