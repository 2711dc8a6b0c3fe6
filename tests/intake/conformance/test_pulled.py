"""The district of the suite from interfaces and interchanges: the same facts as from the files of each format."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from allpresent import intake
from allpresent.intake import Checked
from allpresent.policy import load_district
from tests.intake.conformance import edfi, powerschool
from tests.intake.conformance.dirt import STAY, dirty
from tests.intake.conformance.facts import FACTS, TODAY
from tests.intake.conformance.shapes import File, Shape, Sheet
from tests.intake.conformance.test_conformance import assert_no_day_counts_for, check, expected, told
from tests.intake.edfi_files import as_xml
from tests.intake.edfi_server import KEY, SECRET, Api, serving
from tests.intake.powerschool_server import from_export


def _objects(files: Mapping[str, File]) -> dict[str, list[Any]]:
    return {name.removesuffix(".jsonl"): list(lines.rows) for name, lines in files.items()}


def _ods(files: Mapping[str, File]) -> Api:
    api = Api()
    for resource, rows in _objects(files).items():
        api.put(resource, *rows)
    return api


def _powerschool(files: Mapping[str, File]) -> Api:
    """The tables of the schema; those with fields of more than one, or a district's own, by PowerQueries."""
    sheets = {name.rpartition(".")[0]: sheet for name, sheet in files.items()}
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


PULLED = {"edfi": (edfi.SHAPE, _ods, ""), "powerschool": (powerschool.SHAPE, _powerschool, QUERIES)}


def sources(*names: str) -> pytest.MarkDecorator:
    """The sources that are pulled, or those of these names."""
    chosen = names or tuple(PULLED)
    return pytest.mark.parametrize(("shape", "api", "more"), [PULLED[name] for name in chosen], ids=chosen)


def pulled(folder: Path, shape: Shape, api: Api, more: str) -> tuple[Checked, dict[str, int]]:
    """What the checks say of files an interface was asked for, and how many rows each of them has."""
    keys = {"ALLPRESENT_PULL_KEY_SIS": KEY, "ALLPRESENT_PULL_SECRET_SIS": SECRET}
    with _home(folder, api, shape.source, more) as home:
        manifest = intake.pull_source(home, load_district(home), "sis", keys, today=TODAY)
    assert manifest.why_partial == []
    checked = intake.check_delivery(home, shape.source, home / "drop", today=TODAY)
    return checked, {one.file: one.rows for one in manifest.files}


@sources()
def test_what_is_pulled_is_the_district(tmp_path: Path, shape: Shape, api: Any, more: str) -> None:
    checked, rows = pulled(tmp_path, shape, api(shape.write(FACTS)), more)
    assert (checked.exit_code, checked.why_held) == (0, [])
    assert told(checked.tables, shape) == expected(shape)
    assert {count.file: count.rows_read for count in checked.counts} == {name: rows[name] for name in rows}


# A row that is none breaks an answer or an interchange as a whole; a secret nobody asks for is not sent.
WITHOUT = ("R01", "S01")


# In the gate one interface stands for both; the files of the other are tried there too.
@sources(*([] if "ALLPRESENT_EXAMPLES" in os.environ else ["powerschool"]))
def test_dirt_that_is_pulled_is_found_by_its_rule(tmp_path: Path, shape: Shape, api: Any, more: str) -> None:
    files, wanted = dirty(shape, WITHOUT)
    checked, _ = pulled(tmp_path, shape, api(files), more)
    assert_dirt(checked, shape, {(rule, severity, Path(file).stem) for rule, severity, file, _ in wanted}, len(wanted))


def assert_dirt(checked: Checked, shape: Shape, wanted: set[tuple[str, str, str]], count: int) -> None:
    """So many rows are found by these rules in these files and no others, and no other row changes."""
    rows = [f for f in checked.findings if f.line is not None and f.rule in {rule for rule, *_ in wanted}]
    assert {(f.rule, f.severity, Path(f.file).stem) for f in rows} == wanted
    assert len({(f.file, f.line) for f in rows}) == count
    aside = {(f.file, f.line) for f in rows if f.rule in STAY}
    assert told(checked.tables, shape, aside) == expected(shape)
    assert_no_day_counts_for(aside, checked)


def test_an_interchange_is_the_district(tmp_path: Path) -> None:
    checked = check(tmp_path, edfi.SHAPE, as_xml(_objects(edfi.write(FACTS))))
    assert (checked.exit_code, checked.why_held) == (0, [])
    assert told(checked.tables, edfi.SHAPE) == expected(edfi.SHAPE)


def test_dirt_in_an_interchange_is_found_by_its_rule(tmp_path: Path) -> None:
    files, wanted = dirty(edfi.SHAPE, WITHOUT)
    checked = check(tmp_path, edfi.SHAPE, as_xml(_objects(files)))
    assert_dirt(
        checked, edfi.SHAPE, {(rule, severity, "Interchange-All") for rule, severity, *_ in wanted}, len(wanted)
    )
