"""Letters to families: the desk with its tabs, one letter, one print file, and the acts."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_POST, require_safe

from allpresent import access
from allpresent.access.models import AccessError
from allpresent.casework import letter_post, letters
from allpresent.casework.errors import CaseworkError, NotVisibleError
from allpresent.casework.models import Letter
from allpresent.casework.models.letters import IN_HOUSE, Channel, LetterState
from allpresent.casework.queries.letters import batches_to_mail, letters_in
from allpresent.reports.letters import render_letters
from allpresent.web.letter_desk import LetterDesk, sheet_of
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
        "rows": [_row(entry, tab, page.user.pk) for entry in entries],
        "shown": shown,
        "batches": [_batch_line(line) for line in batches_to_mail(office.students)] if tab == "produced" else [],
        "is_draft": any(isinstance(entry, Letter) and not entry.is_template_approved for entry in entries),
    }
    return render(request, "letters/desk.html", context)


def _entries(office: LetterDesk, tab: str) -> Any:
    return office.candidates if tab == words.VERIFY else letters_in(office.students, words.TABS[tab][1])


def _row(entry: Any, tab: str, user_id: int) -> words.Row:
    if tab == words.VERIFY:
        return words.candidate_row(entry)
    value = f"{entry.student_id}|{entry.kind}" if tab == "held" else str(entry.pk)
    is_own = tab == "verified" and entry.verified_by_id == user_id
    return words.letter_row(entry, "" if is_own or tab not in ("held", "verified", "approved") else value)


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
    with transaction.atomic():
        access.record(page.user, "letter.seen", at=page.now, student_id=found.student_id, object_id=str(found.pk))
    context = {
        "letter": found,
        "row": words.letter_row(found),
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
        access.audited_read(page.user, "letters.listed", [one.student for one in found], at=page.now)
    rows = [words.letter_row(one, str(one.pk) if one.state == LetterState.PRODUCED else "") for one in found]
    context = {
        "batch": made,
        "rows": rows,
        "to_mail": any(row.value for row in rows),
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
    page, language = office.page, found[0].language
    with override(language):
        sheets = [
            sheet_of(one, date_format(one.batch.made_on if one.batch else page.on, "DATE_FORMAT")) for one in found
        ]
        title = found[0].title if len(found) == 1 else _("Letters to families")
    made = render_letters(sheets, district=page.district.name, title=title, language=language)
    with transaction.atomic():
        detail = {"file": name, "letters": len(found)}
        access.audited_read(page.user, "letters.printed", [one.student for one in found], at=page.now, detail=detail)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _act(request: HttpRequest, done: Callable[[LetterDesk], HttpResponse], back: str) -> HttpResponse:
    """One act of a form: 404 for what the person may not see, a sentence for what is not possible now."""
    office = LetterDesk(request)
    try:
        return done(office)
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        messages.error(request, str(error))
        return redirect(back)


def _ids(request: HttpRequest) -> list[int]:
    return [int(value) for value in request.POST.getlist("step") if value.isascii() and value.isdecimal()]


def _key(request: HttpRequest) -> str:
    return request.POST.get("form_key", "")


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("on", ""))
    except ValueError as error:
        raise CaseworkError(_("Give the day.")) from error


def _tab(tab: str) -> str:
    return f"{reverse('web:letters')}?tab={tab}"


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Say that the chosen letters are called for; they are written and wait for a second person."""

    def done(office: LetterDesk) -> HttpResponse:
        parts = [value.partition("|") for value in request.POST.getlist("step")]
        if office.ground is None:
            raise CaseworkError(_("Nothing is posted yet, so there is nothing to write."))
        wanted = [(student_id, kind) for student_id, _bar, kind in parts]
        count = letters.verify_letters(office.page.user, office.ground, wanted, _key(request), office.page.now)
        said = ngettext("%(count)d letter verified.", "%(count)d letters verified.", count) % {"count": count}
        messages.success(
            request, _("%(said)s A second person approves. What is incomplete is under Held.") % {"said": said}
        )
        return redirect(_tab(words.VERIFY))

    return _act(request, done, _tab(words.VERIFY))


@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """Approve the words of the chosen letters."""

    def done(office: LetterDesk) -> HttpResponse:
        if office.ground is None:
            raise CaseworkError(_("Nothing is posted yet, so there is nothing to write."))
        count = letters.approve_letters(office.page.user, office.ground, _ids(request), _key(request), office.page.now)
        said = ngettext("%(count)d letter approved.", "%(count)d letters approved.", count)
        messages.success(request, said % {"count": count})
        return redirect(_tab("verified"))

    return _act(request, done, _tab("verified"))


@require_POST
def produce(request: HttpRequest) -> HttpResponse:
    """Put the chosen letters into print files, one a language."""

    def done(office: LetterDesk) -> HttpResponse:
        made = letters.produce_letters(office.page.user, _ids(request), _key(request), office.page.now)
        said = ngettext("%(count)d print file is ready.", "%(count)d print files are ready.", len(made))
        messages.success(request, said % {"count": len(made)})
        return redirect("web:letter_batch", batch_id=made[0]) if len(made) == 1 else redirect(_tab("produced"))

    return _act(request, done, _tab("approved"))


@require_POST
def mail(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Say that the chosen letters of a print file left."""
    back = reverse("web:letter_batch", args=[batch_id])

    def done(office: LetterDesk) -> HttpResponse:
        user, now, channel = office.page.user, office.page.now, request.POST.get("channel", "")
        count = letter_post.mail_letters(user, _ids(request), _day(request), channel, _key(request), now)
        said = ngettext("%(count)d letter has left.", "%(count)d letters have left.", count) % {"count": count}
        messages.success(request, said, extra_tags=f"undo:{reverse('web:letter_unmail', args=[batch_id])}")
        return redirect(back)

    return _act(request, done, back)


@require_POST
def unmail(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take back that letters of a print file left: those this person marked in the last ten minutes."""
    back = reverse("web:letter_batch", args=[batch_id])

    def done(office: LetterDesk) -> HttpResponse:
        user, now = office.page.user, office.page.now
        _made, found = office.batch(batch_id)
        since = now - letter_post.UNDO_WITHIN
        mine = [one.pk for one in found if one.mailed_by_id == user.pk and one.mailed_at and one.mailed_at >= since]
        letter_post.undo_mailing(user, mine, _key(request), now)
        messages.success(request, _("Taken back. The letters wait to be mailed again."))
        return redirect(back)

    return _act(request, done, back)


@require_POST
def pull_back(request: HttpRequest) -> HttpResponse:
    """Stop letters that have not left."""

    def done(office: LetterDesk) -> HttpResponse:
        user, reason, now = office.page.user, request.POST.get("reason", ""), office.page.now
        count = letters.pull_back_letters(user, _ids(request), reason, _key(request), now)
        said = ngettext("%(count)d letter pulled back.", "%(count)d letters pulled back.", count)
        messages.success(request, said % {"count": count})
        return redirect(_tab(words.STOPPED))

    only = _ids(request)
    back = reverse("web:letter", args=[only[0]]) if len(only) == 1 else _tab("verified")
    return _act(request, done, back)


@require_POST
def came_back(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Say that a letter came back."""
    back = reverse("web:letter", args=[letter_id])

    def done(office: LetterDesk) -> HttpResponse:
        user, reason, now = office.page.user, request.POST.get("reason", ""), office.page.now
        letter_post.return_letter(user, letter_id, _day(request), reason, _key(request), now)
        messages.success(request, _("Written down. Reach the family another way, and ask for a good address."))
        return redirect(back)

    return _act(request, done, back)
