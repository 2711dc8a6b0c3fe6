"""staff.csv: who is in it comes in, who has left it is out, and a bad row gives nothing but a sentence."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client

from allpresent.access import sync_staff, visible_students, why_can_view
from allpresent.access.models import AccessError, AuditEntry, Grant, User
from allpresent.access.staff_file import StaffSync
from tests import factories
from tests.cast import HARBOR, LINDEN, NOW, TODAY, District

HEADER = "email,full_name,staff_id,relation,object_kind,object_id,starts_on,ends_on"
ALICE = "alice.m@elmharbor.example,Alice Moreau,T1,teacher,school,11,2026-08-31,"
PAULA = "Paula.Q@elmharbor.example,Paula Quist,,principal,school,11,,"
STELLA = "stella.v@elmharbor.example,Stella Vang,,data_steward,district,,,"
Write = Callable[..., StaffSync]
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def write(district: District, own_home: Path) -> Write:
    """Write staff.csv and bring it in; the cast's own people were entered by an administrator."""

    def write(*lines: str, on: date = TODAY, encoding: str = "utf-8", **options: bool) -> StaffSync:
        (own_home / "staff.csv").write_bytes("\n".join(lines).encode(encoding))
        return sync_staff(own_home, on, NOW, **options)

    return write


def user(first: str) -> User:
    return User.objects.get(email__startswith=f"{first}.")


def test_people_and_grants_come_in(write: Write, district: District) -> None:
    sync = write(HEADER, ALICE, PAULA, STELLA)
    assert (sync.created, sync.grants_given, sync.sentences) == (3, 3, [])
    assert user("paula").email == "paula.q@elmharbor.example"
    assert user("paula").grants.get().starts_on == TODAY
    maya = district.student_ids["Maya"]
    assert why_can_view(user("alice"), maya, TODAY) == "you are Maya's homeroom teacher (4A)"
    assert why_can_view(user("paula"), maya, TODAY) == "you are principal of Linden Street School"
    assert not user("alice").has_usable_password()
    assert not user("alice").is_demo
    assert AuditEntry.objects.filter(action="grant_given").count() == 3


def test_bringing_the_same_file_in_again_changes_nothing(write: Write) -> None:
    write(HEADER, ALICE, PAULA)
    before = (list(User.objects.values()), list(Grant.objects.values()), AuditEntry.objects.count())
    sync = write(HEADER, ALICE, PAULA, on=TOMORROW)
    assert (sync.created, sync.disabled, sync.grants_given, sync.grants_ended) == (0, 0, 0, 0)
    assert (list(User.objects.values()), list(Grant.objects.values()), AuditEntry.objects.count()) == before


def test_who_left_the_file_is_out_with_the_next_request(write: Write) -> None:
    write(HEADER, ALICE, PAULA)
    client = Client()
    client.force_login(user("paula"))
    session_version = user("paula").session_version
    sync = write(HEADER, ALICE)
    assert (sync.disabled, sync.grants_ended) == (1, 1)
    paula = user("paula")
    assert not paula.is_active
    assert paula.session_version == session_version + 1
    assert not visible_students(paula, TODAY).exists()
    assert client.get("/accounts/password/change/").status_code == 302
    # Let in again, the old session stays dead.
    assert write(HEADER, ALICE, PAULA).enabled == 1
    assert user("paula").is_active
    assert client.get("/accounts/password/change/").status_code == 302
    assert visible_students(user("paula"), TODAY).exists()


def test_grants_that_left_the_file_end_today_and_stay_told(write: Write) -> None:
    write(HEADER, PAULA, PAULA.replace("11", "21"))
    sync = write(HEADER, PAULA)
    assert (sync.grants_ended, sync.disabled) == (1, 0)
    grant = user("paula").grants.get(object_id=HARBOR)
    assert grant.ends_on == TODAY - timedelta(days=1)
    assert {student.school_id for student in visible_students(user("paula"), TODAY)} == {LINDEN}
    assert AuditEntry.objects.filter(action="grant_ended", object_id=HARBOR).exists()


def test_grants_with_new_dates_are_moved_not_doubled(write: Write) -> None:
    write(HEADER, ALICE)
    write(HEADER, ALICE + "2026-11-30")
    grant = user("alice").grants.get()
    assert (grant.starts_on, grant.ends_on) == (date(2026, 8, 31), date(2026, 11, 30))
    assert AuditEntry.objects.filter(action="grant_changed").count() == 1


def test_a_grant_that_is_over_may_be_given_again(write: Write) -> None:
    write(HEADER, PAULA, STELLA)
    write(HEADER, STELLA)
    assert not visible_students(user("paula"), TOMORROW).exists()
    write(HEADER, PAULA, STELLA, on=TOMORROW)
    assert visible_students(user("paula"), TOMORROW).exists()
    assert user("paula").grants.count() == 2


def test_people_of_an_administrator_and_grants_of_casework_are_left_alone(write: Write, district: District) -> None:
    kim = district.users["Kim"]
    write(HEADER, ALICE, f"{kim.email},Somebody Else,T9,care_coordinator,school,21,,")
    write(HEADER, ALICE)
    kim.refresh_from_db()
    assert (kim.is_active, kim.full_name, kim.staff_id) == (True, "Kim Lane", "")
    assert why_can_view(kim, district.student_ids["Dante"], TODAY) is not None
    assert kim.grants.filter(source="cast").get().ends_on is None


def test_names_and_staff_ids_follow_the_file(write: Write) -> None:
    write(HEADER, ALICE)
    write(HEADER, ALICE.replace("Alice Moreau,T1", "Alice Núñez-Moreau,T2"))
    assert (user("alice").full_name, user("alice").staff_id) == ("Alice Núñez-Moreau", "T2")


BAD_ROWS = [
    ("nobody,N,,principal,school,11,,", "email: “nobody” is no e-mail address."),
    (
        "x@e.example,X,,headmaster,school,11,,",
        "relation: “headmaster” is none of district_executive, district_attendance_team, principal, ",
    ),
    ("x@e.example,X,,partner,student,1001,,", "relation: “partner” is none of "),
    ("x@e.example,X,,principal,district,,,", "object_kind: a principal is named for a school, not for “district”."),
    ("x@e.example,X,,success_mentor,section,S4A,,", "is named for a school or student, not for “section”."),
    ("x@e.example,X,,principal,school,99,,", "object_id: no school “99” has been delivered."),
    ("x@e.example,X,,principal,school,,,", "object_id has to be blank for the district, and named for all else."),
    (
        "x@e.example,X,,data_steward,district,11,,",
        "object_id has to be blank for the district, and named for all else.",
    ),
    ("x@e.example,X,,principal,school,11,31/08/2026,", "starts_on: “31/08/2026” is no date; write it as 2026-08-31."),
    ("x@e.example,X,,principal,school,11,2026-11-02,2026-11-01", "ends_on is before starts_on."),
    ("x@e.example,X,,principal,school,11", "the row does not have 8 fields."),
    ("x@e.example,X,,principal,school,11,,,more", "the row does not have 8 fields."),
    (f"x@e.example,{'X' * 201},,principal,school,11,,", "a field is longer than 200 characters or not text."),
]


@pytest.mark.parametrize(("row", "sentence"), BAD_ROWS)
def test_bad_rows_give_nothing_and_are_told(write: Write, row: str, sentence: str) -> None:
    sync = write(HEADER, ALICE, row)
    (told,) = sync.sentences
    assert told.startswith("staff.csv, line 3: ")
    assert sentence in told
    assert list(User.objects.filter(source="staff.csv")) == [user("alice")]


def test_people_whose_row_went_bad_stay_but_lose_the_grant(write: Write) -> None:
    write(HEADER, ALICE, PAULA)
    sync = write(HEADER, ALICE, PAULA.replace("principal", "pricnipal"))
    assert (sync.disabled, sync.grants_ended, len(sync.sentences)) == (0, 1, 1)
    assert user("paula").is_active
    assert not visible_students(user("paula"), TODAY).exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: the columns have to be email, full_name, "),
        (b"email,relation\na@e.example,teacher", "line 1: the columns have to be email, full_name, "),
        (HEADER.replace(",", ";").encode(), "line 1: the columns have to be "),
        (f"{HEADER}\n".encode(), "holds no row that can be used, so nothing was changed."),
        (
            f"{HEADER}\nx,,,,,,,".encode(),
            "no row that can be used, so nothing was changed. staff.csv, line 2: email: “x”",
        ),
        (f'{HEADER}\n"a@e.example,X'.encode(), "a quotation mark is not closed"),
        (f"{HEADER}\n{ALICE}".encode("utf-16"), "is not UTF-8 text"),
        (f"{HEADER}\nzoé@e.example,Zoë,,principal,school,11,,".encode("cp1252"), "is not UTF-8 text"),
    ],
)
def test_files_that_cannot_be_read_change_nothing(write: Write, own_home: Path, content: bytes, sentence: str) -> None:
    write(HEADER, ALICE, PAULA)
    before = (list(User.objects.values()), list(Grant.objects.values()))
    (own_home / "staff.csv").write_bytes(content)
    with pytest.raises(AccessError) as refusal:
        sync_staff(own_home, TODAY, NOW)
    assert sentence in str(refusal.value)
    assert (list(User.objects.values()), list(Grant.objects.values())) == before


def test_files_that_shut_out_a_fifth_of_the_staff_are_held(write: Write) -> None:
    staff = [f"p{number:02d}.x@e.example,P,,school_attendance_team,school,11,," for number in range(40)]
    write(HEADER, *staff)
    with pytest.raises(AccessError, match="leaves out 25 of the people"):
        write(HEADER, *staff[:15])
    assert User.objects.filter(source="staff.csv", is_active=True).count() == 40
    assert write(HEADER, *staff[:15], may_disable_many=True).disabled == 25


def test_homes_without_the_file_change_nothing(write: Write, own_home: Path) -> None:
    write(HEADER, ALICE)
    (own_home / "staff.csv").unlink()
    assert sync_staff(own_home, TODAY, NOW).disabled == 0
    assert user("alice").is_active


def test_a_byte_order_mark_and_shuffled_columns_are_read(write: Write) -> None:
    names, values = HEADER.split(","), ALICE.split(",")
    write(",".join(names[::-1]), ",".join(values[::-1]), encoding="utf-8-sig")
    assert user("alice").grants.get().object_id == LINDEN


def test_only_the_demo_makes_people_of_the_demo(write: Write) -> None:
    write(HEADER, ALICE, is_demo=True)
    write(HEADER, ALICE, PAULA)
    assert (user("alice").is_demo, user("paula").is_demo) == (True, False)
    write(HEADER, ALICE, PAULA, is_demo=True)
    assert not user("paula").is_demo


def test_a_row_twice_is_one_grant(write: Write) -> None:
    assert write(HEADER, ALICE, ALICE).grants_given == 1


def test_grants_already_over_are_not_given(write: Write) -> None:
    assert write(HEADER, ALICE + "2026-10-01", PAULA).grants_given == 1
    assert user("alice").is_active


def test_other_homes_students_cannot_be_named(district: District, tmp_path: Path) -> None:
    factories.make_school("77")
    (tmp_path / "staff.csv").write_text(f"{HEADER}\n{PAULA.replace('11', '78')}\n{STELLA}")
    assert len(sync_staff(tmp_path, TODAY, NOW).sentences) == 1
