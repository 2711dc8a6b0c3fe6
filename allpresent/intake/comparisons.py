"""The published figures a home has: those of every posted delivery of them, the newest of each cell."""

from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from allpresent.intake.published import read_published
from allpresent.intake.records import POSTED, Records
from allpresent.intake.sources import PUBLISHED


def published_figures(home: Path) -> dict[str, pa.Table]:
    """``aggregates`` and ``school_day_totals`` with the columns of the canonical files; empty when none came."""
    records = Records(home)
    posted = [one.id for one in records.all() if one.source == PUBLISHED and one.outcome == POSTED]
    return _figures(records.folder, tuple(posted))


@lru_cache(maxsize=2)
def _figures(folder: Path, deliveries: tuple[str, ...]) -> dict[str, pa.Table]:
    return read_published(folder / one for one in deliveries)
