"""Which evidence closes which step. A note is none: writing something down is not doing it."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .days import day_words
from .errors import EvidenceError
from .models import CaseStep

CONTACT = "contact_reached"
VERIFICATION = "verification"
REFERENCE_MAX = 300
_RECORD = re.compile(r"[a-z_]+:\d+")

# What a person has to be able to say, by the kind of evidence the protocol asks for.
ASKS = {
    VERIFICATION: gettext_lazy("Check the days absent against the record, then say that they are right."),
    CONTACT: gettext_lazy("Log the contact with the family: the step closes when they were reached."),
    "dated_visit": gettext_lazy("Give the day of the visit."),
    "letter_mailed": gettext_lazy("Give the day the letter left."),
    "plan_agreed": gettext_lazy("Give the day the plan was agreed, and with whom."),
    "mentor_match": gettext_lazy("Give the day the mentor took the student on, and the mentor's name."),
    "accepted_referral": gettext_lazy("Give the day the referral was accepted, and by whom."),
    "meeting": gettext_lazy("Give the day of the meeting."),
    "document": gettext_lazy("Give the day of the document, and where it is kept."),
}
NEEDS_REFERENCE = {"plan_agreed", "mentor_match", "accepted_referral", "document"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that a step was done: its kind, the day, and who or what it refers to."""

    kind: str
    on: date
    reference: str = ""


def check_evidence(step: CaseStep, evidence: Evidence, today: date) -> None:
    """Raises EvidenceError with what to give instead. The day may not lie before the crossing, or after today."""
    if evidence.kind == "note":
        raise EvidenceError(_("A note does not close a step. %(ask)s") % {"ask": ask_for(step)})
    if evidence.kind != step.promise.evidence or evidence.kind in (CONTACT, VERIFICATION):
        raise EvidenceError(ask_for(step))
    if evidence.on > today:
        raise EvidenceError(_("The day lies in the future; correct it."))
    if evidence.on < step.crossing.crossed_on:
        raise EvidenceError(
            _("The day lies before %(day)s, when this level was reached; it belongs to an earlier step.")
            % {"day": day_words(step.crossing.crossed_on)}
        )
    if evidence.kind in NEEDS_REFERENCE and not evidence.reference.strip():
        raise EvidenceError(ask_for(step))
    if len(evidence.reference) > REFERENCE_MAX:
        raise EvidenceError(_("Shorten what you refer to to %(most)d letters.") % {"most": REFERENCE_MAX})


def names_a_record(reference: str) -> bool:
    """Whether a reference is the name of a record of our own (visit:12, contact:7), which pages tell in words."""
    return bool(_RECORD.fullmatch(reference))


def ask_for(step: CaseStep) -> str:
    """What the step asks for, in words to the person who wants to close it."""
    return str(ASKS.get(step.promise.evidence, ASKS["document"]))
