"""My caseload gathered: the students carried, with their lines, and the offers of both directions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent import access
from allpresent.casework.models import CaseloadLimit, HandOver
from allpresent.casework.queries import caseload as asked
from allpresent.casework.queries import open_work
from allpresent.roster.models import Student
from allpresent.web.page import Page
from allpresent.web.presenters.levels import level_badge
from allpresent.web.presenters.lines import make_lines
from allpresent.web.presenters.meetings import initials
from allpresent.web.presenters.student_line import StudentLine
from allpresent.web.presenters.words import days_ago, grade_words

HIGH_LEVELS = ("L4", "L5", "L6")


@dataclass(frozen=True)
class LoadRow:
    """One student carried: the line, when the family was last reached, and an offer that waits."""

    line: StudentLine
    reached: str
    offer: HandOver | None


@dataclass(frozen=True)
class OfferRow:
    """One student offered to the person, told without a name until it is accepted."""

    offer_id: int
    who: str
    level: str
    giver: str
    reason: str


@dataclass(frozen=True)
class Load:
    """The whole page."""

    lead: str
    under_lead: str
    high: tuple[LoadRow, ...]
    others: tuple[LoadRow, ...]
    offers: tuple[OfferRow, ...]
    declined: tuple[str, ...]
    colleagues: tuple[tuple[int, str], ...]
    most: int | None


def gather(page: Page) -> Load:
    """The person's caseload; every student read is written down."""
    carried = asked.caseload_of(page.user, page.on)
    ids = [one.student_id for one in carried]
    students = list(Student.objects.filter(pk__in=ids).select_related("school"))
    declined = asked.declined_of(page.user)
    named = {one.pk: one for one in (*students, *(offer.student for offer in declined))}
    access.audited_read(page.user, "caseload.listed", named.values(), at=page.now)
    contacts = open_work.last_contacts(ids)
    lines = make_lines(
        page, students, contacts, open_work.next_steps(ids), lambda pk: reverse("web:student", args=[pk])
    )
    given = asked.offers_by(page.user)
    rows = [
        (one.level, LoadRow(lines[one.student_id], _reached(one, contacts, page.on), given.get(one.student_id)))
        for one in carried
        if one.student_id in lines
    ]
    most = CaseloadLimit.objects.filter(user=page.user).values_list("most", flat=True).first()
    high = tuple(row for level, row in rows if level in HIGH_LEVELS)
    return Load(
        lead=_lead(len(rows), len(high), sum(one.reached_on is None for one in carried)),
        under_lead=_full_words(len(rows), most),
        high=high,
        others=tuple(row for level, row in rows if level not in HIGH_LEVELS),
        offers=_offers(page),
        declined=tuple(_declined(one) for one in declined),
        colleagues=tuple((one.user_id, _colleague(one)) for one in asked.colleagues(page.user, page.on)),
        most=most,
    )


def _reached(one: asked.Carried, contacts: Mapping[str, open_work.LastContact], on: date) -> str:
    """Reached 6 d ago; never reached; blank where the line's last contact says so already."""
    if one.reached_on is None:
        return _("never reached")
    last = contacts.get(one.student_id)
    if last and last.on == one.reached_on:
        return ""
    return _("reached %(when)s") % {"when": days_ago(one.reached_on, on)}


def _lead(count: int, high: int, never: int) -> str:
    words = ngettext(
        "You carry %(count)d student, %(high)d of them at L4 to L6.",
        "You carry %(count)d students, %(high)d of them at L4 to L6.",
        count,
    ) % {"count": count, "high": high}
    if not never:
        return words
    more = ngettext(
        "The family of %(count)d was never reached.", "The families of %(count)d were never reached.", never
    )
    return f"{words} {more % {'count': never}}"


def _full_words(count: int, most: int | None) -> str:
    if most is None:
        return _("You have not said how many students you can carry.")
    if count > most:
        return _("That is more than the %(most)d you said you can carry.") % {"most": most}
    return _("You said you can carry %(most)d.") % {"most": most}


def _offers(page: Page) -> tuple[OfferRow, ...]:
    rows = []
    offers = asked.offers_to(page.user)
    levels = asked.levels_of(offer.student_id for offer in offers) if offers else {}
    for offer in offers:
        student = offer.student
        badge = level_badge(levels.get(offer.student_id))
        parts = [initials(student.full_name), grade_words(student.grade), student.school.name if student.school else ""]
        level = f"{badge.key} {badge.word}" if badge else ""
        rows.append(
            OfferRow(offer.pk, " · ".join(part for part in parts if part), level, str(offer.giver), offer.reason)
        )
    return tuple(rows)


def _declined(offer: HandOver) -> str:
    return _("%(person)s could not take on %(student)s: %(why)s") % {
        "person": offer.receiver,
        "student": offer.student.full_name,
        "why": offer.answer,
    }


def _colleague(one: asked.Colleague) -> str:
    """Kim Lane (12 of 20); full."""
    if one.most is None:
        return f"{one.name} ({one.carries})"
    words = _("%(name)s (%(carries)d of %(most)d)") % {"name": one.name, "carries": one.carries, "most": one.most}
    return _("%(person)s, full") % {"person": words} if one.is_full else words
