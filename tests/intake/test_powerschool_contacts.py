"""PowerSchool's Student Contacts: several rows a person become one row a person, student and telephone."""

from pathlib import Path

from tests.intake.folders import places
from tests.intake.powerschool_files import check_powerschool
from tests.intake.test_powerschool import texts

LABELS = (
    "New Contact Identifier,Contact ID,First Name,Last Name,Is Active,Email Address,Phone Number Priority Order,"
    "phoneNumberAsEntered,studentNumber,Contact Priority Order,Relationship Type,"
    "STUDENTCONTACTDETAILCOREFIELDS.legalGuardian,Contact Has Custody,Contact Lives With,Is Emergency Contact,"
    "U_CONTACT_X.language\n"
)
ROWS = (
    "C1,81,Ida,Ruiz,1,ida@x.example,1,(203) 555-0101,,,,,,,,es\n"  # line 2
    "C1,81,,,,,2,203-555-0102,,,,,,,,\n"
    "C1,81,,,,,3,203-555-0102,,,,,,,,\n"  # the same number once more
    "C1,81,,,,,,,0000501,1,Mother,1,1,1,1,\n"
    "C1,81,,,,,,,0000502,2,Aunt,0,0,0,1,\n"
    "C2,82,Bo,Diaz,1,,,,,,,,,,,\n"  # line 7: nobody says how to reach him
    "C2,82,,,,,,,0000502,1,Father,1,,,1,\n"
    "C3,83,Gone,Person,0,,1,203-555-0103,,,,,,,,\n"
    "C3,83,,,,,,,0000502,3,Uncle,,,,,\n"
    "C4,84,No,Child,1,,1,203-555-0104,,,,,,,,\n"
    "C5,85,Not,Ours,1,,1,203-555-0105,,,,,,,,\n"  # line 12
    "C5,85,,,,,,,0009999,1,Mother,1,1,1,1,\n"
    "C6,86,Un,Known,1,u@x.example,,,,,,,,,,\n"
    "C6,86,,,,,,,0000503,1,Friend,,,,,\n"
)


def test_rows_of_a_person_are_joined_to_each_child_and_each_telephone(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, {"contacts.csv": LABELS + ROWS})
    columns = ("contact_id", "student_id", "full_name", "phone", "priority", "may_contact", "language", "line_no")
    told = sorted(texts(checked, "contacts", *columns))
    assert told == [
        ("81", "0000501", "Ida Ruiz", "(203) 555-0101", "1", "1", "es", "2"),
        ("81", "0000501", "Ida Ruiz", "203-555-0102", "1", "1", "es", "3"),
        ("81", "0000502", "Ida Ruiz", "(203) 555-0101", "2", "0", "es", "2"),
        ("81", "0000502", "Ida Ruiz", "203-555-0102", "2", "0", "es", "3"),
        ("82", "0000502", "Bo Diaz", "None", "1", "1", "None", "8"),
        ("84", "None", "No Child", "203-555-0104", "None", "None", "None", "11"),
        ("85", "None", "Not Ours", "203-555-0105", "None", "None", "None", "12"),
        ("86", "0000503", "Un Known", "None", "1", "None", "None", "14"),
    ]


def test_custody_that_is_blank_is_not_yes(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, {"contacts.csv": LABELS + ROWS})
    flags = {row[0]: row[1:] for row in texts(checked, "contacts", "contact_id", "has_custody", "lives_with")}
    assert flags["82"] == ("None", "None")
    assert flags["86"] == ("None", "None")


def test_every_row_of_the_contacts_is_accounted_for(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, {"contacts.csv": LABELS + ROWS})
    count = next(count for count in checked.counts if count.file == "contacts.csv")
    assert (count.rows_read, count.canonical, count.errors) == (14, 6, 0)
    assert (count.left_out, count.merged) == (3, 5)
    assert places(checked, "K03") == [("warning", "contacts.csv", 13)]
    assert checked.exit_code == 0


ADDRESSES = (
    "New Contact Identifier,First Name,Last Name,Street,Unit,Line Two,City,State,Postal Code,Address Priority Order,"
    "studentNumber,Contact Has Custody,Contact Lives With,U_CONTACT_X.address_protected,phoneNumberAsEntered\n"
    "C1,Ida,Ruiz,9 Old Lane,,,Elm Harbor,CT,06599,2,,,,,203-555-0101\n"
    "C1,,,12 Lantern Street,Apt 3,c/o Moss,Elm Harbor,CT,06599,1,,,,,\n"
    "C1,,,,,,,,,,0000501,1,1,,\n"
    "C1,,,,,,,,,,0000502,1,1,,\n"
    "C2,Bo,Diaz,3 Far Lane,,,Elm Harbor,CT,06599,,,,,,\n"
    "C2,,,,,,,,,,0000503,1,1,Y,\n"
)


def test_each_row_of_a_person_says_the_first_address_unless_it_is_protected(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, {"contacts.csv": ADDRESSES})
    first = "12 Lantern Street Apt 3; c/o Moss; Elm Harbor CT 06599"
    assert sorted(texts(checked, "contacts", "student_id", "full_name", "address", "address_protected")) == [
        ("0000501", "Ida Ruiz", first, "None"),
        ("0000502", "Ida Ruiz", first, "None"),
        ("0000503", "Bo Diaz", "None", "1"),
    ]
    count = next(count for count in checked.counts if count.file == "contacts.csv")
    assert (count.rows_read, count.canonical + count.merged, count.errors) == (6, 6, 0)
