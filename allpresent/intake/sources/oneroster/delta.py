"""Which rows of a bundle hold: those of a bulk file, or a delta laid over the last posted roster of the source.

A delta is laid over the files of earlier deliveries, which are read again: the ledger keeps the district's numbers and
not the keys a delta speaks in. Taking a delivery back takes its files out of the chain too.
"""

from pathlib import Path

from allpresent.intake.accounting import USED
from allpresent.intake.earlier import EarlierDelivery, posted_before
from allpresent.intake.finding_files import delivered_files, sort_files
from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.kept import open_sealed, sealed_files
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sources.declared import DeclaredTable
from allpresent.intake.sources.oneroster.declaration import BUNDLE, MANIFEST
from allpresent.intake.sources.oneroster.manifest import BULK, DELTA, Manifest, read_manifest
from allpresent.intake.sources.reading import stage_declared
from allpresent.intake.unpacking import is_zip, unpack
from allpresent.intake.workspace import LEFT_OUT, MERGED, Workspace

_DELETED = "lower(coalesce(status, '')) = 'tobedeleted'"
_NAMED_AND_DELETED = f"(key IS NOT NULL AND {_DELETED})"


def lay_over(workspace: Workspace, manifest: Manifest) -> bool:
    """Leave in each ``t_<table>`` the rows that hold now; whether the delivery was a delta."""
    came = {file.table for file in workspace.files}
    is_delta = any(manifest.mode(table.name) == DELTA for table in BUNDLE if table.name in came)
    bundles = _earlier_bundles(workspace) if is_delta else []
    for table in BUNDLE:
        suffixes = [""] if table.name in came else []
        if is_delta and not (table.name in came and manifest.mode(table.name) == BULK):
            suffixes = _stage_earlier(workspace, table, bundles, table.name in came) + suffixes
        if suffixes and not workspace.refused:
            keep_newest(workspace, table, suffixes)
    return is_delta


class _Bundle:
    """The files of one earlier delivery, and its manifest."""

    def __init__(self, workspace: Workspace, delivery: EarlierDelivery) -> None:
        patterns = {name: options.file for name, options in workspace.mapping.tables.items()}
        folder = delivery.raw
        if sealed_files(folder):
            workspace.unpacked.append(open_sealed(folder))
            folder = Path(workspace.unpacked[-1].name)
        files = delivered_files(folder) if folder.exists() else []
        if is_zip(files):
            workspace.unpacked.append(unpack(files[0]))
            folder = Path(workspace.unpacked[-1].name)
            files = delivered_files(folder)
        workspace.earlier[folder] = delivery.id
        self.id = delivery.id
        self.files, _ = sort_files(files, patterns)
        manifests = self.files.get(MANIFEST.name)
        self.manifest = read_manifest(manifests[0]) if manifests else Manifest()
        self.is_gone = not files


def _earlier_bundles(workspace: Workspace) -> list[_Bundle]:
    """Bundles of this source that are posted, newest first."""
    if workspace.home is None:
        return []
    return [_Bundle(workspace, one) for one in posted_before(workspace.home, workspace.source)]


def _stage_earlier(workspace: Workspace, table: DeclaredTable, bundles: list[_Bundle], is_needed: bool) -> list[str]:
    """Stage the last posted bulk file of a table and the deltas after it, oldest first; the suffixes they are under."""
    chain: list[_Bundle] = []
    for bundle in bundles:
        if bundle.is_gone:
            message = (
                f"A delta is laid over delivery {bundle.id}, whose files are kept no longer; deliver a bulk bundle."
            )
            workspace.refuse(RefusedFileError(message))
            return []
        if table.name in bundle.files:
            chain.append(bundle)
            if bundle.manifest.mode(table.name) == BULK:
                break
    else:
        if chain or is_needed:
            message = f"{table.name} is a delta, and no bulk file of it is posted; deliver a bulk bundle first."
            workspace.refuse(RefusedFileError(message))
        return []
    suffixes: list[str] = []
    for bundle in reversed(chain):
        suffixes.append(f"_{len(suffixes)}")
        first = len(workspace.files)
        stage_declared(workspace, table, bundle.files[table.name], suffixes[-1])
        for file in workspace.files[first:]:
            file.table = table.name
        if table.is_lookup:
            workspace.mark(USED, f"SELECT file_id, line_no FROM t_{table.name}{suffixes[-1]} WHERE NOT is_bad")
    return suffixes


def keep_newest(workspace: Workspace, table: DeclaredTable, suffixes: list[str]) -> None:
    """One row a key: the newest delivery's. Rows to be deleted go, and what they delete."""
    name = table.name
    for suffix in suffixes:
        _excuse_deletions(workspace, f"t_{name}{suffix}")
    parts = " UNION ALL BY NAME ".join(
        f"SELECT *, {age} AS age FROM t_{name}{suffix} WHERE NOT is_bad OR {_NAMED_AND_DELETED}"
        for age, suffix in enumerate(suffixes)
    )
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE aged AS SELECT *, max(age) OVER (PARTITION BY key) AS newest,"
        f" row_number() OVER (PARTITION BY key, age ORDER BY file_id, line_no) AS place FROM ({parts})"
    )
    label = workspace.mapping.tables[name].columns["key"]
    message = f"{label} {{value}} stands in {name} on an earlier line with other details; keep one row."
    again = "SELECT file_id, line_no, key AS value FROM aged WHERE age = newest AND place > 1"
    workspace.log.add_rows(again, "I01", ERROR, label, message)
    unknown = (
        "SELECT file_id, line_no, status AS value FROM aged WHERE age = newest AND place = 1"
        " AND lower(coalesce(status, 'active')) NOT IN ('active', 'tobedeleted')"
    )
    message = "The status {value} is none of OneRoster's, so the row is read as active; correct it in the source."
    workspace.log.add_rows(unknown, "R01", WARNING, "status", message)
    workspace.mark(MERGED, "SELECT file_id, line_no FROM aged WHERE age < newest")
    workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM aged WHERE age = newest AND place = 1 AND {_DELETED}")
    kept = f"WHERE age = newest AND place = 1 AND NOT {_DELETED}"
    workspace.show(f"t_{name}", workspace.arrow(f"SELECT * EXCLUDE (age, newest, place) FROM aged {kept}"))


def _excuse_deletions(workspace: Workspace, typed: str) -> None:
    """Of a row to be deleted only the key matters: many systems leave all else of it blank."""
    rows = f"SELECT (file_id, line_no) FROM {typed} WHERE is_bad AND {_NAMED_AND_DELETED}"
    workspace.run(f"DELETE FROM findings WHERE severity = '{ERROR}' AND (file_id, line_no) IN ({rows})")
