"""What an agreement sets and what it replaces, and each version of a plan as it may be read and printed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .models import PastAgreement, PlanReview, PlanVersion, SuccessPlan
from .permissions import local_day
from .plan_contents import Contents

_KEPT = ("agreed_on", "runs_to", "agreed_how", "agreed_with", "witness", "paper", "agreed_by_id")


def review_days(starts: date, runs_to: date, every: int, session_days: Sequence[date]) -> list[date]:
    """Every so many school days after the first day up to the last, and the last school day of the horizon itself."""
    within = sorted(day for day in session_days if starts < day <= runs_to)
    if not within:
        return [runs_to]
    return sorted({*within[every - 1 :: every], within[-1]})


def set_reviews(plan: SuccessPlan, due: Iterable[date]) -> None:
    """The reviews of an agreement. Those held stay, and those already due wait; those still to come are replaced."""
    plan.reviews.filter(held_on=None, due_on__gte=plan.agreed_on).delete()
    taken = set(plan.reviews.values_list("due_on", flat=True))
    PlanReview.objects.bulk_create(PlanReview(plan=plan, due_on=day) for day in due if day not in taken)


def keep_past_agreement(plan: SuccessPlan, today: date) -> None:
    """Keep the agreement in force as it was, before another takes its place; of a draft there is none."""
    if plan.agreed_version is None:
        return
    days = plan.reviews.filter(due_on__gt=plan.agreed_on).values_list("due_on", flat=True)
    PastAgreement.objects.create(
        plan=plan,
        version=plan.agreed_version,
        review_days=[day.isoformat() for day in days],
        replaced_on=today,
        **{name: getattr(plan, name) for name in _KEPT},
    )


@dataclass(frozen=True)
class Edition:
    """A version of a plan to read or print. Without an agreement nobody has agreed to it yet."""

    number: int
    contents: Contents
    saved_on: date
    saved_by: str
    agreement: SuccessPlan | PastAgreement | None
    review_days: tuple[date, ...] = ()

    @property
    def dated(self) -> date:
        """The day the family agreed to it, or else the day it was saved."""
        return (self.agreement and self.agreement.agreed_on) or self.saved_on

    @property
    def replaced_on(self) -> date | None:
        """The day a later agreement took its place."""
        return self.agreement.replaced_on if isinstance(self.agreement, PastAgreement) else None


def find_edition(plan: SuccessPlan, number: int | None = None) -> Edition | None:
    """A version by its number; without one the version in force, or the draft. None where there is none. 3 queries.

    An agreement that was replaced keeps the days of the reviews it had set; the one in force has those still to come.
    """
    wanted = number or plan.agreed_version or plan.version
    row = PlanVersion.objects.select_related("by").filter(plan=plan, number=wanted).first()
    if row is None:
        return None
    agreement: SuccessPlan | PastAgreement | None = plan if wanted == plan.agreed_version else None
    days: tuple[date, ...] = ()
    if agreement is not None:
        days = tuple(one.due_on for one in plan.reviews.all() if one.held_on is None)
    else:
        past = PastAgreement.objects.filter(plan=plan, version=wanted).select_related("agreed_by").first()
        agreement, days = past, tuple(map(date.fromisoformat, past.review_days)) if past else ()
    return Edition(wanted, Contents.of(row.contents), local_day(row.at), str(row.by), agreement, days)
