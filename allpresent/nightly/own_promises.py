"""What schools themselves promised, as the plain lines a report is given."""

from collections import Counter
from collections.abc import Collection
from datetime import date

from allpresent.casework.queries.school_promises import Kept, promises_kept
from allpresent.protocol import Protocol
from allpresent.protocol.steps import school_steps
from allpresent.reports import PromiseLine

ORDER = (Kept.WHOLE, Kept.BEGUN, Kept.ENDED, Kept.NOT_RECORDED)


def promise_lines(protocol: Protocol, as_of: date, school_ids: Collection[str]) -> tuple[PromiseLine, ...]:
    """Each promise with at how many of the schools it stood how on a day, as it is known now. One query."""
    steps = school_steps(protocol)
    found = promises_kept(school_ids, as_of) if steps else {}
    lines = []
    for step in steps:
        records = (found.get((school_id, step.key)) for school_id in school_ids)
        stands = Counter(one.stands(step.people) if one else Kept.NOT_RECORDED for one in records)
        in_place, begun, ended, not_recorded = (stands[kept] for kept in ORDER)
        lines.append(PromiseLine(step.label(), (in_place, begun, ended, not_recorded)))
    return tuple(lines)
