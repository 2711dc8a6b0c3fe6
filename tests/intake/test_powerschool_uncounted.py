"""Periods a bell schedule keeps out of attendance, as lunch: neither periods of the day nor marks of it."""

from pathlib import Path

import pytest

from tests.intake.test_powerschool import ATTENDANCE, texts
from tests.intake.test_powerschool_meetings import meeting

ITEMS = "bell_schedule_id period_id start_time end_time ada_code\n"
MARKS = ATTENDANCE + (
    "1 503 200 36 9/1/26 ATT_ModeMeeting 9 3311 - 0\n"
    "2 503 200 36 9/1/26 ATT_ModeMeeting 9 3312 - 0\n"
    "3 503 200 36 9/1/26 ATT_ModeMeeting 9 3314 - 0\n"
)


def items(*counts: str) -> str:
    return ITEMS + "".join(
        f"9200 331{n} {n * 3600} {n * 3600 + 2700} {code}\n" for n, code in enumerate(counts, start=1)
    )


def test_a_period_that_does_not_count_is_no_period_of_the_day(tmp_path: Path) -> None:
    checked = meeting(tmp_path, bell_schedule_items=items("1", "1", "1", "0"), attendance=MARKS)
    assert texts(checked, "attendance", "period", "periods_in_day") == [("1", "3"), ("2", "3")]
    count = next(count for count in checked.counts if count.file == "attendance.txt")  # type: ignore[attr-defined]
    assert (count.rows_read, count.canonical, count.left_out) == (3, 2, 1)
    told = "1 attendance rows of periods that do not count for attendance were left out"
    assert told in checked.decided  # type: ignore[attr-defined]


@pytest.mark.parametrize("codes", ["1111", "0000", "----"])
def test_a_schedule_that_tells_no_period_from_another_keeps_all(tmp_path: Path, codes: str) -> None:
    checked = meeting(tmp_path, bell_schedule_items=items(*codes), attendance=MARKS)
    assert [period for (period,) in texts(checked, "attendance", "period")] == ["1", "2", "4"]
