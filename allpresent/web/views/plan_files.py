"""Files of a success plan: the signature or scan, and the family's copy."""

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.casework.plan_contents import LANGUAGES, Contents
from allpresent.casework.plan_papers import CONTENT_TYPES
from allpresent.reports.plan_copy import render_plan_copy
from allpresent.web import plan_page as pages
from allpresent.web.page import page_of
from allpresent.web.presenters.plan_copy import family_copy
from allpresent.web.views.plans import plan_seen


@require_safe
def paper(request: HttpRequest, plan_id: int) -> FileResponse:
    """The signature or the scan, to download."""
    page = page_of(request)
    found, student, _sight = plan_seen(page, plan_id)
    path = page.home / found.paper
    if not found.paper or not path.is_file():
        raise Http404
    with transaction.atomic():
        access.record(page.user, "plan.paper_taken", student_id=student.pk, at=page.now, object_id=str(plan_id))
    kind = CONTENT_TYPES[path.suffix[1:]]
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"plan-{plan_id}{path.suffix}", content_type=kind)


@require_safe
def copy(request: HttpRequest, plan_id: int, language: str) -> HttpResponse:
    """The family's copy in English or Spanish, as an accessible PDF."""
    page = page_of(request)
    found, student, _sight = plan_seen(page, plan_id)
    if language not in LANGUAGES:
        raise Http404
    with transaction.atomic():
        detail = {"language": language}
        access.record(
            page.user, "plan.copied", student_id=student.pk, at=page.now, object_id=str(plan_id), detail=detail
        )
    contents = Contents.of(found.contents)
    with translation.override(language):
        due = [one.due_on for one in found.reviews.all() if one.held_on is None]
        made = family_copy(found, contents, student, pages.champion_name(contents), due, page.district.name)
    response = HttpResponse(render_plan_copy(made), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="plan-{plan_id}-{language}.pdf"'
    return response
