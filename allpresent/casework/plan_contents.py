"""What a plan says, checked at birth, and two savings of it brought together."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from allpresent.policy.strategies import load_strategies

from .contacts import cause_families
from .errors import CaseworkError

TEXT_MAX = 2000
LANGUAGES = ("en", "es")
WEEKS, GOAL_DAYS, REVIEW_DAYS = range(1, 21), range(61), range(5, 31)


@dataclass(frozen=True, slots=True)
class Contents:
    """A plan's words and numbers. `goal_days` is the most days to miss in `weeks`; `review_every` are school days."""

    goal: str = ""
    goal_days: int = 2
    weeks: int = 6
    causes: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    champion: int | None = None
    help_family: str = ""
    help_everyday: str = ""
    help_occasional: str = ""
    help_potential: str = ""
    backup: str = ""
    own_words: str = ""
    language: str = "en"
    review_every: int = 10

    def __post_init__(self) -> None:
        if self.weeks not in WEEKS or self.goal_days not in GOAL_DAYS or self.review_every not in REVIEW_DAYS:
            raise CaseworkError(
                _("Choose 1 to 20 weeks, a goal of 0 to 60 days, and a review every 5 to 30 school days.")
            )
        if set(self.causes) - set(cause_families()):
            raise CaseworkError(_("Choose the reasons from the list."))
        if set(self.strategies) - {one.key for one in load_strategies()}:
            raise CaseworkError(_("Choose what will be done from the list."))
        if self.language not in LANGUAGES:
            raise CaseworkError(_("Choose the language of the family's copy from the list."))
        if any(isinstance(value, str) and len(value) > TEXT_MAX for value in self.plain().values()):
            raise CaseworkError(_("Shorten each answer to %(most)d letters.") % {"most": TEXT_MAX})

    def plain(self) -> dict[str, Any]:
        """The values as they are kept."""
        return asdict(self) | {"causes": list(self.causes), "strategies": list(self.strategies)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Contents":
        """From the values as they are kept."""
        values = {name: kept[name] for name in FIELDS if name in kept}
        return cls(**values | {"causes": tuple(kept["causes"]), "strategies": tuple(kept["strategies"])})

    def check_ready(self) -> None:
        """Raises CaseworkError naming what a family cannot agree to without."""
        if not self.goal.strip():
            raise CaseworkError(_("Write the goal in plain words before the family agrees to it."))
        if not self.strategies:
            raise CaseworkError(_("Choose at least one thing that will be done before the family agrees."))
        if self.champion is None:
            raise CaseworkError(_("Choose the champion: the person at school who keeps the plan going."))


FIELDS = tuple(field.name for field in fields(Contents))


@dataclass(frozen=True, slots=True)
class Merge:
    """Two savings from one base: what both agree on or only one changed, and the fields both changed."""

    together: Contents
    conflicts: tuple[str, ...]


def merge(base: Contents, saved: Contents, mine: Contents) -> Merge:
    """Bring two savings together. A field only one changed takes that change; one both changed keeps mine, named."""
    values, conflicts = {}, []
    for name in FIELDS:
        before, theirs, own = getattr(base, name), getattr(saved, name), getattr(mine, name)
        values[name] = theirs if own == before else own
        if own not in (before, theirs) and theirs != before:
            conflicts.append(name)
    return Merge(Contents(**values), tuple(conflicts))
