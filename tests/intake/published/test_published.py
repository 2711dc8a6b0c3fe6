"""Published figures: each publication's shape read, every row accounted for, no held back cell made a number."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from allpresent import intake
from allpresent.intake.published import check_published, read_published, write_published
from allpresent.intake.published.checking import PublishedCheck
from allpresent.intake.published.layouts import load_layout, shipped_layouts
from allpresent.intake.published.reading import normal_year
from tests.intake.folders import NOW
from tests.intake.published.samples import BESIDE, SAMPLES

EDSIGHT = """Chronic Absenteeism
"District: all","2023-24"
Extracted for comparison

"District","District Code","School","School Code","Category","Student Group","Student Count","Count","Rate"
"Elm Harbor",="0930011","","","All Students","All Students","17,679","7,420","42.0"
"Elm Harbor",="0930011","Quarry Street School",="0930111","Race","Asian","11","*","*"
"State of Connecticut","00000CT","","","All Students","All Students","500000","88500","17.7"
"""
DAILY = """<?xml version="1.0" encoding="utf-8"?>
<ATTENDANCE>
 <ITEM><DBN>01M015</DBN><ATTN_DATE_YMD>20260908</ATTN_DATE_YMD><ATTN_PCT>91.23</ATTN_PCT></ITEM>
 <ITEM><DBN>01M019</DBN><ATTN_DATE_YMD>20260908</ATTN_DATE_YMD><ATTN_PCT>NS</ATTN_PCT></ITEM>
 <ITEM><DBN>01M020</DBN><ATTN_DATE_YMD>20260908</ATTN_DATE_YMD><ATTN_PCT></ATTN_PCT></ITEM>
</ATTENDANCE>
"""
EDFACTS = "SCHOOL_YEAR,STNAM,NCESSCH,SCHNAM,SUBGROUP,NUMERIC_VALUE\n2020-2021,CONNECTICUT,090279000111,Elm,ALL,{}\n"


def read(folder: Path, name: str, text: str, layout: Path | None = None) -> PublishedCheck:
    (folder / name).write_text(text, encoding="utf-8")
    return check_published(folder, layout, 1)


def rows(check: PublishedCheck, table: str = "aggregates") -> list[dict[str, Any]]:
    return list(check.tables[table].to_pylist())


def test_edsight_reads_preamble_codes_levels_and_stars(tmp_path: Path) -> None:
    check = read(tmp_path, "edsight.csv", EDSIGHT)
    district, school, state = rows(check)
    assert (district["geo_level"], district["geo_id"], district["year"]) == ("district", "0930011", "2023-24")
    assert (district["n_students"], district["n_chronic"], district["rate_pct"]) == (17679, 7420, "42.0")
    assert (school["geo_level"], school["geo_id"], school["geo_name"]) == ("school", "0930111", "Quarry Street School")
    assert (school["n_students"], school["n_chronic"], school["rate_pct"]) == (11, None, None)
    assert (school["count_suppressed"], school["rate_suppressed"], school["count_mark"]) == (1, 1, "*")
    assert (state["geo_level"], state["rate_pct"]) == ("state", "17.7")
    assert not check.refused
    assert not check.why_held


@pytest.mark.parametrize("mark", ["PS", "-9999", "GE95", "21-39", "<5", "."])
def test_every_mark_stays_the_mark_it_is_and_no_number(tmp_path: Path, mark: str) -> None:
    (row,) = rows(read(tmp_path, "edfacts.csv", EDFACTS.format(mark)))
    assert (row["n_chronic"], row["count_suppressed"], row["count_mark"]) == (None, 1, mark)


def test_an_empty_cell_is_neither_a_number_nor_a_mark(tmp_path: Path) -> None:
    (row,) = rows(read(tmp_path, "edfacts.csv", EDFACTS.format("")))
    assert (row["n_chronic"], row["count_suppressed"], row["count_mark"]) == (None, 0, None)


def test_a_text_that_is_no_figure_refuses_its_row_and_holds(tmp_path: Path) -> None:
    check = read(tmp_path, "edfacts.csv", EDFACTS.format("about 12"))
    (found,) = list(check.findings())
    assert (found.rule, found.severity, found.line, found.field) == ("P01", "error", 2, "numeric_value")
    assert "'about 12' is neither a figure nor a mark" in found.message
    assert check.why_held == ["edfacts.csv: 1 of 1 rows are refused; correct the lines listed, or the layout."]
    assert rows(check) == []


def test_daily_xml_keeps_not_submitted_apart_from_empty(tmp_path: Path) -> None:
    found = rows(read(tmp_path, "daily.xml", DAILY), "school_day_totals")
    assert [(row["school_id"], row["attendance_pct"], row["attendance_mark"]) for row in found] == [
        ("01M015", "91.23", None),
        ("01M019", None, "NS"),
        ("01M020", None, None),
    ]
    assert {row["date"] for row in found} == {date(2026, 9, 8)}


def test_a_workbook_with_a_column_a_year_makes_a_row_a_year(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "state.xlsx")) as book:
        sheet = book.add_worksheet("Chronic")
        for at, line in enumerate(
            [
                ["A state's chronic absence", "", "", "", "", ""],
                ["District Code", "District Name", "Student Group", "2022-23 Rate", "2023-24 Rate", "2023-24 Count"],
                ["0042", "Elm Harbor", "All Students", 30.5, 28.25, 120],
                ["0042", "Elm Harbor", "Migrant", "*", "n<10", -9999],
            ]
        ):
            sheet.write_row(at, 0, line)
        book.add_worksheet("Notes").write(0, 0, "nothing to read here")
    found = rows(check_published(tmp_path, None, 1))
    shown = ("value", "year", "rate_pct", "n_chronic", "rate_mark", "count_mark")
    assert [tuple(row[name] for name in shown) for row in found] == [
        ("All Students", "2022-23", "30.5", None, None, None),
        ("All Students", "2023-24", "28.25", 120, None, None),
        ("Migrant", "2022-23", None, None, "*", None),
        ("Migrant", "2023-24", None, None, "n<10", "-9999"),
    ]


def test_a_fraction_becomes_an_exact_percent(tmp_path: Path) -> None:
    layout = tmp_path / "mine.yaml"
    layout.write_text(
        "title: mine\npublisher: us\nsource: here\nstatus: in force\nneeds: [place, share]\n"
        "places: [{level: district, id: place}]\ncolumns: {rate_pct: share}\nrate: fraction\n",
        encoding="utf-8",
    )
    folder = tmp_path / "files"
    folder.mkdir()
    found = rows(read(folder, "a.csv", "place,share\n007,0.1\n008,0.123456789012345678\n", layout))
    assert [(row["geo_id"], row["rate_pct"]) for row in found] == [("007", "10"), ("008", "12.3456789012345678")]


def test_figures_that_do_not_fit_each_other_are_said_and_kept(tmp_path: Path) -> None:
    text = EDSIGHT.replace('"42.0"', '"24.0"').replace('"88500"', '"600000"')
    check = read(tmp_path, "edsight.csv", text)
    told = [(found.field, found.line) for found in check.findings() if found.rule == "P02"]
    assert told == [("rate_pct", 6), ("n_chronic", 8)]
    assert len(rows(check)) == 3


def test_a_row_twice_counts_once(tmp_path: Path) -> None:
    last = EDSIGHT.splitlines()[-1]
    check = read(tmp_path, "edsight.csv", f"{EDSIGHT}{last}\n")
    assert [(count.rows_read, count.canonical, count.duplicates) for count in check.counts] == [(4, 3, 1)]


def test_california_counts_each_place_once_and_names_its_groups(tmp_path: Path) -> None:
    header, total = SAMPLES["california"][1].format("7420", "42.0").splitlines()
    without_charter = total.replace("All\tAll\tTA", "No\tAll\tTA").replace("42.0", "41.0")
    by_status = total.replace("All\tAll\tTA", "All\tYes\tTA").replace("42.0", "40.0")
    state = total.replace("\tD\t01\t10017\t\tSomewhere\tElm Harbor", "\tT\t00\t\t\tState\t")
    filipino = total.replace("\tTA\t", "\trf\t")
    check = read(tmp_path, "chronic24.txt", "\n".join([header, without_charter, by_status, total, filipino, state, ""]))
    assert [(row["geo_name"], row["value"], row["rate_pct"]) for row in rows(check)] == [
        ("Elm Harbor", "All students", "42.0"),
        ("Elm Harbor", "Filipino", "42.0"),
        ("California", "All students", "42.0"),
    ]
    assert [(count.rows_read, count.canonical, count.left_out) for count in check.counts] == [(5, 3, 2)]
    assert (check.refused, check.why_held, check.faults) == ([], [], [])


def test_england_is_read_with_its_metadata_whole_years_only(tmp_path: Path) -> None:
    name, text, _figures = SAMPLES["explore_education"]
    header, place = text.format("7420", "42.0").splitlines()
    school = place.replace("Total,Total,Total", "State-funded primary,FSM,FSM eligible").replace("7420,42.0", "c,low")
    country = place.replace("Local authority", "National")
    region = place.replace("Local authority", "Regional")
    term = place.replace("Academic year", "Autumn term")
    told = "\n".join([header, place, school, country, region, term, ""])
    plain = read(tmp_path, name, told)
    assert (plain.refused, plain.why_held) == ([], [])
    kept_group = "education phase; characteristic group; characteristic", "State-funded primary; FSM; FSM eligible"
    assert [(row["dim"], row["value"]) for row in rows(plain)][:2] == [("Total", "Total"), kept_group]
    assert plain.decided[1] == (
        "absence.csv came without absence.meta.csv: columns of words tell the groups (education_phase, "
        "characteristic_group, characteristic)."
    )
    (tmp_path / "absence.meta.csv").write_text(BESIDE["explore_education"][1], encoding="utf-8")
    check = check_published(tmp_path, None, 1)
    assert (check.refused, check.why_held) == ([], [])
    kept = ("year", "geo_level", "geo_id", "geo_name", "dim", "value", "n_chronic", "count_mark", "rate_mark")
    group = ("School type; Characteristic", "State-funded primary; FSM eligible")
    assert [tuple(row[column] for column in kept) for row in rows(check)] == [
        ("2023-24", "district", "E06000015", "Elm Harbor", "Total", "Total", 7420, None, None),
        ("2023-24", "district", "E06000015", "Elm Harbor", *group, None, "c", "low"),
        ("2023-24", "nation", "E92000001", "England", "Total", "Total", 7420, None, None),
        ("2023-24", "region", "E12000004", "East Midlands", "Total", "Total", 7420, None, None),
    ]
    assert [(count.rows_read, count.left_out) for count in check.counts] == [(5, 1)]
    (tmp_path / "absence.meta.csv").write_text("column,label\neducation_phase,School type\n", encoding="utf-8")
    assert "absence.meta.csv" in check_published(tmp_path, None, 1).refused[0]


def test_a_text_about_the_data_is_left_aside_where_figures_came(tmp_path: Path) -> None:
    (tmp_path / "data-guidance.txt").write_text("Variable name | Variable description\nphase | School type\n")
    refused = check_published(tmp_path, None, 1).refused
    assert refused == [f"{tmp_path.name} holds no CSV, text, workbook or XML file of figures that are known; add one."]
    check = read(tmp_path, "edsight.csv", EDSIGHT)
    assert (check.refused, check.why_held, len(rows(check))) == ([], [], 3)
    assert "data-guidance.txt has no column of a publication this program knows; it was left aside." in [
        found.message for found in check.findings()
    ]


@pytest.mark.parametrize(
    ("text", "year"),
    [("202324", "2023-24"), ("199900", "1999-00"), ("202312", "202312"), ("2023-2024", "2023-24"), ("2024", "2024")],
)
def test_two_years_are_written_one_way(text: str, year: str) -> None:
    assert normal_year(text) == year


def test_a_file_about_something_else_is_held_and_says_so(tmp_path: Path) -> None:
    name, text, _figures = SAMPLES["ed_data_express"]
    other = text.replace("814", "695").format("12")
    assert read(tmp_path, name, other).why_held == [
        "express.csv: none of its 1 rows is about what ED Data Express chronic absenteeism is read for (data group: "
        "814, chronic absenteeism), so it shows nothing; deliver the right file."
    ]
    named = text.replace("Data Group", "Data Description").replace("814", "Chronic Absenteeism").format("12")
    check = read(tmp_path, name, named)
    assert (check.why_held, [row["n_chronic"] for row in rows(check)]) == ([], [12])


def test_other_figures_for_the_same_cell_are_said_and_the_first_is_shown(tmp_path: Path) -> None:
    again = EDSIGHT.replace("42.0", "41.9").replace("88500", "88500")
    (tmp_path / "a.csv").write_text(
        EDSIGHT + EDSIGHT.splitlines()[5].replace("7,420", "7,421") + "\n", encoding="utf-8"
    )
    check = read(tmp_path, "b.csv", again)
    told = [(name, fault.line, fault.message) for name, fault in check.faults if "other figures" in fault.message]
    assert told == [
        (
            name,
            line,
            f"{where} gives other figures for the same place, group and time, and is the one that is shown; "
            "deliver one of them, or keep one kind of row in a layout.",
        )
        for name, line, where in (("a.csv", 9, "line 6"), ("b.csv", 6, "a.csv line 6"))
    ]
    write_published(tmp_path, check.tables)
    shown = read_published([tmp_path])["aggregates"].to_pylist()
    assert [(row["n_chronic"], row["rate_pct"]) for row in shown if row["geo_id"] == "0930011"] == [(7420, "42.0")]


def test_an_unknown_file_is_refused_with_the_names_of_the_known(tmp_path: Path) -> None:
    check = read(tmp_path, "menu.csv", "day,meal\nMonday,soup\n")
    assert len(check.refused) == 1
    assert "menu.csv has the columns of no publication this program knows (california, " in check.refused[0]
    assert "write a layout for it, or take it out of the delivery" in check.refused[0]


def test_a_layout_like_a_shipped_one_says_only_what_differs_and_goes_first(tmp_path: Path) -> None:
    folder, layout = tmp_path / "files", tmp_path / "a.yaml"
    folder.mkdir()
    told = EDSIGHT.replace('"11"', '"n<20"').replace("Asian", "A")
    assert read(folder, "edsight.csv", told).why_held
    layout.write_text('like: edsight\nmarks: {"n<20": suppressed}\nvalues: {value: {A: Asian}}\n', encoding="utf-8")
    check = check_published(folder, layout, 1)
    assert (check.why_held, check.decided) == ([], ["edsight.csv: EdSight chronic absenteeism (a), utf-8, 3 rows"])
    assert [(row["value"], row["students_mark"], row["count_mark"]) for row in rows(check)][1] == ("Asian", "n<20", "*")
    layout.write_text("like: edsite\n", encoding="utf-8")
    with pytest.raises(intake.IntakeError, match="the key like has to name one of california, "):
        check_published(folder, layout, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.xml", b"<A><DBN>1</A>"),
        ("entities.xml", b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a><b><DBN>&e;</DBN></b></a>'),
        ("broken.xlsx", b"PK\x03\x04nothing"),
        ("not_a_book.xlsx", b"words"),
        ("empty.csv", b""),
    ],
)
def test_files_that_are_no_tables_get_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    check = check_published(tmp_path, None, 1)
    assert check.refused
    assert all(name in sentence for sentence in check.refused)
    assert not rows(check)


def test_the_layouts_of_the_guide_can_be_used(tmp_path: Path) -> None:
    text = Path("docs/how-to/compare-with-published-figures.md").read_text(encoding="utf-8")
    written = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(written) == 2
    for number, content in enumerate(written):
        path = tmp_path / f"{number}.yaml"
        path.write_text(content, encoding="utf-8")
        assert load_layout(path).marks
    named = set(re.findall(r"^\| .* \| (`\w+`(?:, `\w+`)*) \|", text, re.MULTILINE))
    assert {name for cell in named for name in re.findall(r"\w+", cell)} == set(shipped_layouts())


def test_shipped_layouts_say_where_they_come_from() -> None:
    for name, layout in shipped_layouts().items():
        assert layout.source, name
        assert layout.status, name


def test_published_figures_are_checked_posted_taken_back_and_exported(tmp_path: Path) -> None:
    folder, home, today = tmp_path / "files", tmp_path / "home", date(2026, 11, 21)
    folder.mkdir()
    (folder / "edsight.csv").write_text(EDSIGHT, encoding="utf-8")
    checked = intake.check_delivery(home, "aggregates", folder, today=today)
    assert (checked.exit_code, len(checked.findings)) == (0, 2)
    intake.export_canonical(checked, tmp_path / "out")
    head, first, *_ = (tmp_path / "out" / "aggregates.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("source_file,year,geo_level,geo_id,geo_name,dim,value,grade,n_students,n_chronic,")
    assert first.startswith(
        "edsight.csv,2023-24,district,0930011,Elm Harbor,All Students,All Students,,17679,7420,,42.0"
    )
    posted = intake.post_delivery(home, "aggregates", folder, today=today, now=NOW)
    assert posted.outcome == "posted"
    assert intake.post_delivery(home, "aggregates", folder, today=today, now=NOW).outcome == "unchanged"
    assert intake.published_figures(home)["aggregates"].num_rows == 3
    # What was exported can be read again, and says the same.
    again = intake.post_delivery(home, "aggregates", tmp_path / "out", today=today, now=NOW)
    assert again.outcome == "posted"
    assert (
        intake.published_figures(home)["aggregates"]
        .drop_columns("source_file")
        .sort_by("geo_id")
        .equals(
            intake.check_delivery(home, "aggregates", folder, today=today)
            .tables["aggregates"]
            .drop_columns("source_file")
            .sort_by("geo_id")
        )
    )
    intake.undo_delivery(home, again.delivery_id, by="Sam", now=NOW)
    intake.undo_delivery(home, posted.delivery_id, by="Sam", now=NOW)
    assert intake.published_figures(home)["aggregates"].num_rows == 0
    with pytest.raises(intake.IntakeError, match="only a posted one"):
        intake.undo_delivery(home, posted.delivery_id, by="Sam", now=NOW)


def test_a_later_file_of_the_same_cell_hides_the_earlier_one(tmp_path: Path) -> None:
    home, today = tmp_path / "home", date(2026, 11, 21)
    for number, rate in enumerate(("42.0", "41.9")):
        folder = tmp_path / f"files{number}"
        folder.mkdir()
        (folder / "edsight.csv").write_text(EDSIGHT.replace("42.0", rate), encoding="utf-8")
        assert intake.post_delivery(home, "aggregates", folder, today=today, now=NOW).outcome == "posted"
    found = intake.published_figures(home)["aggregates"].to_pylist()
    assert [row["rate_pct"] for row in found if row["geo_id"] == "0930011"] == ["41.9"]
    assert len(found) == 3


def test_a_broken_zip_of_published_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "night.zip").write_bytes(b"PK\x03\x04 cut")
    checked = intake.check_delivery(tmp_path, "aggregates", tmp_path / "night.zip", today=date(2026, 11, 21))
    assert checked.exit_code == 2
    assert "cannot be unpacked" in checked.why_held[0]
