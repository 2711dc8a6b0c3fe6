"""One student's page: the opening sentences, the two scales and the flag, each with its grounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.levels import LEVEL_KEYS, LevelBadge, level_badge
from allpresent.web.presenters.shares import NOTHING, days, days_words, percent
from allpresent.web.presenters.strips import day_words

BANDS = (
    ("satisfactory", gettext_lazy("Satisfactory"), gettext_lazy("under 5%")),
    ("at_risk", gettext_lazy("At risk"), gettext_lazy("5% to under 10%")),
    ("moderate_chronic", gettext_lazy("Moderate chronic"), gettext_lazy("10% to under 20%")),
    ("severe_chronic", gettext_lazy("Severe chronic"), gettext_lazy("20% or more")),
)


@dataclass(frozen=True)
class Lead:
    """The numbers of the opening sentences. ``kind`` picks the sentence about today's standing.

    kinds: none (nothing reported), early (under the minimum), chronic, not_chronic.
    ``can_miss`` is negative when the year can no longer end under a tenth; ``present_needed`` is 0 when not needed
    and None when the days left are too few.
    """

    kind: str
    absent: Figure
    rate: str
    minimum: int
    can_miss: Fraction
    can_miss_words: str
    remaining: int
    present_needed: int | None
    unreported: int
    is_truant: bool
    truant_words: str
    meeting_due: str = ""
    is_meeting_past: bool = False


@dataclass(frozen=True)
class ScaleStep:
    """One part of a scale: its name, its range in words, whether the student stands there."""

    key: str
    name: str
    range: str
    is_here: bool
    badge: LevelBadge | None = None


@dataclass(frozen=True)
class Standing:
    """Where the student stands, three ways that are never confused: by days, by percent, and the flag."""

    by_days: tuple[ScaleStep, ...]
    by_percent: tuple[ScaleStep, ...]
    days_figure: Figure
    percent_figure: Figure
    chronic_figure: Figure


def days_range(bounds: Sequence[int], n: int) -> str:
    """The day range of the n-th level (0 = L1) under the protocol's lower bounds: ``0–1``, ``2–5``, … ``18+``."""
    low = 0 if n == 0 else bounds[n - 1]
    if n == len(bounds):
        return f"{low}+"
    high = bounds[n] - 1
    return str(low) if high == low else f"{low}–{high}"


def _kind(row: Mapping[str, Any], minimum: int) -> str:
    if not _reported(row):
        return "none"
    if _reported(row) < minimum:
        return "early"
    return "chronic" if row["is_chronically_absent"] else "not_chronic"


def _reported(row: Mapping[str, Any]) -> int:
    return row["days_enrolled"] - row["days_unreported"]


def _needed(row: Mapping[str, Any], kind: str) -> int | None:
    """Days present in a row that bring the rate under a tenth; None when fewer days are left."""
    if kind != "chronic":
        return 0
    needed = row["present_days_needed"]
    return needed if needed <= row["remaining_days"] else None


def _truant_words(row: Mapping[str, Any]) -> str:
    if days(row["days_unexcused"]) >= 10:
        return _("10 or more unexcused days this year")
    return _("4 or more unexcused days within 30 days")


def lead(row: Mapping[str, Any], grounds: Grounds) -> Lead:
    """The opening sentences of a student's page from one row of standings."""
    kind = _kind(row, grounds.minimum_days)
    reported = _reported(row)
    absent = grounds.days(
        _("%(absent)s of %(days)s") % {"absent": days_words(row["days_absent"]), "days": reported},
        _("Days absent"),
        _("A day counts as absent when more than half of it was missed. Excused, unexcused and disciplinary count."),
        counted=_parts(row),
        note=_unreported_note(row),
    )
    return Lead(
        kind=kind,
        absent=absent,
        rate=percent(days(row["days_absent"]), reported),
        minimum=grounds.minimum_days,
        can_miss=days(row["days_until_chronic"]),
        can_miss_words=days_words(row["days_until_chronic"]),
        remaining=row["remaining_days"],
        present_needed=_needed(row, kind),
        unreported=row["days_unreported"],
        is_truant=bool(row["is_truant"]),
        truant_words=_truant_words(row) if row["is_truant"] else "",
        meeting_due=day_words(row["meeting_due_on"]) if row["meeting_due_on"] else "",
        is_meeting_past=bool(row["meeting_due_on"] and row["meeting_due_on"] <= grounds.as_of),
    )


def _parts(row: Mapping[str, Any]) -> str:
    return _("%(excused)s excused, %(unexcused)s unexcused, %(disciplinary)s disciplinary") % {
        "excused": days_words(row["days_excused"]),
        "unexcused": days_words(row["days_unexcused"]),
        "disciplinary": days_words(row["days_disciplinary"]),
    }


def _unreported_note(row: Mapping[str, Any]) -> str:
    days = row["days_unreported"]
    if not days:
        return ""
    return ngettext(
        "%(days)s school day has no attendance reported. It counts neither as present nor as absent.",
        "%(days)s school days have no attendance reported. They count neither as present nor as absent.",
        days,
    ) % {"days": days}


def _by_days(row: Mapping[str, Any], bounds: Sequence[int]) -> tuple[ScaleStep, ...]:
    steps = []
    for n, key in enumerate(LEVEL_KEYS):
        badge = level_badge(key)
        steps.append(ScaleStep(key, badge.word if badge else key, days_range(bounds, n), row["level"] == key, badge))
    return tuple(steps)


def _by_percent(row: Mapping[str, Any]) -> tuple[ScaleStep, ...]:
    here = row["attendance_works_band"]
    return tuple(ScaleStep(key, str(name), str(words), here == key) for key, name, words in BANDS)


def _chronic_text(row: Mapping[str, Any], kind: str) -> str:
    if kind in ("none", "early"):
        return _("Too early to say")
    return _("Yes") if row["is_chronically_absent"] else _("No")


def standing(row: Mapping[str, Any], grounds: Grounds) -> Standing:
    """The level by days, the band by percent and the chronic flag, side by side."""
    kind, reported = _kind(row, grounds.minimum_days), _reported(row)
    badge = level_badge(row["level"])
    band = next((str(name) for key, name, _words in BANDS if key == row["attendance_works_band"]), NOTHING)
    sum_words = _("%(absent)s absent of %(days)s reported school days") % {
        "absent": days_words(row["days_absent"]),
        "days": reported,
    }
    return Standing(
        by_days=_by_days(row, grounds.level_bounds),
        by_percent=_by_percent(row),
        days_figure=grounds.figure(
            f"{badge.key} {badge.word}" if badge else NOTHING,
            _("Level by days"),
            _("The number of days absent this year, for whatever reason, against the protocol's day bounds."),
            counted=sum_words,
            of_protocol=True,
        ),
        percent_figure=grounds.count(
            band,
            _("Band by percent"),
            _("Days absent as a share of the reported school days, in the bands of Attendance Works."),
            counted=sum_words,
        ),
        chronic_figure=grounds.figure(
            _chronic_text(row, kind),
            _("Chronically absent to date"),
            _("Ten times the days absent is at least the reported school days, once %(days)s days are reported.")
            % {"days": grounds.minimum_days},
            counted=sum_words,
            note=_unreported_note(row),
        ),
    )
