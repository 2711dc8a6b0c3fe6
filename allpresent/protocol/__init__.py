"""What a district has promised to do about absence, as a document with a clock: levels, steps, scripts, monitoring.

It never knows a student, what was done, or the database; facts come in as plain days, dates and rows.
Casework, nightly, the pages and the command line may call it.
"""

from allpresent.protocol.checking import check_protocol
from allpresent.protocol.document import Protocol, ProtocolError
from allpresent.protocol.levels import bounds, crossing_dates, level_for
from allpresent.protocol.previewing import preview
from allpresent.protocol.reading import load_protocol
from allpresent.protocol.scripts import fill_script
from allpresent.protocol.steps import due_list, steps_due

__all__ = [
    "Protocol",
    "ProtocolError",
    "bounds",
    "check_protocol",
    "crossing_dates",
    "due_list",
    "fill_script",
    "level_for",
    "load_protocol",
    "preview",
    "steps_due",
]
