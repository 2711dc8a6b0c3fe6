"""The source ``edfi``: from staged objects to canonical tables, step by step."""

from allpresent.intake.marks import finish_marks
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sources.edfi.calendars import make_calendar, make_schools
from allpresent.intake.sources.edfi.contacts import make_contacts
from allpresent.intake.sources.edfi.declaration import DECLARATION
from allpresent.intake.sources.edfi.marks import make_marks, make_taken
from allpresent.intake.sources.edfi.people import make_people
from allpresent.intake.sources.edfi.schedules import make_schedules
from allpresent.intake.sources.edfi.staging import EdFiStager
from allpresent.intake.sources.edfi.tables import ELEMENTS
from allpresent.intake.sources.reading import note_what_came, stage_all
from allpresent.intake.workspace import Workspace


def read(workspace: Workspace) -> None:
    """Fill the canonical tables."""
    stage_all(workspace, DECLARATION, EdFiStager(DECLARATION, ELEMENTS))
    _refuse_missing(workspace)
    if workspace.refused:
        return
    workspace.progress("resolving Ed-Fi's references and descriptors")
    make_schools(workspace)
    make_calendar(workspace)
    make_people(workspace)
    make_schedules(workspace)
    make_contacts(workspace)
    make_marks(workspace)
    make_taken(workspace)
    finish_marks(workspace, has_portions=False)
    note_what_came(workspace, DECLARATION)


def _refuse_missing(workspace: Workspace) -> None:
    """An interchange may come without what is needed, although its files are there."""
    staged = {file.table for file in workspace.files}
    for table in DECLARATION.tables:
        if table.is_required and table.name not in staged and not workspace.refused:
            element = next(element for element, name in ELEMENTS.items() if name == table.name)
            message = (
                f"The delivery has no {element}; export {table.name} from the Ed-Fi API or interchange and add it."
            )
            workspace.refuse(RefusedFileError(message))
