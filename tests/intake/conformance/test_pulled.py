"""The district of the suite from interfaces and interchanges: the same facts as from the files of each format."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from allpresent import intake
from allpresent.policy import load_district
from tests.intake.conformance import edfi, powerschool
from tests.intake.conformance.facts import FACTS, TODAY
from tests.intake.conformance.shapes import Shape, Sheet
from tests.intake.conformance.test_conformance import check, expected, told
from tests.intake.edfi_files import as_xml
from tests.intake.edfi_server import KEY, SECRET, Api, serving
from tests.intake.powerschool_server import from_export


def _objects() -> dict[str, list[Any]]:
    return {name.removesuffix(".jsonl"): list(lines.rows) for name, lines in edfi.write(FACTS).items()}


def _ods() -> Api:
    api = Api()
    for resource, rows in _objects().items():
        api.put(resource, *rows)
    return api


def _powerschool() -> Api:
    """The tables of the schema; those with fields of more than one, or a district's own, by PowerQueries."""
    sheets = {name.rpartition(".")[0]: sheet for name, sheet in powerschool.write(FACTS).items()}
    api = from_export({name: sheet.text() for name, sheet in sheets.items() if isinstance(sheet, Sheet)})
    for name in QUERIED:
        rows = [{key: value for key, value in row.items() if key != "_at"} for row in api.resources[name]]
        api.queries[f"org.example.{name}"] = rows
    return api


@contextmanager
def _home(folder: Path, api: Api, source: str, more: str = "") -> Iterator[Path]:
    """A home whose only source is the interface."""
    home = folder / "home"
    home.mkdir()
    with serving(api):
        pull = f"{{url: '{api.url}'{more}}}"
        (home / "district.yaml").write_text(f"sources: [{{name: sis, source: {source}, folder: drop, pull: {pull}}}]\n")
        yield home


QUERIED = ("contacts", "attendance_code", "attendance_taken", "sections", "students")
QUERIES = f", queries: {{{', '.join(f'{name}: org.example.{name}' for name in QUERIED)}}}"


@pytest.mark.parametrize(
    ("shape", "api", "more"),
    [(edfi.SHAPE, _ods, ""), (powerschool.SHAPE, _powerschool, QUERIES)],
    ids=["edfi", "powerschool"],
)
def test_what_is_pulled_is_the_district(tmp_path: Path, shape: Shape, api: Any, more: str) -> None:
    keys = {"ALLPRESENT_PULL_KEY_SIS": KEY, "ALLPRESENT_PULL_SECRET_SIS": SECRET}
    with _home(tmp_path, api(), shape.source, more) as home:
        manifest = intake.pull_source(home, load_district(home), "sis", keys, today=TODAY)
    assert manifest.why_partial == []
    checked = intake.check_delivery(home, shape.source, home / "drop", today=TODAY)
    assert (checked.exit_code, checked.why_held) == (0, [])
    assert told(checked.tables, shape) == expected(shape)
    rows = {one.file: one.rows for one in manifest.files}
    assert {count.file: count.rows_read for count in checked.counts} == {name: rows[name] for name in rows}


def test_an_interchange_is_the_district(tmp_path: Path) -> None:
    checked = check(tmp_path, edfi.SHAPE, as_xml(_objects()))
    assert (checked.exit_code, checked.why_held) == (0, [])
    assert told(checked.tables, edfi.SHAPE) == expected(edfi.SHAPE)
