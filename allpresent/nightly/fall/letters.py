"""The fall's letters: verified by one person, approved by a second, produced, mailed, come back; some on the way."""

from datetime import date

from allpresent.casework.letter_post import mail_letters, return_letter
from allpresent.casework.letter_reasons import Candidate, find_candidates
from allpresent.casework.letters import approve_letters, produce_letters, pull_back_letters, verify_letters
from allpresent.casework.models import Letter
from allpresent.casework.models.letters import Channel, LetterState

from .setting import Setting, Team

A_SCHOOL = 10
BACK = "not known at this address"


def write_letters(setting: Setting, team: Team, *, is_now: bool) -> int:
    """Bring the letters called for at a school on their way; on the last days some wait at each stop."""
    called_for = find_candidates(setting.seen_by(team), setting.ground)
    found = [one for one in called_for if one.is_plain][:A_SCHOOL]
    if not found:
        return 0
    seen = setting.day(1)
    verify_letters(team.lead, setting.ground, [one.key for one in found], setting.key(), setting.at(seen, 9, 40))
    ids = _ids(found)
    if is_now:
        _on_the_way(setting, team, ids)
    else:
        _send(setting, team, ids, setting.day(2), setting.day(3))
    return len(found)


def _ids(found: list[Candidate]) -> list[int]:
    keys = {one.key for one in found}
    rows = Letter.objects.filter(state=LetterState.VERIFIED, student_id__in=[key for key, _kind in keys])
    return [
        pk
        for pk, student, kind in rows.order_by("pk").values_list("pk", "student_id", "kind")
        if (student, kind) in keys
    ]


def _send(setting: Setting, team: Team, ids: list[int], approved: date, mailed: date) -> None:
    if not ids:
        return
    approve_letters(team.second, setting.ground, ids, setting.key(), setting.at(approved, 10))
    produce_letters(team.lead, ids, setting.key(), setting.at(approved, 11))
    channel = setting.chance.choice((Channel.MAIL, Channel.BACKPACK))
    mail_letters(team.lead, ids, mailed, channel, setting.key(), setting.at(mailed, 15))
    back = setting.day(7)
    if channel == Channel.MAIL and back > mailed:
        return_letter(team.lead, ids[0], back, BACK, setting.key(), setting.at(back, 10))


def _on_the_way(setting: Setting, team: Team, ids: list[int]) -> None:
    """A share at each stop: pulled back, to approve, to produce, to mail."""
    share = max(1, len(ids) // 4)
    last = setting.days[-1]
    pull_back_letters(
        team.lead, ids[:1], "The mother called; the days are being corrected.", setting.key(), setting.at(last, 11)
    )
    approved = ids[1 + share :]
    if approved:
        approve_letters(team.second, setting.ground, approved, setting.key(), setting.at(last, 12))
    if approved[share:]:
        produce_letters(team.lead, approved[share:], setting.key(), setting.at(last, 13))
