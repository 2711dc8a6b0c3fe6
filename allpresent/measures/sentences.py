"""The rules of a day in plain words."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from allpresent.measures.parameters import Rules

LEFT_OUT_BY_INTAKE = "kept on reading, but a rule keeps it out of every count (see the delivery's findings)"
LEFT_OUT_NOT_ENROLLED = "not counted: on this day the student was not enrolled at that school, or it was not in session"
# The columns of the attendance table that a mark is made from, and whether it is counted at all.
MARK_COLUMNS = (
    *(
        "date",
        "school_id",
        "portion_num",
        "portion_den",
        "code",
        "category",
        "excused",
        "disciplinary",
        "mode",
        "period",
    ),
    *("periods_in_day", "counted", "source_file", "line_no", "delivery_id"),
)


@dataclass(frozen=True)
class MarkSeen:
    """One mark as delivered. ``share_of_day`` is its exact part of the day; ``why_left_out`` is blank if it counts."""

    date: date
    school_id: str
    code: str
    category: str
    mode: str
    period: str
    share_of_day: Fraction
    is_excused: bool
    is_disciplinary: bool
    is_unknown: bool
    source_file: str
    line_no: int | None
    delivery_id: str
    why_left_out: str

    @property
    def is_counted(self) -> bool:
        """Whether the mark takes part in deciding the day."""
        return not self.why_left_out

    @classmethod
    def from_row(cls, row: dict[str, Any], why_left_out: str) -> "MarkSeen":
        """A mark from a row of the attendance table."""
        mode, periods = row["mode"] or "day", row["periods_in_day"] or 0
        portion = Fraction(row["portion_num"] or 0, row["portion_den"] or 1)
        if mode in ("am", "pm"):
            portion /= 2
        elif mode == "period" and periods > 0:
            portion /= periods
        return cls(
            date=row["date"],
            school_id=row["school_id"],
            code=row["code"] or "",
            category=row["category"] or "unknown",
            mode=mode,
            period=row["period"] or "",
            share_of_day=portion,
            is_excused=row["excused"] == 1,
            is_disciplinary=row["disciplinary"] == 1,
            is_unknown=(row["category"] or "unknown") == "unknown" or (mode == "period" and periods < 1),
            source_file=row["source_file"] or "",
            line_no=row["line_no"],
            delivery_id=row["delivery_id"] or "",
            why_left_out=why_left_out,
        )


def rule_of(
    state: str,
    deciding: MarkSeen | None,
    is_unknown: bool,
    taken: tuple[str, str, int | None] | None,
    has_taken: bool,
) -> str:
    """The key of the rule that gave a day its state."""
    if state in ("no_school", "not_enrolled"):
        return state
    if is_unknown:
        return "unknown_code"
    if state == "not_reported":
        return "nothing_taken"
    if deciding is None:
        if not has_taken:
            return "no_mark_is_present"
        return "section_taken" if taken and taken[0] else "school_taken"
    return "marked"


_PLAIN = {
    "no_school": "No school: the student's school was not in session.",
    "not_enrolled": "Not counted: the student was not enrolled at a school in session on this day.",
    "nothing_taken": "Not reported: there is no mark, and no attendance was taken for the student on this day.",
    "no_mark_is_present": "Present: there is no mark, and the delivery keeps no record of who took attendance.",
    "school_taken": "Present: there is no mark, and attendance was taken at the school.",
}
_CLASSES = {"excused": "excused", "unexcused": "unexcused", "disciplinary": "for discipline"}


def sentence(
    rule: str,
    state: str,
    portion: Fraction | None,
    deciding: MarkSeen | None,
    marks: int,
    section: str,
    rules: Rules,
) -> str:
    """One sentence that says what the day counts as and why."""
    if rule in _PLAIN:
        return _PLAIN[rule]
    if rule == "section_taken":
        return f"Present: there is no mark, and attendance was taken in section {section}."
    code = f" (code {deciding.code})" if deciding and deciding.code else ""
    if rule == "unknown_code":
        return f"Not reported: a mark{code} has no known meaning, so the day is unknown, whatever else is marked."
    size = _size(portion or Fraction(0))
    several = f", {marks} marks taken together" if marks > 1 else ""
    if state in _CLASSES:
        least = "half or more" if rules.is_half_absent else "more than half"
        why = "" if portion == 1 else f"; {least} counts as absent"
        if rules.day_rule != "state":
            why = "; the share missed is what counts"
        return f"Absent, {_CLASSES[state]}: {size} was missed{code}{several}{why}."
    if rules.day_rule != "state" and portion:
        return f"{size[0].upper()}{size[1:]} was missed{code}{several}; the share missed is what counts."
    if state == "half":
        return f"Present: exactly half of the day was missed{code}{several}, and half a day attended counts as present."
    if portion:
        return f"Present: {size} was missed{code}{several}, less than half."
    return f"Present, late{code}." if state == "tardy" else f"Present: the mark{code} counts no absence{several}."


def _size(portion: Fraction) -> str:
    if portion == 1:
        return "the whole day"
    return f"{portion.numerator}/{portion.denominator} of the day"
