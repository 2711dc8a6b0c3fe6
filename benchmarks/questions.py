"""What every engine is asked, the columns of the answers, and the one form in which answers are compared."""

import pyarrow as pa
import pyarrow.compute as pc

# Least days absent of L2 to L6 (New Haven), and the shares at which the Attendance Works bands begin.
LEVEL_BOUNDS = (2, 6, 11, 15, 18)
BANDS = ("satisfactory", "at_risk", "moderate_chronic", "severe_chronic")

STANDINGS = (
    "student_id",
    "school_id",
    "grade",
    "is_enrolled",
    "days_enrolled",
    "days_unreported",
    "days_absent",
    "days_excused",
    "days_unexcused",
    "days_disciplinary",
    "level",
    "band",
    "is_chronic",
    "is_truant",
)
_TEXT = frozenset({"student_id", "school_id", "grade", "level", "band"})

# Twelve ways to group the students enrolled on a day.
GROUPINGS: tuple[tuple[str, ...], ...] = (
    ("school_id",),
    ("grade",),
    ("level",),
    ("band",),
    ("race",),
    ("sex",),
    ("frl",),
    ("school_id", "grade"),
    ("school_id", "level"),
    ("school_id", "race"),
    ("grade", "level"),
    ("race", "frl"),
)
FIGURES = ("students", "chronic", "truant", "days_enrolled", "days_unreported", "days_absent")
GROUPS = ("as_of", "grouping", "key", *FIGURES)


def as_standings(table: pa.Table) -> pa.Table:
    """An engine's standings in the form compared: by student, whole numbers and text."""
    types = [pa.string() if name in _TEXT else pa.int64() for name in STANDINGS]
    return _in_form(table, pa.schema(list(zip(STANDINGS, types, strict=True))), ["student_id"])


def as_groups(table: pa.Table) -> pa.Table:
    """An engine's groups in the form compared: by day, grouping and key."""
    types = [pa.date32(), pa.string(), pa.string(), *[pa.int64()] * len(FIGURES)]
    return _in_form(table, pa.schema(list(zip(GROUPS, types, strict=True))), list(GROUPS[:3]))


def _in_form(table: pa.Table, schema: pa.Schema, order: list[str]) -> pa.Table:
    columns = []
    for wanted in schema:
        column = table[wanted.name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        columns.append(pc.cast(column, wanted.type))
    made = pa.table(columns, schema=schema)
    return made.sort_by([(name, "ascending") for name in order]).combine_chunks()


def first_difference(name: str, left: pa.Table, right: pa.Table) -> str | None:
    """Where two answers differ first, in words; None when they are equal."""
    if left.equals(right):
        return None
    if left.num_rows != right.num_rows:
        return f"{name}: {left.num_rows:,} rows against {right.num_rows:,}"
    for column in left.column_names:
        unequal = pc.fill_null(pc.not_equal(left[column], right[column]), True)
        at = pc.index(unequal, pa.scalar(True)).as_py()
        if at >= 0:
            return f"{name}, row {at}: {left.slice(at, 1).to_pylist()} against {right.slice(at, 1).to_pylist()}"
    return f"{name}: the columns differ"
