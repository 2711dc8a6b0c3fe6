"""Published figures on their page: who sees it, what is held back, and what it takes to ask."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from allpresent import intake
from allpresent.access.models import AuditEntry
from tests.cast import NOW, District
from tests.web.test_axe import spoken_faults, watched  # noqa: F401 - the fixture of a watched page

SignIn = Callable[[str], Client]
QUERIES = 8
HEADER = "year,geo_level,geo_id,geo_name,dim,value,n_students,n_chronic,rate_pct,students_mark,count_mark,rate_mark\n"
ROWS = (
    "2024-25,district,093,Elm Harbor,All,All students,18000,7560,42.0,,,\n"
    "2023-24,district,093,Elm Harbor,All,All students,18000,8100,45.0,,,\n"
    "2024-25,school,0930222,,Race,Asian,40,4,10.0,,,\n"
    "2024-25,school,0930111,Quarry Street School,Race,Asian,,,,NS,*,<5\n"
    "2024-25,state,CT,Connecticut,All,All students,500000,88500,17.7,,,\n"
    ",district,094,Elm Shore,All,All students,900,90,10.0,,,\n"
)
DAYS = "date,school_id,attendance_pct\n2026-09-08,01M015,91.23\n2026-09-09,01M015,NS\n2026-09-09,01M019,\n"


@pytest.fixture
def published(desk_day: District, own_home: Path, tmp_path: Path) -> District:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "state.csv").write_text(HEADER + ROWS, encoding="utf-8")
    (folder / "days.csv").write_text(DAYS, encoding="utf-8")
    posted = intake.post_delivery(own_home, "aggregates", folder, today=date(2026, 11, 21), now=NOW)
    assert posted.outcome == "posted"
    return desk_day


def test_the_newest_year_is_shown_state_first_with_marks_as_printed(published: District, signed_in: SignIn) -> None:
    page = signed_in("Dolores").get("/district/published/").content.decode()
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    assert body.index("Connecticut") < body.index("Elm Harbor") < body.index("Quarry Street School")
    assert "45.0%" not in body
    for mark in ("NS", "*", "&lt;5"):
        assert f'<td class="number"><abbr title="printed in place of a figure">{mark}</abbr></td>' in body
    assert "Printed in place of a figure: *, &lt;5, NS. The publisher holds the figure back, or has none." in page
    assert "7,560" in body
    assert AuditEntry.objects.filter(action="published_figures.seen").exists()


def test_the_table_narrows_by_year_level_group_and_name(published: District, signed_in: SignIn) -> None:
    client = signed_in("Dolores")

    def places(query: str) -> str:
        return client.get(f"/district/published/?{query}").content.decode().split("<tbody>")[1].split("</tbody>")[0]

    assert "45.0%" in places("year=2023-24")
    assert "Connecticut" not in places("level=school")
    assert "Quarry" not in places("group=All+students")
    assert "Connecticut" not in places("place=quarry")
    assert "Quarry" in places("level=nonsense&pages=x")
    assert "Quarry" in places(f"pages={10**20}")
    assert "0930222" in places("place=0222")
    assert "Elm Shore" not in places("")
    assert "Elm Shore" in places("year=none")


def test_attendance_of_a_day_stands_below_newest_day_first(published: District, signed_in: SignIn) -> None:
    client = signed_in("Dolores")

    def days(query: str) -> tuple[str, str]:
        told = client.get(f"/district/published/?{query}").content.decode().split('<h2 id="day-name">')[1]
        return told.split("</h2>")[0], told.split("<tbody>")[1].split("</tbody>")[0]

    name, body = days("")
    assert name == "Attendance on 9 Sep 2026"
    assert '01M015</th><td class="number"><abbr title="printed in place of a figure">NS</abbr></td>' in body
    assert '01M019</th><td class="number"></td>' in body
    assert "91.23%" in days("day=2026-09-08")[1]
    assert "01M019" not in days("place=m015")[1]
    assert "01M015" not in days("place=quarry")[1]


def test_daily_attendance_alone_is_shown_without_a_table_of_years(
    desk_day: District, signed_in: SignIn, own_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "days.csv").write_text(DAYS, encoding="utf-8")
    posted = intake.post_delivery(own_home, "aggregates", tmp_path, today=date(2026, 11, 21), now=NOW)
    assert posted.outcome == "posted"
    page = signed_in("Dolores").get("/district/published/").content.decode()
    assert "Attendance on 9 Sep 2026" in page
    assert "No published figures" not in page
    assert page.count("<table") == 1


def test_nothing_delivered_says_how_to_deliver(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Dolores").get("/district/published/").content.decode()
    assert "No published figures have been delivered yet." in page


@pytest.mark.parametrize("name", ["Alice", "Paula", "Charlie", "Ivan"])
def test_who_does_not_see_the_district_finds_no_page(published: District, signed_in: SignIn, name: str) -> None:
    assert signed_in(name).get("/district/published/").status_code == 404


def test_the_page_asks_a_stated_number_of_times(
    published: District, signed_in: SignIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = signed_in("Dolores")
    client.get("/district/published/")
    with django_assert_num_queries(QUERIES):
        client.get("/district/published/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_is_accessible_and_fits_a_narrow_phone(
    published: District,
    live_server: Any,
    watched: Any,  # noqa: F811 - the fixture
    enter: Callable[..., None],
    language: str,
) -> None:
    enter(watched, published.users["Dolores"])
    watched.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    watched.goto(live_server.url + "/district/published/")
    assert spoken_faults(watched, language) == []
