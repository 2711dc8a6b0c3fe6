"""What sources say of themselves is whole: tables the mapping finds, columns with labels, rules that are ones."""

import pytest

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
