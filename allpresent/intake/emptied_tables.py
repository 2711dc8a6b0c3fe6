"""Rule C01 of the tables that are replaced whole when their file comes: a header alone would empty them without a word.

What a delivery can be expected to bring again is compared by what names it: who sits in and who teaches a class that is
still there, and the contacts and groups of a student who still is. Ids of contacts that are made anew at each export
are no loss while the name stays.
"""

from dataclasses import dataclass

from allpresent.intake.drift import hold
from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version

_NONE = (
    "{table}: the file came without a usable row, and {before} rows of it are posted; deliver it again, or leave the "
    "file out to keep them."
)
_LOST = (
    "{table}: {gone} of {before} rows of the last delivery are missing, so the file may be cut short; deliver it "
    "again, or accept the delivery if they were taken back."
)


@dataclass(frozen=True)
class _Whole:
    """How the rows of a table are known again, and which of the posted ones ``o`` a delivery has to bring again."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    same: str
    again: str


_CLASS_IS_HERE = "o.section_id IN (SELECT section_id FROM c_sections)"
_STUDENT_IS_HERE = "o.student_id IN (SELECT student_id FROM c_students)"
# Groups may come from two sources: only the kinds of group are compared that this one speaks of, or spoke of before.
_KIND_IS_TOLD = (
    "(split_part(o.flag, ':', 1) IN (SELECT split_part(flag, ':', 1) FROM c_demographics)"
    " OR o.source_file IN (SELECT file FROM file_names))"
)
_WHOLE = (
    _Whole(
        "section_students",
        ("section_id", "student_id", "last_date"),
        ("section_id", "student_id"),
        "n.section_id = o.section_id AND n.student_id = o.student_id",
        f"{_CLASS_IS_HERE} AND {_STUDENT_IS_HERE} AND coalesce(o.last_date, DATE '9999-12-31') >= DATE '{{today}}'",
    ),
    _Whole(
        "section_staff",
        ("section_id", "staff_id"),
        ("section_id", "staff_id"),
        "n.section_id = o.section_id AND n.staff_id = o.staff_id",
        _CLASS_IS_HERE,
    ),
    _Whole(
        "contacts",
        ("contact_id", "student_id", "full_name"),
        ("contact_id", "student_id"),
        "n.student_id = o.student_id AND (n.contact_id = o.contact_id OR n.full_name = o.full_name)",
        _STUDENT_IS_HERE,
    ),
    _Whole(
        "demographics",
        ("source_file", "student_id", "flag", "end_date"),
        ("student_id", "flag"),
        "n.student_id = o.student_id AND n.flag = o.flag",
        f"{_STUDENT_IS_HERE} AND {_KIND_IS_TOLD} AND coalesce(o.end_date, DATE '9999-12-31') >= DATE '{{today}}'",
    ),
)


def check_whole_tables(workspace: Workspace, version: Version | None) -> None:
    """Hold a delivery whose file of such a table has no row, or lacks too many of those that are posted."""
    if version is None:
        return
    for whole in _WHOLE:
        if whole.table in workspace.came and not (workspace.is_roster and whole.table == "demographics"):
            workspace.show("whole_rows", version.table(whole.table, list(whole.columns)))
            _compare(workspace, whole)
            workspace.connection.unregister("whole_rows")


def _compare(workspace: Workspace, whole: _Whole) -> None:
    key = f"({', '.join(f'o.{column}' for column in whole.key)})"
    again = whole.again.format(today=workspace.today)
    same = f"EXISTS (SELECT 1 FROM c_{whole.table} n WHERE {whole.same})"
    before, gone = workspace.rows(
        f"SELECT count(DISTINCT {key}), count(DISTINCT {key}) FILTER (NOT {same}) FROM whole_rows o WHERE {again}"
    )[0]
    had, lost = int(str(before)), int(str(gone))
    limits = workspace.district
    if had and not workspace.count(f"SELECT count(*) FROM c_{whole.table}"):
        hold(workspace, _NONE.format(table=whole.table, before=f"{had:,}"))
    elif lost * 100 > limits.drop_group_pct * had and lost > limits.drop_group_count:
        hold(workspace, _LOST.format(table=whole.table, gone=f"{lost:,}", before=f"{had:,}"))
