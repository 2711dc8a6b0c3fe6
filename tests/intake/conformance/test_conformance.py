"""Every source says the same of the same district, accounts for every row, and takes dirt by its rule."""

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from allpresent import intake
from allpresent.intake import Checked
from allpresent.intake.attendance_facts import attendance_facts
from allpresent.intake.mapping import SHIPPED, load_mapping
from allpresent.intake.posting import Posted
from allpresent.intake.sources import SOURCES
from allpresent.ledger import Ledger
from tests.intake.conformance import canonical_csv
from tests.intake.conformance.dirt import CANNOT, IN_ROWS, RULES, SECRET, STAY, dirty, name_of, unspoken
from tests.intake.conformance.every import SHAPES
from tests.intake.conformance.facts import FACTS, TODAY
from tests.intake.conformance.shapes import File, Shape, Sheet
from tests.intake.folders import read_csv, write

Says = Callable[[int, str], None]
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
# Mappings are read by one engine: in the gate its own files stand for them all.
DEEP = SHAPES if "ALLPRESENT_EXAMPLES" in os.environ else {name: SHAPES[name] for name in SOURCES}
deep = pytest.mark.parametrize("shape", DEEP.values(), ids=list(DEEP))


@pytest.fixture(scope="session")
def _days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the district's days are posted, for a roster to be laid over."""
    folder = tmp_path_factory.mktemp("days")
    files = {name: sheet.text() for name, sheet in canonical_csv.write(FACTS).items()}
    told = post(folder, canonical_csv.SHAPE, files)
    assert (told.outcome, told.record.why_held) == ("posted", [])
    return folder / "home"


@pytest.fixture
def place(tmp_path: Path, _days: Path, shape: Shape) -> Path:
    """A folder with a home: an empty one, or for a roster one with the district's days."""
    if shape.is_roster:
        shutil.copytree(_days, tmp_path / "home")
    return tmp_path


def mapping_of(folder: Path, shape: Shape) -> Path | None:
    if shape.shipped is not None:
        return SHIPPED / f"{shape.shipped}.yaml"
    if shape.mapping is None:
        return None
    path = folder / "mapping.yaml"
    path.write_text(shape.mapping, encoding="utf-8")
    return path


def lookups_of(folder: Path, shape: Shape) -> set[str]:
    """Files the mapping reads only to find ids in."""
    path = mapping_of(folder, shape)
    return set() if path is None else set(load_mapping(path).lookups)


def check(folder: Path, shape: Shape, files: Mapping[str, str | bytes]) -> Checked:
    delivered = write(folder / "delivery", files)
    return intake.check_delivery(
        folder / "home", shape.source, delivered, mapping=mapping_of(folder, shape), today=TODAY
    )


def post(folder: Path, shape: Shape, files: Mapping[str, str | bytes]) -> Posted:
    return intake.post_delivery(
        folder / "home",
        shape.source,
        write(folder / "delivery", files),
        mapping=mapping_of(folder, shape),
        today=TODAY,
        now=datetime(2026, 9, 12, 5, 0, tzinfo=UTC),
    )


def told(
    tables: Mapping[str, pa.Table], shape: Shape, aside: Collection[tuple[str, int | None]] = ()
) -> dict[str, list[tuple[str, ...]]]:
    """What the tables say in the columns the format can say, in no order; unreadable marks and some lines aside."""
    return {
        name: sorted(
            tuple(str(row[column]) for column in columns)
            for row in tables[name].to_pylist()
            if row.get("category") != "unknown" and (row["source_file"], row["line_no"]) not in aside
        )
        for name, columns in shape.says.items()
    }


def expected(shape: Shape) -> dict[str, list[tuple[str, ...]]]:
    facts = shape.facts(FACTS)
    return {
        name: sorted(tuple(str(row.get(column)) for column in columns) for row in facts[name])
        for name, columns in shape.says.items()
    }


def assert_every_row_is_accounted_for(checked: Checked, sheets: Mapping[str, File]) -> None:
    """Rows in = canonical + refused + repeated + left out + merged, in every file (R01)."""
    read = {count.file: count for count in checked.counts}
    assert {name: count.rows_read for name, count in read.items()} == {
        name: len(sheet.rows) for name, sheet in sheets.items()
    }
    for count in read.values():
        went = count.canonical + count.errors + count.duplicates + count.left_out + count.merged
        assert went == count.rows_read, count


def assert_no_day_counts_for(aside: Collection[tuple[str, int | None]], checked: Checked) -> None:
    """Some marks stay, and every day amounts to what it does without them."""
    marks = checked.tables["attendance"]
    kept = [(row["source_file"], row["line_no"]) not in aside for row in marks.to_pylist()]
    assert kept.count(False) == len(aside)
    without = {**checked.tables, "attendance": marks.filter(pa.array(kept, pa.bool_()))}
    assert attendance_facts(checked.tables, checked.district).equals(attendance_facts(without, checked.district))
    open_days = {(row["school_id"], row["date"]) for row in FACTS["calendar_days"] if row["in_session"]}
    taken = {(row["school_id"], row["date"]) for row in checked.tables["attendance_taken"].to_pylist()}
    assert taken <= open_days


@shapes
def test_canonical_export_is_the_district(place: Path, shape: Shape, survived: Says) -> None:
    sheets = shape.write(FACTS)
    checked = check(place, shape, {name: sheet.text() for name, sheet in sheets.items()})
    assert (checked.exit_code, checked.why_held) == (0, [])
    assert told(checked.tables, shape) == expected(shape)
    assert_every_row_is_accounted_for(checked, sheets)
    declared = SOURCES[shape.source].declaration.named
    read = {count.table for count in checked.counts}
    assert read - set(declared) <= lookups_of(place, shape)
    made = {name for table in read & set(declared) for name in declared[table].makes}
    assert {name for name, table in checked.tables.items() if table.num_rows} <= made | checked.came
    intake.export_canonical(checked, place / "out")
    for name, columns in shape.says.items():
        exported = read_csv(place / "out" / f"{name}.csv")
        held = [column for column in columns if column not in ("portion_num", "portion_den")]
        texts = sorted(tuple(row[column] for column in held) for row in exported)
        wanted = [
            ["" if row.get(column) is None else str(row[column]) for column in held] for row in shape.facts(FACTS)[name]
        ]
        assert texts == sorted(map(tuple, wanted)), name
    survived(1, "formats and mappings: the same facts of the same district, every row accounted for")


@deep
def test_every_dress_of_the_same_bytes_is_posted_once_and_undone_whole(
    place: Path, shape: Shape, survived: Says
) -> None:
    """A byte order mark, Windows-1252, lone CRs, and ids a spreadsheet was kept from rounding."""
    before = Ledger(place / "home").current()
    sheets = shape.write(FACTS)
    files = {name: file.dressed() for name, file in sheets.items()}
    files[shape.person.file] = sheets[shape.person.file].dressed(shape.person.label)
    first = post(place, shape, files)
    assert (first.outcome, first.record.why_held) == ("posted", [])
    if isinstance(sheets[shape.person.file], Sheet):
        said = {(one["rule"], one["severity"], one["file"]) for one in first.record.findings}
        assert {(rule, "warning", shape.person.file) for rule in ("R01", "X01")} <= said
    version = Ledger(place / "home").current()
    assert version is not None
    posted = told({name: version.table(name) for name in shape.says}, shape)
    assert {name: set(posted[name]) for name in posted} == {name: set(rows) for name, rows in expected(shape).items()}
    assert post(place, shape, files).outcome == "unchanged"
    intake.undo_delivery(place / "home", first.delivery_id)
    after = Ledger(place / "home").current()
    if before is None:
        assert after is None or not after.table("students").num_rows
    else:
        assert after is not None
        assert all(after.table(name).equals(before.table(name)) for name in shape.says)
    survived(1, "formats and mappings in another dress: posted once, undone whole")


@deep
def test_dirt_is_found_by_its_rule_and_line_and_touches_no_other_row(place: Path, shape: Shape, survived: Says) -> None:
    sheets, wanted = dirty(shape)
    checked = check(place, shape, {name: sheet.text() for name, sheet in sheets.items()})
    assert not checked.is_unreadable
    found = {(f.rule, f.severity, f.file, f.line) for f in checked.findings}
    assert wanted <= found
    assert {(file, line) for _, severity, file, line in found if severity == "error" and line} == {
        (file, line) for _, severity, file, line in wanted if severity == "error"
    }
    aside = {(file, line) for rule, _, file, line in wanted if rule in STAY}
    assert told(checked.tables, shape, aside) == expected(shape)
    assert_no_day_counts_for(aside, checked)
    assert_every_row_is_accounted_for(checked, sheets)
    assert checked.is_held
    assert "Q02" in {rule for rule, *_ in found}  # more than one row in a hundred
    intake.export_canonical(checked, place / "out")
    assert SECRET not in "".join(path.read_text("utf-8") for path in (place / "out").iterdir())
    quarantine = {
        (row["rule"], row["source_file"], row["line_no"]) for row in read_csv(place / "out" / "quarantine.csv")
    }
    assert {(rule, file, str(line)) for rule, _, file, line in wanted} <= quarantine
    survived(len(wanted), "pieces of dirt in formats and mappings: found by rule and line, no other row changed")


@deep
def test_a_file_without_its_header_is_refused(place: Path, shape: Shape) -> None:
    """Its first row would be taken for one, and be lost."""
    sheets = shape.write(FACTS)
    name = shape.person.file
    if "Q01" in cannot(shape):
        assert not isinstance(sheets[name], Sheet)
        return
    files = {file: sheet.text() for file, sheet in sheets.items()}
    checked = check(place, shape, files | {name: files[name].partition("\n")[2]})
    assert checked.is_unreadable
    assert ("Q01", "error", name, 1) in {(f.rule, f.severity, f.file, f.line) for f in checked.findings}


@deep
def test_schools_nobody_speaks_for_are_told(place: Path, shape: Shape) -> None:
    if {"E03", "N01"} & set(cannot(shape)):
        assert shape.is_roster
        return
    checked = check(place, shape, {name: sheet.text() for name, sheet in shape.write(unspoken()).items()})
    told = {(f.rule, f.severity, f.value) for f in checked.findings if f.rule in ("E03", "N01")}
    assert told == {("E03", "error", "300"), ("N01", "warning", "200")}
    assert checked.is_held


def cannot(shape: Shape) -> Mapping[str, str]:
    return CANNOT.get(name_of(shape), {})


@shapes
def test_every_dirt_is_put_into_every_format_that_can_carry_it(shape: Shape) -> None:
    put = {rule for rule, *_ in dirty(shape)[1]}
    assert put.isdisjoint(cannot(shape))
    assert put | set(cannot(shape)) | set(RULES) - set(IN_ROWS) == set(RULES)


def test_every_source_is_in_the_suite() -> None:
    assert {name for name, shape in SHAPES.items() if shape.source == name} == set(SOURCES)


def test_every_shipped_mapping_is_in_the_suite() -> None:
    families = {path.stem for path in SHIPPED.glob("*.yaml")}
    assert families <= set(SHAPES)
