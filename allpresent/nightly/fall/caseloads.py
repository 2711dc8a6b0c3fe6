"""The fall's hand-overs between two caseloads: accepted, declined, withdrawn, and still waiting for an answer."""

from allpresent.access.models import User
from allpresent.casework.caseload import (
    accept_student,
    decline_student,
    offer_student,
    own_grants,
    set_limit,
    withdraw_offer,
)

from .setting import Setting

WHY = "The family works with your office already and asked for one person for all of it."
WHY_NOT = "I am full until December; let us speak of it again then."


def hand_over(setting: Setting) -> None:
    """One student goes from the drop-out specialist to the care coordinator; one offer is declined."""
    giver, receiver = setting.staff.get("dropout"), setting.staff.get("coordinator")
    if giver is None or receiver is None:
        return
    set_limit(giver, 16, setting.at(setting.days[0], 9))
    set_limit(receiver, 14, setting.at(setting.days[0], 9))
    offered = _offer(setting, giver, receiver, 3)
    if len(offered) == 3:
        accept_student(receiver, offered[0], setting.key(), setting.at(setting.day(3), 9))
        decline_student(receiver, offered[1], WHY_NOT, setting.key(), setting.at(setting.day(3), 9, 10))
        withdraw_offer(giver, offered[2], setting.key(), setting.at(setting.day(4), 9))


def offer_more(setting: Setting) -> None:
    """An offer waits on each side."""
    one, other = setting.staff.get("dropout"), setting.staff.get("coordinator")
    if one is not None and other is not None:
        _offer(setting, one, other, 1)
        _offer(setting, other, one, 1)


def _offer(setting: Setting, giver: User, receiver: User, most: int) -> list[int]:
    day = setting.day(1)
    students = sorted({grant.object_id for grant in own_grants(giver, day)})[-most:]
    return [offer_student(giver, student, receiver, WHY, setting.key(), setting.at(day, 13)).pk for student in students]
