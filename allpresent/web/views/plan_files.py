"""Files of a success plan: the signature or scan of an agreement, and the family's copy of a version."""

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.casework.plan_agreements import find_edition
from allpresent.casework.plan_contents import LANGUAGES
from allpresent.casework.plan_papers import CONTENT_TYPES
from allpresent.reports.plan_copy import render_plan_copy
from allpresent.web import plan_page as pages
from allpresent.web.page import page_of
from allpresent.web.presenters.plan_copy import family_copy
from allpresent.web.views.plans import plan_seen


@require_safe
def paper(request: HttpRequest, plan_id: int, number: int | None = None) -> FileResponse:
    """The signature or the scan, to download."""
    page = page_of(request)
    found, student, _sight = plan_seen(page, plan_id)
    edition = find_edition(found, number)
    place = edition.agreement.paper if edition and edition.agreement else ""
    path = page.home / place
    if not place or not path.is_file():
        raise Http404
    with transaction.atomic():
        access.record(page.user, "plan.paper_taken", student_id=student.pk, at=page.now, object_id=str(plan_id))
    kind = CONTENT_TYPES[path.suffix[1:]]
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"plan-{plan_id}{path.suffix}", content_type=kind)


@require_safe
def copy(request: HttpRequest, plan_id: int, language: str, number: int | None = None) -> HttpResponse:
    """The family's copy in English or Spanish, as an accessible PDF: of what holds, or of the version named.

    A version that was saved on the way and never put to the family has no copy.
    """
    page = page_of(request)
    found, student, _sight = plan_seen(page, plan_id)
    edition = find_edition(found, number)
    if language not in LANGUAGES or edition is None:
        raise Http404
    if edition.agreement is None and edition.number != found.version:
        raise Http404
    with transaction.atomic():
        detail = {"language": language, "version": edition.number}
        access.record(
            page.user, "plan.copied", student_id=student.pk, at=page.now, object_id=str(plan_id), detail=detail
        )
    with translation.override(language):
        champion = pages.champion_name(edition.contents)
        made = family_copy(found, edition, student, champion, page.district.name)
    response = HttpResponse(render_plan_copy(made), content_type="application/pdf")
    name = f"plan-{plan_id}-version-{edition.number}-{language}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
