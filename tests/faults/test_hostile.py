"""Files made to harm: each is read exactly, or held, or refused with a sentence; memory stays bounded."""

import csv
import io
import json
import os
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest
from django.test import Client
from django.utils.html import escape

from allpresent import intake
from allpresent.intake import Checked, splitting, staging
from allpresent.intake.export import disarmed
from allpresent.measures.writers import write_csv
from allpresent.nightly.due import _plain
from allpresent.protocol.steps import DueRow
from allpresent.reports.layout.flat import safe_cell as reports_safe_cell
from allpresent.roster.models import Student
from allpresent.web.cells import safe_cell as web_safe_cell
from tests import cast
from tests.faults import district
from tests.faults.counts import IS_LONG
from tests.functional.killing import ROOT

DAYS = 5
PLAIN = district.files(DAYS)
Says = Callable[[int, str], None]
CLEAN, HELD, UNREADABLE = 0, 1, 2


def check(tmp_path: Path, changed: dict[str, bytes | None]) -> Checked:
    """What intake says of the plain delivery with some files in place of its own; None leaves one out."""
    files = {name: data for name, data in (PLAIN | changed).items() if data is not None}
    return district.check(tmp_path / "home", tmp_path / "files", files, DAYS)


def sentences(checked: Checked) -> str:
    assert all(sentence.endswith((".", "?")) and len(sentence) < 600 for sentence in checked.why_held)
    return " ".join(checked.why_held)


# Text that is not what it seems: each case changes one file, and says whether it is read exactly, held or refused


def students(text: str, encoding: str = "utf-8") -> dict[str, bytes | None]:
    return {"students.csv": text.encode(encoding)}


ROSTER = PLAIN["students.csv"].decode("utf-8-sig")
MARKS = PLAIN["attendance.csv"].decode()
FIRST = ROSTER.splitlines()[1]


def parted_by(mark: str) -> str:
    """The roster with another delimiter; the comma within a name stays."""
    return ROSTER.replace(", ", "~").replace(",", mark).replace("~", ", ")


def headed(labels: str) -> str:
    """The roster with other labels for its first two columns."""
    return ROSTER.replace("student_id,full_name", labels, 1)


def widened(more: int) -> str:
    """The roster with so many empty columns more."""
    labels, *rows = ROSTER.splitlines()
    return (
        "\n".join([",".join([labels, *(f"c{at}" for at in range(more))]), *(row + "," * more for row in rows)]) + "\n"
    )


CORPUS: dict[str, tuple[dict[str, bytes | None], int, str]] = {
    "as it is": ({}, CLEAN, ""),
    "no byte order mark": (students(ROSTER), CLEAN, ""),
    "UTF-16 with its mark": (students(ROSTER, "utf-16"), CLEAN, ""),
    "UTF-16 big end first": ({"students.csv": b"\xfe\xff" + ROSTER.encode("utf-16-be")}, CLEAN, ""),
    "UTF-16 without a mark": (students(ROSTER, "utf-16-le"), UNREADABLE, "binary data"),
    "UTF-16 cut in a letter": ({"students.csv": ROSTER.encode("utf-16")[:-1]}, UNREADABLE, "is not utf-16"),
    "UTF-32": (students(ROSTER, "utf-32"), UNREADABLE, "binary data"),
    "Windows-1252": (students(ROSTER, "cp1252"), CLEAN, ""),
    "a byte that is nothing in Windows-1252": (
        {"students.csv": ROSTER.encode("cp1252").replace(b"\xf1", b"\x81", 1)},
        UNREADABLE,
        "a byte is not cp1252",
    ),
    "a mark and a semicolon": (students("\ufeff" + parted_by(";")), CLEAN, ""),
    "tabs": (students(parted_by("\t")), CLEAN, ""),
    "lone carriage returns": (students(ROSTER.replace("\n", "\r")), CLEAN, ""),
    "line feeds and carriage returns mixed": (students(ROSTER.replace("\n", "\r\n", 9)), CLEAN, ""),
    "labels in capitals and blanks": (students(headed(" Student_ID , FULL_NAME ")), CLEAN, ""),
    "a label twice": (students(ROSTER.replace("full_name", "student_id", 1)), UNREADABLE, "stands there twice"),
    "two labels that differ in capitals": (
        students(headed("student_id,STUDENT_ID")),
        UNREADABLE,
        "stands there twice",
    ),
    "no header": (students(ROSTER.partition("\n")[2]), UNREADABLE, "no header"),
    "a needed label missing": (students(ROSTER.replace("student_id", "number", 1)), UNREADABLE, "is missing"),
    "nothing but blanks": (students(" \n\n \n"), UNREADABLE, "is empty"),
    "a NUL in a name": (students(ROSTER.replace("Ana", "A\0na", 1)), HELD, ""),
    "NUL bytes everywhere": (students(ROSTER.replace("a", "\0")), HELD, "were refused"),
    "one field too many": (students(ROSTER.replace(FIRST, FIRST + ",x", 1)), HELD, "1 of 72 rows"),
    "one field too few": (students(ROSTER.replace(FIRST, FIRST.rpartition(",")[0], 1)), HELD, "1 of 72 rows"),
    "a quote that is never closed": (students(ROSTER.replace('Ana"', "Ana", 1)), HELD, "a quotation mark stands where"),
    "a quote within a word": (students(ROSTER.replace('"Ruiz, Ana"', 'Ruiz "A" Ana', 1)), HELD, "a quotation mark"),
    "a field of 20 MB": (students(ROSTER.replace(FIRST, f"1000001,{'A' * 20_000_000},01", 1)), HELD, "1 of 72 rows"),
    "a quoted field of 20 MB": (students(ROSTER.replace("Ana", "A" * 20_000_000, 1)), HELD, "1 of 72 rows"),
    "a field of 20 MB in a row of quoted fields": (
        students(ROSTER.replace(FIRST, f'"1000001","{"A" * 20_000_000}","01"', 1)), HELD, "1 of 72 rows"
    ),
    "a quoted field of many lines without end": (
        students(ROSTER.replace("Ana", "\n".join(["A" * 1_000] * 190), 1)), HELD, "a quotation mark stands where"
    ),
    "400 columns nobody asked for": (students(widened(400)), CLEAN, ""),
    "10,000 columns": (students(widened(10_000)), UNREADABLE, "the header has 10,003 columns; export at most 2,000"),
    "UTF-16 with an odd half": (
        {"students.csv": ROSTER.encode("utf-16").replace("ñ".encode("utf-16-le"), b"\x00\xd8", 1)},
        UNREADABLE,
        "is not utf-16",
    ),
    "UTF-8 cut in a letter": (
        {"students.csv": (ROSTER + "1,Peña").encode()[:-2]}, UNREADABLE, "the file ends within a letter"
    ),
    "UTF-8 in its long form": (
        {"students.csv": ROSTER.encode().replace(b"Ana", b"\xc1\x81na", 1)}, UNREADABLE, "a byte is not cp1252"
    ),
    "Latin-1 with a control sign": (
        {"students.csv": ROSTER.encode("latin-1").replace(b"Ana", b"\x8fna", 1)}, UNREADABLE, "a byte is not cp1252"
    ),
    "a page of a web site": ({"students.csv": b"<!DOCTYPE html><html><body>Sign in</body></html>"}, UNREADABLE, ""),
    "a last line without its end": (students(ROSTER.rstrip("\n")), HELD, "ends within line 73"),
    "a spreadsheet": ({"students.csv": b"PK\x03\x04" + bytes(200)}, UNREADABLE, "a spreadsheet or a zip file"),
    "a database": ({"students.csv": b"SQLite format 3\0" + bytes(200)}, UNREADABLE, "a database"),
    "a picture": ({"students.csv": b"\x89PNG" + bytes(200)}, UNREADABLE, "a picture"),
    "ids as rounded numbers": (students(ROSTER.replace("1000001,", "1.0E+06,", 1)), HELD, ""),
    "two-digit years": (
        {"enrollments.csv": PLAIN["enrollments.csv"].replace(b"2026-08-31", b"26-08-31")}, HELD, ""
    ),
    "day and month unclear": (
        {"attendance.csv": MARKS.replace("2026-09-0", "0").replace(",01,", ",09/01/2026,").encode()}, HELD, ""
    ),
    "marks without a file": ({"attendance.csv": None}, UNREADABLE, "no attendance.csv"),
}  # fmt: skip
GATE = ("a mark and a semicolon", "a field of 20 MB in a row of quoted fields", "10,000 columns")


def test_every_trick_is_exact_or_held(tmp_path: Path, survived: Says) -> None:
    whole = check(tmp_path / "whole", {})
    tried = list(CORPUS) if IS_LONG else GATE
    for name in tried:
        changed, code, words = CORPUS[name]
        checked = check(tmp_path / name, changed)
        assert checked.exit_code == code, (name, checked.why_held)
        assert words in sentences(checked), (name, checked.why_held)
        if code == CLEAN:
            told = [row | {"source_file": ""} for row in checked.tables["students"].to_pylist()]
            assert told == [row | {"source_file": ""} for row in whole.tables["students"].to_pylist()], name
    survived(len(tried), "tricks of encoding, quoting and headers: exact, held or refused")


LETTERS = (
    *("Pen\u0303a", "A\ufeffna", "A\u2028na", "A\x0cna", "A\x85na", "A\u00adna", "\u202eana", "\U0001f600", "Łukasz"),
    *("山田", "Ａｎａ", "İıß", "A\u00a0na", "O'Neil", "A\\na"),
)


def test_letters_come_out_as_they_went_in(tmp_path: Path, survived: Says) -> None:
    rows = list(csv.reader(io.StringIO(ROSTER)))
    for at, letters in enumerate(LETTERS, start=1):
        rows[at][1] = letters
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    for encoding in ("utf-8", "utf-16"):
        checked = check(tmp_path / encoding, students(out.getvalue(), encoding))
        assert checked.exit_code == CLEAN, checked.why_held
        assert checked.tables["students"]["full_name"].to_pylist() == [row[1] for row in rows[1:]]
    survived(2 * len(LETTERS), "names in letters of every kind: out as they went in")


NUMBERS = ("1e999999999", "0." + "3" * 22, "9" * 30 + "/7", "1/" + "9" * 30, "-1", "1/0", "nan", "٣", "+", "1/3/4")


def test_numbers_made_to_harm_are_refused_by_row(tmp_path: Path, survived: Says) -> None:
    """Computed as written, the first would take all memory; the longer ones fit no column."""
    lines = MARKS.splitlines(keepends=True)
    for at, number in enumerate(NUMBERS, start=1):
        cells = lines[at].split(",")
        lines[at] = ",".join([*cells[:3], number, *cells[4:]])
    lines[20] = lines[20].replace(",day,,", ",period,2," + "9" * 20)
    checked = check(tmp_path, {"attendance.csv": "".join(lines).encode()})
    assert checked.exit_code == HELD
    refused = {finding.line for finding in checked.findings if finding.severity == "error" and finding.line}
    assert refused == {*range(2, len(NUMBERS) + 2), 21}
    survived(len(refused), "numbers made to harm: refused by their line")


def test_a_header_without_end_and_a_line_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: Says
) -> None:
    header = '"' + "x" * 200_000 + '",' + ROSTER
    assert check(tmp_path / "header", students(header)).exit_code in (HELD, UNREADABLE)
    monkeypatch.setattr("allpresent.intake.staging.LONGEST_LINE", 3_000_000)
    checked = check(tmp_path / "line", students(ROSTER + "x" * 5_000_000))
    assert checked.exit_code == UNREADABLE
    assert "students.csv line 74 does not end for 3,000,000 bytes" in sentences(checked)
    survived(2, "headers and lines without end: refused")


def test_a_name_of_a_file_that_is_no_text(tmp_path: Path) -> None:
    folder = district.write(tmp_path / "files", PLAIN)
    (Path(os.fsdecode(os.fsencode(folder) + b"/more\xff.csv"))).write_bytes(b"x")
    with pytest.raises(intake.IntakeError, match=r"The name of the file more\?.csv is no text; rename it"):
        intake.check_delivery(tmp_path / "home", "csv", folder, today=district.morning_after(DAYS))


def test_one_bare_quote_among_thousands_of_rows_names_its_line(tmp_path: Path, survived: Says) -> None:
    head = "school_id,date,in_session\n"
    days = PLAIN["calendar_days.csv"].decode().partition("\n")[2]
    rows = [f'9{number:06},"Doe, Jo",01' for number in range(18_000)]
    rows[15] = '9000015,Doe "Jo,01'  # the header is line 1
    text = "student_id,full_name,grade\n" + "\n".join(rows) + "\n"
    changed = {"students.csv": ROSTER.partition("\n")[0].encode() + b"\n" + text.partition("\n")[2].encode()}
    checked = check(tmp_path, {**changed, "calendar_days.csv": (head + days).encode()})
    assert checked.exit_code == HELD
    assert "students.csv line 17: a quotation mark stands where none may" in sentences(checked)
    assert checked.tables["students"].num_rows == 17_999, "the quote swallowed other rows"
    survived(1, "bare quotes among 18,000 rows: the line named, the other rows read")


# Folders and archives


def test_links_are_not_followed(tmp_path: Path, survived: Says) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(PLAIN["students.csv"])
    folder = district.write(tmp_path / "files", {k: v for k, v in PLAIN.items() if k != "students.csv"})
    (folder / "students.csv").symlink_to(secret)
    checked = intake.check_delivery(tmp_path / "home", "csv", folder, today=district.morning_after(DAYS))
    assert checked.exit_code == UNREADABLE
    assert "no students.csv" in sentences(checked)
    survived(1, "links in a delivered folder: not followed")


def zipped(path: Path, entries: dict[str, bytes], **attributes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for key, value in attributes.items():
                setattr(entry, key, value)
            packed.writestr(entry, data)
    return path


ARCHIVES: dict[str, Callable[[Path], Path]] = {
    "another archive": lambda path: zipped(path, {"more.zip": b"x"}),
    "a name that climbs out": lambda path: zipped(path, {"../../students.csv": b"x"}),
    "a whole path": lambda path: zipped(path, {"/tmp/students.csv": b"x"}),  # noqa: S108
    "a name with a backslash": lambda path: zipped(path, {"..\\students.csv": b"x"}),
    "a link": lambda path: zipped(path, {"students.csv": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16),
    "a device": lambda path: zipped(path, {"students.csv": b""}, external_attr=(stat.S_IFCHR | 0o666) << 16),
    "201 files": lambda path: zipped(path, {f"{number}.csv": b"x" for number in range(201)}),
    "two files of one name": lambda path: zipped(path, {"Students.csv": b"x", "students.csv": b"y"}),
    "a bomb": lambda path: zipped(path, {"students.csv": bytes(30_000_000)}),
    "a bomb that lies about its size": lambda path: lying(zipped(path, {"students.csv": bytes(30_000_000)}), 1_000),
    "a bomb that says as little as is let through": lambda path: by_hand(path, [("a.csv", zeros(512), 40_000_000)]),
    "small files that share their bytes": lambda path: sharing(by_hand(path, [("a.csv", zeros(16), 1_000_000)]), 150),
}


def by_hand(path: Path, entries: list[tuple[str, bytes, int]]) -> Path:
    """An archive of deflated streams whose directory says what it is told: name, stream, size when unpacked."""
    body, directory = b"", b""
    for name, stream, says in entries:
        told = struct.pack("<HHHHHIIIH", 20, 0, 8, 0, 0x5921, 0, len(stream), says, len(name)) + b"\0\0"
        directory += struct.pack("<4sH", b"PK\1\2", 20) + told + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        directory += name.encode()
        body += b"PK\3\4" + told + name.encode() + stream
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path


def zeros(megabytes: int) -> bytes:
    """A deflated stream of zeros, a thousandth of their size: one piece packed once and written again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    piece = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * (megabytes // 16) + packer.flush()


def lying(path: Path, size: int) -> Path:
    """The same archive whose directory says another size."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", size % 2**32)
    path.write_bytes(bytes(data))
    return path


def sharing(path: Path, times: int) -> Path:
    """The same archive whose directory names its only file so many times."""
    data = path.read_bytes()
    at, end = data.rindex(b"PK\1\2"), data.rindex(b"PK\5\6")
    entry = data[at:end]
    named = b"".join(entry.replace(b"a.csv", b"%05d" % number) for number in range(times))
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, times, times, len(named), at, 0)
    path.write_bytes(data[:at] + named + tail)
    return path


@pytest.mark.parametrize("kind", list(ARCHIVES))
def test_archives_made_to_harm_are_refused(tmp_path: Path, kind: str, survived: Says) -> None:
    path = ARCHIVES[kind](tmp_path / "night.zip")
    before = sorted(tmp_path.rglob("*"))
    checked = intake.check_delivery(tmp_path / "home", "csv", path, today=district.morning_after(DAYS))
    assert checked.exit_code == UNREADABLE
    assert checked.why_held[0].startswith("night.zip cannot be unpacked: "), checked.why_held
    assert sorted(tmp_path.rglob("*")) == before, "something was written beside the archive"
    survived(1, "archives made to harm: refused, nothing written beside them")


# Memory, in a process of its own


MEASURE = r"""
import json, re, sys, time
from pathlib import Path
from allpresent import intake
from tests.faults import district
def most():  # the most memory since this program began; what its parent had does not count
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
district.check(Path(sys.argv[1]), Path(sys.argv[1]) / "warm", district.files(2), 2)
before = most()
began = time.monotonic()
path = Path(sys.argv[2])
checked = intake.check_delivery(Path(sys.argv[1]), "csv", path, today=district.morning_after(5))
after = most()
seconds = time.monotonic() - began
print(json.dumps([checked.exit_code, " ".join(checked.why_held), (after - before) // 1024, after // 1024, seconds]))
"""


def measured(home: Path, path: Path) -> tuple[int, str, int, int, float]:
    """Exit code, sentences, megabytes more than a small delivery took, megabytes in all, and seconds."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MEASURE, str(home), str(path)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    code, why, more, whole, seconds = json.loads(
        done.stdout.splitlines()[-1]
    )  # behind what the database says of long work
    return code, why, more, whole, seconds


TEN_GIGABYTES = {  # about ten million bytes each
    "told": lambda: [(f"{number}.csv", zeros(1024), 1 << 30) for number in range(10)],
    "hidden": lambda: [("a.csv", zeros(10_240), 990_000_000)],
}


@pytest.mark.parametrize("kind", list(TEN_GIGABYTES))
def test_a_bomb_of_ten_gigabytes_is_refused_at_once(tmp_path: Path, kind: str, survived: Says) -> None:
    path = by_hand(tmp_path / "night.zip", TEN_GIGABYTES[kind]())
    assert 9_000_000 < path.stat().st_size < 12_000_000
    code, why, more, _, seconds = measured(tmp_path / "home", path)
    assert (code, "grows more than 100 times" in why) == (UNREADABLE, True)
    assert more <= 50, f"{more} MB more"
    assert seconds < 2
    survived(1, "bombs of ten gigabytes: refused within 2 seconds and 50 MB")


def test_ten_million_rows_are_refused_by_their_line(tmp_path: Path, survived: Says) -> None:
    folder = district.write(tmp_path / "files", PLAIN)
    line = b"1000001,100,2026-09-01,1,A,absent,0,0,,day,,\n" if IS_LONG else b"1\n"
    with (folder / "attendance.csv").open("wb") as out:
        out.write(PLAIN["attendance.csv"].partition(b"\n")[0] + b"\n")
        for _ in range(100):
            out.write(line * 100_000)
    code, why, _, whole, _ = measured(tmp_path / "home", folder)
    assert code == UNREADABLE
    assert "attendance.csv line 4,000,001: more rows than a district has" in why
    assert whole <= 300, f"{whole} MB"
    survived(1, "files of ten million rows: refused by their line within 300 MB")


MANY = 900 if IS_LONG else 20  # megabytes of text


def quoted_in_part(out: IO[bytes], first: str = "") -> None:
    """Marks with a comment in quotes, as its commas ask for; or with a first word, and none in quotes."""
    comment, quote = "y," * 90 if not first else "y" * 180, "" if first else '"'
    out.write(f"{MARKS.splitlines()[0]}\n{FIRST_MARK},{first},day,,\n".encode())
    for number in range(MANY * 1_000_000 // 240):
        out.write(f"{FIRST_MARK},{quote}{number} {comment}{quote},day,,\n".encode())


def one_odd_letter(out: IO[bytes]) -> None:
    """Such a letter would make every other one four bytes wide."""
    quoted_in_part(out, "\U0001f600")


def long_fields(out: IO[bytes]) -> None:
    out.write(MARKS.splitlines()[0].encode() + b"\n")
    for _ in range(MANY // 20):
        out.write(f"{FIRST_MARK},{'A' * 20_000_000},day,,\n".encode())


def many_columns(out: IO[bytes]) -> None:
    """Two thousand columns nobody asked for, in as many lines as it takes to be too many cells."""
    more, lines = 1_900, MANY * 1_000_000 // 3_900
    out.write(MARKS.splitlines()[0].encode() + b"".join(b",c%d" % at for at in range(more)) + b"\n")
    for _ in range(lines):
        out.write(FIRST_MARK.encode() + b",,day,," + b",x" * more + b"\n")


FIRST_MARK = "1000001,100,2026-09-01,1,A,absent,0,0"
VAST = (long_fields, quoted_in_part, one_odd_letter, many_columns) if IS_LONG else (long_fields,)


@pytest.mark.parametrize("write", VAST, ids=lambda write: write.__name__)
def test_a_large_file_is_read_in_bounded_memory(
    write: Callable[[IO[bytes]], None], tmp_path: Path, survived: Says
) -> None:
    folder = district.write(tmp_path / "files", PLAIN)
    with (folder / "attendance.csv").open("wb") as out:
        write(out)
    code, why, more, _, _ = measured(tmp_path / "home", folder)
    assert code in (HELD, UNREADABLE)
    assert why.endswith(".")
    assert more <= 9 * MANY, f"{more} MB more for {MANY}"
    survived(1, f"files of {MANY} MB made to take memory: held or refused within nine times their size")


def test_more_cells_than_are_held_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: Says) -> None:
    assert splitting.MOST_CELLS == 25 * staging.MOST_LINES
    monkeypatch.setattr(splitting, "MOST_CELLS", 10_000)
    checked = check(tmp_path, students(widened(400)))
    assert checked.exit_code == UNREADABLE
    assert "students.csv has 73 lines of 403 columns; export only the columns that are read" in sentences(checked)
    survived(1, "files of more cells than are held: refused")


def test_a_file_of_more_bytes_than_are_held_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: Says
) -> None:
    assert staging.MOST_TEXT == 1_000_000_000
    monkeypatch.setattr(staging, "MOST_TEXT", 10_000)
    checked = check(tmp_path, {"attendance.csv": MARKS.encode() + b"x" * 10_000})
    assert "attendance.csv is larger than 10,000 bytes; deliver one school year" in sentences(checked)
    survived(1, "files of more text than is held: refused unread")


# Formulas in, formulas out


FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", " =1+1", "\u200b=1+1", "\uff1d1+1")


def with_formulas() -> dict[str, bytes | None]:
    out = io.StringIO()
    rows = list(csv.reader(io.StringIO(ROSTER)))
    for at, formula in enumerate(FORMULAS, start=1):
        rows[at][1] = formula
    csv.writer(out, lineterminator="\n").writerows(rows)
    return students(out.getvalue())


def test_formulas_leave_as_text_and_come_back_as_they_were(tmp_path: Path, survived: Says) -> None:
    checked = check(tmp_path, with_formulas())
    assert checked.exit_code == CLEAN
    names = [str(name) for name in checked.tables["students"]["full_name"].to_pylist()]
    for path in intake.export_canonical(checked, tmp_path / "out"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
            assert not any(is_formula(cell) for cell in row), (path.name, row)
    again = intake.check_delivery(tmp_path / "other", "csv", tmp_path / "out", today=district.morning_after(DAYS))
    assert [str(name) for name in again.tables["students"]["full_name"].to_pylist()] == names
    survived(len(FORMULAS), "formulas: out as text, and back as they were")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula, also behind blanks and signs nobody sees."""
    seen = cell.lstrip(" \t\r\n\0\u200b\u200c\u200d\ufeff\u00a0")
    return seen[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20") and not cell.startswith("'")


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_writer_disarms_formulas(formula: str) -> None:
    table = pa.table({"name": [formula]})
    written = io.BytesIO()
    write_csv(table, written)
    (row,) = list(csv.reader(io.StringIO(written.getvalue().decode())))[1:]
    cells = [row[0], reports_safe_cell(formula), str(web_safe_cell(formula)), disarmed(formula)]
    assert not [cell for cell in cells if is_formula(cell)]
    due = DueRow(**{field.name: formula if field.name == "student_id" else None for field in fields(DueRow)})
    assert not is_formula(str(_plain(due)[0]))


# Names as people's browsers see them


SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% load i18n %}",
    "'; DROP TABLE roster_student; --",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
)


@pytest.mark.django_db
def test_names_with_scripts_are_shown_as_text(signed_in: Callable[[str], Client], survived: Says) -> None:
    client, pages = signed_in("Alice"), ("", "days/")
    for name in SCRIPTS:
        Student.objects.filter(student_id=cast.student_id("Maya")).update(full_name=name)
        for page in pages:
            text = client.get(f"/students/{cast.student_id('Maya')}/{page}").content.decode()
            assert escape(name) in text, (name, page)
            if escape(name) != name:
                assert name not in text, (name, page)
    assert Student.objects.count() > 1
    survived(len(SCRIPTS) * len(pages), "pages with a script for a name: shown as text")
