"""Numbers and how well they work, judged by the results of the calls made to them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from .models.contacts import ContactAttempt, Result

# The result says something about the number itself; a message left or a short word says that it works.
ANSWERED = {Result.REACHED, Result.REACHED_NOT_ABLE}
# From this many reached calls on, the earliest hour of them is worth telling.
REACHED_FOR_BEST_HOUR = 2
EARLIEST_BEST_HOUR = 12
NOON, EVENING = 12, 17


def phone_key(phone: str) -> str:
    """The digits that tell two numbers apart: no country 1 in front, no extension."""
    digits = re.sub(r"\D", "", re.split(r"[xX]|ext", phone, maxsplit=1)[0])
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


@dataclass(frozen=True, slots=True)
class NumberHealth:
    """What the calls to one number came to. `wrong_since` stands until somebody is reached there again."""

    attempts: int = 0
    reached: int = 0
    unanswered_in_a_row: int = 0
    last_result: str = ""
    last_on: date | None = None
    last_reached_on: date | None = None
    wrong_since: date | None = None
    best_from_hour: int | None = None  # local hour after which every reached call was made

    @property
    def is_wrong(self) -> bool:
        return self.wrong_since is not None


def judge_number(attempts: Iterable[ContactAttempt]) -> NumberHealth:
    """The health of one number from its calls, in any order; calls taken back are not counted."""
    calls = sorted((call for call in attempts if call.undone_at is None), key=lambda call: (call.at, call.pk))
    if not calls:
        return NumberHealth()
    reached = [call for call in calls if call.result in ANSWERED]
    silent = 0
    wrong: date | None = None
    for call in calls:
        silent = 0 if call.result in ANSWERED else silent + 1
        if call.result == Result.WRONG_NUMBER:
            wrong = wrong or call.on
        elif call.result in ANSWERED:
            wrong = None
    return NumberHealth(
        attempts=len(calls),
        reached=len(reached),
        unanswered_in_a_row=silent,
        last_result=calls[-1].result,
        last_on=calls[-1].on,
        last_reached_on=reached[-1].on if reached else None,
        wrong_since=wrong,
        best_from_hour=_best_hour([call.at for call in reached]),
    )


def _best_hour(moments: list[datetime]) -> int | None:
    hours = [timezone.localtime(moment).hour for moment in moments]
    if len(hours) < REACHED_FOR_BEST_HOUR or min(hours) < EARLIEST_BEST_HOUR:
        return None
    return min(hours)


def health_of(phones: Iterable[str]) -> dict[str, NumberHealth]:
    """Health by phone key, over every call to it, for whichever brother or sister it was made. One query.

    A call about several of them is one call.
    """
    keys = {key for key in map(phone_key, phones) if key}
    calls: dict[str, list[ContactAttempt]] = {key: [] for key in keys}
    rows = ContactAttempt.objects.filter(phone_key__in=keys, lead=None).only(
        "phone_key", "at", "on", "result", "undone_at"
    )
    for call in rows:
        calls[call.phone_key].append(call)
    return {key: judge_number(made) for key, made in calls.items()}


def suggest_number(numbers: Mapping[str, NumberHealth], tried: Sequence[str]) -> str:
    """The number to try next, by phone key, after calls that reached nobody; blank where there is no other.

    ``numbers`` are the family's in their order. One called less often of late comes first, then one that was answered
    before, then the order as delivered; a number known to be wrong is not suggested.
    """
    open_to = [key for key, health in numbers.items() if key and not health.is_wrong and key not in tried[:1]]
    ranked = sorted(open_to, key=lambda key: (tried.count(key), -numbers[key].reached))
    return ranked[0] if ranked else ""


def other_part_of_day(tried: Iterable[datetime]) -> str:
    """A part of the day in which nobody was called: afternoon, evening or morning; blank when all were tried."""
    parts = {_part_of_day(timezone.localtime(moment).hour) for moment in tried}
    return next((part for part in ("afternoon", "evening", "morning") if part not in parts), "")


def _part_of_day(hour: int) -> str:
    return "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"
