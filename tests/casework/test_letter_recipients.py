"""One letter for each guardian, none ever for a barred person, and a notice anew for each truancy of the year."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpresent.access import issue_key
from allpresent.casework import CaseworkError, open_steps
from allpresent.casework.letter_post import mail_letters, return_letter, undo_mailing
from allpresent.casework.letter_reasons import Ground
from allpresent.casework.letter_recipients import Recipient, recipients_of
from allpresent.casework.letter_words import family_words
from allpresent.casework.letters import (
    approve_letters,
    produce_letters,
    pull_back_letters,
    verify_letters,
    withdraw_unfounded,
)
from allpresent.casework.models import CaseStep, Letter
from allpresent.casework.models.letters import LetterKind, LetterState
from allpresent.casework.truancies import find_truancies
from allpresent.ledger import Ledger
from allpresent.measures import Rules, open_facts
from allpresent.roster import project_roster
from allpresent.roster.models import Contact, Student
from tests import cast
from tests.casework.machines import EXAMPLES
from tests.casework.test_letters import L4, MATEO, ZOE, correct, found, ground, office  # noqa: F401 (fixtures)
from tests.cast import DELIVERY, LAST_SCHOOL_DAY, NOW, TODAY, school_days

TRUANCY = LetterKind.TRUANCY.value
DAYS = school_days()


def both_verified(office, ground) -> list[Letter]:  # noqa: F811
    assert verify_letters(office.users["Paula"], ground, [(MATEO, L4)], issue_key(), NOW) == 2
    return list(Letter.objects.filter(student_id=MATEO, kind=L4).order_by("pk"))


def both_produced(office, ground) -> list[Letter]:  # noqa: F811
    ids = [letter.pk for letter in both_verified(office, ground)]
    approve_letters(office.users["Dolores"], ground, ids, issue_key(), NOW)
    produce_letters(office.users["Paula"], ids, issue_key(), NOW)
    return list(Letter.objects.filter(pk__in=ids).order_by("pk"))


def mail(office, letter) -> None:  # noqa: F811
    mail_letters(office.users["Paula"], [letter.pk], TODAY, "mail", issue_key(), NOW)


def step() -> CaseStep:
    return CaseStep.objects.get(step_key="L4.superintendent_letter", case__student_id=MATEO)


def test_each_guardian_gets_one_in_their_own_language_and_print_file(office, ground):  # noqa: F811
    mother, father = both_produced(office, ground)
    assert [(one.family, one.language) for one in (mother, father)] == [("Lucía Delgado", "es"), ("Andrés Ruiz", "en")]
    assert "ha faltado 11 días de escuela" in " ".join(mother.paragraphs)
    assert "11 school days" in " ".join(father.paragraphs)
    assert mother.batch_id != father.batch_id
    assert (MATEO, L4) not in found(ground)


def test_the_first_that_leaves_keeps_the_promise_and_the_other_still_goes(office, ground):  # noqa: F811
    mother, father = both_produced(office, ground)
    mail(office, mother)
    assert (step().state, step().evidence_reference) == ("done", mother.reference)
    assert withdraw_unfounded(office.home, open_facts(office.home), LAST_SCHOOL_DAY, NOW) == 0
    mail(office, father)
    undo_mailing(office.users["Paula"], [mother.pk], issue_key(), NOW + timedelta(minutes=2))
    assert (step().state, step().evidence_reference, step().ended_on) == ("done", father.reference, TODAY)
    undo_mailing(office.users["Paula"], [father.pk], issue_key(), NOW + timedelta(minutes=2))
    assert step().state == "open"


def test_one_comes_back_and_the_other_stays_mailed(office, ground):  # noqa: F811
    mother, father = both_produced(office, ground)
    mail(office, mother)
    mail(office, father)
    return_letter(office.users["Paula"], father.pk, TODAY, "Moved away", issue_key(), NOW)
    assert list(Letter.objects.order_by("pk").values_list("state", flat=True)) == ["mailed", "returned"]
    assert step().state == "done"


def test_one_pulled_back_is_called_for_again_alone(office, ground):  # noqa: F811
    _mother, father = both_verified(office, ground)
    pull_back_letters(office.users["Paula"], [father.pk], "He asked for none", issue_key(), NOW)
    (to,) = found(ground)[MATEO, L4].recipients
    assert to.name == "Andrés Ruiz"
    assert verify_letters(office.users["Paula"], ground, [(MATEO, L4)], issue_key(), NOW) == 1


@pytest.mark.parametrize("flag", ["may_contact", "has_custody"])
@pytest.mark.parametrize("stage", [both_verified, both_produced])
def test_who_was_barred_since_gets_no_letter(office, ground, stage, flag):  # noqa: F811
    mother, father = stage(office, ground)
    Contact.objects.filter(student_id=MATEO, full_name="Andrés Ruiz").update(**{flag: False})
    assert withdraw_unfounded(office.home, open_facts(office.home), LAST_SCHOOL_DAY, NOW) == 1
    father.refresh_from_db()
    mother.refresh_from_db()
    assert (father.state, father.reason) == ("withdrawn", "barred")
    assert mother.state in ("verified", "produced")


def test_who_was_barred_since_is_not_approved(office, ground):  # noqa: F811
    ids = [letter.pk for letter in both_verified(office, ground)]
    Contact.objects.filter(student_id=MATEO, full_name="Andrés Ruiz").update(may_contact=False)
    with pytest.raises(CaseworkError, match="no longer bears out"):
        approve_letters(office.users["Dolores"], ground, ids, issue_key(), NOW)


@pytest.mark.parametrize("state", ["held", "verified", "approved", "produced"])
def test_until_it_left_a_letter_is_pulled_back_and_a_correction_withdraws_all(office, ground, state):  # noqa: F811
    mother, father = both_verified(office, ground)
    Letter.objects.update(state=state)
    pull_back_letters(office.users["Paula"], [mother.pk], "The family called us", issue_key(), NOW)
    facts = correct(office.home, MATEO, DAYS[:20])
    assert withdraw_unfounded(office.home, facts, LAST_SCHOOL_DAY, NOW) == 1
    father.refresh_from_db()
    assert (father.state, father.reason, father.ended_by) == ("withdrawn", "corrected", None)


# One letter for those at one address


def live_together(address: str = "1 Hull Row\nElm Harbor CT 06599") -> None:
    Contact.objects.filter(student_id=MATEO).update(address=address, language="es")


def test_guardians_at_one_address_get_one_letter_that_names_both(office, ground):  # noqa: F811
    live_together()
    (to,) = found(ground)[MATEO, L4].recipients
    assert [one.name for one in to.people] == ["Lucía Delgado", "Andrés Ruiz"]
    assert verify_letters(office.users["Paula"], ground, [(MATEO, L4)], issue_key(), NOW) == 1
    letter = Letter.objects.get(student_id=MATEO, kind=L4)
    assert (letter.family, letter.language) == ("Lucía Delgado y Andrés Ruiz", "es")
    assert "Para Lucía Delgado y Andrés Ruiz:" in letter.paragraphs
    assert (MATEO, L4) not in found(ground)


def test_another_language_or_another_address_is_a_letter_of_its_own(office, ground):  # noqa: F811
    live_together()
    Contact.objects.filter(student_id=MATEO, priority=2).update(language="en")
    assert len(found(ground)[MATEO, L4].recipients) == 2
    live_together()
    Contact.objects.filter(student_id=MATEO, priority=2).update(address="2 Quay")
    assert len(found(ground)[MATEO, L4].recipients) == 2


@pytest.mark.parametrize(
    ("change", "reason"), [({"may_contact": False}, "corrected"), ({"address": "2 Quay"}, "corrected")]
)
def test_a_letter_to_both_is_withdrawn_when_one_may_not_get_it_any_more(office, ground, change, reason):  # noqa: F811
    live_together()
    verify_letters(office.users["Paula"], ground, [(MATEO, L4)], issue_key(), NOW)
    assert withdraw_unfounded(office.home, open_facts(office.home), LAST_SCHOOL_DAY, NOW) == 0
    Contact.objects.filter(student_id=MATEO, priority=2).update(**change)
    assert withdraw_unfounded(office.home, open_facts(office.home), LAST_SCHOOL_DAY, NOW) == 1
    letter = Letter.objects.get(student_id=MATEO, kind=L4)
    assert (letter.state, letter.reason) == ("withdrawn", reason)
    assert "Andrés Ruiz" not in {one.name for one in found(ground)[MATEO, L4].recipients[0].people}


def test_letters_written_to_each_stay_when_the_two_move_together(office, ground):  # noqa: F811
    both_verified(office, ground)
    live_together()
    Contact.objects.filter(student_id=MATEO).update(language="")
    assert withdraw_unfounded(office.home, open_facts(office.home), LAST_SCHOOL_DAY, NOW) == 0
    assert (MATEO, L4) not in found(ground)


@pytest.mark.parametrize(
    ("names", "language", "words"),
    [
        (["Ana"], "en", "Ana"),
        (["Ana", "Bo"], "en", "Ana and Bo"),
        (["Ana", "Inés"], "es", "Ana e Inés"),
        (["Ana", "Hilda"], "es", "Ana e Hilda"),
        (["Ana", "Ian"], "es", "Ana y Ian"),
        (["Ana", "Bo", "Cy"], "es", "Ana, Bo y Cy"),
        (["Ana", "Ana"], "es", "Ana"),
    ],
)
def test_names_are_joined_as_people_say_them(names, language, words):
    first, *others = (Recipient(str(at), name, "", language) for at, name in enumerate(names))
    assert family_words(None, replace(first, others=tuple(others))) == words


# Who may be written to, over drawn contacts


def contact(number, name, custody, may, priority, address, language) -> Contact:
    told = {"has_custody": custody, "may_contact": may, "priority": priority, "address": address}
    return Contact(contact_id=number, full_name=name, language=language, **told)


FLAGS = st.sampled_from([True, False, None])
CONTACTS = st.lists(
    st.builds(contact, st.sampled_from(["", "C1", "C2", "C3"]), st.sampled_from(["Ana", "ana ", "Bo"]), FLAGS, FLAGS,
              st.integers(1, 3), st.sampled_from(["", "1 Hull Row", "1 HULL row", "2 Quay"]),
              st.sampled_from(["en", "es"])),
    max_size=5,
)  # fmt: skip


@settings(max_examples=5000 if EXAMPLES > 6 else 100)
@given(rows=CONTACTS)
def test_no_barred_person_is_ever_a_recipient(rows):
    chosen = recipients_of(rows, "en")
    barred = [row for row in rows if row.may_contact is False or row.has_custody is False]
    people = [one for to in chosen for one in to.people]
    for to in people:
        assert not [row for row in barred if row.contact_id and row.contact_id == to.contact_id]
        assert not [row for row in barred if row.full_name.strip().casefold() == to.name.strip().casefold() and to.name]
    assert len({to.contact_id for to in people}) == len(people)
    if not rows:
        assert [to.contact_id for to in people] == [""]
    with_custody = {row.contact_id for row in rows if row.has_custody} & {to.contact_id for to in people}
    assert with_custody or len(people) <= 1
    homes = [(to.address.casefold(), to.language) for to in chosen if to.address]
    assert len(set(homes)) == len(homes)
    assert all(one.address.casefold() == to.address.casefold() for to in chosen for one in to.others)


# Truant once, and again


def missed(*numbers: int) -> list[tuple[date, Fraction]]:
    return [(date(2026, 9, 1) + timedelta(days=number), Fraction(1)) for number in numbers]


@pytest.mark.parametrize(
    ("numbers", "days"),
    [
        ((0, 1, 2), ()),
        ((0, 1, 2, 29), (29,)),
        ((0, 1, 2, 30), ()),
        ((0, 1, 2, 3, 4, 5, 6), (3,)),
        ((0, 1, 2, 3, 4, 5, 6, 7), (3, 7)),  # four new ones in a month
        ((0, 1, 2, 3, 40, 41, 42), (3,)),
        ((0, 1, 2, 3, 40, 41, 42, 43), (3, 43)),
        ((0, 40, 80, 120, 160, 200, 240, 250, 300, 310), (310,)),  # ten in the year, never four in a month
        ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (3, 7, 9)),  # twice in a month, and ten in the year
        ((0, 1, 2, 3, 40, 80, 120, 121, 122, 123), (3, 123)),  # a month's fourth that is the year's tenth, once
    ],
)
def test_a_month_counts_new_absences_and_the_year_once(numbers, days):
    first = date(2026, 9, 1)
    assert [(day - first).days for day in find_truancies(missed(*numbers), Rules())] == list(days)


def test_a_month_of_the_calendar_and_parts_of_days():
    calendar = Rules(truancy_month="calendar")
    assert find_truancies(missed(27, 28, 30, 31), calendar) == ()
    assert find_truancies(missed(26, 27, 28, 29), calendar) == (date(2026, 9, 30),)
    halves = [(day, Fraction(1, 2)) for day, _whole in missed(*range(8))]
    assert find_truancies(halves, Rules()) == (date(2026, 9, 8),)


def test_the_first_truancy_is_the_one_of_the_standings(ground):  # noqa: F811
    truant = ground.rows(ground.ids("is_truant"))
    assert truant
    for key, days in ground.truancies(truant).items():
        assert days[0] == truant[key]["truant_on"]
        school = Student.objects.get(pk=key).school_id
        assert ground.meeting_due(school, days[0]) == truant[key]["meeting_due_on"]


def later(office, numbers: list[int]):  # noqa: F811
    """A later delivery: Mateo also missed these school days of the year. Its facts and the day they end."""
    tables = cast.tables()
    rows = tables["attendance"].to_pylist()
    like = next(row for row in rows if row["student_id"] == MATEO)
    rows += [like | {"date": DAYS[number - 1], "line_no": 900 + number} for number in numbers]
    tables["attendance"] = tables["attendance"].from_pylist(rows, schema=tables["attendance"].schema)
    taken = tables["attendance_taken"].to_pylist()
    taken += [taken[0] | {"school_id": cast.LINDEN, "date": day, "line_no": 900} for day in DAYS[46:60]]
    tables["attendance_taken"] = tables["attendance_taken"].from_pylist(taken, schema=tables["attendance_taken"].schema)
    delivery = f"0002-{len(numbers)}a7e"
    Ledger(office.home).write(tables, delivery_id=delivery, source="csv", content_sha=delivery, posted_at=NOW)
    project_roster(office.home, NOW)
    facts = open_facts(office.home)
    on = DAYS[59]
    open_steps(office.home, facts, on, on + timedelta(days=1), NOW)
    return Ground.read(office.home, facts, on)


def mailed_notice(office, ground) -> Letter:  # noqa: F811
    Contact.objects.filter(student_id=MATEO).exclude(priority=1).delete()
    verify_letters(office.users["Paula"], ground, [(MATEO, TRUANCY)], issue_key(), NOW)
    letter = Letter.objects.get(kind=TRUANCY)
    approve_letters(office.users["Dolores"], ground, [letter.pk], issue_key(), NOW)
    produce_letters(office.users["Paula"], [letter.pk], issue_key(), NOW)
    mail(office, letter)
    letter.refresh_from_db()
    return letter


def test_a_truancy_after_the_notice_calls_for_another_with_its_own_meeting(office, ground):  # noqa: F811
    truant_on = found(ground)[MATEO, TRUANCY].reason["truant_on"]
    first = mailed_notice(office, ground)
    assert (first.reason_key, first.delivery_id) == (f"truant:{truant_on.isoformat()}", DELIVERY)
    assert (MATEO, TRUANCY) not in found(ground)
    assert (MATEO, TRUANCY) not in found(later(office, []))
    # With the school days 38, 39 and 41, which made no month's count yet, the 48th makes one.
    after = later(office, [48, 50])
    again = found(after)[MATEO, TRUANCY]
    assert (again.reason["truant_on"], again.reason["is_again"]) == (DAYS[47], True)
    assert (again.due_on, again.reason_key) == (DAYS[57], f"truant:{DAYS[47].isoformat()}")
    assert verify_letters(office.users["Paula"], after, [(MATEO, TRUANCY)], issue_key(), NOW) == 2
    second = Letter.objects.filter(kind=TRUANCY, state=LetterState.VERIFIED).first()
    assert (second.reason_key, second.delivery_id) == (again.reason_key, "0002-2a7e")


def test_a_notice_withdrawn_or_pulled_back_is_called_for_again(office, ground):  # noqa: F811
    verify_letters(office.users["Paula"], ground, [(MATEO, TRUANCY)], issue_key(), NOW)
    ids = list(Letter.objects.filter(kind=TRUANCY).values_list("pk", flat=True))
    assert (MATEO, TRUANCY) not in found(ground)
    Letter.objects.filter(pk=ids[0]).update(state=LetterState.WITHDRAWN)
    pull_back_letters(office.users["Paula"], ids[1:], "Not today", issue_key(), NOW)
    again = found(ground)[MATEO, TRUANCY]
    assert (len(again.recipients), again.reason["is_again"]) == (2, False)


# Each flag of the table


def flags(ground, key=(MATEO, L4)) -> set[str]:  # noqa: F811
    return set(found(ground)[key].flags)


def test_each_flag_appears_when_it_is_true_and_not_before(office, ground):  # noqa: F811
    assert flags(ground) == {"together", "no_address"}
    assert flags(ground, (MATEO, TRUANCY)) == {"together", "no_address", "meeting_past"}
    Contact.objects.filter(student_id=MATEO, priority=2).update(language="Arabic")
    assert "language" in flags(ground)
    letter = both_verified(office, ground)[0]
    assert flags(ground, (MATEO, TRUANCY)) == {"in_house", "language", "no_address", "meeting_past"}
    ids = list(Letter.objects.values_list("pk", flat=True))
    pull_back_letters(office.users["Paula"], ids, "Not today", issue_key(), NOW)
    assert "pulled_back" in flags(ground)
    Letter.objects.filter(pk=letter.pk).update(state=LetterState.MAILED, mailed_on=TODAY)
    assert "recent" in flags(ground)
    Contact.objects.filter(student_id=MATEO).update(may_contact=False)
    assert "opted_out" in flags(ground)
    Contact.objects.filter(student_id=MATEO).delete()
    assert {"no_contact"} <= flags(ground)
    Student.objects.filter(pk=MATEO).update(is_enrolled=False)
    assert "left" in flags(ground)


def test_no_address_is_said_of_those_who_have_none(office, ground):  # noqa: F811
    Contact.objects.filter(student_id=MATEO).update(address="1 Hull Row")
    assert "no_address" not in flags(ground)
    Contact.objects.filter(student_id=MATEO, priority=2).update(address="")
    assert {"no_address"} == flags(ground) - {"together"}
    Contact.objects.filter(student_id=MATEO, priority=2).update(address_protected=True)
    assert {"protected"} == flags(ground) - {"together"}
    assert not found(ground)[MATEO, L4].is_plain


def test_a_correction_that_leaves_the_level_is_a_flag(office):  # noqa: F811
    CaseStep.objects.get(step_key="L4.superintendent_letter", case__student_id=MATEO).crossing.__class__.objects.filter(
        case__student_id=MATEO, level="L4"
    ).update(days_absent=12)
    assert "corrected" in flags(Ground.read(office.home, open_facts(office.home), LAST_SCHOOL_DAY))
