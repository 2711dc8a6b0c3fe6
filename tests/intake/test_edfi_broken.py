"""Ed-Fi files with bytes taken out, put in and cut off: rows or a sentence, and never anything else.

``ALLPRESENT_EXAMPLES`` sets how many are drawn.
"""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpresent.intake import staging
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sources import default_mapping
from allpresent.intake.sources.edfi.jsonfiles import json_rows
from allpresent.intake.sources.edfi.staging import Objects
from allpresent.intake.sources.edfi.xmlfiles import named_elements, xml_rows
from tests.intake.edfi_files import as_arrays, as_lines, as_xml, district

EXAMPLES = int(os.environ.get("ALLPRESENT_EXAMPLES", "60"))
JUNK = [
    *(b"\0", b"\xff", b"<", b">", b"&", b'"', b"{", b"}", b"[", b"]", b",", b"\n", b"\\ud800", b"\\u0000", b"NaN"),
    *(b"<!DOCTYPE a>", b"<?x?>", b"<!--", b"]]>", b' ref="a"', b"1e999", b"\xef\xbb\xbf", b"<CodeValue>", b"</School>"),
]


@cache
def whole() -> dict[str, bytes]:
    """A file of each form."""
    rows = district()
    return {
        "a.xml": as_xml(rows)["Interchange-All.xml"].replace("<Student><", '<Student id="a"><').encode(),
        "a.jsonl": as_lines(rows)["studentSchoolAttendanceEvents.jsonl"].encode(),
        "a.json": as_arrays(rows, 1)["contacts.json"].encode(),
    }


@cache
def labels() -> list[str]:
    """Every path of the shipped mapping."""
    return sorted({label for table in default_mapping("edfi").tables.values() for label in table.columns.values()})


CHANGES = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 30), st.sampled_from([b"", *JUNK])), min_size=1, max_size=4
)


def test_a_broken_file_is_rows_or_a_sentence(survived: Callable[[int, str], None]) -> None:
    told: list[bool] = []

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.sampled_from(sorted(whole())), CHANGES, st.none() | st.integers(0, 1 << 20))
    def broken(name: str, changes: list[tuple[int, int, bytes]], cut: int | None) -> None:
        data = whole()[name]
        for at, without, junk in changes:
            at %= len(data) + 1
            data = data[:at] + junk + data[at + without :]
        told.append(is_refused(name, data if cut is None else data[: cut % (len(data) + 1)]))

    broken()
    survived(len(told), f"broken Ed-Fi files: {sum(told)} refused in a sentence, the others read row by row")


def is_refused(name: str, data: bytes) -> bool:
    """Whether a file is refused; one that is not has every row accounted for."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        objects, refused = Objects(name, labels()), ""
        try:
            if name == "a.xml":
                rows = [(line, row) for _, line, row in xml_rows(path, name, named_elements([path]))]
            else:
                rows = list(json_rows(path, name))
        except RefusedFileError as error:
            rows, refused = [], str(error)
        assert not refused or refused.startswith(name)
        for line, row in rows:
            objects.add(line, row)
        table = objects.table()
        assert table.num_rows + len(objects.broken_rows()) == len(rows)
        assert len(set(table["line_no"].to_pylist())) == table.num_rows
        return bool(refused)


@pytest.mark.parametrize("name", sorted(whole()))
def test_more_rows_than_a_district_has_are_refused_by_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert staging.MOST_LINES == 4_000_000
    monkeypatch.setattr(staging, "MOST_LINES", 1)
    path = tmp_path / name
    path.write_bytes(whole()[name])
    rows = json_rows(path, name) if "json" in name else ((at, row) for _, at, row in xml_rows(path, name, {}))
    objects, (first, second, *_) = Objects(name, labels()), rows
    objects.add(*first)
    with pytest.raises(RefusedFileError, match=rf"{name} line {second[0]}: more rows than a district has"):
        objects.add(*second)
