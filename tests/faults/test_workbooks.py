"""Workbooks and XML made to harm: read, or refused with a sentence, whatever their reader does."""

import random
import struct
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from allpresent.intake.published import check_published, sheet_rows
from allpresent.intake.published.checking import PublishedCheck
from tests.faults.counts import SEED, share

Says = Callable[[int, str], None]
LABELS = ("District Code", "District", "Student Group", "Student Count", "Rate")
ROWS = (("0930011", "Elm Harbor", "All Students", 17_679, 42.0), ("0930012", "Elm Landing", "All Students", 900, 9.5))
Sheet = xlsxwriter.worksheet.Worksheet


def book(path: Path, more: Callable[[Sheet], object] = lambda _sheet: None) -> Path:
    """A workbook of two rows of figures, with something more on its sheet."""
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("2023-24")
        for line, row in enumerate((LABELS, *ROWS)):
            sheet.write_row(line, 0, row)
        more(sheet)
    return path


def check(path: Path) -> PublishedCheck:
    return check_published(path.parent, None, 1)


FAR = {
    "the last corner": (1_048_575, 16_383),
    "the last row of a wide sheet": (1_048_575, 4_000),
    "the last column": (40_000, 16_383),
}


@pytest.mark.parametrize("place", list(FAR) if share(1, 0) else ["the last corner"])
def test_a_cell_far_out_is_refused_and_ends_nothing(tmp_path: Path, place: str) -> None:
    """A reader asks for memory for all the cells before it."""
    checked = check(book(tmp_path / "rates.xlsx", lambda sheet: sheet.write(*FAR[place], "x")))
    assert checked.refused == [
        "rates.xlsx cannot be opened as a workbook, or has a cell far away from the others; save it again as CSV."
    ]


def test_a_workbook_that_hides_its_size_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "rates.xlsx", lambda sheet: [sheet.write_row(at, 0, ROWS[0]) for at in range(3, 2_000)])
    data = bytearray(path.read_bytes())
    at = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\1\2")) - 46
    data[at + 24 : at + 28] = struct.pack("<I", 1_000)
    path.write_bytes(bytes(data))
    assert check(path).refused == ["rates.xlsx is damaged or cut short; save it again."]


def test_a_workbook_cut_or_changed_anywhere(tmp_path: Path, survived: Says) -> None:
    whole = check(book(tmp_path / "rates.xlsx")).tables["aggregates"]
    assert whole.num_rows == 2
    data = (tmp_path / "rates.xlsx").read_bytes()
    chosen, tried = random.Random(SEED), share(200, 4)
    for number in range(tried):
        at = chosen.randrange(len(data))
        changed = bytes([data[at] ^ (1 + chosen.randrange(255))]) + data[at + 1 :]
        broken = data[:at] + (b"" if number % 2 else changed)
        (tmp_path / "rates.xlsx").write_bytes(broken)
        checked = check(tmp_path / "rates.xlsx")
        assert checked.refused or checked.why_held or checked.tables["aggregates"].equals(whole), at
    survived(tried, "workbooks cut or changed at a byte: read as they were, or refused")


def test_values_are_shown_as_a_person_reads_them() -> None:
    values = (True, 12.0, 0.1, 1e20, date(2026, 9, 1), " a ")
    assert [sheet_rows.shown(value) for value in values] == ["1", "12", "0.1", "1e+20", "2026-09-01", "a"]


def test_xml_whose_every_row_has_labels_of_its_own_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"<ITEM><DBN>1</DBN><A{at}>x</A{at}></ITEM>" for at in range(3_000))
    (tmp_path / "daily.xml").write_text(f"<ATTENDANCE>{rows}</ATTENDANCE>", encoding="utf-8")
    (error,) = check(tmp_path / "daily.xml").refused
    assert "daily.xml line 1: the header has 3,001 columns; export at most 2,000." in error
