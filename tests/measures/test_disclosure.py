"""Disclosure control against an outsider who knows the rule, every table that is published, and linear algebra."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpresent.measures import Rules
from allpresent.measures.disclosure import COUNTS, Guarded, coarser_tables, guard, publish
from allpresent.measures.grouping import Grouped

RULES = Rules()
RANGES = {grade: name for name, grades in RULES.grade_ranges for grade in grades}
Cell = dict[str, int]
District = dict[tuple[str, str], Cell]
GRADES = ["04", "05", "09", "PK"]


def cell(students: int, chronic: int = 0, unreported: int = 0, truant: int = 0) -> Cell:
    """A group of students over ten days each; its bounds one student either side where days are unreported."""
    spread = 1 if unreported else 0
    return {
        "students": students,
        "chronic": chronic,
        "low": max(0, chronic - spread),
        "high": min(students, chronic + spread),
        "truant": truant,
        "days_enrolled": students * 10,
        "days_unreported": unreported,
        "days_absent": chronic * 2,
    }


def counter(district: District) -> Callable[[tuple[str, ...]], Grouped]:
    """Exact groups of any columns, as sums of the district's cells by school and grade."""

    def count(by: tuple[str, ...]) -> Grouped:
        sums: dict[tuple[str, ...], Cell] = {}
        for (school, grade), counts in sorted(district.items()):
            label = {"school": school, "grade": grade, "grade_range": RANGES.get(grade, "")}
            total = sums.setdefault(tuple(label[name] for name in by), dict.fromkeys(counts, 0))
            for name, value in counts.items():
                total[name] += value
        labels = {name: [key[place] for key in sums] for place, name in enumerate(by)}
        columns = {name: np.array([total[name] for total in sums.values()], dtype=np.int64) for name in cell(0)}
        return Grouped(by=by, labels=labels, whole=1, **columns)

    return count


class Outsider:
    """Knows the shown cells of every published table and what adds up to what; solves for the hidden ones exactly."""

    def __init__(
        self, tables: dict[tuple[str, ...], Guarded], finest: tuple[str, ...], count: str, is_seen: bool = True
    ) -> None:
        self.tables, self.finest, self.name = tables, finest, count
        fine = tables[finest]
        self.unseen = fine.unseen[count] if is_seen else np.ones(len(fine.grouped.students), dtype=bool)
        self.cells = np.flatnonzero(self.unseen).tolist()
        self.rows = [self.row_of(key, place) for key, place in self.shown()]
        self.basis = eliminate([row for row in self.rows if any(row)])

    def shown(self) -> list[tuple[tuple[str, ...], int]]:
        return [
            (key, place)
            for key, table in self.tables.items()
            if key != self.finest
            for place in np.flatnonzero(~table.unseen[self.name]).tolist()
        ]

    def row_of(self, key: tuple[str, ...], place: int) -> list[Fraction]:
        """Which hidden cells of the finest table add up to a cell of another."""
        fine, coarse = self.tables[self.finest].grouped, self.tables[key].grouped
        row = []
        for number in self.cells:
            label = {name: fine.labels[name][number] for name in self.finest}
            label["grade_range"] = RANGES.get(label.get("grade", ""), "")
            row.append(Fraction(int(all(label[name] == coarse.labels[name][place] for name in key))))
        return row

    def knows(self, row: list[Fraction]) -> bool:
        """Whether a sum of hidden cells follows from what is shown."""
        return not any(reduce_by(self.basis, row))

    def worked_out(self) -> set[tuple[tuple[str, ...], int]]:
        """Hidden cells of any table whose value follows."""
        found = set()
        for key, table in self.tables.items():
            for place in np.flatnonzero(table.kept[self.name]).tolist():
                if key == self.finest:
                    row = [Fraction(int(number == place)) for number in self.cells]
                else:
                    row = self.row_of(key, place)
                if self.knows(row):
                    found.add((key, place))
        return found


def eliminate(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Rows with distinct leading places that span the same sums."""
    basis: list[list[Fraction]] = []
    for row in rows:
        left = reduce_by(basis, row)
        if any(left):
            lead = next(value for value in left if value)
            basis.append([value / lead for value in left])
            basis.sort(key=leading)
    return basis


def leading(row: list[Fraction]) -> int:
    return next(place for place, value in enumerate(row) if value)


def reduce_by(basis: list[list[Fraction]], row: list[Fraction]) -> list[Fraction]:
    for known in basis:
        factor = row[leading(known)]
        if factor:
            row = [value - factor * other for value, other in zip(row, known, strict=True)]
    return row


def tables_of(district: District, by: tuple[str, ...]) -> dict[tuple[str, ...], Guarded]:
    known: dict[tuple[str, ...], Guarded] = {}
    guard(by, counter(district), RULES, known)
    return known


SIZES = st.sampled_from([0, 0, 1, 2, 3, 5, 6, 7, 12, 19, 20, 24, 40])


@st.composite
def districts(draw: st.DrawFn) -> District:
    schools = ["A", "B", "C", "D"][: draw(st.integers(1, 4))]
    grades = GRADES[: draw(st.integers(1, 4))]
    district = {}
    for school in schools:
        for grade in grades:
            students = draw(SIZES)
            if students:
                chronic = min(students, draw(SIZES))
                district[school, grade] = cell(
                    students, chronic, draw(st.sampled_from([0, 0, 4])), min(students, draw(SIZES))
                )
    return district


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(
    district=districts(), by=st.sampled_from([("school", "grade"), ("grade",), ("school",), ("school", "grade_range")])
)
def test_no_small_count_can_be_worked_out(district: District, by: tuple[str, ...]) -> None:
    tables = tables_of(district, by)
    for name in COUNTS:
        outsider = Outsider(tables, by, name)
        # What two coarser tables give away between them is beyond this table's help.
        given_away = Outsider(tables, by, name, is_seen=False)
        for key, place in outsider.worked_out():
            value = tables[key].values(name)[place]
            label = {column: tables[key].grouped.labels[column][place] for column in key}
            if value > 0 and not given_away.knows(full_row(given_away, key, place)):
                pytest.fail(f"{name} of {label} ({value}) follows from what is shown")


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(district=districts())
def test_the_hidden_cells_of_a_total_are_no_small_group_together(district: District) -> None:
    by = ("school", "grade")
    tables = tables_of(district, by)
    fine = tables[by]
    for name in ("students", "chronic", "truant"):
        totals = [
            [
                cell
                for cell in range(len(fine.grouped.students))
                if is_part(fine.grouped, cell, tables[key].grouped, place)
            ]
            for key, place in Outsider(tables, by, name).shown()
        ]
        # A group that is a total by itself is known from there, and cannot cover another.
        alone = {total[0] for total in totals if len(total) == 1}
        for total in totals:
            hidden = [cell for cell in total if fine.unseen[name][cell]]
            rest = sum(int(fine.values(name)[cell]) for cell in hidden)
            assert not 1 <= rest <= 5 or not set(total) - set(hidden) - alone


def is_part(fine: Grouped, cell: int, coarse: Grouped, place: int) -> bool:
    label = {name: fine.labels[name][cell] for name in fine.by}
    label["grade_range"] = RANGES.get(label["grade"], "")
    return all(label[name] == coarse.labels[name][place] for name in coarse.by)


def full_row(outsider: Outsider, key: tuple[str, ...], place: int) -> list[Fraction]:
    if key == outsider.finest:
        return [Fraction(int(number == place)) for number in outsider.cells]
    return outsider.row_of(key, place)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(district=districts())
def test_every_small_figure_is_hidden_and_zero_is_shown(district: District) -> None:
    rows = publish(guard(("school", "grade"), counter(district), RULES), RULES).to_pylist()
    for row in rows:
        exact = district[row["school"], row["grade"]]
        if 1 <= exact["students"] <= 5:
            assert {value for name, value in row.items() if name not in ("school", "grade")} == {"*"}
        if 1 <= exact["chronic"] <= 5:
            assert (row["chronically_absent"], row["chronic_rate"], row["days_absent"]) == ("*", "*", "*")
        if 1 <= exact["truant"] <= 5:
            assert (row["truant"], row["absence_rate"]) == ("*", "*")
        if exact["students"] < 20:
            assert (row["chronic_rate"], row["chronic_rate_low"], row["chronic_rate_high"]) == ("*", "*", "*")
        shown = {name: value for name, value in row.items() if value != "*"}
        if "students" in shown:
            assert shown["students"] == str(exact["students"])


def test_a_table_with_nothing_small_is_shown_whole() -> None:
    district = {("A", "04"): cell(40, 10), ("B", "04"): cell(30, 8), ("B", "05"): cell(25, 6)}
    rows = publish(guard(("school", "grade"), counter(district), RULES), RULES).to_pylist()
    assert not any(value == "*" for row in rows for value in row.values())


def test_hiding_is_the_same_in_every_table_of_a_report() -> None:
    district = {("A", "04"): cell(3, 1), ("A", "05"): cell(40, 9), ("B", "04"): cell(30, 8), ("B", "05"): cell(60, 12)}
    finest = tables_of(district, ("school", "grade"))
    for key in coarser_tables(("school", "grade")):
        alone = publish(guard(key, counter(district), RULES), RULES)
        assert alone.equals(publish(finest[key], RULES))


def test_six_hidden_ones_do_not_add_up_to_themselves() -> None:
    # Six schools with one chronically absent student each: the total alone would say so.
    district = {(school, "04"): cell(30, 1) for school in "ABCDEF"} | {("G", "04"): cell(30, 9)}
    rows = publish(guard(("school",), counter(district), RULES), RULES).to_pylist()
    assert [row["chronically_absent"] for row in rows] == ["*"] * 7


def test_two_hidden_cells_together_are_no_group_of_five() -> None:
    district = {("A", "04"): cell(40, 2), ("B", "04"): cell(40, 3), ("C", "04"): cell(40, 8), ("D", "04"): cell(40, 9)}
    rows = publish(guard(("school",), counter(district), RULES), RULES).to_pylist()
    assert [row["chronically_absent"] for row in rows] == ["*", "*", "*", "9"]


def test_a_cell_fixed_by_several_totals_together_is_not_left() -> None:
    # Two squares of hidden cells and one cell between them: every row and column hides two or more, yet the one
    # between follows from all of them together.
    small = {("A", "04"): 4, ("A", "05"): 5, ("B", "04"): 5, ("B", "05"): 4, ("B", "06"): 3}
    small |= {("C", "06"): 4, ("C", "07"): 5, ("D", "06"): 5, ("D", "07"): 4}
    sizes = {(school, grade): 40 for school in "ABCD" for grade in ("04", "05", "06", "07")} | small
    tables = tables_of({key: cell(size) for key, size in sizes.items()}, ("school", "grade"))
    outsider = Outsider(tables, ("school", "grade"), "students")
    assert np.count_nonzero(tables["school", "grade"].unseen["students"]) > len(small)
    assert not outsider.worked_out()


def test_counts_rise_along_the_tables() -> None:
    keys = [*coarser_tables(("school", "grade"))]
    assert keys[-1] == ()
    assert all(len(first) >= len(then) for first, then in pairwise(keys) if not then)
