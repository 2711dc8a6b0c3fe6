"""What the pages and reports ask of the records, each in a stated number of queries whatever the number of rows.

Everything comes back as plain values. A question about a person's own lists takes the person, and is answered for the
students that person may see; a question about one student is asked after `access` has let the student be seen.
"""

from .kept import protocol_on_time, protocol_on_time_by_school, protocol_on_time_everywhere
from .student import Event, ladder, number_health, timeline

__all__ = [
    "Event",
    "ladder",
    "number_health",
    "protocol_on_time",
    "protocol_on_time_by_school",
    "protocol_on_time_everywhere",
    "timeline",
]
