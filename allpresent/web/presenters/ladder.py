"""What was promised to a student at each level, how it stands, and what may be done about it here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allpresent.casework.evidence import names_a_record
from allpresent.web.presenters.levels import LevelBadge, level_badge
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.timeline import own_words
from allpresent.web.presenters.words import due_words, first_upper

if TYPE_CHECKING:
    from allpresent.casework.queries.student import Rung, RungStep
    from allpresent.protocol import Protocol
    from allpresent.web.presenters.lines import SchoolClock

OPEN = ("running", "overdue")
_MARKS = {"on_time": "✓", "late": "✓", "exempt": "–", "withdrawn": "–", "kept_above": "↑"}
# What closes a step here: the record is verified, a call is logged on its sheet, the rest name a day.
VERIFICATION, CONTACT = "verification", "contact_reached"
_NEEDS_WHO = ("plan_agreed", "mentor_match", "accepted_referral", "document")


@dataclass(frozen=True)
class May:
    """What the reader may do for this student."""

    close: bool = False
    exempt: bool = False
    call: bool = False


@dataclass(frozen=True)
class StepLine:
    """One promise. ``act`` is what the page offers: verify, call, evidence, take_up, or nothing."""

    key: str
    label: str
    mark: str
    is_done: bool
    is_open: bool
    state: str
    late: str = ""
    due: str = ""
    owner: str = ""
    asks: str = ""
    note: str = ""
    act: str = ""
    evidence: str = ""
    needs_who: bool = False
    may_exempt: bool = False
    step_id: int | None = None

    @property
    def id_text(self) -> str:
        """The step's number for the names of its forms."""
        return str(self.step_id or "")


@dataclass(frozen=True)
class RungView:
    """One level with its promises. ``reached`` is the day in words, blank above the student."""

    badge: LevelBadge
    reached: str
    is_current: bool
    steps: tuple[StepLine, ...]

    @property
    def open_steps(self) -> int:
        """How many of them wait to be done."""
        return sum(step.is_open for step in self.steps)

    @property
    def late_steps(self) -> int:
        """How many of those are late."""
        return sum(bool(step.late) for step in self.steps)


@dataclass(frozen=True)
class Ladder:
    """The student's own level; below it folded levels, those with anything open first; and what lies ahead."""

    title: str
    source: str
    now: tuple[RungView, ...]
    before: tuple[RungView, ...]
    ahead: tuple[RungView, ...]


@dataclass(frozen=True)
class LadderReader:
    """Who reads, on which day, by which school's clock, and which promises the person may see."""

    on: date
    clock: "SchoolClock"
    school_id: str | None
    protocol: "Protocol"
    may: May
    own_owners: frozenset[str] | None = None  # only promises of these owners; None: all
    user_id: int | None = None

    def sees(self, step: "RungStep") -> bool:
        """Whether this promise is the reader's to see."""
        return self.own_owners is None or step.owner_role in self.own_owners or self._is_own(step.assigned_to_id)

    def reads(self, step: "RungStep") -> bool:
        """Whether who did it and what they wrote is the reader's to see."""
        return self.own_owners is None or self._is_own(step.by_id)

    def _is_own(self, person: int | None) -> bool:
        return person is not None and person == self.user_id

    def owner(self, step: "RungStep") -> str:
        """Whose promise it is, in words."""
        if step.assigned_to:
            return step.assigned_to
        labels = self.protocol.owner_roles.get(step.owner_role)
        return own_words(dict(labels)) if labels else step.owner_role.replace("_", " ")


def _state(step: "RungStep") -> str:
    day = day_words(step.ended_on) if step.ended_on else ""
    texts = {
        "on_time": _("%(day)s, on time"),
        "late": _("%(day)s, late"),
        "exempt": _("does not apply, %(day)s"),
        "withdrawn": _("withdrawn %(day)s"),
    }
    if step.standing in texts:
        return texts[step.standing] % {"day": day}
    return {
        "kept_above": _("part of a higher level's step"),
        "if_needed": _("if needed"),
        "not_opened": _("opens with the next night's run"),
        "ahead": _("promised if this level is reached"),
    }.get(step.standing, "")


def _act(step: "RungStep", may: May) -> str:
    if step.standing == "if_needed":
        return "take_up" if may.close else ""
    if step.standing not in OPEN:
        return ""
    if step.evidence == CONTACT:
        return "call" if may.call else ""
    if not may.close:
        return ""
    return "verify" if step.evidence == VERIFICATION else "evidence"


def _step_line(step: "RungStep", reader: LadderReader) -> StepLine:
    is_open = step.standing in OPEN
    # A step done by a check or by a record refers to a delivery, a call, a visit, which the timeline tells in words.
    is_done = step.standing in ("on_time", "late")
    is_told = is_done and (step.evidence == VERIFICATION or names_a_record(step.text))
    return StepLine(
        key=step.key,
        label=first_upper(own_words(dict(step.labels))),
        mark=_MARKS.get(step.standing, "○"),
        is_done=is_done,
        is_open=is_open,
        state=_state(step) if not is_open else "",
        late=reader.clock.late(step.due_on, reader.school_id) if step.standing == "overdue" else "",
        due=due_words(step.due_on, reader.on) if step.standing == "running" else "",
        owner=reader.owner(step) if is_open else step.by if reader.reads(step) else "",
        asks=step.asks,
        note=step.text if reader.reads(step) and not is_told else "",
        act=_act(step, reader.may),
        evidence=step.evidence,
        needs_who=step.evidence in _NEEDS_WHO,
        may_exempt=is_open and reader.may.exempt,
        step_id=step.step_id,
    )


def _rung(rung: "Rung", reader: LadderReader) -> RungView | None:
    badge = level_badge(rung.level)
    steps = tuple(_step_line(step, reader) for step in rung.steps if reader.sees(step))
    if badge is None or not steps:
        return None
    return RungView(badge, day_words(rung.reached_on) if rung.reached_on else "", rung.is_current, steps)


def ladder(rungs: "Iterable[Rung]", reader: LadderReader) -> Ladder:
    """The ladder as the page shows it."""
    views = [(rung, view) for rung in rungs if (view := _rung(rung, reader)) is not None]
    now, before, ahead = [], [], []
    for rung, view in reversed(views):
        if rung.is_current:
            now.append(view)
        elif rung.reached_on or view.open_steps:
            before.append(view)
        else:
            ahead.append(view)
    language = (get_language() or "en")[:2]
    source = _("version of %(day)s") % {"day": reader.protocol.version.isoformat()}
    return Ladder(
        title=reader.protocol.label(language),
        source=source,
        now=tuple(now),
        before=tuple(before),
        ahead=tuple(reversed(ahead)),
    )
