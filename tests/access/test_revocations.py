"""What was taken from people stays taken, also where an older database would give it back."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from allpresent.access import sync_staff
from allpresent.access.giving import end_grant, give_grant
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.access.revocations import merge, reapply
from tests.cast import LINDEN, NOW, TODAY, District

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def listed(district: District, settings: object, tmp_path: Path) -> Path:
    """Where the list is written in this test."""
    settings.REVOKED = str(tmp_path / "apart" / "revoked.jsonl")  # type: ignore[attr-defined]
    return tmp_path / "apart" / "revoked.jsonl"


def given(district: District, name: str = "Kim") -> Grant:
    user = district.users[name]
    return give_grant(user, "principal", "school", LINDEN, starts_on=TODAY, source="casework", at=NOW)


def test_an_ended_grant_is_ended_again_in_an_older_database(district: District, listed: Path) -> None:
    grant, other = given(district), given(district, "Charlie")
    end_grant(grant, on=TODAY, at=NOW)
    assert listed.stat().st_mode & 0o777 == 0o600
    Grant.objects.filter(pk=grant.pk).update(ends_on=None)  # the database of a backup from before
    assert reapply(listed.read_text(), NOW) == (1, 0)
    assert Grant.objects.get(pk=grant.pk).ends_on == YESTERDAY
    assert Grant.objects.get(pk=other.pk).ends_on is None
    assert AuditEntry.objects.filter(action="grant_ended").latest("pk").detail["restored"]
    assert reapply(listed.read_text(), NOW) == (0, 0)


def test_the_last_line_about_a_grant_holds(district: District, listed: Path) -> None:
    grant = given(district)
    end_grant(grant, on=TODAY, at=NOW)
    end_grant(grant, on=TODAY + timedelta(days=30), at=NOW + timedelta(hours=1))
    Grant.objects.filter(pk=grant.pk).update(ends_on=None)
    assert reapply(listed.read_text(), NOW) == (1, 0)
    assert Grant.objects.get(pk=grant.pk).ends_on == TODAY + timedelta(days=29)


def test_another_grant_under_the_same_number_is_left_alone(district: District, listed: Path) -> None:
    grant = given(district)
    end_grant(grant, on=TODAY, at=NOW)
    Grant.objects.filter(pk=grant.pk).update(ends_on=None, relation="school_team")
    assert reapply(listed.read_text(), NOW) == (0, 0)


STAFF = "email,full_name,staff_id,relation,object_kind,object_id,starts_on,ends_on\n"


def test_people_out_of_the_staff_file_are_shut_out_again(district: District, listed: Path, tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(
        STAFF + f"amy@x.example,Amy,,principal,school,{LINDEN},,\nbob@x.example,Bob,,principal,school,{LINDEN},,\n"
    )
    sync_staff(tmp_path, TODAY, NOW)
    (tmp_path / "staff.csv").write_text(STAFF + f"amy@x.example,Amy,,principal,school,{LINDEN},,\n")
    sync_staff(tmp_path, TODAY, NOW + timedelta(hours=1))
    bob = User.objects.get(email="bob@x.example")
    User.objects.filter(pk=bob.pk).update(is_active=True)
    Grant.objects.filter(user=bob).update(ends_on=None)
    assert reapply(listed.read_text(), NOW) == (1, 1)
    after = User.objects.get(pk=bob.pk)
    assert (after.is_active, after.session_version > bob.session_version) == (False, True)
    # Let in again: the list says so, and takes nothing any more.
    (tmp_path / "staff.csv").write_text(
        STAFF + f"amy@x.example,Amy,,principal,school,{LINDEN},,\nbob@x.example,Bob,,principal,school,{LINDEN},,\n"
    )
    sync_staff(tmp_path, TODAY, NOW + timedelta(hours=2))
    assert reapply(listed.read_text(), NOW) == (0, 0)
    assert User.objects.get(pk=bob.pk).is_active


def test_lists_are_merged_by_time_and_a_cut_line_is_left_out() -> None:
    one, two, three = (json.dumps({"user": "a@x.example", "is_active": False, "at": at}) for at in "123")
    assert merge([f"{three}\n{two[:-3]}", f"{two}\n{three}\n", f"\n\n{one}\n"]) == f"{one}\n{two}\n{three}\n"
    assert merge([]) == ""
