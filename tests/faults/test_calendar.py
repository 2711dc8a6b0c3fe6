"""The turn of the year and the odd days of a calendar: thirty dated scenarios, judged by engine and twin."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.measures import MeasureError, Rules, standings
from tests.faults import district
from tests.faults.counts import share
from tests.reference import twin
from tests.spec.drawn import Drawn, post, settings_of, table, texts

# One student. `open` are the days in session (weekdays of the ranges, and single days), `shut` those taken out of it
# later; `absent` whole days, `half` half ones. 30 June and 1 July 2026 lie in two school years unless `starts` says
# another month and day. Counts are those of the school year of the day asked for; blank: no row, or no answer.
SCENARIOS = table("""
what                                    | open                                           | shut                   | asked      | absent                            | half       | spans                             | starts | enrolled | missed | level
last day of the year                    | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-06-30 | 2026-06-29 2026-06-30             |            | 2026-06-01..                      |        | 22       | 2      | L2
first day of the next                   | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-01 | 2026-06-29 2026-06-30             |            | 2026-06-01..                      |        | 1        | 0      | L1
absent on both sides of the turn        | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-01 | 2026-06-30 2026-07-01             |            | 2026-06-01..                      |        | 1        | 1      | L1
six days of last year are not carried   | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-02 | 2026-06-01..2026-06-08            |            | 2026-06-01..                      |        | 2        | 0      | L1
last year asked for after the turn      | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-06-30 | 2026-06-01..2026-06-08 2026-07-01 |            | 2026-06-01..                      |        | 22       | 6      | L3
second level in the first days          | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-03 | 2026-07-01 2026-07-02             |            | 2026-06-01..                      |        | 3        | 2      | L2
a weekend after the turn                | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-06 | 2026-07-04 2026-07-06             |            | 2026-06-01..                      |        | 4        | 1      | L1
the year begins later than 1 July       | 2026-06-01..2026-06-30 2026-07-06..2026-07-10  |                        | 2026-07-06 | 2026-06-30                        |            | 2026-06-01..                      |        | 1        | 0      | L1
a summer between the years              | 2026-06-01..2026-06-30 2026-08-31..2026-09-04  |                        | 2026-08-31 | 2026-06-01..2026-06-08            |            | 2026-06-01..                      |        | 1        | 0      | L1
the new calendar is missing: last year  | 2026-06-01..2026-06-30                         |                        | 2026-06-30 | 2026-06-30 2026-07-01             |            | 2026-06-01..                      |        | 22       | 1      | L1
the new calendar is missing: this year  | 2026-06-01..2026-06-30                         |                        | 2026-07-01 | 2026-06-30 2026-07-01             |            | 2026-06-01..                      |        |          |        |
the old calendar is missing             | 2026-07-01..2026-07-10                         |                        | 2026-07-02 | 2026-06-30 2026-07-01             |            | 2026-06-01..                      |        | 2        | 1      | L1
a district whose year begins in August  | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-10 | 2026-06-30 2026-07-01             |            | 2026-06-01..                      | 08-01  | 30       | 2      | L2
enrolled from the new year on: before   | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-06-30 |                                   |            | 2026-07-01..                      |        |          |        |
enrolled from the new year on           | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-02 | 2026-07-02                        |            | 2026-07-01..                      |        | 2        | 1      | L1
left on the last day                    | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-06-30 | 2026-06-30                        |            | 2026-06-01..2026-06-30            |        | 22       | 1      | L1
left on the last day: the next year     | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-02 | 2026-06-30                        |            | 2026-06-01..2026-06-30            |        |          |        |
left and came back with the new year    | 2026-06-01..2026-06-30 2026-07-01..2026-07-10  |                        | 2026-07-02 | 2026-06-30 2026-07-02             |            | 2026-06-01..2026-06-30 2026-07-02.. |      | 1        | 1      | L1
a leap day in session                   | 2028-02-28..2028-03-01                         |                        | 2028-02-29 | 2028-02-29                        |            | 2028-02-28..                      |        | 2        | 1      | L1
the day after a leap day                | 2028-02-28..2028-03-01                         |                        | 2028-03-01 | 2028-02-29 2028-03-01             |            | 2028-02-28..                      |        | 3        | 2      | L2
a leap day of snow                      | 2028-02-28..2028-03-01                         | 2028-02-29             | 2028-03-01 | 2028-02-29 2028-03-01             |            | 2028-02-28..                      |        | 2        | 1      | L1
no leap day                             | 2027-02-26..2027-03-01                         |                        | 2027-03-01 | 2027-02-26 2027-03-01             |            | 2027-02-26..                      |        | 2        | 2      | L2
a snow day takes its absence away       | 2027-02-08..2027-02-12                         | 2027-02-10             | 2027-02-12 | 2027-02-10 2027-02-11             |            | 2027-02-08..                      |        | 4        | 1      | L1
its make-up day in June                 | 2027-02-08..2027-02-12 2027-06-14              | 2027-02-10             | 2027-06-14 | 2027-02-11 2027-06-14             |            | 2027-02-08..                      |        | 5        | 2      | L2
its make-up day on a Saturday           | 2027-02-08..2027-02-12 2027-02-13              | 2027-02-10             | 2027-02-13 | 2027-02-13                        |            | 2027-02-08..                      |        | 5        | 1      | L1
half of an early release missed         | 2027-02-08..2027-02-12                         |                        | 2027-02-12 | 2027-02-08                        | 2027-02-11 | 2027-02-08..                      |        | 5        | 1      | L1
the winter break over New Year          | 2026-12-23..2027-01-05                         | 2026-12-24..2027-01-01 | 2027-01-04 | 2026-12-23 2027-01-04             |            | 2026-12-23..                      |        | 2        | 2      | L2
the night the clock goes back           | 2026-10-30..2026-11-02                         |                        | 2026-11-02 | 2026-10-30 2026-11-02             |            | 2026-10-30..                      |        | 2        | 2      | L2
the night the clock goes forward        | 2027-03-12..2027-03-15                         |                        | 2027-03-15 | 2027-03-15                        |            | 2027-03-12..                      |        | 2        | 1      | L1
the day 32 bits run out                 | 2038-01-18..2038-01-20                         |                        | 2038-01-20 | 2038-01-19                        |            | 2038-01-18..                      |        | 3        | 1      | L1
""")  # noqa: E501 - a drawn table is as wide as it is
Says = Callable[[int, str], None]


def days(text: str) -> list[date]:
    """Single days as they are; of a range its weekdays."""
    found: list[date] = []
    for part in text.split():
        first, _, last = part.partition("..")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            found += [day] if not last or day.weekday() < 5 else []
            day += timedelta(days=1)
    return found


def drawn(row: dict[str, str]) -> Drawn:
    """The district of one scenario."""
    made = Drawn(0).open("A", days(row["open"])).open("A", days(row["shut"]), is_open=False)
    for span in row["spans"].split():
        first, _, last = span.partition("..")
        made.students(f"student | school | first | last\nmaya | A | {first} | {last}")
    made.marks(marks(days(row["absent"]), "1") + marks(days(row["half"]), "1/2").partition("\n")[2])
    made.tables["attendance_taken"] = [{"school_id": "A", "date": day, "section_id": None} for day in open_days(made)]
    return made


def marks(missed: Iterable[date], portion: str) -> str:
    return "student | school | days | portion\n" + "".join(f"maya | A | {day} | {portion}\n" for day in missed)


def open_days(made: Drawn) -> list[date]:
    return [row["date"] for row in made.tables["calendar_days"] if row["in_session"]]


def test_thirty_dated_scenarios(tmp_path: Path, survived: Says) -> None:
    assert len(SCENARIOS) == 30
    tried = SCENARIOS if share(1, 0) else SCENARIOS[1::8]
    for at, row in enumerate(tried):
        made, starts = drawn(row), row["starts"] or "07-01"
        facts = post(tmp_path / str(at), made.tables, year_starts=starts)
        asked, wanted = date.fromisoformat(row["asked"]), (row["enrolled"], row["missed"], row["level"])
        if not facts.version.school_years.count(facts.school_year(asked)):
            with pytest.raises(MeasureError, match="ask for"):
                standings(facts, asked, Rules())
            assert not any(wanted), row["what"]
            continue
        found = texts(standings(facts, asked, Rules()).to_pylist())
        if starts == "07-01":
            assert found == texts(twin.standings(made.tables, asked, settings_of(Rules()))), row["what"]
        shown = [(one["days_enrolled"], one["days_absent"], one["level"]) for one in found]
        assert shown == ([wanted] if any(wanted) else []), row["what"]
    survived(len(tried), "dated scenarios of calendars and the turn of the year")


def test_a_new_year_without_a_calendar_is_held_and_says_so(tmp_path: Path) -> None:
    """No level is told on days nobody delivered, and a person hears of it before any page does."""
    files = district.files(5)
    unmarked = files["attendance.csv"].splitlines(keepends=True)[0]  # marks of before they entered would be held
    entered = files | {
        "enrollments.csv": files["enrollments.csv"].replace(b"2026-08-31", b"2027-08-30"),
        "attendance.csv": unmarked,
    }
    folder = district.write(tmp_path / "files", entered)
    before = intake.check_delivery(tmp_path / "home", "csv", folder, today=date(2027, 8, 29))
    assert before.why_held == []  # enrolled for a year that has not begun
    on_the_day = intake.check_delivery(tmp_path / "home", "csv", folder, today=date(2027, 8, 30))
    assert on_the_day.why_held == [
        f"School {school} ({school}) has enrolled students (24) and no calendar for them; deliver its calendar days."
        for school in district.SCHOOLS
    ]
