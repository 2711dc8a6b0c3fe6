"""Rows that tests begin with are put back as they were written, and only where nothing can tell."""

from pathlib import Path

import pytest
from django.db import transaction

from allpresent.access.models import User
from tests import factories, keeping
from tests.cast import District, enter_people, open_cases

pytestmark = pytest.mark.django_db


def write_cast(home: Path) -> tuple[District, keeping.Books]:
    """The cast and its cases, in a database that is then as it was before."""
    with transaction.atomic():
        district = enter_people(home)
        open_cases(home)
        books = keeping.books()
        transaction.set_rollback(True)
    return district, books


def test_the_cast_is_put_back_row_by_row(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_written", keeping.defaultdict(lambda: keeping.deque(maxlen=4)))
    first, written = write_cast(home)
    monkeypatch.setattr("tests.cast._enter", None)  # it cannot be written again
    monkeypatch.setattr("allpresent.casework.open_steps", None)
    again, put_back = write_cast(home)
    assert put_back == written
    assert len(written["casework_casestep"]) > 10
    assert first.users == again.users


def test_a_database_that_stands_otherwise_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def write() -> None:
        written.append(factories.make_user())

    keeping.once("a user", write)
    keeping.once("a user", write)
    assert len(written) == User.objects.count() == 2


def test_keys_given_from_then_on_are_new(home: Path) -> None:
    district = enter_people(home)
    assert factories.make_user().pk not in {user.pk for user in district.users.values()}  # type: ignore[attr-defined]
    factories.make_section(factories.make_school(), [])
