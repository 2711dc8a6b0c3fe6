"""The house keeps its own rules: rooms, imports, names, the map, and no addresses where none belong."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = sorted(path.parent.name for path in (ROOT / "allpresent").glob("*/__init__.py"))
SOURCES = sorted(path for path in (ROOT / "allpresent").rglob("*.py") if "migrations" not in path.parts)


def imports(path: Path) -> set[str]:
    """Every module a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "allpresent").parts[0].removesuffix(".py")


def importers(package: str) -> set[str]:
    """The rooms in which some file imports a package."""
    return {room_of(path) for path in SOURCES if any(name.split(".")[0] == package for name in imports(path))}


def test_the_map_names_every_room_and_no_other():
    text = (ROOT / "HOUSE.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.M)) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_and_shows_few_names(room):
    tree = ast.parse((ROOT / "allpresent" / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{room} does not say what it holds"
    shown = [node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"]
    for node in shown:
        assert len(node.value.elts) <= 24, f"{room} shows more than a reader can hold"


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("duckdb", {"in_memory", "intake", "ledger"}),
        ("yaml", {"policy"}),
        ("typst", {"reports"}),
        ("xlsxwriter", {"reports"}),
        ("lxml", {"intake"}),
        ("python_calamine", {"intake"}),
        ("pyspark", {"engines"}),
    ],
)
def test_a_library_stays_in_its_rooms(package, rooms):
    assert importers(package) <= rooms


def test_only_sources_speak_to_other_systems():
    speaking = [path for path in SOURCES if {name.split(".")[0] for name in imports(path)} & {"httpx", "requests"}]
    assert {path.relative_to(ROOT / "allpresent").parts[:2] for path in speaking} == {("intake", "sources")}


@pytest.mark.parametrize("room", ["policy", "intake", "ledger", "measures", "protocol", "reports", "demo"])
def test_rooms_of_facts_and_policy_know_no_django(room):
    paths = [path for path in SOURCES if room_of(path) == room]
    assert not [str(path) for path in paths if any(name.split(".")[0] == "django" for name in imports(path))]


def test_the_ledger_is_opened_by_three_rooms_only():
    rooms = {room_of(path) for path in SOURCES if any(name.startswith("allpresent.ledger") for name in imports(path))}
    assert rooms - {"ledger"} <= {"intake", "measures", "roster", "cli"}


# A session's age and the moment of a sign-in are the machine's own: nobody could pass them in.
OWN_CLOCK = {"access/sessions.py", "access/middleware.py"}


def test_nothing_below_the_pages_asks_what_day_it_is():
    asking = re.compile(r"\b(date\.today|datetime\.now|timezone\.now|time\.time)\(")
    found = {
        path.relative_to(ROOT / "allpresent").as_posix()
        for path in SOURCES
        if room_of(path) not in {"web", "cli", "config"} and asking.search(path.read_text(encoding="utf-8"))
    }
    assert found <= OWN_CLOCK


def test_no_committed_file_names_a_package_index_or_a_machine_path():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in filter(None, listed):
        path = ROOT / name
        if name.startswith("requirements") and path.exists():
            assert "://" not in path.read_text(encoding="utf-8"), name
        assert name != "uv.lock"
