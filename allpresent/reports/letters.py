"""Letters on paper: plain words in, one tagged PDF out, one letter or a whole print file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from allpresent.reports.document import ReportError


@dataclass(frozen=True)
class LetterSheet:
    """One letter as it is printed, with its ``address`` where a window envelope shows it.

    Without one ``about`` and ``delivery`` say whose it is and how it goes; behind a window they would be read.
    """

    to: str
    about: str  # whose family it is, with school and room, for whoever hands it over
    delivery: str
    day: str
    title: str
    paragraphs: tuple[str, ...]
    address: tuple[str, ...] = ()  # its lines, without the name


def render_letters(sheets: Sequence[LetterSheet], *, district: str, title: str, language: str) -> bytes:
    """All letters in one PDF/UA-1 file, each on a page of its own, set in one pass.

    Raises ReportError for no letter at all, or text that cannot be set.
    """
    if not sheets:
        raise ReportError("There is no letter to print.")
    # Loaded here, because setting type costs more than knowing what a letter is.
    from allpresent.reports.layout.letters import set_letters

    return set_letters([asdict(sheet) for sheet in sheets], district=district, title=title, language=language)
