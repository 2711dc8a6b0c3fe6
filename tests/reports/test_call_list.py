"""The list for a calling system: a test for each reason to leave somebody out, each once, and names in its letters."""

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpresent.policy.call_systems import SHIPPED, read_call_system
from allpresent.reports.call_file import in_letters, write_call_list
from allpresent.reports.call_list import CallList, Child, Holder, Line, make_call_list

SYSTEM = read_call_system(SHIPPED / "parentlink.yaml")
DAY = date(2026, 11, 5)
MATEO, TOMAS = Child("1002", "Linden"), Child("1008", "Linden")
LUCIA = Holder("1002", "C1", "Lucía Delgado", "+12035550102", "Spanish", has_custody=True, may_contact=True)
ANDRES = replace(LUCIA, contact_id="C2", name="Andrés Ruiz", number="+12035550103", language="English")


def make(*holders: Holder, families: Any = ((MATEO,),)) -> CallList:
    by_student: dict[str, list[Holder]] = {}
    for one in holders:
        by_student.setdefault(one.student_id, []).append(one)
    return make_call_list(SYSTEM, families, by_student)


def left(made: CallList) -> dict[str, int]:
    return {one.reason: one.count for one in made.left_out}


def test_a_guardian_with_custody_is_one_line() -> None:
    made = make(LUCIA)
    assert made.lines == (Line("C1", "Lucía Delgado", "Spanish", "+12035550102", "Linden", ("1002",)),)
    assert made.left_out == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"may_contact": False}, "opted_out"),
        ({"has_custody": False}, "no_custody"),
        ({"has_custody": None}, "custody_unknown"),
        ({"is_protected": True}, "protected"),
        ({"number": ""}, "no_number"),
        ({"number": "+12035550102,12"}, "no_number"),
        ({"number": "+525512345678"}, "no_number"),
        ({"is_wrong": True}, "wrong_number"),
        ({"is_called_today": True}, "already_today"),
    ],
)
def test_who_may_not_be_called_by_a_machine_is_left_out_and_counted(change: dict[str, Any], reason: str) -> None:
    made = make(replace(LUCIA, **change), ANDRES)
    assert [line.reference for line in made.lines] == ["C2"]
    assert left(made) == {reason: 1}
    assert made.left_out[0].students == ("1002",)
    alone = make(replace(LUCIA, **change))
    assert alone.lines == ()
    # A family that is in another list of the day is not forgotten.
    assert left(alone) == ({} if reason == "already_today" else {"nobody_left": 1}) | {reason: 1}


def test_a_consent_that_was_not_asked_for_is_no_bar_where_custody_is_known() -> None:
    assert len(make(replace(LUCIA, may_contact=None)).lines) == 1


def test_a_number_of_somebody_not_to_be_contacted_is_blocked_for_all() -> None:
    made = make(replace(ANDRES, may_contact=False, number=LUCIA.number), LUCIA)
    assert made.lines == ()
    assert left(made) == {"nobody_left": 1, "opted_out": 1, "blocked_number": 1}


def test_absences_not_verified_leave_the_student_out_and_not_the_others() -> None:
    families = ((replace(MATEO, is_final=False), TOMAS),)
    made = make(LUCIA, replace(LUCIA, student_id="1008"), families=families)
    assert [line.students for line in made.lines] == [("1008",)]
    assert left(made) == {"to_verify": 1}
    assert left(make(LUCIA, families=((replace(MATEO, is_final=False),),))) == {"to_verify": 1}


def test_a_student_without_any_contact_is_told() -> None:
    made = make(LUCIA, families=((MATEO,), (TOMAS,)))
    assert left(made) == {"no_contact": 1}
    assert made.students == ("1002",)


def test_brothers_and_sisters_are_called_once() -> None:
    made = make(LUCIA, ANDRES, replace(LUCIA, student_id="1008"), families=((MATEO, TOMAS),))
    assert [(line.reference, line.students) for line in made.lines] == [("C1", ("1002", "1008")), ("C2", ("1002",))]


def test_a_number_is_called_once_whoever_has_it() -> None:
    together = make(LUCIA, replace(ANDRES, number=LUCIA.number))
    assert [line.reference for line in together.lines] == ["C1"]
    elsewhere = make(LUCIA, replace(ANDRES, student_id="1008", number=LUCIA.number), families=((MATEO,), (TOMAS,)))
    assert [(line.reference, line.students) for line in elsewhere.lines] == [("C1", ("1002", "1008"))]
    assert elsewhere.left_out == ()


def test_a_person_with_two_numbers_is_called_at_the_first_that_is_right() -> None:
    mobile = replace(LUCIA, number="+12035550199")
    assert [line.number for line in make(LUCIA, mobile).lines] == ["+12035550102"]
    assert [line.number for line in make(replace(LUCIA, is_wrong=True), mobile).lines] == ["+12035550199"]


def test_who_is_barred_from_one_child_is_called_about_none() -> None:
    made = make(LUCIA, ANDRES, replace(ANDRES, student_id="1008", has_custody=False), families=((MATEO, TOMAS),))
    assert [line.reference for line in made.lines] == ["C1"]
    assert left(made) == {"no_custody": 1, "nobody_left": 1}


def test_who_is_barred_under_another_id_is_barred_by_name() -> None:
    made = make(LUCIA, replace(LUCIA, contact_id="C9", number="+12035550177", may_contact=False))
    assert made.lines == ()
    assert left(made)["opted_out"] == 2


def test_only_keeps_the_people_named() -> None:
    assert [line.reference for line in make(LUCIA, ANDRES).only(["C2"]).lines] == ["C2"]


def rows_of(*lines: Line, system: Any = SYSTEM) -> list[dict[str, str]]:
    content = write_call_list(system, lines, DAY).content
    return list(csv.DictReader(io.StringIO(content.decode(system.encoding), newline="")))


def line(**values: Any) -> Line:
    return replace(make(LUCIA).lines[0], **values)


def test_the_file_is_what_the_layout_says() -> None:
    written = write_call_list(SYSTEM, [line()], DAY)
    assert written.content == (
        b"ContactType,ReferenceCode,LastName,FirstName,Institution,Group,Language,HomePhone\r\n"
        b"Other,AP-C1,Luc\xeda Delgado,,Linden,Attendance 2026-11-05,Spanish,2035550102\r\n"
    )
    assert (written.unmarked, written.nameless) == ((), ())


def test_a_name_is_parted_at_its_comma_and_never_guessed_at() -> None:
    (row,) = rows_of(line(name="Ruiz Delgado, Ana María"))
    assert (row["LastName"], row["FirstName"]) == ("Ruiz Delgado", "Ana María")
    (row,) = rows_of(line(name="Ana María Ruiz Delgado"))
    assert (row["LastName"], row["FirstName"]) == ("Ana María Ruiz Delgado", "")
    (row,) = rows_of(line(name=", Ana"))
    assert (row["LastName"], row["FirstName"]) == ("Ana", "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Zoë d'Angelo", "Zoë d'Angelo"),
        ("Zoe\u0308", "Zoë"),
        ("Nguyễn Thị Ánh", "Nguyên Thi Ánh"),
        ("Łukasz Żółć", "Lukasz Zólc"),
        ("O’Neal", "O'Neal"),
        ("Ana\u200b\tMaría\r\n", "Ana María"),
        ("علي حسن", ""),
        ("王 Wei", ""),
        ("Владимир", ""),
        ("Ana \U0001f600", ""),
        ("", ""),
    ],
)
def test_a_name_is_written_in_the_systems_letters(name: str, said: str) -> None:
    assert in_letters(name, "iso-8859-1") == said
    assert in_letters(name, "utf-8") == " ".join(name.replace("\u200b", "").replace("e\u0308", "ë").split())


def test_a_name_without_its_letters_is_told_and_called_all_the_same() -> None:
    lines = [line(name="Nguyễn Ánh"), line(name="علي حسن", reference="C2"), line(name="Zoe\u0308", reference="C3")]
    written = write_call_list(SYSTEM, lines, DAY)
    assert [one.reference for one in written.unmarked] == ["C1"]
    assert [one.reference for one in written.nameless] == ["C2"]
    assert [row["LastName"] for row in rows_of(*lines)] == ["Nguyên Ánh", "Family", "Zoë"]
    assert {row["HomePhone"] for row in rows_of(*lines)} == {"2035550102"}


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "-1", "@x", "\t=1", "\u200b=1", "＝1"])
def test_a_cell_is_never_a_formula(name: str) -> None:
    (row,) = rows_of(line(name=name, school="=1+1"))
    assert row["LastName"].startswith(("'", "Family"))
    assert row["Institution"] == "'=1+1"


def test_braces_and_quotes_in_a_name_are_printed_as_they_are() -> None:
    (row,) = rows_of(line(name='{number} "X"; DROP', reference='C"1,2'))
    assert (row["LastName"], row["ReferenceCode"]) == ('{number} "X"; DROP', 'AP-C"1,2')


def test_two_ids_never_become_one() -> None:
    rows = rows_of(line(reference="Đ1"), line(reference="D1"))
    assert len({row["ReferenceCode"] for row in rows}) == 2


NAMES = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=4))
def test_any_names_make_a_file_of_as_many_lines(people: list[tuple[str, str, str]]) -> None:
    lines = [line(name=name, school=school, reference=key) for name, school, key in people]
    rows = rows_of(*lines)
    assert len(rows) == len(lines)
    assert all(row["HomePhone"] == "2035550102" and row["LastName"] for row in rows)
    assert not any(cell.lstrip().startswith(tuple("=+-@")) for row in rows for cell in row.values())
