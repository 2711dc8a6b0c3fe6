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
    """The day, the delivery, the policy and the protocol in force. ``minimum_days`` are reported school days."""

    as_of: date
    delivery: str
    rule_version: str
    protocol_version: str
    minimum_days: int
    level_bounds: tuple[int, ...]

    def figure(self, text: str, name: str, rule: str, *, of_protocol: bool = False, **more: str) -> Figure:
        """A figure with these grounds; ``more`` are the other parts of its panel."""
        version = self.protocol_version if of_protocol else self.rule_version
        return Figure(text, name, rule, rule_version=version, delivery=self.delivery, as_of=self.as_of, **more)


@lru_cache(maxsize=8)
def _state_rule(state: str, on: date) -> str:
    """Where the state says what chronic absence is, and since when."""
    pack = load_state_pack(state)
    share = pack.parameter("chronic_share").at(on)
    return f"{pack.name}, {share.starts_on.isoformat()}: {share.source}"


def grounds_of(page: Page) -> Grounds:
    """The grounds of a page's figures. The page has facts."""
    if page.version is None or page.as_of is None:
        raise ValueError("A page without a data version has no figures.")
    protocol = page.protocol
    return Grounds(
        as_of=page.as_of,
        delivery=page.version.delivery_id,
        rule_version=_state_rule(page.district.state, page.as_of),
        protocol_version=_("%(title)s, version of %(day)s")
        % {"title": protocol.label((get_language() or "en")[:2]), "day": protocol.version.isoformat()},
        minimum_days=page.rules.minimum_days,
        level_bounds=tuple(page.rules.level_bounds),
    )
