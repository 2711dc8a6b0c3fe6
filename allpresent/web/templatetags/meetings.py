"""What meetings decided, told on the pages where the day's work begins."""

from typing import Any

from django import template
from django.template.context import RequestContext

from allpresent.casework.queries.meetings import count_due
from allpresent.casework.referral_updates import ACTION
from allpresent.web.page import page_of

register = template.Library()


@register.inclusion_tag("meetings/_waiting.html", takes_context=True)
def agreed_waiting(context: RequestContext) -> dict[str, Any]:
    """``{% agreed_waiting %}``: how many decisions of meetings wait for the reader, and what of theirs is late."""
    page = page_of(context["request"])
    waiting = count_due(page.user, page.on)
    silent = waiting.silent if page.may(ACTION) else 0
    return {"count": waiting.decisions, "late": waiting.overdue, "silent": silent}
