"""What this reader says of itself beside its layouts: the rules that mean something here, and what is left aside."""

from collections.abc import Mapping

# Rule id: what it finds in published figures.
RULES: Mapping[str, str] = {
    "I01": "A code of a place that a spreadsheet turned into a rounded number refuses its row.",
    "M01": "A row that stands in its file already, the same in every column, is counted once.",
    "P01": "What is printed in place of a figure is kept as printed, flagged, and never 0; any other text that is no "
    "figure refuses its row.",
    "P02": "More students absent than there are, a rate that does not fit its counts, or other figures for the same "
    "place, group and time: told, and kept; of two rows the first is shown.",
    "Q01": "A file whose labels are those of no publication is refused; a text about the data is left aside.",
    "R01": "Each row read is a figure's, refused, repeated or left out by the layout; a file of another kind is left "
    "aside.",
    "X01": 'A code written as ="0930011" is read without the signs around it.',
    "X02": "A zip file, or a workbook, that is not simple or grows too large is refused.",
}
IGNORED: Mapping[str, str] = {
    "quarantine.csv, findings.csv": "written by an export, and not read back",
    "columns no layout names": "other measures of the publication; what is read stands at each layout",
    "rows of other kinds of places, measures and parts of a year": "a layout keeps those it names",
    "numbers that a reader could work out": "a held back cell is never filled from totals or from other cells",
}
