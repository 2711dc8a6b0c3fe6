"""The district as canonical files."""

from tests.intake.conformance.shapes import Facts, Place, Shape, Sheet, cells

SAYS = {
    "schools": ("school_id", "name"),
    "calendar_days": ("school_id", "date", "in_session"),
    "students": ("student_id", "full_name", "grade", "birth_date"),
    "enrollments": ("student_id", "school_id", "entry_date", "last_member_date", "grade"),
    "attendance": (
        *("student_id", "school_id", "date", "code", "category", "excused", "disciplinary"),
        *("portion_num", "portion_den"),
    ),
    "attendance_taken": ("school_id", "date"),
    "sections": ("section_id", "school_id", "name"),
    "section_students": ("section_id", "student_id", "start_date", "last_date"),
    "section_staff": ("section_id", "staff_id"),
    "staff": ("staff_id", "school_id", "full_name", "email"),
    "demographics": ("student_id", "flag", "value"),
    "contacts": ("student_id", "full_name", "relationship", "phone", "email", "address"),
}
# What formats say that know no address of a contact.
NO_ADDRESS = SAYS | {"contacts": SAYS["contacts"][:-1]}


def write(facts: Facts) -> dict[str, Sheet]:
    """One file a table."""
    files = {}
    for name, columns in SAYS.items():
        labels = [column for column in columns if column not in ("portion_num", "portion_den")]
        files[f"{name}.csv"] = Sheet(list(labels), [cells(row, *labels) for row in facts[name]])
    marks = files["attendance.csv"]
    portions = [f"{row['portion_num']}/{row['portion_den']}" for row in facts["attendance"]]
    rows = [[*row, portion] for row, portion in zip(marks.rows, portions, strict=True)]
    return files | {"attendance.csv": Sheet([*marks.header, "portion_absent"], rows)}


SHAPE = Shape(
    source="csv",
    write=write,
    says=SAYS,
    person=Place("students.csv", "student_id"),
    day=Place("enrollments.csv", "entry_date"),
    code=Place("attendance.csv", "category"),
)
