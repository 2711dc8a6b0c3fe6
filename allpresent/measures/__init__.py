"""What the facts amount to on a day: standings, groups, truancy, comparisons, and why each day counts as it does.

It never writes a fact, knows no protocol and nobody's work, and never asks what day it is: every measure takes
``as_of``, every threshold comes in as ``Rules``. Protocol, casework, reports, nightly, web and the command line call.
"""

from allpresent.measures.comparison import movers as movers
from allpresent.measures.comparison import same_school_day_last_year as same_school_day_last_year
from allpresent.measures.comparison import school_day_number as school_day_number
from allpresent.measures.comparison import school_days
from allpresent.measures.disclosure import disclose
from allpresent.measures.engine import Facts, MeasureError, open_facts
from allpresent.measures.explain import ExplainedDay as ExplainedDay
from allpresent.measures.explain import explain
from allpresent.measures.grid import last_20_days as last_20_days
from allpresent.measures.grid import year_grid as year_grid
from allpresent.measures.groups import groups
from allpresent.measures.parameters import Rules
from allpresent.measures.rates import percent as percent
from allpresent.measures.standings import STANDINGS_COLUMNS as STANDINGS_COLUMNS
from allpresent.measures.standings import standings
from allpresent.measures.standings import standings_per_school as standings_per_school
from allpresent.measures.unreported import unreported_by_section as unreported_by_section
from allpresent.measures.writers import write_csv as write_csv
from allpresent.measures.writers import write_parquet as write_parquet

__all__ = [
    "Facts",
    "MeasureError",
    "Rules",
    "disclose",
    "explain",
    "groups",
    "open_facts",
    "school_days",
    "standings",
]
