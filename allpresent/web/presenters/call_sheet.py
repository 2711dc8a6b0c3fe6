"""The call sheet: what a caller needs on one screen, in words, with nothing left to look up."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import phonenumbers
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from allpresent.casework.numbers import NumberHealth, phone_key
from allpresent.casework.queries.student import Number
from allpresent.policy import load_causes
from allpresent.protocol.scripts import date_words
from allpresent.web.presenters.family import Household
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.routes import RouteCard
from allpresent.web.presenters.strips import Strip, day_words
from allpresent.web.presenters.words import language_name as language_name
from allpresent.web.presenters.words import relation_words

LANGUAGE_NAMES = {"en": "English", "es": "Español"}
# What families name most, with words short enough for a button; all 24 stand below.
_TOP_CAUSES = {
    "illness": gettext_lazy("Illness"),
    "transportation": gettext_lazy("Transport"),
    "family_responsibilities": gettext_lazy("Family duties"),
    "unsafe_path": gettext_lazy("Unsafe path"),
    "bullying": gettext_lazy("Bullying"),
}
_DATES_LISTED = 12
_REGION = "US"


@dataclass(frozen=True)
class Option:
    """One thing to choose: its key, its words, and whether it is chosen."""

    key: str
    name: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Part:
    """A run of words; the child's name and the dates are strong."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class ScriptCard:
    """What to say, in one language. ``status`` says in words whether somebody approved it."""

    language: str
    language_name: str
    paragraphs: tuple[tuple[Part, ...], ...]
    status: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class NumberCard:
    """One number to tap: whose it is, how well it works, and a warning if it is known to be wrong."""

    key: str
    phone: str
    tel: str
    who: str
    short: str
    health: str = ""
    warning: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class CauseFamilyCard:
    name: str
    causes: tuple[Option, ...]


@dataclass(frozen=True)
class Attempt:
    """A call made before: the day, and what came of it."""

    day: str
    words: str


@dataclass(frozen=True)
class CallSheet:
    """All the words of one call sheet."""

    student_id: str
    name: str
    given_name: str
    why: str
    level: str | None
    script_level: int
    days: Figure | str
    chronic: Figure | str
    strip: Strip
    absent_words: str
    step_words: str
    due: str
    late: str
    household: Household
    route: RouteCard
    history: tuple[Attempt, ...]
    history_words: str
    listed_words: str
    scripts: tuple[ScriptCard, ...]
    no_script: str
    numbers: tuple[NumberCard, ...]
    results: tuple[Option, ...]
    why_out: str
    top_causes: tuple[Option, ...]
    cause_families: tuple[CauseFamilyCard, ...]
    needs: tuple[Option, ...]
    next_acts: tuple[Option, ...]
    more_open: bool
    is_same_reason: bool
    note_open: bool
    position: str
    has_next: bool
    back_url: str
    post_url: str
    skip_url: str
    student_url: str
    draft_key: str

    @property
    def ask_number(self) -> bool:
        """Whether it has to be said which number was used."""
        return len(self.numbers) > 1


def phone_words(phone: str) -> tuple[str, str]:
    """A number as people read it and as a telephone dials it; blank to dial if it is no number at all."""
    try:
        number = phonenumbers.parse(phone, _REGION)
    except phonenumbers.NumberParseException:
        return phone, ""
    if not phonenumbers.is_possible_number(number):
        return phone, ""
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        dialled += f",{number.extension}"
    return shown, dialled


def health_words(health: NumberHealth | None, on: date) -> tuple[str, str]:
    """How well a number works, and a warning when it was called and was wrong."""
    if health is None or not health.attempts:
        return _("not called yet"), ""
    if health.is_wrong and health.wrong_since:
        return "", _("wrong number since %(day)s") % {"day": day_words(health.wrong_since)}
    parts = []
    if health.reached == 1:
        parts.append(_("reached once this year"))
    elif health.reached == 2:
        parts.append(_("reached twice this year"))
    elif health.reached:
        parts.append(_("reached %(count)d times this year") % {"count": health.reached})
    else:
        parts.append(_("never reached"))
    if health.best_from_hour is not None:
        parts.append(_("best after %(hour)s") % {"hour": _hour_words(health.best_from_hour)})
    if health.unanswered_in_a_row >= 2:
        parts.append(
            ngettext("%(count)d call unanswered", "%(count)d calls unanswered", health.unanswered_in_a_row)
            % {"count": health.unanswered_in_a_row}
        )
    return " · ".join(parts), ""


def _hour_words(hour: int) -> str:
    if (get_language() or "").startswith("es"):
        return f"las {hour % 12 or 12} {'a. m.' if hour < 12 else 'p. m.'}"
    return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"


def number_mark(number: Number) -> str:
    """What the form sends back for a number: the person and the digits."""
    return f"{number.contact_id}:{phone_key(number.phone)}"


def number_cards(
    numbers: Iterable[Number], on: date, chosen: str = "", *, suggested: str = ""
) -> tuple[NumberCard, ...]:
    """The numbers in the order to try them: the suggested one (a phone key), then as delivered, each number once.

    Those known to be wrong stand last. ``chosen`` is the mark of the number used; without one the first is.
    """
    cards: dict[str, NumberCard] = {}
    for number in numbers:
        key = phone_key(number.phone)
        if key and key not in cards:
            cards[key] = _number_card(number, on)
    order = sorted(cards, key=lambda key: (bool(cards[key].warning), key != suggested))
    ordered = [cards[key] for key in order]
    used = chosen if any(card.key == chosen for card in ordered) else ordered[0].key if ordered else ""
    return tuple(replace(card, is_chosen=card.key == used) for card in ordered)


def _number_card(number: Number, on: date) -> NumberCard:
    shown, dialled = phone_words(number.phone)
    health, warning = health_words(number.health, on)
    who = ", ".join(part for part in (number.full_name, relation_words(number.relationship)) if part)
    if number.language:
        who = _("%(who)s · speaks %(language)s") % {"who": who, "language": language_name(number.language)}
    first = number.full_name.split(" ")[0] if number.full_name else shown
    return NumberCard(
        number_mark(number), shown, dialled, who, f"{first} …{phone_key(number.phone)[-4:]}", health, warning
    )


def script_parts(text: str, strong: Iterable[str]) -> tuple[tuple[Part, ...], ...]:
    """A filled script as paragraphs of plain and strong words; the child's name and the dates are strong."""
    loud = sorted({words for words in strong if words}, key=len, reverse=True)
    pattern = re.compile("(" + "|".join(re.escape(words) for words in loud) + ")") if loud else None
    paragraphs = []
    for paragraph in text.split("\n\n"):
        pieces = pattern.split(paragraph) if pattern else [paragraph]
        paragraphs.append(tuple(Part(piece, piece in loud) for piece in pieces if piece))
    return tuple(paragraphs)


def absent_words(days: Sequence[date]) -> str:
    """The days absent, latest last; of many, the latest twelve and how many there were before."""
    if not days:
        return _("No absence so far this year.")
    shown = sorted(days)[-_DATES_LISTED:]
    text = ", ".join(day_words(day) for day in shown)
    before = len(days) - len(shown)
    if before:
        return ngettext(
            "Absent: %(days)s, and %(before)d day before them.",
            "Absent: %(days)s, and %(before)d days before them.",
            before,
        ) % {"days": text, "before": before}
    return _("Absent: %(days)s") % {"days": text}


def cause_options(chosen: Iterable[str]) -> tuple[tuple[Option, ...], tuple[CauseFamilyCard, ...], bool]:
    """The frequent causes, all 24 in their families, and whether one outside the frequent ones is chosen."""
    picked, language = set(chosen), (get_language() or "en")[:2]
    top = tuple(Option(key, str(name), key in picked) for key, name in _TOP_CAUSES.items())
    families = tuple(
        CauseFamilyCard(
            family.label(language),
            tuple(Option(cause.key, cause.label(language), cause.key in picked) for cause in family.causes),
        )
        for family in load_causes()
    )
    return top, families, bool(picked - set(_TOP_CAUSES))


def script_status(status: str, is_approved: bool) -> str:
    """In whose words the script speaks, said to the caller."""
    return "" if is_approved else _("Our wording; the district has not approved it yet.")


def dates_in(days: Sequence[date], language: str) -> str:
    """The dates as the script says them, so that they can be made strong."""
    return date_words(days, language) if language in LANGUAGE_NAMES else ""
