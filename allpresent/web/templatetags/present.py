"""Tags of the shared parts: level badge, strip, Why this number?, student line, form key.

Load with ``{% load present %}``. Each takes plain values from ``presenters`` and writes accessible HTML.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from allpresent.access import issue_key
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.levels import level_badge as badge_of
from allpresent.web.presenters.strips import STATE_WORDS, Strip, day_words, long_day_words, make_strip

register = template.Library()
_LEGEND = ("present", "unexcused", "excused", "disciplinary", "half", "tardy", "unreported")


@register.inclusion_tag("web/_level_badge.html")
def level_badge(level: str | None, word: str | None = None) -> dict[str, Any]:
    """``{% level_badge "L4" %}``: letter, number and word in the level's colour; nothing without a level."""
    return {"badge": badge_of(level, word)}


@lru_cache(maxsize=4096)
def _block(on: date, state: str, language: str) -> SafeString:
    """One block. A list shows the same days for every student, so each is written once a language."""
    title = f"{day_words(on)}: {STATE_WORDS[state]}"
    return format_html('<i class="{}" title="{}"></i>', state, title)


@register.inclusion_tag("web/_strip.html")
def strip(days: Strip | Sequence[tuple[date, str]], size: str = "") -> dict[str, Any]:
    """``{% strip days %}`` or ``{% strip days "large" %}``: blocks with a text twin."""
    shown = days if isinstance(days, Strip) else make_strip(days)
    language = get_language() or ""
    blocks = mark_safe("".join(_block(on, state, language) for on, state in shown.days))  # noqa: S308 (escaped above)
    return {"twin": shown.twin, "blocks": blocks, "size": size}


@register.inclusion_tag("web/_legend.html")
def strip_legend(states: str = "") -> dict[str, Any]:
    """``{% strip_legend %}`` or with the states to explain, blank-separated."""
    keys = states.split() or _LEGEND
    return {"entries": [(key, STATE_WORDS[key]) for key in keys]}


@register.inclusion_tag("web/_why.html", takes_context=True)
def why(context: RequestContext, figure: Figure | str | None) -> dict[str, Any]:
    """``{% why figure %}``: the figure with a dotted underline that opens Why this number?

    The panels are collected on the request and written once, at the end of the page, so a figure may stand inside a
    sentence. A plain text instead of a Figure is shown as it is.
    """
    if not isinstance(figure, Figure):
        return {"figure": None, "text": figure}
    request = context.get("request")
    panels: list[tuple[str, Figure]] = [] if request is None else getattr(request, "why_panels", None) or []
    key = f"why-{len(panels) + 1}"
    panels.append((key, figure))
    if request is not None:
        request.why_panels = panels
    return {"figure": figure, "key": key}


@register.inclusion_tag("web/_why_panels.html", takes_context=True)
def why_panels(context: RequestContext) -> dict[str, Any]:
    """The panels of every figure shown so far; base.html writes it once."""
    return {"panels": getattr(context.get("request"), "why_panels", [])}


@register.simple_tag
def form_key() -> SafeString:
    """``{% form_key %}``: a hidden one-time key, so that a form sent twice acts once."""
    return format_html('<input type="hidden" name="form_key" value="{}">', issue_key())


@register.filter
def short_day(on: date | None) -> str:
    """Tue 3 Nov."""
    return day_words(on) if on else ""


@register.filter
def long_day(on: date | None) -> str:
    """Tuesday 3 November."""
    return long_day_words(on) if on else ""


@register.filter
def grouped(cell: str) -> str:
    """A count of a table with its thousands apart, 1,803; anything else as it is."""
    return f"{int(cell):,}" if cell.isdecimal() else cell


@register.filter
def undo_url(tags: str) -> str:
    """The undo address a flash message carries in its tags (``undo:/path/``), or nothing."""
    return next((tag[5:] for tag in (tags or "").split() if tag.startswith("undo:")), "")
