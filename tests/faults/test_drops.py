"""What is far from the last delivery is held before any write, with the difference by school, whatever made it so."""

import csv
import io
import random
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from allpresent.intake import Checked
from allpresent.policy import load_district
from tests.faults import district
from tests.faults.counts import SEED, share
from tests.faults.district import SCHOOLS, Pupil, moved

DAYS = 11
EVERYBODY = district.pupils(100)
GRADES = tuple(grade for grades in SCHOOLS.values() for grade in grades)
PERCENTS = (5, 10, 20, 40, 90, 100)
Files = Mapping[str, bytes]
Says = Callable[[int, str], None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 300 students posted, of the day before."""
    folder = tmp_path_factory.mktemp("drops")
    first = district.files(DAYS - 1, EVERYBODY)
    assert district.post(folder / "home", folder / "first", first, DAYS - 1).outcome == "posted"
    return folder / "home"


def check(home: Path, folder: Path, delivered: Files) -> Checked:
    return district.check(home, folder, dict(delivered), DAYS)


def assert_held(checked: Checked) -> None:
    assert checked.exit_code == 1, checked.why_held
    assert all(sentence.endswith((".", "?")) for sentence in checked.why_held)
    assert [one.school_id for one in checked.differences] == list(SCHOOLS)


# Students who are gone


def without(some: list[Pupil], percent: int, seed: int) -> tuple[list[Pupil], int]:
    """Everybody but so many percent of some, and how many that are."""
    gone = set(random.Random(seed).sample(some, percent * len(some) // 100))
    return [one for one in EVERYBODY if one not in gone], len(gone)


def drops() -> list[tuple[str, str, int]]:
    """Every drop of the plan: the district, each school, each grade, by each percentage."""
    whole = [("district", "", percent) for percent in PERCENTS]
    schools = [("school", school, percent) for percent in PERCENTS for school in SCHOOLS]
    return whole + schools + [("grade", grade, percent) for percent in PERCENTS for grade in GRADES]


def is_too_far(kind: str, name: str, gone: list[Pupil]) -> bool:
    """The rule again, from the settings: so much of the district, a school or a grade."""
    limits = load_district(Path("nowhere"))
    if len(gone) * 100 > limits.drop_students_pct * len(EVERYBODY):
        return True
    groups = [[one for one in EVERYBODY if one.school == school] for school in SCHOOLS]
    groups += [[one for one in EVERYBODY if one.grade == grade] for grade in GRADES]
    lost = [(len([one for one in group if one in set(gone)]), len(group)) for group in groups]
    return any(n * 100 > limits.drop_group_pct * of and n > limits.drop_group_count for n, of in lost)


def test_every_drop_is_held_where_the_settings_say_so(home: Path, tmp_path: Path, survived: Says) -> None:
    cases = drops()
    tried = [cases[at] for at in (12, 33)] if not share(1, 0) else cases
    held = 0
    for at, (kind, name, percent) in enumerate(tried):
        some = [one for one in EVERYBODY if name in ("", one.school, one.grade)]
        left, _ = without(some, percent, SEED + at)
        gone = [one for one in EVERYBODY if one not in set(left)]
        checked = check(home, tmp_path, district.files(DAYS, left) if left else only_headers())
        if is_too_far(kind, name, gone):
            assert_held(checked)
            held += 1
        elif checked.exit_code:
            # Their absences are gone as well, and may be too many by themselves.
            assert all("days of absence" in why or "last rows" in why for why in checked.why_held), checked.why_held
    survived(len(tried), f"drops of students: {held} beyond the limits, all held before any write")


def only_headers() -> Files:
    """A delivery of the right files without any student."""
    whole = district.files(DAYS, EVERYBODY)
    names = ("students.csv", "enrollments.csv", "attendance.csv")
    return whole | {name: whole[name].splitlines(keepends=True)[0] for name in names}


# What leaves the number of students as it is, or the files


def swapped(some: Mapping[str, str]) -> tuple[Pupil, ...]:
    """Everybody, with some schools written for others."""
    return tuple(district.replace(one, school=some.get(one.school, one.school)) for one in EVERYBODY)


def rows_of(delivered: Files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(delivered[name].decode("utf-8-sig"))))


def with_rows(delivered: Files, name: str, rows: list[dict[str, str]]) -> Files:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return {**delivered, name: out.getvalue().encode()}


def exchanged(name: str, one: str, other: str) -> Files:
    """The delivery with the values of two columns in each other's place."""
    whole = district.files(DAYS, EVERYBODY)
    rows = [row | {one: row[other], other: row[one]} for row in rows_of(whole, name)]
    return with_rows(whole, name, rows)


def with_column(name: str, column: str, value: Callable[[dict[str, str]], str]) -> Files:
    """The delivery with another value in each row of one column."""
    whole = district.files(DAYS, EVERYBODY)
    return with_rows(whole, name, [row | {column: value(row)} for row in rows_of(whole, name)])


def one_day_more(some: tuple[Pupil, ...], are_absent: bool) -> tuple[Pupil, ...]:
    """Everybody absent, or nobody, on the day the posted delivery did not know."""
    last = DAYS - 1
    kept = [district.replace(one, missed=tuple(at for at in one.missed if at != last)) for one in some]
    return tuple(district.replace(one, missed=(*one.missed, last)) for one in kept) if are_absent else tuple(kept)


def shifted(delivered: Files, days: int) -> Files:
    """The same files with every date moved."""
    texts = {name: data.decode() for name, data in delivered.items()}
    for day in sorted(district.WEEKDAYS, reverse=days > 0):
        later = str(day.fromordinal(day.toordinal() + days))
        texts = {name: text.replace(str(day), f"<{later}>") for name, text in texts.items()}
    return {name: text.replace("<", "").replace(">", "").encode() for name, text in texts.items()}


def emptied(days: int, gone: Iterable[int], school: str = "") -> Files:
    """The delivery after so many school days without a mark of some of them, at one school or everywhere."""
    whole, dates = district.files(days, EVERYBODY), {str(district.WEEKDAYS[at]) for at in gone}
    rows = rows_of(whole, "attendance.csv")
    return with_rows(
        whole,
        "attendance.csv",
        [row for row in rows if row["date"] not in dates or school not in ("", row["school_id"])],
    )


def renumbered(ids: Callable[[int, district.Pupil], str], some: Iterable[Pupil] = EVERYBODY) -> Files:
    """The delivery with other ids of students."""
    return district.files(DAYS, [district.replace(one, id=ids(at, one)) for at, one in enumerate(some)])


def copied(copies: Iterable[int], school: str = "") -> Files:
    """The delivery with everybody, or a school's students, under more ids."""
    some = [one for one in EVERYBODY if school in ("", one.school)]
    return district.files(
        DAYS, [*EVERYBODY, *(district.replace(one, id=f"{n}{one.id}") for one in some for n in copies)]
    )


def sorted_apart(name: str, column: str, order: Callable[[list[str]], list[str]]) -> Files:
    """The delivery with one column of a file in another order than the others."""
    whole = district.files(DAYS, EVERYBODY)
    rows = rows_of(whole, name)
    values = order([row[column] for row in rows])
    return with_rows(whole, name, [row | {column: value} for row, value in zip(rows, values, strict=True)])


def slipped(values: list[str]) -> list[str]:
    return [*values[1:], values[0]]


def shuffled(values: list[str]) -> list[str]:
    return random.Random(SEED).sample(values, len(values))


SHAPES: dict[str, Callable[[], Files]] = {
    "nobody ever absent": lambda: district.files(DAYS, moved(EVERYBODY, missed=())),
    "everybody always absent": lambda: district.files(DAYS, moved(EVERYBODY, missed=tuple(range(DAYS)))),
    "everybody absent on the new day": lambda: district.files(DAYS, one_day_more(EVERYBODY, True)),
    "nobody absent on the new day": lambda: district.files(DAYS, one_day_more(EVERYBODY, False)),
    "three old days emptied": lambda: emptied(DAYS, (3, 4, 5)),
    "three old days of a school emptied": lambda: emptied(DAYS, (3, 4, 5), "200"),
    "the oldest day emptied": lambda: emptied(DAYS, (0,)),
    "the day posted last emptied": lambda: emptied(DAYS, (DAYS - 2,)),
    "all students twice more": lambda: district.files(
        DAYS, [*EVERYBODY, *(district.replace(one, id=f"{copy}{one.id}") for one in EVERYBODY for copy in (8, 9))]
    ),
    "all ids renumbered": lambda: district.files(DAYS, [district.replace(one, id=f"9{one.id}") for one in EVERYBODY]),
    "94 percent of the ids known": lambda: district.files(
        DAYS, [district.replace(one, id=f"9{one.id}") if at % 16 == 0 else one for at, one in enumerate(EVERYBODY)]
    ),
    "half of the ids renumbered": lambda: renumbered(lambda at, one: f"9{one.id}" if at % 2 else one.id),
    "one school's ids renumbered": lambda: renumbered(lambda at, one: f"9{one.id}" if one.school == "200" else one.id),
    "all ids a digit longer": lambda: renumbered(lambda at, one: f"{one.id}7"),
    "all ids without the school's digit": lambda: renumbered(lambda at, one: one.id[1:]),
    "each student under the next one's id": lambda: renumbered(lambda at, one: EVERYBODY[at - 1].id),
    "all students four times more": lambda: copied((5, 6, 7, 8)),
    "one school's students twice more": lambda: copied((8, 9), "200"),
    "everybody at one school": lambda: district.files(DAYS, swapped({"100": "200", "300": "200"})),
    "two other schools swapped": lambda: district.files(DAYS, swapped({"100": "300", "300": "100"})),
    "names slipped by a row": lambda: sorted_apart("students.csv", "full_name", slipped),
    "grades slipped by a row": lambda: sorted_apart("students.csv", "grade", slipped),
    "absent students slipped by a row": lambda: sorted_apart("attendance.csv", "student_id", slipped),
    "days of absence in another order": lambda: sorted_apart("attendance.csv", "date", shuffled),
    "two schools swapped": lambda: district.files(DAYS, swapped({"100": "200", "200": "100"})),
    "three schools in a ring": lambda: district.files(DAYS, swapped({"100": "200", "200": "300", "300": "100"})),
    "two schools with each other's name": lambda: with_column(
        "schools.csv", "name", lambda row: {"100": "School 200", "200": "School 100"}.get(row["school_id"], row["name"])
    ),
    "two columns: id and name": lambda: exchanged("students.csv", "student_id", "full_name"),
    "two columns: name and grade": lambda: exchanged("students.csv", "full_name", "grade"),
    "two columns: student and school": lambda: exchanged("enrollments.csv", "student_id", "school_id"),
    "two columns: first and last day": lambda: exchanged("enrollments.csv", "entry_date", "last_member_date"),
    "two columns: code and comment": lambda: exchanged("attendance.csv", "code", "comment"),
    "two columns: code and period": lambda: exchanged("attendance.csv", "code", "period"),
    "two columns: portion and excused": lambda: exchanged("attendance.csv", "portion_absent", "excused"),
    "every absence excused": lambda: with_column("attendance.csv", "excused", lambda row: "1"),
    "every absence a tardy": lambda: with_column("attendance.csv", "category", lambda row: "tardy"),
    "every half day a whole one": lambda: with_column("attendance.csv", "portion_absent", lambda row: "0.5"),
    "everybody leaves on the new day": lambda: with_column(
        "enrollments.csv", "last_member_date", lambda row: str(district.WEEKDAYS[DAYS - 2])
    ),
    "attendance taken by one school less": lambda: (
        district.files(DAYS, EVERYBODY) | {"attendance_taken.csv": with_taken(lambda row: row["school_id"] != "300")}
    ),
    "yesterday's file": lambda: district.files(DAYS - 2, EVERYBODY),
    "yesterday's file without attendance taken": lambda: {
        name: data for name, data in district.files(DAYS - 2, EVERYBODY).items() if name != "attendance_taken.csv"
    },
    "last year's file": lambda: shifted(district.files(DAYS, EVERYBODY), -364),
    "tomorrow's file": lambda: district.files(DAYS + 2, EVERYBODY),
    "next year's file": lambda: shifted(district.files(DAYS, EVERYBODY), 364),
}
GATE = (  # one of each kind
    *("all ids renumbered", "two schools swapped", "two columns: name and grade", "nobody absent on the new day"),
    *("everybody leaves on the new day", "attendance taken by one school less", "last year's file", "tomorrow's file"),
    "three old days emptied",
    "days of absence in another order",
)


def with_taken(keep: Callable[[dict[str, str]], bool]) -> bytes:
    whole = district.files(DAYS, EVERYBODY)
    kept = [row for row in rows_of(whole, "attendance_taken.csv") if keep(row)]
    return with_rows(whole, "attendance_taken.csv", kept)["attendance_taken.csv"]


def test_what_keeps_the_counts_is_held_too(home: Path, tmp_path: Path, survived: Says) -> None:
    tried = list(SHAPES) if share(1, 0) else GATE
    for shape in tried:
        checked = check(home, tmp_path / shape, SHAPES[shape]())
        assert checked.exit_code == 1, shape
        assert all(sentence.endswith((".", "?")) for sentence in checked.why_held), checked.why_held
    survived(len(tried), "deliveries of another shape (ids, schools, columns, years, days): all held")


def test_the_oldest_day_gone_each_night_is_held_each_night(home: Path, tmp_path: Path, survived: Says) -> None:
    own, nights = shutil.copytree(home, tmp_path / "own"), share(8, 2)
    for night in range(nights):
        days, folder = DAYS + night, tmp_path / str(night)
        delivered = dict(emptied(days, range(night + 1)))
        gone = f"The district on {district.WEEKDAYS[night]}: {lost(night)} absences in the last delivery, 0 now"
        why = district.post(own, folder, delivered, days).record.why_held
        assert why == [f"{gone}, though school was held; marks may be missing."]
        # Somebody accepts it; the day that goes next is held all the same.
        if night < nights - 1:
            assert district.post(own, folder, delivered, days, accept="Nobody was ill.").outcome == "posted"
    survived(
        nights, "nights that each lose the oldest day left: every one held, also after the one before was accepted"
    )


def lost(day: int) -> int:
    return sum(day in one.missed for one in EVERYBODY)


def test_the_next_day_is_not_held(home: Path, tmp_path: Path) -> None:
    assert check(home, tmp_path, district.files(DAYS, EVERYBODY)).why_held == []


@pytest.mark.parametrize(("days", "is_far"), [(16, False), (17, True)])
def test_one_date_far_ahead_of_all_others_is_held(home: Path, tmp_path: Path, days: int, is_far: bool) -> None:
    """One mark on the newest day, the others up to five or six school days before the day between."""
    whole = district.files(DAYS - 1, EVERYBODY)
    newest = district.WEEKDAYS[days - 1]
    mark = f"{EVERYBODY[0].id},100,{newest},1,A,absent,0,0,,day,,\n"
    ahead = {**whole, "attendance.csv": whole["attendance.csv"] + mark.encode()}
    why = [
        f"The newest day, {newest}, is of 1 of 3 schools, and of the 6 school days before it since "
        f"{district.WEEKDAYS[DAYS - 2]} there is nothing at any; its date may be wrong."
    ]
    for at in (home, tmp_path / "none"):
        assert district.check(at, tmp_path / at.name, dict(ahead), days).why_held == (why if is_far else [])


def test_limits_come_from_the_settings(home: Path, tmp_path: Path) -> None:
    changed = SHAPES["every absence excused"]()
    own = tmp_path / "own"
    first = district.files(DAYS - 1, EVERYBODY)
    assert district.post(own, tmp_path / "first", first, DAYS - 1).outcome == "posted"
    (own / "district.yaml").write_text("changed_values_pct: 100\n", encoding="utf-8")
    assert district.check(own, tmp_path / "next", dict(changed), DAYS).why_held == []
