"""OneRoster bundles: people and classes read exactly, laid over days from elsewhere, and no day invented."""

import base64
import io
import shutil
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import Checked, IntakeError
from allpresent.ledger import Ledger
from tests.intake.folders import NOW, PLAIN, check, found, places, post, read_csv, rows
from tests.intake.roster_files import ROWS, bundle, exported, manifest, post_roster, without


def check_bundle(tmp_path: Path, files: Mapping[str, str | bytes], mapping: str | None = None) -> Checked:
    """What intake says of a bundle over the posted plain district."""
    return check(tmp_path, files, source="oneroster", mapping=mapping)


def posted(tmp_path: Path, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a posted table, in order."""
    version = Ledger(tmp_path / "home").current()
    assert version is not None
    return sorted(tuple(row.values()) for row in version.table(table, list(columns)).to_pylist())


def test_bundle_gives_people_classes_and_contacts_and_no_day(posted_home: Path) -> None:
    checked = check_bundle(posted_home, bundle(), mapping="source: oneroster\nroster: {state_id: SASID}\n")
    assert (checked.exit_code, checked.why_held, checked.is_roster) == (0, [], True)
    assert rows(checked, "schools", "school_id", "name") == [("100", "Harbor"), ("200", "North")]
    assert rows(checked, "students", "student_id", "state_id", "full_name", "grade", "birth_date") == [
        ("0501", "0012", "Ruiz, Ana", "01", date(2019, 5, 4)),
        ("0502", None, "Diaz, Ben", "K", date(2020, 1, 9)),
        ("0503", None, "Poe, Cy", "10", None),
    ]
    assert rows(checked, "sections", "section_id", "school_id", "name", "is_homeroom") == [
        ("k1", "100", "Mathematics 1", 0),
        ("k2", "200", "Mathematics", 1),
    ]
    # The end date is the day after the last one; seats without days last as long as the class's sessions.
    assert rows(checked, "section_students", "section_id", "student_id", "start_date", "last_date") == [
        ("k1", "0501", date(2026, 9, 1), date(2026, 11, 30)),
        ("k1", "0502", date(2026, 8, 31), date(2027, 6, 18)),
        ("k2", "0503", date(2026, 8, 31), date(2027, 6, 18)),
    ]
    assert rows(checked, "section_staff", "section_id", "staff_id") == [("k1", "9")]
    assert rows(checked, "staff", "staff_id", "school_id", "full_name", "email") == [
        ("9", "100", "Eve Moss", "eve@x.example")
    ]
    assert sorted(rows(checked, "contacts", "contact_id", "student_id", "relationship", "phone", "may_contact")) == [
        ("g1", "0501", "guardian", "555-0101", None),
        ("g1", "0501", "guardian", "555-0102", None),
    ]
    assert rows(checked, "demographics", "student_id", "flag") == [
        ("0501", "race:Hispanic"),
        ("0502", "race:Two or more"),
    ]
    assert all(not checked.tables[name].num_rows for name in ("calendar_days", "enrollments", "attendance"))
    assert [(finding.field, finding.line) for finding in found(checked, "S01")] == [("password", 1)]


def test_export_holds_the_roster_and_a_report_and_no_secret(posted_home: Path) -> None:
    files = bundle(users=(*ROWS["users"], "u4,,,true,o1,student,,,Di,Low,,,,,,,01,swordfish"))
    files["users.csv"] = files["users.csv"].replace("familyName", "familyName,metadata.x").replace(",ext_y", "")
    files["users.csv"] = "\n".join(
        line if at == 0 else ",".join([*line.split(",")[:10], "", *line.split(",")[10:]])
        for at, line in enumerate(files["users.csv"].replace('"o1,o2"', "o1").strip().split("\n"))
    )
    checked = check_bundle(posted_home, files)
    out = exported(posted_home, checked)
    report = {row["metric"]: row["value"] for row in read_csv(out / "bundle_report.csv")}
    assert (report["version"], report["mode"], report["students"], report["classes_without_staff"]) == (
        *("1.1", "bulk", "3"),
        "1",
    )
    assert (report["rows.users.csv"], report["error.I01"], report["warning.S01"]) == ("6", "1", "1")
    assert [name for name in report if name.startswith("unread")] == ["unread_columns.users.csv"]
    assert report["unread_columns.users.csv"] == "metadata.x"
    assert "users.csv: the columns metadata.x are not read" in checked.decided
    everything = "".join(path.read_text("utf-8") for path in out.iterdir())
    assert "swordfish" not in everything
    assert "hunter2" not in everything
    assert len(read_csv(out / "contacts.csv")) == 2


def test_version_1_2_takes_roles_from_their_own_file(posted_home: Path) -> None:
    users = tuple(line.replace("student,", ",", 1).replace("Student,", ",", 1) for line in ROWS["users"])
    users = tuple(
        line.replace("true,o1,", "true,,", 1).replace('"o1,o2",teacher', ",", 1).replace("true,o2,", "true,,", 1)
        for line in users
    )
    roles = (
        *("r1,,,u1,primary,student,,,o1,", "r2,,,u2,primary,Student,,,o1,", "r3,,,u3,primary,student,,,o2,"),
        *("r4,,,u9,primary,student,,,o2,", "r5,,,w1,secondary,aide,,,o9,", "r6,,,w1,primary,teacher,,2026-09-12,o1,"),
    )
    files = bundle(users=users, roles=roles)
    files["manifest.csv"] = manifest(
        "1.2", **{name.removesuffix(".csv"): "bulk" for name in files if "man" not in name}
    )
    files["userProfiles.csv"] = "sourcedId,status,dateLastModified,userSourcedId,username,password\np1,,,u1,a,open\n"
    checked = check_bundle(posted_home, files)
    assert rows(checked, "students", "student_id") == [("0501",), ("0502",), ("0503",)]
    assert rows(checked, "staff", "staff_id", "school_id") == [("9", None)]  # of a role that ended nothing is left
    assert places(checked, "K03") == [("error", "roles.csv", 5), ("warning", "roles.csv", 6)]
    assert {finding.file for finding in found(checked, "S01")} == {"users.csv", "userProfiles.csv"}


@pytest.mark.parametrize(
    ("modes", "told"),
    [
        ({"users": "bulk", "classes": "bulk", "roles": "bulk"}, "says that roles is bulk, and it did not come"),
        ({"users": "whole"}, "file.users is 'whole'; it has to be bulk, delta or absent"),
        ({"users": "delta"}, "users is a delta, and no bulk file of it is posted"),
    ],
)
def test_manifest_that_is_not_what_came_is_refused(posted_home: Path, modes: dict[str, str], told: str) -> None:
    checked = check_bundle(posted_home, bundle() | {"manifest.csv": manifest(**modes)})
    assert checked.is_unreadable
    assert told in checked.why_held[0]


def test_manifest_with_an_endless_value_is_refused(posted_home: Path) -> None:
    checked = check_bundle(posted_home, bundle() | {"manifest.csv": manifest() + f"x,{'y' * 140_000}\n"})
    assert checked.is_unreadable
    assert checked.why_held[0].startswith("manifest.csv cannot be read (field larger than field limit")


def test_file_the_manifest_calls_absent_holds(posted_home: Path) -> None:
    checked = check_bundle(posted_home, bundle() | {"manifest.csv": manifest(demographics="absent")})
    assert (checked.exit_code, checked.is_unreadable) == (1, False)
    assert "demographics is absent, and it came" in checked.why_held[0]


def test_no_manifest_older_names_blank_header_cells_and_slashed_dates_are_read_and_said(posted_home: Path) -> None:
    files = bundle()
    files["classes.csv"] = files["classes.csv"].replace("schoolSourcedId", "school_sourced_id")
    files["enrollments.csv"] = (
        files["enrollments.csv"]
        .replace("beginDate", "startDate")
        .replace("2026-09-01", "9/1/2026")
        .replace("2026-12-01", "12/1/2026")
        .replace("2026-08-31", "8/31/2026")
    )
    files["orgs.csv"] = "".join(f"{line},,\n" for line in files["orgs.csv"].strip().split("\n"))
    checked = check_bundle(posted_home, without(files, "manifest.csv"))
    assert (checked.exit_code, [finding.severity for finding in found(checked, "R01")]) == (0, ["warning"])
    assert [(finding.file, finding.value, finding.field) for finding in found(checked, "Q01")] == [
        ("classes.csv", "school_sourced_id", "schoolsourcedid"),
        ("enrollments.csv", "startdate", "begindate"),
    ]
    assert rows(checked, "section_students", "start_date")[0] == (date(2026, 9, 1),)
    assert "enrollments.csv: dates are read month first" in checked.decided


def test_file_copied_under_another_name_is_refused(posted_home: Path) -> None:
    files = bundle()
    checked = check_bundle(posted_home, files | {"classes.csv": files["enrollments.csv"]})
    assert checked.is_unreadable
    assert checked.why_held[0].startswith("classes.csv line 1: the column 'title' is missing; export it")


def test_dates_of_no_evident_order_are_asked_about(posted_home: Path) -> None:
    files = bundle(enrollments=("e1,,,k1,o1,u1,student,,9/1/2026,12/1/2026",))
    checked = check_bundle(posted_home, files)
    assert checked.is_unreadable
    assert "can be read month first or day first" in checked.why_held[0]


def test_ids_that_match_nothing_are_found_where_they_stand(posted_home: Path) -> None:
    changed = {
        "classes": (*ROWS["classes"], "k3,,,Art,,c9,A,scheduled,,o1,t9,,,", "k4,,,Art,,c1,A,scheduled,,o9,t1,,,"),
        "enrollments": (*ROWS["enrollments"], "e8,,,k9,o1,u1,student,,,", "e9,,,k1,o1,u9,student,,,"),
        "users": (*ROWS["users"], "u7,,,true,o9,student,,,Flo,Roe,,0507,,,,g9,02,"),
        "demographics": (*ROWS["demographics"], "u8,,,,,,,,,,,,,,,"),
    }
    checked = check_bundle(posted_home, bundle(**changed))
    assert places(checked, "K03") == [
        *(("warning", "classes.csv", 4), ("warning", "classes.csv", 4), ("error", "classes.csv", 5)),
        ("error", "demographics.csv", 4),
        *(("error", "enrollments.csv", 6), ("error", "enrollments.csv", 7)),
        *(("warning", "users.csv", 7), ("warning", "users.csv", 7), ("warning", "users.csv", 7)),
    ]
    assert checked.is_held  # more than one row in a hundred


def test_a_student_without_identifier_is_refused_and_sourced_id_is_a_choice(posted_home: Path) -> None:
    users = (*ROWS["users"][:2], "u3,,,true,o2,student,cy,,Cy,Poe,,,,,,,10,", *ROWS["users"][3:])
    by_identifier = check_bundle(posted_home, bundle(users=users))
    assert places(by_identifier, "I01") == [("error", "users.csv", 4)]
    by_key = check_bundle(
        posted_home,
        bundle(users=users),
        mapping="source: oneroster\nroster: {student_id: sourced_id, staff_id: sourced_id}\n",
    )
    assert rows(by_key, "students", "student_id") == [("u1",), ("u2",), ("u3",)]
    assert rows(by_key, "staff", "staff_id") == [("w1",)]


def test_roster_over_the_marks_of_another_source_leaves_the_days_alone(tmp_path: Path) -> None:
    more = {
        "demographics.csv": "student_id,flag,value,start_date,end_date\n0501,swd,1,,\n0501,race:White,1,,\n",
        "contacts.csv": "contact_id,student_id,full_name\nC1,0501,Rosa Ruiz\n",
    }
    assert post(tmp_path, PLAIN | more, "marks").outcome == "posted"
    days = {name: posted(tmp_path, name, "source_file", "line_no") for name in ("calendar_days", "enrollments")}
    marks = posted(tmp_path, "attendance", "student_id", "date", "delivery_id")
    # A bundle without any agent says nothing of contacts.
    users = [line.replace(",g1,", ",,") for line in ROWS["users"] if not line.startswith("g1")]
    told = post_roster(tmp_path, bundle(users=(*users, "u9,,,true,o1,student,,,Flo,Roe,,0599,,,,,02,")), "r1")
    assert told.outcome == "posted"
    assert {name: posted(tmp_path, name, "source_file", "line_no") for name in days} == days
    assert posted(tmp_path, "attendance", "student_id", "date", "delivery_id") == marks
    assert posted(tmp_path, "contacts", "contact_id") == [("C1",)]
    # What the roster does not say of a student stays, and so do groups it does not speak of.
    assert posted(tmp_path, "students", "student_id", "state_id", "household_id")[:2] == [
        ("0501", "0012", "H1"),
        ("0502", None, None),
    ]
    assert posted(tmp_path, "demographics", "student_id", "flag") == [
        *(("0501", "race:Hispanic"), ("0501", "swd")),
        ("0502", "race:Two or more"),
    ]
    unknown = [one for one in told.record.findings if one["rule"] == "K03"]
    assert [(one["count"], one["first_lines"]) for one in unknown] == [(1, [6])]
    assert len(posted(tmp_path, "section_students", "student_id")) == 3
    assert told.record.missing_students == []
    # The next night's marks leave the roster alone.
    late = {"attendance.csv": PLAIN["attendance.csv"] + "0502,100,2026-09-03,1,A,absent,0,0,,day,,\n"}
    night = post(tmp_path, PLAIN | late, "night", now=NOW + timedelta(hours=2))
    assert (night.outcome, night.record.missing_students) == ("posted", [])
    assert len(posted(tmp_path, "section_students", "student_id")) == 3
    assert len(posted(tmp_path, "students", "student_id")) == 4


def test_roster_on_an_empty_ledger_is_held(tmp_path: Path) -> None:
    checked = check(tmp_path, bundle(), source="oneroster")
    assert checked.why_held == [
        "No enrollments are posted that a roster could be laid over; post the source of the marks first."
    ]


def test_bundle_with_its_days_beside_it_is_one_delivery(tmp_path: Path) -> None:
    names = {"calendar_days.csv": "calendar_days.csv", "enrollments.csv": "school_enrollments.csv"}
    days = {names.get(name, name): PLAIN[name] for name in (*names, "attendance.csv")}
    checked = check(tmp_path, bundle() | days, source="oneroster")
    assert (checked.exit_code, checked.is_roster) == (0, False)
    plain = check(tmp_path / "plain")
    for table, columns in (
        ("enrollments", ("student_id", "school_id", "entry_date", "last_member_date", "grade")),
        ("attendance", ("student_id", "date", "portion_num", "portion_den", "category", "excused")),
        ("calendar_days", ("school_id", "date", "in_session")),
    ):
        assert rows(checked, table, *columns) == rows(plain, table, *columns)
    missing = check(tmp_path / "b", bundle() | without(days, "attendance.csv"), source="oneroster")
    assert missing.is_unreadable
    assert "no attendance.csv" in missing.why_held[0]


def test_mapping_of_a_table_nobody_reads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"OneRoster 1\.1 and 1\.2's tables are manifest, orgs"):
        check(
            tmp_path,
            bundle(),
            source="oneroster",
            mapping="source: oneroster\ntables: {people: {file: people, columns: {key: id}}}\n",
        )


def test_roster_that_lost_students_or_classes_is_held(posted_home: Path) -> None:
    assert post_roster(posted_home, bundle(), "r1").outcome == "posted"
    lost = {
        "users": tuple(line for line in ROWS["users"] if not line.startswith("u2")),
        "enrollments": tuple(line for line in ROWS["enrollments"] if ",u2," not in line),
        "demographics": ROWS["demographics"][:1],
    }
    told = post_roster(posted_home, bundle(**lost), "r2", accept="Ben moved away.", accepted_by="Stella")
    assert told.record.why_held == [
        "The district: 1 of 3 enrolled students are missing from the roster.",
        "1 of 3 students who sat in a class sit in none of this roster.",
    ]
    # A roster ends no enrollment: whom it lacks is listed.
    assert (told.outcome, told.record.missing_students) == ("posted", ["0502"])
    assert [last for _, last in posted(posted_home, "enrollments", "student_id", "last_member_date")] == [None] * 3


def test_delta_is_laid_over_the_last_posted_roster_and_undone_with_it(
    posted_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The base is a zip whose bytes are kept sealed."""
    monkeypatch.setenv("ALLPRESENT_KEY", base64.b64encode(bytes(range(32))).decode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, text in bundle().items():
            out.writestr(name, text)
    base = post_roster(posted_home, {"roster.zip": packed.getvalue()}, "r1")
    assert base.outcome == "posted"
    seats = posted(posted_home, "section_students", "section_id", "student_id")
    first = {"enrollments": ("e2,ToBeDeleted,,k1,o1,u2,student,,,", "e5,active,,k2,o2,u2,student,,,")}
    one = post_roster(posted_home, bundle("delta", **first), "d1")
    assert (one.outcome, one.record.why_held) == ("posted", [])
    moved = [("k1", "0501"), ("k2", "0502"), ("k2", "0503")]
    assert posted(posted_home, "section_students", "section_id", "student_id") == moved
    counts = {row["file"]: (row["merged"], row["left_out"]) for row in one.record.rows}
    assert counts[f"{base.delivery_id}/enrollments.csv"] == (1, 0)
    assert counts["enrollments.csv"] == (0, 1)
    # A second delta lies over the first, also one that only renames a class.
    two = post_roster(posted_home, bundle("delta", classes=("k2,active,,Home,,c1,HR,homeroom,,o2,t1,,,",)), "d2")
    assert posted(posted_home, "section_students", "section_id", "student_id") == moved
    assert ("k2", "Home") in posted(posted_home, "sections", "section_id", "name")
    assert post_roster(posted_home, bundle("delta", **first), "d1").outcome == "unchanged"
    for delivery in (two, one):
        intake.undo_delivery(posted_home / "home", delivery.delivery_id)
    assert posted(posted_home, "section_students", "section_id", "student_id") == seats
    shutil.rmtree(posted_home / "home" / "deliveries" / base.delivery_id / "raw")
    late = check(posted_home, bundle("delta", **first), source="oneroster")
    assert late.is_unreadable
    assert "whose files are kept no longer; deliver a bulk bundle" in late.why_held[0]
