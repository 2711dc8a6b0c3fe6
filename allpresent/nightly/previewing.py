"""What a changed protocol would do to the work that is open now."""

from datetime import date
from pathlib import Path

from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import StepState
from allpresent.measures import Rules, open_facts, standings
from allpresent.policy import load_district, load_state_pack
from allpresent.protocol import bounds, load_protocol, preview

_COLUMNS = ["student_id", "school_id", "days_absent", "days_enrolled", "days_unreported", "is_enrolled"]


def preview_protocol(home: Path, file: Path, as_of: date) -> str:
    """What the protocol in a file would open and close as of a day, in lines to read.

    Raises ProtocolError for a file that cannot be used, MeasureError for a day that was not delivered.
    """
    district, facts = load_district(home), open_facts(home)
    old = load_protocol(district.protocol, as_of, district.due_school_days)
    new = load_protocol(file, due_school_days=None)
    rules = Rules.from_policy(district, load_state_pack(district.state), bounds(old))
    rows = standings(facts, as_of, rules).select(_COLUMNS).to_pylist()
    steps = CaseStep.objects.filter(state=StepState.OPEN, case__closed_on=None)
    found = preview(old, new, rows, steps.values_list("case__student_id", "step_key"))
    lines = [f"As of {as_of.isoformat()}, this protocol {found.sentence()}."]
    lines += [f"opens {number} x {key}" for key, number in found.opens_by_step.items()]
    lines += [f"closes {number} x {key}" for key, number in found.closes_by_step.items()]
    lines += [f"{number} students go from {now} to {then}" for (now, then), number in sorted(found.moves.items())]
    lines += [f"{key}: {then} school days instead of {now}" for key, (now, then) in found.new_due_days.items()]
    return "\n".join(lines)
