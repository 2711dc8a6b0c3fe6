"""Relations with dates: they begin and end at midnight, and say what may be done and seen."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import translation

from allpresent.access import can, get_visible_student_or_404, relations, visible_students, why_can_view
from allpresent.access.grants import schools_for, sight
from allpresent.access.models import Grant
from allpresent.access.sharing import who_else_can
from allpresent.roster.models import SectionStaff, SectionStudent
from tests import factories
from tests.cast import HARBOR, LINDEN, TODAY, District

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def names(students: object) -> set[str]:
    return {student.given_name for student in students}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("person", "student", "before", "after", "midnight"),
    [
        ("Grace", "Mateo", True, False, TOMORROW),  # the grant's last day is today
        ("Olga", "Maya", True, False, TODAY),  # it was yesterday
        ("Sam", "Maya", False, True, date(2026, 11, 4)),
        ("Sam", "Maya", True, False, date(2026, 11, 7)),
        ("Carmen", "Dante", True, False, date(2026, 10, 31)),  # gave up the section
        ("Bob", "Iris", True, False, TODAY),  # the student changed classes
        ("Carmen", "Iris", False, True, TOMORROW),
        ("Paula", "Dante", True, False, date(2026, 10, 3)),  # the student moved school
        ("Quinn", "Dante", False, True, date(2026, 10, 5)),
        ("Paula", "Nia", True, False, date(2026, 10, 17)),  # left the district
        ("Paula", "Omar", False, True, date(2026, 11, 16)),  # comes
        ("Felix", "Zoe", False, True, date(2026, 10, 20)),
    ],
)
def test_sight_begins_and_ends_at_midnight(
    district: District, person: str, student: str, before: bool, after: bool, midnight: date
) -> None:
    user, key = district.users[person], district.student_ids[student]
    found = [why_can_view(user, key, on) is not None for on in (midnight - timedelta(days=1), midnight)]
    assert found == [before, after]


def test_sections_delivered_for_a_teacher_open_nothing_without_a_grant(district: District) -> None:
    """The SIS alone gives no role: Lena teaches Tomás there, and is named by nobody."""
    lena, tomas = district.users["Lena"], district.student_ids["Tomas"]
    assert why_can_view(lena, tomas, TODAY) is None
    factories.give(lena, "teacher", "school", LINDEN)
    assert why_can_view(lena, tomas, TODAY) == "you are Tomás's homeroom teacher (2B)"


def test_sections_at_a_school_the_teacher_is_not_named_for_stay_shut(district: District) -> None:
    bob, zoe = district.users["Bob"], district.student_ids["Zoe"]
    assert why_can_view(bob, zoe, TODAY) is None
    factories.give(bob, "teacher", "district")
    assert why_can_view(bob, zoe, TODAY) == "you teach Zoë in Chess"
    assert "Zoë" in names(visible_students(bob, TODAY))


def test_a_section_the_student_is_still_listed_in_opens_nothing_after_the_move(district: District) -> None:
    """The old school's file of sections comes late, or never: the day of the move decides."""
    bob, sam, dante = district.users["Bob"], district.users["Sam"], district.student_ids["Dante"]
    for section in ("S7M", "S4A"):
        SectionStudent.objects.create(section_id=section, student_id=dante, start_date=date(2026, 8, 31))
    last, moved = date(2026, 10, 2), date(2026, 10, 5)
    assert why_can_view(bob, dante, last) == "you teach Dante in Math 7"
    for user, on in ((bob, moved), (bob, TODAY), (sam, TODAY)):
        assert why_can_view(user, dante, on) is None
        assert "Dante" not in names(visible_students(user, on))
        assert str(user) not in {name for sharer in who_else_can(dante, on) for name in sharer.names}


def test_a_student_of_another_school_is_seen_in_the_section_they_come_to(district: District) -> None:
    bob, zoe = district.users["Bob"], district.student_ids["Zoe"]
    SectionStudent.objects.create(section_id="S7M", student_id=zoe, start_date=date(2026, 8, 31))
    assert why_can_view(bob, zoe, TODAY) == "you teach Zoë in Math 7"
    assert "Zoë" in names(visible_students(bob, TODAY))


def test_users_without_a_staff_id_share_no_sections(district: District) -> None:
    user = factories.make_user()
    factories.give(user, "teacher", "district")
    assert not visible_students(user, TODAY).exists()
    assert all(why_can_view(user, key, TODAY) is None for key in district.student_ids.values())


def test_grants_on_the_wrong_kind_of_object_open_nothing(district: District) -> None:
    """A row that names a principal for a single student, or a mentor for a school, is no relation the table knows."""
    user, maya = factories.make_user(), district.student_ids["Maya"]
    factories.give(user, "principal", "student", maya)
    factories.give(user, "success_mentor", "school", LINDEN)
    factories.give(user, "school_attendance_team", "district")
    factories.give(user, "unheard_of", "district")
    assert why_can_view(user, maya, TODAY) is None
    assert not visible_students(user, TODAY).exists()
    assert all(str(user) not in sharer.names for sharer in who_else_can(maya, TODAY))


def test_lists_take_one_query(district: District) -> None:
    for person in ("Nadia", "Dolores", "Charlie"):
        with CaptureQueriesContext(connection) as queries:
            list(visible_students(district.users[person], TODAY))
        assert len(queries) == 1


@pytest.mark.parametrize("person", ["Paula", "Nadia", "Sam", "Alice", "Charlie"])
def test_refused_and_absent_students_are_asked_for_in_the_same_way(district: District, person: str) -> None:
    """The same questions to the database, so neither the answer nor its time tells which it was."""
    asked = []
    stranger = {"Nadia": "Maya"}.get(person, "Zoe")
    for key in (district.student_ids[stranger], "none"):
        with CaptureQueriesContext(connection) as queries:
            assert why_can_view(district.users[person], key, TODAY) is None
        asked.append([query["sql"].replace(key, "?") for query in queries])
    assert asked[0] == asked[1]
    assert len(asked[0]) <= 3


def test_student_or_404_gives_the_student_and_the_reason(district: District) -> None:
    student, why = get_visible_student_or_404(district.users["Alice"], district.student_ids["Maya"], TODAY)
    assert (student.full_name, why) == ("Maya Lin Okafor", "you are Maya's homeroom teacher (4A)")
    for key in (district.student_ids["Zoe"], "no-such-student"):
        with pytest.raises(Http404) as refusal:
            get_visible_student_or_404(district.users["Alice"], key, TODAY)
        assert str(refusal.value) == ""


def test_reasons_with_percent_signs_and_braces_in_names_are_said_as_written(district: District) -> None:
    section = SectionStudent.objects.get(student_id=district.student_ids["Maya"], section_id="S4A").section
    section.name = "100% %(given)s {0}"
    section.save()
    why = why_can_view(district.users["Alice"], district.student_ids["Maya"], TODAY)
    assert why == "you are Maya's homeroom teacher (100% %(given)s {0})"


def test_two_roles_add_up_each_over_its_own_students(district: District) -> None:
    nadia = district.users["Nadia"]
    assert relations(nadia, TODAY) == {"teacher", "school_attendance_team"}
    taught = sight(nadia, district.student_ids["Mateo"], TODAY)
    assert taught is not None
    assert taught.relations == {"teacher"}
    assert not taught.reads("D2")
    assert taught.reads("D2", "phone_language")
    at_harbor = sight(nadia, district.student_ids["Zoe"], TODAY)
    assert at_harbor is not None
    assert at_harbor.reads("D2")


def test_sight_follows_the_table(district: District) -> None:
    mentor = sight(district.users["Hugo"], district.student_ids["Maya"], TODAY)
    assert mentor is not None
    assert [mentor.reads(f"D{n}") for n in range(1, 11)] == [True, *[False] * 7, True, False]
    assert mentor.writes("D9")
    assert mentor.writes("D6")
    assert not mentor.writes("D4")
    assert sight(district.users["Charlie"], district.student_ids["Maya"], TODAY) is None


@pytest.mark.parametrize(
    ("person", "action", "school", "answer"),
    [
        ("Paula", "see_school", None, True),
        ("Paula", "see_school", LINDEN, True),
        ("Paula", "see_school", HARBOR, False),
        ("Paula", "see_district", None, False),
        ("Dolores", "see_school", HARBOR, True),
        ("Alice", "see_my_calls", None, True),
        ("Alice", "see_today", None, False),
        ("Nadia", "see_today", HARBOR, True),
        ("Nadia", "see_today", LINDEN, False),
        ("Stella", "accept_delivery", None, True),
        ("Dolores", "accept_delivery", None, False),
        ("Ivan", "manage_users", None, True),
        ("Grace", "log_contact", None, True),
        ("Olga", "see_today", LINDEN, False),
        ("Mara", "see_school", LINDEN, False),
        ("Charlie", "see_my_calls", None, False),
    ],
)
def test_actions_go_with_roles_and_schools(
    district: District, person: str, action: str, school: str | None, answer: bool
) -> None:
    assert can(district.users[person], action, TODAY, school_id=school) is answer


def test_actions_nobody_listed_are_refused_loudly(district: District) -> None:
    with pytest.raises(KeyError):
        can(district.users["Dolores"], "see_everything", TODAY)


def test_schools_for_an_action(district: District) -> None:
    found = {
        person: {school.pk for school in schools_for(district.users[person], "see_today", TODAY)}
        for person in ("Dolores", "Paula", "Nadia", "Olga", "Charlie")
    }
    assert found == {
        "Dolores": {LINDEN, HARBOR},
        "Paula": {LINDEN},
        "Nadia": {HARBOR},
        "Olga": set(),
        "Charlie": set(),
    }


def test_disabled_people_hold_nothing(district: District) -> None:
    alice, maya = district.users["Alice"], district.student_ids["Maya"]
    alice.is_active = False  # type: ignore[attr-defined]
    alice.save()  # type: ignore[attr-defined]
    assert relations(alice, TODAY) == set()
    assert not can(alice, "see_my_calls", TODAY)
    assert not visible_students(alice, TODAY).exists()
    assert why_can_view(alice, maya, TODAY) is None


def test_superusers_see_nobody_for_being_superusers(district: District) -> None:
    user = factories.make_user(is_superuser=True, is_staff=True)
    assert not visible_students(user, TODAY).exists()
    assert why_can_view(user, district.student_ids["Maya"], TODAY) is None


def test_sharers_are_named_by_relation_closest_first(district: District) -> None:
    found = [(sharer.relation, sharer.names) for sharer in who_else_can(district.student_ids["Maya"], TODAY)]
    assert found == [
        ("teacher", ("Alice Moreau", "Sam Lane")),
        ("success_mentor", ("Hugo Lane",)),
        ("principal", ("Paula Lane",)),
        ("district_attendance_team", ("Dolores Lane",)),
        ("data_steward", ("Stella Lane",)),
    ]


def test_grants_name_their_object(district: District) -> None:
    from django.db import IntegrityError, transaction

    for kind, object_id in (("district", LINDEN), ("school", "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(
                user=district.users["Alice"], relation="teacher", object_kind=kind, object_id=object_id, starts_on=TODAY
            )


def test_co_teachers_both_see_a_section_once(district: District) -> None:
    SectionStaff.objects.create(section_id="S4A", staff_id="T2", start_date=TODAY)
    assert names(visible_students(district.users["Bob"], TODAY)) == {"Maya", "Mateo"}
    assert visible_students(district.users["Bob"], TODAY).count() == 2


@override_settings(LOCALE_PATHS=[])
def test_reasons_are_said_in_the_language_spoken(district: District) -> None:
    with translation.override("es"):
        why = why_can_view(district.users["Sam"], district.student_ids["Maya"], TODAY)
    assert why is not None
    assert "6 de noviembre de 2026" in why
