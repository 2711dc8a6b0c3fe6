"""The brothers and sisters of a student, gathered for the reader of a page."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from allpresent import access
from allpresent.access.grants import Sight
from allpresent.casework.models import CaseStep
from allpresent.casework.queries import open_work
from allpresent.casework.queries.home_visits import reads_address
from allpresent.casework.queries.homes import homes_of_family
from allpresent.casework.queries.households import Relative, conversations, offered_contact, relatives_of
from allpresent.casework.queries.readings import Readings
from allpresent.roster.models import Contact, Student
from allpresent.web.page import Page
from allpresent.web.presenters import family as words
from allpresent.web.presenters.family import Household, offer_card, sibling_card
from allpresent.web.presenters.lines import make_lines
from allpresent.web.presenters.people import HomeLine, home_lines
from allpresent.web.presenters.standing import standing_rows


def household_of(page: Page, student: Student, step: CaseStep | None, values: Mapping[str, Any]) -> Household:
    """Showing it is an audited read of each brother and sister."""
    found = relatives_of(page.user, student, page.on)
    if not found:
        return Household()
    access.audited_read(page.user, "call_sheet.sibling", [one.student for one in found], at=page.now)
    rows = standing_rows(page.standings, [one.student.pk for one in found])
    ticked = set(values.get("also") or ())
    cards = tuple(
        sibling_card(
            one.student,
            rows.get(one.student.pk) if one.may_log else None,
            reverse("web:call_sheet" if one.may_log else "web:student", args=[one.student.pk]),
            can_tick=one.may_log and one.has_call,
            is_ticked=one.student.pk in ticked,
        )
        for one in found
    )
    since = step.crossing.crossed_on if step else None
    offer = offered_contact(page.user, student.pk, found, since)
    together = reverse("web:household", args=[student.pk])
    if offer is None:
        return Household(cards, url=together)
    share_url = reverse("web:share_contact", args=[student.pk, offer.attempt_id])
    return Household(cards, offer_card(offer, student.given_name, share_url), together)


def family_page(page: Page, student: Student, seen: Sight) -> words.FamilyPage:
    """The children of a household the reader may call about, side by side; Http404 where no other is to be seen.

    Showing it is an audited read of each child.
    """
    found = relatives_of(page.user, student, page.on)
    if not found:
        raise Http404
    others = [one for one in found if one.may_log]
    children = [student, *(one.student for one in others)]
    homes = _homes(page, student, seen)
    detail = {"page_of": student.pk, "address": bool(homes)}
    access.audited_read(page.user, "household.seen", children, at=page.now, detail=detail)
    readings = Readings.of(page.user, children, page.on)
    last, steps = readings.last_contacts(), readings.next_steps()
    lines = make_lines(page, children, last, steps, lambda pk: reverse("web:student", args=[pk]), readings.sights)
    ids = list(lines)
    calls = list(_waiting(ids, others, open_work.open_call(student.pk)))
    names = {child.pk: child.given_name for child in children}
    return words.FamilyPage(
        title=_("The household of %(name)s") % {"name": student.given_name},
        lead=words.family_lead(len(children), len(calls)),
        lines=tuple(lines[pk] for pk in ids),
        talks=tuple(words.talk_line(talk, names) for talk in conversations(page.user, ids, readings.whole)),
        call_url=reverse("web:call_sheet", args=[calls[0]]) if calls else "",
        homes=homes,
    )


def _homes(page: Page, student: Student, seen: Sight) -> tuple[HomeLine, ...]:
    """Where the child whose page it is lives, for those who may read it; a brother or sister may live elsewhere."""
    if not reads_address(page.user, seen, student.pk, page.on):
        return ()
    return home_lines(homes_of_family(Contact.objects.filter(student=student).exclude(may_contact=False)))


def _waiting(ids: Iterable[str], others: Iterable[Relative], own: CaseStep | None) -> Iterable[str]:
    """The children with an open call, the one whose page it is first."""
    waiting = {one.student.pk for one in others if one.has_call}
    return (pk for pk in ids if pk in waiting or (own is not None and pk == own.case.student_id))
