"""One after the other: acts that count a student's earlier records wait for each other."""

from collections.abc import Iterable

from allpresent.roster.models import Student


def hold_students(student_ids: Iterable[str]) -> None:
    """Make other acts that hold any of these students wait until this transaction ends.

    Always in the order of the ids, so that two acts never wait for each other. On SQLite a transaction that writes is
    alone already.
    """
    rows = Student.objects.select_for_update(no_key=True).filter(pk__in=set(student_ids))
    list(rows.order_by("pk").values_list("pk", flat=True))
