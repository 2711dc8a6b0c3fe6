"""The levels as they are shown: letter, number and word, always together. The words are the protocol's own."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language

from allpresent.web.page import protocol_named

LEVEL_KEYS = ("L1", "L2", "L3", "L4", "L5", "L6")


@dataclass(frozen=True)
class LevelBadge:
    """One level for the badge: ``key`` (L1 to L6), its number (which picks the colour) and its word."""

    key: str
    number: int
    word: str


def level_badge(key: str | None, word: str | None = None) -> LevelBadge | None:
    """The badge of a level key in the words of the district's protocol, or of ``word``; nothing without a level."""
    if not key:
        return None
    number = int(key[1:]) if key in LEVEL_KEYS else 0
    return LevelBadge(key, number, word or _word(key))


def _word(key: str) -> str:
    """What the district's protocol calls the level, in the reader's language; blank for a level it does not have."""
    language = (get_language() or "en")[:2]
    levels = protocol_named(settings.DISTRICT.protocol).levels
    return next((level.label(language) for level in levels if level.key == key), "")
