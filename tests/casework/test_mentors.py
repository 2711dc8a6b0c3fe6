"""Success mentors: on the roster, matched within their load, greeting, telling a worry, and let go."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key, why_can_view
from allpresent.access.models import AuditEntry, Grant
from allpresent.casework import CaseworkError
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.mentor_roster import Fit, MentorForm, add_mentor, edit_mentor, remove_mentor
from allpresent.casework.mentors import check_in, end_match, match_mentor, send_worry, take_worry, undo_check_in
from allpresent.casework.models import CheckIn, Mentor, MentorMatch, MentorWorry
from allpresent.casework.models.steps import StepState
from allpresent.casework.queries.mentors import mentor_events, my_mentees, open_worries, roster, waiting_students
from tests import cast
from tests.casework.deliveries import steps_of

MATEO, MAYA = cast.student_id("Mateo"), cast.student_id("Maya")


def add(district, person="Charlie", by="Paula", school=cast.LINDEN, **more):
    form = MentorForm(**{"email": cast.address(person), "kind": "adult"} | more)
    return add_mentor(district.users[by], school, form, issue_key(), cast.NOW)


def match(district, mentor, student=MATEO, by="Paula", key=None):
    return match_mentor(district.users[by], mentor.pk, student, key or issue_key(), cast.NOW)


def greet(district, made, how="talked", who="Charlie", now=cast.NOW):
    return check_in(district.users[who], made.pk, how, issue_key(), now)


def test_on_the_roster_a_person_sees_nobody(open_cases):
    add(open_cases)
    assert why_can_view(open_cases.users["Charlie"], MATEO, cast.TODAY) is None
    with pytest.raises(AlreadyChangedError, match="already"):
        add(open_cases)


@pytest.mark.parametrize("by", ["Alice", "Charlie", "Quinn", "Hugo", "Stella"])
def test_only_who_coordinates_the_school_adds_to_its_roster(open_cases, by):
    with pytest.raises(NotVisibleError):
        add(open_cases, by=by)


def test_a_person_nobody_knows_is_not_added(open_cases):
    for person in ("Nobody", "Mara"):
        with pytest.raises(CaseworkError, match="Nobody signs in"):
            add(open_cases, person)


def test_a_match_gives_a_dated_grant_and_closes_the_promised_mentor(open_cases):
    made, key = None, issue_key()
    mentor = add(open_cases)
    for _twice in range(2):
        made = match(open_cases, mentor, key=key)
    step = steps_of("Mateo")["L3.success_mentor"]
    assert (step.state, step.evidence_reference) == (StepState.DONE, f"match:{made.pk}")
    grant = Grant.objects.get(pk=made.grant_id)
    told = (grant.relation, grant.object_id, grant.starts_on, grant.ends_on, grant.source)
    assert told == ("success_mentor", MATEO, cast.TODAY, None, "casework")
    assert "success mentor" in why_can_view(open_cases.users["Charlie"], MATEO, cast.TODAY)
    assert AuditEntry.objects.filter(action="mentor.matched").count() == MentorMatch.objects.count() == 1


def test_a_peer_gets_a_peers_grant_and_still_opens_no_page(open_cases):
    made = match(open_cases, add(open_cases, kind="peer"))
    assert made.grant.relation == "peer_mentor"
    assert why_can_view(open_cases.users["Charlie"], MATEO, cast.TODAY) is None
    assert [row.student_id for row in my_mentees(open_cases.users["Charlie"], cast.TODAY)] == [MATEO]


@pytest.mark.parametrize(
    ("more", "sentence"), [({"grades": ("04",)}, "other grades"), ({"load_limit": 1}, "as many students as agreed")]
)
def test_grades_and_load_are_kept(open_cases, more, sentence):
    mentor = add(open_cases, **more)
    match(open_cases, mentor, MAYA)
    with pytest.raises(CaseworkError, match=sentence):
        match(open_cases, mentor)
    assert MentorMatch.objects.count() == 1
    assert not Grant.objects.filter(object_id=MATEO, source="casework").exists()


def test_a_student_has_one_mentor_at_a_time(open_cases):
    match(open_cases, add(open_cases))
    with pytest.raises(AlreadyChangedError, match="Another mentor"):
        match(open_cases, add(open_cases, "Lena"))
    assert Grant.objects.filter(object_id=MATEO, source="casework").count() == 1


def test_a_match_ends_with_its_grant_and_the_promise_stays_kept(open_cases):
    made = match(open_cases, add(open_cases))
    ended = end_match(open_cases.users["Paula"], made.pk, "no_fit", "Other hours.", issue_key(), cast.NOW)
    assert (ended.ended_on, ended.ending) == (cast.TODAY, "no_fit")
    assert why_can_view(open_cases.users["Charlie"], MATEO, cast.TODAY) is None
    assert steps_of("Mateo")["L3.success_mentor"].state == StepState.DONE
    with pytest.raises(NotVisibleError):
        greet(open_cases, made)
    with pytest.raises(AlreadyChangedError):
        end_match(open_cases.users["Paula"], made.pk, "other", "", issue_key(), cast.NOW)


def test_greetings_count_in_their_week_and_not_there_is_none(open_cases):
    made = match(open_cases, add(open_cases))
    greet(open_cases, made)
    greet(open_cases, made, "not_there")
    before = cast.NOW - timedelta(days=7)
    CheckIn.objects.create(match=made, on=before.date(), at=before, how="greeted")
    (row,) = my_mentees(open_cases.users["Charlie"], cast.TODAY)
    assert (row.this_week, row.last_on) == (1, cast.TODAY)
    (listed,) = roster(open_cases.users["Paula"], cast.TODAY)
    assert (listed.load, listed.this_week, listed.is_silent(cast.TODAY)) == (1, 1, False)
    later_on = cast.TODAY + timedelta(days=7)
    (later,) = roster(open_cases.users["Paula"], later_on)
    assert (later.this_week, later.quiet_days(later_on), later.is_silent(later_on)) == (0, 7, True)
    assert not later.is_silent(later_on - timedelta(days=1))


def test_a_greeting_is_taken_back_by_its_mentor_within_ten_minutes(open_cases):
    logged = greet(open_cases, match(open_cases, add(open_cases)))
    user = open_cases.users["Charlie"]
    with pytest.raises(NotVisibleError):
        undo_check_in(open_cases.users["Hugo"], logged.pk, cast.NOW)
    with pytest.raises(CaseworkError, match="ten minutes"):
        undo_check_in(user, logged.pk, cast.NOW + timedelta(minutes=11))
    undo_check_in(user, logged.pk, cast.NOW + timedelta(minutes=9))
    assert my_mentees(user, cast.TODAY)[0].this_week == 0
    assert CheckIn.objects.get().undone_at is not None


@pytest.mark.parametrize("who", ["Hugo", "Pat", "Paula", "Ivan"])
def test_nobody_else_greets_or_worries_in_a_mentors_name(open_cases, who):
    made = match(open_cases, add(open_cases))
    with pytest.raises(NotVisibleError):
        greet(open_cases, made, who=who)
    with pytest.raises(NotVisibleError):
        send_worry(open_cases.users[who], made.pk, "He seems tired.", issue_key(), cast.NOW)


def test_a_worry_reaches_the_schools_team_alone(open_cases):
    made = match(open_cases, add(open_cases))
    sent = send_worry(open_cases.users["Charlie"], made.pk, "He seems tired.", issue_key(), cast.NOW)
    assert [one.pk for one in open_worries(open_cases.users["Paula"], cast.TODAY)] == [sent.pk]
    assert open_worries(open_cases.users["Quinn"], cast.TODAY) == []
    with pytest.raises(NotVisibleError):
        take_worry(open_cases.users["Quinn"], sent.pk, "We call tonight.", issue_key(), cast.NOW)
    take_worry(open_cases.users["Paula"], sent.pk, "We call tonight.", issue_key(), cast.NOW)
    assert open_worries(open_cases.users["Paula"], cast.TODAY) == []
    assert MentorWorry.objects.get().answer == "We call tonight."
    assert "tired" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_who_waits_for_a_mentor_is_listed_until_matched(open_cases):
    user = open_cases.users["Paula"]
    assert MATEO in [one.pk for one in waiting_students(user, cast.TODAY)]
    match(open_cases, add(open_cases))
    assert MATEO not in [one.pk for one in waiting_students(user, cast.TODAY)]


def test_the_roster_is_changed_and_who_leaves_it_lets_every_student_go(open_cases):
    mentor, paula = add(open_cases), open_cases.users["Paula"]
    edited = edit_mentor(paula, mentor.pk, Fit(("07",), ("es",), 1), issue_key(), cast.NOW)
    assert (edited.grades, edited.languages, edited.load_limit) == ("07", "es", 1)
    made, key = match(open_cases, mentor), issue_key()
    with pytest.raises(CaseworkError, match="few words"):
        remove_mentor(paula, mentor.pk, "", issue_key(), cast.NOW)
    for _twice in range(2):
        remove_mentor(paula, mentor.pk, "On leave until spring.", key, cast.NOW)
    made.refresh_from_db()
    assert (made.ending, made.ended_on, made.ended_why) == ("mentor_left", cast.TODAY, "On leave until spring.")
    assert why_can_view(open_cases.users["Charlie"], MATEO, cast.TODAY) is None
    assert roster(paula, cast.TODAY) == []
    assert MATEO in [one.pk for one in waiting_students(paula, cast.TODAY)]
    assert MATEO not in [one.pk for one in waiting_students(paula, cast.TODAY + timedelta(days=180))]
    assert [AuditEntry.objects.filter(action=f"mentor.{act}").count() for act in ("removed", "match_ended")] == [1, 1]
    with pytest.raises(AlreadyChangedError, match="off the roster since Thu 5 Nov"):
        match(open_cases, mentor)
    back = add(open_cases, kind="peer")
    assert (back.pk, back.left_on, back.kind) == (mentor.pk, None, "peer")
    match(open_cases, back)
    assert MATEO not in [one.pk for one in waiting_students(paula, cast.TODAY)]


@pytest.mark.parametrize("by", ["Quinn", "Alice", "Charlie", "Stella"])
def test_another_schools_mentor_is_not_there_to_change(open_cases, by):
    mentor = add(open_cases)
    with pytest.raises(NotVisibleError):
        edit_mentor(open_cases.users[by], mentor.pk, Fit(), issue_key(), cast.NOW)
    with pytest.raises(NotVisibleError):
        remove_mentor(open_cases.users[by], mentor.pk, "On leave.", issue_key(), cast.NOW)
    assert Mentor.objects.get().left_on is None


def test_a_worry_is_somebodys_to_answer_within_two_school_days(open_cases):
    made, user = match(open_cases, add(open_cases)), open_cases.users["Charlie"]
    days = [day for day in cast.school_days() if day != cast.TODAY + timedelta(days=1)]
    sent = send_worry(user, made.pk, "He seems tired.", issue_key(), cast.NOW, days)
    assert (sent.owner, sent.due_on) == (open_cases.users["Paula"], cast.TODAY + timedelta(days=5))
    assert not sent.is_overdue(sent.due_on)
    assert sent.is_overdue(sent.due_on + timedelta(days=1))
    Grant.objects.filter(user=open_cases.users["Paula"]).update(ends_on=cast.TODAY - timedelta(days=1))
    other = send_worry(user, made.pk, "He seems sad too.", issue_key(), cast.NOW)
    assert (other.owner, other.due_on) == (None, cast.TODAY + timedelta(days=2))


def test_the_timeline_tells_of_matches_and_greetings_by_the_week_and_of_no_worry(open_cases):
    made = match(open_cases, add(open_cases))
    for number in range(3):
        greet(open_cases, made, now=cast.NOW + timedelta(days=number * 3))
    greet(open_cases, made, "not_there")
    taken_back = greet(open_cases, made)
    undo_check_in(open_cases.users["Charlie"], taken_back.pk, cast.NOW)
    send_worry(open_cases.users["Charlie"], made.pk, "He seems tired.", issue_key(), cast.NOW)
    end_match(open_cases.users["Paula"], made.pk, "goal", "Well done.", issue_key(), cast.NOW + timedelta(days=9))
    told = [(event.on.day, event.detail["act"], event.detail.get("times")) for event in mentor_events(MATEO)]
    assert told == [(5, "matched", None), (8, "greeted", 2), (11, "greeted", 1), (14, "ended", None)]
    assert "tired" not in str(mentor_events(MATEO))
