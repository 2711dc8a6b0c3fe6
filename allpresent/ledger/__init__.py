"""What is known about attendance, and as of when: one immutable version a delivery, with each year as strips of days.

It never edits a fact in place, never asks what day it is and never decides what a fact amounts to.
Only ``intake`` (writing), ``measures`` and ``roster.projection`` (reading) open it.
"""

from allpresent.ledger.calendar import last_school_day, school_year_of, school_years
from allpresent.ledger.daily import SchoolYearDays, year_days
from allpresent.ledger.integrity import faults_of_current, faults_of_ledger, known_students, known_versions
from allpresent.ledger.retention import Pruned
from allpresent.ledger.schema import ADDRESS_LINES, STRIPS, TABLES, Table
from allpresent.ledger.store import Ledger, LedgerError, Manifest, Version
from allpresent.ledger.strips import Strips, whole_day_absences

__all__ = [
    "ADDRESS_LINES",
    "STRIPS",
    "TABLES",
    "Ledger",
    "LedgerError",
    "Manifest",
    "Pruned",
    "SchoolYearDays",
    "Strips",
    "Table",
    "Version",
    "faults_of_current",
    "faults_of_ledger",
    "known_students",
    "known_versions",
    "last_school_day",
    "school_year_of",
    "school_years",
    "whole_day_absences",
    "year_days",
]
