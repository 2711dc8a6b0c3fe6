"""What PostgreSQL believes of the tables a night has filled."""

from pathlib import Path

import pytest
from django.db import connection, models

from allpresent.roster import project_roster
from allpresent.roster.filling import have_counted
from allpresent.roster.models import Contact, Enrollment, SectionStudent, Student
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def believed(model: type[models.Model]) -> int:
    """Rows of a table as the planner last counted them; SQLite plans by the rows there are."""
    if connection.vendor != "postgresql":
        return model._default_manager.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [model._meta.db_table])
        return int(cursor.fetchone()[0])


def test_nobody_asks_a_database_that_has_not_counted_what_the_night_wrote(own_home: Path) -> None:
    project_roster(own_home, NOW)
    for model in (Student, Enrollment, SectionStudent, Contact):
        assert believed(model) == model._default_manager.count() > 0


def test_counting_asks_sqlite_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(int(connection.vendor == "postgresql")):
        have_counted(Student, Enrollment)
