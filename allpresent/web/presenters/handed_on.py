"""Decisions of meetings that stopped with nobody doing anything: the student left, or is out of the person's sight."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from allpresent.casework.models.meetings import DecisionKind, DecisionState
from allpresent.casework.models.steps import Ending
from allpresent.web.presenters.strips import day_words

if TYPE_CHECKING:
    from allpresent.casework.models import MeetingDecision
    from allpresent.casework.queries.student import Event


def handed_on_words(before: str) -> str:
    """That nobody is named any more, and who was; blank where somebody is."""
    return _("nobody is named: %(person)s no longer sees the student") % {"person": before} if before else ""


def stopped_words(row: "MeetingDecision") -> str:
    """Why nobody does what was decided; blank where it is done, or somebody is to do it."""
    if row.state == DecisionState.WITHDRAWN and row.ended_on is not None:
        said = {"day": day_words(row.ended_on), "why": Ending.LEFT.label}
        return _("withdrawn on %(day)s: %(why)s") % said
    is_waiting = row.state == DecisionState.OPEN and row.handed_from is not None
    return handed_on_words(str(row.handed_from)) if is_waiting else ""


def withdrawn_event(event: "Event") -> dict[str, Any]:
    """A decision on the timeline that the night withdrew."""
    label = str(DecisionKind(event.detail["decision"]).label)
    return {"strong": _("Withdrawn: %(what)s") % {"what": label}, "words": Ending.LEFT.label}
