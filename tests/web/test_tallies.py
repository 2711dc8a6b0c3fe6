"""Counts of a scope from a drawn table of standings."""

import pyarrow as pa

from allpresent.web.presenters.tallies import Tally, tally, tally_by

#   student school grade range  here enrolled unrep absent level chronic low high
DRAWN = """
    1       A      03    K-8    1    45       0     5      L2    1       1   1
    2       A      04    K-8    1    45       2     0      L1    0       0   0
    3       A      04    K-8    0    10       0     9      L3    1       1   1
    4       B      09    9-12   1    45       1     4      L2    0       0   1
    5       B      10    9-12   1    40       0     20     L6    1       1   1
    6       B      PK    -      1    45       0     11     L4    1       1   1
"""


def standings(drawn=DRAWN):
    rows = [line.split() for line in drawn.split("\n") if line.strip()]
    text = ("student_id", "school_id", "grade", "grade_range")
    names = (
        *text,
        *("is_enrolled", "days_enrolled", "days_unreported", "days_absent"),
        *("level", "is_chronically_absent", "is_chronic_low", "is_chronic_high"),
    )
    columns = {}
    for n, name in enumerate(names):
        values = [None if row[n] == "-" else row[n] for row in rows]
        columns[name] = values if name in (*text, "level") else [int(value) for value in values]
    return pa.table(columns)


def test_a_school_counts_its_students_enrolled_on_the_day():
    assert tally(standings(), "A") == Tally(2, 1, 1, 1, (1, 1, 0, 0, 0, 0), 90, 2)


def test_the_district_counts_everyone_and_the_ranges_leave_pre_kindergarten_out():
    table = standings()
    assert tally(table, "all").students == 5
    assert tally(table, "k-8").students == 2
    assert tally(table, "9-12") == Tally(2, 1, 1, 2, (0, 1, 0, 0, 0, 1), 85, 1)


def test_tallies_by_school_add_up_to_the_district():
    table = standings()
    by_school = tally_by(table, "school_id")
    assert sorted(by_school) == ["A", "B"]
    assert by_school["A"] + by_school["B"] == tally(table, "all")
    assert by_school["B"].at_l4_or_more == 2


def test_a_scope_with_nobody_is_empty():
    assert tally(standings(), "C") == Tally()
    assert tally_by(standings(), "grade", "C") == {}
