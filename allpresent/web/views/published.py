"""Published figures: what a state says of its schools and districts, to be read beside our own and not mixed."""

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.intake import published_figures
from allpresent.web.page import page_of
from allpresent.web.presenters.published import published_page


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """The figures of the deliveries of published files, narrowed as asked."""
    page = page_of(request)
    if not page.may("see_district"):
        raise Http404
    with transaction.atomic():
        access.record(page.user, "published_figures.seen", at=page.now, object_kind="district")
    found = published_figures(settings.HOME)
    shown = published_page(found["aggregates"], found["school_day_totals"], request.GET.dict())
    return render(request, "district/published.html", {"page": shown})
