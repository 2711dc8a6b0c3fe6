"""The bi-weekly report made from facts: the toolkit's tables exactly, last year beside this one, what changed."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from allpresent.measures import MeasureError
from allpresent.reports import Report, Scope, StepsLine, biweekly
from allpresent.reports.document import HIDDEN, Table, shown
from tests.reports.conftest import NAMES
from tests.reports.districts import ELM_HARBOR, LEVELS, RULES, SEED, Home, weekdays

DISTRICT = Scope("Elm Harbor Public Schools")
# The toolkit's three tables as printed; the printed shares add up to 99.9 in each, and the total row says 100.0.
PRINTED = {
    "levels": ("26.7", "39.2", "20.5", "5.9", "2.2", "5.4"),
    "levels_k_8": ("29.0", "40.8", "20.3", "5.2", "1.9", "2.7"),
    "levels_9_12": ("21.9", "35.7", "20.9", "7.4", "3.0", "11.0"),
}
COUNTS = {
    "levels": (4725, 6924, 3629, 1044, 396, 961),
    "levels_k_8": tuple(SEED["K-8"].values()),
    "levels_9_12": tuple(SEED["9-12"].values()),
}


def table(report: Report, key: str) -> Table:
    return next(table for table in report.tables if table.key == key)


def column(report: Report, key: str, head: str) -> dict[str, object]:
    """One column of a table by its row names, the total among them."""
    found = table(report, key)
    place = [column.head for column in found.columns].index(head)
    return {str(row[0]): row[place] for row in (*found.rows, *([found.total] if found.total else []))}


def small(home: Home, path, scope: Scope = DISTRICT, **more) -> Report:
    """The report of a small district on its last day."""
    facts = home.post(path)
    given = {"district": ELM_HARBOR, "school_names": {}, "levels": LEVELS} | more
    return biweekly(facts, home.as_of, RULES, scope, **given)


@pytest.mark.parametrize("key", PRINTED)
def test_the_toolkits_level_tables_come_out_exactly(seed_report, key):
    found = table(seed_report, key)
    assert [row[0] for row in found.rows] == [f"{level} {label}" for level, (label, _) in LEVELS.items()]
    assert [row[1] for row in found.rows] == ["0–1", "2–5", "6–10", "11–14", "15–17", "18+"]
    assert tuple(row[2] for row in found.rows) == COUNTS[key]
    assert tuple(shown(row[3], "percent") for row in found.rows) == tuple(f"{printed}%" for printed in PRINTED[key])
    assert found.total == ("Total", "", sum(COUNTS[key]), 1000)
    assert not found.note


def test_the_ranges_add_up_to_all_in_every_cell(seed_report):
    every, lower, upper = (table(seed_report, key).rows for key in PRINTED)
    for all_row, one, other in zip(every, lower, upper, strict=True):
        assert all_row[2] == one[2] + other[2]


def test_the_report_says_42_percent_where_days_and_shares_are_two_scales(seed_report):
    assert seed_report.school_day == 45
    assert seed_report.facts == {"students": 17679, "chronically_absent": 7425}
    assert seed_report.sentences[0].startswith("42.0% of students are chronically absent to date. On school day 45 ")
    figures = {figure.label: figure.value for figure in seed_report.figures}
    assert figures["Chronically absent"] == "42.0%"
    assert figures["Enrolled"] == "17,679"
    assert figures["No attendance reported"] == "0.0%"
    bands = column(seed_report, "bands", "Students")
    # At 45 days 5 absences are over a tenth, 9 a fifth: the bands part the students elsewhere than the levels do.
    assert bands == {
        "Satisfactory": 10254,
        "At risk": 0,
        "Moderate chronic": 1395 + 3629,
        "Severe chronic": 1044 + 396 + 961,
        "Total": 17679,
    }


def test_last_year_is_read_at_the_same_school_day_number(seed_report):
    assert "On school day 45 last year it was 58.0%: 16.0 points better." in seed_report.sentences[0]
    assert "That is 2,829 fewer students at equal enrollment." in seed_report.sentences[0]
    last_year = next(line for line in seed_report.trend if line.label == "last year")
    # Five absences stop being a tenth on school day 51: nothing of the year's end may stand beside day 45.
    assert last_year.points == ((10, 580), (20, 580), (30, 580), (40, 580), (50, 580), (60, 0))
    this_year = next(line for line in seed_report.trend if line.label == "now")
    assert this_year.points[-1] == (45, 420)


def test_points_of_a_school_are_against_its_own_same_day(tmp_path):
    home = Home(days=30, days_last_year=60).add(30, "A", "03", 4, 0).add(70, "A", "03", 0, 4).add(100, "B", "03", 2, 9)
    report = small(home, tmp_path, school_names={"A": "Ash", "B": "Birch"})
    # Ash: 30 of 100 now (4 of 30 days), 70 of 100 on day 30 last year. Birch: none now, all 100 then.
    assert column(report, "schools", "Points since last year") == {"Ash": -400, "Birch": -1000, "District": -700}
    assert column(report, "schools", "Share") == {"Ash": 300, "Birch": 0, "District": 150}


def test_the_goal_line_was_58_is_42_and_goes_under_30(seed_report):
    assert seed_report.goal == ("goal under 30%", 300)
    assert seed_report.sentences[1] == "The goal is under 30% (June 2023)."
    rows = table(seed_report, "goal").rows
    assert rows[:2] == (("June 2021-22 (2021-22)", 580), ("Goal, under: June 2023 (2022-23)", 300))
    assert ("This year, school day 45", 420) in rows


def test_a_report_of_one_school_counts_that_school(seed_home, seed_facts, seed_report):
    scope = Scope("School 201", "201")
    report = biweekly(seed_facts, seed_home.as_of, RULES, scope, district=ELM_HARBOR, school_names=NAMES, levels=LEVELS)
    assert table(report, "levels").rows == table(seed_report, "levels_9_12").rows
    assert report.facts["students"] == 5750
    assert not [table for table in report.tables if table.key in ("schools", "levels_k_8", "levels_9_12")]
    by_school = next(row for row in table(seed_report, "schools").rows if row[0] == "School 201")
    assert by_school[1:3] == (5750, report.facts["chronically_absent"])


def test_no_attendance_reported_leaves_the_rate_and_shows_as_bounds(tmp_path):
    home = Home(days=40, days_last_year=40).add(10, "A", "05", 4).add(90, "A", "05", 3).add(100, "B", "05", 0)
    home.untaken = {"A": 5}
    report = small(home, tmp_path, Scope("Ash", "A"))
    # 4 of 35 and 3 of 35 reported days; 3 of 35 is 8.6%. With five more absences every one of them is over a tenth.
    row = table(report, "grades").rows[0]
    assert row == ("05", 100, 10, 100, 100, 1000, 125)
    figure = report.figures[2]
    assert (figure.value, figure.note) == ("12.5%", "not safe to publish")
    assert report.figures[0].note == "10.0% if every unreported day was present, 100.0% if absent"
    district = small(home, tmp_path / "again")
    assert district.figures[2].note == "of student-days; 1 school is not safe to publish"


def test_what_changed_is_told_in_counts_and_points(tmp_path):
    home = Home(days=30, days_last_year=30).add(40, "A", "03", 0).add(60, "A", "03", 5)
    facts = home.post(tmp_path)
    given = {"district": ELM_HARBOR, "school_names": {}, "levels": LEVELS}
    earlier, later = weekdays(20, home.as_of.replace(month=8, day=31))[-1], home.as_of
    before = biweekly(facts, earlier, RULES, DISTRICT, **given)
    after = biweekly(facts, later, RULES, DISTRICT, **given, previous=before)
    assert not [table for table in before.tables if table.key == "changes"]
    changes = table(after, "changes")
    assert changes.title == "What changed since the report of 25 September 2026"
    # Five absences are a quarter of 20 days and a sixth of 30: nobody moved.
    assert changes.rows[1] == ("Chronically absent", 0, 0)
    shifted = replace(before, facts={"students": 90, "chronically_absent": 70})
    told = table(biweekly(facts, later, RULES, DISTRICT, **given, previous=shifted), "changes")
    assert told.rows[0] == ("Enrolled", 10, None)
    assert told.rows[1] == ("Chronically absent", -10, -178)  # 60.0 after 77.8
    hidden = replace(before, facts={"students": 90, "chronically_absent": HIDDEN})
    told = table(biweekly(facts, later, RULES, DISTRICT, **given, previous=hidden), "changes")
    assert told.rows[1] == ("Chronically absent", HIDDEN, HIDDEN)


def test_enrollment_is_set_beside_the_first_of_october(tmp_path):
    home = Home(days=30, days_last_year=30).add(50, "A", "03", 0)
    facts = home.post(tmp_path)
    given = {"district": ELM_HARBOR, "school_names": {}, "levels": LEVELS}
    assert biweekly(facts, home.as_of, RULES, DISTRICT, **given).figures[1].note == "100.0% of 1 October"
    early = biweekly(facts, date(2026, 9, 30), RULES, DISTRICT, **given)
    assert early.figures[1].note == "students enrolled on this day"


def test_student_groups_are_those_in_force_and_said_to_overlap(tmp_path):
    home = Home(days=30, days_last_year=30).add(60, "A", "03", 4).add(60, "A", "03", 0)
    home.groups = [(number, "swd", "1") for number in range(30)] + [(number, "el", "1") for number in range(20, 80)]
    report = small(home, tmp_path, student_groups=("swd", "el", "frl"))
    found = table(report, "student_groups")
    assert [row[:4] for row in found.rows] == [
        ("Students with disabilities", 30, 30, 1000),
        ("English learners", 60, 40, 667),
    ]
    assert "Groups overlap; they do not add up." in found.note


def test_a_school_without_students_has_a_report_without_numbers(nobody):
    assert nobody.sentences == ("There are too few students here for a share to be told without telling of one child.",)
    assert {figure.value for figure in nobody.figures} == {"–"}
    assert nobody.levels == ()


def test_a_day_after_the_last_delivered_one_is_refused(seed_facts, seed_home):
    given = {"district": ELM_HARBOR, "school_names": {}, "levels": LEVELS}
    with pytest.raises(MeasureError, match=r"2026-12-01 is after 2026-10-30"):
        biweekly(seed_facts, date(2026, 12, 1), RULES, DISTRICT, **given)


def test_the_rules_in_force_are_said(seed_report):
    said = " ".join(seed_report.rules)
    assert "at least 1 in 10 of the days reported" in said
    assert "from 10 reported days on" in said
    assert seed_report.delivery_id in said


def test_rules_of_another_state_are_said_as_they_are(tmp_path):
    home = Home(days=30, days_last_year=30).add(50, "A", "03", 3)
    facts = home.post(tmp_path)
    rules = replace(RULES, chronic=Fraction(3, 20), minimum_days=1)
    report = biweekly(facts, home.as_of, rules, DISTRICT, district=ELM_HARBOR, school_names={}, levels=LEVELS)
    assert "at least 3 in 20" in report.rules[0]
    assert report.facts["chronically_absent"] == 0


def steps_of(home: Home, path, *lines: StepsLine) -> Report:
    return small(home, path, steps=lines)


def test_promised_steps_are_told_by_level_and_as_one_figure(tmp_path):
    home = Home(days=30, days_last_year=30).add(60, "A", "03", 0).add(60, "A", "03", 4)
    whole = StepsLine("", 100, 60, 20, 20, 0, 0, median_days_to_reach=45)
    report = steps_of(home, tmp_path, StepsLine("L2", 100, 60, 20, 20, 0, 0, 45), whole)
    assert table(report, "steps").rows == (("L2 Alert", 100, 60, 20, 20, 0, 0, 600, 45),)
    assert report.figures[3].value == "60.0%"
    assert report.figures[3].note == "median 4.5 school days to reach a family"


def test_equal_arguments_give_an_equal_report(tmp_path):
    home = Home(days=30, days_last_year=30).add(40, "A", "03", 0, 3).add(9, "A", "04", 5, 3).add(30, "B", "09", 11, 0)
    assert small(home, tmp_path / "one") == small(home, tmp_path / "other")
