"""What the records say of promised steps, as the pages about schools show it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from allpresent.web.presenters.school_tables import OnTime

if TYPE_CHECKING:
    from allpresent.casework.queries.kept import OnTime as Kept


def steps_on_time(kept: "Kept") -> OnTime:
    """The promises of one school, or of all, judged by a day."""
    days = kept.half_reached_within
    share = kept.share
    return OnTime(
        done=int(share * kept.judged) if share is not None else 0,
        due=kept.judged,
        median_days=None if days is None else Fraction(days),
    )


def steps_on_time_by_school(kept: "Mapping[str, Kept]") -> dict[str, OnTime]:
    """The same by school id."""
    return {school: steps_on_time(found) for school, found in kept.items()}
