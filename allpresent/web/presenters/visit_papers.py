"""The papers of a day's visits in words: the visitor's own sheet, and the card in the family's language."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override

from allpresent.casework.models.home_visits import VisitOutcome
from allpresent.reports.visit_papers import DaySheetPaper, LeaveBehindPaper, VisitOnPaper
from allpresent.web.presenters.strips import long_day_words
from allpresent.web.presenters.visits import DaySheet, LeaveBehind, current_language


def day_sheet_paper(sheets: Sequence[DaySheet], person: str, district: str, on: date) -> DaySheetPaper:
    """The whole day on paper, in the reader's language."""
    return DaySheetPaper(
        language=current_language(),
        title=_("Visits on %(day)s") % {"day": long_day_words(on)},
        about=" · ".join((person, district)),
        visits=tuple(_visit(sheet) for sheet in sheets),
        none=_("You have no visit today."),
        foot=foot_words(),
        page_words=_("page {page} of {pages}"),
    )


def foot_words() -> str:
    """What becomes of a sheet that names families."""
    return _(
        "Names and addresses of families: keep this sheet with you, write the visits down today, "
        "then bring it back to the office or destroy it."
    )


def _visit(sheet: DaySheet) -> VisitOnPaper:
    card = sheet.card
    when = f"{card.when} – {sheet.until}" if sheet.until else card.when
    family = _("Family: %(names)s") % {"names": ", ".join(sheet.family)} if sheet.family else ""
    homes = tuple(f"{', '.join(home.lines)} ({home.names})" for home in sheet.homes)
    lines = (when, f"{sheet.mode} · {card.who}", family, *homes, card.words)
    return VisitOnPaper(
        head=" · ".join(filter(None, (card.name, card.room))),
        lines=tuple(filter(None, lines)),
        boxes=tuple(str(label) for label in VisitOutcome.labels),
        blanks=(_("Who was met"), _("What was promised, and by when")),
    )


def leave_behind_paper(card: LeaveBehind, district: str) -> LeaveBehindPaper:
    """The card as it is printed; the greeting is its title."""
    with override(card.language):
        return LeaveBehindPaper(
            language=card.language,
            title=card.greeting,
            lines=card.lines,
            signed=card.signed,
            about=district,
        )
