"""Reports: the archive, one made fresh, each file in the audit, and nobody else's."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from allpresent import nightly
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.reports import frozen_reports, read_frozen, render
from allpresent.roster.models import ProjectedVersion, School
from tests import cast
from tests.keeping import once_with_home
from tests.nightly.drops import drop, make_home
from tests.web.reading import text_of

PEOPLE = (
    ("Paula", "principal", "school", cast.LINDEN),
    ("Quinn", "school_attendance_team", "school", cast.HARBOR),
    ("Erin", "district_executive", "district", ""),
    ("Stella", "data_steward", "district", ""),
    ("Alice", "teacher", "school", cast.LINDEN),
    ("Charlie", "", "", ""),
)
LIST_QUERIES = 9


@pytest.fixture
def home(db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, settings: object) -> Path:
    """A home whose first night froze the reports of its report day."""
    settings.DISTRICT = replace(  # type: ignore[attr-defined]
        settings.DISTRICT,  # type: ignore[attr-defined]
        name="Elm Harbor",
        is_demo=True,
        today=cast.TODAY,
    )

    def make(path: Path) -> None:
        settings.HOME = make_home(path)  # type: ignore[attr-defined]
        drop(path, {"Maya": [4, 17, 30], "Mateo": range(20, 31), "Zoe": range(10, 29)})
        nightly.run_nightly(path, cast.TODAY, cast.NOW)
        for name, relation, kind, key in PEOPLE:
            user = User.objects.create_user(cast.address(name), full_name=f"{name} Lane")
            if relation:
                Grant.objects.create(
                    user=user, relation=relation, object_kind=kind, object_id=key, starts_on=cast.FIRST_DAY
                )

    path = once_with_home("a home with reports", make, tmp_path / "home", tmp_path_factory)
    settings.HOME = path  # type: ignore[attr-defined]
    assert frozen_reports(path)
    return path


def enter(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=cast.address(name)))
    return client


def test_the_archive_lists_only_what_the_reader_may_open(home: Path) -> None:
    principal, executive = text_of(enter("Paula").get("/reports/")), text_of(enter("Erin").get("/reports/"))
    assert "Linden Street School" in principal
    assert "Harbor High School" not in principal.split("Frozen reports")[1]
    for name in ("Elm Harbor", "Linden Street School", "Harbor High School"):
        assert name in executive.split("Frozen reports")[1]


def test_one_scope_is_asked_for_from_its_page(home: Path) -> None:
    words = text_of(enter("Erin").get("/reports/", {"scope": cast.LINDEN}))
    assert "Reports of Linden Street School" in words
    assert "Harbor High School" not in words
    assert "Reports of Elm Harbor" in text_of(enter("Erin").get("/reports/", {"scope": "all"}))
    assert "Harbor High School" not in text_of(enter("Paula").get("/reports/", {"scope": cast.HARBOR}))


@pytest.mark.parametrize(("form", "start"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b""), ("html", b"<!")])
def test_a_frozen_report_is_what_was_frozen(home: Path, form: str, start: bytes) -> None:
    one = next(report for report in frozen_reports(home) if report.scope_key == f"school-{cast.LINDEN}")
    response = enter("Paula").get(f"/reports/{one.as_of}/{one.delivery_id}/{one.scope_key}.{form}")
    assert response.status_code == 200
    assert response.content.startswith(start)
    assert response.content == render(read_frozen(home, one.as_of, one.delivery_id, one.scope_key), form)
    assert response["Content-Disposition"].startswith("attachment")
    (entry,) = AuditEntry.objects.filter(action="report.downloaded")
    assert (entry.user.full_name, entry.detail["form"]) == ("Paula Lane", form)
    assert one.as_of in entry.detail["report"]


def test_a_fresh_report_tells_of_the_last_school_day(home: Path) -> None:
    words = text_of(enter("Erin").get("/reports/"))
    assert "Made fresh, as of Wednesday 4 November" in words
    response = enter("Erin").get("/reports/today/district.csv")
    assert response.status_code == 200
    assert b"2026-11-04" in response.content
    assert AuditEntry.objects.filter(action="report.downloaded").count() == 1


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Paula", f"today/school-{cast.HARBOR}.csv"),
        ("Paula", "today/district.csv"),
        ("Quinn", f"today/school-{cast.LINDEN}.pdf"),
        ("Erin", "today/school-999.csv"),
        ("Erin", "today/district.docx"),
        ("Erin", "2026-01-01/0001-aaaaaaaa/district.csv"),
        ("Erin", "..%2F..%2F/x/district.csv"),
        ("Alice", ""),
        ("Alice", f"today/school-{cast.LINDEN}.csv"),
        ("Charlie", ""),
        ("Charlie", "today/district.csv"),
    ],
)
def test_other_reports_look_absent_and_leave_no_entry(home: Path, name: str, address: str) -> None:
    assert enter(name).get(f"/reports/{address}").status_code == 404
    assert not AuditEntry.objects.filter(action="report.downloaded").exists()


def test_before_the_first_report_the_archive_says_when_it_comes(
    db: None, home: Path, tmp_path: Path, settings: object
) -> None:
    settings.HOME = make_home(tmp_path / "other")  # type: ignore[attr-defined]
    ProjectedVersion.objects.all().delete()
    assert "No report is frozen yet" in text_of(enter("Erin").get("/reports/"))


@pytest.mark.parametrize("schools", [1, 60])
def test_the_archive_asks_equally_often_for_few_and_many_schools(
    home: Path, django_assert_num_queries: Callable, schools: int
) -> None:
    School.objects.bulk_create(School(school_id=f"7{n:03d}", name=f"School {n}") for n in range(schools))
    client = enter("Erin")
    client.get("/reports/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/reports/")


def test_month_of_home_visits_is_chosen_from_the_months_of_the_school_year(home: Path) -> None:
    client = enter("Paula")
    page = client.get("/reports/").content.decode()
    found = re.findall(r'href="(/visits/leap/[^"]+)"', page)
    assert found[:2] == ["/visits/leap/2026-11.pdf", "/visits/leap/2026-11.csv"]
    assert found[-1] == "/visits/leap/2026-08.csv"
    assert client.get(found[1]).content.startswith(b"scope,")
