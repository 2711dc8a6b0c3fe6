"""What the places that accepted a referral said through the fall: some keep their rhythm, some fall silent or end."""

from datetime import date, timedelta

from allpresent.casework.models import Referral
from allpresent.casework.models.referrals import ReferralState, Work, heard_on
from allpresent.casework.referral_updates import Update, write_update

from .meetings import THERE
from .setting import Setting

# What is said, so many days after the last word, by the order in which places accepted; then there is silence.
FATES = (
    ((4, Work.BEGUN), (10, Work.UNDER_WAY), (12, Work.UNDER_WAY), (12, Work.UNDER_WAY)),
    (),
    ((2, Work.BEGUN), (1, Work.SERVED)),
    ((3, Work.WAITING),),
    ((5, Work.NOT_REACHED), (6, Work.STOPPED)),
)
WORDS = {
    Work.WAITING: "third on the list, a place in about a month",
    Work.NOT_REACHED: "called twice and wrote once; asks for another number",
    Work.BEGUN: "came on the first afternoon and knew two others there",
    Work.UNDER_WAY: "",
    Work.SERVED: "met with everybody concerned; nothing more is asked",
    Work.STOPPED: "the family has found something closer to home",
}


def hear_from_partners(setting: Setting) -> int:
    """Write down what was said in these weeks, each by who follows the referral up. Returns how many."""
    accepted = Referral.objects.filter(state__in=[ReferralState.ACCEPTED, ReferralState.CLOSED])
    rows = accepted.annotate(heard_on=heard_on()).select_related("decision__owner").order_by("recorded_at", "pk")
    seen = {pk for team in setting.staff.teams for pk in setting.seen_by(team).values_list("pk", flat=True)}
    return sum(_tell(setting, row, row.heard_on, place) for place, row in enumerate(rows) if row.student_id in seen)


def _tell(setting: Setting, referral: Referral, heard: date, place: int) -> int:
    """What one place still says in these weeks."""
    owner, told = referral.decision.owner, referral.updates.count()
    if owner is None or referral.state == ReferralState.CLOSED:
        return 0
    said = 0
    for days, work in FATES[place % len(FATES)][told:]:
        day = next((one for one in setting.days if one >= heard + timedelta(days=days)), None)
        if day is None:
            break
        update = Update(work, THERE[place % len(THERE)], day, WORDS[work])
        write_update(owner, referral.pk, update, setting.key(), setting.at(day, 16, 15))
        heard, said = day, said + 1
    return said
