"""Who does what was decided in a meeting, once the person named no longer sees the student."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allpresent.access.models import AccessError, User
from allpresent.casework.errors import CaseworkError, NotVisibleError
from allpresent.casework.leavers import ACTION, assign_decision
from allpresent.web.page import page_of


@require_POST
def decision_assign(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Name who does it, from the list of the team's meeting."""
    page = page_of(request)
    if not page.may(ACTION):
        raise Http404
    person = request.POST.get("person", "")
    to = User.objects.filter(pk=int(person)).first() if person.isdecimal() else None
    try:
        assign_decision(page.user, decision_id, to, request.POST.get("form_key", ""), page.now)
    except NotVisibleError as error:
        raise Http404 from error
    except (CaseworkError, AccessError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s does it from now on.") % {"name": to})
    team = request.POST.get("team", "")
    return redirect(f"{reverse('web:meetings')}?team={team}" if page.may("run_meeting") else "web:decisions")
