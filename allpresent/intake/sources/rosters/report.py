"""What a bundle brings, and what is wrong with it as counts: the table ``bundle_report`` of the export."""

from collections.abc import Mapping

import pyarrow as pa

from allpresent.intake.sources.declared import Declaration
from allpresent.intake.sources.reading import note_what_came
from allpresent.intake.workspace import Workspace

_CANONICAL = ("schools", "students", "staff", "sections", "section_students", "section_staff", "contacts")
_SCHEMA = pa.schema([("bundle", pa.string()), ("metric", pa.string()), ("value", pa.string())])


def note_roster(workspace: Workspace, declaration: Declaration) -> None:
    """Which canonical tables the bundle brings. One without any contact says nothing of contacts, and takes none."""
    note_what_came(workspace, declaration)
    if not workspace.count("SELECT count(*) FROM c_contacts"):
        workspace.came.discard("contacts")


def report_bundle(workspace: Workspace, declaration: Declaration, words: Mapping[str, str]) -> None:
    """Rows read, canonical rows and faults by rule; ``words`` are what the bundle says of itself."""
    metrics: list[tuple[str, object]] = list(words.items())
    for name, columns in _unread_columns(workspace, declaration):
        workspace.decided.append(f"{name}: the columns {columns} are not read")
        metrics.append((f"unread_columns.{name}", columns))
    metrics += [(f"rows.{file.name}", file.rows) for file in workspace.files]
    metrics += [(name, workspace.count(f"SELECT count(*) FROM c_{name}")) for name in (*_CANONICAL, "demographics")]
    metrics += [
        ("students_without_class", _count(workspace, "students", "student_id", "section_students")),
        ("classes_without_students", _count(workspace, "sections", "section_id", "section_students")),
        ("classes_without_staff", _count(workspace, "sections", "section_id", "section_staff")),
        ("students_without_contact", _count(workspace, "students", "student_id", "contacts")),
    ]
    metrics += [
        (f"{severity}.{rule}", count)
        for severity, rule, count in workspace.rows(
            "SELECT severity, rule, count(*) FROM findings GROUP BY ALL ORDER BY ALL"
        )
    ]
    rows = [{"bundle": declaration.name, "metric": metric, "value": str(value)} for metric, value in metrics]
    workspace.reports["bundle_report"] = pa.Table.from_pylist(rows, schema=_SCHEMA)


def _count(workspace: Workspace, table: str, key: str, other: str) -> int:
    """Rows of a table that another one does not name."""
    return workspace.count(
        f"SELECT count(*) FROM c_{table} WHERE {key} NOT IN (SELECT {key} FROM c_{other} WHERE {key} IS NOT NULL)"
    )


def _unread_columns(workspace: Workspace, declaration: Declaration) -> list[tuple[str, str]]:
    """The columns of each file that are none of the standard's, by name: metadata and a vendor's own."""
    found = []
    for file in workspace.files:
        table = declaration.named[file.table]
        labels = workspace.mapping.tables[file.table].columns.values()
        known = {label for several in labels for label in several.split("|")} | set(file.secrets)
        known |= {label.casefold() for label in table.ignored}
        unread = [column for column in file.header.columns if column and column not in known]
        if unread:
            found.append((file.name, ", ".join(unread)))
    return found
