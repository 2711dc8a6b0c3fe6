"""What a school itself promised: who records it, what it needs of people, and that nothing of it is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry, User
from allpresent.casework import CaseworkError
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import PromisePerson, SchoolPromise
from allpresent.casework.queries.school_promises import Kept, PromiseKept, promise_records, promises_kept
from allpresent.casework.school_promises import (
    Named,
    PromiseForm,
    correct_promise,
    end_promise,
    record_promise,
    undo_promise,
    withdraw_promise,
)
from allpresent.casework.school_staff import staff_of
from allpresent.protocol import load_protocol
from allpresent.protocol.document import Step
from tests.cast import HARBOR, LINDEN, NOW, PEOPLE, TODAY, District

PROTOCOL = load_protocol("new_haven")
LEAP, TEACHERS = "L3.leap_activated", "L3.three_teachers"
SINCE = date(2026, 10, 5)
THREE = ("Alice", "Bob", "Nadia")


def needed(key: str) -> Step:
    return PROTOCOL.step(key)


def wish(district: District, *names: str, days: date | None = SINCE) -> PromiseForm:
    people = tuple(Named(district.users[name].pk, days, days) for name in names)  # type: ignore[attr-defined]
    return PromiseForm(SINCE, "Letter of the state, 1 October", people)


def do_record(district: District, key: str, form: PromiseForm, name: str = "Paula", school: str = LINDEN):
    user: User = district.users[name]  # type: ignore[assignment]
    return record_promise(user, school, PROTOCOL, key, form, issue_key(), NOW)


def kept(key: str, school: str = LINDEN) -> PromiseKept:
    return promises_kept([school])[school, key]


def test_a_school_is_kept_once_so_many_people_have_what_they_need(
    district: District, django_assert_num_queries: Callable
) -> None:
    assert promises_kept([LINDEN, HARBOR]) == {}
    made = do_record(district, TEACHERS, wish(district, "Alice", "Bob"))
    with django_assert_num_queries(1):
        one = kept(TEACHERS)
    assert one.stands(needed(TEACHERS).people) == Kept.BEGUN
    assert [person.name for person in one.people] == ["Alice Moreau", "Bob Tanaka"]
    three = wish(district, *THREE)
    untrained = replace(three, people=(*three.people[:2], Named(three.people[2].user_id, None, SINCE)))
    paula = district.users["Paula"]
    correct_promise(paula, made.pk, needed(TEACHERS).people, untrained, 1, issue_key(), NOW)
    assert kept(TEACHERS).stands(needed(TEACHERS).people) == Kept.BEGUN
    correct_promise(paula, made.pk, needed(TEACHERS).people, three, 2, issue_key(), NOW)
    assert kept(TEACHERS).stands(needed(TEACHERS).people) == Kept.WHOLE
    User.objects.filter(full_name="Bob Tanaka").update(is_active=False)
    assert kept(TEACHERS).stands(needed(TEACHERS).people) == Kept.BEGUN, "who left counts no more"
    assert AuditEntry.objects.filter(action="promise.corrected").count() == 2


def test_a_correction_keeps_what_stood_before(district: District) -> None:
    made = do_record(district, TEACHERS, wish(district, *THREE))
    paula, other = district.users["Paula"], wish(district, "Alice", "Sam", days=None)
    correct_promise(paula, made.pk, needed(TEACHERS).people, other, 1, issue_key(), NOW)
    assert [person.name for person in kept(TEACHERS).people] == ["Alice Moreau", "Sam Lane"]
    assert PromisePerson.objects.filter(record=made).count() == 4, "taken off, never deleted"
    entry = AuditEntry.objects.get(action="promise.corrected")
    assert {one["user"] for one in entry.detail["people_before"]} == {district.users[name].pk for name in THREE}
    with pytest.raises(AlreadyChangedError, match="read it again"):
        correct_promise(paula, made.pk, needed(TEACHERS).people, other, 1, issue_key(), NOW)


def test_one_record_holds_at_a_time_and_a_key_acts_once(district: District) -> None:
    key, form = issue_key(), wish(district)
    dolores = district.users["Dolores"]
    for _ in range(2):
        record_promise(dolores, LINDEN, PROTOCOL, LEAP, form, key, NOW)
    assert (SchoolPromise.objects.count(), AuditEntry.objects.filter(action="promise.recorded").count()) == (1, 1)
    with pytest.raises(AlreadyChangedError, match="meanwhile"):
        do_record(district, LEAP, form)
    do_record(district, LEAP, form, "Dolores", HARBOR)
    assert {school for school, _key in promises_kept([LINDEN, HARBOR])} == {LINDEN, HARBOR}


def test_ended_withdrawn_and_taken_back_stay_in_the_records(district: District) -> None:
    paula = district.users["Paula"]
    first = do_record(district, LEAP, wish(district))
    end_promise(paula, first.pk, TODAY, "The grant ran out.", issue_key(), NOW)
    assert kept(LEAP).stands(None) == Kept.ENDED
    second = do_record(district, LEAP, wish(district))
    assert kept(LEAP).stands(None) == Kept.WHOLE
    withdraw_promise(paula, second.pk, "Meant for another school.", issue_key(), NOW)
    assert kept(LEAP).record_id == first.pk
    third = do_record(district, LEAP, wish(district))
    undo_promise(paula, third.pk, issue_key(), NOW)
    assert [one.state for one in promise_records(LINDEN, LEAP)] == ["withdrawn", "withdrawn", "ended"]
    for one in (first, second, third):
        with pytest.raises(AlreadyChangedError):
            withdraw_promise(paula, one.pk, "Once more.", issue_key(), NOW)


def test_a_slip_is_taken_back_by_its_author_within_ten_minutes(district: District) -> None:
    paula, dolores = district.users["Paula"], district.users["Dolores"]
    made = do_record(district, LEAP, wish(district))
    end_promise(paula, made.pk, TODAY, "The grant ran out.", issue_key(), NOW)
    for user, at in ((dolores, NOW), (paula, NOW + timedelta(minutes=11))):
        with pytest.raises(CaseworkError, match="ten minutes"):
            undo_promise(user, made.pk, issue_key(), at)
    key = issue_key()
    for _ in range(2):
        undo_promise(paula, made.pk, key, NOW)
    assert kept(LEAP).stands(None) == Kept.WHOLE
    assert AuditEntry.objects.filter(action="promise.undone").count() == 1
    undo_promise(paula, made.pk, issue_key(), NOW)
    with pytest.raises(CaseworkError, match="ten minutes"):
        undo_promise(paula, made.pk, issue_key(), NOW)  # what was taken back is no slip any more


def test_nobody_else_records_for_a_school(district: District) -> None:
    made = do_record(district, TEACHERS, wish(district, "Alice"))
    acts = (
        lambda user: record_promise(user, LINDEN, PROTOCOL, LEAP, wish(district), issue_key(), NOW),
        lambda user: end_promise(user, made.pk, TODAY, "It is over.", issue_key(), NOW),
        lambda user: withdraw_promise(user, made.pk, "A mistake.", issue_key(), NOW),
        lambda user: undo_promise(user, made.pk, issue_key(), NOW),
        lambda user: correct_promise(user, made.pk, None, wish(district), 1, issue_key(), NOW),
    )
    for name in sorted(set(PEOPLE) - {"Paula", "Dolores"}):
        for act in acts:
            with pytest.raises(NotVisibleError):
                act(district.users[name])
    with pytest.raises(NotVisibleError):
        do_record(district, LEAP, wish(district), "Paula", HARBOR)


def test_what_cannot_be_so_is_refused(district: District) -> None:
    for key, names, change, said in (
        (LEAP, (), {"since": TODAY + timedelta(days=1)}, "days that have come"),
        (LEAP, (), {"reference": " no "}, "few words"),
        (LEAP, ("Alice",), {}, "names nobody"),
        (TEACHERS, (), {}, "at least one"),
        (TEACHERS, ("Alice", "Alice"), {}, "twice"),
        (TEACHERS, ("Carmen",), {}, "of this school"),  # teaches at the other school
        (TEACHERS, ("Pat",), {}, "of this school"),  # a student among the mentors
        (TEACHERS, ("Rita",), {}, "of this school"),  # a partner
        (TEACHERS, ("Charlie",), {}, "of this school"),
    ):
        with pytest.raises(CaseworkError, match=said):
            do_record(district, key, replace(wish(district, *names), **change))
    assert not SchoolPromise.objects.exists()


def test_a_step_of_a_student_is_no_promise_of_a_school(district: District) -> None:
    with pytest.raises(NotVisibleError):
        do_record(district, "L3.success_plan", wish(district))


def test_the_last_day_is_between_the_first_and_today(district: District) -> None:
    made = do_record(district, LEAP, wish(district))
    for day in (SINCE - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(CaseworkError, match="last day"):
            end_promise(district.users["Paula"], made.pk, day, "It is over.", issue_key(), NOW)


def test_staff_are_those_who_work_with_the_schools_students(
    district: District, django_assert_num_queries: Callable
) -> None:
    with django_assert_num_queries(1):
        found = list(staff_of(LINDEN, TODAY).values())
    assert found == ["Alice Moreau", "Bob Tanaka", "Grace Lane", "Hugo Lane", "Nadia Petrov", "Paula Lane", "Sam Lane"]


def test_the_wording_stays_as_it_was_promised(district: District) -> None:
    made = do_record(district, LEAP, wish(district))
    assert made.promise.protocol_version == PROTOCOL.version
    assert kept(LEAP).label_en == "LEAP is active at the school"


def test_an_earlier_day_is_told_as_it_stood(district: District) -> None:
    made = do_record(district, TEACHERS, wish(district, *THREE))
    end_promise(district.users["Paula"], made.pk, TODAY, "Nobody wished to go on.", issue_key(), NOW)
    needs = needed(TEACHERS).people
    for on, stood in (
        (SINCE - timedelta(days=1), None),
        (SINCE, Kept.WHOLE),
        (TODAY, Kept.WHOLE),  # its last day
        (TODAY + timedelta(days=1), Kept.ENDED),
    ):
        found = promises_kept([LINDEN], on)
        assert (found[LINDEN, TEACHERS].stands(needs) if found else None) == stood, on
    later = replace(kept(TEACHERS).people[0], trained_on=TODAY)
    assert not later.as_of(SINCE).has(("trained",))
