"""The rules of intake: what each rule id means, and what a person does about it.

A finding carries a rule id. An *error* row is kept out of the ledger (an attendance row whose student and day are
known stays there as ``unknown``, so that the day never counts as present); a *warning* row goes in as it is.
"""

from dataclasses import dataclass


class IntakeError(ValueError):
    """What is wrong with a delivery, in one sentence for the person who delivered it."""


class BusyError(IntakeError):
    """Another delivery of the home is being posted; the same again will do when it is done."""


class RefusedFileError(IntakeError):
    """A file that cannot be read at all; carries the rule it breaks and the line, for the list of findings."""

    def __init__(self, message: str, rule: str = "R01", line_no: int | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.line_no = line_no


@dataclass(frozen=True)
class Rule:
    """One rule of the intake design: what it looks for, and what to do when it speaks."""

    id: str
    title: str
    what_to_do: str


RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "D01",
            "Order of day and month",
            "Name the order of the dates in the mapping, or export dates as 2026-11-04.",
        ),
        Rule("D02", "Date that cannot count", "Correct the date in the student information system, or the calendar."),
        Rule("D03", "Impossible year", "Correct the date in the student information system."),
        Rule("K01", "Code that is not mapped", "Add the code to the mapping, then post the same files again."),
        Rule(
            "K02",
            "One letter, several meanings",
            "Deliver the code table with school and year, or name both in the mapping.",
        ),
        Rule("K03", "Id that matches nothing", "Deliver the file that holds the id, or correct the id."),
        Rule("M01", "Row delivered twice", "Nothing: the repeated row is counted once."),
        Rule("M02", "Marks kept in two ways", "Name the attendance mode of the school and year in the mapping."),
        Rule("M03", "Portion of the day", "Correct the portion, or deliver the conversion table."),
        Rule("M04", "Mark outside enrollment", "Check the entry and exit dates of the student."),
        Rule(
            "M05",
            "Periods of the day unknown",
            "Deliver schedules and bell schedules, or the number of periods in the mapping.",
        ),
        Rule("E01", "Overlapping enrollments", "Check the entry and exit dates of the student."),
        Rule("E02", "Enrollment that ends before it begins", "Correct the entry and exit dates of the student."),
        Rule("E03", "School without a calendar", "Deliver the calendar days of the school."),
        Rule(
            "N01",
            "Attendance not reported",
            "Ask the school to take attendance for the days it lacks, and deliver them; they count as not reported.",
        ),
        Rule("I01", "Id that cannot be trusted", "Export ids as text, with their leading zeros."),
        Rule(
            "P01",
            "Figure held back, or none",
            "Nothing where the publisher holds a figure back; else name the mark in a layout, or correct the file.",
        ),
        Rule(
            "P02",
            "Published figures that do not fit each other",
            "Compare them with the publication; where the file counts a place in several ways, keep one in a layout.",
        ),
        Rule("S01", "Secret column", "Leave the column out of the export; it was dropped before reading."),
        Rule(
            "X01",
            "Value written as a formula",
            "Nothing: it was read as text, without the signs around it. Export the column as plain text.",
        ),
        Rule("X02", "Zip file that is not simple", "Deliver the files in a plain folder."),
        Rule("Q01", "Header", "Export with column labels, named as the format asks."),
        Rule("Q02", "Too many refused rows", "Correct the rows listed, or accept the delivery with a reason."),
        Rule(
            "C01",
            "Far from the last delivery or the control total",
            "Compare with the source; accept the delivery with a reason if it is right.",
        ),
        Rule("R01", "Row that cannot be read", "Correct the row at the line named, or the way the file is exported."),
    )
}
