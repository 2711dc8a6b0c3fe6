"""Why this number? Every figure a page shows can say where it came from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Figure:
    """A shown number and its grounds.

    ``text`` is what stands on the page, already formatted; ``name`` says what it measures; ``rule`` is one sentence;
    ``rule_version`` names the dated policy or protocol; ``counted`` and ``excluded`` are sentences about students;
    ``delivery`` is the data version. Empty parts are left out of the panel.
    """

    text: str
    name: str
    rule: str
    rule_version: str = ""
    counted: str = ""
    excluded: str = ""
    delivery: str = ""
    as_of: date | None = None
    note: str = ""

    def __str__(self) -> str:
        return self.text
