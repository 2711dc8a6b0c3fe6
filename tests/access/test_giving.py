"""Grants given by the work itself: dated, told, and only such as the roles table knows."""

from datetime import timedelta

import pytest

from allpresent.access import why_can_view
from allpresent.access.giving import end_grant, give_grant
from allpresent.access.models import AccessError, AuditEntry, Grant
from tests.cast import LINDEN, NOW, TODAY, District


def test_a_case_handed_over_opens_the_student_and_is_told(district: District) -> None:
    kim, quinn, zoe = district.users["Kim"], district.users["Quinn"], district.student_ids["Zoe"]
    grant = give_grant(kim, "care_coordinator", "student", zoe, starts_on=TODAY, by=quinn, source="casework", at=NOW)
    assert why_can_view(kim, zoe, TODAY) == "you are Zoë's care coordinator"
    entry = AuditEntry.objects.get(action="grant_given")
    assert (entry.user, entry.student_id, entry.detail["user"]) == (quinn, zoe, kim.pk)
    end_grant(grant, on=TODAY + timedelta(days=1), by=quinn, at=NOW)
    assert why_can_view(kim, zoe, TODAY) is not None
    assert why_can_view(kim, zoe, TODAY + timedelta(days=1)) is None
    assert AuditEntry.objects.get(action="grant_ended").student_id == zoe


@pytest.mark.parametrize(
    ("relation", "kind", "object_id", "sentence"),
    [
        ("headmaster", "school", LINDEN, "relation: “headmaster” is none of"),
        ("family", "student", "1001", "relation: “family” is none of"),
        ("principal", "student", "1001", "a principal is named for a school"),
        ("data_steward", "district", LINDEN, "object_id has to be blank"),
        ("principal", "school", "", "object_id has to be blank for the district, and named for all else"),
    ],
)
def test_relations_the_table_does_not_know_are_not_given(
    district: District, relation: str, kind: str, object_id: str, sentence: str
) -> None:
    before = Grant.objects.count()
    with pytest.raises(AccessError, match=sentence):
        give_grant(district.users["Charlie"], relation, kind, object_id, starts_on=TODAY, source="casework", at=NOW)
    assert Grant.objects.count() == before
