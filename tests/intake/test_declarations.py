"""What sources say of themselves is whole: tables the mapping finds, columns with labels, rules that are ones."""

import re
from pathlib import Path

import pytest

from allpresent.intake import published
from allpresent.intake.published import declaration
from allpresent.intake.published.layouts import shipped_layouts
from allpresent.intake.rules import RULES
from allpresent.intake.sources import SOURCES, default_mapping
from allpresent.ledger import TABLES


@pytest.mark.parametrize("name", SOURCES)
def test_declaration_and_mapping_fit_each_other(name: str) -> None:
    declaration, mapping = SOURCES[name].declaration, default_mapping(name)
    assert (declaration.name, len(declaration.named)) == (name, len(declaration.tables))
    assert set(declaration.rules) <= set(RULES)
    for table in declaration.tables:
        options = mapping.tables[table.name]
        assert options.file, table.name
        assert set(table.makes) <= set(TABLES)
        asked = table.asked_for(mapping)
        unlabelled = [ours for ours in table.needed if not {ours} & {*options.columns, *options.constants, *asked}]
        assert not unlabelled, table.name
        assert table.makes or table.is_lookup, f"{table.name} is read for nothing"
    unread = [one for one, options in mapping.tables.items() if one not in declaration.named and options.columns]
    assert not unread


@pytest.mark.parametrize("name", SOURCES)
def test_no_column_is_both_read_and_ignored(name: str) -> None:
    mapping = default_mapping(name)
    for table in SOURCES[name].declaration.tables:
        options = mapping.tables[table.name]
        labels = [*options.labels, *table.asked_for(mapping).values()]
        read = {one.casefold() for label in labels for one in label.split("|")}
        assert not read & {label.casefold() for label in table.ignored}, table.name


@pytest.mark.parametrize("name", SOURCES)
def test_every_table_of_people_drops_secrets(name: str) -> None:
    of_people = {"students", "staff", "contacts"}
    for table in SOURCES[name].declaration.tables:
        names = {column.name for column in table.columns} & {"first_name", "last_name", "full_name", "birth_date"}
        assert table.has_people or not (of_people & set(table.makes) and names), table.name


def test_published_figures_declare_every_rule_they_find_and_every_column_they_read() -> None:
    """The page of sources lists them: a rule that is found and not declared would stand nowhere."""
    room = [path for path in Path(published.__path__[0]).glob("*.py") if path.name != "declaration.py"]
    found = {rule for path in room for rule in re.findall(r'"([A-Z]\d\d)"', path.read_text("utf-8"))}
    assert found <= set(declaration.RULES) <= set(RULES)
    page = (Path(__file__).parents[2] / "docs" / "reference" / "sources.md").read_text("utf-8")
    section = page.partition("## Source `aggregates`")[2]
    for rule in declaration.RULES:
        assert f"| `{rule}` |" in section
    for name, layout in shipped_layouts().items():
        told = section.partition(f"### Layout `{name}`")[2].partition("\n### ")[0]
        assert all(f"| `{ours}` | `" in told for ours in layout.columns), name
        assert all(f"`{mark}`" in told for mark in layout.marks), name
