"""A synthetic school district: the files its PowerSchool would export, and the settings and staff of its demo home.

It never reads a home, opens the ledger or touches a record: what it writes goes through the intake a district uses.
The command line calls it (`allpresent demo`, `allpresent demo files OUT`), and tests do.
"""

from allpresent.demo.calendar import DEMO_TODAY, LAST_DAY, STORM_DAY, last_school_day
from allpresent.demo.district import DemoError
from allpresent.demo.home import DemoPerson, demo_home
from allpresent.demo.later import write_later_files
from allpresent.demo.powerschool import DemoSummary, write_files

__all__ = [
    "DEMO_TODAY",
    "LAST_DAY",
    "STORM_DAY",
    "DemoError",
    "DemoPerson",
    "DemoSummary",
    "demo_home",
    "last_school_day",
    "write_files",
    "write_later_files",
]
