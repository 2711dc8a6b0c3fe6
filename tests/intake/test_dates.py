"""The order of day and month of a file (D01), impossible years (D03)."""

from datetime import date

import pytest

from allpresent.intake.dates import NotADateError, decide_order, read_date
from allpresent.intake.rules import RefusedFileError


def order(*texts: str, fixed: str = "detect") -> str:
    return decide_order(texts, fixed, "a.csv", "day")


def test_order_is_decided_by_evidence_over_the_whole_file() -> None:
    assert order("02/03/2026", "25/03/2026") == "dmy"
    assert order("02/03/2026", "3/25/26") == "mdy"
    assert order("2026-03-25") == "ymd"
    assert order() == "ymd"


def test_order_without_evidence_or_with_evidence_for_both_is_refused() -> None:
    with pytest.raises(RefusedFileError, match="can be read month first or day first") as caught:
        order("02/03/2026", "2026-03-25")
    assert caught.value.rule == "D01"
    with pytest.raises(RefusedFileError, match="two orders"):
        order("25/03/2026", "03/25/2026")


def test_fixed_order_asks_for_no_evidence() -> None:
    assert order("02/03/2026", fixed="dmy") == "dmy"


def test_a_file_whose_every_telling_date_is_in_the_other_order_is_refused() -> None:
    slips = ("02/03/2026", "25/03/2026", "26/03/2026")
    assert order(*slips, fixed="mdy") == "mdy"  # two of them may be slips, and each is a finding of its own
    with pytest.raises(
        RefusedFileError, match=r"written day first \(27/03/2026 in day\), and this source is read month"
    ):
        order(*slips, "27/03/2026", fixed="mdy")
    with pytest.raises(RefusedFileError, match=r"write dates: \{order: mdy\} in the mapping"):
        order("03/25/2026", "03/26/2026", "03/27/2026", fixed="dmy")
    month_first = [f"{month:02}/{day}/2026" for month in (1, 2, 3) for day in range(15, 29)]
    assert order(*slips, "27/03/2026", *month_first, fixed="mdy") == "mdy", "slips among many of the mapping's order"
    with pytest.raises(RefusedFileError, match=r"two orders \(27/03/2026 and 03/28/2026 in day\)"):
        order(*slips, "27/03/2026", *month_first[-20:], fixed="mdy")
    with pytest.raises(RefusedFileError, match="two orders"):
        order("03/25/2026", "03/26/2026", "03/27/2026", "27/03/2026", fixed="dmy")
    assert order(*slips, "27/03/2026", fixed="ymd") == "ymd"


@pytest.mark.parametrize(
    ("text", "how", "day"),
    [
        ("9/4/26", "mdy", date(2026, 9, 4)),
        ("09/04/2026", "mdy", date(2026, 9, 4)),
        ("4/9/26", "dmy", date(2026, 9, 4)),
        ("2026-09-04", "mdy", date(2026, 9, 4)),
        ("2026-09-04T07:10:00", "ymd", date(2026, 9, 4)),
        ("9/4/2026 0:00:00", "mdy", date(2026, 9, 4)),
        ("20260904", "ymd", date(2026, 9, 4)),
        ("1/1/70", "mdy", None),
        ("1/1/69", "mdy", date(2069, 1, 1)),
    ],
)
def test_dates_of_mixed_width_are_read_in_the_order_of_the_file(text: str, how: str, day: date | None) -> None:
    if day is None:
        with pytest.raises(NotADateError, match="before 1990"):
            read_date(text, how, 1970)
    else:
        assert read_date(text, how, 1970) == day


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("12/30/1899", "D03"),
        ("1900-01-00", "D03"),
        ("9/2/0025", "D03"),
        ("13/01/2026", "D01"),
        ("2/30/2026", "D01"),
        ("yesterday", "D01"),
        ("9-2/2026", "D01"),
        ("20260904", "D01"),
    ],
)
def test_texts_that_are_no_school_day_break_a_rule(text: str, rule: str) -> None:
    with pytest.raises(NotADateError) as caught:
        read_date(text, "mdy", 1970)
    assert caught.value.rule == rule


def test_birth_dates_may_be_old_but_not_a_spreadsheets_blank() -> None:
    assert read_date("5/4/1972", "mdy", 1970, is_birth=True) == date(1972, 5, 4)
    with pytest.raises(NotADateError):
        read_date("12/30/1899", "mdy", 1970, is_birth=True)
