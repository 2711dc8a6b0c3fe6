"""The minutes of a team's meeting, as plain words already in the reader's language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MinutesCase:
    """One student spoken of: who, why they were on the agenda, and what was decided, a line each."""

    head: str
    reasons: str
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class Minutes:
    """Everything the minutes say."""

    title: str
    district: str
    lead: str
    present_head: str
    present: tuple[str, ...]
    cases_head: str
    cases: tuple[MinutesCase, ...]
    none: str  # said where nobody was spoken of
    note: str
    language: str = "en"


def render_minutes(minutes: Minutes) -> bytes:
    """The minutes as a tagged PDF (PDF/UA-1). Raises ReportError when the text cannot be set."""
    from allpresent.reports.layout.minutes import render_minutes as set_minutes

    return set_minutes(minutes)
