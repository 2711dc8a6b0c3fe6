"""School Data Sync: roles say who is who, relationships who belongs to whom, flags which groups."""

from datetime import date
from pathlib import Path

from tests.intake.folders import check, found, places, rows
from tests.intake.roster_files import SDS, exported


def test_bundle_gives_people_classes_contacts_and_groups(posted_home: Path) -> None:
    checked = check(posted_home, SDS, source="sds")
    assert (checked.why_held, checked.is_roster) == ([], True)
    assert rows(checked, "students", "student_id", "full_name", "grade", "birth_date") == [
        ("0501", "Ruiz, Ana", "01", date(2019, 5, 4)),
        ("0502", "Diaz, Ben", "K", date(2020, 1, 9)),
        ("0503", "Poe, Cy", "10", None),
    ]
    assert rows(checked, "staff", "staff_id", "school_id", "email") == [("9", "200", "eve@x.example")]
    assert rows(checked, "sections", "section_id", "school_id", "name") == [
        ("k1", "100", "Mathematics 1"),
        ("k2", "200", "Mathematics"),
    ]
    assert rows(checked, "section_students", "section_id", "student_id", "start_date", "last_date") == [
        ("k1", "0501", date(2026, 8, 31), date(2027, 6, 18)),
        ("k1", "0502", date(2026, 8, 31), date(2027, 6, 18)),
        ("k2", "0503", date(2026, 8, 31), date(2027, 6, 18)),
    ]
    assert rows(checked, "section_staff", "section_id", "staff_id") == [("k1", "9")]
    assert sorted(rows(checked, "contacts", "source_file", "contact_id", "student_id", "relationship", "phone")) == [
        ("relationships.csv", "p1", "0501", "parent", "555-0101"),
        ("relationships.csv", "p1", "0501", "parent", "555-0102"),
    ]
    assert sorted(rows(checked, "demographics", "student_id", "flag")) == [
        *(("0501", "frl"), ("0501", "race:Hispanic"), ("0501", "swd")),
        ("0502", "race:Two or more"),
    ]
    assert [finding.field for finding in found(checked, "S01")] == ["password"]
    assert "hunter2" not in "".join(path.read_text("utf-8") for path in exported(posted_home, checked).iterdir())


def test_flags_nobody_named_and_ids_that_match_nothing_are_told(posted_home: Path) -> None:
    files = SDS | {
        "relationships.csv": SDS["relationships.csv"] + "0501,p9,parent\n",
        "roles.csv": SDS["roles.csv"] + "u9,100,student,t1,01,,,\n0501,900,student,t1,01,,,\n",
        "userFlags.csv": SDS["userFlags.csv"] + "u9,iep\n",
    }
    checked = check(posted_home, files, source="sds")
    assert places(checked, "R01") == [("warning", "userFlags.csv", 4)]
    assert places(checked, "K03") == [
        ("warning", "relationships.csv", 3),
        *(("error", "roles.csv", 8), ("warning", "roles.csv", 9)),
        ("error", "userFlags.csv", 5),
    ]
    named = "source: sds\nroster: {flags: {chess: club}}\n"
    assert ("0502", "club") in rows(
        check(posted_home, SDS, source="sds", mapping=named), "demographics", "student_id", "flag"
    )


def test_key_written_twice_keeps_the_first_row(posted_home: Path) -> None:
    files = SDS | {"orgs.csv": SDS["orgs.csv"] + "100,Harbour,school,0\n"}
    checked = check(posted_home, files, source="sds")
    assert places(checked, "I01") == [("error", "orgs.csv", 5)]
    assert rows(checked, "schools", "name") == [("Harbor",), ("North",)]
