"""Reports to look at: the toolkit's district, and a small invented report with every kind of cell and awkward text."""

from pathlib import Path

import pytest

from allpresent.measures import Facts
from allpresent.reports import Report, Scope, biweekly
from allpresent.reports.document import CHANGE, DAYS, HIDDEN, PERCENT, POINTS, TEXT, Column, Figure, Line, Table
from tests.reports.districts import ELM_HARBOR, LEVELS, RULES, Home, new_haven

NAMES = {"101": "School 101", "102": "School 102", "201": "School 201"}


@pytest.fixture(scope="session")
def seed_home() -> Home:
    """The toolkit's 17,679 students."""
    return new_haven()


@pytest.fixture(scope="session")
def seed_facts(seed_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Their facts, through the ledger; read only."""
    return seed_home.post(tmp_path_factory.mktemp("seed"))


@pytest.fixture(scope="session")
def seed_report(seed_home: Home, seed_facts: Facts) -> Report:
    """The district's report on school day 45."""
    scope = Scope("Elm Harbor Public Schools")
    return biweekly(seed_facts, seed_home.as_of, RULES, scope, district=ELM_HARBOR, school_names=NAMES, levels=LEVELS)


@pytest.fixture(scope="session")
def odd_report() -> Report:
    """Every kind of cell, and names that a careless form would break on or run as a formula."""
    columns = (
        Column("School", TEXT),
        Column("Students"),
        Column("Share", PERCENT),
        Column("Points", POINTS),
        Column("Days", DAYS),
        Column("More", CHANGE),
    )
    rows = (
        ('=HYPERLINK("x")', 1262, 219, 8, 45, 1081),
        ("+1-800 <b>Peña & Sons</b>", HIDDEN, HIDDEN, HIDDEN, None, HIDDEN),
        (" @SUM(A1)", 0, 0, 0, 0, 0),
        ("－1 Ñandú, “North”", 12, 1000, -31, 105, -12),
    )
    return Report(
        title="Odd & small <district>, 4 November 2026",
        scope_key="district",
        scope_name="-Odd & small <district>",
        district="Odd Public Schools",
        as_of="2026-11-04",
        school_day=45,
        delivery_id="0002-ab12cd34",
        last_school_day="2026-11-04",
        sentences=("42.0% of students are chronically absent to date.", "=A sentence & <more>."),
        figures=(Figure("Enrolled", "1,262", "of 1 October"), Figure("=Chronic", "*", "5% < 10%")),
        tables=(
            Table("levels", "Where students stand", columns, rows, ("Total", 1274, 1000, None, None, 1069), "* hidden"),
            Table("grades", "No grade at all", columns, ()),
            Table("goal", "Where we were", columns[:1] + columns[2:3], (("June", 580),)),
        ),
        levels=(("L1", "On track", 600), ("L2", "Alert <", 400)),
        trend=(Line("now", ((10, 733), (45, 420))), Line("last year", ())),
        goal=("goal under 30%", 300),
        rules=("Rule one & <two>.",),
        facts={"students": 1274, "chronically_absent": HIDDEN},
    )


@pytest.fixture(scope="session")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a school at which nobody is enrolled."""
    home = Home(days=20, days_last_year=20).add(30, "A", "01", 1).add(1, "B", "01", 0)
    home.schools_without_students = ("C",)
    facts = home.post(tmp_path_factory.mktemp("nobody"))
    scope = Scope("School C", "C")
    return biweekly(facts, home.as_of, RULES, scope, district=ELM_HARBOR, school_names={}, levels=LEVELS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    return tmp_path
