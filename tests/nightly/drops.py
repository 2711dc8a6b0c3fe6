"""The cast's delivery as the files a district drops, with absences of one's own drawing."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests import cast
from tests.casework.deliveries import day

SETTINGS = """\
name: Elm Harbor
sources:
  - {name: sis, source: csv, folder: drop/sis, quiet_seconds: 0}
"""
REPORTING = "reporting: {first_report: 2026-10-12, every_days: 14}\n"


def make_home(home: Path, *, is_reporting: bool = True) -> Path:
    """A home with settings, and whatever was posted in it before."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "district.yaml").write_text(SETTINGS + REPORTING if is_reporting else SETTINGS)
    return home


def drop(home: Path, absent: Mapping[str, Iterable[int]], students: Iterable[str] = cast.STUDENTS) -> Path:
    """Put a delivery of these students and absences (by school day number) into the drop folder."""
    folder = home / "drop" / "sis"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {cast.student_id(name) for name in students}
    for name, table in cast.tables().items():
        rows = [row for row in table.to_pylist() if row.get("student_id", next(iter(kept))) in kept]
        columns = [column for column in table.column_names if column not in ("source_file", "line_no")]
        if name == "attendance":
            columns = ["student_id", "school_id", "date", "portion_absent", "code", "category", "excused", "mode"]
            rows = [_mark(who, number) for who, numbers in absent.items() if who in students for number in numbers]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _mark(name: str, number: int) -> dict[str, object]:
    on = day(number)
    return {
        "student_id": cast.student_id(name),
        "school_id": cast.school_of(name, on),
        "date": on,
        "portion_absent": 1,
        "code": "U",
        "category": "absent",
        "excused": 0,
        "mode": "day",
    }
