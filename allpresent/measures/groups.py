"""Groups of students: counts and rates by school, grade, level, band or student group."""

from datetime import date

import pyarrow as pa

from allpresent.measures.disclosure import disclose
from allpresent.measures.engine import Facts
from allpresent.measures.grouping import check_by, figures, group
from allpresent.measures.parameters import Rules


def groups(
    facts: Facts, as_of: date, rules: Rules, by: list[str], everyone: bool = False, public: bool = False
) -> pa.Table:
    """One row a group of the students enrolled on ``as_of`` (``everyone`` adds those who left): ``by``, then figures.

    ``by`` holds any of school, grade, grade_range, level, attendance_works_band and student_group:NAME. Rates are
    exact decimals, null at zero. With ``public`` the rows pass disclosure control and every figure is text, ``*``
    where hidden. Raises MeasureError for an unknown column or day.
    """
    check_by(by)
    if public:
        return disclose(facts, as_of, rules, by, everyone)
    return figures(group(facts, as_of, rules, tuple(by), everyone), rules)
