"""School years and the days schools are in session."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Days = npt.NDArray[np.datetime64]
Index = npt.NDArray[np.int64]


def school_year_of(day: date, year_starts: str = "07-01") -> int:
    """The calendar year in which the school year holding ``day`` began: 2026 for 2026-27.

    ``year_starts`` is the month and day (``MM-DD``) a school year begins, 1 July unless the district says otherwise.
    """
    month, day_of_month = (int(part) for part in year_starts.split("-"))
    return day.year if (day.month, day.day) >= (month, day_of_month) else day.year - 1


def year_bounds(school_year: int, year_starts: str = "07-01") -> tuple[np.datetime64, np.datetime64]:
    """First day of the school year, and the first day of the next one."""
    return np.datetime64(f"{school_year}-{year_starts}", "D"), np.datetime64(f"{school_year + 1}-{year_starts}", "D")


def school_years(calendar_days: pa.Table, year_starts: str) -> list[int]:
    """Start years of the school years that have at least one day in session, oldest first."""
    in_session = calendar_days.filter(pc.equal(calendar_days["in_session"], 1))
    days = pc.unique(in_session["date"]).to_pylist()
    return sorted({school_year_of(day, year_starts) for day in days if day is not None})


def as_days(column: pa.ChunkedArray | pa.Array) -> Days:
    """A date column as ``datetime64[D]``; a null becomes NaT."""
    array = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) and column.num_chunks else column
    if not len(array):
        return np.array([], dtype="datetime64[D]")
    days: Days = array.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return days


def session_dates(calendar_days: pa.Table, first: np.datetime64, end: np.datetime64) -> Days:
    """Sorted dates on which at least one of the given calendar's rows is in session, ``first <= date < end``."""
    days = as_days(calendar_days.filter(pc.equal(calendar_days["in_session"], 1))["date"])
    return np.unique(days[(days >= first) & (days < end)])


def day_index(dates: Days, days: Days) -> tuple[Index, npt.NDArray[np.bool_]]:
    """Position of each day among ``dates``, and whether it is one of them."""
    if not len(dates):
        return np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=bool)
    at = np.minimum(np.searchsorted(dates, days), len(dates) - 1)
    return at.astype(np.int64), dates[at] == days


def last_school_day(tables: dict[str, pa.Table]) -> date | None:
    """The latest in-session date on or before the newest attendance or attendance-taken date; None without one."""
    marks = tables["attendance"]
    counted = marks.filter(pc.equal(pc.fill_null(marks["counted"], 1), 1))["date"]
    newest = [day for day in (pc.max(counted).as_py(), pc.max(tables["attendance_taken"]["date"]).as_py()) if day]
    if not newest:
        return None
    calendar = tables["calendar_days"]
    in_session = calendar.filter(pc.equal(calendar["in_session"], 1))["date"]
    days = as_days(in_session)
    held = days[days <= max(newest)]
    last: date | None = held.max().astype(date) if len(held) else None
    return last
