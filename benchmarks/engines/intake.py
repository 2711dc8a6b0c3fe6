"""A delivery of CSV files read, checked and written: by our intake into a ledger, and by DuckDB to Parquet."""

import shutil
import tempfile
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from allpresent.intake import post_delivery
from allpresent.ledger import Ledger
from benchmarks.engines.engine import Engine
from benchmarks.storing import NOW

TODAY = date(2027, 5, 1)


class OurIntake(Engine):
    """Staging, quarantine, codes, duplicates, conforming, comparison with what is posted, events and strips, synced."""

    name = "All Present (checked and posted)"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.below = Path(tempfile.mkdtemp(prefix="bench-intake-"))

    def forget(self) -> None:
        """An empty home."""
        shutil.rmtree(self.below / "home", ignore_errors=True)
        (self.below / "home").mkdir()

    def close(self) -> None:
        """Take the home away."""
        shutil.rmtree(self.below, ignore_errors=True)

    def read(self) -> dict[str, pa.Table]:
        """Post the delivery; answers with the marks of each student."""
        now = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=NOW.tzinfo)
        posted = post_delivery(self.below / "home", "csv", self.folder / "files", today=TODAY, now=now)
        assert posted.exit_code == 0, posted.record.why_held  # noqa: S101
        version = Ledger(self.below / "home").current()
        assert version is not None  # noqa: S101
        marks = version.table("attendance", columns=["student_id", "category"])
        return {"marks": _counted(marks)}

    def in_form(self, answers: dict[str, pa.Table]) -> dict[str, pa.Table]:
        """As they are."""
        return answers


class DuckDBRead(OurIntake):
    """DuckDB's validated read: types, rejects aside, known students, schools, days and categories; sorted Parquet."""

    name = "DuckDB, validated read to Parquet"

    def read(self) -> dict[str, pa.Table]:
        """Read all files, write what is valid and what is not; answers with the marks of each student."""
        files, out = self.folder / "files", self.below / "home"
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
            connection.execute("SET enable_progress_bar = false").fetchall()
            for path in sorted(files.glob("*.csv")):
                types = _TYPES if path.stem == "attendance" else {}
                given = f", types = {types}" if types else ", all_varchar = true"
                connection.execute(
                    f"CREATE TABLE {path.stem} AS FROM read_csv('{path}', header = true, store_rejects = true{given})"
                ).fetchall()
                if path.stem != "attendance":
                    connection.execute(f"COPY {path.stem} TO '{out / path.stem}.parquet'").fetchall()
            connection.execute(_VALID).fetchall()
            connection.execute(
                f"COPY (FROM valid ORDER BY student_id, date) TO '{out / 'attendance'}.parquet'"
            ).fetchall()
            connection.execute(f"COPY (FROM reject_errors) TO '{out / 'rejects'}.parquet'").fetchall()
        return {"marks": _counted(pq.read_table(out / "attendance.parquet", columns=["student_id", "category"]))}


_TYPES = {
    "student_id": "VARCHAR",
    "school_id": "VARCHAR",
    "date": "DATE",
    "portion_absent": "VARCHAR",
    "code": "VARCHAR",
    "category": "VARCHAR",
    "excused": "TINYINT",
    "disciplinary": "TINYINT",
    "mode": "VARCHAR",
}
_VALID = """
CREATE TABLE valid AS
SELECT * REPLACE (split_part(portion_absent, '/', 1)::BIGINT AS portion_absent),
       split_part(portion_absent, '/', 2)::BIGINT AS portion_den
FROM attendance a
WHERE student_id IN (SELECT student_id FROM students) AND category IN ('absent', 'partial', 'tardy', 'present')
  AND (school_id, date) IN (SELECT (school_id, date::DATE) FROM calendar_days WHERE in_session = '1')
QUALIFY row_number() OVER (PARTITION BY student_id, school_id, date, portion_absent, code, category, excused,
                           disciplinary, mode) = 1
"""


def _counted(marks: pa.Table) -> pa.Table:
    """Marks by student and category, in the form compared."""
    counted = marks.group_by(["student_id", "category"]).aggregate([([], "count_all")])
    schema = pa.schema([("student_id", pa.string()), ("category", pa.string()), ("count_all", pa.int64())])
    counted = pa.table([counted[name] for name in schema.names], names=schema.names).cast(schema)
    return counted.sort_by([("student_id", "ascending"), ("category", "ascending")]).combine_chunks()
