"""The shared parts: level badge, strip with its twin, Why this number?, words about days."""

from datetime import date, timedelta

import pytest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import translation

from allpresent.protocol import load_protocol
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.scope import group_words
from allpresent.web.presenters.strips import day_list, strip_twin
from allpresent.web.presenters.words import days_ago, due_words, grade_room, late_words, month_words, school_days_late

MONDAY = date(2026, 11, 2)


def render(text: str, **values: object) -> str:
    request = RequestFactory().get("/")
    return Template("{% load present %}" + text).render(RequestContext(request, values))


@pytest.mark.parametrize(
    ("key", "number", "word"),
    [
        ("L1", 1, "On track"),
        ("L2", 2, "Alert"),
        ("L3", 3, "Moderate"),
        ("L4", 4, "Serious"),
        ("L5", 5, "Severe"),
        ("L6", 6, "Extreme"),
    ],
)
def test_badge_says_letter_number_and_word(key: str, number: int, word: str) -> None:
    shown = render("{% level_badge key %}", key=key)
    assert f"<b>{key}</b> <span>{word}</span>" in shown
    assert f"level-{number}" in shown


def test_badge_of_no_level_is_nothing() -> None:
    assert render("{% level_badge key %}", key=None).strip() == ""


@pytest.mark.parametrize("language", ["en", "es"])
def test_badge_says_the_word_of_the_districts_protocol_and_no_other(language: str) -> None:
    levels = load_protocol("new_haven").levels
    assert len(levels) == 6
    with translation.override(language):
        for level in levels:
            assert f"<span>{level.labels[language]}</span>" in render("{% level_badge key %}", key=level.key)


def days(states: list[str]) -> list[tuple[date, str]]:
    return [(MONDAY + timedelta(days=number), state) for number, state in enumerate(states)]


def test_strip_has_a_block_a_day_and_a_twin() -> None:
    shown = render("{% strip days %}", days=days(["present", "unexcused", "excused", "unreported", "half"]))
    assert shown.count("<i ") == 5
    assert 'role="img" aria-label="absent 2 of the last 5 school days: 3, 4 Nov; 1 not reported"' in shown


def test_twin_leaves_out_days_without_school() -> None:
    assert strip_twin(days(["no_school", "future", "present"])) == "no absence in the last 1 school day"
    assert strip_twin([]) == "no school days yet"


def test_day_list_says_each_month_once() -> None:
    assert day_list([date(2026, 10, 7), date(2026, 9, 6), date(2026, 9, 19)]) == "6, 19 Sep, 7 Oct"


def test_why_opens_a_panel_that_says_everything() -> None:
    figure = Figure(
        "42.0%",
        "Chronically absent",
        "Absent on at least a tenth of the days.",
        rule_version="Connecticut, 2018-07-01",
        counted="5,750 students",
        excluded="12 with fewer than 10 days",
        delivery="0001-ab",
        as_of=MONDAY,
    )
    shown = render("<p>{% why figure %} of students</p>{% why_panels %}", figure=figure)
    button, panel = shown.split("</p>", 1)
    assert 'popovertarget="why-1"' in button
    assert "42.0%" in button
    assert 'id="why-1" popover' in panel
    for words in ("Absent on at least", "Connecticut", "5,750", "12 with", "0001-ab", "Monday 2 November"):
        assert words in panel


def test_why_numbers_its_panels_over_the_whole_page() -> None:
    figure = Figure("1", "x", "y")
    shown = render("{% why figure %}{% why figure %}{% why_panels %}", figure=figure)
    assert shown.count('class="why-panel"') == 2
    assert 'id="why-1"' in shown
    assert 'id="why-2"' in shown


def test_why_of_plain_text_is_the_text() -> None:
    assert render("{% why figure %}", figure="no days yet").strip() == "no days yet"


def test_form_key_is_new_each_time() -> None:
    template = Template("{% load present %}{% form_key %}")
    assert template.render(Context()) != template.render(Context())


def test_late_is_counted_in_school_days() -> None:
    friday, next_tuesday = date(2026, 10, 30), date(2026, 11, 3)
    session = [date(2026, 10, 29), friday, MONDAY, next_tuesday]
    assert school_days_late(friday, next_tuesday, session) == 2
    assert school_days_late(friday, friday, session) == 0
    assert school_days_late(friday, date(2026, 10, 31), session) == 1, "over is late, also on a weekend"
    assert school_days_late(None, MONDAY, session) == 0
    assert late_words(2) == "2 days late"
    assert late_words(1) == "1 day late"
    assert late_words(0) == ""


def test_due_is_said_by_weekday_within_a_week() -> None:
    assert due_words(MONDAY, MONDAY) == "due today"
    assert due_words(date(2026, 11, 5), MONDAY) == "due Thu"
    assert due_words(date(2026, 11, 17), MONDAY) == "due Tue 17 Nov"
    assert due_words(date(2026, 10, 30), MONDAY) == ""


def test_days_ago_are_counted_in_calendar_days() -> None:
    assert days_ago(MONDAY, MONDAY) == "today"
    assert days_ago(date(2026, 11, 1), MONDAY) == "yesterday"
    assert days_ago(date(2026, 10, 27), MONDAY) == "6 d ago"


def test_grade_and_room_read_as_people_say_them() -> None:
    assert grade_room("09", "310") == "grade 9 · 310"
    assert grade_room("K", "") == "kindergarten"
    assert grade_room("PK", "Room 2") == "pre-K · Room 2"


def test_months_of_settings_and_races_as_delivered_are_said_in_the_readers_language() -> None:
    with translation.override("es"):
        assert (month_words("June 2027"), month_words("End of the year")) == ("junio 2027", "End of the year")
        assert [group_words("race:White", "1"), group_words("race", "HISPANIC")] == ["Blancos", "Hispanos"]
        assert group_words("race:Cape Verdean", "1") == "Cape Verdean"
    with translation.override("en"):
        assert (month_words("June 2027"), group_words("race:Two or more", "1")) == ("June 2027", "Two or more")
