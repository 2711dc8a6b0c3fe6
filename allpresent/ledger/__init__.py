"""What is known about attendance, and as of when: one immutable version a delivery, with each year as strips of days.

It never edits a fact in place, never asks what day it is and never decides what a fact amounts to.
Only ``intake`` (writing), ``measures`` and ``roster.projection`` (reading) open it.
"""

from allpresent.ledger.calendar import school_year_of
from allpresent.ledger.schema import STRIPS, TABLES, Table
from allpresent.ledger.store import Ledger, LedgerError, Manifest, Version
from allpresent.ledger.strips import Strips

__all__ = ["STRIPS", "TABLES", "Ledger", "LedgerError", "Manifest", "Strips", "Table", "Version", "school_year_of"]
