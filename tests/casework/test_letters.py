"""Letters: called for with why, verified, approved by a second person, produced, mailed, taken back, withdrawn."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError, open_steps
from allpresent.casework.errors import NotVisibleError
from allpresent.casework.letter_post import mail_letters, return_letter, undo_mailing
from allpresent.casework.letter_reasons import Ground, find_candidates
from allpresent.casework.letter_words import goal_words
from allpresent.casework.letters import (
    approve_letters,
    produce_letters,
    pull_back_letters,
    verify_letters,
    withdraw_unfounded,
)
from allpresent.casework.models import CaseStep, Letter
from allpresent.casework.models.letters import LetterKind
from allpresent.ledger import Ledger
from allpresent.measures import Rules, open_facts
from allpresent.roster import project_roster
from allpresent.roster.models import Contact, Student
from tests.cast import LAST_SCHOOL_DAY, NOW, TODAY, enter_people, open_cases, school_days, student_id, tables

MATEO, ZOE, MAYA = student_id("Mateo"), student_id("Zoe"), student_id("Maya")
L4 = LetterKind.SUPERINTENDENT.value


@pytest.fixture
def office(own_home, db):
    """The cast in a home of its own that says whom families call."""
    (own_home / "letters.yaml").write_text("phone: 203 555 0100\n", encoding="utf-8")
    cast = enter_people(own_home)
    open_cases(own_home)
    return cast


@pytest.fixture
def ground(office):
    return Ground.read(office.home, open_facts(office.home), LAST_SCHOOL_DAY)


def everybody():
    return Student.objects.all()


def found(ground) -> dict[tuple[str, str], object]:
    return {one.key: one for one in find_candidates(everybody(), ground)}


def only_mother(student: str = MATEO) -> None:
    """Leave one recipient: the tests of one letter's way need no more."""
    Contact.objects.filter(student_id=student).exclude(priority=1).delete()


def verified(office, ground, student: str = MATEO, kind: str = L4) -> Letter:
    only_mother(student)
    assert verify_letters(office.users["Paula"], ground, [(student, kind)], issue_key(), NOW) == 1
    return Letter.objects.get(student_id=student, kind=kind)


def produced(office, ground) -> Letter:
    letter = verified(office, ground)
    approve_letters(office.users["Dolores"], ground, [letter.pk], issue_key(), NOW)
    produce_letters(office.users["Paula"], [letter.pk], issue_key(), NOW)
    letter.refresh_from_db()
    return letter


def mailed(office, ground) -> Letter:
    letter = produced(office, ground)
    mail_letters(office.users["Paula"], [letter.pk], TODAY, "backpack", issue_key(), NOW)
    letter.refresh_from_db()
    return letter


def correct(home, student: str, away: list[date]) -> object:
    """A second delivery in which some marks of a student are gone; the roster and the steps follow it."""
    changed = tables()
    marks = changed["attendance"]
    keep = [
        not (row["student_id"] == student and row["date"] in away)
        for row in marks.select(["student_id", "date"]).to_pylist()
    ]
    changed["attendance"] = marks.filter(keep)
    Ledger(home).write(changed, delivery_id="0002-c0de", source="csv", content_sha="c0" * 32, posted_at=NOW)
    project_roster(home, NOW)
    facts = open_facts(home)
    open_steps(home, facts, LAST_SCHOOL_DAY, TODAY, NOW)
    return facts


def test_letters_are_called_for_by_promises_and_by_the_law(ground):
    letters = found(ground)
    assert (MATEO, L4) in letters
    assert (ZOE, LetterKind.ATTENDANCE) in letters
    assert (ZOE, LetterKind.TRUANCY) in letters
    assert not [key for key in letters if key[0] == MAYA]
    one = letters[MATEO, L4]
    assert (one.reason["level"], one.step_key) == ("L4", "L4.superintendent_letter")
    told = [(to.name, to.language) for to in one.recipients]
    assert told == [("Lucía Delgado", "es"), ("Andrés Ruiz", "en")]
    assert len(one.days) == 11
    assert letters[ZOE, LetterKind.TRUANCY].due_on == letters[ZOE, LetterKind.TRUANCY].standing["meeting_due_on"]


def test_the_words_are_kept_in_the_familys_language(office, ground):
    letter = verified(office, ground)
    words = " ".join(letter.paragraphs)
    assert (letter.state, letter.language, letter.family) == ("verified", "es", "Lucía Delgado")
    for said in (
        "Mateo Ruiz Delgado ha faltado 11 días de escuela",
        "203 555 0100",
        "2-1-1",
        "intérprete",
        "miércoles 2",
    ):
        assert said in words, said
    assert letter.is_template_approved is False


def test_nobody_approves_what_they_verified(office, ground):
    letter = verified(office, ground)
    with pytest.raises(CaseworkError, match="somebody else has to approve"):
        approve_letters(office.users["Paula"], ground, [letter.pk], issue_key(), NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(approved_by=office.users["Paula"])
    assert approve_letters(office.users["Dolores"], ground, [letter.pk], issue_key(), NOW) == 1


def test_a_letter_without_whom_to_call_is_held_and_never_produced(office, ground):
    (office.home / "letters.yaml").unlink()
    letter = verified(office, ground)
    assert letter.state == "held"
    assert "the number families call" in letter.held_because
    with pytest.raises(CaseworkError, match="in another state: Held"):
        approve_letters(office.users["Dolores"], ground, [letter.pk], issue_key(), NOW)
    (office.home / "letters.yaml").write_text("phone: 203 555 0100\n", encoding="utf-8")
    assert verified(office, ground).pk == letter.pk
    letter.refresh_from_db()
    assert (letter.state, letter.held_because) == ("verified", "")


def test_a_districts_own_words_with_a_foreign_name_hold_the_letter(office, ground):
    folder = office.home / "letters"
    folder.mkdir()
    shipped = "allpresent/policy/letters/superintendent_letter.es.md"
    from allpresent.policy.letters import SHIPPED

    text = (SHIPPED / shipped.rsplit("/", 1)[1]).read_text(encoding="utf-8").replace("{family}", "{ssn}")
    (folder / "superintendent_letter.es.md").write_text(text, encoding="utf-8")
    letter = verified(office, ground)
    assert letter.state == "held"
    assert "{ssn} is not a name a letter may use" in letter.held_because


def test_mailing_closes_exactly_the_promise_of_the_letter(office, ground):
    letter = produced(office, ground)
    other = CaseStep.objects.get(step_key="L5.attendance_letter", case__student_id=ZOE)
    mail_letters(office.users["Paula"], [letter.pk], TODAY, "hand", issue_key(), NOW)
    step = CaseStep.objects.get(step_key="L4.superintendent_letter", case__student_id=MATEO)
    assert (step.state, step.ended_on, step.evidence_reference) == ("done", TODAY, f"letter:{letter.pk}")
    other.refresh_from_db()
    assert other.state == "open"


def test_mailing_is_taken_back_within_ten_minutes_by_its_author(office, ground):
    letter = mailed(office, ground)
    for user, later in (("Dolores", timedelta(minutes=1)), ("Paula", timedelta(minutes=11))):
        with pytest.raises(CaseworkError, match="ten minutes"):
            undo_mailing(office.users[user], [letter.pk], issue_key(), NOW + later)
    undo_mailing(office.users["Paula"], [letter.pk], issue_key(), NOW + timedelta(minutes=9))
    letter.refresh_from_db()
    assert (letter.state, letter.mailed_on) == ("produced", None)
    assert CaseStep.objects.get(step_key="L4.superintendent_letter", case__student_id=MATEO).state == "open"


def test_the_day_a_letter_left_lies_between_its_making_and_today(office, ground):
    letter = produced(office, ground)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(CaseworkError, match="when the letters were produced"):
            mail_letters(office.users["Paula"], [letter.pk], day, "mail", issue_key(), NOW)


def test_a_letter_is_pulled_back_until_it_left_and_called_for_again(office, ground):
    letter = produced(office, ground)
    with pytest.raises(CaseworkError, match="few words"):
        pull_back_letters(office.users["Paula"], [letter.pk], " ", issue_key(), NOW)
    pull_back_letters(office.users["Paula"], [letter.pk], "The family called us", issue_key(), NOW)
    assert "pulled_back" in found(ground)[MATEO, L4].flags
    again = mailed_again(office, ground)
    with pytest.raises(CaseworkError, match="in another state: Mailed"):
        pull_back_letters(office.users["Paula"], [again.pk], "Too late", issue_key(), NOW)


def mailed_again(office, ground) -> Letter:
    verify_letters(office.users["Dolores"], ground, [(MATEO, L4)], issue_key(), NOW)
    letter = Letter.objects.get(student_id=MATEO, kind=L4, state="verified")
    approve_letters(office.users["Paula"], ground, [letter.pk], issue_key(), NOW)
    produce_letters(office.users["Paula"], [letter.pk], issue_key(), NOW)
    mail_letters(office.users["Paula"], [letter.pk], TODAY, "mail", issue_key(), NOW)
    letter.refresh_from_db()
    return letter


def test_a_letter_that_came_back_leaves_the_promise_kept(office, ground):
    letter = mailed(office, ground)
    return_letter(office.users["Paula"], letter.pk, TODAY, "Moved away", issue_key(), NOW)
    letter.refresh_from_db()
    assert (letter.state, letter.reason, letter.ended_on) == ("returned", "Moved away", TODAY)
    assert CaseStep.objects.get(step_key="L4.superintendent_letter", case__student_id=MATEO).state == "done"


@pytest.mark.parametrize("stage", [verified, produced])
def test_a_correction_that_removes_the_reason_withdraws_the_letter(office, ground, stage):
    letter = stage(office, ground)
    facts = correct(office.home, MATEO, school_days()[:20])
    assert withdraw_unfounded(office.home, facts, LAST_SCHOOL_DAY, NOW) == 1
    letter.refresh_from_db()
    assert (letter.state, letter.reason, letter.ended_by) == ("withdrawn", "corrected", None)
    assert withdraw_unfounded(office.home, facts, LAST_SCHOOL_DAY, NOW) == 0


def test_a_letter_that_left_stays_as_it_was(office, ground):
    letter = mailed(office, ground)
    facts = correct(office.home, MATEO, school_days()[:20])
    assert withdraw_unfounded(office.home, facts, LAST_SCHOOL_DAY, NOW) == 0
    letter.refresh_from_db()
    assert letter.state == "mailed"


def test_a_letter_nothing_changed_for_stays(office, ground):
    verified(office, ground)
    assert withdraw_unfounded(office.home, open_facts(office.home), LAST_SCHOOL_DAY, NOW) == 0


def test_approving_after_a_correction_is_refused(office, ground):
    letter = verified(office, ground)
    facts = correct(office.home, MATEO, school_days()[:20])
    after = Ground.read(office.home, facts, LAST_SCHOOL_DAY)
    with pytest.raises(CaseworkError, match="no longer bears out"):
        approve_letters(office.users["Dolores"], after, [letter.pk], issue_key(), NOW)


def test_flags_say_what_speaks_against_a_letter(office, ground):
    assert found(ground)[MATEO, L4].flags == ("together", "no_address")
    assert "meeting_past" in found(ground)[MATEO, LetterKind.TRUANCY].flags
    Contact.objects.filter(student_id=MATEO).update(language="Arabic")
    mailed(office, ground)
    assert (MATEO, L4) not in found(ground)
    assert {"recent", "language"} <= set(found(ground)[MATEO, LetterKind.TRUANCY].flags)


def test_a_family_that_opted_out_is_not_written_to(office, ground):
    Contact.objects.filter(student_id=MATEO).update(may_contact=False)
    assert found(ground)[MATEO, L4].is_blocked
    with pytest.raises(CaseworkError, match="may not be sent"):
        verify_letters(office.users["Paula"], ground, [(MATEO, L4)], issue_key(), NOW)


def test_a_student_one_does_not_see_has_no_letters(office, ground):
    with pytest.raises(NotVisibleError):
        verify_letters(office.users["Paula"], ground, [(ZOE, LetterKind.TRUANCY)], issue_key(), NOW)
    with pytest.raises(CaseworkError, match="role"):
        verify_letters(office.users["Bob"], ground, [(MATEO, L4)], issue_key(), NOW)


def test_a_form_sent_twice_verifies_once(office, ground):
    only_mother()
    key = issue_key()
    for _ in range(3):
        verify_letters(office.users["Paula"], ground, [(MATEO, L4)], key, NOW)
    assert Letter.objects.count() == 1
    assert AuditEntry.objects.filter(action="letters.verified").count() == 1


def test_letters_of_several_are_written_down_for_each_student(office, ground):
    only_mother()
    chosen = [(MATEO, L4), (ZOE, LetterKind.ATTENDANCE)]
    verify_letters(office.users["Dolores"], ground, chosen, issue_key(), NOW)
    found = AuditEntry.objects.filter(action="letters.verified")
    assert {entry.student_id: entry.detail["letters"] for entry in found} == {
        student: list(Letter.objects.filter(student_id=student).values_list("pk", flat=True))
        for student in (MATEO, ZOE)
    }


def test_letters_of_two_languages_make_two_batches(office, ground):
    only_mother()
    verify_letters(office.users["Dolores"], ground, [(MATEO, L4), (ZOE, LetterKind.ATTENDANCE)], issue_key(), NOW)
    other = office.users["Dolores"]
    ids = list(Letter.objects.values_list("pk", flat=True))
    Letter.objects.update(state="approved", approved_by=office.users["Paula"])
    assert len(produce_letters(other, ids, issue_key(), NOW)) == 2


@pytest.mark.parametrize(
    ("planned", "absent", "said"),
    [
        (180, "11", "to miss no more than 6 more school days"),  # 17 of 180 is below a tenth, 18 is not
        (181, "17", "to miss no more than 1 more school day"),
        (180, "17", "to come to school every day from now on"),
        (180, "16.5", "to come to school every day from now on"),
        (180, "30", "to come to school every day from now on"),
    ],
)
def test_the_goal_is_to_stay_below_the_share_at_the_end_of_the_year(planned, absent, said):
    assert goal_words({"planned_days": planned, "days_absent": absent}, Rules(), "en") == said
