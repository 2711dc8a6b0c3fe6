"""What stands in place of a figure, in the files of every publication: kept as printed, no number, and never 0."""

from html import escape
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpresent import intake
from allpresent.intake.published import check_published, read_published
from allpresent.intake.published.cells import known_marks, read_cell
from allpresent.intake.published.checking import PublishedCheck
from allpresent.intake.published.layouts import load_layout, shipped_layouts
from allpresent.intake.rules import IntakeError
from tests.intake.folders import NOW, TODAY
from tests.intake.published.samples import BESIDE, SAMPLES

MARKS = ("*", "s", "S", "NS", "-9999", "-9999.0", "<5", "< 5", ">95%", "<=10")
ARE_MARKS = {"n_chronic": "count_mark", "rate_pct": "rate_mark", "attendance_pct": "attendance_mark"}
OWN = [(name, mark) for name, layout in shipped_layouts().items() for mark in layout.marks]
LAYOUT = "title: mine\npublisher: us\nsource: here\nstatus: in force\nneeds: [place]\n"


def put(folder: Path, layout: str, *cells: str) -> PublishedCheck:
    """A file of one row with these cells, checked."""
    name, text, _figures = SAMPLES[layout]
    told = [escape(cell) for cell in cells] if name.endswith(".xml") else cells
    (folder / name).write_text(text.format(*told), encoding="utf-8")
    if layout in BESIDE:
        (folder / BESIDE[layout][0]).write_text(BESIDE[layout][1], encoding="utf-8")
    return check_published(folder, None, 1)


def row_of(check: PublishedCheck) -> dict[str, Any]:
    (row,) = (row for table in check.tables.values() for row in table.to_pylist())
    return dict(row)


def test_every_publication_has_a_sample() -> None:
    assert set(SAMPLES) == set(shipped_layouts())


@pytest.mark.parametrize(("layout", "mark"), [*((name, mark) for name in SAMPLES for mark in MARKS), *OWN])
def test_a_mark_is_kept_as_printed_and_is_no_number(tmp_path: Path, layout: str, mark: str) -> None:
    figures = SAMPLES[layout][2]
    check = put(tmp_path, layout, *[mark] * len(figures))
    assert (check.refused, check.why_held) == ([], [])
    row = row_of(check)
    shown = [name for name in ARE_MARKS if name in row][: len(figures)]
    assert [(row[name], row[ARE_MARKS[name]]) for name in shown] == [(None, mark)] * len(figures)
    if "count_suppressed" in row:
        assert (row["count_suppressed"], row["rate_suppressed"]) == (1, int(len(figures) == 2))
    assert all(found.rule == "P01" and "never 0" in found.message for found in check.findings())


@pytest.mark.parametrize("layout", SAMPLES)
def test_a_figure_and_an_empty_cell_are_no_marks(tmp_path: Path, layout: str) -> None:
    figures = SAMPLES[layout][2]
    row = row_of(put(tmp_path, layout, *figures))
    shown = [name for name in ARE_MARKS if name in row][: len(figures)]
    assert [str(row[name]) for name in shown] == list(figures)
    assert {row.get(mark) for mark in ARE_MARKS.values()} == {None}
    check = put(tmp_path, layout, *[""] * len(figures))
    assert (check.refused, check.why_held) == ([], [])
    # A year of a workbook with nothing in its cells makes no row.
    empty = [row for table in check.tables.values() for row in table.to_pylist()]
    assert {row.get(name) for row in empty for name in (*shown, *ARE_MARKS.values())} <= {None}
    assert {row.get("count_suppressed", 0) for row in empty} <= {0}


@pytest.mark.parametrize("layout", SAMPLES)
@pytest.mark.parametrize("text", ["-9998", "-1", "5 or fewer", "ss", "n/k"])
def test_any_other_text_refuses_its_row(tmp_path: Path, layout: str, text: str) -> None:
    check = put(tmp_path, layout, *[text] * len(SAMPLES[layout][2]))
    assert [found.severity for found in check.findings()] == ["error"]
    assert len(check.why_held) == 1
    assert not any(table.num_rows for table in check.tables.values())


@given(st.sampled_from(sorted(SAMPLES)), st.decimals(0, 100, places=2), st.integers(0, 10**7))
def test_no_figure_is_taken_for_a_mark(layout: str, rate: Any, count: int) -> None:
    one = shipped_layouts()[layout]
    marks = known_marks(one)
    for text, kind in ((str(count), "count"), (f"{count:,}", "count"), (str(rate), "percent"), (f"{rate}%", "percent")):
        assert read_cell(text, kind, marks, one.ranges).mark is None


def test_each_count_has_a_mark_of_its_own_and_comes_back_from_an_export(tmp_path: Path) -> None:
    folder, home = tmp_path / "files", tmp_path / "home"
    folder.mkdir()
    text = SAMPLES["edsight"][1].replace('"17,679"', '"-9999"').format("*", "<5")
    (folder / "edsight.csv").write_text(text, encoding="utf-8")
    checked = intake.check_delivery(home, "aggregates", folder, today=TODAY)
    (row,) = checked.tables["aggregates"].to_pylist()
    told = {name: row[name] for name in ("students_mark", "count_mark", "days_mark", "rate_mark", "n_students")}
    assert list(told.values()) == ["-9999", "*", None, "<5", None]
    assert [found.message for found in checked.findings] == [
        "'*' (suppressed) was printed in place of a figure; it is kept as printed, and is never 0.",
        "'-9999' (not reported) was printed in place of a figure; it is kept as printed, and is never 0.",
        "'<5' was printed in place of a figure; it is kept as printed, and is never 0.",
    ]
    intake.export_canonical(checked, tmp_path / "out")
    posted = intake.post_delivery(home, "aggregates", tmp_path / "out", today=TODAY, now=NOW)
    assert posted.outcome == "posted"
    (again,) = intake.published_figures(home)["aggregates"].drop_columns("source_file").to_pylist()
    assert again == {name: value for name, value in row.items() if name != "source_file"}


def test_a_delivery_of_before_a_column_was_added_is_still_read(tmp_path: Path) -> None:
    table = put(tmp_path, "edsight", "7420", "42.0").tables["aggregates"]
    (tmp_path / "published").mkdir()
    pq.write_table(table.drop_columns(["students_mark", "days_mark"]), tmp_path / "published" / "aggregates.parquet")
    (row,) = read_published([tmp_path])["aggregates"].to_pylist()
    assert (row["n_chronic"], row["students_mark"]) == (7420, None)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('marks: {"999": not reported}', "has '999', which may be a figure"),
        ('marks: {"0.0%": hidden}', "has '0.0%', which may be a figure"),
        (r"ranges: '<?\d+'", "takes '0' for a mark, which is a figure"),
        ("ranges: '('", "is no pattern"),
        ("year_in: '['", "is no pattern"),
        (r"year_in: '\d{4}'", "has no group"),
    ],
)
def test_a_layout_may_not_take_figures_for_marks(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{LAYOUT}{line}\n", encoding="utf-8")
    with pytest.raises(IntakeError, match=r"mine\.yaml") as refused:
        load_layout(path)
    assert why in str(refused.value)
