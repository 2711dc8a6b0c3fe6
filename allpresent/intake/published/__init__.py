"""Figures that states and others publish about whole schools and districts, read for comparison and never as marks.

It knows no student, adds no suppressed cell up and never fills one; the ledger does not know it.
``intake`` alone calls it, and shows what it gives.
"""

from allpresent.intake.published.checking import check_published
from allpresent.intake.published.tables import PUBLISHED_TABLES, read_published, write_published

__all__ = ["PUBLISHED_TABLES", "check_published", "read_published", "write_published"]
