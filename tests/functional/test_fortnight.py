"""A fortnight at a small school, told as it happens: twenty students from crossing a level to nothing left unexplained.

Each act is done once or more through the pages in a real browser; further acts of its kind are sent as the pages'
forms would send them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from allpresent.access import issue_key
from allpresent.access.models import User
from allpresent.casework.models import (
    Case,
    CaseStep,
    CheckIn,
    ContactAttempt,
    HandOver,
    HomeVisit,
    Letter,
    Meeting,
    MentorWorry,
    Referral,
    SuccessPlan,
)
from allpresent.casework.models.steps import Outcome
from allpresent.casework.queries.accountability import promised_by_step
from allpresent.nightly import run_nightly
from allpresent.roster.models import ProjectedVersion
from tests.functional.small_school import CARE, PUPILS, SCHOOL, address, deliver, make_home, missed_days

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 10, day) for day in (20, 21, 22, 23))
NEXT_MONDAY, NEXT_TUESDAY, NEXT_FRIDAY = date(2026, 10, 26), date(2026, 10, 27), date(2026, 10, 30)
LAST_MONDAY = date(2026, 11, 2)
EVE = date(2026, 10, 19)
ALERT, MODERATE = ("Ana", "Ben", "Cleo", "Dina", "Eli", "Fay", "Gus", "Ivo", "Nico"), ("Kai", "Lea", "Mia", "Noah")
SERIOUS = ("Remy", "Sami", "Hazel", "Theo", "Uma")


@dataclass
class Story:
    """The school's fortnight: its home, the desk's and the phone's browser, and what day it is."""

    home: Path
    desk: Any
    phone: Any
    enter: Callable[..., None]
    settings: Any
    url: str
    today: date = TUESDAY
    clients: dict[str, Client] = field(default_factory=dict)

    def turn_to(self, day: date) -> None:
        self.today = day
        self.settings.DISTRICT = replace(self.settings.DISTRICT, today=day)

    def open(self, browser: Any, name: str, path: str) -> Any:
        """A person opens a page on a desk or a phone."""
        self.enter(browser, user(name))
        browser.goto(self.url + path)
        return browser

    def send(self, name: str, path: str, **values: object) -> None:
        """What the page's form would send; a form that was refused shows the page again and is no redirect."""
        client = self.clients.setdefault(name, Client())
        client.force_login(user(name))
        answer = client.post(path, {"form_key": issue_key()} | values)
        assert answer.status_code == 302, (path, values, answer.content.decode()[:3000])

    def get(self, name: str, path: str) -> bytes:
        client = self.clients.setdefault(name, Client())
        client.force_login(user(name))
        answer = client.get(path)
        assert answer.status_code == 200, path
        return answer.content


def user(name: str) -> User:
    return User.objects.get(email=address(name))


def pk(name: str) -> str:
    return PUPILS[name].student_id


def steps(name: str, state: str = "open", **more: object) -> Any:
    return CaseStep.objects.filter(case__student_id=pk(name), state=state, **more).order_by("pk")


@pytest.fixture
def story(
    db: None, tmp_path: Path, settings: Any, live_server: Any, page: Any, phone: Any, enter: Callable[..., None]
) -> Story:
    """The home on the eve of the first night."""
    home = make_home(tmp_path / "home")
    settings.HOME = home
    settings.DISTRICT = replace(settings.DISTRICT, name="Elm Harbor", is_demo=True, today=TUESDAY)
    deliver(home, EVE, {name: missed_days(pupil, EVE) for name, pupil in PUPILS.items()})
    return Story(home, page, phone, enter, settings, live_server.url)


def test_twenty_students_from_crossing_to_closed_in_a_fortnight(story: Story) -> None:
    the_night_opens_what_was_promised(story)
    the_team_verifies_the_days(story)
    the_teacher_calls_on_her_phone(story)
    one_call_serves_two_children(story)
    the_teacher_tries_again(story)
    the_team_calls_the_families_of_the_serious_levels(story)
    the_principal_reads_the_letters_somebody_else_verified(story)
    the_team_meets(story)
    the_letters_leave(story)
    the_visitor_goes_to_a_home(story)
    a_family_agrees_to_a_plan(story)
    a_mentor_greets_and_worries(story)
    a_place_accepts_a_referral(story)
    the_coordinator_hands_a_student_over(story)
    the_team_does_the_rest(story)
    the_office_corrects_the_record(story)
    the_second_night_withdraws_what_is_no_longer_so(story)
    the_principal_reads_her_monday_page(story)
    nothing_is_left_unexplained(story)


def the_night(story: Story, day: date) -> None:
    story.turn_to(day)
    summary = run_nightly(story.home, day, datetime.combine(day, time(9, 30), tzinfo=UTC))
    assert summary.exit_code == 0, summary


def the_night_opens_what_was_promised(story: Story) -> None:
    the_night(story, TUESDAY)
    assert Case.objects.count() == len(PUPILS) == 20
    levels = {case.student_id: case.level for case in Case.objects.all()}
    assert [levels[pk(name)] for name in ("Ana", "Mia", "Remy", "Uma")] == ["L2", "L3", "L4", "L5"]


def the_team_verifies_the_days(story: Story) -> None:
    desk = story.open(story.desk, "tina", "/today/")
    assert desk.get_by_text("20 students").first.is_visible()
    desk.goto(f"{story.url}/students/{pk('Ana')}/")
    desk.get_by_role("button", name="Verify").first.click()
    desk.get_by_text("Verified: the days absent are right as shown.").wait_for()
    version = ProjectedVersion.current()
    for name in PUPILS.keys() - {"Ana"}:
        story.send("tina", f"/students/{pk(name)}/verify/", delivery=version.delivery_id)
    assert not CaseStep.objects.filter(kind="verify", state="open").exists()


def the_teacher_calls_on_her_phone(story: Story) -> None:
    """She reaches the first family, and not the next two; the rest of the alert level she reaches that afternoon."""
    phone = story.open(story.phone, "alice", f"/calls/{pk('Ana')}/")
    phone.get_by_text("Reached", exact=True).tap()
    phone.get_by_text("Illness", exact=False).first.tap()
    phone.get_by_role("button", name="Save").tap()
    phone.get_by_role("status").wait_for()
    for name, result in (("Ben", "No answer"), ("Ivo", "Left message")):
        phone.goto(f"{story.url}/calls/{pk(name)}/")
        phone.get_by_text(result, exact=True).tap()
        phone.get_by_role("button", name="Save").tap()
        phone.get_by_role("status").wait_for()
    for name in ("Cleo", "Dina", "Eli", "Fay", "Gus", "Nico", "Noah", "Olga", "Paz"):
        story.send("alice", f"/calls/{pk(name)}/", result="reached", causes=["transportation"], need="nothing")
    assert ContactAttempt.objects.filter(result="reached").count() == 10


def one_call_serves_two_children(story: Story) -> None:
    phone = story.open(story.phone, "alice", f"/calls/{pk('Kai')}/")
    phone.get_by_text("Reached", exact=True).tap()
    phone.locator("input[name=also]").first.check()
    phone.get_by_role("button", name="Save").tap()
    phone.get_by_role("status").wait_for()
    assert not steps("Kai", kind="call").exists()
    assert not steps("Lea", kind="call").exists()


def the_teacher_tries_again(story: Story) -> None:
    """Ben's family picks up the next day; Ivo's does not, and after three calls the sheet passes it to the team."""
    story.turn_to(WEDNESDAY)
    story.send("alice", f"/calls/{pk('Ben')}/", result="reached", need="ask_team")
    for result in ("no_answer", "no_answer"):
        story.send("alice", f"/calls/{pk('Ivo')}/", result=result)
    sheet = story.open(story.phone, "alice", f"/calls/{pk('Ivo')}/")
    assert "team" in sheet.locator(".notice").first.inner_text()
    story.send("alice", f"/calls/{pk('Mia')}/", result="no_answer")


def the_team_calls_the_families_of_the_serious_levels(story: Story) -> None:
    for name in SERIOUS:
        story.send("tina", f"/calls/{pk(name)}/", result="reached", causes=["illness"], need="ask_team")
        assert not steps(name, kind="call").exists()


def the_principal_reads_the_letters_somebody_else_verified(story: Story) -> None:
    desk = story.open(story.desk, "tina", "/letters/")
    for box in desk.locator("input[name=step]").all():
        box.check()
    desk.get_by_role("button", name="Verify the chosen letters").click()
    desk.get_by_role("status").wait_for()
    waiting = set(Letter.objects.filter(state="verified").values_list("student_id", flat=True))
    assert {pk(name) for name in SERIOUS} <= waiting
    story.turn_to(THURSDAY)
    desk = story.open(story.desk, "paula", "/letters/?tab=verified")
    hers = {str(one) for one in Letter.objects.filter(student_id=pk("Hazel")).values_list("pk", flat=True)}
    for box in desk.locator("input[name=step]").all():
        if box.get_attribute("value") not in hers:  # the mother asked for the days to be looked at again
            box.check()
    desk.get_by_role("button", name="Approve the chosen letters").click()
    desk.get_by_role("status").wait_for()
    assert set(Letter.objects.filter(state="verified").values_list("student_id", flat=True)) == {pk("Hazel")}


def the_team_meets(story: Story) -> None:
    """One child at a time: a call, a visit, a plan, a mentor, a referral, and one that the team closes."""
    story.turn_to(FRIDAY)
    desk = story.open(story.desk, "paula", "/meetings/")
    desk.get_by_role("button", name="Begin the meeting").click()
    desk.get_by_role("heading", name="Agenda").wait_for()
    meeting = Meeting.objects.get(school_id=SCHOOL)
    assert meeting.items.count() == len(PUPILS)
    decide(story, meeting, "Ivo", "Call again", "in the evening")
    decide(story, meeting, "Mia", "Visit the home")
    decide(story, meeting, "Kai", "Make a success plan")
    decide(story, meeting, "Noah", "Find a success mentor")
    decide(story, meeting, "Sami", "Refer to a partner", service="youth_connect")
    decide(story, meeting, "Cleo", "Close with a reason", "Was in hospital, and is back every day.", owner=False)
    rest = meeting.items.filter(discussed_at=None)
    for item in list(rest):
        story.send("paula", f"/meetings/items/{item.pk}/", kind="go_on")
    story.open(desk, "paula", f"/meetings/{meeting.pk}/")
    desk.locator("input[type=checkbox][name^=here]").first.check()
    desk.get_by_role("button", name="End the meeting").click()
    desk.wait_for_url(f"**/meetings/{meeting.pk}/recap/")
    assert desk.get_by_text("20 students were spoken of").is_visible()
    assert story.get("paula", f"/meetings/{meeting.pk}/minutes.pdf").startswith(b"%PDF")
    assert not steps("Mia", kind="review", promise__evidence="meeting").exists()


def decide(
    story: Story, meeting: Meeting, name: str, kind: str, words: str = "", service: str = "", owner: bool = True
) -> None:
    item = meeting.items.get(student_id=pk(name))
    desk = story.open(story.desk, "paula", f"/meetings/items/{item.pk}/")
    desk.get_by_text(kind, exact=True).click()
    if words:
        desk.get_by_label("What exactly, or why").fill(words)
    if service:
        desk.get_by_label("To whom").select_option(service)
    if owner:
        desk.get_by_label("Who does it").select_option(str(user("tina").pk))
    desk.get_by_role("button", name="Decide").click()
    desk.get_by_role("status").wait_for()


def the_letters_leave(story: Story) -> None:
    approved = [str(one) for one in Letter.objects.filter(state="approved").values_list("pk", flat=True)]
    story.send("tina", "/letters/produce/", step=approved)
    for batch in {letter.batch_id for letter in Letter.objects.filter(state="produced")}:
        desk = story.open(story.desk, "tina", f"/letters/batches/{batch}/")
        desk.get_by_role("button", name="The chosen letters have left").click()
        desk.get_by_role("status").wait_for()
    assert Letter.objects.filter(state="mailed").count() == len(approved)
    assert not steps("Uma", kind="letter").exists()


def the_visitor_goes_to_a_home(story: Story) -> None:
    story.turn_to(NEXT_MONDAY)
    desk = story.open(story.desk, "tina", f"/visits/for/{pk('Mia')}/")
    desk.get_by_label("First visitor").select_option(str(user("grace").pk))
    desk.get_by_label("Second visitor").select_option(str(user("tina").pk))
    desk.get_by_label("Day", exact=True).fill(NEXT_TUESDAY.isoformat())
    desk.get_by_label("Begins").fill("16:30")
    desk.get_by_label("Expected end").fill("17:15")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("status").wait_for()
    visit = HomeVisit.objects.get(student_id=pk("Mia"))
    story.turn_to(NEXT_TUESDAY)
    assert story.get("grace", f"/visits/{visit.pk}/card.pdf").startswith(b"%PDF")
    phone = story.open(story.phone, "grace", f"/visits/{visit.pk}/")
    phone.get_by_text("Completed", exact=True).tap()
    phone.get_by_label("Who was met").fill("Jan Novak")
    phone.get_by_label("Detailed field notes").fill("The bus stop was moved; the walk is long.")
    phone.get_by_role("button", name="Save the visit").tap()
    phone.wait_for_url("**/visits/*/")
    phone.get_by_text("The bus stop was moved").wait_for()
    for name, outcome in (("Uma", "completed"), ("Remy", "completed"), ("Noah", "attempted")):
        met = {"met": PUPILS[name].parent} if outcome == "completed" else {}
        values = {"on": story.today.isoformat(), "was_scheduled": "yes", "reason": "designated", "mode": "in_person"}
        story.send("grace", f"/visits/for/{pk(name)}/record/", outcome=outcome, **values, **met)
    assert not steps("Mia", kind="visit").exists()
    assert steps("Noah", kind="visit").exists()


def a_family_agrees_to_a_plan(story: Story) -> None:
    desk = story.open(story.desk, "tina", f"/students/{pk('Kai')}/plan/")
    desk.get_by_label("The goal in plain words").fill("Kai takes the early bus.")
    desk.locator("input[name=strategies]").first.check()
    desk.get_by_label("Champion at school").select_option(str(user("tina").pk))
    desk.get_by_label("Language of the family's copy").select_option("es")
    desk.get_by_role("button", name="Save the plan").click()
    desk.get_by_role("status").wait_for()
    plan = SuccessPlan.objects.get(student_id=pk("Kai"))
    desk.get_by_label("Who of the family").fill("Lucía Lopez")
    desk.get_by_text("Signed here on the screen").click()
    sign(desk)
    desk.get_by_role("button", name="Record the agreement").click()
    desk.get_by_role("status").wait_for()
    plan.refresh_from_db()
    assert (plan.state, plan.agreed_with) == ("agreed", "Lucía Lopez")
    assert story.get("tina", f"/plans/{plan.pk}/copy-es.pdf").startswith(b"%PDF")
    assert not steps("Kai", kind="plan").exists()


def sign(desk: Any) -> None:
    """A line drawn on the glass."""
    glass = desk.locator("#glass")
    glass.scroll_into_view_if_needed()
    box = glass.bounding_box()
    desk.mouse.move(box["x"] + 30, box["y"] + 60)
    desk.mouse.down()
    for place in range(1, 8):
        desk.mouse.move(box["x"] + 30 + 25 * place, box["y"] + 60 + 15 * (place % 3))
    desk.mouse.up()


def a_mentor_greets_and_worries(story: Story) -> None:
    new = {
        "email": address("hugo"),
        "kind": "adult",
        "school": SCHOOL,
        "load_limit": "3",
        "grades": "",
        "languages": "",
    }
    story.send("tina", "/mentors/add/", **new)
    desk = story.open(story.desk, "tina", "/mentors/")
    desk.get_by_label("Student who waits").select_option(pk("Noah"))
    desk.get_by_label("Mentor with room").select_option(label="Hugo Stein (0/3)")
    desk.get_by_role("button", name="Match them").click()
    desk.get_by_role("status").wait_for()
    assert not steps("Noah", promise__evidence="mentor_match").exists()
    phone = story.open(story.phone, "hugo", "/mentees/")
    phone.get_by_role("button", name="Talked").tap()
    phone.get_by_role("status").wait_for()
    phone.get_by_text("Something worries me").tap()
    phone.get_by_label("What worries you").fill("He says he has nobody to sit with at lunch.")
    phone.get_by_role("button", name="Tell the team").tap()
    phone.get_by_role("status").wait_for()
    worry = MentorWorry.objects.get()
    story.turn_to(NEXT_FRIDAY)
    story.send("hugo", f"/mentees/{worry.match_id}/check-in/", how="greeted")
    story.send("tina", f"/mentors/worries/{worry.pk}/", answer="He joins the chess table from Monday on.")
    worry.refresh_from_db()
    assert (CheckIn.objects.count(), bool(worry.answer)) == (2, True)


def a_place_accepts_a_referral(story: Story) -> None:
    desk = story.open(story.desk, "tina", "/decisions/")
    card = desk.locator("li.card", has_text="Sami Tahan")
    card.get_by_text("Write down the answer").click()
    card.get_by_text("Accepted", exact=True).click()
    card.get_by_label("Who answered there").fill("Delfina Aguirre")
    card.get_by_role("button", name="Save the answer").click()
    desk.get_by_role("status").wait_for()
    assert Referral.objects.get().state == "accepted"
    assert steps("Sami", "done", step_key="L4.youth_connect").exists()


def the_coordinator_hands_a_student_over(story: Story) -> None:
    desk = story.open(story.desk, "kim", "/caseload/")
    for name in CARE:
        assert desk.get_by_text(PUPILS[name].name).first.is_visible()
    why = "The family asked for one person at the school itself."
    story.send("kim", f"/caseload/offer/{pk('Theo')}/", person=str(user("curtis").pk), reason=why)
    offer = HandOver.objects.get()
    story.send("curtis", f"/caseload/offers/{offer.pk}/accept/")
    offer.refresh_from_db()
    assert offer.state == "accepted"
    assert PUPILS["Theo"].name in story.get("curtis", "/caseload/").decode()


def the_team_does_the_rest(story: Story) -> None:
    """The call the meeting asked for is reached; papers are filed; what does not apply is said so, in words."""
    story.send("tina", f"/calls/{pk('Ivo')}/", result="reached", causes=["illness"], need="nothing")
    story.send("alice", f"/calls/{pk('Mia')}/", result="reached", need="nothing")
    for name in PUPILS.keys() - {"Hazel"}:
        for step in steps(name, promise__evidence="document"):
            close(story, step, "her folder")
    for step in steps("Uma", promise__evidence="accepted_referral"):
        close(story, step, "Bettina Marchetti, by telephone")
    for name in ("Olga", "Paz", "Theo"):
        for step in steps(name):
            reason = "The family and the team agreed on the morning bus instead."
            story.send("tina", f"/steps/{step.pk}/exempt/", reason=reason)


def close(story: Story, step: CaseStep, reference: str) -> None:
    evidence = {"evidence": step.promise.evidence, "reference": reference, "on": story.today}
    story.send("tina", f"/steps/{step.pk}/done/", **evidence)


def the_office_corrects_the_record(story: Story) -> None:
    """Hazel was at a field trip on a day she was marked; Nico was late, and not absent, on one."""
    absent = {name: missed_days(pupil, EVE) for name, pupil in PUPILS.items()}
    absent["Hazel"], absent["Nico"] = absent["Hazel"][1:], absent["Nico"][1:]
    deliver(story.home, NEXT_FRIDAY, absent)


def the_second_night_withdraws_what_is_no_longer_so(story: Story) -> None:
    the_night(story, LAST_MONDAY)
    hers = Letter.objects.filter(student_id=pk("Hazel")).values_list("state", "reason")
    assert set(hers) == {("withdrawn", "corrected")}
    assert steps("Hazel", "withdrawn", level="L4").exists()
    assert Case.objects.get(student_id=pk("Nico")).closed_because == "corrected"


def the_principal_reads_her_monday_page(story: Story) -> None:
    """My school says where the children stand, and accountability what became of every promise: her sums are ours."""
    desk = story.open(story.desk, "paula", "/school/")
    assert "Linden Street School" in desk.locator("h1").inner_text()
    assert "chronically absent to date" in desk.locator("main").inner_text()
    desk.goto(story.url + "/accountability/")
    eve = NEXT_FRIDAY
    ours = Counter(step.outcome(eve) for step in CaseStep.objects.filter(opened_on__lte=eve))
    theirs = promised_by_step(eve, [SCHOOL])
    assert {outcome: sum(row.count(outcome) for row in theirs) for outcome in ours} == ours
    judged = sum(ours[outcome] for outcome in (Outcome.ON_TIME, Outcome.LATE, Outcome.OVERDUE))
    words = f"{ours[Outcome.ON_TIME]} of {judged} promised steps that came due were done on time"
    assert words in desk.locator("main").inner_text()


def nothing_is_left_unexplained(story: Story) -> None:
    """Every promise to every child is kept, withdrawn, exempt for a reason, or not yet due and somebody's to do."""
    ways = {name: {explain(step, LAST_MONDAY) for step in steps_of(name)} for name in PUPILS}
    unexplained = {name: found for name, found in ways.items() if "" in found}
    assert unexplained == {}
    closed = {name for name, found in ways.items() if found <= {"done", "withdrawn", "exempt"}}
    assert set(ALERT) <= closed
    assert ways["Hazel"] >= {"withdrawn"}
    assert {name for name in PUPILS if name not in closed} == {name for name in ways if "on the way" in ways[name]}


def steps_of(name: str) -> list[CaseStep]:
    return list(CaseStep.objects.filter(case__student_id=pk(name)))


def explain(step: CaseStep, on: date) -> str:
    """What became of a promise, in a word; blank for one nobody can account for."""
    if step.state == "done":
        return "done" if step.done_by_id and step.evidence_reference else ""
    if step.state in ("withdrawn", "exempt"):
        return step.state if step.why else ""
    return "on the way" if step.due_on and step.due_on >= on and step.owner_role else ""
