"""What a success plan's pages show of the facts and the records, gathered for one reader."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.urls import reverse
from django.utils.translation import gettext as _

from allpresent.access.models import User
from allpresent.casework import CaseworkError
from allpresent.casework.models import PlanReview, SuccessPlan
from allpresent.casework.models.success_plans import PlanState
from allpresent.casework.permissions import local_day
from allpresent.casework.plan_contents import Contents
from allpresent.casework.queries.success_plans import PlanRow
from allpresent.casework.success_plans import Stand
from allpresent.measures import MeasureError, standings
from allpresent.roster.models import Student
from allpresent.web.page import Page
from allpresent.web.presenters import plans as told
from allpresent.web.presenters.lines import SchoolClock
from allpresent.web.presenters.plan_chart import Course, PlanChart, plan_chart
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.words import due_words, grade_room

if TYPE_CHECKING:
    from allpresent.measures import Facts


def list_line(page: Page, row: PlanRow, student: Student, names: dict[int, str], clock: SchoolClock) -> dict[str, str]:
    return {
        "name": student.full_name,
        "place": grade_room(student.grade, student.homeroom),
        "url": reverse("web:plan", args=[row.plan_id]),
        "goal": row.goal,
        "state": told.state_words(row.state, row.agreed_on, row.runs_to),
        "change": _("A change waits for the family's yes") if row.has_change else "",
        "champion": names.get(row.champion or 0, ""),
        "due": due_words(row.review_on, page.on),
        "late": clock.late(row.review_on, student.school_id or row.school_id),
    }


def stand(page: Page, student_id: str) -> Stand:
    if page.facts is None or page.as_of is None or page.version is None:
        raise CaseworkError(_("Nothing has been delivered yet, so there are no days to begin a plan with."))
    row = standing(page, student_id, page.as_of)
    if row is None:
        raise CaseworkError(_("No school day has been delivered for this student this year."))
    reported = Fraction(row["days_enrolled"]) - Fraction(row["days_unreported"])
    return Stand(str(row["days_absent"]), str(reported), page.as_of, page.version.delivery_id)


def standing(page: Page, student_id: str, on: date) -> dict[str, Any] | None:
    table = page.standings if on == page.as_of else standings(page.facts, on, page.rules) if page.facts else None
    if table is None:
        return None
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["student_id"], pa.scalar(student_id))).to_pylist()
    return rows[0] if rows else None


def champion_name(contents: Contents) -> str:
    champion = User.objects.filter(pk=contents.champion).first() if contents.champion else None
    return str(champion) if champion else ""


def review_line(page: Page, found: SuccessPlan, one: PlanReview) -> dict[str, Any]:
    clock = SchoolClock(page)
    is_live = one.held_on is None and found.state != PlanState.ENDED
    return {
        "id": one.pk,
        "day": day_words(one.held_on or one.due_on),
        "held": one.held_on is not None,
        "by": str(one.by) if one.by else "",
        "words": one.words,
        "due": due_words(one.due_on, page.on) if is_live and one.due_on == page.on else "",
        "late": clock.late(one.due_on, found.school_id) if is_live else "",
    }


def chart(page: Page, found: SuccessPlan, contents: Contents) -> PlanChart | None:
    """How the days went since the plan was agreed; nothing for a draft, or before anything is delivered."""
    if found.agreed_on is None or page.facts is None or page.as_of is None:
        return None
    upto = min(page.as_of, found.ended_on or page.as_of)
    course = _course(page, page.facts, found.student_id, found.agreed_on)
    return plan_chart(found.agreed_on, contents.weeks, contents.goal_days, upto, course)


def _course(page: Page, facts: "Facts", student_id: str, since: date) -> Callable[[date], Course]:
    """How the days stood on a day, counted from the first one of the school year in which the plan was agreed.

    A plan goes on over the turn of the year, and counts begin anew: the days of the years between are added.
    """
    first = facts.school_year(since)

    def course(on: date) -> Course:
        year = facts.school_year(on)
        turns = [date.fromisoformat(f"{one + 1}-{page.district.year_starts}") for one in range(first, year)]
        days = [*(turn - timedelta(days=1) for turn in turns), on] if year >= first else []
        rows = [row for row in (_standing_or_none(page, student_id, day) for day in days) if row]
        absent = sum((Fraction(row["days_absent"]) for row in rows), Fraction(0))
        return Course(absent, sum(int(row["days_unreported"]) for row in rows))

    return course


def _standing_or_none(page: Page, student_id: str, on: date) -> dict[str, Any] | None:
    try:
        return standing(page, student_id, on)
    except MeasureError:  # before the first day of the year nothing is missed
        return None


def session_days(page: Page, school_id: str | None) -> Sequence[date]:
    if page.facts is None or school_id is None:
        return ()
    year = page.facts.school_year(page.on)
    if year not in page.facts.version.school_years:
        return ()
    days: list[date] = page.facts.session_days(school_id, year).astype(object).tolist()
    return days


def version_lines(found: SuccessPlan) -> list[dict[str, Any]]:
    """Every version, newest first, with who saved it and whether the family agreed to it. Two queries."""
    agreed = {row.version: row.agreed_on for row in found.past_agreements.all()}
    if found.agreed_version and found.agreed_on:
        agreed[found.agreed_version] = found.agreed_on
    return [
        {
            "number": row.number,
            "day": day_words(local_day(row.at)),
            "by": str(row.by),
            "agreed": day_words(agreed[row.number]) if row.number in agreed else "",
        }
        for row in found.versions.select_related("by").order_by("-number")
    ]


def copy_languages(contents: Contents) -> tuple[str, ...]:
    """The languages of the family's copy, the family's own first."""
    return ("en", "es") if contents.language == "en" else ("es", "en")
