"""Whom a school's own promise needs: said in the file, checked when it is read."""

from pathlib import Path

import pytest

from allpresent.protocol import load_protocol
from allpresent.protocol.people import People
from allpresent.protocol.reading import SHIPPED, read_protocol
from allpresent.protocol.steps import school_steps

FILE = SHIPPED / "new_haven" / "protocol.yaml"


def test_the_toolkits_three_teachers_are_three_and_trained_and_paid() -> None:
    needs = {step.key: step.people for step in school_steps(load_protocol("new_haven"))}
    assert needs == {
        "L3.leap_activated": None,
        "L3.dropout_prevention_named": People(1),
        "L3.three_teachers": People(3, ("trained", "paid")),
        "L3.parent_liaisons": People(1, ("trained",)),
    }


def test_other_districts_promise_nothing_of_their_schools() -> None:
    assert [school_steps(load_protocol(name)) for name in ("starter", "attendance_works")] == [(), ()]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("people: {count: 3, have: [trained, paid]}", "people: {count: 0}", "people.count has to be 1 or more"),
        ("have: [trained, paid]", "have: [trained, praised]", "people.have is 'praised'"),
        ("people: {count: 3,", "people: {counts: 3,", "did you mean `count`"),
        ("        scope: school\n        people: {count: 3", "        people: {count: 3", "write scope: school"),
    ],
)
def test_what_cannot_be_promised_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "protocol.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    (tmp_path / "scripts").symlink_to(FILE.parent / "scripts")
    protocol, problems = read_protocol(path)
    assert protocol is None
    assert any(said in problem and "line" in problem for problem in problems), problems
