"""My school and District as pages: from drawn years to sentences, tables, audit and a steady number of questions."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from allpresent import casework
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.casework.models import CaseStep
from allpresent.measures import open_facts
from allpresent.policy.district import Goal
from allpresent.roster import project_roster
from allpresent.roster.models import School
from allpresent.web.presenters.guarded import hide_beside
from tests.cast import NOW, District
from tests.web.reading import text_of
from tests.web.twin_years import POSTED_AT, SCHOOLS, Drawn, post_years

SignIn = Callable[[str], Client]
# By level (0-1, 2-5, 6-10, 11-14, 15-17, 18+) a hundredth of the toolkit's high schools, and some of its K-8 schools.
HIGH = ((13, 1), (14, 4), (6, 5), (12, 8), (4, 12), (2, 16), (6, 20))
LOW = ((29, 0), (41, 3), (20, 7), (5, 11), (2, 15), (3, 30))
SCHOOL_QUERIES, DISTRICT_QUERIES = 16, 13


@pytest.fixture
def two_years(request: pytest.FixtureRequest, db: None, tmp_path: Path, settings: object) -> date:
    """A home with last year and this year to school day 45; people of each kind; the clock on the day after.

    A parameter makes every group so many times as large.
    """
    times = getattr(request, "param", 1)
    drawn = [Drawn(n * times, "21", "09", absent, 9, ("el",) if absent > 8 else ()) for n, absent in HIGH]
    drawn += [Drawn(n * times, "11", "03", absent, 3) for n, absent in LOW]
    drawn.append(Drawn(2, "21", "10", 2, 0, is_late=True))
    as_of = post_years(tmp_path, drawn, unreported={"21": 2})
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    settings.DISTRICT = replace(  # type: ignore[attr-defined]
        settings.DISTRICT,  # type: ignore[attr-defined]
        name="Elm Harbor Public Schools",
        is_demo=True,
        today=as_of + timedelta(days=1),
        report_first_on=as_of - timedelta(days=14),
        goals=(
            Goal("June 2026", "2025-26", "was", Decimal(58)),
            Goal("June 2027", "2026-27", "goal", Decimal(30)),
        ),
    )
    project_roster(tmp_path, POSTED_AT)
    for name, relation, kind, key in (
        ("Paula", "principal", "school", "21"),
        ("Dolores", "district_attendance_team", "district", ""),
        ("Stella", "data_steward", "district", ""),
        ("Erin", "district_executive", "district", ""),
        ("Tara", "teacher", "school", "21"),
    ):
        user = User.objects.create_user(f"{name.lower()}@elmharbor.example", full_name=f"{name} Lane")
        Grant.objects.create(user=user, relation=relation, object_kind=kind, object_id=key, starts_on=date(2026, 8, 31))
    return as_of


def enter(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=f"{name.lower()}@elmharbor.example"))
    return client


def test_the_page_opens_with_last_years_same_school_day(two_years: date) -> None:
    # 30 of 59 have missed 5 or more of 43 reported days; last year 57 of them had missed 9 of 45.
    words = text_of(enter("Paula").get("/school/"))
    assert "50.8% (Why this number?) of students are chronically absent to date." in words
    assert "On school day 45 last year it was 96.6% (Why this number?) : 45.8 points better" in words
    assert "27 fewer students at equal enrollment" in words
    assert "The goal (June 2027) is under 30%." in words


def test_figures_carry_bounds_enrollment_and_unreported_days(two_years: date) -> None:
    words = text_of(enter("Paula").get("/school/"))
    assert "50.8–74.6% if unreported days are all present / all absent" in words
    assert "59 (Why this number?) 100.0% of 1 October" in words
    assert "4.4% (Why this number?) within the limit of 5%" in words


def test_the_level_table_counts_and_totals(two_years: date) -> None:
    page = enter("Paula").get("/school/").content.decode()
    table = html.unescape(re.sub(r"<[^>]+>", " ", page.split('class="level-table"')[1].split("</table>")[0]))
    words = " ".join(table.replace("(Why this number?)", "").split())
    for row in ("L1 On track 0–1 days 13 22.0%", "L3 Moderate 6–10 days 12 20.3%", "L6 Extreme 18+ days 6 10.2%"):
        assert row in words, row
    assert "Total 59 100.0%" in words
    assert "Points since last report" in words


def test_the_goal_line_shows_where_we_were_are_and_are_going(two_years: date) -> None:
    page = enter("Paula").get("/school/").content.decode()
    assert "Were: 58% (June 2026). Are: 50.8% on school day 45. Are going: under 30% (June 2027)." in page
    assert 'class="last-year"' in page
    assert 'class="goal"' in page
    twin = page.split("The lines as a table")[1].split("</table>")[0]
    assert twin.count("<tr>") == 1 + 11  # the head, days 10 to 100 of last year, and day 45


def test_homerooms_that_did_not_report_are_listed(two_years: date) -> None:
    words = text_of(enter("Paula").get("/school/"))
    assert "the whole school" in words
    over = text_of(enter("Dolores").get("/school/all/"))
    assert "Harbor High School" in over.split("Attendance not reported")[1]


def test_crossings_are_counted_for_all_and_named_for_those_who_see(two_years: date) -> None:
    # Everybody's days absent lie at the start of the year, but for the movers: see the drawing.
    principal, executive = enter("Paula").get("/school/"), enter("Erin").get("/school/21/")
    assert "2 students crossed to a higher level since the last report" in text_of(principal)
    assert "Too few students crossed a level since the last report to be counted here." in text_of(executive)
    assert "L1 On track to L2 Alert" in text_of(principal).replace("→ ", "")
    named = re.findall(r'<a href="/students/(\d+)/">Example', principal.content.decode())
    assert len(named) == 2
    assert "Example 9" not in executive.content.decode()
    listed = AuditEntry.objects.filter(action="student.listed", detail__page="school")
    assert sorted(listed.values_list("student_id", flat=True)) == sorted(named)


def test_grades_and_groups_stand_in_tables(two_years: date) -> None:
    words = text_of(enter("Paula").get("/school/"))
    assert "Grade 9 57 30 52.6%" in words
    assert "English learners 12 12 100.0%" in words


def specialist_of_harbor(user_of: str) -> Client:
    """Somebody whose role sees the totals of a school, and of its students those of the own caseload alone."""
    user = User.objects.create_user(f"{user_of.lower()}@elmharbor.example", full_name=f"{user_of} Lane")
    Grant.objects.create(
        user=user, relation="dropout_specialist", object_kind="school", object_id="21", starts_on=date(2026, 8, 31)
    )
    return enter(user_of)


@pytest.mark.parametrize("name", ["Erin", "Felix"])
def test_who_sees_no_student_reads_no_small_number(two_years: date, name: str) -> None:
    client = specialist_of_harbor("Felix") if name == "Felix" else enter(name)
    whole, page = (one.get("/school/21/").content.decode() for one in (enter("Paula"), client))
    assert "Grade 10 2 0" in text_of(whole)
    words = text_of(page)
    assert "50.8%" in words
    assert "Grade 10 * *" in words
    assert "Grade 9 * *" in words, "59 less 57 would be the two"
    assert "a small number, and for every one that would give it away" in words
    assert "English learners 12 12 * *" in words, "no share of fewer than twenty"
    assert "L4 Serious 11–14 days * * *" in words
    assert 'class="level-bar"' not in page, "its lengths would tell"
    assert 'class="level-bar"' in whole
    assert ("Levels 4 to 6" in whole, "Levels 4 to 6" in page) == (True, False), "a column of stars says nothing"


@pytest.mark.parametrize("name", ["Erin", "Felix"])
def test_a_school_of_few_is_not_told_of(desk_day: District, signed_in: SignIn, name: str) -> None:
    page = signed_in(name).get("/school/21/").content.decode()
    words = text_of(page.split("<main")[1].split("<form")[0])
    assert "Too few students are enrolled here" in words
    assert "Enrolled" not in words
    assert "Too few students" not in text_of(signed_in("Quinn").get("/school/21/"))


@pytest.mark.parametrize(
    ("name", "address", "status"),
    [
        ("Paula", "/school/", 200),
        ("Paula", "/school/21/", 200),
        ("Paula", "/school/11/", 404),
        ("Paula", "/school/all/", 404),
        ("Paula", "/school/k-8/", 404),
        ("Paula", "/district/", 404),
        ("Dolores", "/school/11/", 200),
        ("Dolores", "/school/9-12/", 200),
        ("Dolores", "/school/nowhere/", 404),
        ("Dolores", "/district/", 200),
        ("Erin", "/district/", 200),
        ("Stella", "/school/", 404),
        ("Stella", "/district/", 200),
        ("Tara", "/school/", 404),
        ("Tara", "/district/", 404),
    ],
)
def test_scopes_open_to_those_who_hold_them(two_years: date, name: str, address: str, status: int) -> None:
    assert enter(name).get(address).status_code == status


def test_the_chooser_leads_to_the_scope(two_years: date) -> None:
    client = enter("Dolores")
    page = client.get("/school/").content.decode()
    assert re.findall(r'<option value="([^"]+)"', page) == ["all", "k-8", "9-12", "21", "11"]
    assert 'action="/school/"' in page
    response = client.get("/school/", {"scope": "9-12"})
    assert (response.status_code, response["Location"]) == (302, "/school/9-12/")
    assert "<option" not in enter("Paula").get("/school/").content.decode()


def test_looks_are_written_down(two_years: date) -> None:
    enter("Paula").get("/school/")
    enter("Erin").get("/district/")
    seen = AuditEntry.objects.order_by("pk").values_list("action", "object_id")
    assert ("school.seen", "21") in seen
    assert ("district.seen", "") in seen


def test_the_district_shows_the_toolkits_three_tables(two_years: date) -> None:
    page = enter("Erin").get("/district/").content.decode()
    ranges = page.split('class="ranges"')[1].split("</section>")[0]
    assert re.findall(r"<h2>([^<]+)</h2>", ranges) == ["K–8", "9–12", "All grades"]
    totals = re.findall(r"<tfoot>.*?</tfoot>", ranges, re.S)
    assert ["100" in totals[0], "59" in totals[1], "159" in totals[2]] == [True] * 3
    assert all("100.0%" in total for total in totals)


def test_the_grid_has_a_line_a_school_and_sorts(two_years: date) -> None:
    client = enter("Erin")
    names = [SCHOOLS["21"][0], SCHOOLS["11"][0]]

    def order(sort: str) -> list[str]:
        page = client.get("/district/", {"sort": sort}).content.decode()
        grid = page.split('class="grid"')[1]
        return [name for name in re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]+)', grid) if name in names]

    assert order("-chronic") == names
    assert order("chronic") == names[::-1]
    assert order("-students") == names[::-1]
    page = client.get("/district/", {"sort": "-chronic"}).content.decode()
    assert page.count('aria-sort="descending"') == 1


def test_a_steward_reads_the_district_without_links_to_school_pages(two_years: date) -> None:
    assert 'href="/school/21/"' in enter("Erin").get("/district/").content.decode()
    assert 'href="/school/21/"' not in enter("Stella").get("/district/").content.decode()


def test_before_the_first_delivery_the_page_says_so(db: None, tmp_path: Path, settings: object) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    user = User.objects.create_user("dolores@elmharbor.example")
    Grant.objects.create(
        user=user, relation="district_attendance_team", object_kind="district", starts_on=date(2020, 1, 1)
    )
    for address in ("/school/", "/district/"):
        assert "Nothing posted yet" in text_of(enter("Dolores").get(address))


def test_promises_kept_stand_on_the_page(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.filter(kind="verify").update(state="done", ended_on="2026-11-04", due_on="2026-11-04")
    words = text_of(signed_in("Paula").get("/school/"))
    assert "100.0% (Why this number?) no family reached yet" in words


@pytest.mark.parametrize(
    ("name", "address", "leads_to"),
    [
        ("Paula", "/school/", "/accountability/?school=11"),
        ("Dolores", "/district/", "/accountability/"),
        ("Dolores", "/school/21/", "/accountability/?school=21"),
        ("Felix", "/school/", ""),  # reads the school's figures, not how its promises were kept
        ("Stella", "/district/", ""),
    ],
)
def test_pages_lead_to_how_promises_were_kept(
    desk_day: District, signed_in: SignIn, name: str, address: str, leads_to: str
) -> None:
    client = signed_in(name)
    page = client.get(address).content.decode().split("<main")[1]
    if leads_to:
        assert f'href="{leads_to}"' in page
        assert client.get(leads_to).status_code == 200
    else:
        assert "/accountability/" not in page


@pytest.mark.parametrize("two_years", [1, 8], indirect=True)
def test_my_school_asks_equally_often_for_little_and_much(two_years: date, django_assert_num_queries: Callable) -> None:
    client = enter("Paula")
    client.get("/school/")
    with django_assert_num_queries(SCHOOL_QUERIES):
        client.get("/school/")


@pytest.mark.parametrize("schools", [1, 60])
def test_district_asks_equally_often_for_few_and_many_schools(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable, schools: int
) -> None:
    School.objects.bulk_create(School(school_id=f"7{n:03d}", name=f"School {n}") for n in range(schools))
    client = signed_in("Dolores")
    client.get("/district/")
    with django_assert_num_queries(DISTRICT_QUERIES):
        client.get("/district/")


def test_steps_of_a_night_are_counted_by_school(two_years: date, settings: object) -> None:
    facts = open_facts(settings.HOME)  # type: ignore[attr-defined]
    casework.open_steps(settings.HOME, facts, two_years, two_years + timedelta(days=1), NOW)  # type: ignore[attr-defined]
    words = text_of(enter("Dolores").get("/district/"))
    assert "Promised steps on time" in words


def test_the_districts_grid_tells_an_executive_no_small_number(
    two_years: date, tmp_path: Path, settings: object
) -> None:
    def rows(name: str) -> dict[str, str]:
        page = enter(name).get("/district/", {"sort": "-levels"}).content.decode()
        body = page.split('class="grid"')[1].split("<tbody>")[1].split("</tbody>")[0]
        return {line.split(" School")[0]: line for line in map(text_of, body.split("<tr>")[1:])}

    assert rows("Dolores") == rows("Erin"), "all that is hidden at a school is in the sum, or nothing of it"
    # At Harbor three students stand at L1 and three at L5, both hidden: what L4 to L6 come to would tell them.
    mixed = ((3, 1), (30, 4), (20, 8), (12, 12), (3, 16), (8, 20))
    drawn = [Drawn(n, "21", "09", absent, 9) for n, absent in mixed]
    drawn += [Drawn(n, "11", "03", absent, 3) for n, absent in LOW]
    post_years(tmp_path / "mixed", drawn)
    settings.HOME = tmp_path / "mixed"  # type: ignore[attr-defined]
    whole, told = rows("Dolores"), rows("Erin")
    assert " 23 30.3% " in whole["Harbor High"]
    assert " * 0.0% " in told["Harbor High"]
    assert " 10 10.0% " in whole["Linden Street"]
    assert " * 0.0% " in told["Linden Street"], "its L1 is hidden for Harbor's"
    assert "A star stands for a small number" in text_of(enter("Erin").get("/district/"))
    assert "A star stands" not in text_of(enter("Dolores").get("/district/"))
    high = text_of(enter("Erin").get("/district/").content.decode().split("<h2>9–12</h2>")[1].split("</table>")[0])
    assert "L5 Severe 15–17 days * *" in high, "Harbor is the only high school"


def test_an_executive_reads_nothing_of_a_range_or_school_of_few(
    two_years: date, tmp_path: Path, settings: object
) -> None:
    drawn = [Drawn(3, "21", "09", 12, 12), *(Drawn(n, "11", "03", absent, 3) for n, absent in LOW)]
    post_years(tmp_path / "few", drawn)
    settings.HOME = tmp_path / "few"  # type: ignore[attr-defined]
    page = enter("Erin").get("/district/").content.decode()
    ranges = re.findall(r"<h2>([^<]+)</h2>", page.split('class="ranges"')[1].split("</section>")[0])
    assert ranges == ["All grades"], "K-8 would tell of 9-12"
    body = page.split('class="grid"')[1].split("</table>")[0]
    harbor, linden = (
        line for line in map(text_of, body.split("<tr>")) if " School " in line and "Enrolled" not in line
    )
    assert harbor.startswith("Harbor High School 3 * * * * ")
    assert linden.startswith("Linden Street School 100 * "), "its share would tell Harbor's"
    assert "same school day last year." not in text_of(page.split('<h2 id="schools"')[1].split("<table")[0])


def test_a_district_of_few_is_not_told_to_an_executive(two_years: date, tmp_path: Path, settings: object) -> None:
    post_years(tmp_path / "small", [Drawn(97, "11", "03", 0, 0), Drawn(3, "11", "03", 12, 12)])
    settings.HOME = tmp_path / "small"  # type: ignore[attr-defined]
    told = text_of(enter("Erin").get("/district/"))
    assert "too few are chronically absent, to be told of" in told
    assert "3.0%" not in told
    assert "3 of 100 students enrolled" in text_of(enter("Dolores").get("/district/"))


def test_the_district_tells_an_executive_nothing_of_a_last_year_of_few(
    two_years: date, tmp_path: Path, settings: object
) -> None:
    post_years(
        tmp_path / "grown", [Drawn(80, "11", "03", 0, 0), Drawn(17, "11", "03", 12, 0), Drawn(3, "11", "03", 12, 12)]
    )
    settings.HOME = tmp_path / "grown"  # type: ignore[attr-defined]
    whole, told = (text_of(enter(name).get("/district/")) for name in ("Dolores", "Erin"))
    assert ("20.0%" in whole, "20.0%" in told) == (True, True)
    assert ("3.0%" in whole, "3.0%" in told) == (True, False), "three students of last year"


@pytest.mark.parametrize(
    ("hidden", "wholes", "wanted"),
    [
        ({"a"}, [({"a", "b", "c"}, False)], {"a", "b"}),  # the whole less two schools would tell of the third
        ({"a", "c"}, [({"a", "b", "c"}, False)], {"a", "c"}),
        (set(), [({"a", "b", "c"}, False)], set()),
        (set(), [({"a", "b"}, True), ({"c", "d"}, False)], {"a", "b"}),  # all schools would tell a sum that is secret
        ({"a"}, [({"a"}, False), ({"b", "c"}, False), ({"a", "b", "c"}, False)], {"a", "b", "c"}),
        ({"a"}, [({"a"}, False)], {"a"}),  # its own whole: there is no other to hide
    ],
)
def test_no_whole_less_the_schools_that_are_told_tells_of_one(
    hidden: set[str], wholes: list[tuple[set[str], bool]], wanted: set[str]
) -> None:
    assert hide_beside(hidden, wholes, {"a": 3, "b": 7, "c": 9, "d": 0}) == wanted
