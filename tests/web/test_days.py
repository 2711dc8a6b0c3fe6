"""Why a day counts, in words."""

from datetime import date
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.utils.translation import override

from allpresent.web.presenters.days import day_detail, part_words, rule_words

DAY = date(2026, 10, 28)


def explained(state, rule="marked", portion=None, marks=(), source=("att.csv", 7)):
    return SimpleNamespace(
        date=DAY, school_id="11", state=state, rule=rule, portion=portion, marks=marks,
        source_file=source[0], line_no=source[1], delivery_id="0001-aa",
    )  # fmt: skip


def mark(**changed):
    values = {
        "mode": "day", "period": "", "code": "U", "share_of_day": Fraction(1), "is_counted": True,
        "source_file": "att.csv", "line_no": 7, "delivery_id": "0001-aa",
    }  # fmt: skip
    return SimpleNamespace(**(values | changed))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (explained("unexcused", portion=Fraction(1)), "Absent, unexcused: the whole day was missed."),
        (explained("excused", portion=Fraction(2, 3)), "Absent, excused: 2/3 of the day was missed."),
        (explained("tardy", portion=Fraction(1, 7)), "Present: 1/7 of the day was missed, less than half."),
        (explained("present", portion=Fraction(0)), "Present: the mark counts no absence."),
        (explained("not_reported", "nothing_taken"), "Not reported: there is no mark,"),
        (explained("not_reported", "unknown_code"), "Not reported: a mark has a code"),
        (explained("no_school", "no_school"), "No school:"),
    ],
)
def test_a_day_says_its_rule(day, words):
    assert rule_words(day).startswith(words)


def test_a_day_names_its_marks_down_to_the_line():
    marks = (mark(), mark(mode="period", period="3", share_of_day=Fraction(1, 7), line_no=9, is_counted=False))
    detail = day_detail(explained("unexcused", portion=Fraction(1), marks=marks), {"11": "Linden Street School"})
    assert [(m.words, m.portion, m.source_file, m.line_no) for m in detail.marks] == [
        ("code U", "the whole day", "att.csv", 7),
        ("code U, period 3", "1/7 of the day", "att.csv", 9),
    ]
    assert [bool(m.left_out) for m in detail.marks] == [False, True]
    assert (detail.school, detail.iso, detail.source) == ("Linden Street School", "2026-10-28", "att.csv, line 7")


def test_the_grids_word_for_a_day_nobody_reported():
    detail = day_detail(explained("not_reported", "nothing_taken", source=("", None)), {})
    assert (detail.key, detail.state) == ("unreported", "no attendance reported")
    assert detail.source == "No line of a file stands behind this day."


def test_parts_of_a_day():
    with override("en"):
        assert [part_words(Fraction(n, 4)) for n in (0, 2, 4)] == ["nothing", "1/2 of the day", "the whole day"]
