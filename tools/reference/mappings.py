"""Writes the part of docs/reference/sources.md on the mappings of ``csv`` that are shipped, from those files."""

from pathlib import Path

from allpresent.intake.canonical import CANONICAL
from allpresent.intake.mapping import SHIPPED, Mapping, load_mapping
from allpresent.intake.mapping_tables import LookupOptions, TableOptions
from tools.reference.facts import MEANINGS
from tools.reference.markdown import code, table


def shipped_mappings() -> str:
    """Every mapping over ``csv``: its own words, and what it reads of each file."""
    read = {path: load_mapping(path) for path in sorted(SHIPPED.glob("*.yaml"))}
    parts = [_mapping(path, mapping) for path, mapping in read.items() if mapping.source == "csv"]
    return "\n\n".join(
        [
            "## Mappings over the source `csv`",
            "Exports of other systems, read by the mappings of these names. A district's own mapping may begin with "
            "one of them and say only what differs: [Write a mapping](../how-to/write-a-mapping.md).",
            *parts,
        ]
    )


def _mapping(path: Path, mapping: Mapping) -> str:
    parts = [f"### Mapping `{path.stem}`", _top(path)]
    parts += [_table(name, options, mapping) for name, options in mapping.tables.items()]
    parts += [_lookup(one) for one in _of_own_files(mapping)]
    beside = ", ".join(code(f"{name}.csv") for name in CANONICAL if name not in mapping.tables)
    unread = "No other column of these files is read."
    return "\n\n".join([*parts, f"{unread} What the mapping does not name comes as canonical files: {beside}."])


def _top(path: Path) -> str:
    """The words at the top of the file; an indented line is a command."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.removeprefix("#")
        lines.append(f"\n```\n{text.strip()}\n```\n\n" if text.startswith("   ") else f"{text.strip()}\n")
    return "".join(lines).strip()


def _table(name: str, options: TableOptions, mapping: Mapping) -> str:
    files = ", ".join(code(pattern) for pattern in options.file)
    rows = [
        (code(label), "needed" if label in options.must else "", _read_as(label, options, mapping))
        for label in options.labels
    ]
    fixed = ", ".join(f"{code(ours)} is {code(text)}" for ours, text in options.constants.items())
    kept = f"Rows are kept where {code(options.keep)}." if options.keep else ""
    always = f"In every row {fixed}." if fixed else ""
    told = " ".join(filter(None, [f"Becomes {code(name)}. Files {files}.", always, kept]))
    return f"{told}\n\n{table(('column', '', 'read as'), rows)}"


def _read_as(label: str, options: TableOptions, mapping: Mapping) -> str:
    """What a column of theirs tells: values of ours, parts of them, keys of other files, or which reading holds."""
    told = [ours for ours, theirs in options.columns.items() if label in theirs.split("|")]
    told += [ours for part in options.parts for ours, theirs in part.columns.items() if label in theirs.split("|")]
    words = [MEANINGS[ours] for ours in dict.fromkeys(told)]
    words += [f"part of {MEANINGS[ours]}" for ours, several in options.joined.items() if label in several]
    of_lines = {ours: {one for line in several for one in line} for ours, several in options.lines.items()}
    words += [f"part of {MEANINGS[ours]}" for ours, several in of_lines.items() if label in several]
    keys: dict[str, list[str]] = {}
    for ours, one in options.found.items():
        if label in one.by:
            keys.setdefault(" or ".join(map(code, mapping.lookups[one.lookup].file)), []).append(MEANINGS[ours])
    words += [f"key of {files}, which has {' and '.join(found)}" for files, found in keys.items()]
    return "; ".join(words) or "decides how the row is read"


def _of_own_files(mapping: Mapping) -> list[tuple[LookupOptions, list[str]]]:
    """The files that translate keys, each once, with all that is read from it."""
    gives: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[LookupOptions, list[str]]] = {}
    for one in mapping.lookups.values():
        gives.setdefault((one.file, one.match), (one, []))[1].append(one.give)
    return list(gives.values())


def _lookup(one: tuple[LookupOptions, list[str]]) -> str:
    options, gives = one
    files, keys, read = (", ".join(map(code, several)) for several in (options.file, options.match, gives))
    return f"Read to understand the others: files {files}, by {keys}; gives {read}."
