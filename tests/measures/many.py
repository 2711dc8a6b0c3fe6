"""Homes of several districts with equal student numbers, and the questions put to each."""

from datetime import date
from pathlib import Path

import pyarrow as pa

from allpresent.ledger import STRIPS, Ledger
from allpresent.ledger.packing import YearPacker
from allpresent.ledger.schema import TABLES
from allpresent.measures import Rules, groups, open_facts, standings
from tests.spec.drawn import Drawn, post

DISTRICTS = ("ansonia", "bethel", "canton")
FRACTIONAL = Rules(day_rule="fractional")


def make_homes(below: Path) -> tuple[dict[str, Path], date]:
    """A home a district below a folder, and a day delivered to all. Students and schools are numbered alike in each."""
    homes = {}
    for number, name in enumerate(DISTRICTS):
        drawn = Drawn(60, schools="A B").students("student | school | last\nana | A |\nbo | A | 20\ncy | B |")
        drawn.students("student | school | first\nbo | B | 21").taken("school | days\nA | 1-60\nB | 1-58")
        drawn.marks(
            "student | school | days | portion | kind\n"
            f"ana | A | 1-{5 + number} | 1 | unexcused\nbo | A | 3-4 | 1/3 | excused\n"
            f"cy | B | 2,9,{20 + number} | 4/7 | disciplinary"
        )
        homes[name] = below / name
        post(homes[name], drawn.tables)
    return homes, drawn.day("58")


def standings_of(as_of: date, home: Path) -> pa.Table:
    """Standings under the rule that keeps parts of days."""
    return standings(open_facts(home), as_of, FRACTIONAL)


def groups_of(as_of: date, home: Path) -> pa.Table:
    """Groups by school and level."""
    return groups(open_facts(home), as_of, Rules(), ["school", "level"])


def strips_of(home: Path) -> pa.Table:
    """The strips of a home's last year, packed anew from its facts: students and schools, then every strip as bytes."""
    version = Ledger(home).current()
    assert version is not None
    tables = {name: version.table(name) for name in TABLES}
    packed = YearPacker(tables, version.school_years[-1], version.manifest.year_starts).pack()
    columns = {"student_id": pa.array(packed.student_id), "school_id": pa.array(packed.school_id)}
    columns |= {name: pa.array([row.tobytes() for row in packed.bits[name]], pa.binary()) for name in STRIPS}
    return pa.table(columns)
