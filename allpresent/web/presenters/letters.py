"""Letters in words: why each is called for, what speaks against it, what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.casework.models.letters import Channel, LetterKind, LetterState
from allpresent.casework.models.steps import Ending
from allpresent.policy.letters import language_code
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.words import grade_room, language_name

if TYPE_CHECKING:
    from allpresent.casework.letter_reasons import Candidate
    from allpresent.casework.letter_recipients import Recipient
    from allpresent.casework.models import Letter
    from allpresent.casework.queries.letters import Home
    from allpresent.casework.queries.student import Event

VERIFY, STOPPED = "verify", "stopped"
# Tabs of the desk, with the states of the letters on each; on the first are letters nobody has verified yet.
TABS: dict[str, tuple[Any, tuple[str, ...]]] = {
    VERIFY: (gettext_lazy("To verify"), ()),
    "held": (gettext_lazy("Held"), (LetterState.HELD,)),
    "verified": (gettext_lazy("To approve"), (LetterState.VERIFIED,)),
    "approved": (gettext_lazy("To produce"), (LetterState.APPROVED,)),
    "produced": (gettext_lazy("To mail"), (LetterState.PRODUCED,)),
    "mailed": (gettext_lazy("Mailed"), (LetterState.MAILED,)),
    "returned": (gettext_lazy("Came back"), (LetterState.RETURNED,)),
    STOPPED: (gettext_lazy("Stopped"), (LetterState.PULLED_BACK, LetterState.WITHDRAWN)),
}
_FLAGS = {
    "left": gettext_lazy("left the district: no letter"),
    "opted_out": gettext_lazy("nobody may be written to: no letter"),
    "no_contact": gettext_lazy("no contact delivered"),
    "corrected": gettext_lazy("days were corrected since"),
    "recent": gettext_lazy("another letter in the last 10 school days"),
    "in_house": gettext_lazy("another letter is being written"),
    "meeting_past": gettext_lazy("the day for the meeting has passed"),
    "together": gettext_lazy("two letters at once to one family"),
    "pulled_back": gettext_lazy("pulled back before"),
    "no_address": gettext_lazy("no address delivered"),
    "protected": gettext_lazy("address protected: hand it over"),
}


@dataclass(frozen=True)
class Tab:
    """A tab of the desk with how many letters are on it."""

    key: str
    name: str
    count: int
    url: str
    is_current: bool


def make_tabs(counts: Mapping[str, int], current: str) -> tuple[Tab, ...]:
    """The tabs; ``counts`` has one number a tab."""
    here = reverse("web:letters")
    return tuple(
        Tab(key, str(name), counts.get(key, 0), f"{here}?tab={key}", key == current) for key, (name, _s) in TABS.items()
    )


def lead_words(counts: Mapping[str, int]) -> str:
    """What waits, in a sentence."""
    called = counts.get(VERIFY, 0)
    if not called and not any(counts.get(tab, 0) for tab in ("held", "verified", "approved", "produced")):
        return _("No letter is called for today, and none is waiting.")
    first = ngettext(
        "%(count)d letter is called for and not yet verified.",
        "%(count)d letters are called for and not yet verified.",
        called,
    ) % {"count": called}
    second = _(
        "Waiting for a second person: %(approve)d. To produce: %(produce)d. To mail: %(mail)d. Held: %(held)d."
    ) % {
        "approve": counts.get("verified", 0),
        "produce": counts.get("approved", 0),
        "mail": counts.get("produced", 0),
        "held": counts.get("held", 0),
    }
    return f"{first} {second}"


@dataclass(frozen=True)
class Row:
    """One line of a list: a letter to verify, or one on its way. ``value`` is what its box sends, blank without one."""

    value: str
    name: str
    student_url: str
    place: str
    kind: str
    why: str
    days: str
    to: str
    flags: tuple[str, ...] = ()
    note: str = ""
    home: str = ""  # where it goes, on pages that say it
    url: str = ""
    title: str = ""
    paragraphs: tuple[str, ...] = ()
    language: str = ""


def candidate_row(one: "Candidate", here: str | None = None) -> Row:
    """A letter that is called for; ``here`` is the school that goes without saying."""
    count = len(one.days)
    return Row(
        value="" if one.is_blocked else f"{one.student.pk}|{one.kind}",
        name=one.student.full_name,
        student_url=reverse("web:student", args=[one.student.pk]),
        place=_place(one.student, here),
        kind=str(LetterKind(one.kind).label),
        why=_why(one),
        days=ngettext("%(count)d day", "%(count)d days", count) % {"count": count},
        to="; ".join(_to(_names(to), to.language, any(each.email for each in to.people)) for to in one.recipients),
        flags=tuple(_flag(flag, one) for flag in one.flags),
    )


def _place(student: Any, here: str | None) -> str:
    school = student.school.name if student.school and student.school_id != here else ""
    return " · ".join(filter(None, (school, grade_room(student.grade, student.homeroom))))


def _names(to: "Recipient") -> str:
    names = list(dict.fromkeys(one.name for one in to.people if one.name))
    if len(names) > 1:
        return _("%(one)s and %(other)s") % {"one": ", ".join(names[:-1]), "other": names[-1]}
    return "".join(names) or _("the family")


def _to(family: str, language: str, has_email: bool = False) -> str:
    return " · ".join(filter(None, (family, language_name(language), _("e-mail on file") if has_email else "")))


def home_words(home: "Home") -> str:
    """Where a letter goes, in one line."""
    if home.is_protected:
        return str(_FLAGS["protected"])
    return ", ".join(home.address.splitlines()) or str(_FLAGS["no_address"])


def _flag(flag: str, one: "Candidate") -> str:
    if flag == "language":
        people = [each for to in one.recipients for each in to.people]
        spoken = [each.spoken for each in people if each.spoken and not language_code(each.spoken)]
        names = ", ".join(language_name(name) for name in dict.fromkeys(spoken))
        return _("speaks %(language)s: English, with an interpreter offered") % {"language": names}
    if flag == "no_address" and len(one.recipients) > 1:
        without = [_names(to) for to in one.recipients if not to.address and not to.is_protected]
        if len(without) < len(one.recipients):
            return _("no address delivered: %(names)s") % {"names": "; ".join(without)}
    return str(_FLAGS[flag])


def _why(one: "Candidate") -> str:
    reason = one.reason
    if "level" in reason:
        words = _("%(level)s reached on %(day)s") % {"level": reason["level"], "day": day_words(reason["crossed_on"])}
        return f"{words} · {_due(one)}" if one.due_on else words
    if "truant_on" in reason:
        said = _("truant by law again since %(day)s") if reason["is_again"] else _("truant by law since %(day)s")
        words = said % {"day": day_words(reason["truant_on"])}
        met = reason["meeting_due_on"]
        return f"{words} · {_('meeting due by %(day)s') % {'day': day_words(met)}}" if met else words
    return _("missed %(missed)s of the last %(of)s school days") % {"missed": reason["missed"], "of": reason["of"]}


def _due(one: "Candidate") -> str:
    return _("promised by %(day)s") % {"day": day_words(one.due_on)} if one.due_on else ""


def letter_row(letter: "Letter", value: str = "", here: str | None = None, home: "Home | None" = None) -> Row:
    """A letter on its way; ``value`` is what its box sends, ``here`` the school that goes without saying."""
    return Row(
        value=value,
        name=letter.student.full_name,
        student_url=reverse("web:student", args=[letter.student_id]),
        place=_place(letter.student, here),
        kind=letter.get_kind_display(),
        why="",
        days=ngettext("%(count)d day", "%(count)d days", len(letter.days)) % {"count": len(letter.days)},
        to=_to(letter.family, letter.language),
        note=history_line(letter),
        home=home_words(home) if home else "",
        url=reverse("web:letter", args=[letter.pk]),
        title=letter.title,
        paragraphs=tuple(letter.paragraphs),
        language=letter.language,
    )


def history_line(letter: "Letter") -> str:
    """The last thing that happened to a letter."""
    if letter.state == LetterState.HELD:
        return letter.held_because
    if letter.ended_on:
        words = _("%(state)s on %(day)s: %(why)s")
        return words % {
            "state": letter.get_state_display(),
            "day": day_words(letter.ended_on),
            "why": why_ended(letter.reason),
        }
    if letter.mailed_on:
        words = _("left %(how)s on %(day)s")
        return words % {"how": letter.get_channel_display(), "day": day_words(letter.mailed_on)}
    if letter.approved_by:
        return _("verified by %(first)s, approved by %(second)s") % {
            "first": letter.verified_by,
            "second": letter.approved_by,
        }
    return _("verified by %(first)s") % {"first": letter.verified_by}


def why_ended(reason: str) -> str:
    """The words of a person, or those for what the night found."""
    return str(Ending(reason).label) if reason in Ending.values else reason


def letter_event(event: "Event") -> dict[str, Any]:
    """A line of a student's timeline about a letter."""
    detail, act = event.detail, event.detail["act"]
    said = {
        "verified": _("verified"),
        "held": _("held: something is missing in it"),
        "mailed": _("left %(how)s") % {"how": Channel(detail["channel"]).label} if act == "mailed" else "",
        "returned": _("came back"),
        "pulled_back": _("pulled back"),
        "withdrawn": _("withdrawn"),
    }[act]
    words = ", ".join(part for part in (said, event.by) if part)
    return {"strong": str(LetterKind(detail["letter"]).label), "words": words, "note": why_ended(event.text)}
