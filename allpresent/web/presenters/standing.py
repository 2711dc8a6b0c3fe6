"""Rows of the standings as plain values, and the student line made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import ngettext

from allpresent.web.presenters.shares import days, days_words, percent
from allpresent.web.presenters.strips import Strip, make_strip
from allpresent.web.presenters.student_line import StepWords, StudentLine
from allpresent.web.presenters.words import grade_room

_COLUMNS = ["student_id", "days_absent", "days_reported", "days_unreported", "level", "is_chronically_absent"]


@dataclass(frozen=True)
class StandingRow:
    """One student's standing on the page's day. ``rate`` is as shown, blank while nothing is reported."""

    student_id: str
    level: str
    days_absent: int | str  # decimal text where the district counts parts of days
    days_reported: int
    days_unreported: int
    is_chronic: bool

    @property
    def rate(self) -> str:
        return percent(days(self.days_absent), self.days_reported) if self.days_reported else ""

    @property
    def unreported_words(self) -> str:
        if not self.days_unreported:
            return ""
        return ngettext("%(count)d not reported", "%(count)d not reported", self.days_unreported) % {
            "count": self.days_unreported
        }


def standing_rows(standings: pa.Table | None, student_ids: Iterable[str]) -> dict[str, StandingRow]:
    """The standings of these students by id; a student without a school day yet is not among them."""
    if standings is None:
        return {}
    wanted = pa.array(list(student_ids), pa.string())
    rows = standings.select(_COLUMNS).filter(pc.is_in(standings["student_id"], value_set=wanted)).to_pylist()
    return {
        row["student_id"]: StandingRow(
            student_id=row["student_id"],
            level=row["level"],
            days_absent=row["days_absent"],
            days_reported=row["days_reported"],
            days_unreported=row["days_unreported"],
            is_chronic=bool(row["is_chronically_absent"]),
        )
        for row in rows
    }


@dataclass(frozen=True)
class Person:
    """Who a student is, as the roster says; ``url`` opens the page the line leads to."""

    student_id: str
    name: str
    grade: str
    homeroom: str
    url: str = ""
    school: str = ""


def student_line(
    person: Person,
    row: StandingRow | None,
    days: Sequence[tuple[date, str]],
    last_contact: str = "",
    step: StepWords | None = None,
) -> StudentLine:
    """The line of one student."""
    words = step or StepWords()
    return StudentLine(
        student_id=person.student_id,
        name=person.name,
        url=person.url,
        grade_room=grade_room(person.grade, person.homeroom),
        level=row.level if row else None,
        days=make_strip(days) if days else Strip((), ""),
        days_absent=days_words(row.days_absent) if row else "0",
        days_reported=row.days_reported if row else 0,
        rate=row.rate if row else "",
        is_chronic=bool(row and row.is_chronic),
        unreported=row.unreported_words if row else "",
        school=person.school,
        last_contact=last_contact,
        next_step=words.next_step,
        due=words.due,
        late=words.late,
    )
