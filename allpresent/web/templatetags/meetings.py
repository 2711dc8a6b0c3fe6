"""What meetings decided, told on the pages where the day's work begins."""

from typing import Any

from django import template
from django.template.context import RequestContext

from allpresent.casework.queries.meetings import count_due
from allpresent.web.page import page_of

register = template.Library()


@register.inclusion_tag("meetings/_waiting.html", takes_context=True)
def agreed_waiting(context: RequestContext) -> dict[str, Any]:
    """``{% agreed_waiting %}``: how many decisions of meetings wait for the reader, and how many are overdue."""
    page = page_of(context["request"])
    count, late = count_due(page.user, page.on)
    return {"count": count, "late": late}
