"""Worked cases of the rules, drawn: what is printed and what is hidden (cases 30, 32, 33 and 38)."""

from pathlib import Path

from allpresent.measures import percent
from tests.spec.drawn import Drawn, check_groups


def crowd(sizes: dict[str, tuple[int, int]], column: str = "school") -> Drawn:
    """For each school, or meal status, so many students of whom the first so many missed two of ten days."""
    district = Drawn(10, " ".join(sizes) if column == "school" else "A")
    people, absences, flags = [], [], []
    for label, (absent, students) in sizes.items():
        for number in range(students):
            name, school = f"{label}{number:04d}", label if column == "school" else "A"
            people.append(f"{name} | {school}")
            if number < absent:
                absences.append(f"{name} | {school} | 1-2")
            if column != "school":
                flags.append(f"{name} | {column} | {label}")
    district.students("\n".join(["student | school", *people]))
    district.marks("\n".join(["student | school | days", *absences]))
    if flags:
        district.rows("demographics", "\n".join(["student_id | flag | value", *flags]))
    for row in district.tables["schools"]:
        district.taken(f"school | days\n{row['school_id']} | 1-10")
    return district


def test_case_30_a_duty_looks_at_the_exact_rate_not_at_the_printed_one(tmp_path: Path) -> None:
    district = crowd({"A": (299, 2000), "B": (99, 1996)})
    expected = (
        "school | students | chronically_absent | chronic_rate\nA | 2000 | 299 | 0.149500\nB | 1996 | 99 | 0.049599"
    )
    check_groups(tmp_path, district, "10", "school", expected)
    check_groups(tmp_path, district, "10", "", "students | chronically_absent | chronic_rate\n3996 | 398 | 0.099600")
    assert (percent(299, 2000), percent(398, 3996)) == ("15.0", "10.0")
    assert 10 * 398 < 3996
    assert 100 * 299 < 15 * 2000


def test_case_32_the_next_smallest_count_hides_with_the_small_one(tmp_path: Path) -> None:
    district = crowd({"F": (44, 600), "N": (7, 100), "R": (3, 60)}, "frl")
    expected = """
        student_group:frl | students | chronically_absent | chronic_rate
        F                 | 600      | 44                 | 0.073333
        N                 | 100      | *                  | *
        R                 | 60       | *                  | *
        """
    check_groups(tmp_path, district, "10", "student_group:frl", expected, public=True)


def test_case_33_zero_is_shown_and_a_rate_under_twenty_is_not(tmp_path: Path) -> None:
    district = crowd({"A": (0, 15), "B": (0, 25), "C": (6, 18)})
    expected = """
        school | students | chronically_absent | chronic_rate | chronic_rate_low | truant | days_enrolled
        A      | 15       | 0                  | *            | *                | 0      | 150
        B      | 25       | 0                  | 0.000000     | 0.000000         | 0      | 250
        C      | 18       | 6                  | *            | *                | 0      | 180
        """
    check_groups(tmp_path, district, "10", "school", expected, public=True)


def test_case_38_a_group_of_one_shows_nothing(tmp_path: Path) -> None:
    district = crowd({"A": (8, 60), "B": (1, 1), "C": (9, 70)})
    expected = """
        school | students | chronically_absent | chronic_rate | truant | days_enrolled | days_absent | absence_rate
        A      | *        | *                  | *            | *      | *             | *           | *
        B      | *        | *                  | *            | *      | *             | *           | *
        C      | 70       | 9                  | 0.128571     | 0      | 700           | 18          | 0.025714
        """
    check_groups(tmp_path, district, "10", "school", expected, public=True)
