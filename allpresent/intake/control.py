"""Control totals: what the sender says it sent, held against what was read (rule C01).

``control.csv`` in the delivery has one row a file: ``file`` (its path below the folder, or its name alone), ``rows``
(rows below the header) and ``sha256`` (64 hex digits); a blank cell is not compared. A mapping may give the file and
its columns other names. Files that end in ``.sha256``, and ``SHA256SUMS``, are read as ``sha256sum`` writes them.
"""

import csv
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from allpresent.intake.finding_files import PULLED
from allpresent.intake.findings import ERROR
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import decode
from allpresent.intake.staging import read_bytes
from allpresent.intake.workspace import Workspace

_SUM = re.compile(r"\\?([0-9a-fA-F]{64}) [ *](.+)")
NONE_CAME = "No control total came, so nothing but the last delivery tells whether a file ends early."


@dataclass(frozen=True)
class Total:
    """What the sender says of one file, and where it says so."""

    said: str  # the control file
    line_no: int
    file: str
    rows: int | None
    sha256: str


def check_control(workspace: Workspace) -> None:
    """Hold a delivery that is not what its control file says."""
    control = workspace.control_files()
    for path in (path for path in control if path.name == PULLED):
        _hold_partial(workspace, path)
    control = [path for path in control if path.name != PULLED]
    if not control:
        workspace.decided.append(NONE_CAME)
        return
    totals = [total for path in control for total in _read(workspace, path)]
    files = {path.relative_to(workspace.folder).as_posix(): path for path in workspace.delivered()}
    said: set[str] = set()
    for total in totals:
        name = _named(total.file, files)
        if name is None:
            _hold(workspace, total, f"says that {total.file} was sent, and it did not come; deliver all files again.")
        else:
            said.add(name)
            _compare(workspace, total, name, files[name])
    silent = sorted(set(files) - said)
    if silent:
        workspace.decided.append(f"No control total came for {', '.join(silent)}.")


def _hold_partial(workspace: Workspace, path: Path) -> None:
    """A pull that brought other rows than the other side counted says so itself; its sentences hold the delivery."""
    name = path.relative_to(workspace.folder).as_posix()
    try:
        told = json.loads(read_bytes(path, name))
        sentences = [str(sentence) for sentence in told["why_partial"]]
        workspace.decided.extend(f"{name}: {sentence}" for sentence in told["left_out"])
    except (ValueError, TypeError, KeyError, RecursionError):
        sentences = [f"{name} is damaged, so nobody can tell whether all was pulled; pull again."]
    for sentence in sentences:
        _say(workspace, name, 1, sentence)


def _named(told: str, files: dict[str, Path]) -> str | None:
    """The delivered file that is meant: by its path, else by its name when only one has it."""
    wanted = told.replace("\\", "/").removeprefix("./").casefold()
    exact = [name for name in files if name.casefold() == wanted]
    alike = [name for name, path in files.items() if path.name.casefold() == wanted]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


def _compare(workspace: Workspace, total: Total, name: str, path: Path) -> None:
    if total.sha256 and _sha256(path) != total.sha256:
        _hold(workspace, total, f"has another sha256 for {name}: it is not the file that was sent; deliver it again.")
        return
    if total.rows is None:
        return
    counts = [file.rows for file in workspace.files if file.name == name]
    if not counts:
        workspace.decided.append(f"{name} is not read, so its control total of {total.rows:,} rows was not compared.")
        return
    # A file staged for several tables is counted once; one that holds several tables, with all of them.
    read = counts[0] if len(set(counts)) == 1 else sum(counts)
    if read != total.rows:
        why = "it seems cut short" if read < total.rows else "it has more than was meant"
        _hold(workspace, total, f"has {total.rows:,} rows for {name}, and {read:,} came: {why}; deliver it again.")


def _hold(workspace: Workspace, total: Total, what: str) -> None:
    _say(workspace, total.said, total.line_no, f"{total.said} line {total.line_no} {what}")


def _say(workspace: Workspace, name: str, line_no: int, message: str) -> None:
    workspace.log.add("C01", ERROR, message, line_no=line_no, file_name=name)
    workspace.holds.append(message)


def _read(workspace: Workspace, path: Path) -> list[Total]:
    """The totals of one control file; what cannot be read there holds the delivery."""
    name = path.relative_to(workspace.folder).as_posix()
    try:
        lines = decode(read_bytes(path, name), name, "auto").lines
    except RefusedFileError as error:
        _say(workspace, name, error.line_no or 1, str(error))
        return []
    is_sums = path.name.casefold().endswith((".sha256", "sha256sums"))
    return _sums(workspace, name, lines) if is_sums else _table(workspace, name, lines)


def _sums(workspace: Workspace, name: str, lines: list[str]) -> list[Total]:
    totals = []
    for line_no, line in enumerate(lines, start=1):
        found = _SUM.fullmatch(line.strip())
        if found:
            totals.append(Total(name, line_no, found[2].strip(), None, found[1].lower()))
        elif line.strip():
            _say(workspace, name, line_no, f"{name} line {line_no} is not as sha256sum writes it; send it again.")
    return totals


def _table(workspace: Workspace, name: str, lines: list[str]) -> list[Total]:
    labels = {ours: theirs.strip().casefold() for ours, theirs in workspace.mapping.control.columns.items()}
    rows = list(csv.reader(lines))
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    at = {ours: header.index(theirs) for ours, theirs in labels.items() if theirs in header}
    if "file" not in at or not at.keys() & {"rows", "sha256"}:
        shown = ", ".join(labels.values())
        _say(workspace, name, 1, f"{name} line 1 needs the columns {shown}; name yours under control in the mapping.")
        return []
    totals = []
    for line_no, cells in enumerate(rows[1:], start=2):
        told: dict[str, str] = {
            ours: cells[column].strip() if column < len(cells) else "" for ours, column in at.items()
        }
        if not any(told.values()):
            continue
        total = _total(name, line_no, told)
        if total is None:
            message = f"{name} line {line_no} has to name a file, and its rows or its sha256; send it again."
            _say(workspace, name, line_no, message)
        else:
            totals.append(total)
    return totals


def _total(name: str, line_no: int, told: dict[str, str]) -> Total | None:
    rows, sha = told.get("rows", ""), told.get("sha256", "").lower()
    is_right = told["file"] and (rows or sha) and re.fullmatch(r"\d*", rows, re.ASCII)
    if not is_right or not re.fullmatch(r"([0-9a-f]{64})?", sha):
        return None
    return Total(name, line_no, told["file"], int(rows) if rows else None, sha)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
