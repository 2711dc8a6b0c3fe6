"""Rows of a bulk interchange: its elements as plain objects, shaped like those of the API.

Namespaces differ by version and are left aside. ``StudentIdentity`` and other wrappers are opened, a ``CodeValue`` of
2.x is its value, and a reference that names an ``id`` (``ref="STU_1"``) gets the keys of what it names.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from allpresent.intake.rules import RefusedFileError

_WRAPPERS = ("attendanceevent", "name", "birthdata")
# What a reference may need of the element it names.
_KEYS = frozenset(
    {
        *("studentuniqueid", "staffuniqueid", "parentuniqueid", "contactuniqueid", "schoolid", "calendarcode"),
        *("sectionidentifier", "localcoursecode", "sessionname", "schoolyear", "courseofferingreference"),
        *("schoolreference", "sessionreference", "calendarreference", "studentreference", "classperiodname", "date"),
    }
)
# References that rows are read through. Others (a graduation plan, a location) may name what is not delivered.
_FOLLOWED = frozenset(
    f"{name}reference"
    for name in (
        *("student", "school", "section", "courseoffering", "session", "calendar", "calendardate", "classperiod"),
        *("staff", "contact", "parent"),
    )
)
_DEEPEST = 8  # references that name references
Named = dict[str, dict[str, Any]]  # by id, the keys of an element


def named_elements(paths: Iterable[Path]) -> dict[Path, Named]:
    """The keys of every element with an id, by file; empty where no file refers to one."""
    files = list(paths)
    if not any(map(_has_references, files)):
        return {}
    found: dict[Path, Named] = {}
    for path in files:
        try:
            found[path] = {
                element.get("id"): keys
                for element, _ in _elements(path, path.name, has_all=True)
                if element.get("id") and isinstance(keys := _plain(element), dict)
            }
        except RefusedFileError:
            found[path] = {}  # said when its rows are read
    return {path: {id_: _only_keys(keys) for id_, keys in named.items()} for path, named in found.items()}


def xml_rows(path: Path, name: str, named: dict[Path, Named]) -> Iterator[tuple[str, int, dict[str, Any] | str]]:
    """(element, line, row), or why it is no row. Raises RefusedFileError when the file cannot be read to its end."""
    everywhere = {id_: keys for one in named.values() for id_, keys in one.items()}
    known = everywhere | named.get(path, {})
    for element, line_no in _elements(path, name):
        value = _plain(element)
        missing: list[str] = []
        row = _resolved(value, known, missing) if isinstance(value, dict) else {}
        kind = element.tag.rpartition("}")[2]
        yield kind, line_no, f"its reference {missing[0]} names nothing in the delivery" if missing else row


def _has_references(path: Path) -> bool:
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if b' ref="' in tail + piece or b" ref='" in tail + piece:
                return True
            tail = piece[-8:]
    return False


def _elements(path: Path, name: str, *, has_all: bool = False) -> Iterator[tuple[Any, int]]:
    """Every element below the root, or every element at any depth, with its line; memory holds one at a time."""
    try:
        with path.open("rb") as file:
            root: Any = None
            for _, element in etree.iterparse(
                file, events=("end",), resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
            ):
                if root is None:
                    root = element.getroottree().getroot()
                    _check_root(root, name)
                is_row = element.getparent() is root
                if is_row or (has_all and element is not root):
                    yield element, element.sourceline or 0
                if is_row:
                    element.clear()
                    while element.getprevious() is not None:
                        del root[0]
    except etree.XMLSyntaxError as error:
        line_no = error.lineno or 1
        message = f"{name} line {line_no:,} is no well-formed XML, or was cut short; export it again."
        raise RefusedFileError(message, line_no=line_no) from error


def _check_root(root: Any, name: str) -> None:
    if root.getroottree().docinfo.doctype:
        raise RefusedFileError(f"{name} declares a document type, which no interchange needs; export it without.")
    if not etree.QName(root).localname.startswith("Interchange"):
        raise RefusedFileError(f"{name} is no Ed-Fi interchange; deliver the XML files of a bulk export.", "Q01")


@cache
def _label(tag: str) -> tuple[str, bool]:
    """The name of an element without its namespace, in small letters, and whether it only wraps others."""
    name = tag.rpartition("}")[2].casefold()
    return name, name.endswith("identity") or name in _WRAPPERS


def _plain(element: Any) -> dict[str, Any] | str | None:
    """An element as an object with small names, or as its text when it has no parts."""
    made: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str):  # a comment
            continue
        label, is_wrapper = _label(child.tag)
        value = _plain(child)
        if is_wrapper and isinstance(value, dict):
            made |= value
        else:
            made[label] = [*_listed(made[label]), value] if label in made else value
    if not made:
        ref = element.get("ref")
        text: str | None = element.text
        return {"@ref": ref} if ref else text
    if len(made) == 1 and "codevalue" in made:
        code: str | None = made["codevalue"]
        return code
    return made


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _only_keys(value: Any) -> Any:
    """What identifies an element, and nothing else of it."""
    if not isinstance(value, dict):
        return value
    return {name: _only_keys(part) for name, part in value.items() if name in _KEYS or name == "@ref"}


def _resolved(value: Any, known: Named, missing: list[str], label: str = "", depth: int = 0) -> Any:
    """The object with every reference by id put in as keys; those read through that name nothing go to ``missing``."""
    if isinstance(value, list):
        return [_resolved(part, known, missing, label, depth) for part in value]
    if not isinstance(value, dict):
        return value
    ref = value.get("@ref")
    if ref is None:
        return {name: _resolved(part, known, missing, name, depth) for name, part in value.items()}
    if ref in known and depth <= _DEEPEST:
        return _resolved(known[ref], known, missing, label, depth + 1)
    if label in _FOLLOWED:
        missing.append(str(ref))
    return {}
