"""One night of a district and its parts: post what came, bring roster and cases to it, freeze reports, tidy up.

It never counts a day or decides what a level is; it puts the rooms to work in their order, safely twice and from
anywhere it was stopped. The command line, the worker and the pages about deliveries may call it.
"""

from .checking import check_home
from .errors import NightlyError
from .night import Summary, run_nightly
from .previewing import preview_protocol
from .publish import biweekly_file
from .running import STOPPED
from .tasks import ask
from .worker import run_worker

__all__ = [
    "STOPPED",
    "NightlyError",
    "Summary",
    "ask",
    "biweekly_file",
    "check_home",
    "preview_protocol",
    "run_nightly",
    "run_worker",
]
