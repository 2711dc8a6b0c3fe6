"""Reads policy files: the only place where YAML is opened.

The dialect is narrow on purpose: ``yes``, ``on`` and ``012`` stay text, decimals stay exact, aliases and
repeated keys are refused. What is wrong is said in a sentence that names the file, the line and the key.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from allpresent.policy.section import PolicyError, Section

__all__ = ["read_page", "read_policy"]


class _Loader(yaml.SafeLoader):
    """A safe loader that takes only what a person reading the file would take: no octal, no base 60, no ``on``."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        # An alias makes one line say two things, and a chain of them can fill the memory.
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="write the value out instead of an alias (*)", problem_mark=mark)
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", list("0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def stamp_of(path: Path) -> tuple[int, int]:
    """When the file was last written and how long it is: what tells one state of a file from another."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def read_policy(path: Path) -> Section:
    """The file as a Section: a dict that remembers its lines. Raises PolicyError when it cannot be read as one."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path}: the file is not UTF-8 text; save it as UTF-8.") from error
    except OSError as error:
        raise PolicyError(
            f"{path}: the file cannot be read ({(error.strerror or 'unknown cause').lower()})."
        ) from error
    try:
        return _read(_Loader(text), path)
    except yaml.MarkedYAMLError as error:
        raise PolicyError(_broken(path, error)) from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{path}: the file holds a character that YAML does not allow; retype the line.") from error
    except RecursionError as error:
        raise PolicyError(f"{path}: the file is nested too deeply; a policy needs a few levels.") from error


def read_page(path: Path) -> tuple[Section, str]:
    """A page of words with settings between two lines of three dashes above them: the settings, then the words.

    Raises PolicyError when there are no such lines or the settings cannot be read.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: the page cannot be read as UTF-8 text.") from error
    fences = [number for number, line in enumerate(lines) if line.strip() == "---"]
    if len(fences) < 2 or fences[0] != 0:
        raise PolicyError(f"{path}: the page has to begin with its settings between two lines of three dashes.")
    try:
        # A blank line in the place of the first dashes keeps the numbers of the lines.
        head = _read(_Loader("\n".join(["", *lines[1 : fences[1]]])), path)
    except yaml.MarkedYAMLError as error:
        raise PolicyError(_broken(path, error)) from error
    return head, "\n".join(lines[fences[1] + 1 :])


def _read(loader: _Loader, path: Path) -> Section:
    node = loader.get_single_node()
    if node is None:
        return Section(path)
    if not isinstance(node, yaml.MappingNode):
        raise PolicyError(f"{path}, line {_line(node)}: the file has to be a list of `key: value` lines.")
    return _section(loader, node, path, "")


def _broken(path: Path, error: yaml.MarkedYAMLError) -> str:
    """One sentence from a parser's error."""
    mark = error.problem_mark or error.context_mark
    where = f", line {mark.line + 1}" if mark else ""
    return f"{path}{where}: {error.problem or 'the line cannot be read'}; check indentation, colons and quotes."


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _section(loader: _Loader, node: yaml.MappingNode, path: Path, place: str) -> Section:
    section = Section(path, place, _line(node))
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise PolicyError(f"{path}, line {_line(key_node)}: a key has to be a word, not a list.")
        key = str(key_node.value)  # as written: `null`, `on` and 2026 are keys like any other
        if key in section:
            raise PolicyError(
                f"{path}, line {_line(key_node)}: `{key}` is set twice (first in line {section.line_of(key)}); "
                "keep one of them."
            )
        section.put(key, _value(loader, value_node, path, f"{place}.{key}" if place else key), _line(key_node))
    return section


def _value(loader: _Loader, node: yaml.Node, path: Path, place: str) -> Any:
    if not node.tag.startswith("tag:yaml.org,2002:") or "/" in node.tag:
        raise PolicyError(f"{path}, line {_line(node)}: take out the tag (!) before the value; it is not obeyed here.")
    if isinstance(node, yaml.MappingNode):
        return _section(loader, node, path, place)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, child, path, f"{place}[{number}]") for number, child in enumerate(node.value, start=1)]
    return _scalar(loader, node, path)


def _scalar(loader: _Loader, node: yaml.Node, path: Path) -> Any:
    try:
        if node.tag == "tag:yaml.org,2002:float":
            return Section.exact(str(node.value))
        return loader.construct_object(node)
    except ValueError as error:
        raise PolicyError(f"{path}, line {_line(node)}: `{node.value}` is not a day of the calendar.") from error
