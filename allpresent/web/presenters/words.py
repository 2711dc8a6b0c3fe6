"""Short words about days, rates and people, said the same way on every page."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
from babel import Locale
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from allpresent.policy.letters import language_code as language_code
from allpresent.web.presenters.strips import day_words

_NEAR_DAYS = 6  # within a week the weekday alone says which day is meant


def days_ago(then: date, on: date) -> str:
    """How long ago: today, yesterday, 6 d ago."""
    gone = (on - then).days
    if gone <= 0:
        return _("today")
    if gone == 1:
        return _("yesterday")
    return _("%(days)d d ago") % {"days": gone}


def due_words(due_on: date | None, on: date) -> str:
    """When a step is due: due today, due Thu, due Tue 17 Nov. Blank without a day, and for a day gone by."""
    if due_on is None or due_on < on:
        return ""
    if due_on == on:
        return _("due today")
    if (due_on - on).days <= _NEAR_DAYS:
        return _("due %(day)s") % {"day": date_format(due_on, "D")}
    return _("due %(day)s") % {"day": day_words(due_on)}


def school_days_late(due_on: date | None, on: date, session_days: Sequence[date] | np.ndarray) -> int:
    """School days gone by since the due day, 0 while it is not over; at least 1 once it is."""
    if due_on is None or due_on >= on:
        return 0
    days = np.asarray(session_days, dtype="datetime64[D]")
    gone = int(((days > np.datetime64(due_on)) & (days <= np.datetime64(on))).sum())
    return max(1, gone)


def late_words(days: int) -> str:
    """2 days late; blank for none. The days are school days."""
    return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days} if days else ""


def grade_words(grade: str) -> str:
    """A grade as people say it: grade 9, kindergarten, pre-K."""
    if grade == "K":
        return _("kindergarten")
    if grade == "PK":
        return _("pre-K")
    return _("grade %(grade)s") % {"grade": grade.lstrip("0")} if grade else ""


def grade_room(grade: str, homeroom: str) -> str:
    """grade 9 · room 310."""
    return " · ".join(part for part in (grade_words(grade), homeroom) if part)


def month_words(label: str) -> str:
    """A label that names a month as a settings file does (June 2027), in the reader's language; any other as it is."""
    try:
        return str(date_format(datetime.strptime(label, "%B %Y").date(), "F Y"))  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return label


def first_upper(text: str) -> str:
    """A sentence begins with a capital letter; the rest is left alone."""
    return text[:1].upper() + text[1:]


def language_name(spoken: str) -> str:
    """A language as a word of the reader's language; one that was delivered as a word we do not know stays."""
    code = language_code(spoken) or spoken.strip().lower()
    names = Locale.parse((get_language() or "en").replace("-", "_")).languages
    return names.get(code) or names.get(code.split("-")[0], spoken)


# The relations exports write, in the reader's language; any other stays as delivered.
_RELATIONS = {
    "mother": _lazy("mother"),
    "father": _lazy("father"),
    "parent": _lazy("parent"),
    "stepmother": _lazy("stepmother"),
    "stepfather": _lazy("stepfather"),
    "grandmother": _lazy("grandmother"),
    "grandfather": _lazy("grandfather"),
    "aunt": _lazy("aunt"),
    "uncle": _lazy("uncle"),
    "sister": _lazy("sister"),
    "brother": _lazy("brother"),
    "guardian": _lazy("guardian"),
    "foster parent": _lazy("foster parent"),
    "neighbor": _lazy("neighbor"),
    "friend": _lazy("friend"),
}


def relation_words(delivered: str) -> str:
    """Who somebody is to the student, as a word: mother, grandfather."""
    plain = delivered.strip().lower()
    return str(_RELATIONS.get(plain, plain))
