"""What every figure of a page stands on, said once a page."""

from dataclasses import dataclass
from datetime import date

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
