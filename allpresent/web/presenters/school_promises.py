"""What schools themselves promised, in words: in place since when and with whom, or where help is needed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.casework.models.school_promises import PromiseState
from allpresent.casework.queries.school_promises import Kept, PersonKept, PromiseKept
from allpresent.web.presenters.timeline import own_words
from allpresent.web.presenters.words import first_upper

if TYPE_CHECKING:
    from allpresent.protocol.document import Step
    from allpresent.protocol.people import People

Found = Mapping[tuple[str, str], PromiseKept]


@dataclass(frozen=True)
class PersonLine:
    """Somebody named, with what they have and what they still need."""

    name: str
    words: str
    is_ready: bool


@dataclass(frozen=True)
class PromiseCard:
    """One promise of one school: how it stands, by whose word, and with whom."""

    label: str
    kept: Kept
    state: str
    by: str
    reference: str
    counted: str
    people: tuple[PersonLine, ...]
    url: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a record holds: it is corrected or ended; without one it is recorded."""
        return self.kept in (Kept.WHOLE, Kept.BEGUN)


@dataclass(frozen=True)
class SchoolWaiting:
    """A school where a promise is not in place, and what is missing there."""

    name: str
    words: str
    url: str


@dataclass(frozen=True)
class PromiseTally:
    """One promise over several schools, and where help is needed, by name of the school."""

    label: str
    words: str
    waiting: tuple[SchoolWaiting, ...]


@dataclass(frozen=True)
class RecordLine:
    """One record in the history of a promise."""

    state: str
    days: str
    by: str
    why: str
    people: str


def day_of_year(on: date) -> str:
    """A day with its year: 3 Nov 2026."""
    return date_format(on, _("j M Y"))


def label_of(step: "Step") -> str:
    """The promise in the reader's language."""
    return first_upper(own_words(step.labels))


def school_cards(
    steps: "Iterable[Step]", found: Found, school_id: str, url_of: Callable[[str], str]
) -> tuple[PromiseCard, ...]:
    """The promises of one school in the protocol's order, then what it holds of an earlier protocol."""
    steps = list(steps)
    known = {step.key for step in steps}
    cards = [
        make_card(label_of(step), found.get((school_id, step.key)), step.people, url_of(step.key)) for step in steps
    ]
    for (school, key), one in sorted(found.items()):
        if school == school_id and key not in known and one.state == PromiseState.RECORDED:
            cards.append(make_card(earlier_label(one), one, None, ""))
    return tuple(cards)


def earlier_label(one: PromiseKept) -> str:
    """A promise the protocol in force does not name any more, as it was worded."""
    label = first_upper(own_words({"en": one.label_en, "es": one.label_es}))
    return _("%(promise)s (from an earlier protocol)") % {"promise": label}


def make_card(label: str, one: PromiseKept | None, needed: "People | None", url: str) -> PromiseCard:
    """One promise as it stands."""
    kept = one.stands(needed) if one else Kept.NOT_RECORDED
    people = tuple(person_line(person, needed) for person in one.people) if one and kept != Kept.ENDED else ()
    return PromiseCard(
        label=label,
        kept=kept,
        state=state_words(one, needed),
        by=by_words(one),
        reference=one.reference if one else "",
        counted=counted_words(one, needed) if kept != Kept.ENDED else "",
        people=people,
        url=url,
    )


def state_words(one: PromiseKept | None, needed: "People | None") -> str:
    """In place since 3 Nov 2026; or begun, ended, not yet recorded."""
    kept = one.stands(needed) if one else Kept.NOT_RECORDED
    if one is None or kept == Kept.NOT_RECORDED:
        return _("Not yet recorded")
    if kept == Kept.ENDED:
        return _("Ended on %(day)s") % {"day": day_of_year(one.closed_on or one.since)}
    words = _("In place since %(day)s") if kept == Kept.WHOLE else _("Begun on %(day)s")
    return words % {"day": day_of_year(one.since)}


def by_words(one: PromiseKept | None) -> str:
    """By whose word, and when that was written down."""
    if one is None:
        return ""
    if one.state == PromiseState.ENDED:
        return _("Ended by %(who)s: %(why)s") % {"who": one.closed_by, "why": one.closed_why}
    said = {"who": one.recorded_by, "day": day_of_year(localdate(one.recorded_at))}
    return _("Recorded by %(who)s on %(day)s") % said


def counted_words(one: PromiseKept | None, needed: "People | None") -> str:
    """2 of 3 people named, 1 trained, 1 paid; before anything is recorded, what is needed."""
    if needed is None:
        return ""
    people = [person for person in one.people if person.signs_in] if one else []
    if one is None:
        return needed_words(needed)
    words = ngettext("%(named)d of %(count)d person named", "%(named)d of %(count)d people named", needed.count) % {
        "named": len(people),
        "count": needed.count,
    }
    parts = [words]
    if "trained" in needed.have:
        count = sum(person.trained_on is not None for person in people)
        parts.append(ngettext("%(count)d trained", "%(count)d trained", count) % {"count": count})
    if "paid" in needed.have:
        count = sum(person.paid_from is not None for person in people)
        parts.append(ngettext("%(count)d paid", "%(count)d paid", count) % {"count": count})
    return ", ".join(parts)


def needed_words(needed: "People") -> str:
    """What the promise needs of people: 3 people: named, trained, paid."""
    words = ngettext("Needs %(count)d person", "Needs %(count)d people", needed.count) % {"count": needed.count}
    have = {"trained": _("trained"), "paid": _("paid")}
    return f"{words}: {', '.join([_('named'), *(have[one] for one in needed.have)])}" if needed.have else words


def person_line(person: PersonKept, needed: "People | None") -> PersonLine:
    """Somebody named: trained when, paid from when, or what is still missing."""
    have = needed.have if needed else ()
    parts = []
    if not person.signs_in:
        parts.append(_("no longer signs in"))
    if person.trained_on or "trained" in have:
        trained = _("trained on %(day)s") % {"day": day_of_year(person.trained_on)} if person.trained_on else ""
        parts.append(trained or _("not yet trained"))
    if person.paid_from or "paid" in have:
        paid = _("paid from %(day)s") % {"day": day_of_year(person.paid_from)} if person.paid_from else ""
        parts.append(paid or _("not yet paid"))
    return PersonLine(person.name, ", ".join(parts), person.has(have))


def tallies(
    steps: "Iterable[Step]", found: Found, names: Mapping[str, str], urls: Mapping[str, str]
) -> tuple[PromiseTally, ...]:
    """Each promise over the schools, and by name the schools where it is not in place."""
    return tuple(_tally(step, found, names, urls) for step in steps)


def _tally(step: "Step", found: Found, names: Mapping[str, str], urls: Mapping[str, str]) -> PromiseTally:
    records = {key: found.get((key, step.key)) for key in names}
    kept = {key: one.stands(step.people) if one else Kept.NOT_RECORDED for key, one in records.items()}
    waiting = tuple(
        SchoolWaiting(name, _missing(records[key], step.people), urls.get(key, ""))
        for key, name in sorted(names.items(), key=lambda pair: (pair[1], pair[0]))
        if kept[key] != Kept.WHOLE
    )
    whole = len(names) - len(waiting)
    words = ngettext(
        "In place at %(whole)d of %(count)d school.", "In place at %(whole)d of %(count)d schools.", len(names)
    ) % {"whole": whole, "count": len(names)}
    return PromiseTally(label_of(step), words, waiting)


def _missing(one: PromiseKept | None, needed: "People | None") -> str:
    parts = [state_words(one, needed)]
    if one and one.stands(needed) == Kept.BEGUN:
        parts.append(counted_words(one, needed))
    return ": ".join(parts)


def school_sentence(steps: "Iterable[Step]", found: Found, school_id: str) -> str:
    """Of what the school itself promised, how much is in place; blank where it promised nothing."""
    steps = list(steps)
    stands = [one.stands(step.people) for step in steps if (one := found.get((school_id, step.key)))]
    if not steps:
        return ""
    return _("What the school itself promised: %(whole)d of %(count)d in place.") % {
        "whole": stands.count(Kept.WHOLE),
        "count": len(steps),
    }


def record_lines(records: Iterable[PromiseKept]) -> tuple[RecordLine, ...]:
    """Every record of one promise, the newest first."""
    return tuple(_record_line(one) for one in records)


def _record_line(one: PromiseKept) -> RecordLine:
    first = day_of_year(one.since)
    days = _("%(first)s to %(last)s") % {"first": first, "last": day_of_year(one.closed_on)} if one.closed_on else first
    who = [_("recorded by %(who)s") % {"who": one.recorded_by}]
    if one.closed_by:
        who.append(
            _("ended by %(who)s") % {"who": one.closed_by}
            if one.state == PromiseState.ENDED
            else _("withdrawn by %(who)s") % {"who": one.closed_by}
        )
    names = ", ".join(person.name for person in one.people)
    return RecordLine(str(PromiseState(one.state).label), days, ", ".join(who), one.closed_why, names)
