"""What is written down of a visit, before it and after, checked at birth."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from allpresent.access.models import User

from .contacts import cause_families
from .errors import CaseworkError
from .models.home_visits import VisitMode, VisitOutcome, VisitReason

FIELD_NOTE_MAX = 8000
WORDS_MAX = 500
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Why the family is to be visited and, once agreed, by whom and when. CaseworkError says what to change."""

    reason: str = VisitReason.DESIGNATED
    reason_words: str = ""
    mode: str = VisitMode.IN_PERSON
    visitor: User | None = None
    co_visitor: User | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.reason not in VisitReason.values or self.mode not in VisitMode.values:
            raise CaseworkError(_("Choose why the family is visited, and whether in person or by video."))
        if self.reason == VisitReason.OTHER and not self.reason_words.strip():
            raise CaseworkError(_("Explain the other reason for the visit."))
        if len(self.reason_words) > WORDS_MAX:
            raise CaseworkError(_("Shorten the reason to %(most)d letters.") % {"most": WORDS_MAX})
        if self.visitor and self.visitor == self.co_visitor:
            raise CaseworkError(_("The two visitors are the same person; choose somebody else as the second."))

    @property
    def is_agreed(self) -> bool:
        """Whether a time was named, which makes it a scheduled visit."""
        return self.starts_at is not None

    def check_times(self) -> None:
        """A scheduled visit has a visitor, a start and an expected end, which a missed check-out is told by."""
        if self.visitor is None:
            raise CaseworkError(_("Choose who visits."))
        if self.starts_at is None or self.ends_at is None:
            raise CaseworkError(_("Give the day, when the visit begins and when it is expected to end."))
        if not self.starts_at < self.ends_at <= self.starts_at + LONGEST:
            raise CaseworkError(_("The expected end lies before the beginning, or hours after it; correct the times."))
        if self.mode == VisitMode.IN_PERSON and self.co_visitor is None:
            raise CaseworkError(_("Visitors go in pairs: choose the second visitor, or make it a video visit."))


@dataclass(frozen=True, slots=True)
class VisitForm:
    """What the visitor wrote down, checked at birth. CaseworkError says what to change."""

    on: date
    outcome: str
    was_scheduled: bool
    reason: str = VisitReason.DESIGNATED
    reason_words: str = ""
    mode: str = VisitMode.IN_PERSON
    co_visitor: User | None = None
    met: str = ""
    language: str = ""
    causes: tuple[str, ...] = ()
    promised: str = ""
    promised_on: date | None = None
    field_note: str = ""

    def __post_init__(self) -> None:
        VisitPlan(self.reason, self.reason_words, self.mode)
        if self.outcome not in VisitOutcome.values:
            raise CaseworkError(_("Choose what came of the visit."))
        if self.outcome == VisitOutcome.COMPLETED and not self.met.strip():
            raise CaseworkError(_("Say who was met."))
        if set(self.causes) - set(cause_families()):
            raise CaseworkError(_("Choose the reasons from the list."))
        if len(self.promised) > WORDS_MAX:
            raise CaseworkError(_("Shorten what was promised to %(most)d letters.") % {"most": WORDS_MAX})
        if self.promised_on and not self.promised.strip():
            raise CaseworkError(_("Say what was promised for that day."))
        if len(self.field_note) > FIELD_NOTE_MAX:
            raise CaseworkError(
                _("The field notes are longer than %(most)d letters; shorten them.") % {"most": FIELD_NOTE_MAX}
            )
