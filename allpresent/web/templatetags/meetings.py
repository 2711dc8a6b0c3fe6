"""What meetings decided, told on the pages where the day's work begins."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse

from allpresent.casework.queries.meetings import count_due
from allpresent.casework.queries.open_work import reads_whole_log
from allpresent.casework.queries.routes import route_for
from allpresent.web.page import page_of

register = template.Library()


@register.inclusion_tag("meetings/_waiting.html", takes_context=True)
def agreed_waiting(context: RequestContext) -> dict[str, Any]:
    """``{% agreed_waiting %}``: how many decisions of meetings wait for the reader, and how many are overdue."""
    page = page_of(context["request"])
    count, late = count_due(page.user, page.on)
    return {"count": count, "late": late}


@register.inclusion_tag("meetings/_route.html", takes_context=True)
def next_route(context: RequestContext, student_id: str) -> dict[str, Any]:
    """``{% next_route student_id %}``: what to try instead of one more call, after calls that reached nobody."""
    page = page_of(context["request"])
    route = route_for(student_id, None if reads_whole_log(page.roles) else page.user)
    may_visit = route.asks_a_visit and page.may("plan_visit")
    return {"route": route, "visit_url": reverse("web:visit_plan", args=[student_id]) if may_visit else ""}
