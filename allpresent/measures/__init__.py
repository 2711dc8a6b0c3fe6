"""What the facts amount to on a day: standings, groups, truancy, comparisons, and why each day counts as it does.

It never writes a fact, knows no protocol and nobody's work, and never asks what day it is: every measure takes
``as_of``, every threshold comes in as ``Rules``. Protocol, casework, reports, nightly, web and the command line call.
"""

from allpresent.measures.comparison import movers, same_school_day_last_year, school_day_number, school_days
from allpresent.measures.engine import Facts, MeasureError, measure_many, open_facts
from allpresent.measures.explain import ExplainedDay, explain
from allpresent.measures.grid import last_20_days, year_grid
from allpresent.measures.groups import group_counts, groups
from allpresent.measures.parameters import Rules
from allpresent.measures.rates import percent
from allpresent.measures.sentences import MarkSeen
from allpresent.measures.standings import STANDINGS_COLUMNS, standings, standings_per_school
from allpresent.measures.unreported import unreported_by_section
from allpresent.measures.writers import write_explanation, write_groups, write_standings

__all__ = [
    "STANDINGS_COLUMNS",
    "ExplainedDay",
    "Facts",
    "MarkSeen",
    "MeasureError",
    "Rules",
    "explain",
    "group_counts",
    "groups",
    "last_20_days",
    "measure_many",
    "movers",
    "open_facts",
    "percent",
    "same_school_day_last_year",
    "school_day_number",
    "school_days",
    "standings",
    "standings_per_school",
    "unreported_by_section",
    "write_explanation",
    "write_groups",
    "write_standings",
    "year_grid",
]
