"""What a delivery replaces in the posted state, what it leaves alone, and who is missing."""

from collections.abc import Mapping
from pathlib import Path

from allpresent.ledger import Ledger
from tests.intake.folders import MARKS, PLAIN, WEEKDAYS, post

ACCEPT = {"accept": "drawn for a test", "accepted_by": "nadia"}
TAKEN = "school_id,date\n" + "".join(f"{school},{day}\n" for school in (100, 200) for day in WEEKDAYS[:4])


def held(tmp_path: Path, table: str, *columns: str) -> list[tuple[str, ...]]:
    """Rows of the current version."""
    version = Ledger(tmp_path / "home").current()
    assert version
    rows = version.table(table).to_pylist()
    return sorted(tuple(str(row[column]) for column in columns) for row in rows)


def deliver(tmp_path: Path, name: str, files: Mapping[str, str]) -> str:
    posted = post(tmp_path, files, name=name, **ACCEPT)
    assert posted.outcome == "posted", posted.record.why_held
    return posted.delivery_id


def without(files: Mapping[str, str], name: str, start: str) -> dict[str, str]:
    """The files, one of them without the lines that begin so."""
    kept = [line for line in files[name].splitlines(keepends=True) if not line.startswith(start)]
    return {**files, name: "".join(kept)}


def test_later_delivery_replaces_the_marks_of_the_years_it_covers(tmp_path: Path) -> None:
    first = deliver(tmp_path, "first", PLAIN)
    rows = "0501,100,2026-09-01,0,P,present,,,,day,,\n0502,100,2026-09-02,1,A,absent,0,0,,day,,\n"
    second = deliver(tmp_path, "second", PLAIN | {"attendance.csv": MARKS + rows})
    columns = ("student_id", "date", "category", "delivery_id")
    assert held(tmp_path, "attendance", *columns) == [
        ("0501", "2026-09-01", "present", second),
        ("0502", "2026-09-02", "absent", second),
    ]
    then = Ledger(tmp_path / "home").version(first).table("attendance")
    assert sorted(then["student_id"].to_pylist()) == ["0501", "0503"]


def test_years_a_delivery_does_not_cover_stay(tmp_path: Path) -> None:
    past = {
        name: text.replace("2026-08", "2025-08").replace("2026-09", "2025-09").replace("0503,", "0504,")
        for name, text in PLAIN.items()
    }
    past["enrollments.csv"] = past["enrollments.csv"].replace("2025-08-31,,", "2025-08-31,2025-09-20,")
    deliver(tmp_path, "past", past)
    deliver(tmp_path, "now", PLAIN)
    assert {row[0][:4] for row in held(tmp_path, "attendance", "date")} == {"2025", "2026"}
    assert {row[0][:4] for row in held(tmp_path, "calendar_days", "date")} == {"2025", "2026"}
    spans = held(tmp_path, "enrollments", "student_id", "entry_date", "last_member_date")
    assert spans == [
        ("0501", "2025-08-31", "2025-09-20"),
        ("0501", "2026-08-31", "None"),
        ("0502", "2025-08-31", "2025-09-20"),
        ("0502", "2026-08-31", "None"),
        ("0503", "2026-08-31", "None"),
        ("0504", "2025-08-31", "2025-09-20"),
    ]
    assert [row[0] for row in held(tmp_path, "students", "student_id")] == ["0501", "0502", "0503", "0504"]


def test_school_that_did_not_come_stays_as_it_was(tmp_path: Path) -> None:
    deliver(tmp_path, "both", PLAIN | {"attendance_taken.csv": TAKEN})
    one = dict(PLAIN)
    for name, start in (("schools.csv", "200"), ("calendar_days.csv", "200"), ("students.csv", "0503")):
        one = without(one, name, start)
    for name in ("enrollments.csv", "attendance.csv"):
        one = without(one, name, "0503")
    deliver(tmp_path, "one", one)
    assert ("0503", "None") in held(tmp_path, "enrollments", "student_id", "last_member_date")
    assert ("0503", "2026-09-02") in held(tmp_path, "attendance", "student_id", "date")
    taken = {row[0] for row in held(tmp_path, "attendance_taken", "school_id")}
    assert taken == {"100", "200"}, "no such file came: what is known of it stays"
    record = post(tmp_path, one, name="one").record
    assert record.missing_students == []


def test_missing_student_is_listed_and_kept_until_the_day_last_seen(tmp_path: Path) -> None:
    deliver(tmp_path, "first", PLAIN | {"attendance_taken.csv": TAKEN})
    next_night = without(
        without(without(PLAIN, "students.csv", "0501"), "enrollments.csv", "0501"), "attendance.csv", "0501"
    )
    posted = post(tmp_path, next_night, name="second", **ACCEPT)
    assert posted.record.missing_students == ["0501"]
    assert ("0501", "2026-09-03") in held(tmp_path, "enrollments", "student_id", "last_member_date")
    assert ("0501", "2026-09-01") in held(tmp_path, "attendance", "student_id", "date")
    assert ("0501",) in held(tmp_path, "students", "student_id")
    again = post(tmp_path, PLAIN | {"attendance_taken.csv": TAKEN + "100,2026-09-07\n"}, name="third", **ACCEPT)
    assert again.record.missing_students == []
    assert held(tmp_path, "enrollments", "student_id", "last_member_date")[0] == ("0501", "None")


def test_tables_of_memberships_are_replaced_whole_when_their_file_came(tmp_path: Path) -> None:
    sections = {
        "sections.csv": "section_id,school_id,name,is_homeroom\n7,100,HR,1\n8,100,ART,0\n",
        "section_students.csv": "section_id,student_id,start_date,last_date\n7,0501,,\n8,0501,,\n",
        "demographics.csv": "student_id,flag,value\n0501,el,1\n",
    }
    deliver(tmp_path, "first", PLAIN | sections)
    deliver(
        tmp_path,
        "second",
        PLAIN
        | {
            "sections.csv": "section_id,school_id,name,is_homeroom\n7,100,HR-7,1\n",
            "section_students.csv": "section_id,student_id,start_date,last_date\n7,0502,,\n",
        },
    )
    assert held(tmp_path, "section_students", "section_id", "student_id") == [("7", "0502")]
    assert held(tmp_path, "sections", "section_id", "name") == [("7", "HR-7"), ("8", "ART")]
    assert held(tmp_path, "demographics", "student_id", "flag") == [("0501", "el")]
    deliver(tmp_path, "third", PLAIN | {"demographics.csv": "student_id,flag,value\n"})
    assert held(tmp_path, "demographics", "student_id") == []


def test_marks_outside_every_calendar_do_not_pile_up(tmp_path: Path) -> None:
    stray = PLAIN["attendance.csv"] + "0501,100,2024-09-02,1,A,absent,0,0,,day,,\n"
    deliver(tmp_path, "first", PLAIN | {"attendance.csv": stray})
    deliver(tmp_path, "second", PLAIN | {"attendance.csv": stray + "0502,100,2026-09-02,1,A,absent,0,0,,day,,\n"})
    assert [row[0] for row in held(tmp_path, "attendance", "date")].count("2024-09-02") == 1


def test_attendance_taken_after_today_waits(tmp_path: Path) -> None:
    deliver(tmp_path, "first", PLAIN | {"attendance_taken.csv": TAKEN + "100,2026-09-14\n"})
    version = Ledger(tmp_path / "home").current()
    assert version
    assert str(version.last_school_day) == "2026-09-03"


def test_source_that_delivers_days_replaces_only_those_days(tmp_path: Path) -> None:
    settings = "sources: [{name: sis, source: csv, folder: ../second, delivers: days}]\n"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "district.yaml").write_text(settings, encoding="utf-8")
    deliver(tmp_path, "first", PLAIN | {"attendance_taken.csv": TAKEN})
    rows = "0502,100,2026-09-02,1,A,absent,0,0,,day,,\n"
    taken = "school_id,date\n100,2026-09-02\n100,2026-09-03\n100,2026-09-04\n"
    posted = post(tmp_path, PLAIN | {"attendance.csv": MARKS + rows, "attendance_taken.csv": taken}, name="second")
    assert posted.outcome == "posted", posted.record.why_held
    assert held(tmp_path, "attendance", "student_id", "date") == [("0501", "2026-09-01"), ("0502", "2026-09-02")]
    assert ("200", "2026-09-01") in held(tmp_path, "attendance_taken", "school_id", "date")
    assert ("200", "2026-09-02") not in held(tmp_path, "attendance_taken", "school_id", "date")


def test_late_correction_beside_a_day_is_held_before_it_clears_the_days_between(tmp_path: Path) -> None:
    settings = "sources: [{name: sis, source: csv, folder: ../second, delivers: days}]\n"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "district.yaml").write_text(settings, encoding="utf-8")
    deliver(tmp_path, "first", PLAIN | {"attendance_taken.csv": TAKEN})
    rows = "0502,100,2026-09-01,1,E,absent,1,0,,day,,\n0502,100,2026-09-04,1,A,absent,0,0,,day,,\n"
    taken = "school_id,date\n100,2026-09-04\n"
    posted = post(tmp_path, PLAIN | {"attendance.csv": MARKS + rows, "attendance_taken.csv": taken}, name="second")
    assert posted.record.why_held == [
        "The delivery goes from 2026-09-01 to 2026-09-04 and has nothing of 2026-09-02, 2026-09-03, posted already, "
        "which would be cleared; deliver every day between, or a late correction in a delivery of its own, with the "
        "whole of its day.",
        "The delivery has marks of 2026-09-01 and no attendance taken, which is posted already; a day is replaced "
        "whole, so deliver all marks of that day and where attendance was taken.",
    ]


def test_district_that_changes_its_year_is_read_by_its_own_year(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "district.yaml").write_text('year_starts: "09-03"\n', encoding="utf-8")
    deliver(tmp_path, "first", PLAIN)
    version = Ledger(tmp_path / "home").current()
    assert version
    assert version.school_years == [2025, 2026]
