"""A protocol file that cannot be followed is refused in sentences; one that can is read whole."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from allpresent.protocol import Protocol, ProtocolError, check_protocol, load_protocol
from allpresent.protocol.reading import SHIPPED


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The starter as a district's own protocol."""
    shutil.copytree(SHIPPED / "starter", tmp_path / "ours")
    return tmp_path / "ours"


def change(own: Path, old: str, new: str, file: str = "protocol.yaml") -> None:
    text = (own / file).read_text("utf-8")
    assert old in text
    (own / file).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", ["new_haven", "attendance_works", "starter"])
def test_a_shipped_protocol_has_nothing_wrong_and_its_cases_come_out(name):
    assert (SHIPPED / name / "cases.yaml").exists()
    assert check_protocol(name) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("days_out: 2-5", "days_out: 2-4", "5 days out belongs to no level; L3 begins at 6."),
        ("days_out: 2-5", "days_out: 2-6", "6 days out belongs to two levels; L3 has to begin at 7."),
        ("days_out: 2-5", "days_out: two", "levels[2].days_out is `two`; write it as in 2-5"),
        ("days_out: 2-5", "days_out: 2+", "L3 comes after a level without an end"),
        ("days_out: 6+", "days_out: 6-9", "10 days out belongs to no level; write the last level as 6+."),
        ("    days_out: 2-5\n", "", "L2 has no days_out"),
        ("key: L3", "key: L4", "levels have to be L1, L2 and so on without a gap, and are L1, L2, L4."),
        ("measure: days_absent", "measure: absence_rate", "L1 has no percent_from"),
        ("measure: days_absent", "measure: hours", "measure is `hours`; it has to be one of days_absent, absence_rate"),
        ("kind: call", "kind: phone", "kind is 'phone'; it has to be one of verify, call, visit"),
        ("evidence: contact_reached", "evidence: note", "evidence cannot be a note"),
        ("evidence: contact_reached", "evidence: promise", "evidence is 'promise'; it has to be one of verification"),
        ("owner_role: teacher", "owner_role: nobody", "step L2.check_in_call is owned by 'nobody'"),
        ("due_school_days: 3", "due_school_days: 0", "due_school_days is `0`; it has to be a whole number from 1"),
        ("due_school_days: 3", "due_days: 3", "did you mean `due_school_days`"),
        ("every: each contact", "every: now and then", "every is 'now and then'; it has to be one of once"),
        ("effective_from: 2026-07-01", "effective_from: soon", "effective_from is `soon`"),
        ("label: {en: Alert, es: Alerta}", "label: {en: Alert}", "levels[2].label is `{'en': 'Alert'}`"),
        ("key: reasons_documented", "key: check_in_call", "the key L2.check_in_call is used twice"),
        ("script: L2 ", "script: L9 ", "the script L9 is named, and scripts/L9.en.md is not there"),
        ("template: L2 ", "template: L7 ", "the script L7 is named"),
    ],
)
def test_what_cannot_be_followed_is_said_in_a_sentence(own, old, new, said):
    change(own, old, new)
    problems = check_protocol(own)
    assert any(said in problem for problem in problems), problems
    assert all(str(own / "protocol.yaml") in problem for problem in problems)
    with pytest.raises(ProtocolError) as refused:
        load_protocol(own)
    assert str(refused.value).startswith(problems[0])


def test_every_problem_of_a_file_is_listed(own):
    change(own, "kind: call", "kind: phone")
    change(own, "every: each contact", "every: seldom")
    assert len(check_protocol(own)) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{student}", "{child}", "the placeholder {child} is used and not listed"),
        ("placeholders: student, days", "placeholders: student, days, days_absent", "is listed and not used"),
        ("placeholders: student, days", "placeholders: student, days, phone", "placeholders is 'phone'"),
        ("{student}", "{student", "a brace stands alone"),
        ("status: needs district approval", "status: fine", "status is 'fine'"),
        ("status: ", "state: ", "line 2 has to be one of status, source, placeholders"),
        ("---", "***", "two lines of three dashes"),
    ],
)
def test_a_script_that_cannot_be_read_out_is_refused_with_its_file(own, old, new, said):
    change(own, old, new, "scripts/L2.en.md")
    problems = check_protocol(own)
    assert any(said in problem and str(own / "scripts" / "L2.en.md") in problem for problem in problems), problems


def test_a_script_in_no_known_language_is_refused(own):
    (own / "scripts" / "L2.en.md").rename(own / "scripts" / "L2.english.md")
    assert "has to end in the language (en or es)" in check_protocol(own)[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "days_absent: 2, level: L2",
            "days_absent: 2, level: L3",
            'is L3 in "Two days out begin Alert", and the protocol',
        ),
        ("opens: [L2.check_in_call]", "opens: []", "the protocol gives L2.check_in_call"),
        ("L2.check_in_call: 2026-09-10", "L2.check_in_call: 2026-09-09", "and the protocol 2026-09-10"),
        ("    opens:", "    opened:", "did you mean `opens`"),
        ("from_level: L1", "from_level: L8", "has no level 'L8'"),
        ("days_absent: 1,", "days_absent: one,", "days_absent is `one`"),
    ],
)
def test_a_case_that_does_not_come_out_is_said(own, old, new, said):
    change(own, old, new, "cases.yaml")
    problems = check_protocol(own)
    assert any(said in problem and "cases.yaml, line" in problem for problem in problems), problems


def test_a_protocol_without_cases_is_fine(own):
    (own / "cases.yaml").unlink()
    assert check_protocol(own) == []
    (own / "cases.yaml").write_text("- a\n")
    assert "has to be a list of `key: value` lines" in check_protocol(own)[0]


def test_an_unknown_protocol_is_refused_with_the_shipped_ones(tmp_path):
    with pytest.raises(ProtocolError, match="name a file, or one of attendance_works, new_haven, starter"):
        load_protocol("old_haven")
    assert "There is no protocol" in check_protocol(tmp_path)[0]


def test_a_protocol_is_found_by_name_folder_and_file(own):
    assert load_protocol("new_haven").key == "new_haven"
    assert load_protocol(own).key == load_protocol(own / "protocol.yaml").key == "ours"
    assert load_protocol(own).is_draft
    assert load_protocol(own).version == date(2026, 7, 1)


def test_of_dated_versions_the_one_in_force_is_used(own):
    older = (own / "protocol.yaml").read_text("utf-8").replace("2026-07-01", "2025-07-01").replace("Serious", "Urgent")
    (own / "protocol-2025-07-01.yaml").write_text(older, encoding="utf-8")
    assert load_protocol(own).level("L3").label() == "Serious"
    assert load_protocol(own, on=date(2026, 7, 1)).level("L3").label() == "Serious"
    assert load_protocol(own, on=date(2026, 6, 30)).level("L3").label() == "Urgent"
    with pytest.raises(ProtocolError, match="is in force on 2025-06-30; the first is 2025-07-01"):
        load_protocol(own, on=date(2025, 6, 30))


def test_a_change_of_file_or_script_is_seen_at_once(own):
    assert load_protocol(own).level("L3").label() == "Serious"
    change(own, "{en: Serious, es: Serio}", "{en: Very serious, es: Muy serio}")
    assert load_protocol(own).level("L3").label() == "Very serious"


def test_a_districts_due_days_stand_over_the_protocols():
    protocol = load_protocol("new_haven", due_school_days={"L3.success_plan": 8})
    step = protocol.step("L3.success_plan")
    assert (step.due_school_days, step.due_source) == (8, "district.yaml")
    assert load_protocol("new_haven").step("L3.success_plan").due_school_days == 10
    with pytest.raises(ProtocolError, match=r"due_school_days names L3\.plan, and the protocol has no such step"):
        load_protocol("new_haven", due_school_days={"L3.plan": 8})


def test_a_protocol_answers_for_what_it_has_alone():
    protocol = load_protocol("new_haven")
    assert isinstance(protocol, Protocol)
    assert hash(protocol)
    with pytest.raises(ProtocolError, match=r"has no level 'L7'; its levels are L1, L2, L3, L4, L5, L6\."):
        protocol.level("L7")
    with pytest.raises(ProtocolError, match=r"has no step 'L2\.dance'"):
        protocol.step("L2.dance")
