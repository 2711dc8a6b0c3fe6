"""Days in the sentences of refusals, as the pages say them."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def day_words(on: date | None) -> str:
    """Tue 3 Nov, in the reader's language; blank for no day."""
    return date_format(on, _("D j M")) if on else ""
