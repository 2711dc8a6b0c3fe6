"""The source ``powerschool``: from staged tables to canonical ones, step by step."""

from allpresent.intake.marks import finish_marks
from allpresent.intake.sources.powerschool.calendars import make_calendar, make_schools
from allpresent.intake.sources.powerschool.contacts import make_contacts
from allpresent.intake.sources.powerschool.declaration import DECLARATION
from allpresent.intake.sources.powerschool.marks import make_marks, make_taken
from allpresent.intake.sources.powerschool.people import make_people
from allpresent.intake.sources.powerschool.schedules import make_schedules
from allpresent.intake.sources.reading import note_what_came, stage_all
from allpresent.intake.workspace import Workspace


def read(workspace: Workspace) -> None:
    """Fill the canonical tables."""
    stage_all(workspace, DECLARATION)
    if workspace.refused:
        return
    workspace.progress("resolving PowerSchool's keys, codes and schedules")
    make_schools(workspace)
    make_people(workspace)
    make_calendar(workspace)
    make_schedules(workspace)
    make_contacts(workspace)
    make_marks(workspace)
    make_taken(workspace)
    finish_marks(workspace, has_portions=False)
    note_what_came(workspace, DECLARATION)
