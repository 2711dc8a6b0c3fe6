"""My school for a reader who may not see its students: what disclosure control lets out of the house, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from allpresent.measures.disclosure import HIDDEN
from allpresent.web.presenters import history
from allpresent.web.presenters.accountability import guarded, is_few
from allpresent.web.presenters.charts import Reading
from allpresent.web.presenters.district import SchoolCounts
from allpresent.web.presenters.school import Metric
from allpresent.web.presenters.school_lists import ChaseRow, Crossed
from allpresent.web.presenters.school_tables import GroupRow, LevelRow, LevelTable, OnTime, ScopeFacts
from allpresent.web.presenters.tallies import ALL_SCHOOLS, GRADE_RANGES, HIGH

if TYPE_CHECKING:
    from allpresent.web.presenters.school_page import SchoolPage
    from allpresent.web.presenters.scope import Seen


@dataclass(frozen=True)
class Guard:
    """What of one scope's figures may be told; ``last_year`` is the day compared with, ``since`` the last report's."""

    seen: "Seen"
    last_year: date | None
    since: date | None

    @property
    def is_open(self) -> bool:
        """Whether the scope as a whole is large enough to be told of."""
        return self._tells_scope(self.seen.as_of)

    def counts(self, counts: ScopeFacts) -> ScopeFacts:
        """Without last year where its share may not be told."""
        is_told = self.last_year is not None and self._tells_scope(self.last_year)
        return counts if is_told else replace(counts, last_year=None)

    def tells(self, reading: Reading) -> bool:
        """Whether a point of the goal line may be drawn."""
        most = self.seen.rules.hidden_count_max
        return reading.students >= self.seen.rules.hidden_rate_below and not 1 <= reading.chronic <= most

    def narrow(self, page: "SchoolPage", on_time: OnTime) -> "SchoolPage":
        """The page with every number hidden that may not be told."""
        return replace(
            page,
            metrics=self.metrics(page.metrics, on_time),
            levels=self.levels(page.levels),
            grades=tuple(self._group(row) for row in page.grades),
            student_groups=tuple(self._group(row) for row in page.student_groups),
            crossed=self._crossed(page.crossed),
            chase=replace(page.chase, rows=tuple(self._chased(row) for row in page.chase.rows)),
            is_guarded=True,
        )

    def _rows(self, by: str, day: date | None) -> Mapping[str, Mapping[str, str]]:
        """The published rows of the scope by the values of a column; the scope itself for a blank one."""
        from allpresent.measures import groups

        if day is None:
            return {}
        scope = self.seen.scope
        within = "" if scope == ALL_SCHOOLS else "grade_range" if scope in GRADE_RANGES else "school"
        rows = groups(self.seen.facts, day, self.seen.rules, [one for one in (within, by) if one], public=True)
        here = GRADE_RANGES.get(scope, scope)
        return {row[by] if by else "": row for row in rows.to_pylist() if not within or row[within] == here}

    def _tells_scope(self, day: date) -> bool:
        return _is_told(self._rows("", day).get(""), "students", "chronically_absent", "chronic_rate")

    def metrics(self, metrics: tuple[Metric, ...], on_time: OnTime) -> tuple[Metric, ...]:
        """The four figures without what may not be told."""
        chronic, enrolled, unreported, kept = metrics
        whole = self._rows("", self.seen.as_of).get("")
        if not _is_told(whole, "chronic_rate_low", "chronic_rate_high"):
            chronic = replace(chronic, note="")
        if is_few(on_time.done, on_time.due, self.seen.rules.hidden_count_max):
            kept = replace(kept, figure=HIDDEN, note="")
        return chronic, enrolled, unreported, kept

    def levels(self, table: LevelTable) -> LevelTable:
        """The table of levels without what may not be told."""
        now, then = self._rows("level", self.seen.as_of), self._rows("level", self.since)

        def told(row: LevelRow) -> LevelRow:
            if row.key in now and not _is_told(now[row.key], "students"):
                return replace(row, students=HIDDEN, share=HIDDEN, points=HIDDEN)
            is_moved = row.key not in then or _is_told(then[row.key], "students")
            return row if is_moved else replace(row, points=HIDDEN)

        rows = tuple(told(row) for row in table.rows)
        return replace(table, rows=rows, bar=() if any(row.students == HIDDEN for row in rows) else table.bar)

    def _group(self, row: GroupRow) -> GroupRow:
        by, value = row.of
        now, then = (self._rows(by, day).get(value) for day in (self.seen.as_of, self.last_year))
        has_share = _is_told(now, "chronic_rate")
        return replace(
            row,
            students=row.students if _is_told(now, "students") else HIDDEN,
            chronic=row.chronic if _is_told(now, "chronically_absent") else HIDDEN,
            share=row.share if has_share else HIDDEN,
            bounds=row.bounds if _is_told(now, "chronic_rate_low", "chronic_rate_high") else HIDDEN,
            high_levels=HIDDEN,
            points=row.points if has_share and (then is None or _is_told(then, "chronic_rate")) else HIDDEN,
        )

    def _crossed(self, crossed: Crossed) -> Crossed:
        """Counts by level reached, and in all, as they may be told."""
        if not crossed.counts:
            return crossed
        numbers = tuple(int(one.students.replace(",", "")) for one in crossed.counts)
        total, cells = guarded(numbers, self.seen.rules.hidden_count_max)
        counts = tuple(replace(one, students=cell) for one, cell in zip(crossed.counts, cells, strict=True))
        if total != HIDDEN:
            return replace(crossed, counts=counts)
        few = _("Too few students crossed a level since the last report to be counted here.")
        return replace(crossed, sentence=few, counts=(), total=HIDDEN)

    def _chased(self, row: ChaseRow) -> ChaseRow:
        students = row.students.replace(",", "")
        is_small = students.isdecimal() and 1 <= int(students) <= self.seen.rules.hidden_count_max
        return replace(row, students=HIDDEN) if is_small else row


def without_small(seen: "Seen", schools: list[SchoolCounts]) -> list[SchoolCounts]:
    """The schools of the district's grid, each with the columns that may not be told of it."""
    from allpresent.measures import groups, same_school_day_last_year

    def published(day: date, *by: str) -> list[dict[str, str]]:
        return groups(seen.facts, day, seen.rules, ["school", *by], public=True).to_pylist()  # type: ignore[no-any-return]

    now = {row["school"]: row for row in published(seen.as_of)}
    starred = {one.school_id for one in schools if not _is_told(now.get(one.school_id), "students")}
    without_high = _without_high(seen, starred, {one.school_id: one.now.at_l4_or_more for one in schools})
    days = {one.school_id: same_school_day_last_year(seen.facts, seen.as_of, one.school_id) for one in schools}
    then = {day: {row["school"]: row for row in published(day)} for day in {*days.values()} if day is not None}
    made = []
    for one in schools:
        day = days[one.school_id]
        has_share = _is_told(now.get(one.school_id), "students", "chronically_absent", "chronic_rate")
        told = {
            "chronic": has_share,
            "bounds": _is_told(now.get(one.school_id), "chronic_rate_low", "chronic_rate_high"),
            "points": has_share and (day is None or _is_told(then[day].get(one.school_id), "chronic_rate")),
            "levels": one.school_id not in without_high,
            "steps": not is_few(one.on_time.done, one.on_time.due, seen.rules.hidden_count_max),
        }
        made.append(replace(one, untold=frozenset(key for key, is_told in told.items() if not is_told)))
    return made


def _without_high(seen: "Seen", starred: set[str], high: Mapping[str, int]) -> set[str]:
    """The schools of which it may not be told how many stand at L4 to L6: those starred, and those beside them.

    What all hidden levels come to can be worked out from the others; what some of them come to would tell more.
    """
    from allpresent.measures import groups

    def published(*by: str) -> list[dict[str, str]]:
        return groups(seen.facts, seen.as_of, seen.rules, [*by, "level"], public=True).to_pylist()  # type: ignore[no-any-return]

    mixed_ranges = _mixed(published("grade_range"), "grade_range")
    held = groups(seen.facts, seen.as_of, seen.rules, ["grade_range", "school"]).to_pylist()
    ranges: dict[str, set[str]] = {}
    for row in held:
        ranges.setdefault(row["grade_range"], set()).add(row["school"])
    wholes = [(members, name in mixed_ranges) for name, members in ranges.items()]
    wholes.append(({row["school"] for row in held}, bool(_mixed(published(), ""))))
    return hide_beside(starred | _mixed(published("school"), "school"), wholes, high)


def _mixed(rows: list[dict[str, str]], by: str) -> set[str]:
    """The values of a column that have hidden levels both above L3 and below L4."""
    hidden = [(row.get(by, ""), row["level"] in HIGH) for row in rows if not _is_told(row, "students")]
    return {of for of, is_high in hidden if is_high} & {of for of, is_high in hidden if not is_high}


def hide_beside(hidden: set[str], wholes: list[tuple[set[str], bool]], high: Mapping[str, int]) -> set[str]:
    """The hidden schools and those to be hidden beside them, so that no whole less the others tells of one.

    ``wholes`` are schools whose table of levels stands beside them, and whether what its high levels come to is secret;
    ``high`` what those of each school come to, by which the smallest is hidden.
    """
    hidden = set(hidden)
    while True:
        weak = [
            members - hidden
            for members, is_secret in wholes
            if len(members & hidden) == 1 or (is_secret and not members & hidden)
        ]
        told = next((members for members in weak if members), None)
        if told is None:
            return hidden
        hidden.add(min(told, key=lambda one: (not high.get(one), high.get(one, 0), one)))


def guard_of(seen: "Seen", since: date | None) -> Guard:
    """The guard of a scope; ``since`` is the day of the report its levels are compared with."""
    from allpresent.measures import same_school_day_last_year

    last_year = same_school_day_last_year(seen.facts, seen.as_of, history.school_of(seen.scope))
    return Guard(seen, last_year, since)


def _is_told(row: Mapping[str, str] | None, *names: str) -> bool:
    return row is not None and all(row[name] != HIDDEN for name in names)
