"""The month's report on home visits, made from the facts and the records of the schools its reader may open."""

from datetime import date, timedelta

from allpresent.access.grants import schools_for
from allpresent.casework.queries import home_visits as queries
from allpresent.reports.leap import DISTRICT, LeapScope, change_after_visits, leap_report, render_leap
from allpresent.reports.visit_counts import Visit
from allpresent.web.page import Page


def leap_file(page: Page, first: date, form: str) -> bytes:
    """The report of the month that begins on a day, as ``pdf`` or ``csv``. The page has facts."""
    if page.facts is None or page.version is None or page.as_of is None:
        raise ValueError("A report needs a data version.")
    is_whole = page.may("see_district")
    schools = None if is_whole else list(schools_for(page.user, "see_report", page.on).values_list("pk", flat=True))
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    visits = [
        Visit(row.student_id, row.on, row.number, row.outcome, row.school_id or "")
        for row in queries.visits_between(first, last, schools)
    ]
    # Visited before or since, of any school: nobody to hold the month's visited against.
    ever = {row.student_id for row in queries.visits_between(date(first.year - 1, 1, 1), date.max)}
    scope = LeapScope(
        district=page.district.name,
        name=page.district.name if is_whole else page.scope_name,
        key=DISTRICT if is_whole else "schools",
        first=first,
        last=last,
        as_of=page.as_of,
        delivery_id=page.version.delivery_id,
    )
    change = change_after_visits(page.facts, page.as_of, page.rules, visits, ever)
    return render_leap(leap_report(scope, visits, change, page.rules), form)
