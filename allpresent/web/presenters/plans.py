"""A success plan as its pages show it: what it says in words, how it goes, and what may be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allpresent.casework.models import PastAgreement, SuccessPlan
from allpresent.casework.models.success_plans import Agreed, PlanOutcome, PlanState
from allpresent.casework.plan_agreements import Edition
from allpresent.casework.plan_contents import FIELDS, Contents
from allpresent.policy import load_causes
from allpresent.policy.strategies import Strategy, load_strategies
from allpresent.web.forms.plan import LABELS, LINES
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.timeline import cause_names


def language_now() -> str:
    """English or Spanish, as the reader's."""
    return (get_language() or "en")[:2]


@dataclass(frozen=True)
class Choice:
    """Something to tick. ``note`` is what is known of it."""

    key: str
    name: str
    is_chosen: bool
    note: str = ""


@dataclass(frozen=True)
class ChoiceFamily:
    """Reasons of one family."""

    name: str
    choices: tuple[Choice, ...]


def cause_families(chosen: tuple[str, ...]) -> tuple[ChoiceFamily, ...]:
    """The 24 reasons by family, those chosen ticked."""
    language = language_now()
    return tuple(
        ChoiceFamily(
            family.label(language),
            tuple(Choice(one.key, one.label(language), one.key in chosen) for one in family.causes),
        )
        for family in load_causes()
    )


def strategy_choices(chosen: tuple[str, ...]) -> tuple[Choice, ...]:
    """The district's list with what studies found."""
    language = language_now()
    return tuple(Choice(one.key, one.label(language), one.key in chosen, study_words(one)) for one in load_strategies())


def study_words(strategy: Strategy) -> str:
    """Evidence A: what was found (source); or that nobody has measured it."""
    study = strategy.study
    if study is None:
        return _("Not measured in the studies we know of.")
    words = _("Evidence %(grade)s: %(effect)s (%(source)s)")
    return words % {"grade": study.grade, "effect": study.effect(language_now()), "source": study.source}


def strategy_names() -> dict[str, str]:
    """The strategies by key, in the language now spoken."""
    return {one.key: one.label(language_now()) for one in load_strategies()}


def field_words(name: str, contents: Contents, people: Mapping[int, str]) -> str:
    """What a field says, in one text."""
    value = getattr(contents, name)
    if name in ("causes", "strategies"):
        names = cause_names() if name == "causes" else strategy_names()
        return "; ".join(names[key] for key in value)
    if name == "champion":
        return people.get(value, "") if value else ""
    return {"en": "English", "es": "Español"}[value] if name == "language" else str(value)


@dataclass(frozen=True)
class Conflict:
    """A field two people changed: what the other wrote, beside what stands in the form."""

    name: str
    label: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Line:
    """One part of the plan as it was written."""

    label: str
    items: tuple[str, ...]


def plan_lines(contents: Contents, champion: str) -> tuple[Line, ...]:
    """The plan to read: only what was filled in."""
    causes, strategies = cause_names(), strategy_names()
    texts = {name: getattr(contents, name) for name in (*LINES, "backup", "own_words")}
    lines = [
        Line(str(LABELS["causes"]), tuple(causes[key] for key in contents.causes)),
        Line(str(LABELS["strategies"]), tuple(strategies[key] for key in contents.strategies)),
        Line(str(LABELS["champion"]), (champion,) if champion else ()),
        *(Line(str(LABELS[name]), tuple(filter(None, text.splitlines()))) for name, text in texts.items()),
    ]
    return tuple(line for line in lines if line.items)


def goal_words(contents: Contents) -> str:
    """At most 2 more days missed in 6 weeks."""
    days = ngettext("At most %(days)d more day missed", "At most %(days)d more days missed", contents.goal_days)
    weeks = ngettext("in %(weeks)d week", "in %(weeks)d weeks", contents.weeks)
    return f"{days % {'days': contents.goal_days}} {weeks % {'weeks': contents.weeks}}"


def stand_words(plan: SuccessPlan) -> str:
    """11 of 46 days missed by Wed 4 Nov, when the plan was begun."""
    words = _("%(absent)s of %(reported)s school days missed by %(day)s, when the plan was begun")
    return words % {"absent": plan.days_absent, "reported": plan.days_reported, "day": day_words(plan.as_of)}


def agreed_words(plan: SuccessPlan | PastAgreement) -> str:
    """Who agreed, how and when; blank for a draft."""
    if plan.agreed_on is None:
        return ""
    words = _("Agreed with %(who)s on %(day)s. %(how)s.")
    return words % {
        "who": plan.agreed_with,
        "day": day_words(plan.agreed_on),
        "how": _("By phone; %(witness)s listened in") % {"witness": plan.witness}
        if plan.agreed_how == Agreed.PHONE
        else Agreed(plan.agreed_how).label,
    }


def edition_words(plan: SuccessPlan) -> str:
    """Version 3 of Thu 5 Nov; blank for a draft."""
    if plan.agreed_on is None or plan.agreed_version is None:
        return ""
    return _("Version %(number)d of %(day)s.") % {"number": plan.agreed_version, "day": day_words(plan.agreed_on)}


def edition_state(plan: SuccessPlan, edition: Edition) -> str:
    """What became of one version of the plan."""
    if edition.replaced_on:
        return _("A later agreement took its place on %(day)s.") % {"day": day_words(edition.replaced_on)}
    if edition.agreement is not None:
        return _("This version holds.") if plan.state != PlanState.ENDED else _("This version held until the end.")
    if plan.state == PlanState.ENDED or edition.number != plan.version:
        return _("Saved on the way; the family was not asked to agree to it.")
    if plan.agreed_on is None:
        return _("This is a draft. Nothing is agreed yet.")
    return _("This change waits for the family's yes. Until then the version of %(day)s holds.") % {
        "day": day_words(plan.agreed_on)
    }


@dataclass(frozen=True)
class Changed:
    """One answer of a change: what was agreed, and what it would be."""

    label: str
    before: str
    after: str


def changed_lines(plan: SuccessPlan, champion: Callable[[Contents], str]) -> tuple[Changed, ...]:
    """What a change that waits would change; nothing where none waits."""
    if plan.change is None:
        return ()
    before, after = Contents.of(plan.contents), Contents.of(plan.change)
    names = {
        one.champion: champion(one) for one in (before, after) if one.champion and before.champion != after.champion
    }
    return tuple(
        Changed(str(LABELS[name]), field_words(name, before, names), field_words(name, after, names))
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    )


def ended_words(plan: SuccessPlan) -> str:
    """What came of it, when and who said so; blank while it runs."""
    if plan.ended_on is None:
        return ""
    words = _("%(outcome)s. Ended on %(day)s by %(who)s.")
    outcome = PlanOutcome(plan.outcome).label
    return words % {"outcome": outcome, "day": day_words(plan.ended_on), "who": plan.ended_by}


def list_lead(count: int, drafts: int, due: int) -> str:
    """How many plans run here, and how many wait for a review."""
    if not count:
        return _("No success plan runs for the students you see.")
    parts = [ngettext("%(count)d success plan runs here.", "%(count)d success plans run here.", count - drafts)]
    parts[0] %= {"count": count - drafts}
    if drafts:
        more = ngettext("%(count)d is still being written.", "%(count)d are still being written.", drafts)
        parts.append(more % {"count": drafts})
    more = ngettext("%(count)d review is due.", "%(count)d reviews are due.", due)
    parts.append(more % {"count": due} if due else _("No review is due."))
    return " ".join(parts)


def state_words(state: str, agreed_on: date | None, runs_to: date | None) -> str:
    """Draft; or from when to when it runs."""
    if agreed_on is None or runs_to is None:
        return str(PlanState(state).label)
    return _("%(first)s to %(last)s") % {"first": day_words(agreed_on), "last": day_words(runs_to)}
