"""The source ``powerschool``: from staged tables to canonical ones, step by step."""

from allpresent.intake.marks import finish_marks
from allpresent.intake.sources.powerschool.calendars import make_calendar, make_schools
from allpresent.intake.sources.powerschool.contacts import make_contacts
from allpresent.intake.sources.powerschool.marks import make_marks, make_taken
from allpresent.intake.sources.powerschool.people import make_people
from allpresent.intake.sources.powerschool.schedules import make_schedules
from allpresent.intake.sources.powerschool.staging import stage_all
from allpresent.intake.sources.powerschool.tables import STRICT
from allpresent.intake.workspace import Workspace


def read(workspace: Workspace) -> frozenset[str]:
    """Fill the canonical tables; returns the tables in which every row has to be right."""
    stage_all(workspace)
    if workspace.refused:
        return STRICT
    workspace.progress("resolving PowerSchool's keys, codes and schedules")
    make_schools(workspace)
    make_people(workspace)
    make_calendar(workspace)
    make_schedules(workspace)
    make_contacts(workspace)
    make_marks(workspace)
    make_taken(workspace)
    finish_marks(workspace, has_portions=False)
    _note_what_came(workspace)
    return STRICT


_MADE_FROM = {
    "sections": ("sections",),
    "section_students": ("cc",),
    "section_staff": ("sections",),
    "staff": ("teachers",),
    "demographics": ("students",),
    "contacts": ("contacts",),
}


def _note_what_came(workspace: Workspace) -> None:
    staged = {file.table for file in workspace.files}
    workspace.came.update(name for name, made_from in _MADE_FROM.items() if staged & set(made_from))
