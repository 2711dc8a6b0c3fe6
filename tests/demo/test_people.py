"""Names, households and groups of the synthetic district, as its files show them."""

from collections import Counter, defaultdict
from datetime import date

from tests.demo.conftest import Written
from tests.demo.counting import day, rows


def test_names_have_accents_apostrophes_hyphens_two_surnames_and_single_words(small: Written) -> None:
    students = list(rows(small.second, "students"))
    full = [f"{row['first_name']} {row['last_name']}".strip() for row in students]
    assert any(not name.isascii() for name in full)
    assert any("'" in name for name in full)
    assert any("-" in name for name in full)
    assert any(" " in row["last_name"] and row["first_name"] for row in students)
    assert any(" " not in name for name in full)
    assert all(row["last_name"] for row in students)
    assert len(set(full)) > 0.9 * len(full)


def test_brothers_and_sisters_share_a_household_an_address_and_often_a_name(small: Written) -> None:
    homes = defaultdict(list)
    for row in rows(small.second, "students"):
        homes[row["family_ident"]].append(row)
    shared = [own for own in homes.values() if len(own) > 1]
    assert len(shared) > len(homes) // 3
    assert all(len({row["street"] for row in own}) == 1 for own in shared)
    assert sum(len({row["last_name"] for row in own}) == 1 for own in shared) > len(shared) // 2
    assert max(len(own) for own in homes.values()) <= 5


def test_student_groups_are_of_plausible_size(small: Written) -> None:
    here = [row for row in rows(small.second, "students") if row["enroll_status"] == "0"]
    share = {flag: sum(row[flag] == "1" for row in here) / len(here) for flag in ("el", "swd", "s504", "homeless")}
    assert 0.1 < share["swd"] < 0.22
    assert 0.12 < share["el"] < 0.4
    assert 0.01 < share["s504"] < 0.1
    assert 0 < share["homeless"] < 0.06
    assert Counter(row["lunchstatus"] for row in here)["F"] > len(here) // 2
    assert {row["fedethnicity"] for row in here if row["ethnicity"] == "H"} == {"1"}
    assert {row["ethnicity"] for row in here} >= {"A", "B", "H", "M", "W"}
    assert {row["primarylanguage"] for row in here if row["el"] == "1"}.isdisjoint({"en"})


def test_ages_follow_grades(small: Written) -> None:
    for row in rows(small.second, "students"):
        if row["enroll_status"] == "0":
            age = 2026 - day(row["dob"]).year
            assert age - 7 <= int(row["grade_level"]) <= age - 5


def test_home_room_is_the_room_of_the_homeroom(small: Written) -> None:
    rooms = {row["id"]: row["room"] for row in rows(small.second, "sections")}
    latest: dict[str, tuple[date, str]] = {}
    for row in rows(small.second, "cc"):
        if row["course_number"] == "HR":
            latest[row["studentid"]] = max(
                latest.get(row["studentid"], (day("1/1/20"), "")), (day(row["dateenrolled"]), rooms[row["sectionid"]])
            )
    wrong = [
        row["id"]
        for row in rows(small.second, "students")
        if row["id"] in latest and row["home_room"] != latest[row["id"]][1]
    ]
    assert len(wrong) <= 3  # an enrollment typed twice has two homerooms from the first day
