"""What places say of a referral's work: the verb and its refusals, the clock, the agenda, and what is counted."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework.decision_form import DecisionForm
from allpresent.casework.errors import AlreadyChangedError, EvidenceError, NotVisibleError
from allpresent.casework.meetings import decide, end_meeting, start_meeting
from allpresent.casework.models import MeetingDecision, Referral, ReferralUpdate
from allpresent.casework.models.referrals import ReferralState
from allpresent.casework.queries.meetings import count_due, make_agenda, meeting_events
from allpresent.casework.queries.referrals import CAME, Came, awaited, came_to, updates_of
from allpresent.casework.referral_updates import Update, take_back_update, write_update
from allpresent.policy.services import rhythm_of
from allpresent.roster.models import Student
from tests.casework.test_meetings import MATEO
from tests.casework.test_referrals import YOUTH, answer, refer
from tests.cast import HARBOR, LAST_SCHOOL_DAY, LINDEN, NOW, TODAY, student_id
from tests.reference.referrals import came_to_by_hand

ZOE = student_id("Zoe")


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def at(days: int, minutes: int = 60) -> datetime:
    return NOW + timedelta(days=days, minutes=minutes)


@pytest.fixture
def accepted(open_cases):
    """Mateo's referral to Youth Connect, accepted on the day of the meeting."""
    return answer(open_cases, refer(open_cases))


def tell(district, referral, days=1, work="under_way", words="", name="Paula", on=None, key=None, minutes=60):
    said = Update(work, "Sol Ortiz", on or day(days), words)
    return write_update(district.users[name], referral.pk, said, key or issue_key(), at(days, minutes))


def agenda(district, days, name="Paula", school=LINDEN):
    lines = make_agenda(district.users[name], day(days), school, at(1), LAST_SCHOOL_DAY - timedelta(days=14))
    return {line.student_id: line.reasons for line in lines}


def test_an_update_is_kept_with_its_day_its_person_and_one_audit_entry(open_cases, accepted):
    made = tell(open_cases, accepted, 3, "waiting", "two before him", on=day(2))
    assert (made.work, made.on, made.said_by, made.text) == ("waiting", day(2), "Sol Ortiz", "two before him")
    assert (made.by, made.at) == (open_cases.users["Paula"], at(3))
    assert Referral.objects.get().state == "accepted"
    entry = AuditEntry.objects.get(action="referral.told")
    assert (entry.student_id, entry.detail) == (MATEO, {"update": made.pk, "work": "waiting", "on": "2026-11-07"})
    (said,) = updates_of(accepted.pk)
    assert (said.label, said.by) == ("on the waiting list", "Paula Lane")


def test_an_end_says_what_came_of_it_and_stops_the_clock(open_cases, accepted):
    for work in ("served", "stopped"):
        with pytest.raises(EvidenceError, match="what came of it"):
            Update(work, "Sol Ortiz", TODAY, "no")
    made = tell(open_cases, accepted, 5, "served", "six Saturdays in the workshop")
    assert made.is_end
    assert Referral.objects.get().state == "closed"
    assert AuditEntry.objects.filter(action="referral.ended").count() == 1
    assert MATEO not in agenda(open_cases, 40) or "update" not in agenda(open_cases, 40)[MATEO]
    with pytest.raises(AlreadyChangedError, match="has ended"):
        tell(open_cases, accepted, 6)


@pytest.mark.parametrize(
    ("work", "who", "words", "asks"),
    [
        ("soon", "Sol", "", "how the work stands"),
        ("begun", " ", "", "who told it there"),
        ("begun", "S" * 201, "", "who told it there"),
        ("begun", "Sol", "x" * 1001, "Shorten the words"),
    ],
)
def test_an_update_says_how_and_by_whom(work, who, words, asks):
    with pytest.raises(EvidenceError, match=asks):
        Update(work, who, TODAY, words)


def test_it_was_said_between_the_acceptance_and_today(open_cases, accepted):
    for days in (-1, 5):
        with pytest.raises(EvidenceError, match="from the day they accepted up to today"):
            tell(open_cases, accepted, 4, on=day(days))
    assert not ReferralUpdate.objects.exists()


def test_the_end_does_not_lie_before_a_later_word(open_cases, accepted):
    tell(open_cases, accepted, 4)
    with pytest.raises(EvidenceError, match="cannot lie before it"):
        tell(open_cases, accepted, 5, "served", "all is done", on=day(3))
    assert tell(open_cases, accepted, 5, "not_reached", on=day(3)).on == day(3)


def test_only_what_was_accepted_has_work_to_tell_of(open_cases):
    made = refer(open_cases).referral
    with pytest.raises(AlreadyChangedError, match="Nobody has accepted"):
        tell(open_cases, made)
    answer(open_cases, made.decision, "declined", why="no place before spring")
    with pytest.raises(AlreadyChangedError, match="was declined"):
        tell(open_cases, made)
    Referral.objects.update(state=ReferralState.TAKEN_BACK)
    with pytest.raises(NotVisibleError):
        tell(open_cases, made)
    assert not ReferralUpdate.objects.exists()


def test_who_does_not_follow_the_student_up_meets_no_referral(open_cases, accepted):
    """A teacher and a home visitor see Mateo, and write no update of a partner."""
    made = tell(open_cases, accepted, 0, on=TODAY)
    for name in ("Quinn", "Charlie", "Erin", "Ivan", "Bob", "Grace", "Rita"):
        with pytest.raises(NotVisibleError):
            tell(open_cases, accepted, 0, on=TODAY, name=name)
        with pytest.raises(NotVisibleError):
            take_back_update(open_cases.users[name], made.pk, at(0))
    assert ReferralUpdate.objects.get().undone_at is None


def test_a_student_who_left_is_out_of_the_schools_sight_and_off_the_clock(open_cases, accepted):
    Student.objects.filter(pk=MATEO).update(is_enrolled=False)
    assert awaited(open_cases.users["Paula"], day(1)) == []
    assert count_due(open_cases.users["Paula"], day(30)).silent == 0
    assert came_to(day(30), [LINDEN])[LINDEN][CAME.index(Came.LEFT)] == 1
    Student.objects.get(pk=MATEO).enrollments.update(last_member_date=TODAY)
    with pytest.raises(NotVisibleError):
        tell(open_cases, accepted)


def test_one_key_writes_once(open_cases, accepted):
    key = issue_key()
    first = tell(open_cases, accepted, work="served", words="all is done", key=key)
    assert tell(open_cases, accepted, work="served", words="all is done", key=key) == first
    assert ReferralUpdate.objects.count() == 1


def test_a_slip_is_taken_back_by_its_author_for_ten_minutes(open_cases, accepted):
    made = tell(open_cases, accepted, work="served", words="all is done")
    with pytest.raises(AlreadyChangedError, match="by its author, for ten minutes"):
        take_back_update(open_cases.users["Dolores"], made.pk, at(1))
    with pytest.raises(AlreadyChangedError):
        take_back_update(open_cases.users["Paula"], made.pk, at(1, 71))
    take_back_update(open_cases.users["Paula"], made.pk, at(1, 69))
    assert Referral.objects.get().state == "accepted"
    assert AuditEntry.objects.filter(action="referral.opened_again").count() == 1
    assert (updates_of(accepted.pk), awaited(open_cases.users["Paula"], day(1))[0].last_work) == ((), "")
    with pytest.raises(AlreadyChangedError):
        take_back_update(open_cases.users["Paula"], made.pk, at(1, 69))
    assert tell(open_cases, accepted, work="stopped", words="the family moved").is_end


def test_taking_back_an_earlier_word_leaves_the_end(open_cases, accepted):
    first = tell(open_cases, accepted)
    tell(open_cases, accepted, work="served", words="all is done", minutes=62)
    take_back_update(open_cases.users["Paula"], first.pk, at(1, 63))
    assert Referral.objects.get().state == "closed"
    assert [one.work for one in updates_of(accepted.pk)] == ["served"]


def test_the_clock_runs_from_the_last_word(open_cases, accepted):
    """Due by the 14th day, past due on the 15th; the district's team hears of it on the 21st."""
    paula = open_cases.users["Paula"]
    (one,) = awaited(paula, TODAY)
    assert (one.heard_on, one.last_work, one.rhythm) == (TODAY, "", rhythm_of("youth_connect"))
    assert [one.rhythm.is_to_ask(TODAY, day(days)) for days in (11, 12)] == [False, True]
    assert "update" not in agenda(open_cases, 14).get(MATEO, ())
    assert "update" in agenda(open_cases, 15)[MATEO]
    assert [count_due(paula, day(days)).silent for days in (14, 15)] == [0, 1]
    tell(open_cases, accepted, 15, on=day(13))
    assert awaited(paula, day(15))[0].heard_on == day(13)
    assert "update" not in agenda(open_cases, 27).get(MATEO, ())
    assert "update" in agenda(open_cases, 28)[MATEO]


def test_a_long_silence_comes_before_the_districts_team(open_cases, accepted):
    assert MATEO not in agenda(open_cases, 20, "Dolores", None)
    assert "update" in agenda(open_cases, 21, "Dolores", None)[MATEO]
    tell(open_cases, accepted, 21)
    assert MATEO not in agenda(open_cases, 22, "Dolores", None)


def test_what_waits_is_the_owners_and_of_students_they_follow(open_cases, accepted):
    users = open_cases.users
    assert [one.student_id for one in awaited(users["Paula"], day(1))] == [MATEO]
    assert awaited(users["Dolores"], day(1)) == []
    assert [one.owner for one in awaited(users["Dolores"], day(1), everybody=True)] == ["Paula Lane"]
    for name in ("Quinn", "Bob", "Grace", "Charlie"):
        MeetingDecision.objects.update(owner=users[name])
        assert awaited(users[name], TODAY) == [], name


def test_the_timeline_tells_each_update_and_one_taken_back_is_gone(open_cases, accepted):
    tell(open_cases, accepted, 1, "begun", "comes on Saturdays")
    slip = tell(open_cases, accepted, 2, "waiting")
    tell(open_cases, accepted, 2, "under_way")
    take_back_update(open_cases.users["Paula"], slip.pk, at(2))
    events = meeting_events(MATEO)
    assert [event.kind for event in events] == ["decided", "decision_done", "partner", "partner"]
    assert [event.detail["said"].work for event in events[2:]] == ["begun", "under_way"]
    assert all(event.detail["referral"] == accepted for event in events)


def refer_more(district, school: str, name: str, student: str) -> Referral:
    user = district.users[name]
    lines = [line for line in make_agenda(user, TODAY, school, None, TODAY) if line.student_id == student]
    meeting = start_meeting(user, school, lines, 0, 2026, issue_key(), NOW)
    made = decide(user, meeting.items.get().pk, DecisionForm("refer", user.pk, day(5), "", YOUTH), issue_key(), NOW)
    end_meeting(user, meeting.pk, [("Quinn Lane", "counselor")], issue_key(), NOW)
    return made.referral


def test_each_referral_came_to_one_thing_and_a_plain_count_agrees(open_cases, accepted, django_assert_num_queries):
    asked = [LINDEN, HARBOR]
    seen = Counter()

    def look(days: int) -> None:
        with django_assert_num_queries(1):
            found = came_to(day(days), asked)
        assert found == came_to_by_hand(day(days), asked)
        assert sum(map(sum, found.values())) == Referral.objects.exclude(state="taken_back").count()
        seen.update(came for row in found.values() for came, count in zip(CAME, row, strict=True) if count)

    made = refer_more(open_cases, HARBOR, "Quinn", ZOE)
    look(1)
    look(6)
    look(15)
    answer(open_cases, made.decision, "declined", "Quinn", why="no place before spring")
    look(15)
    slip = tell(open_cases, accepted, 3, "served", "all is done")
    look(15)
    take_back_update(open_cases.users["Paula"], slip.pk, at(3))
    tell(open_cases, accepted, 4, "stopped", "the family moved")
    look(15)
    Referral.objects.filter(pk=made.pk).update(state="open")
    Student.objects.filter(pk=ZOE).update(is_enrolled=False)
    look(15)
    assert set(seen) == set(Came)


def test_what_was_said_costs_no_more_for_much_than_for_little(open_cases, accepted, django_assert_num_queries):
    for number in range(30):
        tell(open_cases, accepted, 1, minutes=number)
    with django_assert_num_queries(1):
        assert len(meeting_events(MATEO)) == 32
    with django_assert_num_queries(1):
        awaited(open_cases.users["Paula"], day(1))
    with CaptureQueriesContext(connection) as asked:
        count_due(open_cases.users["Paula"], day(1))
    assert len(asked) == 1
