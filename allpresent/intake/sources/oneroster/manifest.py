"""The manifest of a bundle: which files are bulk, delta or absent, and which version of OneRoster they follow."""

import csv
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from allpresent.intake.findings import WARNING
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import decode
from allpresent.intake.sources.oneroster.declaration import BUNDLE, MANIFEST
from allpresent.intake.workspace import Workspace

BULK, DELTA, ABSENT = "bulk", "delta", "absent"
VERSIONS = ("1.1", "1.2")
_TABLES = {table.name.casefold(): table.name for table in BUNDLE}


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself. Without a manifest every file is bulk."""

    version: str = ""
    modes: dict[str, str] = field(default_factory=dict)  # by table

    def mode(self, table: str) -> str:
        """bulk, delta or absent; bulk for a file the manifest does not name."""
        return self.modes.get(table, BULK)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file. Raises RefusedFileError when it is no text, or no properties."""
    lines = decode(path.read_bytes(), path.name).lines
    try:
        said = {row[0].strip().casefold(): row[1].strip() for row in csv.reader(lines) if len(row) > 1}
    except csv.Error as error:
        message = f"{path.name} cannot be read ({error}); write one property and its value a line."
        raise RefusedFileError(message) from error
    modes = {
        _TABLES[name.removeprefix("file.")]: value.casefold()
        for name, value in said.items()
        if name.startswith("file.") and name.removeprefix("file.") in _TABLES
    }
    return Manifest(said.get("oneroster.version", ""), modes)


def check_manifest(workspace: Workspace) -> Manifest:
    """The manifest of this delivery, held against the files that came."""
    files = [file for file in workspace.files if file.table == MANIFEST.name]
    if not files:
        message = "The bundle has no manifest.csv, so every file is read as bulk: what it leaves out is gone."
        workspace.log.add("R01", WARNING, message)
        return Manifest()
    manifest = read_manifest(files[0].path)
    if manifest.version not in VERSIONS:
        message = f"The manifest says OneRoster {manifest.version or 'of no version'}; 1.1 and 1.2 are read."
        workspace.log.add("R01", WARNING, message, file_id=files[0].file_id, value=manifest.version)
    _check_modes(workspace, manifest, files[0].name, {file.table for file in workspace.files})
    return manifest


def _check_modes(workspace: Workspace, manifest: Manifest, name: str, came: Collection[str]) -> None:
    for table, mode in manifest.modes.items():
        if mode not in (BULK, DELTA, ABSENT):
            message = f"{name}: file.{table} is {mode!r}; it has to be bulk, delta or absent."
            workspace.refuse(RefusedFileError(message, "Q01"), name)
        elif mode == ABSENT and table in came:
            workspace.holds.append(f"{name} says that {table} is absent, and it came; ask which of the two is right.")
        elif mode != ABSENT and table not in came:
            message = f"{name} says that {table} is {mode}, and it did not come; deliver the whole bundle."
            workspace.refuse(RefusedFileError(message), name)
