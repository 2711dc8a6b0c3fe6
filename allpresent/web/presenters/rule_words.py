"""The rules of intake in the reader's language; the English is that of ``intake``, and a test holds them together."""

from django.utils.translation import gettext_lazy as _

# By rule: its title, and what a person does about it.
RULE_WORDS = {
    "D01": (
        _("Order of day and month"),
        _("Name the order of the dates in the mapping, or export dates as 2026-11-04."),
    ),
    "D02": (
        _("Date that cannot count"),
        _("Correct the date in the student information system, or the calendar."),
    ),
    "D03": (
        _("Impossible year"),
        _("Correct the date in the student information system."),
    ),
    "K01": (
        _("Code that is not mapped"),
        _("Add the code to the mapping, then post the same files again."),
    ),
    "K02": (
        _("One letter, several meanings"),
        _("Deliver the code table with school and year, or name both in the mapping."),
    ),
    "K03": (
        _("Id that matches nothing"),
        _("Deliver the file that holds the id, or correct the id."),
    ),
    "M01": (
        _("Row delivered twice"),
        _("Nothing: the repeated row is counted once."),
    ),
    "M02": (
        _("Marks kept in two ways"),
        _("Name the attendance mode of the school and year in the mapping."),
    ),
    "M03": (
        _("Portion of the day"),
        _("Correct the portion, or deliver the conversion table."),
    ),
    "M04": (
        _("Mark outside enrollment"),
        _("Check the entry and exit dates of the student."),
    ),
    "M05": (
        _("Periods of the day unknown"),
        _("Deliver schedules and bell schedules, or the number of periods in the mapping."),
    ),
    "E01": (
        _("Overlapping enrollments"),
        _("Check the entry and exit dates of the student."),
    ),
    "E02": (
        _("Enrollment that ends before it begins"),
        _("Correct the entry and exit dates of the student."),
    ),
    "E03": (
        _("School without a calendar"),
        _("Deliver the calendar days of the school."),
    ),
    "N01": (
        _("Attendance not reported"),
        _("Ask the school to take attendance for the days it lacks, and deliver them; they count as not reported."),
    ),
    "I01": (
        _("Id that cannot be trusted"),
        _("Export ids as text, with their leading zeros."),
    ),
    "P01": (
        _("Figure held back, or none"),
        _("Nothing where the publisher holds a figure back; else name the mark in a layout, or correct the file."),
    ),
    "P02": (
        _("Published figures that do not fit each other"),
        _("Compare them with the publication; where the file counts a place in several ways, keep one in a layout."),
    ),
    "S01": (
        _("Secret column"),
        _("Leave the column out of the export; it was dropped before reading."),
    ),
    "X01": (
        _("Value written as a formula"),
        _("Nothing: it was read as text, without the signs around it. Export the column as plain text."),
    ),
    "X02": (
        _("Zip file that is not simple"),
        _("Deliver the files in a plain folder."),
    ),
    "Q01": (
        _("Header"),
        _("Export with column labels, named as the format asks."),
    ),
    "Q02": (
        _("Too many refused rows"),
        _("Correct the rows listed, or accept the delivery with a reason."),
    ),
    "C01": (
        _("Far from the last delivery or the control total"),
        _("Compare with the source; accept the delivery with a reason if it is right."),
    ),
    "R01": (
        _("Row that cannot be read"),
        _("Correct the row at the line named, or the way the file is exported."),
    ),
}
