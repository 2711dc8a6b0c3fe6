"""What a team decides for a student, checked before anything is written."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from allpresent.policy.services import OTHER, Service

from .errors import CaseworkError
from .models.meetings import DecisionKind

REASON_MIN = 10
WORDS_MAX = 1000
# A decision that asks nothing of anybody is over at once.
NOTED = (DecisionKind.GO_ON, DecisionKind.SET_ASIDE)


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What was decided for a student, checked at birth. CaseworkError says what to change."""

    kind: str
    owner_id: int | None = None
    due_on: date | None = None
    words: str = ""
    service: Service | None = None  # to whom, for a referral

    def __post_init__(self) -> None:
        if self.kind not in DecisionKind.values:
            raise CaseworkError(_("Choose what was decided."))
        if len(self.words) > WORDS_MAX:
            raise CaseworkError(_("Shorten the words to %(most)d letters.") % {"most": WORDS_MAX})
        if self.kind == DecisionKind.SET_ASIDE and len(self.words.strip()) < REASON_MIN:
            raise CaseworkError(_("Say in a few words why the team closes this."))
        if self.kind == DecisionKind.REFER:
            self._check_referral()
        if not self.is_noted and (self.owner_id is None or self.due_on is None):
            raise CaseworkError(_("Say who does it, and by which day."))

    def _check_referral(self) -> None:
        if self.service is None:
            raise CaseworkError(_("Say to whom the student is referred."))
        if self.service == OTHER and not self.words.strip():
            raise CaseworkError(_("Name in the words to whom the student is referred."))
        if self.service.needs_legal_basis and len(self.words.strip()) < REASON_MIN:
            raise CaseworkError(_("Name in the words the law or consent that allows this referral."))

    @property
    def is_noted(self) -> bool:
        """Nobody has to do anything for it."""
        return self.kind in NOTED
