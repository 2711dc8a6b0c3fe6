"""The reference pages are what the code says today, complete, and the documentation's links and commands hold."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from allpresent.cli import build_parser
from allpresent.intake.rules import RULES
from allpresent.ledger import STRIPS, TABLES
from allpresent.measures import STANDINGS_COLUMNS
from allpresent.measures.grouping import GROUP_FIGURES
from allpresent.policy import District, load_causes, load_state_pack
from tools.reference.command_line import usage, verbs
from tools.reference.settings import environment_names, key_in_file
from tools.write_reference import PAGES, REFERENCE, ROOT, written

DOCS = sorted(path for path in (ROOT / "docs").rglob("*.md"))
HAND_WRITTEN = [path for path in [*DOCS, *ROOT.glob("*.md")] if path.name not in PAGES]
COMMAND = re.compile(r"\.venv/bin/python -m allpresent ([^\n`]*)")


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_what_the_code_says(name: str) -> None:
    made = written(name)
    assert text_of(name) == made, f"docs/reference/{name} has drifted; run `python tools/write_reference.py`"
    assert written(name) == made


def test_every_page_of_the_reference_is_written_from_the_code() -> None:
    by_another_test = {"states.md"}  # tests of the casework room hold it
    assert {path.name for path in REFERENCE.glob("*.md")} == set(PAGES) | by_another_test


def test_every_verb_and_argument_of_the_parser_is_described() -> None:
    page, held = text_of("command-line.md"), list(verbs())
    assert len(held) >= 15
    for verb in held:
        section = page.split(f"## allpresent {verb.name}\n")[1].split("\n## ")[0]
        assert f"    {usage(verb)}\n" in section
        for action in verb.arguments:
            assert f"`{(action.option_strings or [action.metavar])[-1]}`" in section, f"{verb.name}: {action.dest}"


def test_every_column_of_standings_and_groups_has_a_meaning() -> None:
    page = text_of("command-line.md")
    standings = page.split("### `measure standings`")[1].split("### ")[0]
    groups = page.split("### `measure groups`")[1].split("### ")[0]
    assert re.findall(r"^\| `(\w+)`", standings, re.MULTILINE) == list(STANDINGS_COLUMNS)
    assert re.findall(r"^\| `(\w+)`", groups, re.MULTILINE) == list(GROUP_FIGURES)


def test_every_setting_stands_on_the_page_and_in_the_commented_file() -> None:
    page = text_of("settings.md")
    example = page.split("```yaml")[1]
    for field in fields(District):
        key = key_in_file(field.name)
        assert f"| `{key}` |" in page
        assert re.search(rf"^[ #]*{key.split('.')[-1]}:", example, re.MULTILINE), f"{key} is not in district.yaml"


def test_every_name_read_from_the_environment_has_a_meaning() -> None:
    page = text_of("settings.md")
    assert {"ALLPRESENT_HOME", "DATABASE_URL"} <= set(environment_names())
    assert all(f"| `{name}` |" in page for name in environment_names())


def test_every_table_column_strip_and_rule_is_listed() -> None:
    page = text_of("tables.md")
    for name, kind in TABLES.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == list(kind.columns)
    assert all(f"| `{name}` |" in page for name in STRIPS)
    assert all(f"| `{rule}` |" in text_of("deliveries.md") for rule in RULES)


def test_every_cause_and_state_parameter_is_listed() -> None:
    causes = [cause for family in load_causes() for cause in family.causes]
    assert len(causes) == 24
    assert all(f"| `{cause.key}` |" in text_of("causes.md") for cause in causes)
    pack = load_state_pack("ct")
    assert all(f"| `{name}` " in text_of("state-ct.md") for name in pack.parameters)
    unconfirmed = sum(not value.is_confirmed for one in pack.parameters.values() for value in one.values)
    assert text_of("state-ct.md").count("| unconfirmed |") == unconfirmed > 0


def links_of(path: Path) -> list[str]:
    """Links of a page that lead to a file of the repository."""
    found = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    return [link for link in found if "://" not in link]


@pytest.mark.parametrize("path", [*DOCS, *ROOT.glob("*.md")], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    missing = [link for link in links_of(path) if not (path.parent / link).exists()]
    assert not missing


def commands_of(path: Path) -> list[str]:
    """Commands a page tells the reader to type, without redirections and with placeholders as they stand."""
    return [re.split(r"\s[>|<&]", found)[0].strip() for found in COMMAND.findall(path.read_text("utf-8"))]


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_in_the_documentation_is_understood(path: Path) -> None:
    for command in commands_of(path):
        words = shlex.split(command)
        if words and words != ["--help"]:
            build_parser().parse_args(words)  # leaves with exit code 2 on a command it does not know


def test_the_documentation_shows_commands_at_all() -> None:
    assert sum(len(commands_of(path)) for path in HAND_WRITTEN) >= 20
