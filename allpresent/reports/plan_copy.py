"""The family's copy of a success plan: plain words in one language, set as an accessible PDF."""

from dataclasses import dataclass

from allpresent.reports.layout.plan import render_pdf


@dataclass(frozen=True)
class Part:
    """A heading with paragraphs and a list under it."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanCopy:
    """All that stands on the paper, in its language (``en`` or ``es``); nothing is worked out here.

    ``page_words`` is how a page names its number, as in "page 1 of 2", with ``{page}`` and ``{pages}`` in it.
    """

    language: str
    title: str
    about: str
    goal: str
    goal_words: str
    sentences: tuple[str, ...]
    parts: tuple[Part, ...]
    foot: str
    page_words: str


def render_plan_copy(copy: PlanCopy) -> bytes:
    """The PDF/UA-1 file; the same copy gives the same bytes. Raises ReportError where it cannot be set."""
    return render_pdf(
        {
            "language": copy.language,
            "title": copy.title,
            "about": copy.about,
            "goal": copy.goal,
            "goal_words": copy.goal_words,
            "sentences": list(copy.sentences),
            "parts": [
                {"heading": part.heading, "paragraphs": list(part.paragraphs), "items": list(part.items)}
                for part in copy.parts
            ],
            "foot": copy.foot,
            "page_words": copy.page_words,
        }
    )
