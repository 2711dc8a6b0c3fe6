"""One student's page: opening sentences, the two scales, the flag."""

from datetime import date

import pytest

from allpresent.web.presenters import student
from allpresent.web.presenters.grounds import Grounds

GROUNDS = Grounds(date(2026, 11, 3), "0002-abcd1234", "ct 2026-07-01", "New Haven 2022-10-03", 10, (2, 6, 11, 15, 18))


def row(**changed):
    """12 of 44 reported days absent, 3 more unreported, 137 to come."""
    standing = {
        "days_enrolled": 47,
        "days_unreported": 3,
        "days_absent": 12,
        "days_excused": 4,
        "days_unexcused": 7,
        "days_disciplinary": 1,
        "is_chronically_absent": 1,
        "level": "L4",
        "attendance_works_band": "severe_chronic",
        "days_until_chronic": 6,
        "remaining_days": 137,
        "present_days_needed": 77,
        "is_truant": 0,
        "meeting_due_on": None,
    }
    return standing | changed


def test_the_lead_counts_reported_days_only():
    lead = student.lead(row(), GROUNDS)
    assert (lead.absent.text, lead.rate, lead.unreported) == ("12 of 44", "27.3%", 3)
    assert (lead.kind, lead.can_miss, lead.remaining, lead.present_needed) == ("chronic", 6, 137, 77)
    assert lead.absent.counted == "4 excused, 7 unexcused, 1 disciplinary"
    assert "neither" in lead.absent.note


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"days_enrolled": 5, "days_unreported": 5, "days_absent": 0}, "none"),
        ({"days_enrolled": 9, "days_unreported": 0, "days_absent": 1, "is_chronically_absent": 0}, "early"),
        ({"days_absent": 4, "is_chronically_absent": 0}, "not_chronic"),
        ({}, "chronic"),
    ],
)
def test_the_lead_names_todays_standing(changed, kind):
    assert student.lead(row(**changed), GROUNDS).kind == kind


def test_parts_of_days_keep_their_decimals():
    lead = student.lead(row(days_absent="12.5", days_until_chronic="5.5"), GROUNDS)
    assert (lead.absent.text, lead.rate, lead.can_miss_words) == ("12.5 of 44", "28.4%", "5.5")


def test_the_meeting_is_named_by_its_day():
    assert student.lead(row(is_truant=1, meeting_due_on=date(2026, 11, 12)), GROUNDS).meeting_due == "Thu 12 Nov"


def test_days_present_are_asked_for_only_while_the_year_has_them():
    assert student.lead(row(remaining_days=76), GROUNDS).present_needed is None
    assert student.lead(row(remaining_days=77), GROUNDS).present_needed == 77
    assert student.lead(row(is_chronically_absent=0, present_days_needed=0), GROUNDS).present_needed == 0


def test_a_truant_student_is_told_by_which_count():
    assert student.lead(row(is_truant=1), GROUNDS).truant_words == "4 or more unexcused days within 30 days"
    assert student.lead(row(is_truant=1, days_unexcused=10), GROUNDS).truant_words.startswith("10 or more")


def test_the_three_standings_are_told_apart():
    standing = student.standing(row(), GROUNDS)
    assert [step.range for step in standing.by_days] == ["0–1", "2–5", "6–10", "11–14", "15–17", "18+"]
    assert [step.key for step in standing.by_days if step.is_here] == ["L4"]
    assert [step.key for step in standing.by_percent if step.is_here] == ["severe_chronic"]
    assert standing.days_figure.text == "L4 Serious"
    assert standing.days_figure.rule_version == "New Haven 2022-10-03"
    assert standing.chronic_figure.text == "Yes"


def test_before_enough_reported_days_the_flag_is_not_answered():
    early = row(days_enrolled=9, days_unreported=0, days_absent=1, is_chronically_absent=0)
    assert student.standing(early, GROUNDS).chronic_figure.text == "Too early to say"


def test_a_level_of_one_day_is_not_a_range():
    assert [student.days_range((1, 2), n) for n in range(3)] == ["0", "1", "2+"]
