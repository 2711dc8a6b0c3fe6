"""A student information system as plain dictionaries: who is enrolled where under which id, and which days are missed.

Days are numbers of school days of the year, 0 the first. What a person does takes hold on the next school day.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pyarrow as pa

from allpresent.ledger import TABLES

SCHOOLS = ("100", "200", "300")
FIRST = date(2026, 8, 31)
DAYS = tuple(FIRST + timedelta(days=week * 7 + day) for week in range(24) for day in range(5))
# Twins share all of this, and often the name.
ALIKE = {"grade": "04", "birth_date": date(2017, 3, 14), "household_id": "H1"}


@dataclass
class Span:
    """School days at a school, both ends included; an open one has no last."""

    school: str
    first: int
    last: int | None = None

    def holds(self, day: int) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass
class Held:
    """What is held under one id. ``missed`` names the school of each missed day."""

    name: str
    spans: list[Span] = field(default_factory=list)
    missed: dict[int, str] = field(default_factory=dict)
    is_listed: bool = True  # a student who left may be in no file any more

    def at(self, day: int) -> list[str]:
        """The schools of a day."""
        return [span.school for span in self.spans if span.holds(day)]

    @property
    def open_span(self) -> Span | None:
        return next((span for span in self.spans if span.last is None), None)


class Sis:
    """The rows by id, the ids that were given up, and what is delivered of an evening."""

    def __init__(self) -> None:
        self.today = 0  # the last school day whose attendance was taken
        self.rows: dict[str, Held] = {}
        self.former: dict[str, str] = {}  # as former_ids.csv says it
        self.same: dict[str, str] = {}  # ids that are one person, and nobody said so yet
        self._numbers = count(501)

    @property
    def next(self) -> int:
        return self.today + 1

    def enter(self, name: str, school: str) -> str:
        """A new id for somebody who comes."""
        key = f"{next(self._numbers):04}"
        self.rows[key] = Held(name, [Span(school, self.next)])
        return key

    def leave(self, key: str) -> None:
        """End the open span today; one that has not begun never was."""
        held = self.rows[key]
        span = held.open_span
        assert span
        span.last = self.today
        if span.first > self.today:
            held.spans.remove(span)
        held.missed.pop(self.next, None)

    def move(self, key: str, school: str) -> None:
        self.leave(key)
        self.rows[key].spans.append(Span(school, self.next))

    def give_up(self, former: str, current: str) -> None:
        """All that is held under one id goes to the other, and the one is gone."""
        gone, stays = self.rows.pop(former), self.rows[current]
        stays.spans += gone.spans
        stays.missed |= gone.missed
        stays.is_listed = True
        self.say_same(former, current)

    def renumber(self, key: str) -> None:
        """Another number for the same person."""
        new = f"{next(self._numbers):04}"
        self.rows[new] = Held(self.rows[key].name)
        self.give_up(key, new)

    def part(self, key: str, share: int) -> str:
        """Every so many-th missed day of an id, and the spans of those days, are somebody else's."""
        held = self.rows[key]
        days = sorted(held.missed)[::share]
        spans = [
            span for span in held.spans if any(span.holds(day) and span.school == held.missed[day] for day in days)
        ]
        new = f"{next(self._numbers):04}"
        self.rows[new] = Held("Poe, Cy", [replace(span) for span in spans], {day: held.missed.pop(day) for day in days})
        return new

    def listed_pairs(self) -> list[str]:
        """Ids that are one person's second, both of them in the files."""
        return [new for new, old in self.same.items() if self.rows[new].is_listed and self.rows[old].is_listed]

    def say_same(self, former: str, current: str) -> None:
        self.former[former] = current
        self.same.pop(former, None)
        self.same = {new: current if old == former else old for new, old in self.same.items() if current != new}

    def opened(self, school: str) -> Span:
        """A span from the next school day on."""
        return Span(school, self.next)

    def now(self, key: str) -> str:
        """The id that person has now."""
        while key in self.former:
            key = self.former[key]
        return key

    def persons(self) -> dict[str, Held]:
        """One history a person, whatever the ids: what the pages have to say."""
        found: dict[str, Held] = {}
        for key, held in self.rows.items():
            own = found.setdefault(self.now(key), Held(held.name))
            own.spans += [replace(span) for span in held.spans]
            own.missed |= held.missed
        return found

    def tables(self) -> dict[str, pa.Table]:
        """What is delivered this evening. A section keeps whoever ever sat in it, as many a system does."""
        rows = {key: held for key, held in self.rows.items() if held.is_listed}
        spans = [(key, span) for key, held in rows.items() for span in held.spans]
        told: dict[str, list[dict[str, Any]]] = {
            "schools": [{"school_id": one, "name": f"School {one}"} for one in SCHOOLS],
            "calendar_days": [{"school_id": one, "date": day, "in_session": 1} for one in SCHOOLS for day in DAYS],
            "students": [{"student_id": key, "full_name": held.name} | ALIKE for key, held in rows.items()],
            "enrollments": [_enrollment(key, span) for key, span in spans],
            "attendance": [_mark(key, *missed) for key, held in rows.items() for missed in held.missed.items()],
            "attendance_taken": [{"school_id": one, "date": day} for one in SCHOOLS for day in DAYS[: self.next]],
            "staff": [{"staff_id": f"T{one}", "school_id": one, "full_name": f"Teacher {one}"} for one in SCHOOLS],
            "sections": [{"section_id": f"S{one}", "school_id": one, "name": "4A"} for one in SCHOOLS],
            "section_staff": [{"section_id": f"S{one}", "staff_id": f"T{one}"} for one in SCHOOLS],
            "section_students": [
                {"section_id": f"S{span.school}", "student_id": key, "start_date": DAYS[span.first]}
                for key, span in spans
            ],
        }
        return {
            name: pa.Table.from_pylist(
                [{"source_file": f"{name}.csv", "line_no": at} | row for at, row in enumerate(told.get(name, []), 2)],
                schema=table.schema,
            )
            for name, table in TABLES.items()
        }


def _enrollment(key: str, span: Span) -> dict[str, Any]:
    last = None if span.last is None else DAYS[span.last]
    return {"student_id": key, "school_id": span.school, "entry_date": DAYS[span.first], "last_member_date": last}


def _mark(key: str, day: int, school: str) -> dict[str, Any]:
    whole = {"portion_num": 1, "portion_den": 1, "category": "absent", "excused": 0, "disciplinary": 0}
    return {"student_id": key, "school_id": school, "date": DAYS[day], "mode": "day", "counted": 1} | whole
