"""The six levels as they are shown: letter, number and word, always together."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The words of New Haven's action plan. The keys are the contract; the words are text and are translated.
_WORDS: dict[str, Promise] = {
    "L1": _("On track"),
    "L2": _("Alert"),
    "L3": _("Moderate"),
    "L4": _("Serious"),
    "L5": _("Severe"),
    "L6": _("Extreme"),
}
LEVEL_KEYS = tuple(_WORDS)


@dataclass(frozen=True)
class LevelBadge:
    """One level for the badge: ``key`` (L1 to L6), its number (which picks the colour) and its word."""

    key: str
    number: int
    word: str


def level_badge(key: str | None, word: str | None = None) -> LevelBadge | None:
    """The badge of a level key, or nothing when there is no level. A protocol's own word may replace ours."""
    if not key:
        return None
    if key not in _WORDS:
        return LevelBadge(key, 0, word or "")
    return LevelBadge(key, int(key[1:]), word or str(_WORDS[key]))
