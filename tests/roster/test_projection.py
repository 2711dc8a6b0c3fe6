"""The roster as projected from the ledger: what it shows, and that it is whole or unchanged."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from django.db import connection

from allpresent.ledger import Ledger
from allpresent.roster import project_roster, projection
from allpresent.roster.models import (
    Contact,
    Enrollment,
    ProjectedVersion,
    School,
    Section,
    SectionStaff,
    SectionStudent,
    Staff,
    Student,
)
from tests.cast import DELIVERY, HARBOR, LAST_SCHOOL_DAY, LINDEN, NOW, student_id, tables

pytestmark = pytest.mark.django_db
MODELS = (School, Student, Staff, Section, Enrollment, SectionStudent, SectionStaff, Contact)

STUDENTS = """
name  | given | grade | school | homeroom   | language | enrolled
Maya  | Maya  | 04    | 11     | 4A         | en       | yes
Mateo | Mateo | 07    | 11     | 7 Homeroom | es       | yes
Zoe   | Zoë   | 10    | 21     |            | en       | yes
Dante | Dante | 09    | 21     | 9 Homeroom | en       | yes
Nia   | Nia   | 07    | 11     |            |          | no
Omar  | Omar  | 04    |        |            |          | no
Iris  | Iris  | 08    | 11     |            |          | yes
Tomas | Tomás | 02    | 11     | 2B         | es       | yes
"""


def shown() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the roster, without the keys the database gives."""
    found = {}
    for model in MODELS:
        names = [field.attname for field in model._meta.concrete_fields if field.attname != "id"]
        found[model.__name__] = sorted(model.objects.order_by().values_list(*names), key=repr)
    return found


def post(home: Path, changed: dict[str, pa.Table], delivery_id: str = "0002-bbbbbbbb") -> None:
    Ledger(home).write(tables() | changed, delivery_id=delivery_id, source="csv", content_sha="bb" * 32, posted_at=NOW)


def without(name: str, column: str, value: str) -> pa.Table:
    table = tables()[name]
    return table.filter(pc.not_equal(table[column], value))


def added(table_name: str, /, **row: Any) -> pa.Table:
    table = tables()[table_name]
    return pa.concat_tables([table, pa.Table.from_pylist([row], schema=table.schema)])


def test_students_show_the_day_of_the_delivery(home: Path) -> None:
    project_roster(home, NOW)
    for line in STUDENTS.strip().splitlines()[1:]:
        name, given, grade, school, homeroom, language, enrolled = (part.strip() for part in line.split("|"))
        student = Student.objects.get(pk=student_id(name))
        assert (student.given_name, student.grade, student.school_id or "") == (given, grade, school), name
        assert (student.homeroom, student.language, student.is_enrolled) == (homeroom, language, enrolled == "yes")


def test_everything_else_is_there(home: Path) -> None:
    result = project_roster(home, NOW)
    assert result is not None
    assert {model.__name__: model.objects.count() for model in MODELS} == {
        "School": 2,
        "Student": 8,
        "Staff": 5,
        "Section": 7,
        "Enrollment": 10,
        "SectionStudent": 10,
        "SectionStaff": 7,
        "Contact": 7,
    }
    assert (result.delivery_id, result.left_out, result.rows["section_students"]) == (DELIVERY, {}, 10)
    contact = Contact.objects.filter(student_id=student_id("Mateo")).first()
    assert contact is not None
    assert (contact.full_name, contact.priority, contact.has_custody, contact.language) == (
        "Lucía Delgado",
        1,
        True,
        "es",
    )
    assert Student.objects.get(pk=student_id("Mateo")).birth_date == date(2013, 3, 14)
    seat = SectionStudent.objects.get(section_id="S9H")
    assert (seat.start_date, seat.last_date) == (date(2026, 10, 5), None)
    version = ProjectedVersion.current()
    assert version is not None
    assert (version.delivery_id, version.last_school_day, version.projected_at) == (DELIVERY, LAST_SCHOOL_DAY, NOW)


def test_projecting_again_gives_the_same_rows(home: Path) -> None:
    project_roster(home, NOW)
    before = shown()
    project_roster(home, NOW + timedelta(hours=1))
    assert shown() == before
    assert ProjectedVersion.objects.count() == 1


def test_corrections_overwrite_and_what_left_the_files_leaves(own_home: Path) -> None:
    project_roster(own_home, NOW)
    post(
        own_home,
        {
            "schools": added("schools", school_id="31", name="Birch School"),
            "students": without("students", "student_id", student_id("Tomas")),
            "sections": without("sections", "section_id", "S4A"),
            "section_students": without("section_students", "student_id", student_id("Mateo")),
            "staff": without("staff", "staff_id", "T4"),
            "contacts": without("contacts", "full_name", "Andrés Ruiz"),
        },
    )
    result = project_roster(own_home, NOW)
    assert result is not None
    assert School.objects.count() == 3
    tomas = Student.objects.get(pk=student_id("Tomas"))
    assert (tomas.is_enrolled, tomas.homeroom, tomas.full_name) == (False, "", "Tomás Ruiz Delgado")
    assert not Enrollment.objects.filter(student=tomas).exists()
    assert Student.objects.get(pk=student_id("Maya")).homeroom == ""
    assert Student.objects.get(pk=student_id("Mateo")).homeroom == ""
    assert not Section.objects.filter(pk="S4A").exists()
    assert not Staff.objects.filter(pk="T4").exists()
    assert result.left_out == {"enrollments": 1, "contacts": 1, "section_students": 2, "section_staff": 2}


def test_undoing_brings_the_former_roster_back(own_home: Path) -> None:
    project_roster(own_home, NOW)
    before = shown()
    post(own_home, {"contacts": without("contacts", "language", "es"), "staff": without("staff", "staff_id", "T1")})
    project_roster(own_home, NOW)
    assert shown() != before
    Ledger(own_home).undo("0002-bbbbbbbb")
    project_roster(own_home, NOW)
    assert shown() == before


def test_undoing_the_only_delivery_empties_the_roster(own_home: Path) -> None:
    project_roster(own_home, NOW)
    Ledger(own_home).undo(DELIVERY)
    assert project_roster(own_home, NOW) is None
    assert ProjectedVersion.current() is None
    assert not Student.objects.filter(is_enrolled=True).exists()
    assert Student.objects.count() == 8
    assert not Enrollment.objects.exists()
    assert not Contact.objects.exists()


def test_homes_with_nothing_posted_have_no_roster(tmp_path: Path) -> None:
    assert project_roster(tmp_path, NOW) is None
    assert not Student.objects.exists()


@pytest.mark.parametrize("fails_at", ["_upsert", "_replace", "fill", "_remove"])
def test_a_projection_that_breaks_off_changes_nothing(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    """Old or new, never a mix."""
    project_roster(own_home, NOW)
    before = shown()
    post(own_home, {"students": without("students", "student_id", student_id("Tomas"))})
    working, calls = getattr(projection, fails_at), []

    def breaks(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return working(*args)

    monkeypatch.setattr(projection, fails_at, breaks)
    with pytest.raises(KeyboardInterrupt):
        project_roster(own_home, NOW)
    assert shown() == before
    version = ProjectedVersion.current()
    assert version is not None
    assert version.delivery_id == DELIVERY


def test_rows_without_their_other_half_are_left_out_and_counted(own_home: Path) -> None:
    post(
        own_home,
        {
            "sections": added("sections", section_id="SX", school_id="99", name="Nowhere"),
            "section_students": added("section_students", section_id="SX", student_id=student_id("Maya")),
            "contacts": added("contacts", contact_id="C99", full_name="Nobody's Aunt", priority=1),
            "staff": added("staff", staff_id="T9", school_id="99", full_name="Roving Teacher"),
        },
    )
    result = project_roster(own_home, NOW)
    assert result is not None
    assert result.left_out == {"sections": 1, "section_students": 1, "contacts": 1}
    assert Staff.objects.get(pk="T9").school is None


def test_blank_names_dates_and_flags_are_kept_as_unknown(own_home: Path) -> None:
    post(
        own_home,
        {
            "sections": added("sections", section_id="SX", school_id=HARBOR),
            "section_students": added("section_students", section_id="SX", student_id=student_id("Zoe")),
            "contacts": added("contacts", contact_id="C99", student_id=student_id("Zoe"), full_name="Aunt"),
        },
    )
    project_roster(own_home, NOW)
    seat = SectionStudent.objects.get(section_id="SX")
    assert (seat.start_date, seat.last_date, seat.section.name, seat.section.is_homeroom) == (
        date(1900, 1, 1),
        None,
        "",
        False,
    )
    aunt = Contact.objects.get(contact_id="C99")
    assert (aunt.has_custody, aunt.may_contact, aunt.priority, aunt.phone) == (None, None, None, "")


def test_names_of_every_script_arrive_unchanged(own_home: Path) -> None:
    names = ["Ng", "Åse Øverby", "عمر حداد", "王小明", "O'Brien-Núñez \\ tab\tx", "D" * 60, "%s {0} 'quoted' \"x\""]
    schema = tables()["students"].schema
    rows = [{"student_id": f"77{number}", "full_name": name, "grade": "05"} for number, name in enumerate(names)]
    contacts = [{"contact_id": "C", "student_id": row["student_id"], "full_name": row["full_name"]} for row in rows]
    post(
        own_home,
        {
            "students": pa.concat_tables([tables()["students"], pa.Table.from_pylist(rows, schema=schema)]),
            "contacts": pa.Table.from_pylist(contacts, schema=tables()["contacts"].schema),
        },
    )
    project_roster(own_home, NOW)
    assert [student.full_name for student in Student.objects.filter(pk__startswith="77").order_by("pk")] == names
    assert [contact.full_name for contact in Contact.objects.order_by("student_id")] == names


def test_rows_in_the_database_satisfy_its_keys(home: Path) -> None:
    """The quick inserts go past Django: the database's own check of every key must agree."""
    project_roster(home, NOW)
    connection.check_constraints()
    assert Enrollment.objects.filter(school_id=LINDEN).count() == 7
    assert Enrollment.objects.filter(entry_date__lte=date(2026, 8, 31)).count() == 8


@pytest.mark.parametrize(
    ("delivered", "spoken"),
    [
        ("St. Clair, Amir", "Amir St. Clair"),
        ("Ruiz Delgado, Mateo J.", "Mateo J. Ruiz Delgado"),
        ("Mateo Ruiz Delgado", "Mateo Ruiz Delgado"),
        ("Smith, John, Jr.", "Smith, John, Jr."),  # which part is which is not told: as delivered
        ("Ruiz,", "Ruiz"),
        ("", ""),
    ],
)
def test_a_name_is_spoken_with_the_given_name_first(delivered: str, spoken: str) -> None:
    assert Student(full_name=delivered).spoken_name == spoken


def test_an_address_has_a_line_for_each_of_its_lines_and_a_protected_one_none(own_home: Path) -> None:
    rows = tables()["contacts"].to_pylist()
    rows[0] |= {"address": "12 Lantern Street; Elm Harbor CT 06599"}
    rows[1] |= {"address_protected": 1}
    post(own_home, {"contacts": pa.Table.from_pylist(rows, schema=tables()["contacts"].schema)})
    project_roster(own_home, NOW)
    told = {one.contact_id: (one.address, one.address_protected) for one in Contact.objects.all()}
    assert told[rows[0]["contact_id"]] == ("12 Lantern Street\nElm Harbor CT 06599", False)
    assert told[rows[1]["contact_id"]] == ("", True)
    assert told[rows[2]["contact_id"]] == ("", False)


def test_a_version_from_before_addresses_is_projected_without_them(own_home: Path) -> None:
    import pyarrow.parquet as pq

    (path,) = own_home.rglob("contacts.parquet")
    older = pq.read_table(path).drop_columns(["address", "address_protected"])
    path.unlink()
    pq.write_table(older, path)
    project_roster(own_home, NOW)
    assert {(one.address, one.address_protected) for one in Contact.objects.all()} == {("", False)}
