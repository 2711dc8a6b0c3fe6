"""The year grid: months of weekdays, what opens, and the twin in words."""

from datetime import date, timedelta

from allpresent.web.presenters.year import year_calendar


def drawn(first, marks):
    """A state each weekday: . present, u e d absent, h half, t late, ? unreported, n none, x not here, f to come."""
    names = {
        ".": "present", "u": "unexcused", "e": "excused", "d": "disciplinary", "h": "half", "t": "tardy",
        "?": "unreported", "n": "no_school", "f": "future", "x": "not_enrolled",
    }  # fmt: skip
    days, day = [], first
    for mark in marks:
        while day.isoweekday() > 5:
            days.append((day, "no_school"))
            day += timedelta(days=1)
        days.append((day, names[mark]))
        day += timedelta(days=1)
    return days


def test_weeks_stand_in_five_columns_with_blanks_outside_the_month():
    # 2026-08-31 is a Monday, so the first week of August shown has one square and September's week has four.
    year = year_calendar(drawn(date(2026, 8, 31), ".u.e."))
    assert [month.label for month in year.months] == ["Aug", "Sep"]
    august, september = year.months
    assert [cell.state for cell in august.weeks[-1].cells] == ["present", "blank", "blank", "blank", "blank"]
    assert [cell.state for cell in september.weeks[0].cells] == ["blank", "unexcused", "present", "excused", "present"]
    assert [week.is_blank for week in august.weeks] == [True, True, True, True, False]
    assert all(len(week.cells) == 5 for month in year.months for week in month.weeks)


def test_a_saturday_in_session_gets_its_column():
    days = [(date(2026, 10, 30), "present"), (date(2026, 10, 31), "unexcused"), (date(2026, 11, 1), "no_school")]
    october = year_calendar(days).months[0]
    assert [cell.state for cell in october.weeks[-1].cells] == ["blank"] * 4 + ["present", "unexcused"]


def test_squares_open_only_where_there_is_something_to_open():
    year = year_calendar(drawn(date(2026, 9, 7), "n.?xf"))
    week = year.months[0].weeks[1].cells
    assert [cell.iso for cell in week] == ["", "2026-09-08", "2026-09-09", "2026-09-10", ""]
    assert week[2].words == "Wed 9 Sep: no attendance reported"


def test_the_table_counts_what_the_grid_shows():
    year = year_calendar(drawn(date(2026, 9, 7), "n.?ue" + "dht.." + "fffff" + "fff"))
    assert [month.is_to_come for month in year.months] == [False]
    (row,) = year.rows
    assert (row.name, row.school_days, row.present) == ("September 2026", 9, 5)
    assert [cell.day for cell in row.absent] == [10, 11, 14]
    assert [cell.day for cell in row.unreported] == [9]
    assert [cell.day for cell in row.in_part] == [15, 16]
    assert (year.days_to_come, year.last_day) == (8, "Wed 30 Sep")


def test_months_to_come_are_marked_and_have_no_row():
    year = year_calendar(drawn(date(2026, 9, 28), "..." + "ff" + "fffff"))
    assert [(month.label, month.is_to_come) for month in year.months] == [("Sep", False), ("Oct", True)]
    assert [row.name for row in year.rows] == ["September 2026"]


def test_the_legend_names_only_states_that_occur():
    year = year_calendar(drawn(date(2026, 9, 28), ".u?ff"))
    assert sorted(year.legend.split()) == ["future", "present", "unexcused", "unreported"]


def test_a_holiday_nobody_delivered_is_a_day_without_school():
    year = year_calendar([(date(2026, 9, 4), "present"), (date(2026, 9, 8), "present")])
    assert [cell.state for cell in year.months[0].weeks[1].cells] == ["no_school", "present", "blank", "blank", "blank"]
    assert year.rows[0].school_days == 2


def test_a_student_without_a_school_day_has_an_empty_year():
    assert year_calendar([]).months == ()
