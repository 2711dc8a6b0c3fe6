"""Facts on disk held against what was posted: hashes, rows, counts, and strips made again from the events."""

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

from allpresent.ledger import Ledger, Pruned, known_students, known_versions
from allpresent.ledger.integrity import _different, faults_of_current, faults_of_ledger
from allpresent.ledger.packing import YearPacker
from allpresent.ledger.strips import write_strips
from tests.ledger.test_store import DAYS, NOW, mark, post, small_school
from tests.measures.districts import District, districts
from tests.spec.drawn import arrow

EXAMPLES = int(os.environ.get("ALLPRESENT_EXAMPLES", "8"))


@pytest.fixture
def ledger(tmp_path):
    """Two versions, the second with one absence more."""
    ledger = Ledger(tmp_path)
    post(ledger, "0001-a")
    post(ledger, "0002-b", attendance=[mark("ana", DAYS[1]), mark("ana", DAYS[3], 1, 3)])
    return ledger


def told(ledger):
    return list(faults_of_ledger(ledger.folder.parent))


def own_up(folder, name):
    """Let the manifest say that a changed file is the one that was posted."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_what_was_posted_is_sound(ledger):
    assert told(ledger) == []


@pytest.mark.parametrize("version", ["0001-a", "0002-b"])
def test_a_changed_and_a_missing_file_of_any_version_are_named(ledger, version):
    folder = ledger.versions / version
    path = folder / "attendance.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    (folder / "schools.parquet").unlink()
    (folder / "other").write_text("x")
    assert told(ledger) == [
        f"{path} is not what was posted; restore the home from its backup.",
        f"{folder / 'schools.parquet'} is missing; restore the home from its backup.",
        f"{folder / 'other'} was not posted; move it out of the ledger.",
    ]


def test_rows_are_held_against_the_manifest(ledger):
    folder = ledger.versions / "0001-a"
    table = pq.read_table(folder / "students.parquet")
    pq.write_table(pa.concat_tables([table, table]), folder / "students.parquet")
    own_up(folder, "students.parquet")
    assert told(ledger) == [
        f"{folder / 'students.parquet'} has not the 2 rows its manifest says; restore the home from its backup."
    ]


def test_rows_of_a_file_that_went_nowhere_are_counted(tmp_path):
    count = {"rows_read": 3, "canonical": 1, "errors": 0, "duplicates": 1, "left_out": 0, "merged": 0}
    Ledger(tmp_path).write(
        small_school(), delivery_id="0001-a", source="csv", content_sha="a", posted_at=NOW, counts={"a.csv": count}
    )
    assert told(Ledger(tmp_path)) == [
        "0001-a: of 3 rows of a.csv 2 are accounted for; restore the home from its backup."
    ]


def test_strips_are_made_again_from_the_events(ledger):
    version = ledger.current()
    strips = version.strips(2026)
    bits = {name: words.copy() for name, words in strips.bits.items()}
    bits["absent"][0] ^= np.uint64(0b101)
    path = version.folder / "strips-2026.parquet"
    write_strips(replace(strips, bits=bits), path)
    own_up(version.folder, path.name)
    assert told(ledger) == [
        "strips-2026.parquet of 0002-b is not what its events give (absent: 2 student-days); "
        "restore the home from its backup."
    ]


def test_other_rows_portions_and_days_are_told(ledger):
    strips = ledger.current().strips(2026)
    assert _different(strips, strips) == ""
    assert _different(strips, replace(strips, partial=strips.partial.slice(0, 0))) == "portions of days"
    assert _different(strips, replace(strips, student=strips.student[::-1])) == "other students, schools or days"
    assert _different(strips, replace(strips, has_taken=True)) == "other rows that speak for a student"


def test_a_manifest_that_cannot_be_read_is_named(ledger):
    path = ledger.versions / "0001-a" / "manifest.json"
    path.write_text("{")
    first, second = told(ledger)
    assert first == f"{path} cannot be read; restore the home from its backup."
    assert second.startswith(f"The line of versions in {ledger.versions} cannot be followed (")


def test_students_of_cleared_versions_stay_known(ledger):
    post(ledger, "0003-c", students=[{"student_id": "ana"}])
    ledger.prune(datetime(2027, 1, 1, tzinfo=UTC), set(), Pruned(date(2027, 1, 1), "keep_versions_days: 1"))
    home = ledger.folder.parent
    assert told(ledger) == []
    assert known_versions(home) == {"0002-b", "0003-c"}
    post(ledger, "0004-d", students=[{"student_id": "ana"}])
    ledger.prune(datetime(2027, 1, 1, tzinfo=UTC), set(), Pruned(date(2027, 1, 2), "keep_versions_days: 1"))
    assert known_students(home) == {"ana", "bo"}


def test_the_order_of_the_events_changes_no_bit(survived):
    packed = 0

    @given(district=districts())
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def pack_twice(district: District) -> None:
        nonlocal packed
        tables = arrow(district.tables)
        turned = {
            name: table.take(pa.array(range(table.num_rows - 1, -1, -1), pa.int64())) for name, table in tables.items()
        }
        for year in (2025, 2026):
            first, again = (YearPacker(one, year, "07-01").pack() for one in (tables, turned))
            assert _different(first, again) == ""
        packed += 1

    pack_twice()
    survived(packed, "drawn districts packed in two orders: the same bits")


def test_the_current_version_is_looked_at_by_itself(ledger):
    home = ledger.folder.parent
    path = ledger.versions / "0002-b" / "strips-2026.parquet"
    assert list(faults_of_current(home)) == []
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert list(faults_of_current(home)) == [f"{path} is not what was posted; restore the home from its backup."]
    ledger.undo("0002-b")
    assert list(faults_of_current(home)) == [], "what was taken back is not current"
    (ledger.versions / "0001-a" / ".DS_Store").write_bytes(b"")
    assert list(faults_of_current(home)) == [], "a file beside the facts changes nothing in them"
    assert any("0001-a/.DS_Store was not posted; move it out" in one for one in told(ledger))


@pytest.mark.parametrize("content", [b"", b"0002-", b"\xff\xfe\n"])
def test_a_pointer_that_names_no_delivery_is_told(ledger, content):
    ledger.pointer.write_bytes(content)
    sentence = f"{ledger.pointer} does not name a delivery; restore the home from its backup."
    assert list(faults_of_current(ledger.folder.parent)) == [sentence]
    assert told(ledger)[0] == sentence


def test_where_the_only_delivery_was_taken_back_nothing_is_wrong(tmp_path):
    ledger = Ledger(tmp_path)
    post(ledger, "0001-a")
    ledger.undo("0001-a")
    assert list(faults_of_current(tmp_path)) == []
