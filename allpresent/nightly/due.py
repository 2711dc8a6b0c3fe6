"""What the protocol promises as of a day, student by student, from the facts and the steps done so far."""

import csv
import io
from dataclasses import astuple, fields
from datetime import date
from pathlib import Path

from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import StepState
from allpresent.casework.tonight import read_tonight
from allpresent.measures import Rules, open_facts
from allpresent.policy import load_district, load_state_pack
from allpresent.protocol import bounds, due_list, load_protocol
from allpresent.protocol.steps import DueRow
from allpresent.reports.layout.flat import safe_cell


def due_csv(home: Path, as_of: date) -> str:
    """The due list as CSV, by student and level; dates ISO, ``is_overdue`` 0 or 1.

    Steps done or exempt in the records are left out. Raises MeasureError for a day that was not delivered.
    """
    district, facts = load_district(home), open_facts(home)
    facts.check_day(as_of)
    protocol = load_protocol(district.protocol, as_of, district.due_school_days)
    rules = Rules.from_policy(district, load_state_pack(district.state), bounds(protocol))
    rows = read_tonight(facts, as_of, rules, protocol).values()
    crossings = {(row.student_id, row.school_id): row.levels for row in rows if row.levels}
    year = facts.school_year(as_of)
    sessions = {school: facts.session_days(school, year) for school in {school for _, school in crossings}}
    settled = CaseStep.objects.filter(case__school_year=year, state__in=(StepState.DONE, StepState.EXEMPT))
    done = set(settled.values_list("case__student_id", "step_key"))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(DueRow))
    writer.writerows(map(_plain, due_list(protocol, crossings, sessions, as_of, done)))
    return out.getvalue()


def _plain(row: DueRow) -> list[object]:
    plain = (int(value) if isinstance(value, bool) else "" if value is None else value for value in astuple(row))
    return [safe_cell(value) if isinstance(value, str) else value for value in plain]
