"""The children of one household on one page, for somebody who may call the family."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from allpresent.access.grants import sight
from allpresent.access.roles import ACTIONS
from allpresent.roster.models import Student
from allpresent.web.household import family_page
from allpresent.web.page import page_of


@require_safe
def household(request: HttpRequest, student_id: str) -> HttpResponse:
    """The student with the brothers and sisters the reader may see too; without any there is no such page."""
    page = page_of(request)
    seen = sight(page.user, student_id, page.on)
    if seen is None or not seen.relations & ACTIONS["log_contact"]:
        raise Http404
    student = get_object_or_404(Student.objects.select_related("school"), pk=student_id)
    with transaction.atomic():
        shown = family_page(page, student, seen)
    return render(request, "household/household.html", {"family": shown, "student": student})
