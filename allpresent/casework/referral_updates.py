"""What a place that accepted a referral says of the work since; one update ends it, and stops the clock."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from allpresent.access import once
from allpresent.access.models import User

from .errors import AlreadyChangedError, CaseworkError, EvidenceError, NotVisibleError
from .models import Referral, ReferralUpdate
from .models.referrals import ENDS, ReferralState, Work
from .permissions import check_may, local_day
from .referrals import WHO_MAX, WORDS_MAX, WORDS_MIN, tell_referral
from .slips import is_slip
from .transitions import find_transition

ACTION = "follow_referral"


@dataclass(frozen=True, slots=True)
class Update:
    """What was said there, checked at birth. EvidenceError says what to change."""

    work: str
    who: str
    on: date
    words: str = ""

    def __post_init__(self) -> None:
        if self.work not in Work.values:
            raise EvidenceError(_("Say how the work stands."))
        if not 0 < len(self.who.strip()) <= WHO_MAX:
            raise EvidenceError(_("Say who told it there: a name, in at most %(most)d letters.") % {"most": WHO_MAX})
        if len(self.words) > WORDS_MAX:
            raise EvidenceError(_("Shorten the words to %(most)d letters.") % {"most": WORDS_MAX})
        if self.is_end and len(self.words.strip()) < WORDS_MIN:
            raise EvidenceError(_("Say in a few words what came of it, for this ends the referral."))

    @property
    def is_end(self) -> bool:
        """Whether the work ended with it."""
        return self.work in ENDS


def find_referral(user: User, referral_id: int, on: date) -> Referral:
    """A referral that stands, for a person who follows it up; NotVisibleError for any other."""
    rows = Referral.objects.select_related("student", "decision__owner").exclude(state=ReferralState.TAKEN_BACK)
    found = rows.filter(pk=referral_id).first()
    if found is None:
        raise NotVisibleError(_("There is no such referral."))
    try:
        check_may(user, found.student_id, ACTION, on)
    except CaseworkError:
        raise NotVisibleError(_("There is no such referral.")) from None
    return found


def write_update(user: User, referral_id: int, update: Update, key: str, now: datetime) -> ReferralUpdate:
    """Write down what was said. An end closes the referral; nothing is added to one that is closed."""
    today = local_day(now)
    find_referral(user, referral_id, today)

    def write() -> str:
        held = Referral.objects.select_for_update(of=("self",)).get(pk=referral_id)
        _check_accepted(held)
        _check_day(held, update, today)
        verb = "end" if update.is_end else "update"
        held.state = find_transition("referral", held.state, verb).after
        held.save(update_fields=["state"])
        made = ReferralUpdate.objects.create(
            referral=held,
            on=update.on,
            work=update.work,
            said_by=update.who.strip(),
            text=update.words.strip(),
            at=now,
            by=user,
        )
        tell_referral(user, verb, held, now, update=made.pk, work=update.work, on=update.on.isoformat())
        return str(made.pk)

    made = once(key, user, f"referral:update:{referral_id}", write, at=now)
    return ReferralUpdate.objects.select_related("referral").get(pk=int(made))


def take_back_update(user: User, update_id: int, now: datetime) -> ReferralUpdate:
    """Take back an update just written: its author, within ten minutes. Taking back the end opens the clock again."""
    with transaction.atomic():
        found = ReferralUpdate.objects.select_related("referral").filter(pk=update_id).first()
        if found is None:
            raise NotVisibleError(_("There is no such entry."))
        find_referral(user, found.referral_id, local_day(now))
        held = Referral.objects.select_for_update(of=("self",)).get(pk=found.referral_id)
        found.refresh_from_db(fields=["undone_at"])
        if found.undone_at is not None or not is_slip(user, found.by_id, found.at, now):
            raise AlreadyChangedError(_("An update can be taken back by its author, for ten minutes."))
        verb = "undo_end" if found.is_end else "undo_update"
        held.state = find_transition("referral", held.state, verb).after
        held.save(update_fields=["state"])
        found.undone_at = now
        found.save(update_fields=["undone_at"])
        tell_referral(user, verb, held, now, update=found.pk)
    return found


def _check_accepted(held: Referral) -> None:
    """Raises AlreadyChangedError where there is no work to tell of."""
    refusals = {
        ReferralState.OPEN: _("Nobody has accepted this referral yet; write down the answer first."),
        ReferralState.DECLINED: _("This referral was declined, so there is no work to tell of."),
        ReferralState.CLOSED: _("This referral has ended; refer again if there is more to do."),
        ReferralState.TAKEN_BACK: _("This referral was taken back meanwhile."),
    }
    if held.state in refusals:
        raise AlreadyChangedError(refusals[ReferralState(held.state)])


def _check_day(held: Referral, update: Update, today: date) -> None:
    accepted = held.answered_on
    if accepted is None or not accepted <= update.on <= today:
        raise EvidenceError(_("Give a day from the day they accepted up to today."))
    later = ReferralUpdate.objects.filter(referral=held, undone_at=None, on__gt=update.on)
    if update.is_end and later.exists():
        raise EvidenceError(_("They told something on a later day; the end cannot lie before it."))
