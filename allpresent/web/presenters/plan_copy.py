"""The family's copy of a plan in the words of the language now spoken."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from allpresent.casework.models import SuccessPlan
from allpresent.casework.plan_agreements import Edition
from allpresent.reports.plan_copy import Part, PlanCopy
from allpresent.roster.models import Student
from allpresent.web.presenters.plans import agreed_words, goal_words, language_now, plan_lines, stand_words
from allpresent.web.presenters.strips import day_words, long_day_words


def family_copy(plan: SuccessPlan, edition: Edition, student: Student, champion: str, district: str) -> PlanCopy:
    """What the family takes home of one version; no study, no level, no number but the days."""
    school, contents = student.school.name if student.school else "", edition.contents
    parts = [Part(line.label, items=line.items) for line in plan_lines(contents, champion)]
    days = tuple(day_words(on) for on in edition.review_days)
    if days:
        parts.append(Part(_("We look at this plan together again"), items=days))
    dated = date_format(edition.dated, _("j F Y"))
    version = _("Version %(number)d of %(day)s") % {"number": edition.number, "day": dated}
    return PlanCopy(
        language=language_now(),
        title=_("Success plan for %(name)s") % {"name": student.given_name},
        about=" · ".join(part for part in (school, district, version) if part),
        goal=contents.goal or _("The goal is not written yet."),
        goal_words=f"{goal_words(contents)}.",
        sentences=tuple(filter(None, (_standing(plan, edition), f"{stand_words(plan)}.", *_agreement(edition)))),
        parts=tuple(parts),
        foot=student.spoken_name,
        page_words=_("page {page} of {pages}"),
    )


def _standing(plan: SuccessPlan, edition: Edition) -> str:
    """What a reader has to know first: that it is a draft, a change not yet agreed, or no longer in force."""
    if edition.replaced_on:
        words = _("This is the plan as it was agreed then. A later agreement took its place on %(day)s.")
        return words % {"day": long_day_words(edition.replaced_on)}
    if edition.agreement is not None:
        return ""
    if plan.agreed_on is None:
        return _("This is a draft. Nothing is agreed yet.")
    words = _("This change is not agreed yet. Until then the plan of %(day)s holds.")
    return words % {"day": long_day_words(plan.agreed_on)}


def _agreement(edition: Edition) -> tuple[str, ...]:
    found = edition.agreement
    if found is None or found.agreed_on is None or found.runs_to is None:
        return ()
    runs = _("This plan runs from %(first)s to %(last)s.") % {
        "first": long_day_words(found.agreed_on),
        "last": long_day_words(found.runs_to),
    }
    return runs, agreed_words(found)
