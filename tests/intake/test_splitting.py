"""Rows with their physical lines: quotes, line breaks in fields, and lines that are no rows."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpresent.intake import quoting, sniff, splitting
from allpresent.intake.quoting import MOST_BARE_QUOTES, MOST_LINES_A_ROW
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import Dialect, Header
from allpresent.intake.splitting import LONGEST_LINE, split_rows


def split(text: str, columns: int = 3, dialect: Dialect | None = None) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Good rows and broken lines, each by line number."""
    header = Header(tuple("abcdefgh"[:columns]), 1, ",")
    rows = split_rows(("header\n" + text).split("\n"), header, dialect or Dialect())
    names = [name for name in rows.table.column_names if name != "line_no"]
    good = {row["line_no"]: [row[name] for name in names] for row in rows.table.to_pylist()}
    return good, {row.line_no: row.why for row in rows.broken}


def test_every_row_knows_the_line_it_begins_on() -> None:
    good, broken = split('1,"two\nlines",x\n2,y,z\n\n3,"a ""quoted"" word",z')
    assert good == {2: ["1", "two\nlines", "x"], 4: ["2", "y", "z"], 6: ["3", 'a "quoted" word', "z"]}
    assert broken == {}


def test_ragged_rows_are_set_aside_with_their_line() -> None:
    good, broken = split('1,2,3\n1,2\n1,2,3,4\n"1",2')
    assert list(good) == [2]
    assert list(broken) == [3, 4, 5]
    assert broken[3] == "the line has 2 fields where the header has 3"


@pytest.mark.parametrize("bad", ['7,5" ruler,x', '7,"open,x', '7,"closed" and on,x', '7, "late",x'])
def test_bare_quote_costs_its_own_line_and_no_other(bad: str) -> None:
    good, broken = split(f'1,2,3\n{bad}\n8,9,10\n"a","b","c"')
    assert sorted(good) == [2, 4, 5]
    assert list(broken) == [3]
    assert broken[3].startswith("a quotation mark")


def test_quote_that_is_closed_by_another_bare_quote_swallows_no_rows() -> None:
    good, broken = split('1,"5 ft,x\n2,y,z\n3,6",z\n4,5,6')
    assert sorted(good) == [3, 5]
    assert sorted(broken) == [2, 4]


def test_quote_that_is_never_closed_does_not_reach_over_many_lines() -> None:
    body = "\n".join("x,y,z" for _ in range(MOST_LINES_A_ROW * 2))
    good, broken = split(f'1,"open,3\n{body}')
    assert len(good) == MOST_LINES_A_ROW * 2
    assert list(broken) == [2]


def test_file_that_is_not_quoted_the_way_it_seems_is_refused() -> None:
    with pytest.raises(RefusedFileError, match=r"The file line 2: a quotation mark stands where none may"):
        split("\n".join('1,5" and 6",x' for _ in range(MOST_BARE_QUOTES + 1)))


def test_zeros_kept_as_a_formula_are_no_bare_quote() -> None:
    assert split('="0012",x,y')[0] == {2: ['="0012"', "x", "y"]}


def test_nul_bytes_and_endless_lines_are_set_aside() -> None:
    _, broken = split(f'a\0,b,c\n{"x" * LONGEST_LINE},b,c\n"a\0",b,c')
    assert broken[2] == "the line holds a NUL byte"
    assert broken[3].startswith("the line is longer")
    assert broken[4] == "the line holds a NUL byte"


def test_file_without_quoting_keeps_quotes_as_letters() -> None:
    good, broken = split('1,5" ruler,"x', dialect=Dialect(quote=None))
    assert good == {2: ["1", '5" ruler', '"x']}
    assert broken == {}


def test_backslash_escapes_are_read_where_the_mapping_says_so() -> None:
    good, _ = split('"1","a \\"b\\"","c\\\\d"', dialect=Dialect(escape="\\"))
    assert good == {2: ["1", 'a "b"', "c\\d"]}


def test_single_column_files_have_rows_too() -> None:
    assert split("a\nb", columns=1)[0] == {2: ["a"], 3: ["b"]}


def test_file_with_a_header_alone_has_no_rows() -> None:
    assert split("") == ({}, {})


def test_rows_with_every_value_quoted_are_read_beside_others() -> None:
    good, broken = split('"1","a,b","c"\n"2","x ""y""","z"\n3,4,5\n"6",7,"8"\n"9","10"\n"","",""')
    assert good == {
        2: ["1", "a,b", "c"],
        3: ["2", 'x "y"', "z"],
        4: ["3", "4", "5"],
        5: ["6", "7", "8"],
        7: ["", "", ""],
    }
    assert list(broken) == [6]


def test_line_break_inside_a_quoted_value_hides_no_quoted_line() -> None:
    good, broken = split('"1","note\n""said"" so","x"\n"2","y","z"\n"3","two ""a""\nlines ""b""","z"\n"4","y","z"')
    assert sorted(good) == [2, 4, 5, 7]
    assert good[2][1] == 'note\n"said" so'
    assert good[5][1] == 'two "a"\nlines "b"'
    assert broken == {}


LONG = "y" * 300
ODD = {
    "one letter of four bytes": f"1,2,3,4,5,6,7,{LONG}\U0001f600",
    "quotes around some values": f'1,2,3,4,5,6,7,"{LONG}, y"',
    "quotes around all values": f'"1","2","3","4","5","6","7","{LONG}"',
    "no quotes": f"1,2,3,4,5,6,7,{LONG}",
}


@pytest.mark.parametrize("line", ODD.values(), ids=list(ODD))
def test_a_file_takes_little_more_memory_than_its_lines(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields are not held one by one, and one odd letter widens its own line alone."""
    monkeypatch.setattr(quoting, "ROWS_A_PART", 500)
    monkeypatch.setattr(splitting, "ROWS_A_PART", 500)
    monkeypatch.setattr(sniff, "PIECE", 1 << 14)
    usual = line.replace("\U0001f600", "x")
    data = "\n".join(["a,b,c,d,e,f,g,h", line, *[usual] * 5_000]).encode()
    header = Header(tuple("abcdefgh"), 1, ",")
    tracemalloc.start()
    rows = split_rows(sniff.decode(data, "a.csv").lines, header, Dialect())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows.table.num_rows == 5_001
    assert most < 5_000 * 1_000, "more than three times the text"


PIECES = st.sampled_from(["a", "b c", ",", '"', '""', "\n", "=", "\0", "é", '","', '"x"', ",,"])

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=6)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=200, deadline=None)
def test_every_line_is_in_exactly_one_place_whatever_stands_in_the_file(text: str) -> None:
    good, broken = split(text)
    begun = set(good)
    # A row covers one line more for every line break inside its cells.
    continued = {
        line + step for line, cells in good.items() for step in range(1, sum(cell.count("\n") for cell in cells) + 1)
    }
    written = {number for number, line in enumerate(text.split("\n"), start=2) if line}
    assert begun | continued | set(broken) >= written
    assert not begun & set(broken)
    assert not begun & continued
    assert not continued & set(broken)
    assert all(len(cells) == 3 for cells in good.values())


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8))
@settings(max_examples=200, deadline=None)
def test_what_a_csv_writer_wrote_is_read_back(table: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    good, broken = split(out.getvalue())
    # A comment whose every line looks like a row is taken for a quote that was never closed, and held.
    if not broken:
        assert [good[line] for line in sorted(good)] == table
