"""Rule C01: what is too far from the last delivery is held, at district, school and grade."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import Checked
from tests.intake.folders import MARKS, PLAIN, TODAY, WEEKDAYS, found, post, write

SIZE = 100  # students of each school; grades 01 to 04 in turn


def students(school: str, count: int = SIZE, first: int = 0) -> list[tuple[str, str, str]]:
    return [(f"{school}-{number:03}", school, f"{number % 4 + 1:02}") for number in range(first, first + count)]


BOTH = students("100") + students("200")
CALLED = {"100": "Linden", "200": "Harbor"}


def files(
    enrolled: Iterable[tuple[str, str, str]] = BOTH,
    absent_every: int = 4,
    days: int = 5,
    schools: tuple[str, ...] = ("100", "200"),
    taken: bool = True,
) -> dict[str, str]:
    """A delivery: every ``absent_every``-th student is absent on each of the first days."""
    listed = list(enrolled)
    calendar = PLAIN["calendar_days.csv"].splitlines(keepends=True)
    marks = [
        f"{student},{school},{day},1,A,absent,0,0,,day,,\n"
        for student, school, _ in listed
        for day in WEEKDAYS[:days]
        if absent_every and int(student[-3:]) % absent_every == 0
    ]
    rows = [f"{school},{day}\n" for school in schools for day in WEEKDAYS[:days]] if taken else []
    return {
        "schools.csv": "school_id,name\n" + "".join(f"{school},{CALLED[school]}\n" for school in schools),
        "calendar_days.csv": calendar[0] + "".join(line for line in calendar[1:] if line.startswith(schools)),
        "students.csv": "student_id,full_name,grade\n" + "".join(f"{s},{s},{grade}\n" for s, _, grade in listed),
        "enrollments.csv": "student_id,school_id,entry_date,last_member_date\n"
        + "".join(f"{student},{school},2026-08-31,\n" for student, school, _ in listed),
        "attendance.csv": MARKS + "".join(marks),
        "attendance_taken.csv": "school_id,date\n" + "".join(rows),
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one posted delivery of 200 students, 250 days of absence."""
    path = tmp_path_factory.mktemp("drift")
    assert post(path, files()).outcome == "posted"
    return path


def against(home: Path, tmp_path: Path, delivery: dict[str, str]) -> Checked:
    return intake.check_delivery(home / "home", "csv", write(tmp_path / "next", delivery), today=TODAY)


def test_first_delivery_is_compared_with_nothing(tmp_path: Path) -> None:
    assert post(tmp_path, files()).outcome == "posted"


def test_same_delivery_a_day_later_is_no_drift(home: Path, tmp_path: Path) -> None:
    checked = against(home, tmp_path, files(days=6))
    assert (checked.exit_code, found(checked, "C01")) == (0, [])
    assert [(d.school_id, d.students_before, d.students_after) for d in checked.differences] == [
        ("100", 100, 100),
        ("200", 100, 100),
    ]
    assert [(d.absences_before, d.absences_after) for d in checked.differences] == [(125, 125), (125, 125)]


@pytest.mark.parametrize(
    ("lost", "held"),
    [
        (10, False),  # 5 of 100: not more than 5%
        (11, True),
        (80, True),
        (200, True),
    ],
)
def test_district_that_loses_more_than_five_percent_is_held(home: Path, tmp_path: Path, lost: int, held: bool) -> None:
    # Absences stay as they were, so only the students speak.
    gone = {student for student, _, _ in BOTH if int(student[-3:]) % 4}
    out = set(sorted(gone)[::2][: lost // 2]) | set(sorted(gone)[1::2][: lost - lost // 2])
    checked = against(home, tmp_path, files([one for one in BOTH if one[0] not in out][: 200 - lost]))
    messages = [finding.message for finding in found(checked, "C01")]
    assert any("students enrolled in the last delivery are missing" in message for message in messages) == held


def test_school_that_loses_more_than_ten_percent_and_five_is_held(home: Path, tmp_path: Path) -> None:
    eight = [one for one in BOTH if not (one[1] == "200" and 84 <= int(one[0][-3:]) < 92)]
    assert against(home, tmp_path / "8", files(eight)).exit_code == 0
    eleven = [one for one in BOTH if not (one[1] == "200" and int(one[0][-3:]) >= 89)]
    checked = against(home, tmp_path / "11", files(eleven))
    assert "Harbor (200): 11 of 100 students of the last delivery are missing." in checked.why_held


def test_small_school_may_lose_five(tmp_path: Path) -> None:
    small = students("100") + students("200", 20)
    assert post(tmp_path, files(small)).outcome == "posted"
    five = [one for one in small if not (one[1] == "200" and int(one[0][-3:]) % 4 == 1)]
    assert len(five) == 115
    assert against(tmp_path, tmp_path, files(five)).exit_code == 0


def test_grade_that_is_missing_is_held(tmp_path: Path) -> None:
    many = students("100", 400)
    rare = [
        (student, school, "08" if int(student[-3:]) in range(1, 16, 2) else grade) for student, school, grade in many
    ]
    assert post(tmp_path, files(rare, schools=("100",))).outcome == "posted"
    checked = against(tmp_path, tmp_path, files([one for one in rare if one[2] != "08"], schools=("100",)))
    assert checked.why_held == ["Grade 08: 8 of 8 students of the last delivery are missing."]


def test_school_that_is_missing_is_held(home: Path, tmp_path: Path) -> None:
    checked = against(home, tmp_path, files(students("100"), schools=("100",)))
    assert "Harbor (200): 100 of 100 students of the last delivery are missing." in checked.why_held


def test_swapped_schools_and_renumbered_students_are_held(home: Path, tmp_path: Path) -> None:
    swapped = [(student, "200" if school == "100" else "100", grade) for student, school, grade in BOTH]
    assert "Linden (100): 100 of 100 students" in " ".join(against(home, tmp_path / "a", files(swapped)).why_held)
    renumbered = students("100", first=500) + students("200", first=500)
    assert against(home, tmp_path / "b", files(renumbered)).exit_code == 1


def test_three_times_the_students_are_held(home: Path, tmp_path: Path) -> None:
    checked = against(home, tmp_path, files(students("100", 300) + students("200", 300)))
    assert "600 students are enrolled where the last delivery had 200 for the same day." in checked.why_held


@pytest.mark.parametrize(("every", "held"), [(4, False), (5, False), (6, True), (0, True)])
def test_absences_that_vanish_are_held(home: Path, tmp_path: Path, every: int, held: bool) -> None:
    # 250 days before; every fifth: 200, exactly 20% less; every sixth: 170. (Grades change with the students.)
    checked = against(home, tmp_path, files(absent_every=every))
    sentences = [sentence for sentence in checked.why_held if sentence.startswith("The district: 250 days of absence")]
    assert bool(sentences) == held


def test_many_schools_or_grades_are_one_sentence_that_names_the_worst(home: Path, tmp_path: Path) -> None:
    checked = against(home, tmp_path, files(students("100", 60) + students("200", 50)))
    grades = "Students of the last delivery are missing in 4 grades. The most:"
    assert [one for one in checked.why_held if "missing in" in one] == [
        f"{grades} Grade 03: 50, now 27; Grade 04: 50, now 27; Grade 01: 50, now 28. The findings list them all."
    ]
    assert sum("of 50 students of the last delivery are missing" in one.message for one in found(checked, "C01")) == 4


NOT_TAKEN = (
    "No file says where attendance was taken, and the last delivery had one; deliver that file too, or accept the "
    "delivery: new days then count as not reported."
)


def test_a_delivery_that_no_longer_says_where_attendance_was_taken_is_told(home: Path, tmp_path: Path) -> None:
    delivery = {name: text for name, text in files(days=6).items() if name != "attendance_taken.csv"}
    checked = against(home, tmp_path, delivery)
    assert (checked.exit_code, checked.why_held) == (1, [NOT_TAKEN])


def test_absences_that_vanish_at_one_school_are_held(home: Path, tmp_path: Path) -> None:
    delivery = files()
    marks = delivery["attendance.csv"].splitlines(keepends=True)
    fewer = [line for line in marks if not ("200," in line and int(line[4:7]) < 24)]
    checked = against(home, tmp_path, delivery | {"attendance.csv": "".join(fewer)})
    assert checked.why_held == ["Harbor (200): 125 days of absence in the last delivery, 95 now, up to the same day."]


# Days that are emptied


def without(delivery: dict[str, str], gone: Callable[[str, str, int], bool]) -> dict[str, str]:
    """The delivery without the marks (school, day, number of the student) that are gone."""
    header, *marks = delivery["attendance.csv"].splitlines(keepends=True)
    kept = [
        line
        for line in marks
        if not gone(line.split(",")[1], line.split(",")[2], int(line.split(",", maxsplit=1)[0][-3:]))
    ]
    return delivery | {"attendance.csv": header + "".join(kept)}


DAY = str(WEEKDAYS[1])  # 25 absences a school on each of five days


def emptied(where: str, days: str, before: int, after: int) -> str:
    return (
        f"{where} on {days}: {before} absences in the last delivery, {after} now, though school was held; "
        "marks may be missing."
    )


LAST = str(WEEKDAYS[4])  # the day posted last is compared as the others are


@pytest.mark.parametrize(
    ("day", "left", "held"),
    [
        (DAY, {"100": 5, "200": 5}, []),  # 10 of 50, 5 of 25: 80% is gone, which is not more
        (LAST, {"100": 5, "200": 4}, [emptied("The district", LAST, 50, 9)]),
        (DAY, {"100": 25, "200": 4}, [emptied("Harbor (200)", DAY, 25, 4)]),
    ],
)
def test_a_past_day_that_lost_nearly_all_absences_is_held(
    home: Path, tmp_path: Path, day: str, left: dict[str, int], held: list[str]
) -> None:
    fewer = without(files(days=6), lambda school, on, number: on == day and number >= 4 * left[school])
    assert against(home, tmp_path, fewer).why_held == held


def test_emptied_days_of_one_school_are_one_sentence_and_many_days_of_all_too(home: Path, tmp_path: Path) -> None:
    gone = {str(day) for day in WEEKDAYS[1:3]}
    two = without(files(), lambda school, day, number: school == "200" and day in gone)
    days = f"2 days from {WEEKDAYS[1]} to {WEEKDAYS[2]}"
    assert against(home, tmp_path / "a", two).why_held[0] == emptied("Harbor (200)", days, 50, 0)
    gone = {str(day) for day in WEEKDAYS[:4]}
    told = against(home, tmp_path / "b", without(files(), lambda school, day, number: day in gone)).why_held
    worst = "; ".join(f"The district on {day}: 50, now 0" for day in WEEKDAYS[:3])
    assert told[0] == (f"Nearly all absences are gone on 4 school days. The most: {worst}. The findings list them all.")


def test_a_day_that_is_no_school_day_now_or_has_no_attendance_taken_is_not_held(home: Path, tmp_path: Path) -> None:
    fewer = without(files(days=6), lambda school, day, number: day == DAY)
    calendar = "".join(
        line for line in fewer["calendar_days.csv"].splitlines(keepends=True) if line.split(",")[1] != DAY
    )
    taken = "".join(line for line in fewer["attendance_taken.csv"].splitlines(keepends=True) if DAY not in line)
    snow = {"calendar_days.csv": calendar, "attendance_taken.csv": taken}
    assert against(home, tmp_path / "snow", fewer | snow).why_held == []
    assert against(home, tmp_path / "unreported", fewer | {"attendance_taken.csv": taken}).why_held == []
    # Where no file says it, every school day counts as reported.
    never = {name: text for name, text in fewer.items() if name != "attendance_taken.csv"}
    assert against(home, tmp_path / "never", never).why_held == [emptied("The district", DAY, 50, 0), NOT_TAKEN]


def test_a_school_may_lose_a_day_of_five_absences(tmp_path: Path) -> None:
    five = str(WEEKDAYS[2])
    small = files(students("100") + students("200", 24))
    posted = without(small, lambda school, day, number: day == five and number == 0)
    assert post(tmp_path, posted).outcome == "posted"
    for day, held in ((five, []), (DAY, [emptied("Harbor (200)", DAY, 6, 0)])):
        fewer = without(posted, lambda school, on, number, day=day: school == "200" and on == day)  # type: ignore[misc]
        assert against(tmp_path, tmp_path / day, fewer).why_held == held


def test_corrections_are_posted(tmp_path: Path) -> None:
    usual = files(students("100") + students("200", 48), absent_every=8)
    trip = [f"200-{number:03},200,{DAY},1,A,absent,0,0,,day,,\n" for number in range(48) if number % 8]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "district.yaml").write_text("drop_absences_pct: 100\n", encoding="utf-8")
    marked = MARKS + "".join(trip) + usual["attendance.csv"].removeprefix(MARKS)
    assert post(tmp_path, usual | {"attendance.csv": marked}).outcome == "posted"
    # All 48 were marked, 42 of them on a trip; and one in four absences of every other day is taken back.
    others = without(usual, lambda school, day, number: day != DAY and (number // 8 + int(day[-2:])) % 4 == 0)
    assert against(tmp_path, tmp_path, others).why_held == []


def test_single_days_delivered_are_compared_alone(home: Path, tmp_path: Path) -> None:
    def held(name: str, delivery: dict[str, str]) -> list[str]:
        rows = {
            table: "".join(line for line in delivery[table].splitlines(keepends=True) if DAY in line or "_id" in line)
            for table in ("attendance.csv", "attendance_taken.csv")
        }
        folder = write(tmp_path / name, delivery | rows)
        return intake.check_delivery(home / "home", "csv", folder, today=TODAY, delivers="days").why_held

    assert held("whole", files()) == []
    assert held("emptied", without(files(), lambda school, day, number: True))[0] == emptied("The district", DAY, 50, 0)


def test_how_much_of_a_day_may_go_comes_from_the_settings(home: Path, tmp_path: Path) -> None:
    own = shutil.copytree(home, tmp_path / "own")
    (own / "home" / "district.yaml").write_text("drop_day_pct: 100\n", encoding="utf-8")
    fewer = without(files(), lambda school, day, number: school == "200" and day == DAY)
    assert against(own, tmp_path, fewer).why_held == []


def test_everybody_absent_is_held(home: Path, tmp_path: Path) -> None:
    assert against(home, tmp_path, files(absent_every=1)).exit_code == 1


def test_last_day_may_fill_up_later(tmp_path: Path) -> None:
    early = files(days=2)
    marks = early["attendance.csv"].splitlines(keepends=True)
    assert post(
        tmp_path, early | {"attendance.csv": "".join(line for line in marks if str(WEEKDAYS[1]) not in line)}
    ).outcome
    assert against(tmp_path, tmp_path, early).exit_code == 0


def test_older_delivery_is_held_when_it_says_what_was_taken(home: Path, tmp_path: Path) -> None:
    older = against(home, tmp_path / "a", files(days=4))
    assert older.exit_code == 1
    assert older.why_held[0] == (
        "The newest school day delivered, 2026-09-03, is older than 2026-09-04, which is posted already."
    )
    # Without it the newest mark tells; a whole day of absences is not taken back.
    assert against(home, tmp_path / "b", files(days=4, taken=False)).why_held[0] == older.why_held[0]


def test_few_absences_of_the_last_day_may_all_be_taken_back(tmp_path: Path) -> None:
    last, four = str(WEEKDAYS[4]), files(days=4, taken=False)
    marks = [line for line in files()["attendance.csv"].splitlines(keepends=True) if last in line][:5]
    assert post(tmp_path, four | {"attendance.csv": four["attendance.csv"] + "".join(marks)}).outcome == "posted"
    assert not [why for why in against(tmp_path, tmp_path, four).why_held if "is older than" in why]


def test_next_year_alone_is_not_compared(home: Path, tmp_path: Path) -> None:
    later = {
        name: text.replace("2026-08", "2027-08").replace("2026-09", "2027-09") for name, text in files(days=3).items()
    }
    folder = write(tmp_path / "next", later)
    checked = intake.check_delivery(home / "home", "csv", folder, today=TODAY.replace(year=2027))
    assert checked.exit_code == 0


def test_thresholds_come_from_the_settings_of_the_district(tmp_path: Path) -> None:
    assert post(tmp_path, files()).outcome == "posted"
    (tmp_path / "home" / "district.yaml").write_text("drop_absences_pct: 90\n", encoding="utf-8")
    assert against(tmp_path, tmp_path, files(absent_every=6)).exit_code == 0
