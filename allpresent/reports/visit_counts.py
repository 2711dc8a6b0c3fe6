"""How many visits were made in a month and what came of them, told so that no small number can be worked out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from allpresent.measures import Rules
from allpresent.reports.document import HIDDEN, TEXT, Column, Table

OUTCOMES = (("completed", "Completed"), ("attempted", "Attempted, nobody met"), ("declined", "Declined by the family"))
_ROUNDS = 3  # a later visit is sent as the third


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit made or tried: whose, on which day, the how manieth of the school year, what came of it, and where."""

    student_id: str
    on: date
    number: int
    outcome: str
    school_id: str = ""


def _hider(most: int) -> Callable[[int], int | str]:
    return lambda count: HIDDEN if 1 <= count <= most else count


def is_small(cells: Iterable[int], most: int) -> bool:
    """Whether any of them is a count that may not be shown."""
    return any(1 <= cell <= most for cell in cells)


def _gives_away(visits: Sequence[Visit], cells: Callable[[Sequence[Visit]], Sequence[int]], most: int) -> bool:
    """Whether these cells, less those of the schools whose own reports show them, tell what another school's hide."""
    schools: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        schools[visit.school_id].append(visit)
    hidden = [own for own in map(cells, schools.values()) if is_small(own, most)]
    return len(hidden) == 1 or is_small((sum(column) for column in zip(*hidden, strict=True)), most)


def _both(visits: Sequence[Visit]) -> tuple[int, int]:
    return len(visits), len({visit.student_id for visit in visits})


def total_of(visits: Sequence[Visit], rules: Rules) -> tuple[int | str, int | str]:
    """Visits and students, as they may be told."""
    most = rules.hidden_count_max
    if _gives_away(visits, _both, most):
        return HIDDEN, HIDDEN
    hide = _hider(most)
    return hide(len(visits)), hide(_both(visits)[1])


def outcomes_of(visits: Sequence[Visit], rules: Rules) -> Table:
    """Visits and students by what came of the visit."""

    def kind(visit: Visit) -> str:
        return visit.outcome

    return _counts("outcomes", "What came of the visits", "Outcome", dict(OUTCOMES), kind, visits, rules)


def rounds_of(visits: Sequence[Visit], rules: Rules) -> Table:
    """Visits and students by the round."""

    def kind(visit: Visit) -> str:
        return str(min(visit.number, _ROUNDS))

    names = {str(number): f"Visit {number}" for number in range(1, _ROUNDS + 1)}
    return _counts("rounds", "Rounds", "Type", names, kind, visits, rules)


def _counts(
    key: str,
    title: str,
    head: str,
    names: Mapping[str, str],
    kind: Callable[[Visit], str],
    visits: Sequence[Visit],
    rules: Rules,
) -> Table:
    """A table is shown whole or, where any of its cells is small, as its total alone: nothing can be worked out."""

    def cells(some: Sequence[Visit]) -> list[int]:
        return [cell for name in names for cell in _both([visit for visit in some if kind(visit) == name])]

    most = rules.hidden_count_max
    is_hidden = is_small(cells(visits), most) or _gives_away(visits, cells, most)
    rows = [(label, *_both([visit for visit in visits if kind(visit) == name])) for name, label in names.items()]
    return Table(
        key,
        title,
        (Column(head, TEXT), Column("Visits"), Column("Students")),
        tuple((name, HIDDEN, HIDDEN) if is_hidden else (name, *counted) for name, *counted in rows),
        ("All", *total_of(visits, rules)),
        "Small counts are not shown." if is_hidden else "",
    )
