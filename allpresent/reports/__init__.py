"""What is told to principals and executives, on paper and as files, with the numbers frozen as they were known.

It never reads the records of the work (what it needs of them comes as plain values) and never counts a student itself.
``nightly``, ``cli`` and ``web`` may call.
"""

from allpresent.reports.biweekly import biweekly
from allpresent.reports.context import PromiseLine, Scope, StepsLine
from allpresent.reports.document import Report, ReportError
from allpresent.reports.letters import LetterSheet, render_letters
from allpresent.reports.publish import FORMATS, FrozenReport, freeze, frozen_reports, read_frozen, render

__all__ = [
    "FORMATS",
    "FrozenReport",
    "LetterSheet",
    "PromiseLine",
    "Report",
    "ReportError",
    "Scope",
    "StepsLine",
    "biweekly",
    "freeze",
    "frozen_reports",
    "read_frozen",
    "render",
    "render_letters",
]
