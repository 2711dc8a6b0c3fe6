"""What the source ``edfi`` says of itself."""

from allpresent.intake.sources.declared import Declaration
from allpresent.intake.sources.edfi.tables import TABLES

DECLARATION = Declaration(
    name="edfi",
    title="Ed-Fi",
    meaning=(
        "Data standard 3.3 to 5. JSON or JSON lines, one file a resource as an ODS API gives them (`schools.jsonl`), "
        "or the XML files of a bulk interchange, each with several resources. Columns are paths into the objects; "
        "several values of a list are read together. Of an interchange namespaces are left aside, references by id "
        "are followed through all its files, and a line number is that of the element. Without events of attendance "
        "taken a school counts as reporting up to the day of its last mark."
    ),
    tables=TABLES,
    ignored={
        "sessions, calendars, classPeriods, courseOfferings": "known resources that nothing here needs",
        "sex, disabilities, tribal affiliation": "no group is made of them",
        "schoolAttendanceDuration, arrivalTime, departureTime": "systems fill them in different senses; eventDuration "
        "is the share of the day",
        "studentDisciplineIncident associations, disciplineActions": "a mark is disciplinary by the reason of its "
        "attendance event; an action names no school day that was missed",
        "identification documents, social security numbers": "left out of what is pulled, and never read",
        "interchanges of version 2": "only their attendance, people and enrollment; sections were keyed otherwise",
    },
    rules={
        "K01": "A category is known by the last part of its descriptor. A calendar event nobody mapped refuses the "
        "day, and so holds the delivery.",
        "K03": "Contacts, students and schools are matched by their unique ids.",
        "M02": "Several events of one student and day are legal; the larger portion stands, and an event of the day "
        "wins over events of classes.",
        "M03": "eventDuration is the portion. Without it an absence is the whole day and a Partial or an early "
        "departure is unknown.",
        "M05": "The periods of a day come from classes and bell schedules, or from periods_in_day in the mapping.",
        "E02": "exitWithdrawDate is the last day of membership unless the mapping says exclusive.",
    },
)
