"""The toolkit's three level tables from a constructed delivery of 17,679 students: every count and printed percent.

All students are enrolled on all 45 days. Of level L2 exactly 1,395 missed five days, which is what makes 42.0 percent
chronically absent on that day; the levels themselves cannot say it.
"""

from datetime import date

import pytest

from allpresent.measures import Facts, groups, percent, standings
from tests.spec.drawn import PLAIN, Drawn, post, table

LEVELS = ["L1", "L2", "L3", "L4", "L5", "L6"]
# Days missed within each level, dealt out in turn; L2 has its five-day students besides.
DAYS = {
    "L1": [0, 1],
    "L2": [2, 3, 4],
    "L3": [6, 7, 8, 9, 10],
    "L4": [11, 12, 13, 14],
    "L5": [15, 16, 17],
    "L6": [18, 30, 45],
}
AT_FIVE_DAYS = {"K-8": 981, "9-12": 414}
TABLES = """
       | L1   | L2   | L3   | L4   | L5   | L6   | total
    K-8  | 3463 | 4870 | 2425 | 620  | 223  | 328  | 11929
    9-12 | 1262 | 2054 | 1204 | 424  | 173  | 633  | 5750
    all  | 4725 | 6924 | 3629 | 1044 | 396  | 961  | 17679
"""
PERCENTS = """
       | L1   | L2   | L3   | L4   | L5   | L6   | total
    K-8  | 29.0 | 40.8 | 20.3 | 5.2  | 1.9  | 2.7  | 100.0
    9-12 | 21.9 | 35.7 | 20.9 | 7.4  | 3.0  | 11.0 | 100.0
    all  | 26.7 | 39.2 | 20.5 | 5.9  | 2.2  | 5.4  | 100.0
"""


def rows_of(text: str) -> dict[str, dict[str, str]]:
    return {row.pop(""): row for row in table(text)}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, date]:
    """The facts of the constructed delivery, and school day 45."""
    drawn = Drawn(180, "K8 HS").taken("school | days\nK8 | 1-45\nHS | 1-45")
    grades = {"K-8": ["K", *(f"{number:02d}" for number in range(1, 9))], "9-12": ["09", "10", "11", "12"]}
    for name, school in (("K-8", "K8"), ("9-12", "HS")):
        number = 0
        for level in LEVELS:
            for place in range(int(rows_of(TABLES)[name][level])):
                number += 1
                missed = DAYS[level][place % len(DAYS[level])]
                if level == "L2" and place < AT_FIVE_DAYS[name]:
                    missed = 5
                add(drawn, f"{school}{number:05d}", school, grades[name][number % len(grades[name])], missed)
    return post(tmp_path_factory.mktemp("levels"), drawn.tables), drawn.day("45")


def add(drawn: Drawn, student: str, school: str, grade: str, missed: int) -> None:
    """A student enrolled all year who missed the first so many days."""
    drawn.tables["students"].append({"student_id": student, "grade": grade})
    span = {"student_id": student, "school_id": school, "entry_date": drawn.days[0], "grade": grade}
    drawn.tables["enrollments"].append(span)
    mark = {"student_id": student, "school_id": school, "portion_num": 1, "portion_den": 1, "category": "absent"}
    drawn.tables["attendance"] += [mark | {"date": day, "mode": "day", "counted": 1} for day in drawn.days[:missed]]


def test_the_three_level_tables_come_out_exactly(district: tuple[Facts, date]) -> None:
    facts, day = district
    counts = {name: dict.fromkeys(LEVELS, 0) for name in ("K-8", "9-12", "all")}
    for row in groups(facts, day, PLAIN, ["grade_range", "level"]).to_pylist():
        counts[row["grade_range"]][row["level"]] = row["students"]
    for row in groups(facts, day, PLAIN, ["level"]).to_pylist():
        counts["all"][row["level"]] = row["students"]
    printed = {name: {level: str(count) for level, count in row.items()} for name, row in counts.items()}
    totals = {name: sum(row.values()) for name, row in counts.items()}
    assert {name: row | {"total": str(totals[name])} for name, row in printed.items()} == rows_of(TABLES)
    shares = {
        name: {level: percent(count, totals[name]) for level, count in row.items()}
        | {"total": percent(totals[name], totals[name])}
        for name, row in counts.items()
    }
    assert shares == rows_of(PERCENTS)


def test_forty_two_percent_are_chronically_absent_on_day_45(district: tuple[Facts, date]) -> None:
    facts, day = district
    (row,) = groups(facts, day, PLAIN, []).to_pylist()
    assert (row["students"], row["chronically_absent"]) == (17679, 6030 + 1395)
    assert percent(row["chronically_absent"], row["students"]) == "42.0"
    levels = {row["level"]: row for row in groups(facts, day, PLAIN, ["level"]).to_pylist()}
    assert levels["L2"]["chronically_absent"] == 1395
    assert levels["L1"]["chronically_absent"] == 0


def test_the_goal_is_met_only_with_fewer_than_thirty_percent(district: tuple[Facts, date]) -> None:
    facts, day = district
    students = standings(facts, day, PLAIN).num_rows
    assert max(count for count in range(students) if 10 * count < 3 * students) == 5303
