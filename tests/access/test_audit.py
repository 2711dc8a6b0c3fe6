"""Audit entries: written with the act, and kept as written by the database itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, connections, transaction

from allpresent.access import audited_read, guards, record, visible_students
from allpresent.access.models import AuditEntry, User
from allpresent.roster.models import Student
from tests import factories
from tests.cast import NOW, TODAY, District


def test_entries_are_written_with_all_their_parts(district: District) -> None:
    entry = record(
        district.users["Stella"], "delivery_accepted", at=NOW, object_kind="delivery", object_id="0001", detail={"n": 1}
    )
    entry.refresh_from_db()
    assert (entry.user, entry.action, entry.at) == (district.users["Stella"], "delivery_accepted", NOW)
    assert (entry.student_id, entry.object_kind, entry.object_id, entry.detail) == ("", "delivery", "0001", {"n": 1})


def test_reads_write_one_entry_a_student(district: District) -> None:
    paula = district.users["Paula"]
    seen = audited_read(paula, "list_viewed", visible_students(paula, TODAY), at=NOW, detail={"page": "today"})
    rows = AuditEntry.objects.filter(action="list_viewed", user=paula)
    assert sorted(rows.values_list("student_id", flat=True)) == sorted(student.student_id for student in seen)
    assert len(seen) == 4
    assert {row.detail["page"] for row in rows} == {"today"}


def test_reads_of_nobody_write_nothing(district: District) -> None:
    assert audited_read(district.users["Charlie"], "list_viewed", Student.objects.none(), at=NOW) == []
    assert not AuditEntry.objects.filter(action="list_viewed").exists()


def test_entries_fall_with_the_act_they_belong_to(district: District) -> None:
    def act() -> None:
        with transaction.atomic():
            record(district.users["Alice"], "contact_logged", at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert not AuditEntry.objects.filter(action="contact_logged").exists()


CHANGES: list[Callable[[], object]] = [
    lambda: AuditEntry.objects.update(action="something else"),
    lambda: AuditEntry.objects.all().delete(),
    lambda: AuditEntry.objects.get().delete(),
    lambda: connection.cursor().execute(f"UPDATE {guards.TABLE} SET student_id = ''"),
    lambda: connection.cursor().execute(f"DELETE FROM {guards.TABLE}"),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.django_db
def test_entries_cannot_be_changed_or_removed(change: Callable[[], object]) -> None:
    record(None, "night_began", at=NOW)
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic():
        change()
    assert AuditEntry.objects.get().action == "night_began"


@pytest.mark.django_db
def test_entries_cannot_be_truncated() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("a statement of PostgreSQL")
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {guards.TABLE}")


@pytest.mark.django_db
def test_people_with_entries_cannot_be_deleted() -> None:
    user = factories.make_user()
    record(user, "signed_in", at=NOW)
    with pytest.raises(DatabaseError):
        user.delete()


@pytest.mark.django_db(transaction=True)
def test_reads_at_the_same_moment_lose_no_entry() -> None:
    user, school = factories.make_user(), factories.make_school()
    students = [factories.make_student(school) for _ in range(5)]

    def look(_turn: int) -> None:
        try:
            audited_read(User.objects.get(pk=user.pk), "list_viewed", students, at=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(40)))
    assert AuditEntry.objects.filter(action="list_viewed").count() == 200
