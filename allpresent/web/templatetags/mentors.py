"""What mentors told the team, on the page where its day begins."""

from typing import Any

from django import template
from django.template.context import RequestContext

from allpresent.casework.mentor_acts import ACTION
from allpresent.casework.queries.mentors import open_worries
from allpresent.web.page import page_of

register = template.Library()


@register.inclusion_tag("mentors/_worries_open.html", takes_context=True)
def worries_open(context: RequestContext) -> dict[str, Any]:
    """``{% worries_open %}``: how many worries nobody answered yet, and how many overdue; for those who may read them.

    They are counted as the Mentors page lists them. One query.
    """
    page = page_of(context["request"])
    worries = open_worries(page.user, page.on) if page.may(ACTION) else []
    return {"count": len(worries), "late": sum(one.is_overdue(page.on) for one in worries)}
