"""Accountability: promises by school, level and step, who sees them, and what a file hides."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.test import Client

from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import Outcome
from allpresent.casework.queries.accountability import Promised, promised_by_step
from allpresent.casework.queries.kept import OnTime
from allpresent.web.presenters.accountability import (
    HIDDEN,
    guarded,
    help_needed,
    lead_words,
    school_lines,
    step_lines,
)
from tests.cast import HARBOR, LAST_SCHOOL_DAY, LINDEN, TODAY, District, student_id

SignIn = Callable[[str], Client]
QUERIES = 15


def test_every_promise_is_in_one_of_six_kinds(desk_day: District, django_assert_num_queries: Callable) -> None:
    steps = CaseStep.objects.filter(case__student_id=student_id("Mateo"))
    one, two, three = steps.order_by("pk")[:3]
    CaseStep.objects.filter(pk=one.pk).update(state="done", ended_on=one.due_on)
    CaseStep.objects.filter(pk=two.pk).update(state="exempt")
    CaseStep.objects.filter(pk=three.pk).update(due_on=LAST_SCHOOL_DAY)
    with django_assert_num_queries(1):
        rows = promised_by_step(TODAY.replace(day=30), [LINDEN])
    assert {row.school_id for row in rows} == {LINDEN}
    assert sum(row.promised for row in rows) == CaseStep.objects.filter(school_id=LINDEN).count()
    found = {row.step_key: row.outcomes for row in rows}
    assert found[one.step_key][0] >= 1
    assert found[two.step_key][5] == 1
    assert found[three.step_key][2] >= 1


@pytest.mark.parametrize(
    ("counts", "promised", "cells"),
    [
        ((10, 0, 0, 0, 0, 0), "10", ("10", "0", "0", "0", "0", "0")),
        ((10, 0, 3, 0, 0, 0), "13", (HIDDEN, "0", HIDDEN, "0", "0", "0")),  # never one alone
        ((10, 2, 3, 0, 0, 0), "15", (HIDDEN, HIDDEN, HIDDEN, "0", "0", "0")),  # five in all are few
        ((0, 0, 3, 0, 0, 0), HIDDEN, ("0", "0", HIDDEN, "0", "0", "0")),
        ((3, 0, 2, 0, 0, 0), HIDDEN, (HIDDEN, "0", HIDDEN, "0", "0", "0")),
        ((10, 1, 1, 0, 0, 0), "12", (HIDDEN, HIDDEN, HIDDEN, "0", "0", "0")),  # 12 less 10 would be both of them
        ((30, 7, 1, 2, 0, 0), "40", ("30", HIDDEN, HIDDEN, HIDDEN, "0", "0")),
        ((30, 0, 5, 5, 0, 0), "40", ("30", "0", HIDDEN, HIDDEN, "0", "0")),
    ],
)
def test_small_numbers_are_hidden_and_cannot_be_worked_out(
    counts: tuple[int, ...], promised: str, cells: tuple[str, ...]
) -> None:
    assert guarded(counts, 5) == (promised, cells)


def test_help_is_about_work_that_waits_in_numbers() -> None:
    rows = [
        Promised(LINDEN, "L2", "L2.call", "phone home", "", (1, 0, 9, 0, 0, 0)),
        Promised(LINDEN, "L3", "L3.call", "phone home", "", (1, 0, 2, 0, 0, 0)),
    ]
    (one,) = help_needed(step_lines(rows, {LINDEN: "Linden"}), {LINDEN: "/x"})
    assert (one.words, one.url) == ("Linden, L2: 9 wait for “Phone home”.", "/x")


def test_help_tells_no_number_its_row_hides() -> None:
    rows = [Promised(LINDEN, "L2", "L2.call", "phone home", "", (1, 0, 9, 0, 0, 0))]
    assert help_needed(step_lines(rows, {LINDEN: "Linden"}, hide_to=5), {}) == ()


@pytest.mark.parametrize(
    ("on_time", "late", "is_told"), [(20, 10, True), (3, 20, False), (20, 4, False), (20, 0, True)]
)
def test_a_sentence_and_a_share_hide_what_a_row_hides(on_time: int, late: int, is_told: bool) -> None:
    kept = OnTime({Outcome.ON_TIME: on_time, Outcome.LATE: late}, half_reached_within=4, crossings=9, reached=7)
    words = lead_words(kept, hide_to=5)
    assert (str(on_time + late) in words) is is_told
    assert "4 school days" not in words, "two families were not reached"
    (line,) = school_lines({LINDEN: kept}, {LINDEN: "Linden"}, {}, hide_to=5)
    assert (line.on_time != HIDDEN) is is_told
    assert (line.half_reached, line.reached) == (HIDDEN, HIDDEN)
    assert str(on_time + late) in lead_words(kept)


@pytest.mark.parametrize(
    ("name", "schools"),
    [("Dolores", {"Linden Street School", "Harbor High School"}), ("Paula", {"Linden Street School"})],
)
def test_the_page_is_of_the_persons_schools(
    desk_day: District, signed_in: SignIn, name: str, schools: set[str]
) -> None:
    page = signed_in(name).get("/accountability/").content.decode()
    assert {one for one in ("Linden Street School", "Harbor High School") if one in page} == schools
    assert "Counted today. My school and the reports count up to the last school day delivered" in page


@pytest.mark.parametrize("name", ["Alice", "Felix", "Kim", "Charlie", "Stella", "Ivan", "Hugo"])
def test_who_answers_for_no_school_finds_no_page(desk_day: District, signed_in: SignIn, name: str) -> None:
    for address in ("/accountability/", "/accountability.csv"):
        assert signed_in(name).get(address).status_code == 404


def test_another_school_is_absent(desk_day: District, signed_in: SignIn) -> None:
    assert signed_in("Paula").get(f"/accountability/?school={HARBOR}").status_code == 404


def cells(page: str, value: str) -> list[str]:
    return re.findall(f'<td class="number"[^>]*>{re.escape(value)}</td>', page)


def test_an_executive_reads_no_small_number(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Erin").get(f"/accountability/?school={LINDEN}").content.decode()
    assert cells(page, "*")
    assert not cells(page, "1")
    assert cells(signed_in("Paula").get("/accountability/").content.decode(), "1")


def test_the_file_hides_small_numbers_for_everybody(desk_day: District, signed_in: SignIn) -> None:
    answer = signed_in("Paula").get("/accountability.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["school"] for row in rows} == {"Linden Street School"}
    assert {row["promised"] for row in rows} == {HIDDEN}


def test_no_person_is_named(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Dolores").get("/accountability/").content.decode().split("<main")[1]
    assert not [user for user in desk_day.users.values() if user.full_name in page]


@pytest.mark.parametrize("address", ["/accountability/", f"/accountability/?school={LINDEN}"])
def test_the_page_asks_a_stated_number_of_times(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable, address: str
) -> None:
    client = signed_in("Dolores")
    client.get(address)
    with django_assert_num_queries(QUERIES):
        client.get(address)
