"""Success plans in the pages: written by two people, agreed in three ways, looked at again, copied, ended."""

import base64
import re
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pdfua
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework.models import CaseStep, PlanReview, SuccessPlan
from allpresent.web.presenters.plan_chart import Course, plan_chart
from tests.cast import LAST_SCHOOL_DAY, District, student_id
from tests.papers import text_of
from tests.web.test_axe import open_page, violations, watched  # noqa: F401 (fixtures)

SignIn = Callable[[str], Client]
MATEO = student_id("Mateo")
FORM = f"/students/{MATEO}/plan/"
PNG = b"\x89PNG\r\n\x1a\n" + b"drawn"
GOAL = "Mateo takes the early bus with Iris."


def fields(district: District, **more: Any) -> dict[str, Any]:
    champion = district.users["Paula"].pk  # type: ignore[attr-defined]
    values = {"goal": GOAL, "goal_days": 2, "weeks": 6, "strategies": ["walk_together"], "causes": ["transportation"]}
    rest = {"champion": champion, "backup": "Aunt drives.", "language": "es", "review_every": 10, "version": ""}
    return values | rest | {"form_key": issue_key()} | more


def begin(client: Client, district: District, **more: Any) -> SuccessPlan:
    answer = client.post(FORM, fields(district, **more))
    assert answer.status_code == 302, answer.content.decode()
    return SuccessPlan.objects.exclude(state="ended").get()


def agreed(client: Client, district: District) -> SuccessPlan:
    plan = begin(client, district)
    sent = {"how": "phone", "with_whom": "Lucía Delgado", "witness": "Nadia Petrov", "version": plan.version}
    answer = client.post(f"/plans/{plan.pk}/agree/", sent | {"form_key": issue_key()})
    assert answer.status_code == 302
    return SuccessPlan.objects.get(pk=plan.pk)


def test_a_plan_is_begun_from_the_students_page(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assert f'href="{FORM}"' in client.get(f"/students/{MATEO}/").content.decode()
    shown = client.get(FORM).content.decode()
    assert "11 of 46 school days missed so far." in shown
    assert "Evidence A:" in shown
    assert "Not measured in the studies we know of." in shown
    plan = begin(client, desk_day)
    assert (plan.days_absent, plan.days_reported, plan.as_of) == ("11", "46", LAST_SCHOOL_DAY)
    page = client.get(f"/plans/{plan.pk}/").content.decode()
    for words in (GOAL, "At most 2 more days missed in 6 weeks.", "Aunt drives.", "Paula Lane", "Draft"):
        assert words in page
    assert GOAL in client.get(FORM).content.decode()


@pytest.mark.parametrize("name", ["Charlie", "Ivan", "Erin", "Olga", "Carmen", "Pat", "Rita", "Bob", "Stella"])
def test_to_everybody_else_there_is_no_plan(desk_day: District, signed_in: SignIn, name: str) -> None:
    plan = begin(signed_in("Paula"), desk_day)
    client = signed_in(name)
    own = f"/plans/{plan.pk}/"
    pages = ("", "copy-en.pdf", "paper/", "versions/1/", "versions/1/copy-en.pdf", "versions/1/paper/")
    for address in (FORM, *(own + page for page in pages)):
        assert client.get(address).status_code == 404, address
    for address in (FORM, f"{own}agree/", f"{own}drop-change/", f"{own}end/"):
        assert client.post(address, fields(desk_day)).status_code == 404, address


def test_the_list_shows_only_plans_of_students_one_sees(desk_day: District, signed_in: SignIn) -> None:
    begin(signed_in("Paula"), desk_day)
    assert "Mateo" in signed_in("Dolores").get("/plans/").content.decode()
    quinn = signed_in("Quinn").get("/plans/")
    assert quinn.status_code == 200
    assert "Mateo" not in quinn.content.decode()
    assert signed_in("Bob").get("/plans/").status_code == 404


def test_the_list_leaves_out_students_one_only_teaches(desk_day: District, signed_in: SignIn) -> None:
    """Nadia teaches Mateo at Linden and is on Harbor's team: Linden's plans are not hers to list."""
    agreed(signed_in("Paula"), desk_day)
    page = signed_in("Nadia").get("/plans/")
    assert page.status_code == 200
    assert "Mateo" not in page.content.decode()


def test_a_visitor_reads_the_plan_and_changes_nothing(desk_day: District, signed_in: SignIn) -> None:
    plan = begin(signed_in("Paula"), desk_day)
    client = signed_in("Grace")
    page = client.get(f"/plans/{plan.pk}/").content.decode()
    assert GOAL in page
    assert "Record the agreement" not in page
    assert client.get(FORM)["Location"] == f"/plans/{plan.pk}/"
    assert client.post(FORM, fields(desk_day, version=1)).status_code == 404


def test_two_people_writing_see_both_and_lose_nothing(desk_day: District, signed_in: SignIn) -> None:
    paula, dolores = signed_in("Paula"), signed_in("Dolores")
    begin(paula, desk_day)
    paula.post(FORM, fields(desk_day, version=1, backup="Uncle drives.", own_words="I like the bus."))
    answer = dolores.post(FORM, fields(desk_day, version=1, backup="A taxi.", help_family="Andrés"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Paula Lane saved this plan while you were writing" in page
    for words in (
        "Uncle drives.",
        "A taxi.",
        "I like the bus.",
        "Andrés",
        "Both of you changed: If the first way fails",
    ):
        assert words in page
    merged = {"own_words": "I like the bus.", "help_family": "Andrés", "backup": "A taxi.", "take_backup": "theirs"}
    assert dolores.post(FORM, fields(desk_day, version=2, **merged)).status_code == 302
    plan = SuccessPlan.objects.get()
    kept = [plan.contents[name] for name in ("backup", "own_words", "help_family")]
    assert (plan.version, kept) == (3, ["Uncle drives.", "I like the bus.", "Andrés"])
    assert [one.contents["backup"] for one in plan.versions.order_by("number")] == [
        "Aunt drives.",
        "Uncle drives.",
        "Uncle drives.",
    ]


def change(client: Client, district: District, version: int = 1, **more: Any) -> SuccessPlan:
    assert client.post(FORM, fields(district, version=version, **more)).status_code == 302
    return SuccessPlan.objects.get()


def agree_again(client: Client, plan: SuccessPlan) -> SuccessPlan:
    sent = {"how": "phone", "with_whom": "Andrés Ruiz", "witness": "Nadia Petrov", "version": plan.version}
    assert client.post(f"/plans/{plan.pk}/agree/", sent | {"form_key": issue_key()}).status_code == 302
    plan.refresh_from_db()
    return plan


def test_a_change_waits_beside_what_was_agreed_until_the_family_agrees(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    plan = agreed(client, desk_day)
    assert "What you change waits for their yes" in client.get(FORM).content.decode()
    plan = change(client, desk_day, goal="Mateo walks with Iris.")
    page = client.get(f"/plans/{plan.pk}/").content.decode()
    for words in (
        "A change waits for the family",
        f'<p class="lead">{GOAL}',
        "Mateo walks with Iris.",
        "agreed Thu 5 Nov",
    ):
        assert words in page
    assert "A change waits for the family" in client.get("/plans/").content.decode()
    assert "Mateo walks with Iris." in client.get(FORM).content.decode()
    agree_again(client, plan)
    page = client.get(f"/plans/{plan.pk}/").content.decode()
    assert '<p class="lead">Mateo walks with Iris.' in page
    assert "Agreed with Andrés Ruiz" in page
    assert "Version 2 of Thu 5 Nov." in page
    assert "A change waits" not in page
    student = client.get(f"/students/{MATEO}/").content.decode()
    assert "Change of the success plan agreed" in student
    assert "Lucía Delgado" in client.get(f"/plans/{plan.pk}/versions/1/").content.decode()


def test_two_people_changing_an_agreed_plan_lose_nothing(desk_day: District, signed_in: SignIn) -> None:
    paula, dolores = signed_in("Paula"), signed_in("Dolores")
    plan = agreed(paula, desk_day)
    change(paula, desk_day, backup="Uncle drives.")
    answer = dolores.post(FORM, fields(desk_day, version=1, help_family="Andrés"))
    assert (answer.status_code, "Uncle drives." in answer.content.decode()) == (422, True)
    change(dolores, desk_day, 2, backup="Uncle drives.", help_family="Andrés")
    plan.refresh_from_db()
    assert (plan.change["backup"], plan.change["help_family"]) == ("Uncle drives.", "Andrés")
    assert (plan.contents["backup"], plan.agreed_version) == ("Aunt drives.", 1)


def test_a_change_is_dropped_and_what_was_agreed_goes_on(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    plan = agreed(client, desk_day)
    change(client, desk_day, backup="A taxi.")
    stale = {"version": "1", "form_key": issue_key()}
    assert "changed meanwhile" in client.post(f"/plans/{plan.pk}/drop-change/", stale, follow=True).content.decode()
    now = {"version": "2", "form_key": issue_key()}
    page = client.post(f"/plans/{plan.pk}/drop-change/", now, follow=True).content.decode()
    assert "The change is dropped." in page
    assert "A taxi." not in page
    assert "A taxi." in client.get(f"/plans/{plan.pk}/versions/2/").content.decode()
    again = client.post(f"/plans/{plan.pk}/drop-change/", {"version": "3", "form_key": issue_key()})
    assert (again.status_code, "No change waits" in again.content.decode()) == (422, True)


def printed(client: Client, address: str, path: Path) -> str:
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf", address
    path.write_bytes(answer.content)
    assert not pdfua.validate(str(path)).findings
    return text_of(answer.content)


def test_each_version_is_printed_as_it_was_with_its_number_and_date(
    desk_day: District, signed_in: SignIn, tmp_path: Path
) -> None:
    client, path = signed_in("Paula"), tmp_path / "copy.pdf"
    plan = agreed(client, desk_day)
    first = printed(client, f"/plans/{plan.pk}/copy-en.pdf", path)
    assert "Version 1 of 5 November 2026" in first
    plan = change(client, desk_day, goal="Mateo walks with Iris.", weeks=8)
    waiting = printed(client, f"/plans/{plan.pk}/versions/2/copy-en.pdf", path)
    assert "This change is not agreed yet." in waiting
    assert GOAL in printed(client, f"/plans/{plan.pk}/copy-en.pdf", path)
    agree_again(client, plan)
    assert "Version 2 of 5 November 2026" in printed(client, f"/plans/{plan.pk}/copy-en.pdf", path)
    past = printed(client, f"/plans/{plan.pk}/versions/1/copy-en.pdf", path)
    note = "This is the plan as it was agreed then. A later agreement took its place on Thursday 5 November. "
    assert note in past
    assert past.replace(note, "") == first
    change(client, desk_day, 2, backup="A taxi.")
    change(client, desk_day, 3, backup="A bicycle.")
    assert client.get(f"/plans/{plan.pk}/versions/3/copy-en.pdf").status_code == 404
    assert client.get(f"/plans/{plan.pk}/versions/9/").status_code == 404


def test_two_plans_begun_at_once_are_brought_together(desk_day: District, signed_in: SignIn) -> None:
    begin(signed_in("Paula"), desk_day)
    answer = signed_in("Dolores").post(FORM, fields(desk_day, backup="A taxi."))
    assert answer.status_code == 422
    assert "Aunt drives." in answer.content.decode()
    assert "A taxi." in answer.content.decode()
    assert SuccessPlan.objects.count() == 1


def test_writing_in_a_plan_that_was_ended_begins_no_other(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    plan = begin(client, desk_day)
    assert f'name="plan" value="{plan.pk}"' in client.get(FORM).content.decode()
    SuccessPlan.objects.update(state="ended")
    answer = client.post(FORM, fields(desk_day, plan=plan.pk, version=1, backup="Uncle drives."))
    assert answer.status_code == 422
    assert "The plan was ended meanwhile; nothing is saved" in answer.content.decode()
    assert "Uncle drives." in answer.content.decode()
    assert SuccessPlan.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"goal_days": 99}, {"weeks": ""}, {"causes": ["laziness"]}, {"champion": "0"}])
def test_a_form_that_cannot_be_comes_back_as_it_was(
    desk_day: District, signed_in: SignIn, wrong: dict[str, Any]
) -> None:
    answer = signed_in("Paula").post(FORM, fields(desk_day, **wrong))
    assert answer.status_code == 422
    assert GOAL in answer.content.decode()
    assert not SuccessPlan.objects.exists()


def test_a_number_that_cannot_be_says_which_and_what_can(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Paula").post(FORM, fields(desk_day, goal_days=99, weeks="")).content.decode()
    assert "At most this many more days missed: write a whole number from 0 to 60." in page
    assert "In how many weeks: write a whole number from 1 to 20." in page
    for name in ("goal_days", "weeks"):
        assert f'id="id_{name}_error"' in page
        assert f'aria-describedby="id_{name}_error"' in page


@pytest.mark.parametrize("how", ["phone", "paper", "signature"])
def test_the_family_agrees_in_three_ways(own_home: Path, cast_day: None, request: Any, how: str) -> None:
    desk_day: District = request.getfixturevalue("desk_day")
    from django.conf import settings

    settings.HOME = own_home
    client = request.getfixturevalue("signed_in")("Paula")
    plan = begin(client, desk_day)
    proof = {
        "phone": {"witness": "Nadia Petrov"},
        "paper": {"scan": SimpleUploadedFile("x.exe", b"%PDF-1.7 signed")},
        "signature": {"signature": "data:image/png;base64," + base64.b64encode(PNG).decode()},
    }[how]
    sent = {"how": how, "with_whom": "Lucía Delgado", "version": 1, "form_key": issue_key()}
    assert client.post(f"/plans/{plan.pk}/agree/", sent | proof).status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.agreed_how) == ("agreed", how)
    assert CaseStep.objects.get(case__student_id=MATEO, step_key="L3.success_plan").state == "done"
    paper = client.get(f"/plans/{plan.pk}/paper/")
    if how == "phone":
        assert paper.status_code == 404
    else:
        assert paper["Content-Disposition"].startswith("attachment")
        content = b"".join(paper.streaming_content)  # type: ignore[attr-defined]
        assert content == (PNG if how == "signature" else b"%PDF-1.7 signed")
        assert AuditEntry.objects.filter(action="plan.paper_taken", student_id=MATEO).count() == 1


def test_an_agreement_without_a_witness_comes_back_with_what_was_written(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    plan = begin(client, desk_day)
    sent = {"how": "phone", "with_whom": "Lucía Delgado", "version": 1, "form_key": issue_key()}
    answer = client.post(f"/plans/{plan.pk}/agree/", sent)
    assert answer.status_code == 422
    assert "needs a witness" in answer.content.decode()
    assert 'value="Lucía Delgado"' in answer.content.decode()


def test_the_course_is_drawn_against_the_line(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    plan = agreed(client, desk_day)
    # Agreed three weeks ago: Mateo missed the school days 33, 38, 39 and 41, of which 33 lies before.
    SuccessPlan.objects.filter(pk=plan.pk).update(agreed_on=date(2026, 10, 19))
    page = client.get(f"/plans/{plan.pk}/").content.decode()
    assert "Days missed by week 3 of 6: 3. The goal is at most 2 days." in page
    assert re.search(r"Sun 25 Oct</th><td class=\"number\">0.3</td><td class=\"number\">1", page)
    assert "above the line" in page


def test_a_review_and_the_end_are_written_down(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    plan = agreed(client, desk_day)
    PlanReview.objects.filter(pk=plan.reviews.first().pk).update(due_on=LAST_SCHOOL_DAY)
    listed = client.get("/plans/").content.decode()
    assert "1 success plan runs here. 1 review is due." in listed
    assert "1 day late" in listed
    review = plan.reviews.first()
    assert review is not None
    short = client.post(f"/plans/reviews/{review.pk}/", {"words": "ok", "form_key": issue_key()})
    assert (short.status_code, "Say in a few words" in short.content.decode()) == (422, True)
    words = {"words": "The bus works well.", "form_key": issue_key()}
    assert client.post(f"/plans/reviews/{review.pk}/", words).status_code == 302
    assert "No review is due." in client.get("/plans/").content.decode()
    done = {"outcome": "partly", "why": "Fewer days, not yet two.", "form_key": issue_key()}
    assert client.post(f"/plans/{plan.pk}/end/", done).status_code == 302
    page = client.get(f"/plans/{plan.pk}/").content.decode()
    assert "Partly met. Ended on Thu 5 Nov by Paula Lane." in page
    assert "Keep the review" not in page
    student = client.get(f"/students/{MATEO}/").content.decode()
    assert "Success plan agreed" in student
    assert "Success plan ended" in student


@pytest.mark.parametrize(("language", "words"), [("en", "Success plan for Mateo"), ("es", "Plan de éxito")])
def test_the_familys_copy_is_an_accessible_pdf(
    desk_day: District, signed_in: SignIn, tmp_path: Path, language: str, words: str
) -> None:
    client = signed_in("Paula")
    plan = agreed(client, desk_day)
    answer = client.get(f"/plans/{plan.pk}/copy-{language}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    path = tmp_path / "copy.pdf"
    path.write_bytes(answer.content)
    checked = pdfua.validate(str(path))
    assert not [f"{finding.rule_id}: {finding.message}" for finding in checked.findings]
    import pikepdf

    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang) == language
        assert str(pdf.docinfo.get("/Title", "")).startswith(words) or words in str(pdf.open_metadata()["dc:title"])
    assert AuditEntry.objects.filter(action="plan.copied", student_id=MATEO).count() == 1


def test_each_page_costs_a_fixed_number_of_queries(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable[..., CaptureQueriesContext]
) -> None:
    client = signed_in("Paula")
    plan = agreed(client, desk_day)
    client.get("/plans/")
    with django_assert_num_queries(QUERIES["list"]):
        client.get("/plans/")
    with django_assert_num_queries(QUERIES["plan"]):
        client.get(f"/plans/{plan.pk}/")
    for number in range(1, 9):
        change(client, desk_day, number, backup=f"Way {number}.")
    client.get(f"/plans/{plan.pk}/")
    with django_assert_num_queries(QUERIES["plan"]):
        client.get(f"/plans/{plan.pk}/")
    with django_assert_num_queries(QUERIES["version"]):
        client.get(f"/plans/{plan.pk}/versions/1/")
    SuccessPlan.objects.update(state="draft")
    with django_assert_num_queries(QUERIES["form"]):
        client.get(FORM)


QUERIES = {"list": 9, "plan": 17, "version": 16, "form": 14}


def course_of(days: dict[date, int]) -> Callable[[date], Course]:
    return lambda on: Course(Fraction(sum(count for day, count in days.items() if day <= on)), 0)


def test_days_before_the_plan_do_not_count_and_weeks_to_come_stay_blank() -> None:
    first = date(2026, 11, 5)
    course = course_of({first - timedelta(days=1): 5, first: 1, first + timedelta(days=8): 1})
    chart = plan_chart(first, 6, 3, first + timedelta(days=9), course)
    assert [row.missed for row in chart.rows] == ["1", "2", "", "", "", ""]
    assert [row.is_over for row in chart.rows][:2] == [True, True]
    assert chart.target_line == "0.0,1000.0 1000.0,0.0"


def test_before_the_first_delivered_day_nothing_is_drawn() -> None:
    first = date(2026, 11, 5)
    chart = plan_chart(first, 6, 2, first - timedelta(days=1), course_of({}))
    assert (chart.actual_line, "No school day" in chart.sentence) == ("", True)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_a_signature_is_drawn(open_page: Callable[..., Any], desk_day: District) -> None:  # noqa: F811
    page = open_page("Paula", FORM)
    assert violations(page) == []
    page.get_by_label("The goal in plain words").fill(GOAL)
    page.get_by_label("Champion at school").select_option(label="Paula Lane")
    page.get_by_text("Walk or ride with a neighbor").click()
    page.get_by_role("button", name="Save the plan").click()
    page.get_by_text("Signed here on the screen").click()
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("Who of the family").fill("Lucía Delgado")
    box = page.locator("#glass").bounding_box()
    page.locator("#glass").scroll_into_view_if_needed()
    box = page.locator("#glass").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 50)
    page.mouse.up()
    page.get_by_role("button", name="Record the agreement").click()
    page.get_by_text("Agreed with Lucía Delgado").wait_for()
    assert violations(page) == []
    assert (desk_day.home / SuccessPlan.objects.get().paper).read_bytes().startswith(b"\x89PNG")
    change_by_keyboard(page)
    page = open_page("Paula", "/plans/", "es")
    assert violations(page) == []
    assert page.complaints == []


def change_by_keyboard(page: Any) -> None:
    """Write a change, read it beside what was agreed, drop it; on a narrow phone, with the keys alone."""
    page.get_by_role("link", name="Change the plan").press("Enter")
    page.get_by_label("If the first way fails").fill("Her aunt drives them, and on Fridays the neighbor.")
    page.get_by_role("button", name="Save the change").press("Enter")
    page.get_by_role("heading", name="A change waits for the family's yes").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator(".versions summary").press("Enter")
    page.get_by_role("link", name="Version 2").press("Enter")
    page.get_by_role("heading", name="Version 2").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.go_back()
    page.get_by_role("button", name="Drop the change").press("Enter")
    page.get_by_text("The change is dropped.").wait_for()
