"""Encodings, delimiters and headers, and what is said where they cannot be read."""

import pytest

from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import Dialect, column_name, decode, find_header

WANTED = ("student_id", "date")


def header(line: str, dialect: Dialect | None = None) -> tuple[tuple[str, ...], str]:
    found = find_header(line.split("\n"), "a.csv", dialect or Dialect(), WANTED)
    return found.columns, found.delimiter


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|", "^"])
def test_delimiter_is_the_one_the_header_is_written_with(delimiter: str) -> None:
    line = delimiter.join(("Student_ID", "date", "comment"))
    assert header(line) == (("student_id", "date", "comment"), delimiter)


def test_delimiter_inside_quotes_is_no_delimiter() -> None:
    assert header('"student_id"\t"a,b,c,d"\t"date"') == (("student_id", "a,b,c,d", "date"), "\t")


def test_table_prefix_is_stripped_up_to_the_last_dot_and_case_folded() -> None:
    assert column_name("S_CT_STU_X.Core.EL", strips_prefix=True) == "el"
    assert column_name("[39]alternate_school_number", strips_prefix=True) == "alternate_school_number"
    assert column_name("A.b", strips_prefix=False) == "a.b"


def test_columns_that_fall_together_are_refused() -> None:
    with pytest.raises(RefusedFileError, match="'date' stands there twice") as caught:
        header("T.student_id,A.DATE,B.date", Dialect(strips_table_prefix=True))
    assert (caught.value.rule, caught.value.line_no) == ("Q01", 1)


def test_data_where_the_header_should_be_is_refused_with_line_one() -> None:
    with pytest.raises(RefusedFileError, match=r"a\.csv line 1: no header; the line reads '0501, 2026") as caught:
        header("0501,2026-09-01\n0502,2026-09-01")
    assert (caught.value.rule, caught.value.line_no) == ("Q01", 1)


def test_header_is_found_below_a_preamble_only_when_the_mapping_says_so() -> None:
    text = "Report of Monday\n\nstudent_id,date\n1,2"
    found = find_header(text.split("\n"), "a.csv", Dialect(preamble_rows=None), WANTED)
    assert (found.line_no, found.columns) == (3, ("student_id", "date"))
    with pytest.raises(RefusedFileError):
        find_header(text.split("\n"), "a.csv", Dialect(), WANTED)


def test_empty_trailing_header_cells_keep_their_place_without_a_name() -> None:
    assert header("student_id,date,,") == (("student_id", "date", "", ""), ",")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("é\n".encode(), "utf-8"),
        ("é\n".encode("utf-8-sig"), "utf-8-sig"),
        ("é\n".encode("utf-16"), "utf-16"),
        (b"\xe9\n", "cp1252"),
        (b"O\x92Neil \xe9\n", "cp1252"),
    ],
)
def test_text_is_decoded_exactly_and_the_encoding_told(data: bytes, encoding: str) -> None:
    text = decode(data, "a.csv")
    assert text.encoding == encoding
    assert text.lines[0].endswith("é")


def test_line_that_is_not_utf8_is_named() -> None:
    assert decode(b"a\r\nb\r\n\xe9", "a.csv").not_utf8_line == 3
    assert decode(b"a\rb", "a.csv").not_utf8_line is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_part_lines(end: str) -> None:
    assert decode(f"a{end}b{end}".encode(), "a.csv").lines == ["a", "b", ""]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n \n", "is empty"),
        (b"PK\x03\x04rest", "a spreadsheet or a zip file, not text"),
        (b"%PDF-1.7", "a PDF, not text"),
        (bytes(range(256)) * 4 + b"\0" * 200, "holds binary data"),
        (b"a\n\x81\n", "line 2: a byte is not cp1252"),
    ],
)
def test_bytes_that_are_no_text_are_refused_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(RefusedFileError, match=said) as caught:
        decode(data, "a.csv")
    assert str(caught.value).startswith("a.csv")
    assert str(caught.value).endswith(".")


def test_encoding_of_the_mapping_is_held_to() -> None:
    with pytest.raises(RefusedFileError, match="line 1: a byte is not utf-8"):
        decode(b"\xe9", "a.csv", "utf-8")
    with pytest.raises(RefusedFileError, match="'klingon' of the mapping is unknown"):
        decode(b"x", "a.csv", "klingon")
