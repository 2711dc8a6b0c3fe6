"""The family's copy of a plan in the words of the language now spoken."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from allpresent.casework.models import SuccessPlan
from allpresent.casework.plan_contents import Contents
from allpresent.reports.plan_copy import Part, PlanCopy
from allpresent.roster.models import Student
from allpresent.web.presenters.plans import agreed_words, goal_words, language_now, plan_lines, stand_words
from allpresent.web.presenters.strips import day_words, long_day_words


def family_copy(
    plan: SuccessPlan,
    contents: Contents,
    student: Student,
    champion: str,
    reviews: Iterable[date],
    district: str,
) -> PlanCopy:
    """What the family takes home; no study, no level, no number but the days."""
    school = student.school.name if student.school else ""
    parts = [Part(line.label, items=line.items) for line in plan_lines(contents, champion)]
    days = tuple(day_words(on) for on in reviews)
    if days:
        parts.append(Part(_("We look at this plan together again"), items=days))
    runs = ""
    if plan.agreed_on and plan.runs_to:
        runs = _("This plan runs from %(first)s to %(last)s.") % {
            "first": long_day_words(plan.agreed_on),
            "last": long_day_words(plan.runs_to),
        }
    draft = "" if plan.agreed_on else _("This is a draft. Nothing is agreed yet.")
    sentences = (draft, f"{stand_words(plan)}.", runs, agreed_words(plan))
    return PlanCopy(
        language=language_now(),
        title=_("Success plan for %(name)s") % {"name": student.given_name},
        about=" · ".join(part for part in (school, district) if part),
        goal=contents.goal or _("The goal is not written yet."),
        goal_words=f"{goal_words(contents)}.",
        sentences=tuple(filter(None, sentences)),
        parts=tuple(parts),
        foot=student.full_name,
        page_words=_("page {page} of {pages}"),
    )
