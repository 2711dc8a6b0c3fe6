"""Today: whose work it shows, in which order, what it says has changed, the paper, the file, and handing steps on."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from allpresent.access.models import AuditEntry, Grant
from allpresent.casework.models import Case, CaseStep, ContactAttempt, LevelCrossing
from allpresent.roster.models import Student
from allpresent.web.cells import safe_cell
from allpresent.web.presenters.today import make_counters
from allpresent.web.presenters.today_choice import PAGE_SIZE, Choice
from allpresent.web.presenters.today_lists import make_pages
from tests.cast import FIRST_DAY, HARBOR, LAST_SCHOOL_DAY, NOW, District, school_days, student_id
from tests.web.rows import add_students_with_steps

SignIn = Callable[[str], Client]
MAYA, MATEO, ZOE, DANTE = (student_id(name) for name in ("Maya", "Mateo", "Zoe", "Dante"))


def page(client: Client, query: str = "") -> str:
    return client.get(f"/today/{query}").content.decode()


def reach(student: str, by: object, days_ago: int) -> None:
    ContactAttempt.objects.create(
        student_id=student,
        by=by,
        at=NOW - timedelta(days=days_ago),
        on=NOW.date() - timedelta(days=days_ago),
        logged_at=NOW,
        mode="phone",
        result="reached",
    )


def names(shown: str) -> list[str]:
    """The students of the list, in its order."""
    rows = shown.split('<th scope="row" class="who">')[1:]
    return [row.split(">")[1].split("<")[0] if row.startswith("<a") else row.split(" <small")[0] for row in rows]


@pytest.mark.parametrize(
    ("name", "students"),
    [
        ("Paula", {"Mateo Ruiz Delgado", "Maya Lin Okafor"}),
        ("Quinn", {"Zoë d&#x27;Angelo", "Dante Brooks"}),
        ("Dolores", {"Mateo Ruiz Delgado", "Maya Lin Okafor", "Zoë d&#x27;Angelo", "Dante Brooks"}),
        ("Felix", {"Zoë d&#x27;Angelo"}),  # on the caseload
        ("Nadia", {"Zoë d&#x27;Angelo", "Dante Brooks"}),  # her own class at Linden is not this desk's
    ],
)
def test_desk_shows_the_students_of_the_persons_schools(
    desk_day: District, signed_in: SignIn, name: str, students: set[str]
) -> None:
    assert set(names(page(signed_in(name), "?view=call"))) == students


@pytest.mark.parametrize("name", ["Alice", "Charlie", "Stella", "Erin", "Ivan", "Grace", "Hugo", "Pat", "Rita", "Olga"])
@pytest.mark.parametrize("address", ["/today/", "/today/call-list/", "/today/list.csv"])
def test_people_without_a_desk_have_no_such_page(
    desk_day: District, signed_in: SignIn, name: str, address: str
) -> None:
    assert signed_in(name).get(address).status_code == 404


def test_counters_count_steps_and_what_is_late(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.filter(kind="call", case__student_id=MATEO).update(due_on=school_days()[44])
    shown = page(signed_in("Paula"))
    counter = shown.split('href="?view=call"')[1].split("</a>")[0]
    assert '<span class="value">2</span>' in counter
    assert '<strong class="late">1 late</strong>' in counter
    assert 'aria-current="true"' in counter


def test_counter_filters_the_list(desk_day: District, signed_in: SignIn) -> None:
    shown = page(signed_in("Paula"), "?view=letter")
    assert names(shown) == ["Mateo Ruiz Delgado"]
    assert "Letters" in shown.split("<h2>")[1]


def test_letters_say_why_their_board_counts_more(desk_day: District, signed_in: SignIn) -> None:
    client, words = signed_in("Paula"), "Letters also holds the notices the law asks for"
    assert words in page(client, "?view=letter")
    assert words not in page(client)


def test_never_reached_stand_first(desk_day: District, signed_in: SignIn) -> None:
    reach(MAYA, desk_day.users["Paula"], 3)
    shown = page(signed_in("Paula"))
    assert names(shown) == ["Mateo Ruiz Delgado", "Maya Lin Okafor"]
    assert "3 d ago · reached · Paula Lane" in shown


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("name", "Mateo Ruiz Delgado"),
        ("-name", "Maya Lin Okafor"),
        ("absent", "Maya Lin Okafor"),
        ("-level", "Mateo Ruiz Delgado"),
    ],
)
def test_list_sorts_by_its_columns(desk_day: District, signed_in: SignIn, sort: str, first: str) -> None:
    shown = page(signed_in("Paula"), f"?sort={sort}")
    assert names(shown)[0] == first
    assert f'aria-sort="{"descending" if sort.startswith("-") else "ascending"}"' in shown


def test_unknown_choices_fall_back_to_the_calls(desk_day: District, signed_in: SignIn) -> None:
    shown = page(signed_in("Paula"), "?view=nonsense&sort=nonsense&page=-4&school=nonsense")
    assert "To call" in shown


def test_overdue_lists_each_student_once_with_all_steps(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.filter(case__student_id=MATEO).update(due_on=LAST_SCHOOL_DAY)
    steps = CaseStep.objects.filter(case__student_id=MATEO, state="open").count()
    shown = page(signed_in("Paula"), "?view=overdue")
    assert names(shown) == ["Mateo Ruiz Delgado"]
    assert shown.count('<strong class="late">1 day late</strong>') == 1
    assert f"and {steps - 1} more steps" in shown


def test_student_with_two_calls_stands_once_and_both_go_along(desk_day: District, signed_in: SignIn) -> None:
    other = CaseStep.objects.filter(case__student_id=MATEO, kind="letter").get()
    call = call_of(MATEO)
    CaseStep.objects.filter(pk=other.pk).update(kind="call", due_on=LAST_SCHOOL_DAY)
    client = signed_in("Paula")
    shown = page(client)
    assert sorted(names(shown)) == ["Mateo Ruiz Delgado", "Maya Lin Okafor"]
    assert "2 students · 1 late" in shown
    assert f'name="step" value="{other.pk} {call.pk}"' in shown, "the most urgent first"
    assign(client, [f"{other.pk} {call.pk}"], desk_day.users["Bob"])
    assert set(CaseStep.objects.filter(kind="call", case__student_id=MATEO).values_list("assigned_to", flat=True)) == {
        desk_day.users["Bob"].pk
    }


def test_crossed_tells_since_the_last_look(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    paula = desk_day.users["Paula"]
    assert "On the last school day: no student here crossed a level" in page(client)
    AuditEntry.objects.create(user=paula, action="today.looked", at=NOW - timedelta(days=2))
    LevelCrossing.objects.filter(case__student_id=MAYA).update(noticed_at=NOW - timedelta(days=3))
    shown = page(client, "?view=crossed")
    assert "Since you looked on Tue 3 Nov, 06:30" in shown
    assert "1 student" in shown
    assert "crossed a level" in shown
    assert names(shown) == ["Mateo Ruiz Delgado"]


def test_opening_the_page_again_is_the_same_look(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    page(client)
    assert "On the last school day" in page(client)


def test_withdrawn_steps_are_told(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.filter(case__student_id=MAYA).update(
        state="withdrawn", ending="corrected", ended_on=LAST_SCHOOL_DAY, ended_at=NOW
    )
    count = CaseStep.objects.filter(state="withdrawn").count()
    assert f"{count} steps were withdrawn because the record was corrected" in page(signed_in("Paula"))


def test_silent_schools_are_told_and_listed(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Quinn")
    shown = page(client, "?view=unreported")
    assert "1 homeroom" in shown
    assert "has not reported Wed 4 Nov" in shown
    assert "the whole school" in shown
    assert "3, 4 Nov" in shown
    assert "1 homeroom has not reported, so this may change." in page(client, "?view=overdue")


def test_silent_teacher_is_named(desk_day: District, signed_in: SignIn) -> None:
    assert "Every homeroom has reported Wed 4 Nov" in page(signed_in("Paula"))


def test_silent_cases_are_those_nobody_reached_for_ten_school_days(desk_day: District, signed_in: SignIn) -> None:
    Case.objects.update(opened_on=school_days()[30])
    client = signed_in("Paula")
    assert names(page(client, "?view=silent")) == ["Mateo Ruiz Delgado", "Maya Lin Okafor"]
    reach(MATEO, desk_day.users["Paula"], 2)
    reach(MAYA, desk_day.users["Paula"], 30)
    assert names(page(client, "?view=silent")) == ["Maya Lin Okafor"]


def test_empty_list_says_so(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.update(state="done")
    assert "Nothing of this kind waits today." in page(signed_in("Paula"))


def test_school_may_be_chosen_by_those_with_several(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Dolores")
    assert set(names(page(client, "?school=21"))) == {"Zoë d&#x27;Angelo", "Dante Brooks"}
    assert 'value="21" selected' in page(client, "?school=21")
    assert 'id="school"' not in page(signed_in("Paula"))


def test_listing_writes_the_look_and_each_student(desk_day: District, signed_in: SignIn) -> None:
    page(signed_in("Paula"))
    assert AuditEntry.objects.filter(action="today.looked").count() == 1
    listed = AuditEntry.objects.filter(action="today.listed").values_list("student_id", flat=True)
    assert set(listed) == {MAYA, MATEO}


@pytest.mark.parametrize(
    ("view", "board"),
    [
        ("call", "/calls/"),
        ("visit", "/visits/"),
        ("letter", "/letters/"),
        ("plan", "/plans/"),
        ("mentor", "/mentors/"),
        ("review", "/meetings/"),
        ("verify", ""),
        ("overdue", ""),
    ],
)
def test_a_counter_leads_to_the_board_where_its_work_is_done(
    desk_day: District, signed_in: SignIn, view: str, board: str
) -> None:
    client = signed_in("Paula")
    head = page(client, f"?view={view}").split('class="row between desk-head"')[1].split("</form>")[0]
    assert ("Open " in head) == bool(board)
    if board:
        assert f'<a class="button quiet" href="{board}">' in head
        assert client.get(board).status_code == 200


def test_a_board_one_may_not_open_is_not_offered(desk_day: District, signed_in: SignIn) -> None:
    assert 'href="/letters/"' not in page(signed_in("Felix"), "?view=letter")
    assert 'href="/plans/"' in page(signed_in("Felix"), "?view=plan")


# Handing steps to people


def assign(client: Client, steps: list[object], person: object, **values: object):
    shown = page(client)
    key = shown.split('name="form_key" value="')[1].split('"')[0]
    return client.post(
        "/today/assign/", {"step": steps, "person": person.pk, "form_key": key, "back": "?view=call"} | values
    )


def call_of(student: str) -> CaseStep:
    return CaseStep.objects.get(case__student_id=student, kind="call", state="open")


def test_chosen_steps_go_to_the_person(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    answer = assign(client, [call_of(MATEO).pk], desk_day.users["Bob"])
    assert answer["Location"] == "/today/?view=call"
    assert call_of(MATEO).assigned_to == desk_day.users["Bob"]
    assert "1 step is now with Bob Tanaka." in page(client)
    assert "Mateo Ruiz Delgado" in signed_in("Bob").get("/calls/").content.decode()


def test_person_who_does_not_see_the_student_is_refused_in_words(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assign(client, [call_of(MATEO).pk], desk_day.users["Alice"])
    assert call_of(MATEO).assigned_to is None
    assert "does not see Mateo Ruiz Delgado" in page(client)


def test_step_of_another_school_looks_absent(desk_day: District, signed_in: SignIn) -> None:
    assert assign(signed_in("Paula"), [call_of(ZOE).pk], desk_day.users["Bob"]).status_code == 404


def test_nothing_chosen_is_said(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assign(client, [], desk_day.users["Bob"])
    assert "Choose at least one student" in page(client)


def test_only_people_who_may_do_it_are_offered(desk_day: District, signed_in: SignIn) -> None:
    shown = page(signed_in("Paula"))
    offered = shown.split('id="assignee"')[1].split("</select>")[0]
    for name in ("Alice Moreau", "Bob Tanaka", "Paula Lane"):
        assert name in offered
    for name in ("Carmen Silva", "Charlie Lane", "Olga Lane", "Mara Lane"):
        assert name not in offered


def test_way_back_stays_in_the_house(desk_day: District, signed_in: SignIn) -> None:
    answer = assign(signed_in("Paula"), [], desk_day.users["Bob"], back="https://elsewhere.example/?view=call")
    assert answer["Location"] == "/today/"


# The paper and the file


def test_call_list_prints_numbers_and_boxes(desk_day: District, signed_in: SignIn) -> None:
    shown = signed_in("Paula").get("/today/call-list/?view=call").content.decode()
    for words in ("(203) 555-0102", "Lucía Delgado, mother", "Reached", "To call: Linden Street School", "destroy it"):
        assert words in shown, words
    printed = AuditEntry.objects.filter(action="call_list.listed").values_list("student_id", flat=True)
    assert set(printed) == {MAYA, MATEO}


def test_a_call_list_is_printed_where_families_are_called(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assert "Print call list" in page(client, "?view=overdue") + page(client)
    assert "Print call list" not in page(client, "?view=letter")


def read_file(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/today/list.csv{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="today-call-2026-11-04.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_file_holds_the_list(desk_day: District, signed_in: SignIn) -> None:
    rows = read_file(signed_in("Paula"), "?view=call")
    assert [(row["student_id"], row["level"], row["days_absent"], row["absence_rate_pct"]) for row in rows] == [
        (MATEO, "L4", "11", "23.9"),
        (MAYA, "L2", "3", "6.5"),
    ]
    assert AuditEntry.objects.get(action="today.exported").detail == {"view": "call", "rows": 2}
    assert AuditEntry.objects.filter(action="today.exported_student").count() == 2


def test_file_runs_nothing(desk_day: District, signed_in: SignIn) -> None:
    Student.objects.filter(pk=MAYA).update(full_name='=HYPERLINK("http://x")', homeroom="+1")
    row = next(row for row in read_file(signed_in("Paula"), "?view=call") if row["student_id"] == MAYA)
    assert row["name"] == '\'=HYPERLINK("http://x")'


def test_file_holds_only_students_of_schools_where_one_may_export(desk_day: District, signed_in: SignIn) -> None:
    """Paula is principal of Linden and on Harbor's team as well, whose students she sees here and may not take out."""
    harbor = {"relation": "school_attendance_team", "object_kind": "school", "object_id": HARBOR}
    Grant.objects.create(user=desk_day.users["Paula"], starts_on=FIRST_DAY, source="test", **harbor)
    paula = signed_in("Paula")
    assert "Dante" in page(paula, "?view=call")
    file = paula.get("/today/list.csv?view=call").content.decode()
    assert "Mateo" in file
    assert "Dante" not in file
    assert "Zo" not in file
    exported = AuditEntry.objects.filter(action="today.exported_student").values_list("student_id", flat=True)
    assert not {DANTE, ZOE} & set(exported)


@pytest.mark.parametrize("name", ["Quinn", "Felix", "Nadia"])
def test_file_is_for_those_who_may_export(desk_day: District, signed_in: SignIn, name: str) -> None:
    client = signed_in(name)
    assert client.get("/today/list.csv").status_code == 404
    assert "list.csv" not in page(client)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "\x00=1", "\u200b=1", "\ufeff=1", "＝1", "＋1", "\u3000-1"],
)
def test_formula_is_made_text(text: str) -> None:
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["Ana", "12", "3.5", "O'Neal", "a=b", ""])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


# Costs

TODAY_QUERIES = 25
PAPER_QUERIES = 20


@pytest.mark.parametrize("students", [10, 1000])
@pytest.mark.parametrize(("address", "queries"), [("/today/", TODAY_QUERIES), ("/today/call-list/", PAPER_QUERIES)])
def test_desk_asks_as_many_questions_for_any_number_of_rows(
    desk_day: District, signed_in: SignIn, django_assert_num_queries, address: str, queries: int, students: int
) -> None:
    add_students_with_steps(students, kinds=("call", "verify"))
    client = signed_in("Paula")
    client.get(address)
    with django_assert_num_queries(queries):
        client.get(address)


def test_long_list_has_pages(desk_day: District, signed_in: SignIn) -> None:
    add_students_with_steps(120)
    client = signed_in("Paula")
    first, third = page(client), page(client, "?page=3")
    assert len(names(first)) == 50
    assert len(names(third)) == 22
    assert 'href="?view=call&amp;page=3"' in first


def test_pages_far_away_are_left_out() -> None:
    assert [link.name for link in make_pages(Choice(number=10), 1000)] == [
        "1",
        "…",
        "8",
        "9",
        "10",
        "11",
        "12",
        "…",
        "20",
    ]
    assert make_pages(Choice(), 50) == ()


def test_a_page_beyond_the_list_shows_the_last_one(desk_day: District, signed_in: SignIn) -> None:
    add_students_with_steps(PAGE_SIZE)
    client = signed_in("Paula")
    last = names(page(client, "?page=2"))
    assert len(last) == 2
    assert names(page(client, "?page=99")) == last, "never the words that nothing waits"


def test_one_of_a_kind_is_said_in_the_singular() -> None:
    counts = {"letter": (1, 0), "mentor": (2, 1), "verify": (1, 0)}
    words = {counter.name: counter.value for counter in make_counters(Choice(), counts)}
    assert (words["letter"], words["mentors"], words["to verify"], words["plans"]) == (1, 2, 1, 0)
    with override("es"):
        assert "carta" in {counter.name for counter in make_counters(Choice(), counts)}
