"""Rows of a JSON file: one object a line, or one array of objects, read piece by piece."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sources.edfi.paths import small

LONGEST_ROW = 8_000_000  # bytes
_PIECE = 1 << 20
_BLANK = " \t\r\n"
_LINES = (".jsonl", ".ndjson")


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _small_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {small(name): value for name, value in pairs}


# Numbers stay the text they are: nothing is rounded. Names are small, as paths have them.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=_small_names)


def json_rows(path: Path, name: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, row), or (line, why it is no row). Raises RefusedFileError when the rest cannot be read.

    A resource without rows is an empty file of JSON lines, so only a file meant as one document must not be empty.
    """
    with path.open("rb") as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        if path.suffix.casefold() in _LINES:
            yield from _lines(file)
            return
        start = file.tell()
        first = file.read(_PIECE).lstrip(_BLANK.encode())
        if not first:
            raise RefusedFileError(f"{name} is empty; export it again, or leave it out if it is optional.")
        file.seek(start)
        yield from _array(file, name) if first.startswith(b"[") else _lines(file)


def _lines(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any] | str]]:
    line_no = 0
    while line := file.readline(LONGEST_ROW):
        line_no += 1
        if len(line) == LONGEST_ROW and not line.endswith(b"\n"):
            yield line_no, f"it is longer than {LONGEST_ROW:,} bytes"
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_ROW)
        elif line.strip():
            yield line_no, _row(line)


def _row(line: bytes) -> dict[str, Any] | str:
    try:
        value = _DECODER.decode(line.decode())
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except (ValueError, RecursionError):
        return "it is no JSON, or was cut short"
    return value if isinstance(value, dict) else "it holds no object"


class _Reader:
    """The text of an array, of which only what is not read yet is kept."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text, self.at, self.line_no, self.is_over = "", 0, 1, False

    def more(self) -> None:
        """Read on, forgetting what lies behind."""
        piece = self._file.read(max(_PIECE, len(self.text) - self.at))
        self.is_over = not piece
        try:
            self.text = self.text[self.at :] + self._decoder.decode(piece, final=self.is_over)
        except UnicodeDecodeError as error:
            raise self.refused("is not UTF-8") from error
        self.at = 0

    def next(self) -> str:
        """The next character that says something, '' at the end; moves to it."""
        while True:
            while self.at < len(self.text):
                if self.text[self.at] not in _BLANK:
                    return self.text[self.at]
                self.line_no += self.text[self.at] == "\n"
                self.at += 1
            if self.is_over:
                return ""
            self.more()

    def value(self) -> Any:
        """The value that begins here."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError as error:
                raise self.refused("is nested too deeply") from error
            except ValueError as error:
                if self.is_over or len(self.text) - self.at > LONGEST_ROW:
                    raise self.refused("is no JSON, or was cut short") from error
                self.more()
                continue
            self.line_no += self.text.count("\n", self.at, end)
            self.at = end
            return value

    def refused(self, why: str) -> RefusedFileError:
        """Why the file cannot be read on."""
        return RefusedFileError(f"{self._name} line {self.line_no:,} {why}; export it again.", line_no=self.line_no)


def _array(file: BinaryIO, name: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    reader = _Reader(file, name)
    reader.next()
    reader.at += 1
    if reader.next() == "]":
        return
    while True:
        reader.next()
        line_no = reader.line_no
        value = reader.value()
        yield line_no, value if isinstance(value, dict) else "it holds no object"
        mark = reader.next()
        if mark not in (",", "]"):
            raise reader.refused("is no JSON, or was cut short")
        reader.at += 1
        if mark == "]":
            break
    if reader.next():
        raise reader.refused("goes on after the end of its list")
