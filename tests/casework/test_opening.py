"""The night's work on cases: crossings, jumps, corrections, leavers, and being stopped half way."""

from datetime import timedelta

import pytest
from django.db import connection

from allpresent.access.models import AuditEntry
from allpresent.casework import opening
from allpresent.casework.endings import end_all
from allpresent.casework.models import Case, CaseStep, LevelCrossing
from allpresent.casework.models.steps import Ending, StepState
from allpresent.casework.nights import read_night, students_behind
from allpresent.casework.plan import Books
from allpresent.measures import open_facts
from tests import cast
from tests.casework.deliveries import books, crossings_of, day, deliver, night, states_of, steps_of

OPEN, DONE, WITHDRAWN = StepState.OPEN, StepState.DONE, StepState.WITHDRAWN
JUMP = [4, *range(20, 31)]  # one absence by day 10, twelve by day 30


@pytest.fixture
def fresh(district, tmp_path):
    """An empty home beside the cast's roster: each test posts its own deliveries."""
    return tmp_path


def finish(name, key):
    """Mark a step done as a person would have; how is another test's question."""
    step = steps_of(name)[key]
    CaseStep.objects.filter(pk=step.pk).update(state=DONE, ended_on=day(30), ended_at=cast.NOW)


def test_crossing_a_level_opens_its_steps_with_owner_and_day(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": [4, 17]})
    night(fresh, facts, 17)
    (crossing,) = crossings_of("Maya")
    assert (crossing.level, crossing.crossed_on, crossing.noticed_on) == ("L2", day(17), day(17))
    assert crossing.noticed_delivery == "0001-a"
    steps = steps_of("Maya")
    assert set(steps) == {"L2.verify_attendance", "L2.check_in_call"}
    call = steps["L2.check_in_call"]
    assert (call.owner_role, call.kind, call.due_on) == ("teacher", "call", day(20))
    assert call.label_en == "Call home to check in"


def test_one_absence_opens_nothing(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": [4]})
    assert night(fresh, facts, 46)["opened"] == 0
    assert not Case.objects.exists()


def test_what_is_promised_only_if_needed_is_not_opened_by_the_night(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": [4, 17]})
    night(fresh, facts, 17)
    assert "L2.additional_supports" not in steps_of("Maya")


def test_due_days_skip_a_holiday_and_follow_the_district(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": [1, 4]})
    assert day(5).isoformat() == "2026-09-04"  # a Friday; Monday is Labor Day
    (fresh / "district.yaml").write_text("name: Elm Harbor\ndue_school_days:\n  L2.check_in_call: 2\n")
    night(fresh, facts, 5)
    assert steps_of("Maya")["L2.check_in_call"].due_on.isoformat() == "2026-09-09"


def test_the_clock_starts_on_the_day_the_record_told_not_on_the_absence(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": [4, 17]})
    night(fresh, facts, 30)
    assert crossings_of("Maya")[0].crossed_on == day(17)
    assert steps_of("Maya")["L2.check_in_call"].due_on == day(33)


def test_case_35_a_jump_opens_every_level_and_flags_the_contacts_passed_over(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": JUMP})
    night(fresh, facts, 10)
    assert not crossings_of("Maya")
    night(fresh, facts, 31)
    assert [(row.level, row.is_skipped) for row in crossings_of("Maya")] == [("L2", True), ("L3", True), ("L4", False)]
    assert crossings_of("Maya")[-1].skipped_levels == ["L2", "L3"]
    states = states_of("Maya")
    assert states["L3.success_mentor"] == states["L3.success_plan"] == OPEN
    assert "L2.check_in_call" not in states
    assert "L3.phone_call" not in states
    call = steps_of("Maya")["L4.phone_call"]
    assert call.merged_levels == ["L2", "L3"]
    assert steps_of("Maya")["L4.verify_attendance"].merged_levels == ["L2", "L3"]
    assert Case.objects.get().level == "L4"


def test_levels_reached_one_by_one_keep_their_own_contacts(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": range(1, 7)})
    night(fresh, facts, 2)
    night(fresh, facts, 6)
    states = states_of("Maya")
    assert states["L2.check_in_call"] == states["L3.phone_call"] == OPEN
    assert not any(row.is_skipped for row in crossings_of("Maya"))


def test_case_34_a_correction_withdraws_what_is_open_and_keeps_what_was_done(fresh):
    before = deliver(fresh, "0001-a", {"Maya": range(1, 7)})
    night(fresh, before, 2)
    night(fresh, before, 30)
    finish("Maya", "L3.success_plan")
    after = deliver(fresh, "0002-b", {"Maya": range(1, 6)})
    night(fresh, after, 30)
    states = states_of("Maya")
    assert states["L3.success_plan"] == DONE
    assert states["L3.phone_call"] == states["L3.home_visit"] == WITHDRAWN
    assert states["L2.check_in_call"] == OPEN
    assert steps_of("Maya")["L3.phone_call"].why == "the record was corrected"
    case = Case.objects.get()
    assert (case.level, case.highest_level, case.closed_on) == ("L2", "L3", None)
    live, gone = crossings_of("Maya")
    assert (live.is_withdrawn, gone.is_withdrawn, gone.withdrawn_because) == (False, True, Ending.CORRECTED)


def test_crossing_again_after_a_withdrawal_opens_again_all_but_what_was_done(fresh):
    six, five = {"Maya": range(1, 7)}, {"Maya": range(1, 6)}
    night(fresh, deliver(fresh, "0001-a", six), 30)
    finish("Maya", "L3.success_plan")
    night(fresh, deliver(fresh, "0002-b", five), 30)
    night(fresh, deliver(fresh, "0003-c", {"Maya": [*range(1, 6), 34]}), 34)
    calls = CaseStep.objects.filter(step_key="L3.phone_call").order_by("pk")
    assert [call.state for call in calls] == [WITHDRAWN, OPEN]
    assert calls[1].opened_on == day(34)
    assert calls[1].crossing.crossed_on == day(34)
    assert CaseStep.objects.filter(step_key="L3.success_plan").count() == 1


def test_a_withdrawn_call_gives_the_lower_level_its_own_call_back(fresh):
    night(fresh, deliver(fresh, "0001-a", {"Maya": JUMP}), 31)
    night(fresh, deliver(fresh, "0002-b", {"Maya": JUMP[:10]}), 31)
    states = states_of("Maya")
    assert states["L4.phone_call"] == WITHDRAWN
    assert states["L3.phone_call"] == OPEN
    assert steps_of("Maya")["L3.phone_call"].merged_levels == ["L2"]
    assert states["L3.verify_attendance"] == OPEN
    assert "L2.check_in_call" not in states


def test_a_call_done_before_the_correction_covers_the_lower_levels(fresh):
    night(fresh, deliver(fresh, "0001-a", {"Maya": JUMP}), 31)
    finish("Maya", "L4.phone_call")
    night(fresh, deliver(fresh, "0002-b", {"Maya": JUMP[:10]}), 31)
    assert "L3.phone_call" not in states_of("Maya")


def test_case_13_days_not_reported_open_nothing(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": [4]}, unknown={"Maya": range(5, 30)})
    assert night(fresh, facts, 46) == {"crossings": 0, "opened": 0, "crossings_withdrawn": 0, "withdrawn": 0}


def test_case_14_a_day_declared_a_snow_day_later_withdraws_what_it_opened(fresh):
    night(fresh, deliver(fresh, "0001-a", {"Maya": [4, 17]}), 20)
    night(fresh, deliver(fresh, "0002-b", {"Maya": [4, 17]}, snow=[17]), 20)
    assert set(states_of("Maya").values()) == {WITHDRAWN}
    case = Case.objects.get()
    assert (case.level, case.closed_because) == ("L1", Ending.CORRECTED)


def test_a_leavers_open_steps_are_withdrawn_and_opened_again_on_return(fresh):
    absent = {"Maya": range(1, 7)}
    night(fresh, deliver(fresh, "0001-a", absent), 20)
    finish("Maya", "L3.success_plan")
    night(fresh, deliver(fresh, "0002-b", absent, left={"Maya": 21}), 25)
    call = steps_of("Maya")["L3.phone_call"]
    assert (call.state, call.why) == (WITHDRAWN, "the student left")
    assert Case.objects.get().closed_because == Ending.LEFT
    night(fresh, deliver(fresh, "0003-c", absent), 30)
    states = states_of("Maya")
    assert (states["L3.phone_call"], states["L3.success_plan"]) == (OPEN, DONE)
    assert Case.objects.get().closed_on is None


def test_a_student_who_has_not_left_yet_keeps_the_steps(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": range(1, 7)}, left={"Maya": 30})
    night(fresh, facts, 30)
    assert OPEN in states_of("Maya").values()


def test_a_delivery_taken_back_says_so(fresh):
    night(fresh, deliver(fresh, "0001-a", {"Maya": [4]}), 30)
    night(fresh, deliver(fresh, "0002-b", {"Maya": range(1, 7)}), 30)
    night(fresh, deliver(fresh, "0003-c", {"Maya": [4]}), 30, because=Ending.TAKEN_BACK)
    assert {step.why for step in steps_of("Maya").values()} == {"the delivery was taken back"}


def test_the_same_night_twice_changes_not_one_byte(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": JUMP, "Mateo": range(1, 20), "Zoe": [1, 2]})
    night(fresh, facts, 31)
    once, audited = books(), AuditEntry.objects.count()
    assert not any(night(fresh, facts, 31).values())
    assert books() == once
    assert AuditEntry.objects.count() == audited


def test_a_later_day_without_news_changes_nothing(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": range(1, 7)})
    night(fresh, facts, 10)
    before = books()
    night(fresh, facts, 40)
    assert books() == before


EVERYBODY = {"Maya": JUMP, "Mateo": range(1, 20), "Zoe": [1, 2], "Dante": range(3, 9), "Iris": [5, 9], "Tomas": [7, 8]}
CHANGED = {"Maya": JUMP[:10], "Mateo": range(1, 9), "Zoe": range(1, 20), "Dante": range(3, 9), "Iris": [5]}


def stop_before_batch(monkeypatch, number):
    """Let the work be killed just before the n-th batch, or inside it with its rows half written."""
    real, calls = opening.apply_batch, []

    def apply_batch(*arguments):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(opening, "apply_batch", apply_batch)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """A delivery and its correction, posted once for every place to be stopped at."""
    home = tmp_path_factory.mktemp("corrected")
    deliver(home, "0001-a", EVERYBODY)
    deliver(home, "0002-b", CHANGED, left={"Dante": 33})
    return home


def test_stopped_between_any_two_batches_and_run_again_it_ends_the_same(district, corrected, monkeypatch):
    monkeypatch.setattr(opening, "BATCH", 1)
    first, second = open_facts(corrected, "0001-a"), open_facts(corrected, "0002-b")
    night(corrected, first, 31)
    night(corrected, second, 35)
    whole = books()
    for stopped_at in range(1, 7):
        for model in (CaseStep, LevelCrossing, Case):
            model.objects.all().delete()
        night(corrected, first, 31)
        with monkeypatch.context() as patch:
            stop_before_batch(patch, stopped_at)
            with pytest.raises(KeyboardInterrupt):
                night(corrected, second, 35)
        night(corrected, second, 35)
        assert books() == whole, stopped_at


@pytest.mark.parametrize("at", ["_withdraw_crossings", "_withdraw_steps", "_update_cases", "record"])
def test_stopped_inside_a_batch_nothing_of_it_stays(fresh, monkeypatch, at):
    facts = deliver(fresh, "0001-a", EVERYBODY)

    def killed(*arguments, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(opening, at, killed)
        with pytest.raises(KeyboardInterrupt):
            night(fresh, facts, 31)
    assert not Case.objects.exists()
    assert not CaseStep.objects.exists()


def test_a_batch_that_changes_something_writes_one_audit_entry(fresh, monkeypatch):
    monkeypatch.setattr(opening, "BATCH", 2)
    facts = deliver(fresh, "0001-a", EVERYBODY)
    done = night(fresh, facts, 31)
    entries = AuditEntry.objects.filter(action="steps.night")
    assert entries.count() == 3
    assert sum(entry.detail["opened"] for entry in entries) == done["opened"]
    assert {entry.object_id for entry in entries} == {"0001-a"}


def test_the_number_of_queries_does_not_grow_with_the_students(fresh, django_assert_max_num_queries):
    facts = deliver(fresh, "0001-a", EVERYBODY)
    with django_assert_max_num_queries(26):
        night(fresh, facts, 31)


def behind(night):
    """The slow way to whose books differ: plan everybody, and look at every case."""
    ids = sorted({*night.rows, *Case.objects.values_list("student_id", flat=True)})
    cases, known = opening._read_books(night.school_year, ids)
    said = {key: (case.level, case.highest_level, case.closed_on, case.closed_because) for key, case in cases.items()}
    is_planned = {key: not opening._plan(night, known.get(key, Books()), key).is_empty for key in ids}
    return [key for key in ids if is_planned[key] or (key in said and night.state(key, said[key]) != said[key])]


def test_whose_books_differ_is_found_without_reading_them(district, corrected):
    first, second = open_facts(corrected, "0001-a"), open_facts(corrected, "0002-b")
    found = []
    for facts, number in ((first, 4), (first, 31), (first, 31), (second, 31), (second, 35), (first, 35)):
        tonight = read_night(corrected, facts, day(number), cast.TODAY, cast.NOW, Ending.CORRECTED)
        assert students_behind(tonight) == behind(tonight)
        found.append(len(students_behind(tonight)))
        night(corrected, facts, number)
        assert students_behind(tonight) == behind(tonight) == []
    assert found == [3, 5, 0, 5, 1, 6]


def test_a_step_opened_again_after_its_level_went_away_is_withdrawn_the_next_night(fresh):
    night(fresh, deliver(fresh, "0001-a", {"Maya": range(1, 7)}), 20)
    after = deliver(fresh, "0002-b", {"Maya": range(1, 6)})
    night(fresh, after, 20)
    CaseStep.objects.filter(step_key="L3.phone_call").update(state=OPEN, ended_on=None, ended_at=None, ending="")
    night(fresh, after, 20)
    assert states_of("Maya")["L3.phone_call"] == WITHDRAWN


def test_a_step_closed_while_the_night_was_planned_stays_done(fresh, monkeypatch):
    night(fresh, deliver(fresh, "0001-a", {"Maya": range(1, 7)}), 20)
    after = deliver(fresh, "0002-b", {"Maya": range(1, 6)})
    real = opening._withdraw_steps

    def close_first(*arguments):
        finish("Maya", "L3.phone_call")
        return real(*arguments)

    monkeypatch.setattr(opening, "_withdraw_steps", close_first)
    night(fresh, after, 20)
    assert states_of("Maya")["L3.phone_call"] == DONE


def test_a_new_school_year_closes_the_cases_of_the_old_one(fresh):
    facts = deliver(fresh, "0001-a", {"Maya": range(1, 7)})
    night(fresh, facts, 20)
    finish("Maya", "L3.success_plan")
    Case.objects.update(school_year=2025)
    night(fresh, facts, 30)
    old = Case.objects.get(school_year=2025)
    assert old.closed_because == Ending.YEAR_ENDED
    assert set(old.steps.values_list("state", flat=True)) == {WITHDRAWN, DONE}
    assert Case.objects.get(school_year=2026).closed_on is None


def test_with_the_only_delivery_taken_back_every_case_ends(fresh):
    night(fresh, deliver(fresh, "0001-a", EVERYBODY), 31)
    assert end_all(cast.TODAY, cast.NOW) == 6
    assert not CaseStep.objects.filter(state=OPEN).exists()
    assert not LevelCrossing.objects.filter(is_withdrawn=False).exists()
    assert end_all(cast.TODAY, cast.NOW + timedelta(hours=1)) == 0


def test_the_database_keeps_one_standing_step_a_key(fresh):
    night(fresh, deliver(fresh, "0001-a", {"Maya": [4, 17]}), 20)
    step = CaseStep.objects.first()
    step.pk = None
    with pytest.raises(Exception, match=r"(?i)unique"), connection.cursor():
        step.save()


def test_a_percent_protocol_judges_the_share_of_reported_days(fresh):
    (fresh / "district.yaml").write_text("name: Elm Harbor\nprotocol: attendance_works\n")
    facts = deliver(fresh, "0001-a", {"Maya": [1, 2, 3]})
    night(fresh, facts, 9)
    assert not crossings_of("Maya")  # nine days reported are too few to judge
    night(fresh, facts, 15)
    assert [row.crossed_on for row in crossings_of("Maya")] == [day(10)] * len(crossings_of("Maya"))
    reached = {row.level for row in crossings_of("Maya")}
    night(fresh, facts, 46)
    assert {row.level for row in crossings_of("Maya") if not row.is_withdrawn} == reached
    assert Case.objects.get().level == "L2"  # 3 of 46 is 6.5%
