"""Which span, homeroom, language and name speak for a student, in drawn rows."""

from datetime import date

import pytest

from allpresent.roster.facts import given_name, latest_spans

AS_OF = date(2026, 11, 4)

# What the case is about; the spans (school, entry, last day or -, primary); the school that speaks.
SPANS = """
latest entry date                | 11 08-31 10-02 1, 21 10-05 -     1 | 21
latest entry wins over primary   | 11 08-31 -     1, 21 10-05 -     0 | 21
spans to come do not count       | 11 08-31 -     1, 21 11-05 -     1 | 11
a span may begin on the day      | 11 08-31 -     1, 21 11-04 -     1 | 21
same entry: the primary          | 21 08-31 -     0, 11 08-31 10-02 1 | 11
same entry: then the later end   | 21 08-31 10-02 1, 31 08-31 10-09 1 | 31
same entry: open ends latest     | 21 08-31 -     1, 11 08-31 10-09 1 | 21
same all: the smaller id as text | 9  08-31 -     1, 11 08-31 -     1 | 11
nothing yet                      | 11 11-05 -     1                   | none
"""


def day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize("line", SPANS.strip().splitlines(), ids=lambda line: line.split("|")[0].strip())
def test_one_span_speaks_for_a_student(line: str) -> None:
    _case, spans, school = (part.strip() for part in line.split("|"))
    rows = []
    for span in spans.split(","):
        school_id, first, last, primary = span.split()
        rows.append(
            {
                "student_id": "1",
                "school_id": school_id,
                "entry_date": day(first),
                "last_member_date": day(last),
                "primary": int(primary),
            }
        )
    for order in (rows, rows[::-1]):
        found = latest_spans(order, AS_OF).get("1")
        assert (found["school_id"] if found else "none") == school


@pytest.mark.parametrize(
    ("full_name", "expected"),
    [
        ("Maya Lin Okafor", "Maya"),
        ("Okafor, Maya Lin", "Maya"),
        ("Iris", "Iris"),
        ("Zoë d'Angelo", "Zoë"),
        ("Núñez de la Cruz, José Ángel", "José"),
        ("  Anne-Marie   Tran ", "Anne-Marie"),
        ("Smith,", "Smith"),
        ("Lee ,  Jun", "Jun"),
        ("عمر حداد", "عمر"),
        ("", ""),
    ],
)
def test_students_are_called_by_their_given_name(full_name: str, expected: str) -> None:
    assert given_name(full_name) == expected
