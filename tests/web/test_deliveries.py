"""Deliveries: the list, a held delivery accepted with a reason, the newest taken back, and who may."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.translation import override

from allpresent import access, nightly
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.casework.models import NightlyRun
from allpresent.intake import delivery_record
from allpresent.intake.rules import RULES
from allpresent.nightly.tasks import do_run
from allpresent.policy import load_district
from allpresent.roster.models import ProjectedVersion
from allpresent.web.presenters import deliveries as told
from allpresent.web.presenters.rule_words import RULE_WORDS
from tests import cast
from tests.keeping import once_with_home
from tests.nightly.drops import drop, make_home
from tests.web.reading import text_of

ABSENT = {"Maya": [4, 17, 30], "Mateo": range(20, 31), "Zoe": range(10, 29)}
WORDS = "The two schools moved to another system this week."
PEOPLE = (("Stella", "data_steward"), ("Dolores", "district_attendance_team"), ("Ivan", "it_admin"), ("Charlie", ""))
LIST_QUERIES, RECORD_QUERIES = 11, 12


@pytest.fixture
def home(db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, settings: object) -> Path:
    """A home after its first night, with a steward, a district's team member and two who may not look."""

    def make(path: Path) -> None:
        settings.HOME = make_home(path)  # type: ignore[attr-defined]
        settings.DISTRICT = replace(load_district(path), is_demo=True, today=cast.TODAY)  # type: ignore[attr-defined]
        drop(path, ABSENT)
        nightly.run_nightly(path, cast.TODAY, cast.NOW)
        for name, relation in PEOPLE:
            user = User.objects.create_user(cast.address(name), full_name=f"{name} Lane")
            if relation:
                Grant.objects.create(user=user, relation=relation, object_kind="district", starts_on=cast.FIRST_DAY)

    path = once_with_home("a home after a night", make, tmp_path / "home", tmp_path_factory)
    settings.HOME = path  # type: ignore[attr-defined]
    settings.DISTRICT = replace(load_district(path), is_demo=True, today=cast.TODAY)  # type: ignore[attr-defined]
    return path


def enter(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=cast.address(name)))
    return client


def newest() -> str:
    return ProjectedVersion.current().delivery_id


def hold(home: Path) -> str:
    """A delivery that lost most of its students."""
    drop(home, ABSENT, students=["Maya", "Mateo"])
    return nightly.run_nightly(home, cast.TODAY, cast.NOW).held[0]


def work() -> None:
    """What the worker does with the runs that wait."""
    for run in NightlyRun.objects.filter(state="waiting"):
        do_run(run, cast.TODAY, cast.NOW)


def accept(client: Client, delivery: str, **sent: str):
    sent = {"reason": WORDS, "compared": "1", "form_key": access.issue_key()} | sent
    return client.post(f"/deliveries/{delivery}/accept/", sent)


def test_the_list_opens_with_what_the_pages_show(home: Path) -> None:
    words = text_of(enter("Stella").get("/deliveries/"))
    assert f"The pages show delivery {newest()}, received Thu 5 Nov, 06:30" in words
    assert "Posted shown on the pages" in words
    assert "The night's work" in words
    assert str(home / "drop/sis") in words


def test_a_held_delivery_waits_with_its_reasons_and_differences(home: Path) -> None:
    held = hold(home)
    client = enter("Stella")
    assert "1 delivery is held and waits for you; nothing of it is in any figure." in text_of(
        client.get("/deliveries/")
    )
    words = text_of(client.get(f"/deliveries/{held}/"))
    assert "Nothing of it is in any figure." in words
    assert "Why it is held" in words
    assert "By school, before and after" in words
    assert "this delivery stays here as held and changes nothing. If they are right, say why." in words
    assert "Accept and post" in words
    assert newest() != held


def test_accepting_takes_a_reason_and_the_word_that_it_was_compared(home: Path) -> None:
    held, client = hold(home), enter("Stella")
    for missing in ({"compared": ""}, {"reason": "ok"}):
        response = accept(client, held, **missing)
        assert response.status_code == 422
        assert 'role="alert"' in response.content.decode()
    assert WORDS in accept(client, held, compared="").content.decode()
    assert not NightlyRun.objects.filter(kind="accept").exists()


def test_accepting_is_asked_once_done_by_the_worker_and_shown_as_far_as_it_is(home: Path) -> None:
    held, client = hold(home), enter("Stella")
    key = access.issue_key()
    first, again = accept(client, held, form_key=key), accept(client, held, form_key=key)
    assert first["Location"] == again["Location"]
    (run,) = NightlyRun.objects.filter(kind="accept")
    assert first["Location"] == f"/deliveries/runs/{run.pk}/"
    assert "It waits for the worker" in text_of(client.get(first["Location"]))
    assert client.get(first["Location"], {"form": "json"}).json()["is_over"] is False
    work()
    assert client.get(first["Location"], {"form": "json"}).json()["is_over"] is True
    assert "It is done." in text_of(client.get(first["Location"]))
    record = delivery_record(home, held)
    assert (record.outcome, record.reason, record.by, newest()) == ("posted", WORDS, "Stella Lane", held)
    assert f"Accepted by Stella Lane: {WORDS}" in text_of(client.get("/deliveries/"))
    assert AuditEntry.objects.filter(action="delivery.accept", object_id=held).count() == 1


def test_while_it_is_posted_nobody_is_asked_to_decide_again(home: Path) -> None:
    held, client = hold(home), enter("Stella")
    asked = accept(client, held)["Location"]
    page = client.get(f"/deliveries/{held}/")
    assert "Being posted" in text_of(page)
    assert "Accept and post" not in text_of(page)
    assert f'href="{asked}"' in page.content.decode()
    words = text_of(client.get("/deliveries/"))
    assert "Being posted" in words
    assert "waits for you" not in words


def test_a_posted_delivery_says_why_it_was_held_and_that_it_counts(home: Path) -> None:
    held, client = hold(home), enter("Stella")
    asked = accept(client, held)["Location"]
    work()
    words = text_of(client.get(f"/deliveries/{held}/"))
    assert "The pages show it." in words
    assert f"Accepted by Stella Lane: {WORDS} " in words
    assert "Why it was held" in words
    assert "changes nothing" not in words
    assert f'href="/deliveries/{held}/"' in client.get(asked).content.decode()


def test_a_held_delivery_that_a_later_one_overtook_waits_for_nobody(home: Path) -> None:
    held, client = hold(home), enter("Stella")
    drop(home, ABSENT | {"Maya": range(1, 8)})
    nightly.run_nightly(home, cast.TODAY, cast.NOW + timedelta(days=1))
    later = newest()
    assert later != held
    words = text_of(client.get("/deliveries/"))
    assert "Overtaken" in words
    assert "waits for you" not in words
    page = client.get(f"/deliveries/{held}/")
    assert "A later delivery is posted, so this one can be accepted no more." in text_of(page)
    assert f'href="/deliveries/{later}/"' in page.content.decode()
    assert "Accept and post" not in text_of(page)
    response = accept(client, held)
    assert response.status_code == 422
    assert "A later delivery is posted since" in text_of(response)
    assert not NightlyRun.objects.filter(kind="accept").exists()


def test_without_a_file_of_attendance_taken_nobody_is_called_reporting(home: Path) -> None:
    (drop(home, ABSENT) / "attendance_taken.csv").unlink()
    held, client = nightly.run_nightly(home, cast.TODAY, cast.NOW).held[0], enter("Stella")
    words = text_of(client.get(f"/deliveries/{held}/"))
    assert "Nothing in this delivery says where attendance was taken" in words
    assert "Nobody is silent" not in words


def test_a_night_that_found_nothing_says_so(home: Path) -> None:
    for path in (home / "drop/sis").iterdir():
        path.unlink()
    nightly.run_nightly(home, cast.TODAY, cast.NOW)
    assert "Finished nothing new" in text_of(enter("Stella").get("/deliveries/"))


def test_the_newest_is_taken_back_after_a_question(home: Path) -> None:
    first, client = newest(), enter("Stella")
    drop(home, ABSENT | {"Maya": range(1, 8)})
    nightly.run_nightly(home, cast.TODAY, cast.NOW)
    second = newest()
    assert client.get(f"/deliveries/{first}/undo/").status_code == 404
    assert "what people wrote and did stays" in text_of(client.get(f"/deliveries/{second}/undo/"))
    response = client.post(f"/deliveries/{second}/undo/now/", {"form_key": access.issue_key()})
    assert response.status_code == 302
    work()
    assert newest() == first
    assert "Taken back" in text_of(client.get(f"/deliveries/{second}/"))


def test_students_missing_from_a_delivery_are_named_for_the_steward(home: Path) -> None:
    held, client = hold(home), enter("Stella")
    accept(client, held)
    work()
    words = text_of(client.get(f"/deliveries/{held}/"))
    assert "Enrolled before, not in this delivery" in words
    assert "Zoë d'Angelo" in words
    assert "Zoë" not in text_of(enter("Dolores").get(f"/deliveries/{held}/"))
    assert AuditEntry.objects.filter(action="student.listed", detail__page="delivery").exists()


def test_the_quarantine_is_a_file_for_the_steward(home: Path) -> None:
    response = enter("Stella").get(f"/deliveries/{newest()}/quarantine.csv")
    body = b"".join(response.streaming_content).decode()
    assert body.startswith("rule,severity,file,line,field,value,message\n")
    assert "attachment" in response["Content-Disposition"]
    assert AuditEntry.objects.filter(action="delivery.downloaded", object_id=newest()).count() == 1
    assert enter("Dolores").get(f"/deliveries/{newest()}/quarantine.csv").status_code == 404


def test_the_districts_team_sees_the_state_and_decides_nothing(home: Path) -> None:
    held, client = hold(home), enter("Dolores")
    page = client.get(f"/deliveries/{held}/")
    assert "Why it is held" in text_of(page)
    assert "<form" not in page.content.decode().split("<main")[1]
    assert accept(client, held).status_code == 404
    for address in ("undo/",):
        assert client.get(f"/deliveries/{newest()}/{address}").status_code == 404
    assert client.post(f"/deliveries/{newest()}/undo/now/", {"form_key": access.issue_key()}).status_code == 404


@pytest.mark.parametrize("name", ["Ivan", "Charlie"])
def test_others_meet_nothing(home: Path, name: str) -> None:
    client = enter(name)
    for address in ("", f"{newest()}/", f"{newest()}/undo/", f"{newest()}/quarantine.csv", "runs/1/"):
        assert client.get(f"/deliveries/{address}").status_code == 404
    assert accept(client, newest()).status_code == 404


@pytest.mark.parametrize("address", ["nothing/", "nothing/undo/", "nothing/quarantine.csv", "runs/99999/"])
def test_what_there_is_not_looks_absent(home: Path, address: str) -> None:
    assert enter("Stella").get(f"/deliveries/{address}").status_code == 404


def test_before_the_first_delivery_the_list_says_where_files_go(home: Path, tmp_path: Path, settings: object) -> None:
    settings.HOME = make_home(tmp_path / "other")  # type: ignore[attr-defined]
    ProjectedVersion.objects.all().delete()
    words = text_of(enter("Stella").get("/deliveries/"))
    assert "Nothing is posted yet." in words
    assert "No delivery yet" in words


def test_every_rule_of_intake_is_said_in_its_own_words_and_in_spanish() -> None:
    with override("en"):
        english = {key: (str(title), str(what)) for key, (title, what) in RULE_WORDS.items()}
    assert english == {key: (rule.title, rule.what_to_do) for key, rule in RULES.items()}
    with override("es"):
        assert [key for key, words in RULE_WORDS.items() if set(map(str, words)) & set(english[key])] == []


def test_a_delivery_that_cannot_be_read_says_why_and_claims_nothing_else(home: Path) -> None:
    marks = drop(home, ABSENT) / "attendance.csv"
    marks.write_text(marks.read_text().replace("date", "day", 1))
    came = nightly.run_nightly(home, cast.TODAY, cast.NOW).held[0]
    words = text_of(enter("Stella").get(f"/deliveries/{came}/"))
    assert "Why it cannot be read attendance.csv line 1: the column 'date' is missing" in words
    for claim in ("rows read", "Nobody is silent", "Where every row went", "Accept and post"):
        assert claim not in words
    told = f"sis: delivery {came} cannot be read: attendance.csv line 1: the column 'date' is missing"
    assert "1 delivery cannot be read; have it exported and delivered again." in text_of(
        enter("Stella").get("/deliveries/")
    )
    drop(home, ABSENT | {"Maya": range(1, 8)})
    nightly.run_nightly(home, cast.TODAY, cast.NOW + timedelta(days=1))
    words = text_of(enter("Stella").get(f"/deliveries/{came}/"))
    assert "A later delivery is posted, so nothing is left to do here." in words
    assert "exported again" not in words
    assert "cannot be read;" not in text_of(enter("Stella").get("/deliveries/"))
    assert any(line.startswith(told) for run in NightlyRun.objects.all() for line in run.lines)


def test_unmapped_codes_come_with_the_lines_that_would_map_them(home: Path) -> None:
    codes = [told.CodeLine(code, "Birch", "1") for code in ("UX", 'a"b', "UX", told.NO_CODE)]
    draft = told.code_draft(codes)
    assert draft.splitlines() == [
        "codes:",
        "  table:",
        '    - {code: "UX", category: …, excused: …}',
        '    - {code: "a\\"b", category: …, excused: …}',
    ]
    assert told.code_draft(codes[-1:]) == ""
    marks = drop(home, ABSENT) / "attendance.csv"
    marks.write_text(marks.read_text().replace(",U,absent,", ",ZZ,,", 1))
    held = nightly.run_nightly(home, cast.TODAY, cast.NOW).held[0]
    words = text_of(enter("Stella").get(f"/deliveries/{held}/"))
    assert '- {code: "ZZ", category: …, excused: …}' in words


def test_whoever_looks_after_the_server_is_told_where_the_work_is(home: Path) -> None:
    assert "staff.csv in the home says who works here" in text_of(enter("Ivan").get("/"))
    assert "Nothing to show yet" in text_of(enter("Charlie").get("/"))


def test_large_losses_are_marked_and_sorted_first() -> None:
    record = SimpleNamespace(
        differences=[
            {"school_id": "A", "students_before": 100, "students_after": 90, "absences_before": 9, "absences_after": 9},
            {"school_id": "B", "students_before": 100, "students_after": 89, "absences_before": 9, "absences_after": 7},
            {"school_id": "C", "students_before": 10, "students_after": 5, "absences_before": 9, "absences_after": 12},
        ]
    )
    lines = told.differences(record, {"B": "Birch"}, group_pct=10, group_count=5)
    assert [(line.school, line.students_change, line.absences_change, line.is_large) for line in lines] == [
        ("Birch", "−11", "−2", True),
        ("A", "−10", "0", False),
        ("C", "−5", "+3", False),
    ]


@pytest.mark.parametrize("deliveries", [1, 6])
def test_the_pages_ask_equally_often_for_few_and_many_deliveries(
    home: Path, django_assert_num_queries: Callable, deliveries: int
) -> None:
    for number in range(deliveries):
        drop(home, ABSENT | {"Maya": [number + 1]})
        nightly.run_nightly(home, cast.TODAY, cast.NOW)
    client = enter("Stella")
    client.get("/deliveries/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/deliveries/")
    with django_assert_num_queries(RECORD_QUERIES):
        client.get(f"/deliveries/{newest()}/")
