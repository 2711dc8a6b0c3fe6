"""The people of the demonstration on the sign-in page; outside a demonstration there are none."""

from django import template

from allpresent.web.presenters.signin import DemoPerson, demo_cards

register = template.Library()


@register.simple_tag
def demo_people() -> list[DemoPerson]:
    """``{% demo_people as people %}``: one card a person, or nothing outside the demonstration."""
    return demo_cards()
