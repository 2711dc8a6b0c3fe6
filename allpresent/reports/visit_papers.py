"""What visitors carry: the sheet of their day, and the card they leave where nobody opened, as accessible PDFs."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class VisitOnPaper:
    """One visit of the sheet: when and to whom, what to know, and what to fill in by hand."""

    head: str
    lines: tuple[str, ...]
    boxes: tuple[str, ...]
    blanks: tuple[str, ...]


@dataclass(frozen=True)
class DaySheetPaper:
    """One person's visits of a day, in the reader's language; nothing is worked out here.

    ``page_words`` is how a page names its number, as in "page 1 of 2", with ``{page}`` and ``{pages}`` in it.
    """

    language: str
    title: str
    about: str
    visits: tuple[VisitOnPaper, ...]
    none: str  # said where there is no visit
    foot: str
    page_words: str


@dataclass(frozen=True)
class LeaveBehindPaper:
    """The card in the family's language: who came by, why, and how to answer."""

    language: str
    title: str
    lines: tuple[str, ...]
    signed: str
    about: str


def render_day_sheet(paper: DaySheetPaper) -> bytes:
    """The PDF/UA-1 file; the same sheet gives the same bytes. Raises ReportError where it cannot be set."""
    from allpresent.reports.layout.visit_papers import set_day_sheet

    return set_day_sheet(asdict(paper))


def render_leave_behind(paper: LeaveBehindPaper) -> bytes:
    """The PDF/UA-1 file of one card. Raises ReportError where it cannot be set."""
    from allpresent.reports.layout.visit_papers import set_leave_behind

    return set_leave_behind(asdict(paper))
