"""The worked tables and the example mapping of the documentation, run against the program."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from allpresent.intake import check_delivery
from allpresent.measures import Facts, Rules, percent, standings, standings_per_school
from tests.spec.drawn import Drawn, post

ROOT = Path(__file__).parents[2]
EXPLANATION = ROOT / "docs" / "explanation"
PLAIN = Rules()
Rows = list[dict[str, str]]


def worked(name: str) -> Rows:
    """The table after the mark ``worked: NAME`` of an explanation, every cell as text."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(EXPLANATION.glob("*.md")))
    (block,) = re.findall(rf"<!-- worked: {name} -->\n((?:\|.*\n)+)", text)
    heads, _, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines())
    assert all(len(line) == len(heads) for line in lines)
    return [dict(zip(heads, line, strict=True)) for line in lines]


def district(rows: Rows) -> Drawn:
    """A school for each row, with one student: days enrolled, the last of them not reported, the first absent."""
    names = [f"S{number}" for number in range(len(rows))]
    drawn = Drawn(max(int(row["days enrolled"]) for row in rows), " ".join(names))
    for name, row in zip(names, rows, strict=True):
        enrolled, unreported = int(row["days enrolled"]), int(row.get("not reported", 0))
        absent = int(row["absent"])
        drawn.students(f"student | school | last\n{name} | {name} | {enrolled}")
        drawn.taken(f"school | days\n{name} | 1-{enrolled - unreported}")
        if absent:
            drawn.marks(f"student | school | days\n{name} | {name} | 1-{absent}")
    return drawn


def found(facts: Facts, day: date, rules: Rules = PLAIN) -> list[dict[str, object]]:
    rows = standings(facts, day, rules).to_pylist()
    return sorted(rows, key=lambda row: int(row["student_id"][1:]))


def test_days_count_by_the_share_missed(tmp_path: Path) -> None:
    for number, row in enumerate(worked("day")):
        drawn = Drawn(10).students("student | school\nS0 | A").taken("school | days\nA | 1-10")
        drawn.marks(f"student | school | days | portion\nS0 | A | 3 | {row['missed']}")
        (seen,) = found(post(tmp_path / str(number), drawn.tables), drawn.days[-1])
        assert seen["days_absent"] == int(row["days absent"]), row


def test_levels_and_bands_are_two_scales(tmp_path: Path) -> None:
    rows = worked("standing")
    drawn = district(rows)
    for row, seen in zip(rows, found(post(tmp_path, drawn.tables), drawn.days[-1]), strict=True):
        assert seen["days_enrolled"] == int(row["days enrolled"])
        assert seen["days_unreported"] == int(row["not reported"])
        assert str(seen["is_chronically_absent"]) == row["chronically absent"], row
        assert (seen["attendance_works_band"], seen["level"]) == (row["band"], row["level"])


def test_bounds_take_unreported_days_as_present_and_as_absent(tmp_path: Path) -> None:
    rows = worked("bounds")
    drawn = district(rows)
    for row, seen in zip(rows, found(post(tmp_path, drawn.tables), drawn.days[-1]), strict=True):
        judged = [seen[name] for name in ("is_chronically_absent", "is_chronic_low", "is_chronic_high")]
        assert list(map(int, judged)) == [int(row[name]) for name in ("judged", "low", "high")], row


def test_movers_are_judged_per_school_and_pooled(tmp_path: Path) -> None:
    for number, row in enumerate(worked("mover")):
        (a, first), (b, second) = (map(int, row[name].split(" of ")) for name in ("first school", "second school"))
        drawn = Drawn(first + second, "A B").taken(f"school | days\nA | 1-{first}\nB | {first + 1}-{first + second}")
        drawn.students(f"student | school | first | last\nS0 | A | 1 | {first}\nS0 | B | {first + 1} |")
        drawn.marks(f"student | school | days\nS0 | A | 1-{a}")
        if b:
            drawn.marks(f"student | school | days\nS0 | B | {first + 1}-{first + b}")
        facts = post(tmp_path / str(number), drawn.tables)
        (pooled,) = found(facts, drawn.days[-1])
        per_school = {one["school_id"]: one for one in standings_per_school(facts, drawn.days[-1], PLAIN).to_pylist()}
        seen = [per_school["A"], per_school["B"], pooled]
        assert [str(one["is_chronically_absent"]) for one in seen] == [
            row[name] for name in ("first", "second", "district")
        ]


def test_truancy_reads_a_month_in_two_ways(tmp_path: Path) -> None:
    for number, row in enumerate(worked("truancy")):
        drawn = Drawn(60).students("student | school | born\nS0 | A | 2015-01-01").taken("school | days\nA | 1-60")
        for day in row["unexcused on"].split(", "):
            drawn.marks(f"student | school | days\nS0 | A | {drawn.days.index(date.fromisoformat(day)) + 1}")
        facts = post(tmp_path / str(number), drawn.tables)
        (rolling,) = found(facts, drawn.days[-1])
        (calendar,) = found(facts, drawn.days[-1], replace(PLAIN, truancy_month="calendar"))
        assert (str(rolling["is_truant"]), str(calendar["is_truant"])) == (row["rolling"], row["calendar"]), row
        assert str(rolling["meeting_due_on"] or "") == row["meeting due"]


def test_what_is_still_possible_is_plain_arithmetic(tmp_path: Path) -> None:
    for number, row in enumerate(worked("arithmetic")):
        so_far, to_come = int(row["days so far"]), int(row["days to come"])
        drawn = Drawn(so_far + to_come).students("student | school\nS0 | A")
        drawn.taken(f"school | days\nA | 1-{so_far}").marks(f"student | school | days\nS0 | A | 1-{row['absent']}")
        (seen,) = found(post(tmp_path / str(number), drawn.tables), drawn.days[so_far - 1])
        assert seen["days_until_chronic"] == int(row["can miss more"]), row
        assert seen["present_days_needed"] == int(row["present days needed"]), row


def test_the_saw_falls_by_itself_after_a_multiple_of_ten(tmp_path: Path) -> None:
    rows = [row | {"days enrolled": row["school day"]} for row in worked("sawtooth")]
    drawn = district(rows)
    for row, seen in zip(rows, found(post(tmp_path, drawn.tables), drawn.days[-1]), strict=True):
        assert str(seen["is_chronically_absent"]) == row["chronically absent"], row
        assert percent(int(row["absent"]), int(row["school day"])) == row["share in percent"]
        assert (Fraction(int(row["absent"]), int(row["school day"])) >= PLAIN.chronic) == bool(
            seen["is_chronically_absent"]
        )


def test_the_strip_of_the_page_counts_what_it_says() -> None:
    rows = {row["question"]: row for row in worked("strip")}
    days = {name: int(row["days 1 to 10"], 2) for name, row in rows.items()}
    assert {name: days[name].bit_count() for name in rows} == {name: int(row["days set"]) for name, row in rows.items()}
    assert days["absent, up to day 8"] == days["absent"] & days["up to day 8"]
    # Each question asks about the days the one before it allows.
    for narrow, wide in (("enrolled", "in session"), ("reported", "enrolled"), ("absent", "reported")):
        assert days[narrow] & ~days[wide] == 0


def test_every_worked_table_is_run() -> None:
    text = "\n".join(path.read_text("utf-8") for path in EXPLANATION.glob("*.md"))
    named = set(re.findall(r"<!-- worked: (\w+) -->", text))
    source = Path(__file__).read_text("utf-8")
    assert named == set(re.findall(r'worked\("(\w+)"\)', source))


@pytest.fixture
def export(tmp_path: Path) -> Callable[[], Path]:
    """The files the mapping page shows, written as it shows them; the mapping lies beside the folder."""

    def write() -> Path:
        text = (ROOT / "docs" / "how-to" / "write-a-mapping.md").read_text("utf-8")
        folder = tmp_path / "export"
        folder.mkdir()
        for kind, name, content in re.findall(r"```(csv|yaml) file=(\S+)\n(.*?)```", text, re.DOTALL):
            (tmp_path if kind == "yaml" else folder).joinpath(name).write_text(content, encoding="utf-8")
        return folder

    return write


def test_the_mapping_of_the_page_reads_the_files_of_the_page(export: Callable[[], Path], tmp_path: Path) -> None:
    folder = export()
    checked = check_delivery(tmp_path, "csv", folder, mapping=tmp_path / "mapping.yaml", today=date(2026, 9, 15))
    assert (checked.exit_code, [finding.message for finding in checked.findings]) == (0, [])
    (student,) = checked.tables["students"].to_pylist()
    assert (student["student_id"], student["full_name"], student["grade"]) == ("00417", "Ibarra, Lía", "03")
    marks = checked.tables["attendance"].to_pylist()
    assert [(m["date"], m["excused"], Fraction(m["portion_num"], m["portion_den"])) for m in marks] == [
        (date(2026, 9, 4), 0, Fraction(1)),
        (date(2026, 9, 14), 1, Fraction(1, 2)),
    ]
    assert len(checked.tables["schools"]) == 1
