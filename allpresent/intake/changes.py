"""Values that changed for rows the delivery and the last one both have: swapped columns leave every count as it was."""

from dataclasses import dataclass

from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version

_MARKS_BACK = 60  # days of marks compared; a swap shows in all of them


@dataclass(frozen=True)
class _Same:
    """Rows known again by their key, and the columns that seldom change, by the name a person knows."""

    table: str
    key: tuple[str, ...]
    columns: dict[str, str]
    known: str = "true"  # the posted rows that say something about the column


_PLAIN = (
    _Same("schools", ("school_id",), {"name": "name", "state_id": "state_id"}),
    _Same(
        "students",
        ("student_id",),
        {"full_name": "full_name", "birth_date": "birth_date", "state_id": "state_id", "household_id": "household_id"},
        "student_id IN (SELECT student_id FROM active_old)",
    ),
    _Same("sections", ("section_id",), {"name": "name"}),
    _Same("staff", ("staff_id",), {"full_name": "full_name", "email": "email"}),
    _Same(
        "contacts",
        ("contact_id", "student_id"),
        {name: name for name in ("full_name", "relationship", "phone", "email", "language", "has_custody", "address")},
    ),
)
_GRADES = _Same("students", ("student_id",), {"grade": "grade"})
_MARKS = _Same(
    "attendance",
    ("student_id", "school_id", "date", "mode", "slot"),
    {
        "code": "code",
        "category": "category",
        "excused": "excused",
        "disciplinary": "disciplinary",
        "portion_num": "portion_absent",
        "portion_den": "portion_absent",
    },
    "category <> 'unknown'",
)


def changed_columns(workspace: Workspace, version: Version, *, is_same_year: bool) -> list[str]:
    """A sentence for each column whose values are others than in the last delivery, for too many of the rows both have.

    Needs ``active_old``, ``both_years`` and ``compared_on``. Grades are compared inside a school year only, marks
    without those of the last day compared, which are still being corrected.
    """
    sentences = []
    for same in (*_PLAIN, *((_GRADES,) if is_same_year else ())):
        workspace.show("rows_before", version.table(same.table, [*same.key, *same.columns]))
        sentences += _changed(workspace, same, f"(SELECT * FROM rows_before WHERE {same.known})", f"c_{same.table}")
        workspace.connection.unregister("rows_before")
    slot = "CASE WHEN mode = 'period' THEN period END AS slot"
    window = (
        f"WHERE date < (SELECT day FROM compared_on) AND date > (SELECT day - {_MARKS_BACK} FROM compared_on)"
        " AND date BETWEEN (SELECT first FROM compared_on) AND (SELECT last FROM compared_on)"
    )
    columns = ["student_id", "school_id", "date", "mode", "period", *_MARKS.columns]
    workspace.show("rows_before", version.table("attendance", columns))
    sides = [f"(SELECT *, {slot} FROM {table} {window})" for table in ("rows_before", "c_attendance")]
    sentences += _changed(workspace, _MARKS, f"(SELECT * FROM {sides[0]} WHERE {_MARKS.known})", sides[1])
    workspace.connection.unregister("rows_before")
    return [*dict.fromkeys(sentences), *_swapped_names(workspace, version)]


def _changed(workspace: Workspace, same: _Same, before: str, after: str) -> list[str]:
    """A key may have several rows (the telephones of a contact): a value counts as kept when one of them has it."""
    on = " AND ".join(f"o.{column} IS NOT DISTINCT FROM n.{column}" for column in same.key)
    kept = ", ".join(f"bool_or(n.{column} IS NOT DISTINCT FROM o.{column}) AS kept_{column}" for column in same.columns)
    own = ", ".join(f"o.{column}" for column in [*same.key, *same.columns])
    counts = ", ".join(
        f"count({column}), count(*) FILTER ({column} IS NOT NULL AND NOT kept_{column})" for column in same.columns
    )
    query = f"SELECT {counts} FROM (SELECT {own}, {kept} FROM {before} o JOIN {after} n ON {on} GROUP BY {own})"
    found = [int(str(value)) for value in workspace.rows(query)[0]]
    limits = workspace.district
    # A share is two columns of ours and one of theirs: it is told once, by the part that changed more often.
    told: dict[str, tuple[int, int]] = {}
    for name, known, others in zip(same.columns.values(), found[::2], found[1::2], strict=True):
        if others * 100 > limits.changed_values_pct * known and others > limits.drop_group_count:
            told[name] = max(told.get(name, (0, 0)), (others, known))
    return [
        f"{same.table}: {name} is another than in the last delivery on {others:,} of {known:,} rows; "
        "two columns may be swapped."
        for name, (others, known) in told.items()
    ]


def _swapped_names(workspace: Workspace, version: Version) -> list[str]:
    """Two schools that exchanged their names are too few to be a share of the district."""
    workspace.show("rows_before", version.table("schools", ["school_id", "name"]))
    pairs = workspace.rows(
        "SELECT n.school_id, n.name, o.school_id FROM c_schools n JOIN rows_before o ON o.name = n.name"
        " JOIN rows_before was ON was.school_id = n.school_id"
        " WHERE o.school_id <> n.school_id AND was.name <> n.name ORDER BY 1"
    )
    workspace.connection.unregister("rows_before")
    return [f"School {new} is called {name}, as school {old} was in the last delivery." for new, name, old in pairs]
