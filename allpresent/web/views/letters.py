"""Letters to families: the desk with its tabs, one letter, one print file."""

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_safe

from allpresent import access
from allpresent.casework.models import Letter
from allpresent.casework.models.letters import IN_HOUSE, Channel, LetterState
from allpresent.casework.queries.letters import batches_to_mail, delivers_addresses, homes_of, letters_in
from allpresent.reports.letters import render_letters
from allpresent.web.letter_desk import LetterDesk, in_envelopes, sheet_of
from allpresent.web.page import Page
from allpresent.web.presenters import letters as words
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.words import language_name

_LISTED = 100


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The letters of one tab; what is on a list is written down for every student on it."""
    office = LetterDesk(request)
    tab = request.GET.get("tab", words.VERIFY)
    if tab not in words.TABS:
        raise Http404
    shown = Paginator(_entries(office, tab), _LISTED).get_page(request.GET.get("page"))
    entries = list(shown)
    page = office.page
    with transaction.atomic():
        students = {entry.student.pk: entry.student for entry in entries}
        access.audited_read(page.user, "letters.listed", students.values(), at=page.now, detail={"tab": tab})
    context = {
        "tabs": words.make_tabs(office.counts, tab),
        "tab": tab,
        "name": str(words.TABS[tab][0]),
        "lead": words.lead_words(office.counts),
        "rows": [_row(entry, tab, page) for entry in entries],
        "delivers_addresses": delivers_addresses(),
        "shown": shown,
        "batches": [_batch_line(line) for line in batches_to_mail(office.students)] if tab == "produced" else [],
        "is_draft": any(isinstance(entry, Letter) and not entry.is_template_approved for entry in entries),
    }
    return render(request, "letters/desk.html", context)


def _entries(office: LetterDesk, tab: str) -> Any:
    return office.candidates if tab == words.VERIFY else letters_in(office.students, words.TABS[tab][1])


def _row(entry: Any, tab: str, page: Page) -> words.Row:
    if tab == words.VERIFY:
        return words.candidate_row(entry, page.school_id)
    value = f"{entry.student_id}|{entry.kind}" if tab == "held" else str(entry.pk)
    is_own = tab == "verified" and entry.verified_by_id == page.user.pk
    has_box = tab in ("held", "verified", "approved") and not is_own
    return words.letter_row(entry, value if has_box else "", page.school_id)


def _batch_line(line: Any) -> dict[str, str]:
    count = ngettext("%(count)d letter", "%(count)d letters", line.letters) % {"count": line.letters}
    name = _("%(count)s in %(language)s, produced %(day)s") % {
        "count": count,
        "language": language_name(line.language),
        "day": day_words(line.made_on),
    }
    return {"name": name, "url": reverse("web:letter_batch", args=[line.batch_id])}


@require_safe
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One letter: its words as they are printed, what happened to it, and what can be done with it."""
    office = LetterDesk(request)
    found = office.letter(letter_id)
    page = office.page
    home = homes_of([found])[found.pk]
    with transaction.atomic():
        detail = {"address": bool(home.address)}
        access.record(
            page.user, "letter.seen", at=page.now, student_id=found.student_id, object_id=str(found.pk), detail=detail
        )
    context = {
        "letter": found,
        "row": words.letter_row(found, home=home),
        "approves": found.state == LetterState.VERIFIED and found.verified_by_id != page.user.pk,
        "is_own": found.state == LetterState.VERIFIED and found.verified_by_id == page.user.pk,
        "pulls_back": found.state in IN_HOUSE,
        "returns": found.state == LetterState.MAILED,
        "today": page.on.isoformat(),
    }
    return render(request, "letters/letter.html", context)


@require_safe
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One print file: its letters, those still to mail with a box."""
    office = LetterDesk(request)
    made, found = office.batch(batch_id)
    page = office.page
    with transaction.atomic():
        detail = {"addresses": True}
        access.audited_read(page.user, "letters.listed", [one.student for one in found], at=page.now, detail=detail)
    homes = homes_of(found)
    rows = [
        words.letter_row(one, str(one.pk) if one.state == LetterState.PRODUCED else "", page.school_id, homes[one.pk])
        for one in in_envelopes(found, homes)
    ]
    # What is mailed together has an address; the others are handed out, and said to have left by themselves.
    by_mail = {str(one.pk) for one in found if homes[one.pk].address}
    context = {
        "batch": made,
        "rows": rows,
        "to_mail": any(row.value for row in rows),
        "chosen": by_mail or {row.value for row in rows},
        "is_mixed": 0 < len(by_mail) < len(rows),
        "language": language_name(made.language),
        "channels": Channel.choices,
        "today": page.on.isoformat(),
        "first": made.made_on.isoformat(),
    }
    return render(request, "letters/batch.html", context)


@require_safe
def letter_pdf(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One letter as PDF; one that is held has no words to print."""
    office = LetterDesk(request)
    found = office.letter(letter_id)
    if not found.paragraphs or found.state == LetterState.HELD:
        raise Http404
    return _pdf(office, [found], f"letter-{found.pk}.pdf")


@require_safe
def batch_pdf(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The print file: every letter of the batch that was not stopped. One audit row a student: it is a disclosure."""
    office = LetterDesk(request)
    return _pdf(office, office.batch(batch_id)[1], f"letters-{batch_id}.pdf")


def _pdf(office: LetterDesk, found: list[Letter], name: str) -> HttpResponse:
    page, language, homes = office.page, found[0].language, homes_of(found)
    with override(language):
        sheets = [
            sheet_of(one, date_format(one.batch.made_on if one.batch else page.on, "DATE_FORMAT"), homes[one.pk])
            for one in in_envelopes(found, homes)
        ]
        title = found[0].title if len(found) == 1 else _("Letters to families")
    made = render_letters(sheets, district=page.district.name, title=title, language=language)
    with transaction.atomic():
        detail = {"file": name, "letters": len(found), "addresses": sum(bool(sheet.address) for sheet in sheets)}
        access.audited_read(page.user, "letters.printed", [one.student for one in found], at=page.now, detail=detail)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
