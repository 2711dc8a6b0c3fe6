"""Small deliveries drawn as text: a district of two schools in the week of 31 August 2026, and what intake says of it.

Harbor (100) has Ana and Ben, North (200) has Cy; both are in session Monday to Friday of two weeks.
"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from allpresent import intake
from allpresent.intake import Checked
from allpresent.intake.findings import Finding
from allpresent.intake.posting import Posted

TODAY = date(2026, 9, 12)
NOW = datetime(2026, 9, 12, 5, 0, tzinfo=UTC)
FIRST = date(2026, 8, 31)
WEEKDAYS = tuple(FIRST + timedelta(days=week * 7 + day) for week in range(2) for day in range(5))

PLAIN: dict[str, str] = {
    "schools.csv": "school_id,state_id,name,low_grade,high_grade,excluded\n100,,Harbor,K,08,0\n200,,North,09,12,0\n",
    "calendar_days.csv": "school_id,date,in_session,membership_value,track,instructional_minutes\n"
    + "".join(f"{school},{day},1,1,,390\n" for school in ("100", "200") for day in WEEKDAYS),
    "students.csv": (
        "student_id,state_id,full_name,grade,birth_date,household_id\n"
        '0501,0012,"Ruiz, Ana",01,2019-05-04,H1\n'
        '0502,,"Diaz, Ben",K,2020-01-09,\n'
        '0503,,"Poe, Cy",10,2011-03-03,H2\n'
    ),
    "enrollments.csv": (
        "student_id,school_id,entry_date,last_member_date,grade,fte,primary,track\n"
        "0501,100,2026-08-31,,01,1,,\n"
        "0502,100,2026-08-31,,K,1,,\n"
        "0503,200,2026-08-31,,10,1,,\n"
    ),
    "attendance.csv": (
        "student_id,school_id,date,portion_absent,code,category,excused,disciplinary,comment,mode,period,periods_in_day\n"
        "0501,100,2026-09-01,1,A,absent,0,0,,day,,\n"
        "0503,200,2026-09-02,0.5,H,absent,1,0,,day,,\n"
    ),
}
MARKS = PLAIN["attendance.csv"].splitlines()[0] + "\n"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A delivered folder with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def check(
    tmp_path: Path, files: Mapping[str, str | bytes] = PLAIN, *, source: str = "csv", mapping: str | None = None
) -> Checked:
    """What intake says of a delivery; ``mapping`` is the text of a mapping file."""
    folder = write(tmp_path / "delivery", files)
    path = None
    if mapping is not None:
        path = tmp_path / "mapping.yaml"
        path.write_text(mapping, encoding="utf-8")
    return intake.check_delivery(tmp_path / "home", source, folder, mapping=path, today=TODAY)


def check_marks(tmp_path: Path, *rows: str, **others: str) -> Checked:
    """The plain district with these attendance rows; other files by name without their ending."""
    changed = {f"{name}.csv": text for name, text in others.items()}
    return check(tmp_path, PLAIN | changed | {"attendance.csv": MARKS + "".join(f"{row}\n" for row in rows)})


def post(tmp_path: Path, files: Mapping[str, str | bytes] = PLAIN, name: str = "delivery", **options: object) -> Posted:
    """Post a delivery into the home below ``tmp_path``."""
    folder = write(tmp_path / name, files)
    told: dict[str, object] = {"today": TODAY, "now": NOW, **options}
    return intake.post_delivery(tmp_path / "home", "csv", folder, **told)  # type: ignore[arg-type]


def found(checked: Checked, rule: str) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in checked.findings if finding.rule == rule]


def places(checked: Checked, rule: str) -> list[tuple[str, str, int | None]]:
    """(severity, file, line) of the findings of one rule."""
    return [(finding.severity, finding.file, finding.line) for finding in found(checked, rule)]


def rows(checked: Checked, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a canonical table, row by row."""
    return [tuple(row[column] for column in columns) for row in checked.tables[table].to_pylist()]


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a written CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
