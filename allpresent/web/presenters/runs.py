"""Runs of the night and of decisions: what was asked, how far it is, what it did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allpresent.casework.models.runs import RunKind, RunState
from allpresent.web.presenters.shares import count

if TYPE_CHECKING:
    from allpresent.casework.models import NightlyRun

_COUNT_WORDS = {
    "posted": gettext_lazy("posted: %(n)s"),
    "held": gettext_lazy("held: %(n)s"),
    "crossings": gettext_lazy("levels crossed: %(n)s"),
    "opened": gettext_lazy("steps opened: %(n)s"),
    "withdrawn": gettext_lazy("steps withdrawn: %(n)s"),
    "answered": gettext_lazy("steps closed by what stands: %(n)s"),
    "escalated": gettext_lazy("steps handed up: %(n)s"),
    "decisions_withdrawn": gettext_lazy("decisions withdrawn: %(n)s"),
    "decisions_opened_again": gettext_lazy("decisions opened again: %(n)s"),
    "decisions_handed_on": gettext_lazy("decisions without a person: %(n)s"),
    "decisions_given_back": gettext_lazy("decisions given back: %(n)s"),
    "steps_handed_back": gettext_lazy("steps without a person: %(n)s"),
    "matches_ended": gettext_lazy("mentors' matches ended: %(n)s"),
    "frozen": gettext_lazy("reports frozen: %(n)s"),
    "reports_frozen": gettext_lazy("reports frozen: %(n)s"),
}


@dataclass(frozen=True)
class RunLine:
    """A run of the night or of a decision. ``state`` is waiting, running, finished or failed."""

    id: int
    url: str
    what: str
    asked: str
    by: str
    state: str
    state_words: str
    stage: str
    message: str
    counts: str
    is_over: bool


def when(at: datetime | None) -> str:
    """A time in the district's time zone; blank for none."""
    return date_format(localtime(at), _("D j M, H:i")) if at else ""


def run_line(run: "NightlyRun", url: str) -> RunLine:
    """One run with how far it is and what it did."""
    told = [str(words) % {"n": count(run.counts[key])} for key, words in _COUNT_WORDS.items() if run.counts.get(key)]
    return RunLine(
        id=run.pk,
        url=url,
        what=str(RunKind(run.kind).label),
        asked=when(run.started_at or run.asked_at),
        by=str(run.asked_by) if run.asked_by else "",
        state=run.state,
        state_words=str(RunState(run.state).label),
        stage=run.stage,
        message=run.message,
        counts=", ".join(told) or (_("nothing new") if run.state == RunState.FINISHED else ""),
        is_over=run.is_over,
    )


def run_lines(runs: "Iterable[NightlyRun]", url_of: Mapping[int, str]) -> tuple[RunLine, ...]:
    """The runs as lines."""
    return tuple(run_line(run, url_of.get(run.pk, "")) for run in runs)
