"""What referrals came to, counted the slow obvious way: one after the other, by the words of the definition."""

from collections.abc import Iterable
from datetime import date

from allpresent.casework.models import Referral, ReferralUpdate

ORDER = ("awaited", "unanswered", "declined", "in_touch", "silent", "served", "stopped", "left")
FORTNIGHT = 14


def came_to_by_hand(on: date, school_ids: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """By school the counts in ORDER."""
    found = {school: dict.fromkeys(ORDER, 0) for school in school_ids}
    for referral in Referral.objects.all():
        meeting = referral.decision.item.meeting
        school = meeting.school_id or referral.student.school_id
        if referral.state != "taken_back" and school in found:
            found[school][_came(referral, on)] += 1
    return {school: tuple(counts[key] for key in ORDER) for school, counts in found.items()}


def _came(referral: Referral, on: date) -> str:
    said = [one for one in ReferralUpdate.objects.filter(referral=referral) if one.undone_at is None]
    ends = [one.work for one in said if one.work in ("served", "stopped")]
    if referral.state == "declined":
        return "declined"
    if ends:
        return ends[0]
    if not referral.student.is_enrolled:
        return "left"
    if referral.state == "open":
        return "unanswered" if referral.decision.state == "open" and referral.decision.due_on < on else "awaited"
    last = max([referral.answered_on, *(one.on for one in said)])
    return "silent" if (on - last).days > FORTNIGHT else "in_touch"
