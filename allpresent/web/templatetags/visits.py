"""Tags about home visits on other pages: the way to plan one, and visitors who have not checked out."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from allpresent.access.roles import ACTIONS
from allpresent.casework.queries import home_visits as queries
from allpresent.casework.queries import open_work
from allpresent.web.page import page_of
from allpresent.web.presenters.visits import reason_text, visit_card
from allpresent.web.student_file import StudentFile

register = template.Library()


register.filter("reason_text", reason_text)


@register.simple_tag
def plan_visit(file: StudentFile) -> SafeString | str:
    """``{% plan_visit file %}``: a button, where the relation that opens the student plans visits. No query."""
    if not file.sight.relations & ACTIONS["plan_visit"]:
        return ""
    address = reverse("web:visit_plan", args=[file.student.pk])
    return format_html('<a class="button" href="{}">{}</a>', address, _("Plan a visit"))


@register.inclusion_tag("visits/_missed.html", takes_context=True)
def missed_check_outs(context: RequestContext) -> dict[str, Any]:
    """``{% missed_check_outs %}``: visitors whose expected end is over; nothing while there are none. One query."""
    page = page_of(context["request"])
    if not page.may("see_visits"):
        return {"missed": []}
    students = open_work.students_for(page.user, "see_visits", page.on)
    rows = queries.missed_check_outs(page.user, students, page.now)
    return {"missed": [visit_card(row, page.on) for row in rows]}
