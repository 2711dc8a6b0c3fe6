"""What every figure of a page stands on, said once a page."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allpresent.policy import load_state_pack
from allpresent.web.page import Page
from allpresent.web.presenters.figures import Figure


@dataclass(frozen=True)
class Grounds:
    """The day, the delivery, the policy and the protocol in force. ``minimum_days`` are reported school days.

    ``rule_version`` is where the state says what chronic absence is, ``day_rule_version`` what an absent day is.
    """

    as_of: date
    delivery: str
    rule_version: str
    protocol_version: str
    minimum_days: int
    level_bounds: tuple[int, ...]
    day_rule_version: str = ""

    def figure(self, text: str, name: str, rule: str, *, of_protocol: bool = False, **more: str) -> Figure:
        """A figure of the state's chronic absence, or of the protocol; ``more`` are the other parts of its panel."""
        version = self.protocol_version if of_protocol else self.rule_version
        return self._figure(text, name, rule, version, more)

    def count(self, text: str, name: str, rule: str, **more: str) -> Figure:
        """A figure that no law and no protocol decides: what was delivered, counted."""
        return self._figure(text, name, rule, "", more)

    def days(self, text: str, name: str, rule: str, **more: str) -> Figure:
        """A figure of days absent, by what the state says an absent day is."""
        return self._figure(text, name, rule, self.day_rule_version, more)

    def _figure(self, text: str, name: str, rule: str, version: str, more: dict[str, str]) -> Figure:
        return Figure(text, name, rule, rule_version=version, delivery=self.delivery, as_of=self.as_of, **more)


@lru_cache(maxsize=16)
def _state_rule(state: str, name: str, on: date) -> str:
    """Where the state says what a parameter is, and since when."""
    pack = load_state_pack(state)
    value = pack.parameter(name).at(on)
    return f"{pack.name}, {value.starts_on.isoformat()}: {value.source}"


def grounds_of(page: Page) -> Grounds:
    """The grounds of a page's figures. The page has facts."""
    if page.version is None or page.as_of is None:
        raise ValueError("A page without a data version has no figures.")
    protocol = page.protocol
    return Grounds(
        as_of=page.as_of,
        delivery=page.version.delivery_id,
        rule_version=_state_rule(page.district.state, "chronic_share", page.as_of),
        protocol_version=_("%(title)s, version of %(day)s")
        % {"title": protocol.label((get_language() or "en")[:2]), "day": protocol.version.isoformat()},
        minimum_days=page.rules.minimum_days,
        level_bounds=tuple(page.rules.level_bounds),
        day_rule_version=_state_rule(page.district.state, "half_day_is_absent", page.as_of),
    )
