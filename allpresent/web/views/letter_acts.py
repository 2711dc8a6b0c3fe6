"""What is done with letters: forms of the desk, of one letter and of one print file."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from allpresent.access.models import AccessError
from allpresent.casework import letter_post, letters
from allpresent.casework.errors import CaseworkError, NotVisibleError
from allpresent.casework.models.letters import LetterState
from allpresent.casework.queries.letters import letters_in
from allpresent.casework.slips import is_slip
from allpresent.web.letter_desk import LetterDesk
from allpresent.web.presenters import letters as words


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


def _chosen(request: HttpRequest, office: LetterDesk, state: LetterState) -> list[int]:
    """The letters whose boxes were sent; or every letter of the list that this person may act on, on all its pages."""
    if "everything" not in request.POST:
        return _ids(request)
    rows = letters_in(office.students, [state])
    rows = rows.exclude(verified_by=office.page.user) if state == LetterState.VERIFIED else rows
    return list(rows.values_list("pk", flat=True))


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
        if "everything" in request.POST:
            wanted = [one.key for one in office.candidates if one.is_plain]
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
        count = letters.approve_letters(
            office.page.user,
            office.ground,
            _chosen(request, office, LetterState.VERIFIED),
            _key(request),
            office.page.now,
        )
        said = ngettext("%(count)d letter approved.", "%(count)d letters approved.", count)
        messages.success(request, said % {"count": count})
        return redirect(_tab("verified"))

    return _act(request, done, _tab("verified"))


@require_POST
def produce(request: HttpRequest) -> HttpResponse:
    """Put the chosen letters into print files, one a language."""

    def done(office: LetterDesk) -> HttpResponse:
        ids = _chosen(request, office, LetterState.APPROVED)
        made = letters.produce_letters(office.page.user, ids, _key(request), office.page.now)
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
        mine = [one.pk for one in found if is_slip(user, one.mailed_by_id, one.mailed_at, now)]
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
