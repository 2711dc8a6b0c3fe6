"""My calls: the opening sentence and the list, the most urgent family first."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.web.presenters.family import FamilyLine
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.grounds import Grounds


@dataclass(frozen=True)
class LeadPart:
    """A run of words of the opening sentence, or a figure in it."""

    text: str = ""
    figure: Figure | None = None


@dataclass(frozen=True)
class MyCalls:
    """The page of a caller."""

    lead: tuple[LeadPart, ...]
    families: tuple[FamilyLine, ...]
    start_url: str = ""
    under_lead: str = ""
    empty_title: str = ""
    empty_text: str = ""
    saved_key: str = ""


def calls_lead(total: int, late: int, grounds: Grounds | None, *, students: int) -> tuple[LeadPart, ...]:
    """6 families to call, 2 of them late."""
    if grounds is None:
        return (LeadPart(_("No attendance has been posted yet, so there is nobody to call.")),)
    if not total:
        return (LeadPart(_("No family of yours is waiting for a call.")),)
    words = ngettext("%(count)d family to call", "%(count)d families to call", total) % {"count": total}
    parts = [
        LeadPart(
            figure=grounds.figure(
                words,
                _("Families to call"),
                _(
                    "Students you see today with an open call step that is yours: given to you, or to your role."
                    " Brothers and sisters of one household are one call."
                ),
                of_protocol=True,
                counted=ngettext("%(count)d student", "%(count)d students", students) % {"count": students},
                excluded=_("Steps already done, exempt or withdrawn."),
            )
        )
    ]
    if late == total > 1:
        parts.append(LeadPart(_(", all of them late.")))
    elif late:
        late_text = ngettext("%(count)d of them is late.", "%(count)d of them are late.", late) % {"count": late}
        parts.append(LeadPart(f", {late_text}"))
    else:
        parts.append(LeadPart(_(", none of them late.")))
    return tuple(parts)
