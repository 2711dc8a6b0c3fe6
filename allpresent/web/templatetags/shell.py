"""The tag that brings the header and the navigation into base.html."""

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext

from allpresent.web.presenters.shell import Shell, empty_shell, shell_for

register = template.Library()


@register.simple_tag(takes_context=True)
def page_shell(context: RequestContext) -> Shell:
    """``{% page_shell as shell %}``: what header and navigation show to this person; bare without a request."""
    request: HttpRequest | None = context.get("request")
    return empty_shell() if request is None else shell_for(request)
