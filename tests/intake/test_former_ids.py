"""Ids that were given up: what the file may say, and what becomes of the days delivered under them."""

from pathlib import Path

import pytest

from allpresent.intake import IntakeError
from allpresent.intake.former_ids import read_former_ids
from allpresent.ledger import Ledger
from tests.intake.folders import MARKS, PLAIN, TODAY
from tests.intake.folders import post as post_files
from tests.intake.test_merging import deliver, held, without

ABSENT = "{},100,{},1,A,absent,0,0,,day,,\n"
# Ana was entered a second time, as 0509, and each of the two missed a day of her own and one together.
TWICE = PLAIN | {
    "students.csv": PLAIN["students.csv"] + '0509,,"Ruiz, Ana",01,2019-05-04,H1\n',
    "enrollments.csv": PLAIN["enrollments.csv"] + "0509,100,2026-09-02,,01,1,,\n",
    "attendance.csv": MARKS
    + "".join(ABSENT.format(*one) for one in (("0501", "2026-09-01"), ("0501", "2026-09-03")))
    + "".join(ABSENT.format(*one) for one in (("0509", "2026-09-03"), ("0509", "2026-09-04"))),
}
# The system has put the two together under the second one.
ONCE = {name: without(TWICE, name, "0501")[name].replace("0501,", "0509,") for name in ("students.csv",)} | {
    "enrollments.csv": TWICE["enrollments.csv"].replace("0501,", "0509,"),
    "attendance.csv": TWICE["attendance.csv"].replace("0501,", "0509,"),
}
ANA = (10, 3)  # school days, days missed


def say(tmp_path: Path, *rows: str) -> None:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "former_ids.csv").write_text("former_id,student_id\n" + "".join(f"{row}\n" for row in rows))


def counted(tmp_path: Path) -> dict[str, tuple[int, int]]:
    """Of each id the days enrolled and missed over all schools."""
    version = Ledger(tmp_path / "home").current()
    assert version
    strips = version.strips(2026, "pooled")
    days = (strips.count(strips.bits[name]).tolist() for name in ("enrolled", "absent"))
    return dict(zip(strips.student.to_pylist(), zip(*days, strict=True), strict=True))


def test_a_home_without_the_file_has_no_former_ids(tmp_path: Path) -> None:
    assert read_former_ids(tmp_path) == {}


def test_an_id_given_up_twice_is_followed_to_the_one_of_now(tmp_path: Path) -> None:
    say(tmp_path, "1,2", "2,3", "4,3", "1,2")
    assert read_former_ids(tmp_path / "home") == {"1": "3", "2": "3", "4": "3"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"old,new\n1,2\n", "line 1: the columns have to be former_id, student_id"),
        (b"former_id,student_id\n1,2\n3,\n", "line 3: an id is blank"),
        (b"former_id,student_id\n1,2\n1,3\n", "line 3: 1 became 2 above; keep one"),
        (b"former_id,student_id\n1,2\n2,1\n", "leads round to itself"),
        (b"former_id,student_id\n1,1\n", "leads round to itself"),
        (b"former_id,student_id\n1,\xff\n", "is not a table in UTF-8"),
        (b'former_id,student_id\n1,"2\n', "is not a table in UTF-8"),
    ],
)
def test_a_file_that_says_two_things_or_none_holds_the_posting(tmp_path: Path, text: bytes, sentence: str) -> None:
    say(tmp_path)
    (tmp_path / "home" / "former_ids.csv").write_bytes(text)
    with pytest.raises(IntakeError, match=sentence):
        post_files(tmp_path)
    assert Ledger(tmp_path / "home").current() is None


def test_two_ids_in_the_files_are_one_student(tmp_path: Path) -> None:
    say(tmp_path, "0501,0509")
    deliver(tmp_path, "first", TWICE)
    assert held(tmp_path, "students", "student_id", "line_no") == [("0502", "3"), ("0503", "4"), ("0509", "5")]
    assert counted(tmp_path) == {"0502": (10, 0), "0503": (10, 0), "0509": ANA}


def test_what_was_posted_under_the_former_id_follows(tmp_path: Path) -> None:
    deliver(tmp_path, "first", TWICE)
    assert counted(tmp_path)["0501"] == (10, 2)
    say(tmp_path, "0501,0509")
    deliver(tmp_path, "second", TWICE | ONCE)
    assert counted(tmp_path) == {"0502": (10, 0), "0503": (10, 0), "0509": ANA}
    assert "0501" not in {row[0] for row in held(tmp_path, "students", "student_id")}


def test_an_earlier_year_follows_too(tmp_path: Path) -> None:
    past = {
        name: text.replace("2026-0", "2025-0").replace("2025-08-31,,01", "2025-08-31,2025-09-20,01")
        for name, text in PLAIN.items()
    }
    deliver(tmp_path, "past", past)
    say(tmp_path, "0501,0509")
    deliver(tmp_path, "now", {name: text.replace("0501,", "0509,") for name, text in PLAIN.items()})
    assert held(tmp_path, "attendance", "student_id", "date")[-2:] == [("0509", "2025-09-01"), ("0509", "2026-09-01")]
    assert "0501" not in {row[0] for row in held(tmp_path, "enrollments", "student_id")}


def test_days_that_no_file_brings_under_the_other_id_are_not_lost(tmp_path: Path) -> None:
    """The former id came no more and its days neither: it stays, as whoever is missing does."""
    deliver(tmp_path, "first", TWICE)
    say(tmp_path, "0501,0509")
    gone = TWICE | {name: without(TWICE, name, "0501")[name] for name in ("students.csv", "enrollments.csv")}
    deliver(tmp_path, "second", gone | without(gone, "attendance.csv", "0501"))
    assert counted(tmp_path)["0501"][1] == 2
    assert counted(tmp_path)["0509"] == (8, 2)


def test_an_id_of_now_that_nobody_delivered_is_waited_for(tmp_path: Path) -> None:
    say(tmp_path, "0501,0777")
    deliver(tmp_path, "first", PLAIN)
    assert "0501" in counted(tmp_path)


def test_a_twin_is_never_taken_for_the_same(tmp_path: Path) -> None:
    """Name, birthday, household and school are alike, and nobody said that they are one."""
    deliver(tmp_path, "first", TWICE)
    assert counted(tmp_path) == {"0501": (10, 2), "0502": (10, 0), "0503": (10, 0), "0509": (8, 2)}
    assert TODAY.year == 2026
