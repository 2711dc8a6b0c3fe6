"""The files as a Data Export Manager writes them, and the traps that are in them."""

import itertools
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from allpresent.demo import DEMO_TODAY, LAST_DAY, DemoError, demo_home, write_files
from allpresent.demo.identities import STREETS
from tests.demo.conftest import Written
from tests.demo.counting import day, rows

FILES = {
    *("schools", "terms", "calendar_day", "attendance_code", "att_code_code_entity", "code_entity", "fte"),
    *("attendance_conversion_items", "students", "reenrollments", "sections", "cc", "teachers", "attendance"),
    *("attendance_taken", "contacts"),
}
STORM = date(2026, 10, 29)


def _by_id(folder: Path, name: str) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in rows(folder, name)}


def test_both_deliveries_hold_the_sixteen_files(small: Written) -> None:
    for folder in (small.first, small.second):
        assert {path.stem for path in folder.glob("*.txt")} == FILES


def test_lines_end_in_cr_lf_without_quotes_and_all_have_the_cells_of_the_header(small: Written) -> None:
    for path in (*small.first.iterdir(), *small.second.iterdir()):
        text = path.read_bytes().decode("utf-8")
        assert text.endswith("\r\n")
        assert text.count("\n") == text.count("\r\n")
        assert '"' not in text
        cells = {line.count("\t") for line in text.split("\r\n")[:-1]}
        assert len(cells) == 1, path.name


def test_labels_name_table_and_field_and_stay_apart_without_the_table(small: Written) -> None:
    for path in small.second.iterdir():
        labels = path.open(encoding="utf-8").readline().rstrip("\n").split("\t")
        if path.stem != "contacts":
            assert all("." in label for label in labels), path.name
        bare = [label.rsplit(".", 1)[-1].lower() for label in labels]
        assert len(set(bare)) == len(bare), path.name


def test_equal_arguments_give_equal_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_files(tmp_path / name, students=200, seed=seed)
    for path in (tmp_path / "a").rglob("*.txt"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    students = "delivery-2/students.txt"
    assert (tmp_path / "a" / students).read_bytes() != (tmp_path / "c" / students).read_bytes()


@pytest.mark.parametrize(("students", "seed"), [(99, 1), (200, -1)])
def test_size_or_seed_that_cannot_be_made_is_refused(tmp_path: Path, students: int, seed: int) -> None:
    with pytest.raises(DemoError):
        write_files(tmp_path / "out", students=students, seed=seed)
    assert not (tmp_path / "out").exists()


def test_folder_that_is_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("taken")
    with pytest.raises(DemoError, match="cannot be made"):
        write_files(tmp_path / "out", students=200)


def test_progress_is_told_stage_by_stage(tmp_path: Path) -> None:
    told: list[str] = []
    summary = write_files(tmp_path, students=200, progress=told.append)
    assert len(told) >= 3
    assert summary.students == sum(summary.by_school.values()) == 200


def test_keys_point_at_rows_that_are_there(small: Written) -> None:
    students, sections = _by_id(small.second, "students"), _by_id(small.second, "sections")
    teachers, schools = (
        _by_id(small.second, "teachers"),
        {row["school_number"] for row in rows(small.second, "schools")},
    )
    seats = _by_id(small.second, "cc")
    for row in rows(small.second, "attendance"):
        assert row["studentid"] in students
        assert row["schoolid"] in schools
        assert row["ccid"] == "0" or seats[row["ccid"]]["studentid"] == row["studentid"]
    assert all(row["sectionid"].lstrip("-") in sections and row["studentid"] in students for row in seats.values())
    assert all(row["teacher"] in teachers and row["schoolid"] in schools for row in sections.values())
    assert all(row["studentid"] in students for row in rows(small.second, "reenrollments"))
    known = {row["student_number"] for row in students.values()}
    assert all(row["studentnumber"] in known for row in rows(small.second, "contacts") if row["studentnumber"])


def test_numbers_keep_their_leading_zero_and_are_one_a_student(small: Written) -> None:
    numbers = [row["student_number"] for row in rows(small.second, "students")]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"0\d{6}", number) for number in numbers)


def test_dates_have_years_of_two_and_of_four_figures(small: Written) -> None:
    shapes = Counter(
        len(row[column].rsplit("/", 1)[-1])
        for row in rows(small.second, "students")
        for column in ("entrydate", "exitdate")
    )
    assert shapes[4] > 5 * shapes[2] > 0


def test_telephones_are_of_the_fictional_range(small: Written) -> None:
    written = [row["home_phone"] for row in rows(small.second, "students")]
    written += [row["phonenumberasentered"] for row in rows(small.second, "contacts")]
    figures = [re.sub(r"\D", "", text) for text in written if text]
    assert all(re.fullmatch(r"\d{3}55501\d\d", number) for number in figures)


def test_contacts_take_two_to_five_rows_or_one_a_child_more(small: Written) -> None:
    by_person = defaultdict(list)
    for row in rows(small.second, "contacts"):
        by_person[row["new contact identifier"]].append(row)
    sizes = Counter(len(part) for part in by_person.values())
    assert min(sizes) == 2
    assert sum(sizes[size] for size in (2, 3, 4, 5)) > 0.97 * len(by_person)
    first = [part[0] for part in by_person.values()]
    assert all(row["language"] and not row["studentnumber"] for row in first)
    assert len({row["language"] for row in first}) >= 8
    custody = Counter(row["contact has custody"] for part in by_person.values() for row in part if row["studentnumber"])
    assert set(custody) == {"", "0", "1"}


def test_households_share_an_invented_address_which_some_do_not_tell_and_few_may_not(small: Written) -> None:
    people = [row for row in rows(small.second, "contacts") if row["first name"] or row["last name"]]
    told = [row for row in people if row["street"]]
    assert all(re.fullmatch(r"\d+ (.+)", row["street"])[1] in STREETS for row in told)
    assert {(row["city"], row["state"], row["postal code"]) for row in told} == {("Elm Harbor", "CT", "06599")}
    assert not [row for row in people if row["city"] and not row["street"]]
    assert 0.6 * len(people) < len(told) < 0.9 * len(people)
    assert 0 < sum(row["address_protected"] == "1" for row in told) < 0.02 * len(told)
    assert max(Counter((row["street"], row["unit"]) for row in told).values()) > 1


def test_students_have_few_sections_in_k8_and_six_in_high_school(small: Written) -> None:
    high = {row["school_number"] for row in rows(small.second, "schools") if row["low_grade"] == "9"}
    homerooms: Counter[tuple[str, str]] = Counter()
    seats = defaultdict(list)
    for row in rows(small.second, "cc"):
        key = (row["studentid"], row["schoolid"])
        seats[key].append(row)
        homerooms[key] += row["course_number"] == "HR"
    for key, own in seats.items():
        assert len(own) == homerooms[key] * (6 if key[1] in high else 3)


def test_second_delivery_reaches_day_45_and_the_first_day_44(small: Written) -> None:
    assert date(2026, 11, 5) == LAST_DAY < DEMO_TODAY
    for folder, last in ((small.first, date(2026, 11, 4)), (small.second, LAST_DAY)):
        for name in ("attendance", "attendance_taken"):
            assert max(day(row["att_date"]) for row in rows(folder, name)) == last


def _sessions(folder: Path) -> dict[str, list[date]]:
    sessions = defaultdict(list)
    for row in rows(folder, "calendar_day"):
        if row["insession"] == "1":
            sessions[row["schoolid"]].append(day(row["date_value"]))
    return sessions


def test_storm_day_leaves_the_calendar_and_a_make_up_day_comes(small: Written) -> None:
    before, after = _sessions(small.first), _sessions(small.second)
    for school, days in after.items():
        assert set(before[school]) - set(days) == {STORM}
        assert set(days) - set(before[school]) == {date(2027, 6, 10)}
        this_year = [one for one in days if one >= date(2026, 7, 1)]
        assert len(this_year) == 180
        assert sorted(this_year)[44] == LAST_DAY
        assert len(days) - len(this_year) == 181


def _marks(folder: Path) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in rows(folder, "attendance") if row["yearid"] == "36"}


def test_second_delivery_corrects_the_first(small: Written) -> None:
    letters = {row["id"]: row["description"] for row in rows(small.second, "attendance_code")}
    first, second = _marks(small.first), _marks(small.second)
    changed = {
        (letters.get(first[key]["attendance_codeid"]), letters.get(second[key]["attendance_codeid"]))
        for key in first.keys() & second.keys()
    }
    assert ("Absent, no note", "Absent, excused") in changed
    assert ("Absent, no note", "Tardy") in changed
    gone = [first[key] for key in first.keys() - second.keys()]
    assert any(day(row["att_date"]) == STORM for row in gone)
    assert any(day(row["att_date"]) != STORM for row in gone)  # withdrawn
    late = [second[key] for key in second.keys() - first.keys()]
    assert any(day(row["att_date"]) < date(2026, 11, 4) for row in late)
    assert any(day(row["att_date"]) == STORM for row in second.values())  # forgotten ones


def test_last_year_is_complete_and_equal_in_both_deliveries(small: Written) -> None:
    old = [
        [tuple(row.values()) for row in rows(folder, "attendance") if row["yearid"] == "35"]
        for folder in (small.first, small.second)
    ]
    assert old[0] == old[1]
    assert len(old[0]) > 20_000


def test_marks_repeat_contradict_and_carry_unmapped_codes(small: Written) -> None:
    codes, marks = _by_id(small.second, "attendance_code"), _marks(small.second)
    lines = Counter(tuple(row.values()) for row in rows(small.second, "attendance") if row["yearid"] == "36")
    assert sum(copies > 1 for copies in lines.values()) > 1  # the very same row twice
    daily = Counter(
        (row["studentid"], day(row["att_date"])) for row in marks.values() if row["att_mode_code"] == "ATT_ModeDaily"
    )
    assert sum(copies > 1 for copies in daily.values()) > 1
    unmapped = [row for row in marks.values() if row["attendance_codeid"] not in codes]
    assert 1 <= len(unmapped) < len(marks) // 100
    with_category = {row["attendance_codeid"] for row in rows(small.second, "att_code_code_entity")}
    plain = {code for code, row in codes.items() if row["presence_status_cd"] == "Absent" and code not in with_category}
    assert any(row["attendance_codeid"] in plain for row in marks.values())
    assert any(day(row["att_date"]).weekday() == 5 for row in marks.values())


def test_marks_tell_half_days_suspensions_wellness_days_and_meetings(small: Written) -> None:
    codes, marks = _by_id(small.second, "attendance_code"), _marks(small.second)
    used = Counter(
        codes[row["attendance_codeid"]]["description"] for row in marks.values() if row["attendance_codeid"] in codes
    )
    for description in (
        "Half day absent",
        "Suspended out of school",
        "Suspended, alternative education",
        "Mental health wellness day",
        "Tardy",
        "Homebound instruction",
    ):
        assert used[description] > 3, description
    assert sum(row["att_mode_code"] == "ATT_ModeMeeting" for row in marks.values()) > 100
    modes = {row["dflt_att_mode_code"] for row in rows(small.second, "fte")}
    assert modes == {"ATT_ModeDaily"}


def test_letter_e_means_another_thing_at_the_high_schools(small: Written) -> None:
    meaning = defaultdict(set)
    for row in rows(small.second, "attendance_code"):
        if row["att_code"] == "E":
            meaning[row["schoolid"] >= "201"].add(row["presence_status_cd"])
    assert meaning == {False: {"Absent"}, True: {"Present"}}


def test_enrollments_hold_late_entries_leavers_movers_overlaps_and_no_shows(full: Written) -> None:
    spans = defaultdict(list)
    for name, key in (("students", "id"), ("reenrollments", "studentid")):
        for row in rows(full.second, name):
            if day(row["entrydate"]) >= date(2026, 8, 31):
                spans[row[key]].append((day(row["entrydate"]), day(row["exitdate"]), row["schoolid"]))
    one = [own[0] for own in spans.values() if len(own) == 1]
    assert sum(entry > date(2026, 8, 31) for entry, _, _ in one) > 500
    assert sum(entry < exit_ <= LAST_DAY for entry, exit_, _ in one) > 200
    assert sum(entry == exit_ for entry, exit_, _ in one) > 20
    two = [sorted(own) for own in spans.values() if len(own) == 2]
    assert sum(old[2] != new[2] for old, new in two) > 200
    assert sum(old[2] != new[2] and old[1] > new[0] for old, new in two) > 20
    assert sum(old[2] == new[2] for old, new in two) > 5
    assert not any(exit_ < entry for own in spans.values() for entry, exit_, _ in own)


def test_two_schools_and_a_dozen_teachers_are_silent(full: Written) -> None:
    homerooms = {row["id"]: row["schoolid"] for row in rows(full.second, "sections") if row["course_number"] == "HR"}
    last = {row["sectionid"] for row in rows(full.second, "attendance_taken") if day(row["att_date"]) == LAST_DAY}
    silent = homerooms.keys() - last
    by_school = Counter(homerooms[room] for room in silent)
    whole = [school for school in by_school if by_school[school] == list(homerooms.values()).count(school)]
    assert len(whole) == len(full.summary.silent_schools) == 2
    assert sum(by_school[school] for school in by_school if school not in whole) == full.summary.silent_teachers == 12
    assert full.summary.by_school.keys() >= set(full.summary.silent_schools)


def test_absences_come_in_spells_and_more_on_mondays_and_fridays(small: Written) -> None:
    codes = _by_id(small.second, "attendance_code")
    days = [one for one in sorted(_sessions(small.second)["101"]) if date(2026, 8, 31) <= one <= LAST_DAY]
    out = defaultdict(set)
    for row in _marks(small.second).values():
        code = codes.get(row["attendance_codeid"])
        if code and code["presence_status_cd"] == "Absent" and not code["description"].startswith("Half"):
            out[row["studentid"]].add(day(row["att_date"]))
    some = [own & set(days) for own in out.values() if 5 <= len(own) <= 9]
    follows = sum(earlier in own and later in own for own in some for earlier, later in itertools.pairwise(days))
    share = follows / sum(len(own) for own in some)
    assert share > 2 * (7 / 45)  # by chance alone about 7 in 45
    weekday = Counter(one.weekday() for own in some for one in own)
    offered = Counter(one.weekday() for one in days)
    rate = {number: weekday[number] / offered[number] for number in range(5)}
    assert min(rate[0], rate[4]) > 1.1 * max(rate[1], rate[2], rate[3])


def test_the_tutorial_names_people_one_can_sign_in_as(full: Written, tmp_path: Path) -> None:
    tutorial = Path(__file__).parents[2] / "docs" / "tutorials" / "first-day.md"
    named = re.findall(r"choose \*\*(.+?), ", tutorial.read_text(encoding="utf-8"))
    assert len(named) == 3
    assert set(named) <= {person.full_name for person in demo_home(tmp_path, full.summary.students)}


def test_nobody_who_is_written_to_has_the_name_of_a_child_of_theirs(small: Written) -> None:
    child = {row["student_number"]: (row["first_name"], row["last_name"]) for row in rows(small.second, "students")}
    named: dict[str, tuple[str, str]] = {}
    ties = []
    for row in rows(small.second, "contacts"):
        if row["first name"] or row["last name"]:
            named[row["contact id"]] = row["first name"], row["last name"]
        if row["studentnumber"]:
            ties.append((row["contact id"], row["studentnumber"]))
    assert ties
    assert [tie for tie in ties if named[tie[0]] == child[tie[1]]] == []
