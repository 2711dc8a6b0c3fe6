"""What referrals came to, by school, as a table: made, and each in one column alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _lazy

from allpresent.casework.queries.referrals import CAME, Came
from allpresent.web.presenters.accountability import guarded
from allpresent.web.presenters.words import first_upper

CAME_WORDS = {
    Came.AWAITED: _lazy("no answer yet"),
    Came.UNANSWERED: _lazy("no answer in time"),
    Came.DECLINED: _lazy("declined"),
    Came.IN_TOUCH: _lazy("under way"),
    Came.SILENT: _lazy("update past due"),
    Came.SERVED: _lazy("finished"),
    Came.STOPPED: _lazy("ended early"),
    Came.LEFT: _lazy("student left"),
}


@dataclass(frozen=True)
class CameLine:
    """One school: how many referrals were made, and what each came to, in the order of CAME_WORDS."""

    school: str
    url: str
    made: str
    cells: tuple[str, ...]

    @property
    def labelled(self) -> list[tuple[str, str]]:
        """Each count with the head of its column."""
        return list(zip(came_heads(), self.cells, strict=True))


def came_heads() -> tuple[str, ...]:
    """The heads of the columns in their order."""
    return tuple(first_upper(str(CAME_WORDS[one])) for one in CAME)


def came_lines(
    counts: Mapping[str, tuple[int, ...]], names: Mapping[str, str], urls: Mapping[str, str], *, hide_to: int = 0
) -> tuple[CameLine, ...]:
    """A line a school that referred anybody, by name; `hide_to` above 0 hides counts up to it."""
    lines = []
    for key, name in sorted(names.items(), key=lambda pair: pair[1]):
        if any(counts.get(key, ())):
            made, cells = guarded(counts[key], hide_to)
            lines.append(CameLine(name, urls.get(key, ""), made, cells))
    return tuple(lines)
