"""A fortnight in the demonstration's district, told as it happens: the children of one school from crossing to closed.

The district is the one `allpresent demo` makes, on its own morning, with the fall its invented people lived before.
Each act is done once or more through the pages in a real browser, by somebody of the sign-in page; further acts of its
kind are sent as the pages' forms would send them. Whom an act is for is read from what is open that day.
"""

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allpresent.casework.models import (
    Case,
    CaseStep,
    CheckIn,
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
from allpresent.demo import DEMO_TODAY
from allpresent.roster.models import ProjectedVersion
from tests.functional.demonstrating import Made
from tests.functional.walking import Walk, done, explain, sign, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCHOOL = "101"  # the K-8 school of the people one can sign in as
BY_WORDS = ("plan_agreed", "mentor_match", "accepted_referral", "document")  # evidence a person names
MONDAY, TUESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (9, 10, 12, 13))
DECISIONS = (("Call again", "in the evening"), ("Visit the home", ""), ("Refer to a partner", ""))
NEXT_MONDAY, NEXT_TUESDAY, NEXT_THURSDAY, NEXT_FRIDAY = (date(2026, 11, day) for day in (16, 17, 19, 20))


@pytest.fixture
def walk(made: Made, db: None, tmp_path: Path, settings: Any, live_server: Any, page: Any, phone: Any) -> Walk:
    """The demonstration on its morning."""
    walk = Walk(tmp_path / "home", page, phone, settings, live_server.url)
    walk.begin(made.home)
    return walk


def test_twenty_students_from_crossing_to_closed_in_a_fortnight(walk: Walk) -> None:
    assert walk.today == DEMO_TODAY
    children = set(students(open_here()))
    the_team_begins_its_morning(walk)
    the_teacher_calls_on_her_phone(walk)
    the_team_calls_the_other_families(walk)
    the_visitor_comes_from_a_home(walk)
    a_mentor_greets_and_worries(walk)
    a_letter_is_verified_by_one_and_approved_by_another(walk)
    the_letters_leave(walk)
    children |= the_night_brings_who_crossed(walk)
    the_team_meets(walk)
    children |= the_next_night_withdraws_what_is_no_longer_so(walk)
    the_team_goes_on_with_who_crossed_since(walk)
    a_student_gets_a_mentor(walk)
    a_family_agrees_to_a_plan(walk)
    a_visit_is_planned_and_made(walk)
    a_place_accepts_the_referral(walk)
    the_place_tells_how_it_goes(walk)
    the_coordinator_takes_a_student_over(walk)
    the_team_does_the_rest(walk)
    the_last_night(walk)
    the_principal_reads_what_became_of_it(walk)
    nothing_is_left_unexplained(walk, children)


def open_here(**more: object) -> Any:
    """The open steps of the school's children, the oldest first."""
    return CaseStep.objects.filter(school_id=SCHOOL, state="open", **more).order_by("pk")


def students(steps: Any) -> list[str]:
    """Whose they are, each once."""
    return list(dict.fromkeys(steps.values_list("case__student_id", flat=True)))


def the_team_begins_its_morning(walk: Walk) -> None:
    desk = walk.sign_in(walk.desk, "team")
    assert desk.url == f"{walk.url}/today/"
    to_verify = students(open_here(kind="verify"))
    desk.get_by_role("navigation", name="What is waiting").get_by_text(f"{len(to_verify)} to verify").click()
    desk.locator("table.desk-table tbody th a, table.desk-table tbody td a").first.click()
    desk.get_by_role("button", name="Verify").first.click()
    desk.get_by_text("Verified: the days absent are right as shown.").wait_for()
    assert len(students(open_here(kind="verify"))) == len(to_verify) - 1
    verify_the_others(walk)


def verify_the_others(walk: Walk) -> None:
    version = ProjectedVersion.current()
    for student in students(open_here(kind="verify")):
        walk.send("team", f"/students/{student}/verify/", delivery=version.delivery_id)
    assert not open_here(kind="verify").exists()


def the_teacher_calls_on_her_phone(walk: Walk) -> None:
    """Nobody answers at the first family of her list; she tries again and reaches them."""
    phone = walk.sign_in(walk.phone, "homeroom")
    assert phone.url == f"{walk.url}/calls/"
    phone.get_by_role("link", name="Start with the first").tap()
    phone.wait_for_url("**/calls/*/")
    sheet = phone.url
    phone.get_by_text("No answer", exact=True).tap()
    phone.get_by_role("button", name="Save").tap()
    done(phone)
    student = sheet.split("/")[-2]
    assert open_here(kind="call", case__student_id=student).exists()
    phone.goto(sheet)
    phone.get_by_text("Reached", exact=True).tap()
    phone.get_by_text("Illness", exact=False).first.tap()
    phone.get_by_role("button", name="Save").tap()
    done(phone)
    assert not open_here(kind="call", case__student_id=student).exists()


def the_team_calls_the_other_families(walk: Walk) -> None:
    for student in students(open_here(kind="call")):
        walk.send("team", f"/calls/{student}/", result="reached", causes=["transportation"], need="nothing")
    assert not open_here(kind="call").exists()


def the_visitor_comes_from_a_home(walk: Walk) -> None:
    """The first visit of her list was made two days ago, and nobody has written it down yet."""
    visit = HomeVisit.objects.filter(visitor=user("visitor"), state="scheduled").order_by("starts_at")[0]
    phone = walk.sign_in(walk.phone, "visitor")
    assert phone.url == f"{walk.url}/visits/"
    phone.get_by_role("region", name="Scheduled").get_by_role("link").first.tap()
    phone.wait_for_url(f"**/visits/{visit.pk}/")
    write_down(phone, "The bus stop was moved; the walk is long.")
    visit.refresh_from_db()
    assert visit.state in ("done", "follow_up")
    assert walk.get("visitor", "/visits/day-sheet.pdf").startswith(b"%PDF")


def write_down(phone: Any, note: str) -> None:
    phone.get_by_text("Completed", exact=True).tap()
    phone.get_by_label("Who was met").fill("the grandmother")
    phone.get_by_label("Detailed field notes").fill(note)
    phone.get_by_role("button", name="Save the visit").tap()
    phone.get_by_text(note).wait_for()


def a_mentor_greets_and_worries(walk: Walk) -> None:
    walk.turn_to(MONDAY)
    greeted = CheckIn.objects.count()
    phone = walk.sign_in(walk.phone, "mentor")
    assert phone.url == f"{walk.url}/mentees/"
    phone.get_by_role("button", name="Talked").first.tap()
    done(phone)
    phone.get_by_text("Something worries me").first.tap()
    phone.get_by_label("What worries you").first.fill("Nobody to sit with at lunch since the friend moved.")
    phone.get_by_role("button", name="Tell the team").first.tap()
    done(phone)
    assert CheckIn.objects.count() == greeted + 1
    for worry in MentorWorry.objects.filter(match__mentor__school_id=SCHOOL, taken_at=None):
        walk.send("team", f"/mentors/worries/{worry.pk}/", answer="The chess table has a free seat from Monday on.")
    assert not MentorWorry.objects.filter(match__mentor__school_id=SCHOOL, taken_at=None).exists()


def a_letter_is_verified_by_one_and_approved_by_another(walk: Walk) -> None:
    walk.turn_to(TUESDAY)
    desk = walk.sign_in(walk.desk, "team", "/letters/")
    choose_all(desk, "Verify the chosen letters")
    verified = Letter.objects.filter(state="verified", school_id=SCHOOL)
    assert set(students(open_here(kind="letter"))) <= set(Letter.objects.values_list("student_id", flat=True))
    waiting = verified.count()
    assert waiting
    desk.goto(f"{walk.url}/letters/?tab=verified")
    assert desk.locator("input[name=step]").count() == 0  # somebody else approves
    desk = walk.sign_in(walk.desk, "principal", "/letters/?tab=verified")
    choose_all(desk, "Approve the chosen letters")
    assert not verified.exists()


def choose_all(desk: Any, button: str) -> None:
    for box in desk.locator("input[name=step]").all():
        box.check()
    desk.get_by_role("button", name=button).click()
    done(desk)


def the_night_brings_who_crossed(walk: Walk) -> set[str]:
    """Returns whose steps it opened."""
    before = set(open_here().values_list("pk", flat=True))
    walk.night(FRIDAY)
    opened = open_here(opened_on=THURSDAY).exclude(pk__in=before)
    assert opened.exists()
    return set(students(opened))


def a_family_agrees_to_a_plan(walk: Walk) -> None:
    """Written with the first family to whom one was promised, and signed on the screen."""
    student = students(open_here(kind="plan"))[0]
    desk = walk.sign_in(walk.desk, "team", f"/students/{student}/plan/")
    desk.get_by_label("The goal in plain words").fill("We take the early bus.")
    desk.locator("input[name=strategies]").first.check()
    desk.get_by_label("Champion at school").select_option(str(user("team").pk))
    desk.get_by_role("button", name="Save the plan").click()
    done(desk)
    desk.get_by_label("Who of the family").fill("the grandmother")
    desk.get_by_text("Signed here on the screen").click()
    sign(desk)
    desk.get_by_role("button", name="Record the agreement").click()
    done(desk)
    assert SuccessPlan.objects.filter(student_id=student).latest("pk").state == "agreed"
    assert not open_here(kind="plan", case__student_id=student).exists()


def the_team_meets(walk: Walk) -> None:
    """One child at a time: a call, a visit and a referral are agreed, and the others go on as promised."""
    desk = walk.sign_in(walk.desk, "principal", "/meetings/")
    desk.get_by_role("button", name="Begin the meeting").click()
    desk.get_by_role("heading", name="Agenda").wait_for()
    meeting = Meeting.objects.filter(school_id=SCHOOL).latest("pk")
    items = list(meeting.items.order_by("pk"))
    assert len(items) > len(DECISIONS)
    for item, (kind, words) in zip(items, DECISIONS, strict=False):
        decide(walk, desk, item, kind, words)
    the_others_go_on(walk, meeting)
    desk.goto(f"{walk.url}/meetings/{meeting.pk}/")
    desk.locator("input[type=checkbox][name^=here]").first.check()
    desk.get_by_role("button", name="End the meeting").click()
    desk.wait_for_url(f"**/meetings/{meeting.pk}/recap/")
    assert desk.get_by_text(f"{len(items)} students were spoken of").is_visible()
    assert walk.get("principal", f"/meetings/{meeting.pk}/minutes.pdf").startswith(b"%PDF")
    assert not open_here(promise__evidence="meeting").exists()


def the_others_go_on(walk: Walk, meeting: Meeting) -> None:
    for item in list(meeting.items.filter(discussed_at=None)):
        walk.send("principal", f"/meetings/items/{item.pk}/", kind="go_on")


def decide(walk: Walk, desk: Any, item: Any, kind: str, words: str) -> None:
    desk.goto(f"{walk.url}/meetings/items/{item.pk}/")
    desk.get_by_role("group").get_by_text(kind, exact=True).first.click()
    if words:
        desk.get_by_label("What exactly, or why").fill(words)
    if kind == "Refer to a partner":
        desk.get_by_label("To whom").select_option(index=1)
    desk.get_by_label("Who does it").select_option(str(user("team").pk))
    desk.get_by_role("button", name="Decide").click()
    done(desk)


def the_letters_leave(walk: Walk) -> None:
    walk.turn_to(THURSDAY)
    approved = [
        str(one) for one in Letter.objects.filter(state="approved", school_id=SCHOOL).values_list("pk", flat=True)
    ]
    walk.send("team", "/letters/produce/", step=approved)
    produced = Letter.objects.filter(state="produced", school_id=SCHOOL)
    for batch in sorted(set(produced.values_list("batch_id", flat=True))):
        desk = walk.sign_in(walk.desk, "team", f"/letters/batches/{batch}/")
        desk.get_by_label("Choose all on this page").check()  # also those without an address
        desk.get_by_role("button", name="The chosen letters have left").click()
        done(desk)
    assert not produced.exists()
    assert not open_here(kind="letter").exists()


def the_next_night_withdraws_what_is_no_longer_so(walk: Walk) -> set[str]:
    """The office has taken back an absence by which a child had crossed a level. Returns whose steps are open now."""
    before = set(CaseStep.objects.filter(state="withdrawn").values_list("pk", flat=True))
    walk.night(NEXT_MONDAY)
    withdrawn = CaseStep.objects.filter(state="withdrawn", school_id=SCHOOL).exclude(pk__in=before)
    assert {step.ending for step in withdrawn} == {"corrected"}
    assert THURSDAY in {step.opened_on for step in withdrawn}
    return set(students(open_here()))


def the_team_goes_on_with_who_crossed_since(walk: Walk) -> None:
    verify_the_others(walk)
    the_team_calls_the_other_families(walk)


def a_student_gets_a_mentor(walk: Walk) -> None:
    """Of those who wait, the first is matched with a mentor who has room."""
    desk = walk.sign_in(walk.desk, "team", "/mentors/")
    waits = desk.get_by_label("Student who waits")
    student = waits.locator("option[value]:not([value=''])").first.get_attribute("value")
    waits.select_option(student)
    desk.get_by_label("Mentor with room").select_option(index=1)
    desk.get_by_role("button", name="Match them").click()
    done(desk)
    assert not open_here(promise__evidence="mentor_match", case__student_id=student).exists()


def a_visit_is_planned_and_made(walk: Walk) -> None:
    """For the first family to whom one was promised; the others are visited by the team and written down after."""
    promised = students(open_here(kind="visit"))
    under_way = HomeVisit.objects.filter(on=None).values_list("student_id", flat=True)
    student = next(one for one in promised if one not in set(under_way))
    desk = walk.sign_in(walk.desk, "team", f"/visits/for/{student}/")
    desk.get_by_label("First visitor").select_option(str(user("principal").pk))
    desk.get_by_label("Second visitor").select_option(str(user("team").pk))
    desk.get_by_label("Day", exact=True).fill(NEXT_TUESDAY.isoformat())
    desk.get_by_label("Begins").fill("16:30")
    desk.get_by_label("Expected end").fill("17:15")
    desk.get_by_role("button", name="Save").click()
    done(desk)
    walk.turn_to(NEXT_TUESDAY)
    visit = HomeVisit.objects.get(student_id=student, on=None)
    write_down(walk.sign_in(walk.phone, "principal", f"/visits/{visit.pk}/"), "Grandmother can help on Tuesdays.")
    for one in students(open_here(kind="visit")):
        values = {"on": walk.today.isoformat(), "was_scheduled": "yes", "reason": "designated", "mode": "in_person"}
        walk.send("principal", f"/visits/for/{one}/record/", outcome="completed", met="the mother", **values)
    assert not open_here(kind="visit").exists()


def a_place_accepts_the_referral(walk: Walk) -> None:
    referral = Referral.objects.filter(decision__item__meeting__school_id=SCHOOL).latest("pk")
    desk = walk.sign_in(walk.desk, "team", "/decisions/")
    card = desk.locator(f"li.card:has(form[action='/decisions/{referral.decision_id}/done/'])")
    card.get_by_text("Write down the answer").click()
    card.get_by_text("Accepted", exact=True).click()
    card.get_by_label("Who answered there").fill("Delfina Aguirre")
    card.get_by_role("button", name="Save the answer").click()
    done(desk)
    referral.refresh_from_db()
    assert referral.state == "accepted"


def the_place_tells_how_it_goes(walk: Walk) -> None:
    referral = Referral.objects.filter(decision__item__meeting__school_id=SCHOOL).latest("pk")
    desk = walk.sign_in(walk.desk, "team", "/decisions/")
    desk.locator(f"a[href='/referrals/{referral.pk}/']").click()
    desk.get_by_text("Has begun", exact=True).click()
    desk.get_by_label("Who there said so").fill("Delfina Aguirre")
    desk.get_by_role("button", name="Save").click()
    done(desk)
    assert referral.updates.get().work == "begun"


def the_coordinator_takes_a_student_over(walk: Walk) -> None:
    """The offer waited since before the fortnight."""
    desk = walk.sign_in(walk.desk, "coordinator", "/caseload/")
    desk.get_by_role("button", name="Accept").first.click()
    done(desk)
    assert HandOver.objects.latest("answered_at").state == "accepted"


def the_team_does_the_rest(walk: Walk) -> None:
    """A second meeting, papers filed, families and partners agreed by telephone, and one letter that is not needed."""
    walk.turn_to(NEXT_THURSDAY)
    walk.send("principal", "/meetings/start/", school=SCHOOL)
    meeting = Meeting.objects.filter(school_id=SCHOOL).latest("pk")
    the_others_go_on(walk, meeting)
    walk.send("principal", f"/meetings/{meeting.pk}/end/", here="Renata Whitcomb")
    for step in open_here(promise__evidence__in=BY_WORDS):
        said = {"evidence": step.promise.evidence, "reference": "the mother, by telephone", "on": walk.today}
        walk.send("team", f"/steps/{step.pk}/done/", **said)
    for step in open_here():
        walk.send("team", f"/steps/{step.pk}/exempt/", reason="The family had the same letter by hand on Tuesday.")


def the_last_night(walk: Walk) -> None:
    """It opens promises of its own, for the fortnight to come, and freezes a report."""
    assert not open_here().exists()
    walk.night(NEXT_FRIDAY)
    assert {step.opened_on for step in open_here()} == {NEXT_THURSDAY}


def the_principal_reads_what_became_of_it(walk: Walk) -> None:
    """My school, Accountability and the frozen report: their sums are those of the acts."""
    desk = walk.sign_in(walk.desk, "principal", "/")
    assert desk.url == f"{walk.url}/school/"
    assert "chronically absent to date" in desk.locator("main").inner_text()
    ours = outcomes(walk.today)
    theirs = promised_by_step(walk.today, [SCHOOL])
    assert {outcome: sum(row.count(outcome) for row in theirs) for outcome in ours} == ours
    desk.goto(f"{walk.url}/accountability/")
    words = f"{ours[Outcome.ON_TIME]} of {judged(ours)} promised steps that came due were done on time"
    assert words in desk.locator("main").inner_text()
    assert ours[Outcome.WITHDRAWN]
    assert ours[Outcome.EXEMPT]
    desk.goto(f"{walk.url}/reports/")
    frozen = desk.locator(f"a[href*='{NEXT_THURSDAY.isoformat()}'][href$='.csv']").first.get_attribute("href")
    rows = list(csv.DictReader(io.StringIO(walk.get("principal", frozen).decode())))
    told = {row["row"]: row["value"] for row in rows if row["table"] == "figures"}
    then = outcomes(NEXT_THURSDAY)
    assert told["Promised steps on time"] == f"{100 * then[Outcome.ON_TIME] / judged(then):.1f}"


def outcomes(on: date) -> Counter[Outcome]:
    """What became of the school's promises by a day, counted one by one."""
    return Counter(step.outcome(on) for step in CaseStep.objects.filter(school_id=SCHOOL, opened_on__lte=on))


def judged(counts: Counter[Outcome]) -> int:
    return sum(counts[one] for one in (Outcome.ON_TIME, Outcome.LATE, Outcome.OVERDUE))


def nothing_is_left_unexplained(walk: Walk, children: set[str]) -> None:
    """Every promise to every child is kept, withdrawn, exempt for a reason, or of the last night and somebody's."""
    assert len(children) >= 20
    levels = set(Case.objects.filter(student_id__in=children).values_list("level", flat=True))
    assert {"L2", "L3", "L4"} <= levels
    steps = CaseStep.objects.filter(case__student_id__in=children, school_id=SCHOOL)
    ways = Counter(explain(step, walk.today) for step in steps)
    assert set(ways) == {"done", "withdrawn", "exempt", "on the way"}
    assert all(step.opened_on == NEXT_THURSDAY for step in steps if step.state == "open")
