"""Rows of a bulk interchange: its elements as plain objects, shaped like those of the API.

Namespaces differ by version and are left aside. ``StudentIdentity`` and other wrappers are opened, a ``CodeValue`` of
2.x is its value, and a reference that names an ``id`` (``ref="STU_1"``) gets the keys of what it names.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from allpresent.intake.rules import RefusedFileError

_WRAPPERS = ("AttendanceEvent", "Name", "BirthData")
# What a reference may need of the element it names.
_KEYS = frozenset(
    {
        *("studentUniqueId", "staffUniqueId", "parentUniqueId", "contactUniqueId", "schoolId", "calendarCode"),
        *("sectionIdentifier", "localCourseCode", "sessionName", "schoolYear", "courseOfferingReference"),
        *("schoolReference", "sessionReference", "calendarReference", "studentReference"),
    }
)
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
        kind = etree.QName(element).localname
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
            depth = 0
            for event, element in etree.iterparse(
                file, events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
            ):
                if event == "start":
                    depth += 1
                    if root is None:
                        root = element
                        _check_root(root, name)
                    continue
                depth -= 1
                if depth == 1 or (has_all and depth > 1):
                    yield element, element.sourceline or 0
                if depth == 1:
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


def _plain(element: Any) -> dict[str, Any] | str | None:
    """An element as an object, or as its text when it has no parts."""
    parts = [child for child in element if isinstance(child.tag, str)]
    if not parts:
        if element.get("ref"):
            return {"@ref": element.get("ref")}
        text: str | None = element.text
        return text
    made: dict[str, Any] = {}
    for child in parts:
        label, value = etree.QName(child).localname, _plain(child)
        if isinstance(value, dict) and (label.endswith("Identity") or label in _WRAPPERS):
            made |= value
            continue
        label = label[:1].lower() + label[1:]
        made[label] = [*_listed(made[label]), value] if label in made else value
    if set(made) == {"codeValue"}:
        code: str | None = made["codeValue"]
        return code
    return made


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _only_keys(value: Any) -> Any:
    """What identifies an element, and nothing else of it."""
    if not isinstance(value, dict):
        return value
    return {name: _only_keys(part) for name, part in value.items() if name in _KEYS or name == "@ref"}


def _resolved(value: Any, known: Named, missing: list[str], depth: int = 0) -> Any:
    """The object with every reference by id put in as keys; those that name nothing go into ``missing``."""
    if isinstance(value, list):
        return [_resolved(part, known, missing, depth) for part in value]
    if not isinstance(value, dict):
        return value
    ref = value.get("@ref")
    if ref is not None:
        if ref not in known or depth > 8:
            missing.append(str(ref))
            return {}
        return _resolved(known[ref], known, missing, depth + 1)
    return {name: _resolved(part, known, missing, depth) for name, part in value.items()}
