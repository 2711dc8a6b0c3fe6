"""One-time keys of forms: sent twice, sent by fifty hands at once, a form has one effect."""

import secrets
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access.models import AccessError, FormKey, User

KEY_LENGTH = range(16, 65)


def issue_key() -> str:
    """A fresh key for a form about to be shown."""
    return secrets.token_urlsafe(24)


def once(key: str, user: User, purpose: str, work: Callable[[], str], *, at: datetime) -> str:
    """Do `work` if the form with this key was not sent before, and return where it leads.

    `work` returns the address to go to and runs in the transaction that uses up the key: if it raises, nothing is
    saved and the key may be tried again. A repeated sending does nothing and gets the first sending's address; one
    that comes while the first is still at work waits for it. Raises AccessError for a missing or another's key.
    """
    if len(key) not in KEY_LENGTH:
        raise AccessError(_("This form came without its one-time key. Open the page again and send it once more."))
    with transaction.atomic():
        used = _use(key, user, purpose, at)
        if used is None:
            return _first_result(key, user, purpose)
        used.result_url = work()
        used.save(update_fields=["result_url"])
        return used.result_url


def _use(key: str, user: User, purpose: str, at: datetime) -> FormKey | None:
    """The key's row, or None where another sending has it. The unique index makes late-comers wait, then fail."""
    try:
        with transaction.atomic():
            return FormKey.objects.create(key=key, user=user, purpose=purpose, used_at=at)
    except IntegrityError:
        return None


def _first_result(key: str, user: User, purpose: str) -> str:
    first = FormKey.objects.get(key=key)
    if first.user_id != user.pk or first.purpose != purpose:
        raise AccessError(_("This form belongs to another page. Open the page again and send it once more."))
    return first.result_url
