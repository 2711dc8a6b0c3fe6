"""What schools themselves promised, in the bi-weekly report: a line a promise in every form, none where none is."""

from pathlib import Path

from allpresent.reports import FORMATS, PromiseLine, Report, Scope, render
from tests.reports.districts import Home
from tests.reports.test_biweekly import small, table

LEAP = PromiseLine("LEAP is active at the school", (3, 1, 0, 39))
SCHOOL = Scope("Anchor School", "A")


def report(path: Path, *lines: PromiseLine, scope: Scope | None = None) -> Report:
    home = Home(days=30, days_last_year=30).add(60, "A", "03", 0).add(60, "A", "03", 4)
    return small(home, path, **({"scope": scope} if scope else {}), promises=lines)


def test_the_districts_report_counts_schools(tmp_path: Path) -> None:
    found = table(report(tmp_path, LEAP), "own_promises")
    assert found.rows == (("LEAP is active at the school", 3, 1, 0, 39),)
    assert [column.head for column in found.columns[1:]] == ["In place", "Begun", "Ended", "Not recorded"]


def test_a_schools_report_says_how_it_stands(tmp_path: Path) -> None:
    states = ("In place", "Begun", "Ended", "Not recorded")
    lines = [PromiseLine(state, tuple(int(state == one) for one in states)) for state in states]
    found = table(report(tmp_path, *lines, scope=SCHOOL), "own_promises")
    assert found.title == "What the school itself promised"
    assert found.rows == tuple((state, state) for state in states)


def test_a_district_that_promises_nothing_of_schools_has_no_such_table(tmp_path: Path) -> None:
    assert "own_promises" not in {one.key for one in report(tmp_path).tables}


def test_every_form_tells_it(tmp_path: Path) -> None:
    made = report(tmp_path, LEAP)
    assert {form: bool(render(made, form)) for form in FORMATS} == dict.fromkeys(FORMATS, True)
    assert b"LEAP is active at the school,In place,3" in render(made, "csv")
    assert b"LEAP is active at the school" in render(made, "html")
